"""Arrays as long as a long song: in a file that the system reads and writes, and not in memory.

An hour of stereo takes 1.3 GB as float32, its vocals as much again, and each mono copy 0.2 to 0.3 GB. Arrays of that
size are mapped from a temporary file without a name, which is gone when the last of them is dropped, or the process
ends, however it ends. What is read or written of them the system keeps as long as nobody else needs the memory. It
counts to this process too until it is let go of, which a thread does many times a second. Where there is no room on the
disk, or no such file can be had, they lie in memory as others do.
"""

import contextlib
import errno
import math
import mmap
import os
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from riffscope.arrays import Float32s

# Smaller arrays lie in memory: of stereo at 44.1 kHz what lasts up to 3.2 minutes. Chosen by hand.
LONG_BYTES = 64 << 20
# Of the room on the disk so much is left to others.
LEFT_FREE_BYTES = 1 << 30
# In this time a processor reads 100 MB at most.
LET_GO_S = 0.005
# Where it stays on the disk: the folder for temporary files may itself lie in memory. The user's word goes before it.
ON_DISK = Path("/var/tmp")  # noqa: S108 - a file without a name, which nobody else can open
CHOSEN_BY_USER = ("TMPDIR", "TEMP", "TMP")

_mapped: "weakref.WeakSet[mmap.mmap]" = weakref.WeakSet()
_lock = threading.Lock()
_watched = False


def empty(shape: tuple[int, ...]) -> Float32s:
    """Make an array of floats to be filled: where it is long, in a file."""
    mapping = _map(4 * math.prod(shape))
    return np.empty(shape, np.float32) if mapping is None else np.ndarray(shape, np.float32, buffer=mapping)


def zeros(shape: tuple[int, ...]) -> Float32s:
    """Make an array of zeros: where it is long, in a file."""
    mapping = _map(4 * math.prod(shape))
    return np.zeros(shape, np.float32) if mapping is None else np.ndarray(shape, np.float32, buffer=mapping)


def copied(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Copy an array: one of floats that is long, into a file."""
    if array.dtype != np.float32:
        return array.copy()
    copy = empty(array.shape)
    copy[...] = array
    return copy


def cut(samples: Float32s, count: int) -> Float32s:
    """Return the first samples of an array, (n,), that was made here and is seen nowhere else; the rest is given up."""
    if isinstance(samples.base, mmap.mmap):
        return np.ndarray((count,), np.float32, buffer=samples.base)
    samples.resize(count, refcheck=False)  # in place
    return samples


@dataclass(frozen=True, kw_only=True)
class PutAside:
    """An array that waits in a file until it is wanted."""

    file: BinaryIO
    at: int
    shape: tuple[int, ...]

    def fetch(self) -> Float32s:
        """Read it.

        Raises
        ------
        OSError
            The disk fails.
        """
        array = np.empty(self.shape, np.float32)
        self.file.seek(self.at)
        if self.file.readinto(array.data.cast("B")) < array.nbytes:  # type: ignore[attr-defined]
            raise OSError(errno.EIO, "a temporary file is shorter than it was")
        return array


class Aside:
    """A file that arrays are put into, one behind the other, while more of them come.

    It is made when it is needed, and gone with this: what was put into it cannot be fetched later.
    """

    def __init__(self) -> None:
        self._file: BinaryIO | None = None
        self._end = 0
        self._full = False

    def put(self, array: Float32s) -> Float32s | PutAside:
        """Put an array aside; return it as it is where the disk has no room."""
        if self._full:
            return array
        try:
            if self._file is None:
                self._file = next(_files(LONG_BYTES))
                weakref.finalize(self, self._file.close)
            self._file.seek(self._end)
            self._file.write(np.ascontiguousarray(array).data.cast("B"))
            self._file.flush()
        except (OSError, StopIteration):
            self._full = True
            return array
        aside = PutAside(file=self._file, at=self._end, shape=array.shape)
        self._end += array.nbytes
        return aside


def owns(array: npt.NDArray[Any]) -> bool:
    """Tell whether nothing else holds what an array holds: it is no part of another one."""
    return array.base is None or isinstance(array.base, mmap.mmap)


def _map(size_bytes: int) -> mmap.mmap | None:
    """Return so many zeros in a file, or None where they are few or there is no room for them."""
    if size_bytes < LONG_BYTES:
        return None
    for file in _files(size_bytes):
        with contextlib.suppress(OSError, ValueError), file:
            _fill(file, size_bytes)
            mapping = mmap.mmap(file.fileno(), size_bytes)
            _watch(mapping)
            return mapping
    return None


def _files(size_bytes: int) -> Iterator[BinaryIO]:
    """Give a file without a name in each folder that has room for so much, the best first."""
    for folder in _folders():
        with contextlib.suppress(OSError):
            if shutil.disk_usage(folder).free >= size_bytes + LEFT_FREE_BYTES:
                yield tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by whoever takes it


def _folders() -> list[str]:
    asked_for = any(os.environ.get(name) for name in CHOSEN_BY_USER)
    with contextlib.suppress(OSError):
        usual = tempfile.gettempdir()
        return [usual] if asked_for or not ON_DISK.is_dir() else [str(ON_DISK), usual]
    return []


def _fill(file: BinaryIO, size_bytes: int) -> None:
    """Take the room on the disk now: to run out of it in a mapping would kill the process."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, size_bytes)
        return
    nothing = bytes(1 << 20)
    file.writelines(nothing[: size_bytes - done] for done in range(0, size_bytes, len(nothing)))
    file.flush()


def _watch(mapping: mmap.mmap) -> None:
    """Begin to let go of what is read and written of a mapping, until it is dropped."""
    global _watched  # noqa: PLW0603 - one thread watches all of them
    if not hasattr(mmap, "MADV_DONTNEED"):
        return
    with _lock:
        _mapped.add(mapping)
        if not _watched:
            threading.Thread(target=_keep_letting_go, name="riffscope-pages", daemon=True).start()
            _watched = True


def let_go() -> bool:
    """Let go of what was read and written of long arrays, for now; tell whether there are any."""
    if not _mapped:
        return False
    with _lock:
        held = list(_mapped)
    for mapping in held:
        # The file keeps what was written: it is read again where it is asked for.
        mapping.madvise(mmap.MADV_DONTNEED)
    return bool(held)


def _keep_letting_go() -> None:
    global _watched  # noqa: PLW0603
    while True:
        time.sleep(LET_GO_S)
        if let_go():
            continue
        with _lock:
            if not _mapped:
                _watched = False
                return
