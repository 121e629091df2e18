"""The tables of a library, as Parquet: its songs, the verdicts on them, and what there is no analysis of.

They are made from the analyses, which alone are the truth, and can be made anew at any time. In ``songs.parquet`` each
column says of itself, in the metadata of its field (Apache Arrow), what it is and in which unit.
"""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from riffscope.errors import BadDocument, RiffscopeError, one_line
from riffscope.files import temporary_folder
from riffscope.library.heads import Head
from riffscope.library.place import LocalPlace, Place
from riffscope.library.seen import put_together
from riffscope.library.store import Failure, Store, with_present_columns
from riffscope.library.table_file import writing
from riffscope.song import made_by
from riffscope.tables import scalar_kinds, scalars

if TYPE_CHECKING:
    import polars as pl

T = TypeVar("T")

SONGS, VERDICTS, FAILURES = "songs.parquet", "verdicts.parquet", "failures.parquet"
# So many songs are held in memory at a time.
CHUNK = 4000
# So many files are read at a time: from a disk, and from an address, where each takes its time to come.
READERS, REMOTE_READERS = 4, 64
# Whoever makes the tables waits for another who does, so long.
LOCK_S = 600.0
# That it waits is said after a moment: most tables are made in less.
SAID_AFTER_S = 3.0

_SOURCE: Mapping[str, tuple[type, str]] = {
    "sha256": (str, "The hash of the song's file, which names its analysis"),
    "title": (str, "From its tags, or the name of its file"),
    "artist": (str, "From its tags"),
    "album": (str, "From its tags"),
    "year": (int, "From its tags"),
    "file": (str, "The name of its file"),
    "duration_s": (float, "How long it lasts"),
    "status": (str, "partial where only part of the file could be decoded"),
    "warnings": (str, "What was wrong with its file and did no harm"),
    "failed": (str, "Measurements that riffscope broke down on"),
}
_VERDICTS = ("sha256", "claim", "text", "ruling", "leaning", "probability", "because")
_FAILURES = ("path", "sha256", "kind", "reason", "tries", "riffscope")


@dataclass(frozen=True, kw_only=True)
class Indexed:
    """What the tables of a library hold.

    Attributes
    ----------
    songs, verdicts, failures : int
        How many rows each has.
    damaged : tuple of str
        Of which analyses nothing could be read, a line each.
    """

    songs: int
    verdicts: int
    failures: int
    damaged: tuple[str, ...] = ()


def make_index(
    store: Store,
    progress: Callable[[int], None] = lambda _: None,
    say: Callable[[str], None] = lambda _: None,
) -> Indexed:
    """Make the tables of a library anew.

    Parameters
    ----------
    progress : callable
        Told how many songs have been read.
    say : callable
        Told in a line where another command has to end first.
    """
    damaged: list[str] = []
    with one_at_a_time(store.place, say), temporary_folder() as folder:
        if isinstance(store.place, LocalPlace):
            store.place.remove_halves()
        seen = put_together(store.place)
        paths = _paths(seen)
        counted = {SONGS: 0, VERDICTS: 0}
        for number, heads in enumerate(_in_chunks(_heads(store, damaged, progress))):
            for name, frame in ((SONGS, songs_frame(heads)), (VERDICTS, _verdicts(heads))):
                counted[name] += frame.height
                _write(frame, folder / f"{name}-{number:06}")
        for name, empty in ((SONGS, songs_frame(())), (VERDICTS, _verdicts(()))):
            _write(empty, folder / f"{name}-none")
        songs = _scan(folder, SONGS).join(paths.lazy(), on="sha256", how="left", maintain_order="left")
        columns = list(_SOURCE)
        ordered = songs.select([*columns[:5], "path", *columns[5:], *scalar_kinds()])
        _put(store.place, SONGS, ordered, _described())
        _put(store.place, VERDICTS, _scan(folder, VERDICTS), {})
        failures = _failures(list(_present_failures(store, seen)))
        _put(store.place, FAILURES, failures.lazy(), {})
    return Indexed(songs=counted[SONGS], verdicts=counted[VERDICTS], failures=failures.height, damaged=tuple(damaged))


