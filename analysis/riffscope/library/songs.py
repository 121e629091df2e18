"""The songs of a library as a table that questions are put to, made anew where it is older than the analyses."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from riffscope.library.batch import batch_at_work
from riffscope.library.heads import ANALYSES
from riffscope.library.index import SONGS, make_index, read_table, songs_frame
from riffscope.library.place import LocalPlace
from riffscope.library.store import Store

if TYPE_CHECKING:
    import polars as pl


def songs_of(
    store: Store,
    *,
    progress: Callable[[int], None] = lambda _: None,
    say: Callable[[str], None] = lambda _: None,
) -> "pl.LazyFrame":
    """Return the songs of a library, a row each, read as far as they are asked for.

    Where the table is missing, or songs were measured since it was made, it is made first. It is taken as it is while a
    batch fills the library, which makes it at its end, and where the library may not be written to; both are said. At
    an address (``s3://``) only whether it is there is looked at.

    Parameters
    ----------
    progress : callable
        Told how many songs have been read for it.
    say : callable
        Told in a line what is to be known of it.
    """
    import polars as pl

    place = store.place
    if not isinstance(place, LocalPlace):
        if place.read(SONGS, 1) is None:
            _make(store, progress, say)
        return read_table(store, SONGS).lazy()
    state = _state(place)
    if state == "old" and (why := _left_as_it_is(place)):
        say(f"{SONGS} is older than some analyses, and is used as it is: {why}")
    elif state != "current":
        _make(store, progress, say)
    return pl.scan_parquet(place.folder / SONGS)


def _make(store: Store, progress: Callable[[int], None], say: Callable[[str], None]) -> None:
    for why in make_index(store, progress, say).damaged:
        say(why)


def _state(place: LocalPlace) -> str:
    """Tell whether the table is ``current``, ``old``, or ``missing``: not there, damaged or of another riffscope."""
    import polars as pl

    path = place.folder / SONGS
    try:
        made_ns = path.stat().st_mtime_ns
        columns = pl.read_parquet_schema(path)
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return "missing"
    wanted = {"path": pl.String(), **songs_frame(()).schema}
    if any(columns.get(name) != kind for name, kind in wanted.items()):
        return "missing"
    # A file that is written, or written anew, changes the time of its folder; there are 256 of these at most.
    try:
        folders = [entry.stat().st_mtime_ns for entry in os.scandir(place.folder / ANALYSES) if entry.is_dir()]
    except FileNotFoundError:
        folders = []
    return "current" if max(folders, default=0) <= made_ns else "old"


def _left_as_it_is(place: LocalPlace) -> str:
    """Say why an old table is not made anew; empty where it should be."""
    if not os.access(place.folder, os.W_OK):
        return "the library may not be written to"
    return "a batch is filling the library" if batch_at_work(place) else ""
