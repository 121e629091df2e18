"""Files of a song: named after it, with a number where another song has its name, and written all or none."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from riffscope.files import check_output, stem_in, write_atomically
from riffscope.model import Source


def write_song_files(source: Source, folder: Path, contents: Mapping[str, bytes]) -> list[Path]:
    """Write files by their endings, ``{"beats.txt": ...}`` as ``NAME.beats.txt``, and return their paths.

    Raises
    ------
    CannotWrite
        One of them is there already; then none is written.
    """
    stem = stem_in(folder, Path(source.name).stem, source.sha256, contents)
    paths = _checked(folder, stem, contents)
    for path, content in zip(paths, contents.values(), strict=True):
        write_atomically(path, content)
    return paths


def song_paths(source: Source, folder: Path, endings: Iterable[str]) -> list[Path]:
    """Return where files of a song are to be written that are made only then. They have to say what they are made from.

    Raises
    ------
    CannotWrite
        One of them is there already.
    """
    contents = dict.fromkeys(endings)
    return _checked(folder, stem_in(folder, Path(source.name).stem, source.sha256, contents), contents)


def _checked(folder: Path, stem: str, endings: Iterable[str]) -> list[Path]:
    paths = [folder / f"{stem}.{ending}" for ending in endings]
    for path in paths:
        check_output(path)
    return paths


def made_from(source: Source) -> str:
    """Say in a file of which song it is, as `riffscope.files.stem_in` reads it."""
    return f"made by riffscope from the file with sha256:{source.sha256}"
