"""Which files of songs were seen, with the hashes of their bytes: a file that has not changed is not read again.

A batch writes what it saw in parts, so that several batches at once do not write one file; an index puts them together.
Source of the rule that size and time of change tell a file: rsync(1), make(1).
"""

import contextlib
import io
import secrets
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from riffscope.library.heads import SEEN
from riffscope.library.place import Place
from riffscope.library.store import Seen

if TYPE_CHECKING:
    import polars as pl

TOGETHER = f"{SEEN}/files.parquet"
# A part is written after so many files: few enough to lose, enough to be few parts.
PART = 500
# A cluster leaves a part for every few songs, and each takes an address some hundredths of a second.
AT_ONCE, PARTS = 32, 1000


class Files:
    """The files that a library has seen, by their paths.

    Parameters
    ----------
    place : Place
        Of the library.
    remember : bool
        Begin with the files that were seen before; without, all are read.
    """

    def __init__(self, place: Place, *, remember: bool = True) -> None:
        self._place = place
        before = read_seen(place).iter_rows(named=True) if remember else ()
        self._known = {one.path: one for one in map(_as_seen, before)}
        self._new: list[Seen] = []

    def hash_of(self, path: Path) -> str | None:
        """Return the SHA-256 of a file's bytes, read only if it is new or has changed; None where it cannot be read."""
        from riffscope.folders import sha256_of

        try:
            found = path.stat()
        except (OSError, ValueError):
            return None
        name = str(path.absolute())
        known = self._known.get(name)
        if known is not None and (known.size_bytes, known.modified_ns) == (found.st_size, found.st_mtime_ns):
            return known.sha256
        sha256 = sha256_of(path)
        if sha256 is not None:
            self.add(Seen(path=name, size_bytes=found.st_size, modified_ns=found.st_mtime_ns, sha256=sha256))
        return sha256

    def add(self, one: Seen) -> None:
        """Note a file."""
        if not one.path.isprintable() and not is_text(one.path):
            return  # a name that is no text has no place in a table
        self._known[one.path] = one
        self._new.append(one)
        if len(self._new) >= PART:
            self.write()

    def write(self) -> None:
        """Write what is new; where that fails, as on a full disk, those files are read again another time."""
        if self._new:
            with contextlib.suppress(OSError):
                write_part(self._place, self._new)
            self._new = []


def write_part(place: Place, files: Iterable[Seen]) -> None:
    """Write files that were seen as a part of its own."""
    content = io.BytesIO()
    _frame(files).write_parquet(content)
    place.write(f"{SEEN}/{secrets.token_hex(8)}.parquet", content.getvalue())


def read_seen(place: Place) -> "pl.DataFrame":
    """Return all files that were seen: ``path``, ``size_bytes``, ``modified_ns`` and ``sha256``, each path once."""
    import polars as pl

    names = sorted(place.names(SEEN), key=lambda name: name != TOGETHER)
    frame = _frame([])
    with ThreadPoolExecutor(AT_ONCE) as readers:
        for first in range(0, len(names), PARTS):  # many small frames would take ten times the memory of one
            parts = readers.map(lambda name: _read(place, name), names[first : first + PARTS])
            frame = pl.concat([frame, pl.concat(parts, rechunk=True)])
    return frame.unique("path", keep="last", maintain_order=True)


def put_together(place: Place) -> "pl.DataFrame":
    """Make one part of all parts, and return what they hold."""
    names = [name for name in place.names(SEEN) if name != TOGETHER]
    frame = read_seen(place)
    if names:
        content = io.BytesIO()
        frame.write_parquet(content)
        place.write(TOGETHER, content.getvalue())
        with ThreadPoolExecutor(AT_ONCE) as removers:
            list(removers.map(place.remove, names))
    return frame


def _read(place: Place, name: str) -> "pl.DataFrame":
    """Read a part; one that has gone, or is none, holds nothing: its files are read again."""
    import polars as pl

    try:
        frame = pl.read_parquet(io.BytesIO(place.read(name) or b""))
        cast = frame.select(_frame([]).columns).cast(dict(_frame([]).schema))  # type: ignore[arg-type]
        return cast.filter(pl.col("sha256").str.contains("^[0-9a-f]{64}$") & pl.col("path").is_not_null())
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError):
        return _frame([])


def _frame(files: Iterable[Seen]) -> "pl.DataFrame":
    import polars as pl

    schema = {"path": pl.String, "size_bytes": pl.Int64, "modified_ns": pl.Int64, "sha256": pl.String}
    rows = [(one.path, one.size_bytes, one.modified_ns, one.sha256) for one in files]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _as_seen(row: dict[str, object]) -> Seen:
    return Seen(**row)  # type: ignore[arg-type]


def is_text(name: str) -> bool:
    """Tell whether a file's name can be written down: on some systems its bytes may be any."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
