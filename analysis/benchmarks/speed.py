"""How long a song takes, step by step and in all, by itself or against another commit.

    python -m benchmarks.speed                              # the bundled samples
    python -m benchmarks.speed --against HEAD~5 song.mp3    # this tree and that commit in turn, with their ratio

Times differ from machine to machine, and from minute to minute on a busy one. Their ratio within one run is what can be
compared: both sides take turns on every song, and the spread over the rounds tells how far the ratio can be trusted.
Steps are what the JSON says each measurement took; what several share is counted for the one that asked first.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.answers import parse_answer
from benchmarks.children import run_child
from benchmarks.programs import ROOT, environment

SAMPLES = ROOT / "samples"
TIMEOUT_S = 600.0
# Below this a step's time is that of the clock and of what else the machine does.
TIMEABLE_S = 0.01
WHOLE = ("wall s", "CPU s", "peak MB")

Times = Mapping[str, float]
"""What one song took: seconds by step, and `WHOLE`."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two versions: the Python that runs it, and its source folder."""

    name: str
    python: Path
    sources: Path


class CannotTime(Exception):
    """A song could not be analysed, or the other version not be set up."""


def time_song(side: Side, song: Path, separator: str) -> Times:
    """Analyse a song in a process of its own, and return what it took.

    Raises
    ------
    CannotTime
        The analysis failed.
    """
    command = [str(side.python), "-P", "-m", "riffscope", "analyze", str(song), "--json", "-", "--separator", separator]
    finished = run_child(command, timeout_s=TIMEOUT_S, environment=environment(side.sources))
    if finished.error:
        raise CannotTime(f"{side.name}: {song.name}: {finished.error}")
    measurements = parse_answer(finished.output).document["measurements"]
    steps = {name: entry["seconds"] for name, entry in measurements.items() if "seconds" in entry}
    return steps | dict(zip(WHOLE, (finished.cost.wall_s, finished.cost.cpu_s, finished.cost.peak_mb), strict=True))


def together(songs: Sequence[Times]) -> Times:
    """Return what several songs took together: times add up, memory peaks."""
    names = [name for name in songs[0] if all(name in song for song in songs)]
    return {
        name: max(song[name] for song in songs) if name == "peak MB" else sum(song[name] for song in songs)
        for name in names
    }


def run_rounds(sides: Sequence[Side], songs: Sequence[Path], separator: str, rounds: int) -> dict[str, list[Times]]:
    """Let the sides take turns on every song, and return what each round took, by side.

    A first turn on the first song does not count: it compiles what is not compiled and fills the disk's cache.
    """
    for side in sides:
        time_song(side, songs[0], separator)
    taken: dict[str, list[Times]] = {side.name: [] for side in sides}
    for number in range(rounds):
        of_songs: dict[str, list[Times]] = {side.name: [] for side in sides}
        for song in songs:
            for side in sides:
                of_songs[side.name].append(time_song(side, song, separator))
        for name, times in of_songs.items():
            taken[name].append(together(times))
        print(f"round {number + 1} of {rounds}", file=sys.stderr, flush=True)
    return taken


def table(taken: Mapping[str, Sequence[Times]]) -> str:
    """Return medians over the rounds; of two sides the ratio as well, with its lowest and highest."""
    (here, ours), *others = taken.items()
    heading = [f"{'':18}{here:>12}"]
    lines = []
    for name in sorted(ours[0], key=lambda each: (each in WHOLE, each)):
        mine = [times[name] for times in ours]
        cells = [f"{name:18}{statistics.median(mine):12.3f}"]
        for _, rounds in others:
            if not all(name in times for times in rounds):
                cells.append(f"{'-':>12}   only here")
                continue
            theirs = [times[name] for times in rounds]
            cells.append(f"{statistics.median(theirs):12.3f}   {_ratio(mine, theirs)}")
        lines.append("".join(cells))
    heading += [f"{name:>12}   ratio (lowest to highest)" for name, _ in others]
    return "\n".join(["".join(heading), *lines])


def _ratio(mine: Sequence[float], theirs: Sequence[float]) -> str:
    if min(*mine, *theirs) < TIMEABLE_S:
        return "too short to time"
    ratios = [here / there for here, there in zip(mine, theirs, strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def check_out(commit: str, folder: Path) -> Side:
    """Return another commit, checked out into a folder, in this environment or, if its dependencies differ, its own.

    Raises
    ------
    CannotTime
        There is no such commit, or its dependencies cannot be installed.
    """
    tree = folder / "tree"
    _run("git", "clone", "--quiet", "--shared", "--no-checkout", str(ROOT), str(tree), why=f"{commit}: no clone")
    found = _run("git", "-C", str(ROOT), "rev-parse", "--verify", f"{commit}^{{commit}}", why=f"{commit}: no commit")
    _run("git", "-C", str(tree), "checkout", "--quiet", "--detach", found, why=f"{commit}: no checkout")
    python = Path(sys.executable)
    if _dependencies(tree) != _dependencies(ROOT):
        _run(sys.executable, "-m", "venv", str(folder / "venv"), why="no virtual environment")
        python = folder / "venv" / "bin" / "python"
        _run(str(python), "-m", "pip", "install", "--quiet", str(tree), why=f"{commit}: not installed")
    return Side(name=commit, python=python, sources=tree / "analysis")


def _dependencies(tree: Path) -> list[str]:
    project = tomllib.loads((tree / "pyproject.toml").read_text("utf-8"))["project"]
    return sorted(project["dependencies"])


def _run(*command: str, why: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotTime(f"{why}: {done.stderr.strip()[-300:]}")
    return done.stdout.strip()


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, time, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("songs", nargs="*", type=Path, help="songs (default: the bundled samples)")
    parser.add_argument("--against", help="a commit to be compared with")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--separator", choices=("auto", "none"), default="auto")
    options = parser.parse_args(arguments)
    songs = options.songs or sorted(SAMPLES.glob("*.ogg"))
    sides = [Side(name="here", python=Path(sys.executable), sources=ROOT / "analysis")]
    try:
        with ExitStack() as stack:
            if options.against:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                sides.append(check_out(options.against, folder))
            taken = run_rounds(sides, songs, options.separator, options.rounds)
    except CannotTime as why:
        print(why, file=sys.stderr)
        return 1
    names = ", ".join(song.name for song in songs)
    print(f"{names}: median of {options.rounds} rounds")
    print(table(taken))
    return 0


if __name__ == "__main__":
    sys.exit(main())
