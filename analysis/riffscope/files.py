"""Files: opened without waiting, written whole or not at all, under names that every system takes."""

import contextlib
import errno
import functools
import io
import itertools
import json
import os
import re
import secrets
import stat
import time
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from riffscope.errors import BadClaim, CannotRead, CannotWrite, one_line

# Names that Windows keeps for devices, whatever their extension.
DEVICE_NAMES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}

# So much of a file is read to find out of which song it is, and how it says so: in words, as JSON and in CSV.
HEAD_BYTES = 1 << 16
_SAYS_SHA256 = re.compile(rb"sha256[^\r\n]{1,60}?\b([0-9a-f]{64})\b")

# The longest text of TOML that is read.
MAX_WRITTEN_BYTES = 16 << 20

# So long a pipe may stay silent before something comes out of it.
PIPE_WAITS_S = 10.0

# What was being written when the power failed, or the program was killed; nobody takes so long.
_HALF, HALVES_S = re.compile(r"\.[0-9a-f]{16}\.part"), 24 * 3600.0

# How a file that gzip compressed begins (RFC 1952).
GZIP = b"\x1f\x8b"

# File systems allow 255 bytes a name, encrypted ones 143; this leaves room for an ending.
MAX_NAME_BYTES = 100


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there when it is whole; its folder is made if need be."""
    with written_beside(path) as beside:
        beside.write_bytes(content)


def open_regular(path: Path) -> io.FileIO:
    """Open a regular file to read. Never waits: a FIFO without a writer would keep an ordinary open waiting for ever.

    Raises
    ------
    CannotRead
        There is no such file, it is none, is empty or may not be opened; the message leaves its name out.
    """
    try:
        _check_regular(path.stat().st_mode)
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        file = io.FileIO(os.open(path, flags))
    except FileNotFoundError:
        if path.is_symlink():
            raise CannotRead("is a link to a file that is not there (give the file itself)") from None
        raise CannotRead("no such file (check the path)") from None
    except PermissionError:
        raise CannotRead("may not be opened (allow reading it)") from None
    except OSError as why:
        raise CannotRead(f"cannot be opened: {why.strerror or why} (check the path)") from None
    except ValueError:  # a NUL in the name
        raise CannotRead("is not a file name (check the path)") from None
    try:
        found = os.fstat(file.fileno())
        _check_regular(found.st_mode)  # it may have been swapped since
        if found.st_size == 0:
            raise CannotRead("is empty (copy or download it again)")
    except CannotRead:
        file.close()
        raise
    return file


def _check_regular(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise CannotRead("is a folder (name a file in it)")
    if not stat.S_ISREG(mode):
        raise CannotRead("is a pipe or a device, not a file (save it to a file first)")


def read_toml(path: Path) -> dict[str, Any]:
    """Read the tables of a file that a user wrote.

    Raises
    ------
    BadClaim
        It cannot be read or is no TOML; says why in one line.
    """
    return parse_toml(read_written(path), name=str(path))


def read_written(path: Path) -> str:
    """Read the text that a user wrote, of a file or of a pipe.

    Raises
    ------
    BadClaim
        It cannot be read, is no text or too long to be written by anybody; says why in one line.
    """
    try:
        with _opened_in_time(path) as file:
            content = file.read(MAX_WRITTEN_BYTES + 1)  # a device may go on for ever
        if len(content) > MAX_WRITTEN_BYTES:
            raise BadClaim(
                f"{path}: is longer than {MAX_WRITTEN_BYTES >> 20} MB (give a file of claims or of measures)"
            )
        return content.decode("utf-8-sig")  # some editors begin a text with a mark of its encoding
    except FileNotFoundError:
        raise BadClaim(f"{path}: no such file (check the path)") from None
    except OSError as why:
        raise BadClaim(f"{path}: cannot be read: {why.strerror}") from why
    except ValueError as why:
        if not isinstance(why, UnicodeDecodeError):  # a NUL in the name
            raise BadClaim(f"{one_line(str(path))}: is not a file name (check the path)") from None
        raise BadClaim(f"{path}: is not UTF-8 text (save it as UTF-8)") from why


def _opened_in_time(path: Path) -> io.FileIO:
    """Open a file, or a pipe that something comes out of: one that nobody writes to would keep us waiting for ever."""
    file = io.FileIO(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)))
    if stat.S_ISFIFO(os.fstat(file.fileno()).st_mode):
        import select

        if not select.select([file], [], [], PIPE_WAITS_S)[0]:
            file.close()
            raise BadClaim(f"{path}: is a pipe, and nothing came out of it in {PIPE_WAITS_S:g} s (give a file)")
        os.set_blocking(file.fileno(), True)
    return file


def parse_toml(text: str, *, name: str) -> dict[str, Any]:
    """Read tables from the text of a file that is called so."""
    try:
        tables = tomllib.loads(text)
        _check_whole_numbers(tables)
        return tables
    except RecursionError:
        raise BadClaim(f"{name}: is not valid TOML: brackets within brackets without end") from None
    except tomllib.TOMLDecodeError as why:
        unquoted = re.search(r"=\s*+[\d.]++\s*+%", text)
        raise BadClaim(f"{name}: is not valid TOML: {why}{' (write percent in quotes)' if unquoted else ''}") from why
    except ValueError as why:
        raise BadClaim(f"{name}: is not valid TOML: a whole number of more than 18 digits") from why


def _check_whole_numbers(content: Any) -> None:
    """Refuse whole numbers beyond the 64 bits that TOML has for them."""
    if isinstance(content, int) and not -(2**63) <= content < 2**63:
        raise ValueError("a whole number of more than 18 digits")
    if isinstance(content, dict | list):
        for one in content.values() if isinstance(content, dict) else content:
            _check_whole_numbers(one)


def toml_table(name: str, content: Mapping[str, Any]) -> str:
    """Write a table as `parse_toml` reads it: texts, numbers, truth values, and lists of these.

    Raises
    ------
    TypeError
        It holds something else.
    """
    rows = (f"{_toml_key(key)} = {_toml_value(one)}\n" for key, one in content.items())
    return f"[{_toml_key(name)}]\n{''.join(rows)}"


def _toml_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _toml_value(key)


def _toml_value(content: Any) -> str:
    if isinstance(content, str):
        # JSON's strings are TOML's, but for the character that deletes.
        return json.dumps(content, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(content, (bool, int, float)):
        return str(content).lower()
    if isinstance(content, (list, tuple)):
        return f"[{', '.join(map(_toml_value, content))}]"
    raise TypeError(f"{type(content).__name__} is not written as TOML")


_INPUTS: ContextVar[frozenset[tuple[int, int]]] = ContextVar("inputs", default=frozenset())


@contextmanager
def never_overwriting(inputs: Iterable[Path]) -> Iterator[None]:
    """While this is open, refuse to write over any of the files that the user gave, by whatever name or link.

    Inputs that do not exist are passed over: whoever reads them says so.
    """
    given = frozenset(identity for path in inputs if (identity := _identity(path)) is not None)
    token = _INPUTS.set(_INPUTS.get() | given)
    try:
        yield
    finally:
        _INPUTS.reset(token)


_REPLACING: ContextVar[bool] = ContextVar("replacing", default=False)


@contextmanager
def replacing(allowed: bool = True) -> Iterator[None]:
    """While this is open, let files that are already there be replaced, where that is allowed; else nothing changes."""
    token = _REPLACING.set(_REPLACING.get() or allowed)
    try:
        yield
    finally:
        _REPLACING.reset(token)


def check_output(path: Path) -> None:
    """Refuse a place that cannot be written to before any work is done for it.

    A file that is already there may be somebody's work: it is replaced only within `replacing`. An empty one, as
    ``mktemp`` makes them, is free.

    Raises
    ------
    CannotWrite
        It names nothing or a folder, is one of the inputs, is there already, or is protected against writing; or its
        folder is, or cannot be made.
    """
    if not path.name or path.is_dir():
        raise CannotWrite(f"{str(path)!r} is a folder, not a file to write (give a file name)")
    if path.parts[0].startswith("~") and not Path(path.parts[0]).exists():
        raise CannotWrite(f"{path}: the shell has left the ~ as it is (write the folder out)")
    if _identity(path) is None:
        _check_folder(path)
    else:
        _check_file(path)


def _check_file(path: Path) -> None:
    """Refuse to write over a file that is one of the inputs, is protected or is somebody's work."""
    identity = _identity(path)
    if identity is None:
        return
    if identity in _INPUTS.get():
        raise CannotWrite(f"{path}: is an input, and would be overwritten (give another output)")
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        return
    # Root may write anything; a file that its owner protected stays all the same.
    if not found.st_mode & 0o222:
        raise CannotWrite(f"{path}: is write-protected (give another output)")
    if found.st_size and not _REPLACING.get():
        raise CannotWrite(f"{path}: already exists (add --force to replace it, or give another output)")


