"""Where packages that keep something between runs can keep it: they fail where neither of their own places will do.

numba compiles functions of librosa and keeps them beside its files, or else in the user's cache folder. Where it is
installed read-only for a user without a home, as in a container, it refuses to work at all.
"""

import functools
import importlib.util
import os
import tempfile
from pathlib import Path

# Where numba then keeps what it compiled (its documentation, "Environment variables").
NUMBA_CACHE = "NUMBA_CACHE_DIR"


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
