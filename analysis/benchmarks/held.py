"""What riffscope may cost at most: its start, its memory and, beside Essentia's chain, its time.

    python -m benchmarks.held                                        # start and memory, which any machine can tell
    python -m benchmarks.held --peer build/essentia/bin/python       # and time, against Essentia on the same machine

The status is 1 where something costs more. The song is a bundled sample, repeated to 3.5 minutes; sides take turns, and
the best of the rounds counts, for whatever else the machine does only adds to it. Limits lie a tenth or more above what
was measured when they were set, so a change that goes beyond one has made something worse.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.children import Cost, run_child
from benchmarks.programs import environment, peer, riffscope
from benchmarks.speed import SAMPLES, TIMEOUT_S, CannotTime

SONG_S = 210.0
# Starts are short: so many of them are timed.
STARTS = 7


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What one cost may be at most.

    Attributes
    ----------
    of : str
        What is measured: a name that `measure` gives.
    at_most : float
    unit : str
    """

    of: str
    at_most: float
    unit: str


LIMITS = (
    Limit(of="import riffscope", at_most=0.15, unit="s"),
    Limit(of="riffscope --help", at_most=0.2, unit="s"),
    Limit(of="memory, vocals separated", at_most=500, unit="MB"),
    Limit(of="memory, from the mix", at_most=400, unit="MB"),
    Limit(of="processor time against Essentia, vocals separated", at_most=0.5, unit="times"),
    Limit(of="processor time against Essentia, from the mix", at_most=0.35, unit="times"),
    Limit(of="time on the clock against Essentia, vocals separated", at_most=0.4, unit="times"),
)


def repeated(sample: Path, folder: Path, *, duration_s: float = SONG_S) -> Path:
    """Write a sample again and again, for so long, as one song into a folder."""
    sound, rate_hz = soundfile.read(sample, dtype="int16", always_2d=True)
    count = round(duration_s * rate_hz)
    song = folder / "song.flac"
    soundfile.write(song, np.tile(sound, (-(-count // len(sound)), 1))[:count], rate_hz)
    return song


def measure(song: Path, essentia: Path | None, rounds: int) -> dict[str, float]:
    """Return what each thing cost, by its name in `LIMITS`.

    Raises
    ------
    CannotTime
        A program failed.
    """
    programs = {"vocals separated": riffscope("auto"), "from the mix": riffscope("none")}
    if essentia is not None:
        programs["Essentia"] = peer("essentia", essentia)
    costs: dict[str, list[Cost]] = {name: [] for name in programs}
    # A first round does not count: it compiles what is not compiled and fills the disk's cache.
    for number in range(-1, rounds):
        for name, program in programs.items():
            cost = _run(program.arguments(song))
            if number >= 0:
                costs[name].append(cost)
    found = {
        "import riffscope": _start_s("-c", "import riffscope"),
        "riffscope --help": _start_s("-m", "riffscope", "--help"),
    }
    for name in ("vocals separated", "from the mix"):
        found[f"memory, {name}"] = statistics.median(cost.peak_mb for cost in costs[name])
        if essentia is not None:
            for what, each in (("processor time", "cpu_s"), ("time on the clock", "wall_s")):
                ours, theirs = (min(getattr(cost, each) for cost in costs[side]) for side in (name, "Essentia"))
                found[f"{what} against Essentia, {name}"] = ours / theirs
    return found


def _start_s(*arguments: str) -> float:
    return min(_run([sys.executable, *arguments]).wall_s for _ in range(STARTS))


def _run(command: Sequence[str]) -> Cost:
    finished = run_child(command, timeout_s=TIMEOUT_S, environment=environment())
    if finished.error:
        raise CannotTime(f"{' '.join(command[:4])}: {finished.error}")
    return finished.cost


def report(found: Mapping[str, float]) -> tuple[str, bool]:
    """Return a line for each thing that was measured, and whether every limit is held."""
    limits = {limit.of: limit for limit in LIMITS}
    lines, held = [], True
    for name, value in found.items():
        if name not in limits:
            lines.append(f"{name:55}{value:9.2f}")
            continue
        limit = limits[name]
        passed = value > limit.at_most
        held = held and not passed
        lines.append(
            f"{name:55}{value:9.2f} {limit.unit:5}  at most {limit.at_most:g}{'   TOO MUCH' if passed else ''}"
        )
    return "\n".join(lines), held


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, measure, say what is held."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", type=Path, help="the Python of an environment with Essentia")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as folder:
            song = repeated(SAMPLES / "closet.ogg", Path(folder))
            lines, held = report(measure(song, options.peer, options.rounds))
    except CannotTime as why:
        print(why, file=sys.stderr)
        return 1
    print(lines)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
