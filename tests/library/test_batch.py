"""Songs into a library by worker processes: each song's fate is its own, and nothing that was measured is lost."""

import contextlib
import errno
import gzip
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import soundfile

import riffscope
from riffscope import steps
from riffscope.cli import main
from riffscope.cli.libraries import BatchProgress, summary
from riffscope.codec import to_json
from riffscope.errors import CannotRead
from riffscope.library import measuring, seen
from riffscope.library import workers as workers_module
from riffscope.library.batch import Batch, Count, Told, another_batch, songs_of
from riffscope.library.messages import Job, Orders
from riffscope.library.place import LocalPlace
from riffscope.library.seen import Files
from riffscope.library.store import Store
from riffscope.model import Settings
from riffscope.renewal import due, record_of
from signals import sine
from songs import judged_song

# Songs that end their worker, each in its way, as a file may that a decoder breaks down on. Python runs this first.
POISON = """
import os, signal, sys, time
from pathlib import Path

def poisoned(load):
    def read(path, **options):
        name = Path(path).name
        print("a library that prints", flush=True)
        os.write(1, b"and one in C\\n")
        if name.startswith("crash"):
            os.kill(os.getpid(), signal.SIGSEGV)
        if name.startswith("hang"):
            time.sleep(600)
        if name.startswith("hungry"):
            eaten = []
            while True:
                eaten.append(bytearray(os.urandom(1 << 20) * 32))
                time.sleep(0.01)
        if name.startswith("once"):
            beside = Path(path).with_suffix(".tried")
            if not beside.exists():
                beside.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        if name.startswith("slow"):
            time.sleep(1.0)
        return load(path, **options)
    return read

if "-m" in sys.orig_argv and "riffscope.library.worker" in sys.orig_argv:
    import riffscope.load
    module = sys.modules["riffscope.load"]
    module.load = riffscope.load = poisoned(module.load)
"""


@pytest.fixture(scope="module")
def tones(tmp_path_factory):
    """Eight short recordings of different notes."""
    folder = tmp_path_factory.mktemp("tones")
    for number in range(8):
        soundfile.write(folder / f"{number}.wav", sine(220 * 2 ** (number / 12), 3.2), 22050)
    return folder


@pytest.fixture
def songs(tones, tmp_path):
    """Makes a folder of songs with these names, all different."""

    def make(*names):
        folder = tmp_path / "songs"
        for number, name in enumerate(names):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(tones / f"{number}.wav", folder / name)
        return folder

    return make


@pytest.fixture
def poisonous(tmp_path, monkeypatch):
    """Let songs do harm by their names: crash, hang, hungry, once, slow."""
    folder = tmp_path / "poison"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(POISON)
    monkeypatch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)


def batch(folder, library, *options):
    return main(["batch", str(folder), "--store", str(library), "--workers", "2", *options])


def names_in(library):
    return sorted(pl.read_parquet(library / "songs.parquet")["file"])


def table(library, name):
    return pl.read_parquet(library / f"{name}.parquet")


def documents(library):
    """All analyses of a library, but for how long they took."""
    found = {}
    for path in sorted((library / "analyses").rglob("*.json.gz")):
        document = json.loads(gzip.decompress(path.read_bytes()))
        for outcome in document["measurements"].values():
            outcome.pop("seconds", None)
        found[path.name] = document
    return found


def workers():
    """The processes of all workers on this machine that this test's process started."""
    found = subprocess.run(["pgrep", "-f", "riffscope.library.worker"], capture_output=True, text=True, check=False)
    return set(found.stdout.split())


# ----------------------------------------------------------------------------------------------------- what is measured
def test_a_folder_becomes_a_library_and_is_measured_once(songs, tmp_path, capsys):
    folder, library = songs("a.wav", "within/b.wav", ".hidden/c.wav"), tmp_path / "library"
    (folder / "words.mp3").write_text("only words")
    assert batch(folder, library) == 1
    said = capsys.readouterr()
    assert "3 songs: 2 measured, 1 failed" in said.err
    assert sum("words.mp3: is not an audio file" in line for line in said.err.splitlines()) == 1
    assert names_in(library) == ["a.wav", "b.wav"]
    assert table(library, "songs")["path"].str.ends_with("within/b.wav").sum() == 1
    (failure,) = table(library, "failures").rows(named=True)
    assert (failure["kind"], failure["tries"], Path(failure["path"]).name) == ("refused", 1, "words.mp3")
    assert table(library, "verdicts").height == 2 * 21

    before = {path: path.stat().st_mtime_ns for path in library.rglob("*") if path.is_file()}
    assert batch(folder, library) == 0
    said = capsys.readouterr()
    assert "3 songs: 2 measured before, 1 failed before" in said.err
    assert {path: path.stat().st_mtime_ns for path in library.rglob("*") if path.is_file()} == before
    assert batch(folder, library, "--retry") == 1
    assert "2 measured before, 1 failed," in capsys.readouterr().err


