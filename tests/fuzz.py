"""Spoils files of every kind at random, and looks for what must never happen, each in a process of its own.

python tests/fuzz.py --count 20000 --seed 1

What must never happen: an exception that is not ours, a signal, more than 10 s or 4 GiB, a word on stderr, a message of
more than one line, a number that is none, a measurement that breaks down. Mutants that did it are kept in build/fuzz.
"""

import argparse
import contextlib
import faulthandler
import hashlib
import json
import os
import random
import re
import resource
import signal
import struct
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import bad_inputs
import seeds
from riffscope.cli import main
from riffscope.codec import to_json
from riffscope.errors import BadClaim, RiffscopeError
from riffscope.load import load
from riffscope.model import Settings
from riffscope.song import analyze, failures

CPU_S = 10
# The machine may be busy with other things.
WALL_S = 120
MEMORY_BYTES = 4 << 30
KEPT = Path(__file__).parents[1] / "build" / "fuzz"
# Of so many songs that can be read one is measured in whole, and of so many analyses one is written as everything.
MEASURED_ONE_IN, WRITTEN_ONE_IN = 25, 12

# Where the headers of containers begin: chunks, boxes, pages, frames, elements.
MARKS = re.compile(
    rb"RIFF|WAVE|fmt |data|LIST|FORM|AIFF|COMM|SSND|riff|caff|desc|pakt|fLaC|OggS|vorbis|OpusHead|OpusTags|ID3|Xing"
    rb"|Info|ftyp|moov|mdat|trak|mdia|minf|stbl|stsd|stts|stsc|stsz|stco|esds|moof|traf|trun|tfhd|mvex|edts|elst"
    rb"|\xff[\xf1\xf9\xfb]|\x1a\x45\xdf\xa3|\x16\x54\xae\x6b|\x1f\x43\xb6\x75|\x30\x26\xb2\x75|PK\x03\x04|PK\x01\x02"
)
FIELDS = (0, 1, 2**31 - 1, 2**31, 2**32 - 1)


# -------------------------------------------------------------------------------------------------------------- bytes
def places(content: bytes, rng: random.Random) -> int:
    """Choose a place: most often near a header."""
    marks = [match.start() for match in MARKS.finditer(content[:4000])] + [0]
    near = rng.choice(marks) + rng.randrange(48) if rng.random() < 0.5 else rng.randrange(len(content))
    return min(near, len(content) - 1)


def flip(content: bytes, rng: random.Random) -> bytes:
    out = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        out[places(content, rng)] ^= 1 << rng.randrange(8)
    return bytes(out)


def truncate(content: bytes, rng: random.Random) -> bytes:
    return content[: places(content, rng)]


def set_field(content: bytes, rng: random.Random) -> bytes:
    at = places(content, rng)
    return content[:at] + struct.pack(rng.choice("<>") + "I", rng.choice(FIELDS)) + content[at + 4 :]


def reorder(content: bytes, rng: random.Random) -> bytes:
    """Swap two stretches that begin with a header."""
    marks = sorted({match.start() for match in MARKS.finditer(content)} | {len(content)})
    if len(marks) < 4:
        return flip(content, rng)
    a, b, c = sorted(rng.sample(marks, 3))
    return content[:a] + content[b:c] + content[a:b] + content[c:]


def splice(content: bytes, rng: random.Random) -> bytes:
    """Go on in the middle of another file, of the same kind or not."""
    other = seeds.song(rng.choice(seeds.SONGS))
    return content[: places(content, rng)] + other[places(other, rng) :]


def repeat(content: bytes, rng: random.Random) -> bytes:
    a, b = sorted((places(content, rng), places(content, rng)))
    return content[:b] + content[a:b] * rng.choice((1, 2, 100)) + content[b:]


def leave_out(content: bytes, rng: random.Random) -> bytes:
    a, b = sorted((places(content, rng), places(content, rng)))
    return content[:a] + content[b:]


BYTES = (flip, flip, truncate, set_field, set_field, set_field, reorder, splice, repeat, leave_out)


