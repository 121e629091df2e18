"""Where a library is: a folder of this machine, or an address such as ``s3://bucket/songs`` that fsspec knows.

Conventions: names within a place are relative, with ``/`` between their parts. Nothing is ever seen half written.
"""

import contextlib
import errno
import io
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from riffscope.errors import RiffscopeError
from riffscope.files import replacing, write_atomically

# An address names how it is reached; a single letter is a drive.
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
# What is being written, as `riffscope.files.written_beside` calls it; nobody takes so long.
_HALF, HALVES_S = f".{'[0-9a-f]' * 16}.part", 24 * 3600.0
# Where what is put is there whole or not at all, without being moved.
_PUT_WHOLE = {"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "memory"}


class Place(Protocol):
    """A place that holds files by name."""

    @property
    def address(self) -> str:
        """What opens this place again, from any folder."""

    def read(self, name: str, first: int | None = None) -> bytes | None:
        """Return the content of a file, or so many of its first bytes; None where there is none."""

    def write(self, name: str, content: bytes) -> None:
        """Write a file, whole or not at all, in place of the one that may be there."""

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""

    def names(self, folder: str) -> Iterator[str]:
        """Give the names of all files in a folder and in those within, sorted within each."""

    def is_empty(self) -> bool:
        """Tell whether nothing is there yet."""


def open_place(address: str | os.PathLike[str]) -> Place:
    """Open a place by its address; nothing is made there.

    Raises
    ------
    RiffscopeError
        It is a file, or what reaches such an address is not installed.
    """
    given = os.fspath(address)
    if _ADDRESS.match(given):
        return RemotePlace(given)
    if not given:
        raise RiffscopeError("an empty path names no library (give a folder)")
    folder = Path(given)
    try:
        str(folder.absolute()).encode()
    except UnicodeEncodeError:  # workers are told of it in JSON
        raise RiffscopeError(f"{given}: the name of this folder is no text (rename it, or give another)") from None
    if folder.exists() and not folder.is_dir():
        raise RiffscopeError(f"{given}: is a file, not the folder of a library (give a folder)")
    return LocalPlace(folder)


class LocalPlace:
    """A folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def address(self) -> str:
        """The folder, from the root on."""
        return str(self.folder.absolute())

    def read(self, name: str, first: int | None = None) -> bytes | None:
        """Return the content of a file, or so many of its first bytes; None where there is none."""
        try:
            # A FIFO without a writer would keep an ordinary open waiting for ever.
            opened = os.open(self.folder / name, _READ)
        except FileNotFoundError:
            return None
        try:
            if not stat.S_ISREG(os.fstat(opened).st_mode):
                raise OSError(errno.EINVAL, "is not a file", str(self.folder / name))
            with io.FileIO(opened, closefd=False) as file:
                return file.read(-1 if first is None else first)
        finally:
            os.close(opened)

    def write(self, name: str, content: bytes) -> None:
        """Write a file beside its place, and move it there."""
        with replacing():
            write_atomically(self.folder / name, content)

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        (self.folder / name).unlink(missing_ok=True)

    def names(self, folder: str) -> Iterator[str]:
        """Give the names of all files in a folder and in those within, sorted within each."""
        try:
            with os.scandir(self.folder / folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except FileNotFoundError:
            return
        for entry in entries:
            if entry.name.startswith("."):  # those are being written
                continue
            if entry.is_dir(follow_symlinks=False):  # links may go round in a circle
                yield from self.names(f"{folder}/{entry.name}")
            else:
                yield f"{folder}/{entry.name}"

    def remove_halves(self) -> None:
        """Remove files that somebody began to write and was killed over, long ago."""
        before = time.time() - HALVES_S
        for path in (
            *self.folder.glob(_HALF),
            *self.folder.glob(f"*/{_HALF}"),
            *self.folder.glob(f"analyses/*/{_HALF}"),
        ):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < before:
                    path.unlink()

    def is_empty(self) -> bool:
        """Tell whether no file is there yet. A batch that was killed may have left folders."""
        return next(self.names("."), None) is None


class RemotePlace:
    """An address that fsspec knows."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        try:
            import fsspec
        except ImportError:
            raise RiffscopeError(f"{address}: needs fsspec (pip install 'riffscope[cluster]')") from None
        try:
            self._files, self._root = fsspec.core.url_to_fs(self.address)
        except (ImportError, ValueError) as why:
            raise RiffscopeError(f"{address}: cannot be opened: {why}") from why

    def read(self, name: str, first: int | None = None) -> bytes | None:
        """Return the content of a file, or so many of its first bytes; None where there is none."""
        try:
            content: bytes = self._files.cat_file(self._path(name), start=None if first is None else 0, end=first)
        except FileNotFoundError:
            return None
        return content

    def write(self, name: str, content: bytes) -> None:
        """Write a file, beside its place first where it could else be seen half written."""
        path = self._path(name)
        if self._protocols & _PUT_WHOLE:
            self._files.pipe_file(path, content)
            return
        above = path.rpartition("/")[0]
        beside = f"{above}/.{secrets.token_hex(8)}.part"
        self._files.makedirs(above, exist_ok=True)
        try:
            self._files.pipe_file(beside, content)
            self._files.mv(beside, path)
        except BaseException:
            if self._files.exists(beside):
                self._files.rm_file(beside)
            raise

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        try:
            self._files.rm_file(self._path(name))
        except FileNotFoundError:
            return

    def names(self, folder: str) -> Iterator[str]:
        """Give the names of all files in a folder and in those within, sorted within each."""
        try:
            entries: list[dict[str, Any]] = self._files.ls(self._path(folder), detail=True)
        except FileNotFoundError:
            return
        for entry in sorted(entries, key=lambda entry: str(entry["name"])):
            name = f"{folder}/{entry['name'].rstrip('/').rpartition('/')[2]}"
            if entry["type"] == "directory":
                yield from self.names(name)
            elif not name.rpartition("/")[2].startswith("."):
                yield name

    def is_empty(self) -> bool:
        """Tell whether nothing is there yet."""
        try:
            return not self._files.ls(self._root, detail=False)
        except FileNotFoundError:
            return True

    @property
    def _protocols(self) -> set[str]:
        named = self._files.protocol
        return {named} if isinstance(named, str) else set(named)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"