def test_a_song_that_moved_or_is_there_twice_is_measured_once(songs, tmp_path, capsys):
    folder, library = songs("a.wav"), tmp_path / "library"
    shutil.copy(folder / "a.wav", folder / "copy.wav")
    assert batch(folder, library) == 0
    assert "1 measured, 1 measured before" in capsys.readouterr().err
    (folder / "a.wav").rename(folder / "z.wav")
    assert batch(folder, library) == 0
    assert "2 songs: 2 measured before" in capsys.readouterr().err


def test_a_failure_is_forgotten_when_the_song_can_be_measured(songs, tmp_path, capsys):
    folder, library = songs("a.wav"), tmp_path / "library"
    whole = (folder / "a.wav").read_bytes()
    (folder / "a.wav").write_text("words")
    assert batch(folder, library) == 1
    (folder / "a.wav").write_bytes(whole)
    assert batch(folder, library) == 0
    assert table(library, "songs").height == 1
    assert table(library, "failures").height == 0
    assert list(Store(library).failures()) == []


def test_other_choices_measure_anew(songs, tmp_path, capsys):
    folder, library = songs("a.wav"), tmp_path / "library"
    assert batch(folder, library, "--separator", "none") == 0
    assert batch(folder, library, "--separator", "none") == 0
    assert "1 measured before" in capsys.readouterr().err
    assert batch(folder, library) == 0
    assert "1 measured," in capsys.readouterr().err
    (document,) = documents(library).values()
    assert document["settings"] == {"separator": "auto"}


def test_claims_of_ones_own_are_ruled_on(songs, tmp_path, capsys):
    folder, library, claims = songs("a.wav"), tmp_path / "library", tmp_path / "mine.toml"
    claims.write_text(
        '[quiet]\ntext = "It is quiet"\nkind = "at_most"\nmeasure = "loudness.integrated_lufs"\nlimit = -3\n'
    )
    assert batch(folder, library, "--claims", str(claims)) == 0
    assert table(library, "verdicts").select("claim", "ruling").rows() == [("quiet", "supported")]
    claims.write_text('[quiet]\ntext = "It is quiet"\nkind = "at_mist"\n')
    assert batch(folder, tmp_path / "other", "--claims", str(claims)) == 1
    assert "at_mist" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()


def test_a_saved_analysis_is_taken_in_without_its_song(tmp_path, capsys):
    folder, library = tmp_path / "songs", tmp_path / "library"
    folder.mkdir()
    song = judged_song()
    (folder / "old.json").write_bytes(to_json(song))
    (folder / "notes.json").write_text('{"not": "ours"}')
    for expected in ("1 song: 1 measured", "1 song: 1 measured before"):
        assert batch(folder, library) == 0
        assert expected in capsys.readouterr().err
    assert table(library, "songs")["sha256"].to_list() == [song.source.sha256]


# ------------------------------------------------------------------------------------------------- songs that do harm
@pytest.mark.processes
@pytest.mark.usefixtures("poisonous")
def test_a_song_whose_worker_dies_loses_itself_alone(songs, tmp_path, capsys):
    folder, library = songs("a.wav", "b.wav", "crash.wav", "d.wav", "once.wav", "z.wav"), tmp_path / "library"
    assert batch(folder, library) == 1
    said = capsys.readouterr().err
    assert names_in(library) == ["a.wav", "b.wav", "d.wav", "once.wav", "z.wav"]
    (failure,) = table(library, "failures").rows(named=True)
    assert (failure["kind"], failure["tries"], Path(failure["path"]).name) == ("crashed", 2, "crash.wav")
    assert "SIGSEGV" in failure["reason"]
    assert "6 songs: 5 measured, 1 failed" in said


