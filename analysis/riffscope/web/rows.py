"""The library as a list: a row a song, read from the first piece of its file, held in memory, searched and sorted."""

import contextlib
import threading
import time
import unicodedata
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from riffscope.errors import BadDocument
from riffscope.library.heads import ANALYSES, Head, Heads, analysis_name

Sort = Literal["added", "title", "artist", "tempo", "key", "length", "loudness"]
Order = Literal["up", "down"]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A song of the library in short; what was not measured is None.

    Attributes
    ----------
    riff_fraction : float or None
        How much of the song its riff, or another loop, sounds in: 0..1.
    rulings : mapping
        How many claims are ruled on in which way.
    added : datetime
        When its analysis was written.
    """

    sha256: str
    title: str
    artist: str | None
    file: str
    duration_s: float
    tempo_bpm: float | None
    key: str | None
    range: str | None
    loudness_lufs: float | None
    riff_fraction: float | None
    rulings: dict[str, int]
    added: datetime


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some rows of the list: how many songs there are, how many were found, and those that are shown."""

    total: int
    found: int
    songs: list[Row]


class Shelf:
    """The songs of a library, in memory.

    Parameters
    ----------
    library : path
        Its folder.
    """

    def __init__(self, library: Path) -> None:
        self._heads = Heads(library)
        self._library = library
        self._rows: dict[str, Row] = {}
        self._lock = threading.Lock()
        self._looking = threading.Lock()
        self._looked: dict[str, int] = {}
        self.whole = threading.Event()

    def start(self) -> None:
        """Begin to read the library, in a thread of its own."""
        threading.Thread(target=self._read_all, name="shelf", daemon=True).start()

    def _read_all(self) -> None:
        try:
            self.look()
        finally:
            self.whole.set()

    def look(self) -> None:
        """Read what is new, has changed or has gone, also by other programs, such as a batch beside this server."""
        with self._looking, contextlib.suppress(FileNotFoundError):  # nothing was kept yet
            # A folder's time changes when a file is moved into it, as every analysis is, or removed.
            for folder in sorted((self._library / ANALYSES).iterdir()):
                with contextlib.suppress(OSError):
                    changed = folder.stat().st_mtime_ns
                    if self._looked.get(folder.name) != changed:
                        self._look_into(folder.name)
                        self._looked[folder.name] = changed

    def _look_into(self, start: str) -> None:
        found = set(self._heads.hashes(start))
        with self._lock:
            known = {sha256: row.added for sha256, row in self._rows.items() if sha256.startswith(start)}
        for sha256 in found:
            if known.get(sha256) != self._written(sha256):
                self.renew(sha256)
        with self._lock:
            for sha256 in known.keys() - found:
                self._rows.pop(sha256, None)

    def renew(self, sha256: str) -> Row | None:
        """Read a song anew, which was measured or has gone."""
        row = self._read(sha256)
        with self._lock:
            if row is None:
                self._rows.pop(sha256, None)
            else:
                self._rows[sha256] = row
        return row

    def row(self, sha256: str) -> Row | None:
        """Return a song; None where the library has none of that hash."""
        with self._lock:
            found = self._rows.get(sha256)
        return found if found is not None or self.whole.is_set() else self.renew(sha256)

    def page(self, *, search: str = "", sort: Sort = "added", order: Order = "down", start: int, count: int) -> Page:
        """Return some of the songs whose title, artist, file or key has all words that are searched for.

        Parameters
        ----------
        sort : str
            What the songs are ordered by; those without it come last, whichever way.
        start, count : int
            Which of them are shown.
        """
        with self._lock:
            rows = list(self._rows.values())
        wanted = _folded(search).split()
        found = [row for row in rows if all(word in _searched(row) for word in wanted)] if wanted else rows
        key = _KEYS[sort]
        known = [row for row in found if key(row) is not None]
        known.sort(key=lambda row: (key(row), row.sha256), reverse=order == "down")
        ordered = [*known, *(row for row in found if key(row) is None)]
        return Page(total=len(rows), found=len(found), songs=ordered[start : start + count])

    def _read(self, sha256: str) -> Row | None:
        try:
            head = self._heads.written_head(sha256)
        except BadDocument:
            return None
        return None if head is None else row_of(head, self._written(sha256))

    def _written(self, sha256: str) -> datetime:
        written = time.time()
        with contextlib.suppress(OSError):
            written = (self._library / analysis_name(sha256)).stat().st_mtime
        return datetime.fromtimestamp(written, UTC)


def row_of(head: Head, added: datetime) -> Row:
    """Return a song in short."""
    row: dict[str, Any] = head.summary.row
    tonic, mode = row.get("key.tonic"), row.get("key.mode")
    lowest, highest = row.get("vocal_range.lowest_note"), row.get("vocal_range.highest_note")
    return Row(
        sha256=head.source.sha256,
        title=head.source.tags.title or Path(head.source.name).stem or "Untitled",
        artist=head.source.tags.artist,
        file=head.source.name,
        duration_s=head.source.duration_s,
        tempo_bpm=row.get("tempo.bpm"),
        key=f"{tonic} {mode}" if tonic and mode else None,
        range=f"{lowest} to {highest}" if lowest and highest else None,
        loudness_lufs=row.get("loudness.integrated_lufs"),
        riff_fraction=row.get("loops.coverage_fraction"),
        rulings=dict(Counter(one.ruling for one in head.verdicts)),
        added=added,
    )


_KEYS: dict[Sort, Callable[[Row], Any]] = {
    "added": lambda row: row.added,
    "title": lambda row: _folded(row.title),
    "artist": lambda row: _folded(row.artist) if row.artist else None,
    "tempo": lambda row: row.tempo_bpm,
    "key": lambda row: row.key,
    "length": lambda row: row.duration_s,
    "loudness": lambda row: row.loudness_lufs,
}


def _searched(row: Row) -> str:
    return _folded(" ".join(part for part in (row.title, row.artist, row.file, row.key) if part))


def _folded(text: str) -> str:
    """Return a text as it is searched: without accents, whatever its case."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()
