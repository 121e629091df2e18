"""What riffscope may cost at most, and how that is said."""

import soundfile

from benchmarks import held
from benchmarks.children import Cost
from benchmarks.speed import SAMPLES


def cost(cpu_s, peak_mb):
    return Cost(wall_s=cpu_s / 2, cpu_s=cpu_s, peak_mb=peak_mb)


def test_a_sample_is_repeated_to_a_song(tmp_path):
    song = held.repeated(SAMPLES / "closet.ogg", tmp_path, duration_s=120.0)
    assert soundfile.info(song).duration == 120.0


def test_the_best_round_counts_and_the_first_does_not(tmp_path, monkeypatch):
    left = [cost(9, 900), cost(9, 900), cost(9, 900)]  # the round that does not count
    left += [cost(4, 400), cost(3, 300), cost(10, 500), cost(5, 420), cost(2, 320), cost(12, 500)]

    def run(command):
        return left.pop(0) if str(tmp_path) in " ".join(command) else cost(0.1, 10)

    monkeypatch.setattr(held, "_run", run)
    found = held.measure(tmp_path / "song.flac", tmp_path / "python", 2)
    assert found == {
        "import riffscope": 0.05,
        "riffscope --help": 0.05,
        "memory, vocals separated": 410,
        "processor time against Essentia, vocals separated": 0.4,
        "time on the clock against Essentia, vocals separated": 0.4,
        "memory, from the mix": 310,
        "processor time against Essentia, from the mix": 0.2,
        "time on the clock against Essentia, from the mix": 0.2,
    }
    # All that is limited is measured where there is a peer.
    assert {limit.of for limit in held.LIMITS} <= found.keys()


def test_a_limit_that_is_passed_is_said():
    lines, all_held = held.report({"import riffscope": 0.03, "memory, vocals separated": 700.0})
    assert not all_held
    assert [line.endswith("TOO MUCH") for line in lines.splitlines()] == [False, True]
    assert held.report({"import riffscope": 0.03, "anything else": 5.0})[1]
