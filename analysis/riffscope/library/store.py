"""The analyses of a library: a compressed file each, under the hash of its song, with a summary that is read alone.

A file is JSON in two pieces of gzip (RFC 1952 allows several in a row, and every reader of gzip joins them). The first
ends before the measurements and holds all that an index needs, so an index of a library reads some kilobytes a song.
"""

import functools
import gzip
import hashlib
import os
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from riffscope.codec import document_of, encode, from_json, unpacked
from riffscope.errors import BadDocument, CannotWrite, RiffscopeError, one_line
from riffscope.library.place import LocalPlace, Place, open_place
from riffscope.model import Failed, Settings
from riffscope.renewal import Record, due, record_of
from riffscope.song import SongAnalysis, made_by
from riffscope.tables import row_of, scalar_kinds

ANALYSES, FAILURES, SEEN = "analyses", "failures", "seen"
PARTS = (ANALYSES, FAILURES, SEEN, "songs.parquet", "verdicts.parquet", "failures.parquet")
ENDING = ".json.gz"
# The summary of most songs is shorter than this.
_HEAD_BYTES = 12 << 10
# None is longer than this; what says to be would only take memory.
_MAX_HEAD_BYTES = 16 << 20
_HASH = re.compile(r"[0-9a-f]{64}")


class Tags(msgspec.Struct, frozen=True):
    """What the file of a song said of itself."""

    title: str | None = None
    artist: str | None = None
    album: str | None = None
    year: str | None = None


class Source(msgspec.Struct, frozen=True):
    """Which song it is."""

    name: str
    sha256: str
    duration_s: float
    tags: Tags = Tags()
    status: str = "ok"
    warnings: tuple[str, ...] = ()


class Ruled(msgspec.Struct, frozen=True):
    """How a claim was ruled on."""

    claim: str
    text: str
    ruling: str
    because: str
    probability: float | None = None
    leaning: str | None = None


class Summary(msgspec.Struct, frozen=True):
    """What an index needs of a song's measurements.

    Attributes
    ----------
    columns : str
        Tells which columns `row` may have: another riffscope may have others.
    versions, from_mix
        As of `riffscope.renewal.Record`.
    failed : tuple of str
        The measurements that riffscope broke down on.
    row : mapping
        Its numbers and words by the names of their columns; what was not measured is not there.
    """

    columns: str
    versions: dict[str, int]
    from_mix: bool
    failed: tuple[str, ...]
    row: dict[str, float | int | str]


