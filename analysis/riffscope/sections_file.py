"""Sections given by hand: a file that says where they begin and what they are.

Conventions
-----------
Three ways of writing them are read, each row a section, empty lines and lines that begin with ``#`` left out:

- an Audacity label track: start, end and label in seconds with tabs between;
- CSV with a header that has ``start_s`` and ``label``, and may have ``end_s``;
- plain lines: a time and a label, ``0:00 intro`` or ``83.5 chorus``.

A label track or CSV may leave ends out, or repeat the start as a label of one moment does: a section then lasts until
the next begins, the last until the song ends. Nothing is made up for what lies between two sections or before the
first.

References
----------
Audacity's labels: https://manual.audacityteam.org/man/importing_and_exporting_labels.html
"""

import csv
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from riffscope.analyzers.structure import GivenSection, Structure, structure_of
from riffscope.errors import CannotRead, one_line
from riffscope.files import open_regular
from riffscope.units import clock

# A file of sections is short; nobody writes more.
MAX_BYTES = 1_000_000
# What a section is called stands in figures and in tables, and what is no time in a message.
MAX_LABEL, MAX_QUOTED = 200, 40
# Programs round times, so that an end may lie this much beyond what it meets.
ROUNDED_S = 0.05
# 83.5, 1:23, 1:23.5 or 1:02:03.
_TIME = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6}(?:\.\d{1,9})?)", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class _Row:
    """One row: the number of its line, its start, its end where it has one, and its label."""

    line: int
    start_s: float
    end_s: float | None
    label: str


def read_sections(path: Path, *, duration_s: float) -> Structure:
    """Read the sections of a song that lasts so long.

    Raises
    ------
    CannotRead
        The file cannot be read or holds no sections, or they overlap, run backwards or lie beyond the song's end: one
        line that names the file and, where there is one, the line in it.
    """
    try:
        with open_regular(path) as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise CannotRead("too long for a file of sections (1 MB at most)")
        text = content.decode("utf-8-sig")
    except CannotRead as why:
        raise CannotRead(f"{path}: {why}") from None
    except OSError as error:
        raise CannotRead(f"{path}: {(error.strerror or str(error)).lower()}") from error
    except UnicodeDecodeError as error:
        raise CannotRead(f"{path}: not a text file (give a label track, CSV, or lines such as 0:00 intro)") from error
    return parse_sections(text, duration_s=duration_s, name=str(path))


def parse_sections(text: str, *, duration_s: float, name: str) -> Structure:
    """Read sections from text; `name` says where something is wrong.

    Raises
    ------
    CannotRead
        As from `read_sections`.
    """
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if _says_something(line)]
    rows = list(_read_rows(lines, name))
    if not rows:
        raise CannotRead(f"{name}: no sections in it (write one a line, such as 0:00 intro)")
    return structure_of(_complete(rows, duration_s, name))


def _says_something(line: str) -> bool:
    # Audacity writes the frequencies of a spectral selection on a line of their own that begins with a backslash.
    return bool(line.strip()) and not line.lstrip().startswith(("#", "\\"))


def _read_rows(lines: Sequence[tuple[int, str]], name: str) -> Iterator[_Row]:
    if lines and "start_s" in _header(lines[0][1]):
        yield from _read_csv(lines, name)
        return
    for number, line in lines:
        if len(cells := line.strip().split("\t")) >= 3:
            start, end, label = cells[0], cells[1], " ".join(cells[2:])
        else:
            (start, _, label), end = line.strip().replace("\t", " ").partition(" "), ""
        yield _row(number, start, end, label, name)


def _header(line: str) -> list[str]:
    return [cell.strip().strip('"').lower() for cell in line.split(",")]


def _read_csv(lines: Sequence[tuple[int, str]], name: str) -> Iterator[_Row]:
    header = _header(lines[0][1])
    if "label" not in header:
        raise CannotRead(f"{name}: the header has no label (it needs start_s and label, and may have end_s)")
    for number, line in lines[1:]:
        try:
            cells = dict(zip(header, next(csv.reader([line])), strict=False))
        except csv.Error as why:
            raise CannotRead(f"{name}, line {number}: {why}") from None
        yield _row(number, cells.get("start_s", ""), cells.get("end_s", ""), cells.get("label", ""), name)


def _row(number: int, start: str, end: str, label: str, name: str) -> _Row:
    words = " ".join(label.split())
    start_s = _seconds(start, number, name)
    end_s = _seconds(end, number, name) if end.strip() else None
    if not words:
        raise CannotRead(f"{name}, line {number}: the section has no label (write what it is after its time)")
    if len(words) > MAX_LABEL:
        raise CannotRead(f"{name}, line {number}: a label of {len(words)} letters (at most {MAX_LABEL} allowed)")
    # A label of one moment in Audacity has its start for its end.
    return _Row(line=number, start_s=start_s, end_s=None if end_s == start_s else end_s, label=one_line(words))


def _seconds(text: str, number: int, name: str) -> float:
    """Read 83.5, 1:23 or 1:02:03 as seconds."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise CannotRead(
            f"{name}, line {number}: {one_line(text.strip()[:MAX_QUOTED])!r} is not a time (write 83.5 or 1:23.5)"
        )
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return 3600 * hours + 60 * minutes + seconds


def _complete(rows: Sequence[_Row], duration_s: float, name: str) -> list[GivenSection]:
    """Give each row its end, and check it against the next and against the end of the song."""
    for before, row in itertools.pairwise(rows):
        if row.start_s <= before.start_s:
            raise CannotRead(f"{name}, line {row.line}: begins no later than the section before it")
    following_s = [*(row.start_s for row in rows[1:]), duration_s]
    sections = []
    for row, next_s in zip(rows, following_s, strict=True):
        where, end_s = f"{name}, line {row.line}", next_s if row.end_s is None else row.end_s
        if row.start_s >= duration_s:
            raise CannotRead(f"{where}: begins at {_said(row.start_s)}, but the song ends at {_said(duration_s)}")
        if end_s < row.start_s:
            raise CannotRead(f"{where}: ends at {_said(end_s)}, before it begins at {_said(row.start_s)}")
        if end_s > duration_s + ROUNDED_S:
            raise CannotRead(f"{where}: ends at {_said(end_s)}, but the song ends at {_said(duration_s)}")
        if end_s > next_s + ROUNDED_S:
            raise CannotRead(f"{where}: ends at {_said(end_s)}, after the next begins at {_said(next_s)}")
        sections.append(GivenSection(start_s=row.start_s, end_s=min(end_s, next_s), name=row.label))
    return sections


def _said(seconds: float) -> str:
    return clock(seconds, decimals=1)
