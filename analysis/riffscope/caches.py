"""What is kept between runs: arrays that are the same for every song, and what numba compiles.

librosa makes the arrays. It takes half a second to import, a twentieth of measuring a song, and 80 MB: so they are made
once, kept in the user's cache folder, and made anew where they cannot be kept or read.

numba compiles functions of librosa and keeps them beside its files, or else in the user's cache folder. Where it is
installed read-only for a user without a home, as in a container, it refuses to work at all.
"""

import contextlib
import functools
import hashlib
import importlib.util
import io
import os
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from riffscope.errors import CannotRead, CannotWrite
from riffscope.files import open_regular, replacing, write_atomically

# Where numba then keeps what it compiled (its documentation, "Environment variables").
NUMBA_CACHE = "NUMBA_CACHE_DIR"
# Numbers may differ in their last digit with another version of these.
_MAKERS = ("librosa", "numpy")


def kept_array(
    name: str, make: Callable[[], npt.NDArray[Any]], *, shape: tuple[int, ...], dtype: npt.DTypeLike
) -> npt.NDArray[Any]:
    """Return an array that librosa makes, as it was kept; it is made, and kept, where there is none.

    Parameters
    ----------
    name : str
        Says what it is, with all that it depends on but the versions of librosa and numpy.
    make : callable
        Makes the array, of this shape and type, with `librosa` imported in it.
    """
    path = _kept_at(name)
    found = None if path is None else _read(path)
    if found is not None and found.shape == shape and found.dtype == dtype:
        return found
    make_room()
    made = make()
    if path is not None:
        # A full disk, a folder that may not be written to: it is made anew the next time.
        with contextlib.suppress(OSError, CannotWrite), replacing():
            write_atomically(path, _packed(made))
    return made


def _kept_at(name: str) -> Path | None:
    """Return where an array is kept; None where there is no home."""
    import platformdirs

    folder = platformdirs.user_cache_path("riffscope", appauthor=False)
    made_by = "-".join(f"{maker}{version(maker)}" for maker in _MAKERS)
    return folder / f"{name}-{made_by}.npy" if folder.is_absolute() else None


def _packed(array: npt.NDArray[Any]) -> bytes:
    """Write an array as NumPy does, followed by the SHA-256 of that."""
    content = io.BytesIO()
    np.lib.format.write_array(content, array, allow_pickle=False)
    return content.getvalue() + hashlib.sha256(content.getvalue()).digest()


def _read(path: Path) -> npt.NDArray[Any] | None:
    """Read an array that was kept; None where there is none, or it is damaged."""
    try:
        with open_regular(path) as file:
            packed = file.read()
        content, digest = packed[: -hashlib.sha256().digest_size], packed[-hashlib.sha256().digest_size :]
        if hashlib.sha256(content).digest() != digest:
            return None
        found: npt.NDArray[Any] = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    except (OSError, ValueError, CannotRead):
        return None
    return found if np.isfinite(found).all() else None


@functools.cache
def make_room() -> None:
    """Let numba keep what it compiles in the folder for temporary files, where it could keep it nowhere else."""
    if os.environ.get(NUMBA_CACHE):
        return
    import platformdirs

    spec = importlib.util.find_spec("librosa")
    beside = Path(spec.origin).parent / "core" / "__pycache__" if spec is not None and spec.origin else Path()
    if _can_write(beside) or _can_write(platformdirs.user_cache_path("numba", appauthor=False)):
        return
    user = getattr(os, "getuid", lambda: "")()
    os.environ[NUMBA_CACHE] = str(Path(tempfile.gettempdir()) / f"riffscope-numba-{user}")


def _can_write(folder: Path) -> bool:
    """Tell whether files can be made in a folder, which is made if need be: by making one."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