def check_folder(folder: Path) -> None:
    """Refuse a folder for files whose names are not known yet, before any work is done for them.

    Raises
    ------
    CannotWrite
        It is a file, nothing can be written in it, or it cannot be made.
    """
    if folder.exists() and not folder.is_dir():
        raise CannotWrite(f"{folder}: is a file, not a folder (give another output)")
    _check_folder(folder / "any")


def _check_folder(path: Path) -> None:
    """Refuse a file in whose folder nothing can be written, or that cannot be made."""
    target = path.resolve() if path.is_symlink() else path
    try:
        there = next((folder for folder in target.parents if folder.exists()), None)
    except (OSError, ValueError, RuntimeError) as why:
        raise CannotWrite(f"{path}: is not a place to write ({getattr(why, 'strerror', None) or why})") from None
    if there is None:
        return
    if not there.is_dir():
        raise CannotWrite(f"{path}: {there} is a file, not a folder (give another output)")
    if not os.access(there, os.W_OK | os.X_OK):
        raise CannotWrite(f"{path}: nothing can be written in {there} (give another output)")


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what makes a file the same under all its names; None where there is none."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """Give a path beside the wanted one to write to; when that is whole on the disk, it takes the wanted one's place.

    A link stays a link: what it points to is replaced. The file keeps its permissions. A device or a pipe stays what it
    is, and what was written goes into it. Where writing fails, what was there before stays, and nothing else is left.

    Raises
    ------
    CannotWrite
        What is there is to stay, as in `check_output`.
    """
    if not path.name or path.is_dir():
        raise CannotWrite(f"{str(path)!r} is a folder, not a file to write (give a file name)")
    _check_file(path)
    target = path.resolve() if path.is_symlink() else path
    if target.exists() and not target.is_file():
        with _poured_into(target) as beside:
            yield beside
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    _sweep(target.parent)
    beside = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        yield beside
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        if target.exists():
            beside.chmod(stat.S_IMODE(target.stat().st_mode))
        beside.replace(target)
    except OSError as why:
        # The name of the file beside is not one that the user gave.
        if (why.filename is None and why.errno is not None) or str(why.filename) == str(beside):
            why.filename = str(path)
        raise
    finally:
        beside.unlink(missing_ok=True)


@functools.cache
def _sweep(folder: Path) -> None:
    """Remove what an earlier run left half written in a folder when it was killed."""
    before = time.time() - HALVES_S
    with contextlib.suppress(OSError), os.scandir(folder) as found:
        for one in found:
            if _HALF.fullmatch(one.name) and one.is_file(follow_symlinks=False) and one.stat().st_mtime < before:
                Path(one).unlink(missing_ok=True)


@contextmanager
def _poured_into(device: Path) -> Iterator[Path]:
    """Give a path in the folder for temporary files, whose content goes into a device or pipe in the end."""
    import shutil

    if stat.S_ISSOCK(device.stat().st_mode):
        raise OSError(errno.ENXIO, "is a socket", str(device))
    with temporary_folder() as folder:
        beside = folder / "content"
        yield beside
        with beside.open("rb") as content, device.open("wb") as into:
            shutil.copyfileobj(content, into)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Give a folder for files that are gone with it, where the system keeps such.

    Raises
    ------
    CannotWrite
        It cannot be made, or does not take what is written into it.
    """
    import tempfile

    try:
        made = tempfile.TemporaryDirectory(prefix="riffscope-", ignore_cleanup_errors=True)
    except OSError as why:  # it lists where it looked, or names a folder by chance
        raise _no_room(why) from why
    with made as folder:
        try:
            yield Path(folder)
        except OSError as why:
            if str(why.filename).startswith(folder):
                raise _no_room(why) from why
            raise