def read_table(store: Store, name: str) -> "pl.DataFrame":
    """Return a table of a library.

    Raises
    ------
    RiffscopeError
        It has not been made yet.
    """
    import io

    import polars as pl

    content = store.place.read(name)
    if content is None:
        raise RiffscopeError(f"{store.place.address}: has no {name} yet (riffscope index LIB makes it)")
    try:
        return pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as why:
        raise RiffscopeError(f"{name}: is damaged: {one_line(str(why))} (riffscope index LIB makes it anew)") from why


@contextlib.contextmanager
def one_at_a_time(place: Place, say: Callable[[str], None] = lambda _: None) -> Iterator[None]:
    """While this is open, nobody else on this file system makes the tables of the library; `say` is told of waiting."""
    if not isinstance(place, LocalPlace):
        yield
        return
    from filelock import FileLock, Timeout

    place.folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(place.folder / ".index.lock")
    try:
        try:
            lock.acquire(timeout=SAID_AFTER_S)
        except Timeout:
            say(f"{place.folder}: another command makes its tables; waiting for it to end")
            lock.acquire(timeout=LOCK_S)
    except Timeout:
        raise RiffscopeError(f"{place.folder}: its tables are being made by another command (try later)") from None
    try:
        yield
    finally:
        lock.release()


def _heads(store: Store, damaged: list[str], progress: Callable[[int], None]) -> Iterator[Head]:
    """Give what an index needs of each song, in order; several are read at a time, so that none waits for the disk."""

    def read(sha256: str) -> Head | BadDocument | None:
        try:
            head = store.head(sha256)
            return None if head is None else with_present_columns(head, store)
        except BadDocument as why:
            return why

    number = 0
    with ThreadPoolExecutor(READERS if isinstance(store.place, LocalPlace) else REMOTE_READERS) as readers:
        for hashes in _in_chunks(store.hashes()):
            for found in readers.map(read, hashes):
                number += 1
                progress(number)
                if isinstance(found, BadDocument):
                    damaged.append(str(found))
                elif found is not None:
                    yield found


def _in_chunks(many: Iterator[T]) -> Iterator[list[T]]:
    while chunk := list(islice(many, CHUNK)):
        yield chunk


def songs_frame(heads: Sequence[Head]) -> "pl.DataFrame":
    """Return the table of some songs, a row each, as it is in ``songs.parquet`` but for where their files were seen."""
    columns: dict[str, Sequence[Any]] = {
        "sha256": [head.source.sha256 for head in heads],
        "title": [head.source.tags.title or Path(head.source.name).stem for head in heads],
        "artist": [head.source.tags.artist for head in heads],
        "album": [head.source.tags.album for head in heads],
        "year": [_year(head.source.tags.year) for head in heads],
        "file": [head.source.name for head in heads],
        "duration_s": [head.source.duration_s for head in heads],
        "status": [head.source.status for head in heads],
        "warnings": ["; ".join(head.source.warnings) or None for head in heads],
        "failed": [", ".join(head.summary.failed) or None for head in heads],
    }
    kinds = {name: kind for name, (kind, _) in _SOURCE.items()} | dict(scalar_kinds())
    rows = [head.summary.row for head in heads]
    columns |= {name: [row.get(name) for row in rows] for name in scalar_kinds()}
    return _frame(columns, kinds)


def _year(tagged: str | None) -> int | None:
    """Read the year that a tag begins with, as in ``2013-05-01``."""
    year = (tagged or "")[:4]
    return int(year) if len(year) == 4 and year.isascii() and year.isdecimal() else None


def _verdicts(heads: Sequence[Head]) -> "pl.DataFrame":
    rows = [(head.source.sha256, one) for head in heads for one in head.verdicts]
    columns: dict[str, list[Any]] = {"sha256": [sha256 for sha256, _ in rows]}
    columns |= {name: [getattr(one, name) for _, one in rows] for name in _VERDICTS[1:]}
    return _frame(columns, dict.fromkeys(_VERDICTS, str) | {"probability": float})


