"""Songs themselves, kept in a library of this file system where their user wants that: each with its vocal stem.

What arrives at the local page lies there too, until it is measured.
"""

import shutil
from pathlib import Path
from typing import Literal

from riffscope.library.corrections import correct
from riffscope.library.heads import FILES, analysis_name, copy_name, is_hash
from riffscope.library.place import LocalPlace, Place

Kind = Literal["song", "vocals"]


def kept_file(place: Place, sha256: str, kind: Kind = "song") -> Path | None:
    """Return where the file of a song, or its stem, is kept; None where it is not."""
    folder = _folder(place, sha256)
    path = None if folder is None else folder / kind
    return path if path is not None and path.is_file() else None


def keep_file(place: LocalPlace, sha256: str, file: Path, kind: Kind = "song") -> None:
    """Move a file into the library, in place of the one that was kept of the song."""
    folder = _folder(place, sha256)
    if folder is None:
        raise ValueError(f"not the hash of a song: {sha256!r}")
    folder.mkdir(parents=True, exist_ok=True)
    file.replace(folder / kind)


def forget_files(place: Place, sha256: str) -> None:
    """Delete what is kept of a song."""
    folder = _folder(place, sha256)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def forget_song(place: Place, sha256: str) -> None:
    """Delete all that a library has of a song: its analysis, copy, file and corrections."""
    correct(place, sha256, None)
    forget_files(place, sha256)
    place.remove(copy_name(sha256))
    place.remove(analysis_name(sha256))


def _folder(place: Place, sha256: str) -> Path | None:
    """Return the folder of a song; what is no hash names none, as it could lead anywhere on this machine."""
    return place.folder / FILES / sha256 if isinstance(place, LocalPlace) and is_hash(sha256) else None
