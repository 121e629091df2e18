"""Songs in folders: what the commands take where a folder is given as a song."""

import hashlib
import json
import os
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from riffscope.decoding.containers import ENDINGS, KNOWN
from riffscope.errors import CannotRead, RiffscopeError
from riffscope.files import GZIP, open_regular, safe_name

# A saved analysis begins so, and names its song soon after.
_ANALYSIS = re.compile(rb'\s*\{\s*"schema":\s*\d+,\s*"made_by":\s*\{')
_SONG = re.compile(rb'"source":\s*\{\s*"name":\s*("(?:[^"\\]|\\.)*"),\s*"sha256":\s*"([0-9a-f]{64})"')
_HEAD_BYTES = 4096


def songs_in(given: Sequence[str]) -> list[str]:
    """Return songs with those of each folder in its place, sorted, and those of the folders within.

    A song is a file that is called as sound is, or a saved analysis whose song is not in the folder. Hidden files and
    folders are passed over.

    Raises
    ------
    CannotRead
        There is no song in a folder.
    """
    return [song for one in given for song in (_in_folder(Path(one)) if Path(one).is_dir() else [one])]


def _in_folder(folder: Path) -> list[str]:
    files = sorted(_files(folder), key=lambda path: [part.casefold() for part in path.parts])
    sounds = [path for path in files if path.suffix.lower() in ENDINGS]
    saved = [path for path in files if path.suffix.lower() == ".json" and _is_alone(path, sounds)]
    chosen = {*sounds, *saved}
    found = [str(path) for path in files if path in chosen]
    if not found:
        raise CannotRead(f"{folder}: there is no song in this folder (riffscope reads {KNOWN})")
    return found


def songs_below(folder: Path, say: Callable[[str], None] = lambda _: None) -> Iterator[Path]:
    """Give the songs in a folder and in those within, folder by folder, each sorted; however many, none is kept.

    As in `songs_in`, but whether a saved analysis is that of a song beside it is told by its name alone.

    Parameters
    ----------
    say : callable
        Told in a line of each folder that cannot be opened: its songs are left out.
    """
    below = [_songs_and_folders(folder, say)]  # folders may lie deeper in each other than functions may
    while below:
        for path, is_folder in below[-1]:
            if is_folder:
                below.append(_songs_and_folders(path, say))
                break
            yield path
        else:
            below.pop()


def _songs_and_folders(folder: Path, say: Callable[[str], None]) -> Iterator[tuple[Path, bool]]:
    """Give what is to be looked at in a folder, sorted: songs, and folders, which are told from songs."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name.casefold())
    except OSError as why:  # it may not be opened, or has gone since
        say(f"{folder}: cannot be opened: {why.strerror or why} (its songs are left out)")
        return
    names = {entry.name for entry in entries} | {Path(entry.name).stem for entry in entries if _sounds(entry.name)}
    for entry in entries:
        path = Path(entry.path)
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield path, True
        elif _sounds(entry.name) or (path.suffix.lower() == ".json" and path.stem not in names and _song_of(path)):
            yield path, False


def _sounds(name: str) -> bool:
    return Path(name).suffix.lower() in ENDINGS


def _is_alone(path: Path, sounds: Sequence[Path]) -> bool:
    """Tell whether a file is the analysis of a song that is not itself among the sounds."""
    beside = {name for sound in sounds if sound.parent == path.parent for name in (sound.name, sound.stem)}
    song = None if path.stem in beside else _song_of(path)
    if song is None:
        return False
    name, sha256 = song
    return all(sound.name != name or sha256_of(sound) != sha256 for sound in sounds)


def _files(folder: Path) -> Iterator[Path]:
    for above, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if not name.startswith("."):
                yield Path(above) / name


def _song_of(path: Path) -> tuple[str, str] | None:
    """Return the name and the SHA-256 of the song that a file is the analysis of; None where it is none."""
    try:
        with open_regular(path) as file:
            head = file.read(_HEAD_BYTES)
    except (RiffscopeError, OSError):
        return None
    if head.startswith(GZIP):
        try:
            head = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(head, _HEAD_BYTES)
        except zlib.error:
            return None
    found = _SONG.search(head) if _ANALYSIS.match(head) else None
    try:
        return None if found is None else (json.loads(found[1]), found[2].decode())
    except ValueError:  # a name that is no text of JSON
        return None


def name_in_analysis(path: Path) -> str | None:
    """Return the name of the song that a file is the analysis of; None where it is none."""
    found = _song_of(path)
    return None if found is None else found[0]


def saved_beside(song: str) -> str | None:
    """Return the path of a song's saved analysis in its own folder, where there is one of this very file."""
    path = Path(song)
    for name in dict.fromkeys((path.stem, safe_name(path.stem))):
        beside = path.with_name(f"{name}.json")
        found = _song_of(beside)
        if found is not None and found[1] == sha256_of(path):
            return str(beside)
    return None


def sha256_of(path: Path) -> str | None:
    """Return the SHA-256 of a file's bytes in hexadecimal; None where it cannot be read."""
    try:
        with open_regular(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (RiffscopeError, OSError):
        return None
