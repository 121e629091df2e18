"""The analyses of a library: a compressed file each, under the hash of its song, with a summary that is read alone.

A file is JSON in two pieces of gzip (RFC 1952 allows several in a row, and every reader of gzip joins them). The first
ends before the measurements and holds all that an index needs, so an index of a library reads some kilobytes a song.
"""

import functools
import gzip
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from riffscope.analyzers.structure import GivenSection, Structure, structure_of
from riffscope.codec import document_of, encode, from_json, unpacked
from riffscope.errors import BadDocument, CannotWrite, RiffscopeError
from riffscope.folders import sha256_of
from riffscope.library.corrections import corrections_of
from riffscope.library.heads import (
    FAILURES,
    FOLDERS,
    PREFERENCES,
    SEEN,
    Head,
    Heads,
    analysis_name,
    check_named,
    copy_name,
    is_hash,
)
from riffscope.library.kept_files import forget_song, kept_file
from riffscope.library.place import LocalPlace
from riffscope.model import Failed, Settings
from riffscope.renewal import due, record_of
from riffscope.song import SongAnalysis, made_by
from riffscope.tables import row_of, scalar_kinds
from riffscope.views.listening_copy import ListeningCopy

PARTS = (*FOLDERS, PREFERENCES, "songs.parquet", "verdicts.parquet", "failures.parquet")


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


class Store(Heads):
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

    def keep(self, song: SongAnalysis) -> None:
        """Write an analysis, in place of an earlier one of the same song."""
        self.place.write(analysis_name(song.source.sha256), pack(song))

    def head(self, sha256: str) -> Head | None:
        """Return what the file of a song says before its measurements; None where there is no analysis of it.

        Raises
        ------
        BadDocument
            Its file is damaged.
        """
        head = self.written_head(sha256)
        if head is not None:
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
        return head is not None and not due(head.record, self.corrected(sha256, settings))

    def corrected(self, sha256: str, settings: Settings) -> Settings:
        """Return what a song is measured with: what its user corrected by hand overrules what is heard."""
        found = corrections_of(self.place, sha256)
        if found is None:
            return settings
        return replace(
            settings,
            tempo_bpm=found.tempo_bpm,
            beats_per_bar=found.beats_per_bar,
            downbeat_s=found.downbeat_s,
            sections=found.sections_name,
        )

    def given_structure(self, sha256: str) -> Structure | None:
        """Return the sections of a song as its user named them; None where they were not corrected."""
        found = corrections_of(self.place, sha256)
        if found is None or not found.sections:
            return None
        return structure_of(GivenSection(start_s=s.start_s, end_s=s.end_s, name=s.name) for s in found.sections)

    # --------------------------------------------------------------------------------------------- copies, files
    def keep_copy(self, sha256: str, copy: ListeningCopy) -> None:
        """Keep a small copy of a song to listen to."""
        self.place.write(copy_name(sha256), msgspec.msgpack.encode(copy))

    def has_copy(self, sha256: str) -> bool:
        """Tell whether there is a copy of a song to listen to."""
        return self.place.read(copy_name(sha256), 1) is not None

    def copy(self, sha256: str) -> ListeningCopy | None:
        """Return the copy of a song to listen to; None where there is none."""
        try:
            content = self.place.read(copy_name(sha256))
            return None if content is None else msgspec.msgpack.decode(content, type=ListeningCopy)
        except (msgspec.DecodeError, OSError):
            return None  # damaged: the song can be dropped again

    def file_of(self, sha256: str) -> Path | None:
        """Return where the song itself is: kept in the library, or where a batch saw it, if it is still that song."""
        kept = kept_file(self.place, sha256)
        if kept is not None or next(self.place.names(SEEN), None) is None:
            return kept
        from riffscope.library.seen import read_seen

        seen = read_seen(self.place)
        for path in seen.filter(seen["sha256"] == sha256)["path"].to_list():
            if sha256_of(Path(path)) == sha256:
                return Path(path)
        return None

    def forget(self, sha256: str) -> None:
        """Delete all that there is of a song: its analysis, copy, file and corrections."""
        forget_song(self.place, sha256)

    def read(self, sha256: str) -> SongAnalysis | None:
        """Return the analysis of a song; None where there is none.

        Raises
        ------
        BadDocument
            Its file is damaged, or of a later schema.
        """
        name = analysis_name(sha256)
        content = self.content(name)
        if content is None:
            return None
        song = from_json(unpacked(content, name=name), name=name)
        check_named(name, sha256, song.source.sha256)
        return song

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


def _failure_name(path: str, sha256: str | None) -> str:
    """Name a failure by the bytes of its file, or by its path where these could not be read."""
    by_path = f"path-{hashlib.sha256(path.encode(errors='surrogateescape')).hexdigest()}"
    key = sha256 if sha256 and is_hash(sha256) else by_path
    return f"{FAILURES}/{key}.json"