def spoil_bytes(content: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        content = rng.choice(BYTES)(content, rng) or b"\0"
    return with_checksums(content) if content[:4] == b"OggS" and rng.random() < 0.7 else content


def with_checksums(content: bytes) -> bytes:
    """Make the checksums of Ogg's pages right again, so that what is spoilt is looked at (RFC 3533, 6)."""
    out = bytearray(content)
    for match in re.finditer(b"OggS", content):
        at = match.start()
        if at + 27 > len(out):
            break
        segments = out[at + 26]
        end = at + 27 + segments + sum(out[at + 27 : at + 27 + segments])
        if end <= len(out):
            out[at + 22 : at + 26] = bytes(4)
            out[at + 22 : at + 26] = struct.pack("<I", _crc(bytes(out[at:end])))
    return bytes(out)


_TABLE = []
for _byte in range(256):
    _crc_of = _byte << 24
    for _ in range(8):
        _crc_of = (_crc_of << 1 ^ 0x04C11DB7 if _crc_of >> 31 else _crc_of << 1) & 0xFFFFFFFF
    _TABLE.append(_crc_of)


def _crc(content: bytes) -> int:
    crc = 0
    for byte in content:
        crc = (crc << 8 & 0xFFFFFFFF) ^ _TABLE[crc >> 24 ^ byte]
    return crc


# --------------------------------------------------------------------------------------------------------------- texts
ODD = (
    *(None, True, False, 0, 1, -1, 0.5, -0.0, 1e9, -1e9, 1e12, 1e300, 5e-324, 2**31, 2**63, -(2**63), 10**30),
    *("", "x", "\x1b[2J", "a\nb", "\u202e", "$\\frac{$", "\u0000", "x" * 4000, "x" * 100_000, "<script>", "C#4", "N"),
    *([], {}, [[]], [None], [0] * 3, {"value": 1}, {"value": 1, "low": 0, "high": 2}),
)


def spoil_json(content: bytes, rng: random.Random) -> bytes:
    """Change places in a saved analysis; sometimes its letters."""
    if rng.random() < 0.1:
        return flip(content, rng)
    document = json.loads(content)
    for _ in range(rng.choice((1, 1, 2, 5))):
        _change(document, rng)
    return json.dumps(document, allow_nan=True).encode()


def _change(document: object, rng: random.Random) -> None:
    place = document
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return
        key = rng.choice(keys)
        deeper = isinstance(place[key], dict | list) and rng.random() < 0.9
        if not deeper:
            break
        place = place[key]
    match rng.randrange(6):
        case 0:
            del place[key]
        case 1 if isinstance(place[key], int | float):
            place[key] = place[key] * rng.choice((-1, 0, 1.5, 2, 10, 1e3, 1e6)) + rng.choice((0, 1, -1))
        case 2 if isinstance(place, list) and len(place) > 1:
            rng.shuffle(place) if rng.random() < 0.5 else place.__delitem__(slice(rng.randrange(len(place)), None))
        case 3 if isinstance(place, dict):
            place[key] = place[rng.choice(list(place))]
        case _:
            place[key] = rng.choice(ODD)


TOKENS = (*"\"'[]{}=\n\t,\0#", "\x1b[2J", "9" * 400, "nan", "-1", "1e999", "true")


def spoil_text(content: bytes, rng: random.Random) -> bytes:
    if rng.random() < 0.3:
        return spoil_bytes(content, rng)
    parts = re.findall(r"\w+|\s+|.", content.decode())
    for _ in range(rng.choice((1, 1, 2, 6))):
        at = rng.randrange(len(parts))
        match rng.randrange(4):
            case 0:
                parts[at] = rng.choice(TOKENS)
            case 1:
                parts.insert(at, rng.choice(TOKENS) * rng.choice((1, 1, 2000)))
            case 2:
                parts[at] = rng.choice(parts)
            case _:
                del parts[at : at + rng.choice((1, 3, 20))]
                parts = parts or [""]
    return "".join(parts).encode()


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
}
# Of each ten mutants so many are songs, spread over their formats; the others are spread over the rest.
SONGS_OF_TEN = 6
OTHERS = tuple(name for name in TARGETS if name not in seeds.SONGS)


def check_line(text: str) -> None:
    if not text.isprintable() or len(text) > 1100:
        raise AssertionError(f"not one line of bearable length: {text[:200]!r}")


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


def mutants(count: int, seed: int, only: str | None = None) -> Iterator[tuple[int, str, bytes, random.Random]]:
    """Give mutants with their numbers; each follows from the seed and its number alone."""
    for number in range(count):
        luck = random.Random(f"{seed}:{number}")
        names = seeds.SONGS if luck.randrange(10) < SONGS_OF_TEN else OTHERS
        name = only or names[number % len(names)]
        make, spoil, _ = TARGETS[name]
        yield number, name, spoil(make(), luck), luck


def campaign(count: int, seed: int, only: str | None = None) -> tuple[Counter[tuple[str, str]], list[str]]:
    """Return how many mutants of each kind came out how, and what was wrong with which; an interrupt ends it early."""
    warm()
    results, wrong = Counter[tuple[str, str]](), list[str]()
    with contextlib.suppress(KeyboardInterrupt):
        for number, name, content, luck in mutants(count, seed, only):
            _try(number, name, content, luck, seed, results, wrong)
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


class NoLuck(random.Random):
    """Chooses nothing to be measured or written in whole: that leaves threads, which a fork does not take along."""

    def randrange(self, *_: int) -> int:  # type: ignore[override]
        return 1


def warm() -> None:
    """Read what is whole once, so that no child has to import anything; what is whole must be read."""
    for name, (make, _, read) in TARGETS.items():
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / f"input.{'json' if name == 'analysis' else 'bin'}"
            path.write_bytes(make())
            if (found := outcome(read, path, NoLuck())) in {"refused", "partial"}:
                raise AssertionError(f"{name}: is whole, and {found}")


def report(results: Counter[tuple[str, str]]) -> str:
    kinds = sorted({what for _, what in results})
    rows = [("", *(what or "WRONG" for what in kinds))]
    rows += [(name, *(str(results[name, what]) for what in kinds)) for name in TARGETS]
    return "\n".join(f"{row[0]:14}" + "".join(f"{cell:>10}" for cell in row[1:]) for row in rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=tuple(TARGETS), help="mutants of this kind alone")
    parser.add_argument("--all", action="store_true", help="measure and write each that can be, not one in many")
    given = parser.parse_args()
    if given.all:
        MEASURED_ONE_IN = WRITTEN_ONE_IN = 1
    began = time.monotonic()
    tally, problems = campaign(given.count, given.seed, given.only)
    print(report(tally))
    print(*problems, sep="\n")
    print(f"{tally.total()} mutants of seed {given.seed} in {time.monotonic() - began:.0f} s: {len(problems)} wrong")
    sys.exit(bool(problems))