def _failures(failures: Sequence[Failure]) -> "pl.DataFrame":
    columns = {name: [getattr(one, name) for one in failures] for name in _FAILURES}
    return _frame(columns, dict.fromkeys(_FAILURES, str) | {"tries": int}).sort("path")


def _present_failures(store: Store, seen: "pl.DataFrame") -> Iterator[Failure]:
    """Give the songs that there is no analysis of; forget those whose files hold something else by now."""
    present = dict(seen.select("path", "sha256").iter_rows())
    for failure in store.failures():
        now = present.get(failure.path, failure.sha256)
        if now == failure.sha256 or (failure.sha256 is None and not _was_read(store, failure.path, str(now))):
            yield failure
        else:
            store.forget_failure(failure.path, failure.sha256)


def _was_read(store: Store, path: str, sha256: str) -> bool:
    """Tell whether a file that could not be read was read at another time: it was measured, or failed by its bytes."""
    return store.holds(sha256) or store.failure(path, sha256) is not None


def _frame(columns: Mapping[str, Sequence[Any]], kinds: Mapping[str, type]) -> "pl.DataFrame":
    import polars as pl

    types = {float: pl.Float64, int: pl.Int64, str: pl.String}
    return pl.DataFrame(
        {name: pl.Series(name, columns[name], types[kind], strict=False) for name, kind in kinds.items()}
    )


def _paths(seen: "pl.DataFrame") -> "pl.DataFrame":
    """Return where each song was seen: of several places the first by name."""
    import polars as pl

    return seen.group_by("sha256").agg(pl.col("path").min())


def _scan(folder: Path, name: str) -> "pl.LazyFrame":
    import polars as pl

    return pl.scan_parquet(sorted(folder.glob(f"{name}-*")))


def _write(frame: "pl.DataFrame", path: Path) -> None:
    with writing(path):
        frame.write_parquet(path, compression="lz4")


def _put(place: Place, name: str, frame: "pl.LazyFrame", described: Mapping[str, Mapping[str, str]]) -> None:
    """Write a table, whole or not at all."""
    from riffscope.files import replacing, written_beside

    about = {"riffscope": made_by()["riffscope"]} | ({"riffscope.columns": json.dumps(described)} if described else {})
    with contextlib.ExitStack() as open_:
        if isinstance(place, LocalPlace):
            open_.enter_context(replacing())
            path = open_.enter_context(written_beside(place.folder / name))
        else:
            path = open_.enter_context(temporary_folder()) / name
        with writing(path):
            frame.sink_parquet(path, metadata=about, arrow_schema=_arrow(frame.collect_schema(), described))
        if not isinstance(place, LocalPlace):
            place.write(name, path.read_bytes())


def _arrow(schema: Mapping[str, Any], described: Mapping[str, Mapping[str, str]]) -> Any:
    """Return a schema in which each column says of itself what is known of it."""
    import nanoarrow as na
    import polars as pl

    types = {pl.Float64: na.Type.DOUBLE, pl.Int64: na.Type.INT64, pl.String: na.Type.STRING_VIEW}
    fields = [na.Schema(types[kind], name=name, metadata=described.get(name)) for name, kind in schema.items()]
    return na.Schema(na.Type.STRUCT, fields=fields)


def _described() -> Mapping[str, Mapping[str, str]]:
    """Say of each column of the songs what it is: label, unit and description."""
    out = {name: {"label": name, "description": text} for name, (_, text) in _SOURCE.items()}
    out["duration_s"]["unit"] = "s"
    out["path"] = {"label": "path", "description": "Where its file was seen"}
    ends = {"": "", ".low": "lower end of the 90% range", ".high": "upper end of the 90% range"}
    for scalar in scalars():
        for end, what in ends.items():
            if f"{scalar.path}{end}" in scalar_kinds():
                told = {
                    "label": f"{scalar.label}{', ' if what else ''}{what}",
                    "unit": scalar.unit or "",
                    "description": scalar.description,
                }
                out[f"{scalar.path}{end}"] = {name: text for name, text in told.items() if text}
    return out
