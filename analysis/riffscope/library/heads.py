"""What the files of a library say before their measurements, read without all that measurements take.

A file is JSON in two pieces of gzip (RFC 1952 allows several in a row, and every reader of gzip joins them). The first
ends before the measurements and holds all that an index needs, so an index of a library reads some kilobytes a song.
"""

import os
import re
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from riffscope.errors import BadDocument, RiffscopeError, one_line
from riffscope.library.place import Place, open_place

if TYPE_CHECKING:
    from riffscope.renewal import Record

ANALYSES, COPIES, FAILURES, SEEN, CORRECTIONS = "analyses", "copies", "failures", "seen", "corrections"
# What the local page keeps there: songs, what it was given and is not measured yet, and what its user prefers.
FILES, UPLOADS, PREFERENCES = "files", "uploads", "preferences.json"
FOLDERS = (ANALYSES, COPIES, FAILURES, SEEN, CORRECTIONS, FILES, UPLOADS)
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
    def record(self) -> "Record":
        """What tells whether its measurements still hold."""
        from riffscope.renewal import Record

        return Record(settings=self.settings, versions=self.summary.versions, from_mix=self.summary.from_mix)


class Heads:
    """What a library says of its songs before their measurements, by the hashes of the songs.

    Parameters
    ----------
    address : path or str
        A folder, or an address that fsspec knows.

    Raises
    ------
    RiffscopeError
        What is there is something else than a library.
    """

    def __init__(self, address: str | os.PathLike[str]) -> None:
        self.place: Place = open_place(address)

    def check_may_be_library(self) -> None:
        """Refuse a place that holds other files already: a library is not mixed into a folder of songs.

        Raises
        ------
        RiffscopeError
            There are other files.
        """
        known = any(next(self.place.names(folder), None) is not None for folder in FOLDERS)
        if not known and not self.place.is_empty() and self.place.read(PREFERENCES, 1) is None:
            raise RiffscopeError(
                f"{self.place.address}: holds other files and is no library (give a new or an empty folder)"
            )

    def hashes(self, start: str = "") -> Iterator[str]:
        """Give the hashes of the songs that there is an analysis of, in order.

        Parameters
        ----------
        start : str
            Give those alone that begin with these two letters.
        """
        for name in self.place.names(f"{ANALYSES}/{start}" if start else ANALYSES):
            sha256 = name.rpartition("/")[2].removesuffix(ENDING)
            if is_hash(sha256) and name == analysis_name(sha256):  # what else lies there is none of ours
                yield sha256

    def holds(self, sha256: str) -> bool:
        """Tell whether there is a file of a song, whatever it holds."""
        try:
            return self.place.read(analysis_name(sha256), 1) is not None
        except OSError:
            return True

    def written_head(self, sha256: str) -> Head | None:
        """Return what the file of a song says first; None where there is none, or it was written by something else.

        Raises
        ------
        BadDocument
            Its file is damaged.
        """
        name = analysis_name(sha256)
        start = self.content(name, _HEAD_BYTES)
        if start is None:
            return None
        found = _first_piece(start)
        if found is None:
            found = _first_piece(self.content(name) or b"")
        if found is None or not found.endswith(b","):
            return None
        try:
            head = msgspec.json.decode(found[:-1] + b"}", type=Head)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as why:
            raise BadDocument(f"{name}: not a readable analysis: {why} (analyse the song again)") from why
        check_named(name, sha256, head.source.sha256)
        return head

    def content(self, name: str, first: int | None = None) -> bytes | None:
        """Read the file of a song: one that a bad disk does not give back costs itself alone."""
        try:
            return self.place.read(name, first)
        except OSError as why:
            raise BadDocument(f"{name}: cannot be read: {why.strerror or why} (analyse the song again)") from why


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


def check_named(name: str, sha256: str, found: str) -> None:
    """Refuse a file that is named after another song than it is about."""
    if found != sha256:
        raise BadDocument(f"{name}: is the analysis of another song, {one_line(found[:64])} (analyse the song again)")


def analysis_name(sha256: str) -> str:
    """Name the file of a song; what is no hash names none, as it could lead anywhere on this machine."""
    if not is_hash(sha256):
        raise BadDocument(f"{one_line(sha256[:64])}: is no SHA-256 of a song (analyse the song again)")
    return f"{ANALYSES}/{sha256[:2]}/{sha256}{ENDING}"


def copy_name(sha256: str) -> str:
    """Name the copy of a song to listen to."""
    return analysis_name(sha256).replace(ANALYSES, COPIES, 1).removesuffix(ENDING) + ".msgpack"