class Head(msgspec.Struct, frozen=True):
    """What the file of a song says before its measurements."""

    made_by: dict[str, str]
    settings: dict[str, str]
    source: Source
    summary: Summary
    verdicts: tuple[Ruled, ...] = ()

    @property
    def record(self) -> Record:
        """What tells whether its measurements still hold."""
        return Record(settings=self.settings, versions=self.summary.versions, from_mix=self.summary.from_mix)


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A song that there is no analysis of, and why.

    Attributes
    ----------
    path : str
        Of the file.
    sha256 : str or None
        Of its bytes; None where it could not be read.
    kind : str
        ``refused`` (it is no song), ``crashed``, ``timeout``, ``memory``, or ``failed`` (riffscope's own fault).
    reason : str
        One line.
    tries : int
        How often it was tried.
    riffscope : str
        The version that tried.
    """

    path: str
    sha256: str | None
    kind: str
    reason: str
    tries: int = 1
    riffscope: str = ""


class Seen(msgspec.Struct, frozen=True):
    """A file of a song as it was when its bytes were hashed."""

    path: str
    size_bytes: int
    modified_ns: int
    sha256: str


class Store:
    """The analyses of a library, by the hashes of their songs.

    Parameters
    ----------
    address : path or str
        A folder, or an address that fsspec knows. Nothing is made there before something is kept.

    Raises
    ------
    RiffscopeError
        What is there is something else than a library.
    """

    def __init__(self, address: str | os.PathLike[str]) -> None:
        self.place: Place = open_place(address)

    def check_is_library(self) -> None:
        """Refuse a place that holds no analysis.

        Raises
        ------
        RiffscopeError
            There is none.
        """
        if next(self.hashes(), None) is None:
            raise RiffscopeError(
                f"{self.place.address}: is no library with songs in it (make one: riffscope batch FOLDER --store LIB)"
            )

    def check_may_be_library(self) -> None:
        """Refuse a place that holds other files already: a library is not mixed into a folder of songs.

        Raises
        ------
        RiffscopeError
            There are other files.
        """
        if not self.place.is_empty() and all(
            next(self.place.names(folder), None) is None for folder in (ANALYSES, FAILURES, SEEN)
        ):
            raise RiffscopeError(
                f"{self.place.address}: holds other files and is no library (give a new or an empty folder)"
            )

    def check_is_no_part(self, path: Path) -> None:
        """Refuse to write an answer over a file of the library itself, by whatever name or link.

        Raises
        ------
        CannotWrite
            There are analyses, tables or what else a library needs.
        """
        if not isinstance(self.place, LocalPlace):
            return
        target, folder = path.resolve(), self.place.folder.resolve()
        first, *_ = target.relative_to(folder).parts if target.is_relative_to(folder) else ("",)
        if first in PARTS or first.startswith("."):
            raise CannotWrite(f"{path}: is a part of the library itself (give another output)")

    def hashes(self) -> Iterator[str]:
        """Give the hashes of the songs that there is an analysis of, in order."""
        for name in self.place.names(ANALYSES):
            sha256 = name.rpartition("/")[2].removesuffix(ENDING)
            if is_hash(sha256) and name == _name(sha256):  # what else lies there is none of ours
                yield sha256

    def keep(self, song: SongAnalysis) -> None:
        """Write an analysis, in place of an earlier one of the same song."""
        self.place.write(_name(song.source.sha256), pack(song))

    def holds(self, sha256: str) -> bool:
        """Tell whether there is a file of a song, whatever it holds."""
        try:
            return self.place.read(_name(sha256), 1) is not None
        except OSError:
            return True

    def head(self, sha256: str) -> Head | None:
        """Return what the file of a song says before its measurements; None where there is no analysis of it.

        Raises
        ------
        BadDocument
            Its file is damaged.
        """
        name = _name(sha256)
        start = self._content(name, _HEAD_BYTES)
        if start is None:
            return None
        found = _first_piece(start)
        if found is None:
            found = _first_piece(self._content(name) or b"")
        if found is not None and found.endswith(b","):
            try:
                head = msgspec.json.decode(found[:-1] + b"}", type=Head)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as why:
                raise BadDocument(f"{name}: not a readable analysis: {why} (analyse the song again)") from why
            _check_named(name, sha256, head.source.sha256)
            return head
        song = self.read(sha256)  # written by something else: the whole of it is read
        return None if song is None else head_of(song)

    def sound_head(self, sha256: str) -> Head | None:
        """Return the same; None also where the file is damaged, as its song is then measured anew."""
        try:
            return self.head(sha256)
        except BadDocument:
            return None

    def still_holds(self, sha256: str, settings: Settings) -> bool:
        """Tell whether there is an analysis of a song, and measuring it now would give the same."""
        head = self.sound_head(sha256)
        return head is not None and not due(head.record, settings)

    def read(self, sha256: str) -> SongAnalysis | None:
        """Return the analysis of a song; None where there is none.

        Raises
        ------
        BadDocument
            Its file is damaged, or of a later schema.
        """
        name = _name(sha256)
        content = self._content(name)
        if content is None:
            return None
        song = from_json(unpacked(content, name=name), name=name)
        _check_named(name, sha256, song.source.sha256)
        return song

    def _content(self, name: str, first: int | None = None) -> bytes | None:
        """Read the file of a song: one that a bad disk does not give back costs itself alone."""
        try:
            return self.place.read(name, first)
        except OSError as why:
            raise BadDocument(f"{name}: cannot be read: {why.strerror or why} (analyse the song again)") from why

    # ------------------------------------------------------------------------------------------------------- failures
    def note_failure(self, failure: Failure) -> None:
        """Keep why there is no analysis of a song."""
        self.place.write(_failure_name(failure.path, failure.sha256), msgspec.json.encode(failure))

    def forget_failure(self, path: str, sha256: str | None) -> None:
        """Forget that there was no analysis of a song."""
        self.place.remove(_failure_name(path, sha256))

    def failure(self, path: str, sha256: str | None) -> Failure | None:
        """Return why there is no analysis of a song; None where that is not known."""
        return self._failure(_failure_name(path, sha256))

    def failures(self) -> Iterator[Failure]:
        """Give all songs that there is no analysis of, and why."""
        for name in self.place.names(FAILURES):
            if (found := self._failure(name)) is not None:
                yield found

    def _failure(self, name: str) -> Failure | None:
        """Read a failure; one that is damaged, or of another file than it is named after, is none."""
        try:
            found = msgspec.json.decode(self.place.read(name) or b"", type=Failure)
        except (msgspec.DecodeError, UnicodeDecodeError, OSError):
            return None
        return found if _failure_name(found.path, found.sha256) == name else None


def pack(song: SongAnalysis) -> bytes:
    """Write an analysis as the file of a library: its summary, then the rest, each a piece of gzip."""
    document = document_of(song)
    rest: dict[str, Any] = {
        name: document.pop(name) for name in ("measurements", "transposition", "places") if name in document
    }
    verdicts = document.pop("verdicts")
    head = document | {"summary": _summary(song), "verdicts": verdicts}
    first, second = encode(head)[:-1] + b",", encode(rest)[1:]
    return gzip.compress(first, 6, mtime=0) + gzip.compress(second, 6, mtime=0)


def head_of(song: SongAnalysis) -> Head:
    """Return what the file of a song says before its measurements."""
    return msgspec.json.decode(
        encode({**document_of(song), "measurements": None, "summary": _summary(song)}), type=Head
    )


def with_present_columns(head: Head, store: Store) -> Head:
    """Return a head whose row has the columns of this riffscope: where it has others, from the measurements."""
    if head.summary.columns == columns():
        return head
    song = store.read(head.source.sha256)
    return head if song is None else head_of(song)


@functools.cache
def columns() -> str:
    """Return what tells the columns of this riffscope from those of others."""
    named = "\n".join(f"{name} {kind.__name__}" for name, kind in scalar_kinds().items())
    return hashlib.sha256(f"{made_by()['riffscope']}\n{named}".encode()).hexdigest()[:16]


def _summary(song: SongAnalysis) -> Mapping[str, Any]:
    record = record_of(song)
    kinds = scalar_kinds()
    row = {name: content for name, content in row_of(song).items() if name in kinds and content is not None}
    return {
        "columns": columns(),
        "versions": dict(record.versions),
        "from_mix": record.from_mix,
        "failed": [name for name, outcome in song.outcomes.items() if isinstance(outcome, Failed)],
        "row": row,
    }


def _first_piece(content: bytes) -> bytes | None:
    """Return the first piece of gzip in full, or None where it goes on, or is longer than any summary."""
    piece = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        out = piece.decompress(content, _MAX_HEAD_BYTES)
    except zlib.error:
        return None
    return out if piece.eof else None


def is_hash(text: str) -> bool:
    """Tell whether a text is a SHA-256 in hexadecimal: nothing else names a file of a library."""
    return _HASH.fullmatch(text) is not None


def _check_named(name: str, sha256: str, found: str) -> None:
    if found != sha256:
        raise BadDocument(f"{name}: is the analysis of another song, {one_line(found[:64])} (analyse the song again)")


def _name(sha256: str) -> str:
    """Name the file of a song; what is no hash names none, as it could lead anywhere on this machine."""
    if not is_hash(sha256):
        raise BadDocument(f"{one_line(sha256[:64])}: is no SHA-256 of a song (analyse the song again)")
    return f"{ANALYSES}/{sha256[:2]}/{sha256}{ENDING}"


def _failure_name(path: str, sha256: str | None) -> str:
    """Name a failure by the bytes of its file, or by its path where these could not be read."""
    by_path = f"path-{hashlib.sha256(path.encode(errors='surrogateescape')).hexdigest()}"
    key = sha256 if sha256 and is_hash(sha256) else by_path
    return f"{FAILURES}/{key}.json"