def _no_room(why: OSError) -> CannotWrite:
    import tempfile

    try:
        where = f"{tempfile.gettempdir()}, the folder for temporary files"
    except OSError:
        return CannotWrite("there is no folder for temporary files (set TMPDIR to one with room)")
    return CannotWrite(f"{where}: {why.strerror or why} (make room there, or set TMPDIR to another)")


def safe_name(text: str, *, otherwise: str = "song") -> str:
    """Turn any text into a file name without ending: letters, digits, ``-`` and ``_`` of any script.

    Examples
    --------
    >>> safe_name("AC/DC: Back in Black?")
    'AC-DC-Back-in-Black'
    >>> safe_name("???", otherwise="song")
    'song'
    """
    kept = "".join(
        c if c in "-_" or unicodedata.category(c)[0] in "LMN" else " " for c in unicodedata.normalize("NFC", text)
    )
    name = re.sub(r"-{2,}", "-", "-".join(kept.split())).strip("-_")
    name = name.encode()[:MAX_NAME_BYTES].decode(errors="ignore").strip("-_")
    if name.lower() in DEVICE_NAMES:
        name = f"{name}-{otherwise}"
    return name or otherwise


def free_name(name: str, taken: set[str]) -> str:
    """Return a file name that this run has not used, and note it as used."""
    chosen, count = name, 1
    while chosen.casefold() in taken:
        count += 1
        chosen = f"{name}-{count}"
    taken.add(chosen.casefold())
    return chosen


