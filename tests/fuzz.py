"""Spoils files of every kind at random, and looks for what must never happen, each in a process of its own.

python tests/fuzz.py --count 20000 --seed 1

What must never happen: an exception that is not ours, a signal, more than 10 s or 4 GiB, a word on stderr, a message of
more than one line, a number that is none, a measurement that breaks down. Mutants that did it are kept in build/fuzz.
What is sent to the local page is sent to one that goes on running; `page_fuzz` says what must never happen to it.
"""

import argparse
import contextlib
import faulthandler
import hashlib
import os
import random
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import bad_inputs
import page_fuzz
import seeds
from page_fuzz import PAGE, check_line
from riffscope.cli import main
from riffscope.codec import to_json
from riffscope.errors import BadClaim, RiffscopeError
from riffscope.load import load
from riffscope.model import Settings
from riffscope.song import analyze, failures
from spoiling import spoil_bytes, spoil_json, spoil_text

CPU_S = 10
# The machine may be busy with other things.
WALL_S = 120
MEMORY_BYTES = 4 << 30
KEPT = Path(__file__).parents[1] / "build" / "fuzz"
# Of so many songs that can be read one is measured in whole, and of so many analyses one is written as everything.
MEASURED_ONE_IN, WRITTEN_ONE_IN = 25, 12


# ------------------------------------------------------------------------------------------------- what becomes of them
def song(path: Path, luck: random.Random) -> str:
    audio = load(path)
    if audio.source.status == "partial" and not audio.source.warnings:
        raise AssertionError("partial without a warning")
    for text in (*audio.source.warnings, audio.source.title, audio.source.tags.artist or ""):
        check_line(text)
    if luck.randrange(MEASURED_ONE_IN) == 0 and audio.duration_s < 10:
        measured = analyze(audio, settings=Settings(separator="none"), threads=1)
        if failures(measured):
            raise AssertionError("; ".join(failures(measured)))
        to_json(measured)  # refuses numbers that are none
        return "measured"
    return audio.source.status


def analysis(path: Path, luck: random.Random) -> str:
    outcome, _ = bad_inputs.analysis(path)
    if luck.randrange(WRITTEN_ONE_IN):
        return outcome
    folder = path.parent / "written"
    whole = folder / "whole.json"
    folder.mkdir()
    whole.write_bytes(seeds.analysis())
    kinds = ("midi", "audacity", "jams", "csv", "chords", "riff-midi")
    for command in (
        ["compare", str(path), str(whole)],
        ["report", str(path), "--no-audio", "--full", "--format", "html,pdf", "--out", str(folder)],
        *(["export", str(path), "--to", kind, "--out", str(folder)] for kind in kinds),
        ["analyze", str(path), "--quiet", "--table", str(folder / "table.csv")],
    ):
        run(command)
    return "written"


def run(command: list[str]) -> None:
    """Run a command, which must not say that riffscope itself failed; what is printed is looked at by the caller."""
    err = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            main(command)
        finally:
            sys.stderr.flush()
            os.dup2(err, 2)
            os.close(err)
        said.seek(0)
        text = said.read().decode(errors="replace")
    if "itself failed" in text or "Traceback" in text or "Warning" in text:
        raise AssertionError(f"{command[0]} {command[2:4]}: {text}")


def sent(path: Path, luck: random.Random) -> str:
    return PAGE.take(path.read_bytes(), luck)


def by_reader(reader: Callable[[Path], tuple[str, list[str]]]) -> Callable[[Path, random.Random], str]:
    return lambda path, luck: reader(path)[0]


TARGETS: dict[str, tuple[Callable[[], bytes], Callable, Callable]] = {
    **{form: (lambda form=form: seeds.song(form), spoil_bytes, song) for form in seeds.SONGS},
    "analysis": (seeds.analysis, spoil_json, analysis),
    "claims": (seeds.CLAIMS.encode, spoil_text, by_reader(bad_inputs.claims)),
    "reference": (seeds.REFERENCE.encode, spoil_text, by_reader(bad_inputs.reference)),
    "article": (seeds.ARTICLE.encode, spoil_text, by_reader(bad_inputs.article)),
    "sections": (seeds.SECTIONS.encode, spoil_text, by_reader(bad_inputs.sections)),
    "archive": (seeds.archive, spoil_bytes, by_reader(bad_inputs.archive)),
    "tar": (bad_inputs.tar, spoil_bytes, by_reader(bad_inputs.archive)),
    "sent song": (page_fuzz.whole_song, page_fuzz.spoil_song, sent),
    "sent text": (page_fuzz.whole_text, page_fuzz.spoil_article, sent),
    "sent claims": (page_fuzz.whole_claims, page_fuzz.spoil_claims, sent),
    "sent JSON": (page_fuzz.whole_json, page_fuzz.spoil_in_json, sent),
    "request": (page_fuzz.whole_request, page_fuzz.spoil_request, sent),
}
# Of each ten mutants so many are songs, spread over their formats; the others are spread over the rest.
SONGS_OF_TEN = 6
OTHERS = tuple(name for name in TARGETS if name not in seeds.SONGS)
SENT = tuple(name for name, (_, _, read) in TARGETS.items() if read is sent)