@pytest.mark.processes
@pytest.mark.usefixtures("poisonous")
def test_a_song_that_hangs_or_eats_memory_is_given_up(songs, tmp_path, capsys):
    folder, library = songs("a.wav", "hang.wav", "hungry.wav", "z.wav"), tmp_path / "library"
    assert batch(folder, library, "--timeout", "4", "--memory", "1.2") == 1
    assert names_in(library) == ["a.wav", "z.wav"]
    failures = {Path(row["path"]).name: row for row in table(library, "failures").rows(named=True)}
    assert {name: (row["kind"], row["tries"]) for name, row in failures.items()} == {
        "hang.wav": ("timeout", 2),
        "hungry.wav": ("memory", 2),
    }
    assert "longer than 4 s" in failures["hang.wav"]["reason"]
    assert "1.2 GB" in failures["hungry.wav"]["reason"]
    assert capsys.readouterr().err.count("is tried once more") == 2


# -------------------------------------------------------------------------------------------------- stopped and resumed
def started(folder, library, *options):
    command = [sys.executable, "-m", "riffscope", "batch", str(folder), "--store", str(library), "--workers", "2"]
    return subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True, start_new_session=True)


def wait_for(condition, *, at_most_s=60.0):
    until = time.monotonic() + at_most_s
    while not condition():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.02)


def gone(pids):
    return not any(Path(f"/proc/{pid}/status").is_file() and _lives(pid) for pid in pids)


def _lives(pid):
    with contextlib.suppress(OSError):
        return not re.search(r"^State:\s+[ZX]", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return False


def children(pid):
    return subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout.split()


needs_processes = pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="looks at processes under /proc")


@needs_processes
@pytest.mark.processes
@pytest.mark.usefixtures("poisonous")
def test_a_batch_that_is_killed_again_and_again_ends_as_one_left_alone(songs, tmp_path, capsys):
    folder = songs(*(f"slow{number}.wav" for number in range(4)))
    assert batch(folder, tmp_path / "alone") == 0
    library = tmp_path / "library"
    for measured in (0, 2):
        running = started(folder, library)
        wait_for(lambda wanted=measured, one=running: len(children(one.pid)) == 2 and len(documents(library)) >= wanted)
        pids = children(running.pid)
        running.kill()
        running.wait()
        running.stderr.close()
        wait_for(lambda pids=pids: gone(pids), at_most_s=5)
        assert len(documents(library)) >= measured
    assert batch(folder, library) == 0
    assert documents(library) == documents(tmp_path / "alone")
    for name in ("songs", "verdicts", "failures"):
        assert table(library, name).equals(table(tmp_path / "alone", name))
    assert not list(library.rglob("*.part"))


@pytest.mark.processes
@needs_processes
@pytest.mark.usefixtures("poisonous")
def test_ctrl_c_stops_within_two_seconds_and_loses_nothing(songs, tmp_path):
    folder, library = songs("a.wav", *(f"hang{number}.wav" for number in range(3))), tmp_path / "library"
    running = started(folder, library)
    wait_for(lambda: len(documents(library)) == 1 and len(children(running.pid)) == 2)
    pids = children(running.pid)
    begin = time.monotonic()
    running.send_signal(signal.SIGINT)
    said = running.communicate(timeout=20)[1]
    assert time.monotonic() - begin < 2
    assert running.returncode == 130
    assert "4 songs: 1 measured, 3 left" in said
    assert "the same command goes on" in said
    assert "Traceback" not in said
    assert gone(pids)
    assert len(documents(library)) == 1