def stem_in(folder: Path, name: str, sha256: str, contents: Mapping[str, bytes | None]) -> str:
    """Choose how the files of a song begin in a folder, so that songs of one name have files of their own.

    It is the name alone, or with the first number that no other song has. Files that say of which song they are stay
    with it, and so do those that hold what would be written. What else is there is somebody's work, and left alone
    except within `replacing`. Names that differ in case or in Unicode normal form are one, as on some systems.

    Parameters
    ----------
    folder : Path
        It need not be there.
    name : str
        Of the song.
    sha256 : str
        Of the song's file.
    contents : mapping
        By ending, as in ``loop.wav``: what is to be written; None where that is not known yet.
    """
    stem = safe_name(name)
    pattern = re.compile(rf"{re.escape(_spelled_alike(stem))}(?:-([2-9]|[1-9]\d+))?\.(.+)")
    found: dict[int, dict[str, Path]] = {}
    for path in folder.iterdir() if folder.is_dir() else ():
        if (match := pattern.fullmatch(_spelled_alike(path.name))) and path.is_file():
            found.setdefault(int(match[1] or 1), {})[match[2]] = path
    songs = {number: {sha for file in files.values() if (sha := _sha256_said(file))} for number, files in found.items()}
    own = sorted(number for number, said in songs.items() if said == {sha256})
    free = (
        number
        for number in itertools.count(1)
        if not songs.get(number) and (_REPLACING.get() or _leaves_all(found.get(number, {}), contents))
    )
    chosen = own[0] if own else next(free)
    return stem if chosen == 1 else f"{stem}-{chosen}"


def _spelled_alike(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _sha256_said(path: Path) -> str | None:
    """Return the hash of the song that a file says it was made from, if it does."""
    try:
        with open_regular(path) as file:
            match = _SAYS_SHA256.search(file.read(HEAD_BYTES))
    except (CannotRead, OSError):
        return None
    return match[1].decode() if match else None


def _leaves_all(files: Mapping[str, Path], contents: Mapping[str, bytes | None]) -> bool:
    """Tell whether writing contents would change none of these files; those that are empty may be filled."""
    there = (
        (files[ending], content) for name, content in contents.items() if (ending := _spelled_alike(name)) in files
    )
    return all(path.stat().st_size == 0 or _holds(path, content) for path, content in there)


def _holds(path: Path, content: bytes | None) -> bool:
    return content is not None and path.stat().st_size == len(content) and path.read_bytes() == content