def outcome(read: Callable[[Path, random.Random], str], path: Path, luck: random.Random) -> str:
    try:
        return read(path, luck)
    except BadClaim as why:
        for line in why.problems:
            check_line(line)
    except RiffscopeError as why:
        check_line(str(why))
    return "refused"


def in_a_child(work: Callable[[], str], folder: Path) -> tuple[str, str]:
    """Run work in a process of its own: what becomes of it, and what was wrong; empty where nothing was."""
    said = folder / "said"
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 5))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            signal.alarm(WALL_S)
            faulthandler.disable()
            file = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(file, 2)
            sys.stdout, sys.stderr = (open(stream, "w", closefd=False) for stream in (1, 2))  # noqa: SIM115
            try:
                answer = f"ok {work()}"
            except BaseException as bug:  # noqa: BLE001 - it is what is looked for
                answer = f"bug {type(bug).__name__}: {bug}"
            sys.stderr.flush()
            os.write(writes, answer.encode(errors="replace")[:60_000])
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads, "rb") as pipe:
        answer = pipe.read().decode(errors="replace")
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        hung = number in {signal.SIGXCPU, signal.SIGALRM, signal.SIGKILL}
        return "", f"{'hangs' if hung else 'crashes'}: {signal.Signals(number).name}"
    kind, _, what = answer.partition(" ")
    if kind != "ok":
        return "", what or "says nothing"
    text = said.read_bytes()
    return what, f"on stderr: {text[:300]!r}" if text else ""


def mutants(count: int, seed: int, only: Sequence[str] = ()) -> Iterator[tuple[int, str, bytes, random.Random]]:
    """Give mutants with their numbers; each follows from the seed and its number alone."""
    for number in range(count):
        luck = random.Random(f"{seed}:{number}")
        names = only or (seeds.SONGS if luck.randrange(10) < SONGS_OF_TEN else OTHERS)
        name = names[number % len(names)]
        make, spoil, _ = TARGETS[name]
        yield number, name, spoil(make(), luck), luck


def campaign(count: int, seed: int, only: Sequence[str] = ()) -> tuple[Counter[tuple[str, str]], list[str]]:
    """Return how many mutants of each kind came out how, and what was wrong with which; an interrupt ends it early."""
    results, wrong = Counter[tuple[str, str]](), list[str]()
    try:
        warm(only)
        with contextlib.suppress(KeyboardInterrupt):
            for number, name, content, luck in mutants(count, seed, only):
                _try(number, name, content, luck, seed, results, wrong)
    finally:
        if bug := PAGE.stop():
            wrong.append(f"the page, at its end: {bug}")
    return results, wrong


def _try(
    number: int,
    name: str,
    content: bytes,
    luck: random.Random,
    seed: int,
    results: Counter[tuple[str, str]],
    wrong: list[str],
) -> None:
    with tempfile.TemporaryDirectory(prefix="riffscope-fuzz-") as place:
        path = Path(place) / f"input.{'json' if name == 'analysis' else 'bin'}"
        path.write_bytes(content)
        what, bug = in_a_child(partial(outcome, TARGETS[name][2], path, luck), path.parent)
    results[name, what] += 1
    if bug:
        KEPT.mkdir(parents=True, exist_ok=True)
        kept = KEPT / f"{name.replace(' ', '-')}-{seed}-{number}-{hashlib.sha256(content).hexdigest()[:8]}"
        kept.write_bytes(content)
        wrong.append(f"{name} {number}: {bug}"[:600])
        if name in SENT:  # it was shaken: the next gets another page
            PAGE.stop()
            PAGE.start()


class NoLuck(random.Random):
    """Chooses nothing to be measured or written in whole: that leaves threads, which a fork does not take along."""

    def randrange(self, *_: int) -> int:  # type: ignore[override]
        return 1


def warm(only: Sequence[str] = ()) -> None:
    """Read what is whole once, so that no child has to import anything; what is whole must be read."""
    for name in only or TARGETS:
        make, _, read = TARGETS[name]
        if name in SENT:
            PAGE.start()
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / f"input.{'json' if name == 'analysis' else 'bin'}"
            path.write_bytes(make())
            if (found := outcome(read, path, NoLuck())) in {"refused", "partial"}:
                raise AssertionError(f"{name}: is whole, and {found}")


def report(results: Counter[tuple[str, str]]) -> str:
    kinds, tried = sorted({what for _, what in results}), {name for name, _ in results}
    rows = [("", *(what or "WRONG" for what in kinds))]
    rows += [(name, *(str(results[name, what]) for what in kinds)) for name in TARGETS if name in tried]
    return "\n".join(f"{row[0]:14}" + "".join(f"{cell:>10}" for cell in row[1:]) for row in rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=tuple(TARGETS), nargs="+", default=(), help="mutants of these kinds alone")
    parser.add_argument("--all", action="store_true", help="measure and write each that can be, not one in many")
    given = parser.parse_args()
    if given.all:
        MEASURED_ONE_IN = WRITTEN_ONE_IN = 1
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    tally, problems = campaign(given.count, given.seed, given.only)
    print(report(tally))
    print(*problems, sep="\n")
    print(f"{tally.total()} mutants of seed {given.seed} in {time.monotonic() - began:.0f} s: {len(problems)} wrong")
    sys.exit(bool(problems))