@pytest.mark.processes
@pytest.mark.usefixtures("poisonous")
def test_two_batches_on_one_library_meet_halfway(songs, tmp_path):
    folder, library = songs(*(f"slow{number}.wav" for number in range(5))), tmp_path / "library"
    both = [started(folder, library)]
    wait_for((library / ".batch.lock").is_file)
    time.sleep(0.3)
    both.append(started(folder, library))
    said = [one.communicate(timeout=120)[1] for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert "this one begins with the last song" in said[1]
    measured = [int(found[1]) for one in said for found in re.finditer(r"(\d+) measured,", one)]
    assert sum(measured) <= 7  # that both measure one song at the moment they meet may be
    assert len(documents(library)) == 5
    main(["index", str(library)])
    assert len(names_in(library)) == 5


def test_another_batch_is_seen_while_it_runs_only(tmp_path):
    place = LocalPlace(tmp_path)
    with another_batch(place) as first, another_batch(place) as second:
        assert (first, second) == (False, True)
    with another_batch(place) as third:
        assert not third


# --------------------------------------------------------------------------------------------------------- what is due
def test_a_new_version_measures_anew_only_what_it_touches(songs, tmp_path, capsys):
    folder, library = songs("a.wav"), tmp_path / "library"
    assert batch(folder, library) == 0
    (path,) = (library / "analyses").rglob("*.json.gz")
    document = json.loads(gzip.decompress(path.read_bytes()))
    del document["summary"]
    document["measurements"]["balance"]["version"] += 90
    for outcome in document["measurements"].values():
        if outcome["status"] == "measured":
            outcome["seconds"] = 1234.0
    path.write_bytes(gzip.compress(json.dumps(document).encode()))
    assert batch(folder, library) == 0
    assert "1 measured, 1 of them in part" in capsys.readouterr().err
    renewed = json.loads(gzip.decompress(path.read_bytes()))["measurements"]
    anew = {name for name, one in renewed.items() if one["status"] == "measured" and one["seconds"] != 1234.0}
    assert anew == {"balance"}
    assert renewed["balance"]["version"] == document["measurements"]["balance"]["version"] - 90
    assert renewed["balance"]["value"] == document["measurements"]["balance"]["value"]
    assert renewed["loudness"] == document["measurements"]["loudness"]
    assert batch(folder, library) == 0
    assert "1 measured before" in capsys.readouterr().err


def test_what_is_due_follows_versions_choices_and_needs():
    song = judged_song()
    present = {step.name: step.version for step in steps.analyzers()}
    record = replace(record_of(song), settings={"separator": "none"}, versions=present)
    chosen = Settings(separator="none")
    assert due(record, chosen) == ()
    assert due(record, Settings(separator="auto")) == steps.analyzers()
    assert due(record, replace(chosen, tempo_bpm=120.0)) == steps.analyzers()
    older = replace(record, versions=present | {"vocal_pitch": present["vocal_pitch"] - 1})
    names = {step.name for step in due(older, chosen)}
    # Sections are found by the voice as well, and the key by the sections.
    assert {"vocal_pitch", "vocal_range", "vocal_notes", "structure", "key", "chords"} <= names
    assert not names & {"loudness", "stereo", "beats", "loops"}
    without = replace(record, versions={name: one for name, one in present.items() if name != "density"})
    assert "density" in {step.name for step in due(without, chosen)}


# ------------------------------------------------------------------------------------------------------- bad beginnings
def test_a_library_that_cannot_be_written_ends_the_batch_in_one_line(songs, tmp_path, monkeypatch):
    folder = songs("a.wav")
    measures = measuring.Measuring(Orders(store=str(tmp_path / "library"), separator="none"))

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(measures._store, "keep", full)
    ended = measures.measure(Job(path=str(folder / "a.wav")))
    assert ended.how == "stopped"
    assert "No space left on device" in ended.reason


def test_mistakes_are_one_line_before_any_song_is_read(songs, tmp_path, capsys):
    folder = songs("a.wav")
    (tmp_path / "empty").mkdir()
    for arguments, problem in (
        ([tmp_path / "nowhere", "--store", tmp_path / "x"], "no such file or folder"),
        ([tmp_path / "empty", "--store", tmp_path / "x"], "there is no song there"),
        ([folder, "--store", folder], "holds other files"),
        ([folder, "--store", folder / "a.wav"], "is a file, not the folder"),
        ([folder, "--store", tmp_path / "x", "--separator", "spleeter"], "spleeter is not installed"),
    ):
        assert main(["batch", *map(str, arguments)]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert problem in line
    for option, text in (("--workers", "0"), ("--timeout", "-1"), ("--memory", "x")):
        with pytest.raises(SystemExit) as ended:
            main(["batch", str(folder), "--store", str(tmp_path / "x"), option, text])
        assert ended.value.code == 2
    assert main(["index", str(tmp_path / "empty")]) == 1
    assert "is no library" in capsys.readouterr().err


def test_songs_are_given_one_by_one_in_order(songs, tmp_path):
    folder = songs("b.wav", "A/z.wav", "a.wav", "c/d/e.flac")
    assert [str(path.relative_to(folder)) for path in songs_of([folder])] == ["A/z.wav", "a.wav", "b.wav", "c/d/e.flac"]
    assert list(songs_of([folder / "b.wav"])) == [folder / "b.wav"]
    with pytest.raises(CannotRead):
        list(songs_of([folder / "none"]))


# ------------------------------------------------------------------------------------------------- files that were seen
def test_a_file_that_has_not_changed_is_not_read_again(songs, tmp_path, monkeypatch):
    folder, place = songs("a.wav", "b.wav"), LocalPlace(tmp_path / "library")
    files = Files(place)
    hashes = {name: files.hash_of(folder / name) for name in ("a.wav", "b.wav")}
    files.write()
    reads = []
    monkeypatch.setattr("riffscope.folders.sha256_of", lambda path: reads.append(path.name) or "anew")
    again = Files(place)
    assert {name: again.hash_of(folder / name) for name in hashes} == hashes
    assert reads == []
    os.utime(folder / "b.wav", ns=(0, 0))
    assert again.hash_of(folder / "b.wav") == "anew"
    assert again.hash_of(folder / "none.wav") is None
    assert reads == ["b.wav"]


def test_parts_of_several_batches_are_put_together(tmp_path):
    place = LocalPlace(tmp_path)
    for size, names in ((1, ("a", "b")), (2, ("b", "c"))):
        seen.write_part(
            place, [seen.Seen(path=name, size_bytes=size, modified_ns=0, sha256=name * 64) for name in names]
        )
    assert seen.put_together(place)["path"].sort().to_list() == ["a", "b", "c"]
    assert list(place.names("seen")) == ["seen/files.parquet"]
    assert seen.read_seen(place).height == 3
    (tmp_path / "seen" / "broken.parquet").write_bytes(b"none")
    assert seen.read_seen(place).height == 3


def test_the_summary_counts_what_was_told(songs, tmp_path, monkeypatch):
    folder, told = songs("a.wav", "b.wav"), []
    orders = Orders(store=str(tmp_path / "library"), separator="none")
    ran = Batch(orders, workers=1, tell=told.append)
    count = ran.run(songs_of([folder]))
    assert (count.measured, count.ended) == (2, 2)
    assert [one.what for one in told if one.what != "step"] == ["began", "measured"] * 2
    assert all(0 < one.share <= 1 for one in told if one.what == "step")
    monkeypatch.setattr(workers_module, "Worker", lambda *_: pytest.fail("nothing is left to be measured"))
    assert Batch(orders, workers=1).run(songs_of([folder])).kept == 2
    assert list(Store(tmp_path / "library").hashes()) == sorted(
        Files(ran._store.place).hash_of(p) for p in songs_of([folder])
    )


def test_where_workers_do_not_start_one_line_says_why(songs, tmp_path, monkeypatch, capsys):
    folder = songs("a.wav", "b.wav")
    monkeypatch.setattr(workers_module, "COMMAND", (sys.executable, "-c", "import a_module_that_is_not_there"))
    assert batch(folder, tmp_path / "library", "--quiet") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "riffscope does not start here" in line
    assert "a_module_that_is_not_there" in line


# -------------------------------------------------------------------------------------------------------- what is shown
class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("width", [24, 40, 80, 200])
def test_the_line_that_moves_fits_every_terminal(monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    count = Count()
    with BatchProgress(1200, count) as shown:
        for number in range(3):
            shown.tell(Told(path=f"{number}.wav", what="began"))
            count.measured += 1
            shown._drawn = 0.0
            shown.tell(Told(path=f"{number}.wav", what="measured", seconds=2.0))
        shown.tell(Told(path="x.mp3", what="failed", reason="x\n.mp3: is no \x1b[31msong"))
    # A line is written over where the cursor goes back.
    lines = [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line) for line in re.split(r"[\r\n]", terminal.getvalue())]
    moving = [line.rstrip() for line in lines if "/1200" in line]
    assert moving
    assert max(map(len, moving)) <= width
    assert any("3/1200" in line for line in moving)
    if width >= 80:
        assert any("songs/min" in line and " left" in line for line in moving)
    assert any(r"x\n.mp3: is no \x1b[31msong" in line for line in lines)


def test_a_batch_is_summed_up_in_one_line():
    count = Count(measured=90, renewed=3, warned=2, kept=5, failed_before=1)
    line = summary(count, 100, 60.0)
    assert line.startswith("100 songs: 90 measured, 3 of them in part, 2 with something wrong in the file, ")
    assert "5 measured before, 1 failed before (--retry tries them again), 4 left" in line
    assert line.endswith("in 1 min (90 songs/min)")
    assert summary(Count(), 1, 0.2).startswith("1 song: 1 left")


def test_a_library_is_filled_from_python(songs, tmp_path):
    folder, told = songs("a.wav"), []
    count = riffscope.fill_library(tmp_path / "library", folder, workers=1, separator="none", tell=told.append)
    assert (count.measured, count.failures) == (1, [])
    assert names_in(tmp_path / "library") == ["a.wav"]
    assert told[-1].what == "measured"
