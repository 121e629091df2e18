"""Features of labelled songs: read through the package once, and kept, so that fitting again takes seconds."""

import ast
import dataclasses
import functools
import hashlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

import riffscope
from riffscope.choices import Separator
from riffscope.errors import CannotMeasure, CannotRead, NotMeasured
from riffscope.load import load
from riffscope.model import Audio, Settings
from riffscope.song import SongRun, make
from training.common.songs import Song, named

F = TypeVar("F")


@dataclass(frozen=True, kw_only=True)
class Known(Generic[F]):
    """A song and its features: a dataclass of arrays."""

    song: Song
    features: F


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """A folder of features, one ``.npz`` for each song and kind of features.

    Attributes
    ----------
    fresh : bool
        Read everything anew.
    """

    folder: Path
    fresh: bool = False

    def gather(
        self, kind: type[F], songs: Sequence[Song], read: Callable[[Song], F | None], *, of: str
    ) -> list[Known[F]]:
        """Return the features of the songs that have them.

        Parameters
        ----------
        kind : type
            A dataclass of arrays.
        read : callable
            Makes them from a song; None, or `NotMeasured`, where the song is not labelled or not heard.
        of : str
            What they are called, and by which settings they were made: part of the file's name.
        """
        known = []
        for name, song in named(songs):
            _tell(f"{of}: {name}")
            features = self._keep(kind, song, read, of)
            if features is not None:
                known.append(Known(song=song, features=features))
        _tell("")
        return known

    def _keep(self, kind: type[F], song: Song, read: Callable[[Song], F | None], of: str) -> F | None:
        file = self.folder / of / f"{song.name}.npz"
        stamp = _stamp(song)
        if file.exists() and not self.fresh:
            with np.load(file) as kept:
                if str(kept["stamp"]) == stamp:
                    held = {name: kept[name] for name in kept.files if name != "stamp"}
                    return kind(**held) if held else None
        try:
            features = read(song)
        except (NotMeasured, CannotMeasure, CannotRead) as why:
            _tell("")
            print(f"{song.name}: left out: {why}", file=sys.stderr)
            features = None
        arrays = {} if features is None else _arrays(features)
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(file, stamp=np.array(stamp), **arrays)
        return features


def run(song: Song, wanted: Sequence[type], *, separator: Separator = "auto", audio: Audio | None = None) -> SongRun:
    """Make results and views of a song."""
    return make(audio or load(song.item.path), wanted, settings=Settings(separator=separator))


def _tell(text: str) -> None:
    """Show on a terminal what is being read, in place of what was."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def _arrays(features: Any) -> dict[str, Any]:
    return {field.name: np.asarray(getattr(features, field.name)) for field in dataclasses.fields(features)}


def _stamp(song: Song) -> str:
    """Return what features depend on: the package's code, the sound, and what is known of it."""
    status = song.item.path.stat()
    truth = (song.item.truth, sorted(song.item.kinds))
    text = f"{code_digest()} {status.st_size} {status.st_mtime_ns} {truth!r}"
    return hashlib.sha256(text.encode()).hexdigest()


@functools.cache
def code_digest() -> str:
    """Return a digest of the package's own code, but for comments: features made by other code are made anew."""
    digest = hashlib.sha256()
    for file in sorted(Path(riffscope.__file__).parent.rglob("*.py")):
        digest.update(ast.dump(ast.parse(file.read_bytes())).encode())
    return digest.hexdigest()
