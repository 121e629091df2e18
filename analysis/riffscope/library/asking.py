"""A library asked from Python: claims ruled on for all of its songs, and the songs that are nearest to one."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riffscope.errors import RiffscopeError
from riffscope.song import SongAnalysis
from riffscope.workflow import Claims, analyze, claims_about_one, is_saved, read

if TYPE_CHECKING:
    import polars as pl

    from riffscope.frames import Table
    from riffscope.library.neighbours import Neighbour
    from riffscope.library.store import Store


@dataclass(frozen=True, kw_only=True)
class Near:
    """The songs of a library that are nearest to a song.

    Attributes
    ----------
    like : mapping
        The song itself: its numbers by the columns of ``songs.parquet``, of which it has those that were needed.
    songs : tuple of Neighbour
        Nearest first.
    by : tuple of str
        The measures that they were compared by.
    among : int
        Of how many songs they are the nearest.
    """

    like: Mapping[str, Any]
    songs: "tuple[Neighbour, ...]"
    by: tuple[str, ...]
    among: int

    @property
    def table(self) -> "Table":
        """A row for the song itself, of rank 0, and for each near it: their numbers, and how far each is off."""
        from riffscope.library.neighbours import table_of

        return table_of(self.like, self.songs, self.by)

    def to_frame(self) -> "pl.DataFrame":
        """Return its table as a data frame of polars; ``.to_pandas()`` makes one of pandas of it."""
        return self.table.to_frame()

    def __repr__(self) -> str:
        return f"Near({self.like['title']!r}: {', '.join(repr(one.title) for one in self.songs[:3])}, ...)"


def judge_library(
    library: "str | os.PathLike[str] | Store",
    claims: Claims | None = None,
    *,
    where: str | None = None,
    workers: int | None = None,
) -> "pl.DataFrame":
    """Rule on claims for the songs of a library, and return a row for each song and claim. Nothing is measured.

    Parameters
    ----------
    library : path, address or Store
    claims : path or claims, optional
        The built-in ones by default.
    where : str, optional
        Only songs of which this is true, in SQL over the columns of ``songs.parquet``: ``year >= 2013``.
    workers : int, optional
        How many processes share the songs; in a large library one for each core by default.

    Raises
    ------
    RiffscopeError
        The claims or the condition are wrong, or an analysis is damaged; in one line.
    """
    from riffscope.frames import Row, Table
    from riffscope.library.rulings import COLUMNS, paths_of, rule, workers_for

    store, tested = _opened(library), claims_about_one(claims)
    paths = paths_of(store, where)
    rows: list[Row] = []
    for song in rule(store, tested, songs=paths, workers=workers or workers_for(len(paths))):
        if song.problem:
            raise RiffscopeError(song.problem)
        rows += song.rows(paths[song.sha256])
    return Table(columns=COLUMNS, made=rows).to_frame()


def find_near(
    library: "str | os.PathLike[str] | Store",
    like: SongAnalysis | str | os.PathLike[str],
    *,
    by: Sequence[str] | None = None,
    count: int = 10,
    where: str | None = None,
    measure: "Callable[[Path], SongAnalysis] | None" = None,
) -> Near:
    """Find the songs of a library that are nearest to a song, and in what they are alike and differ.

    `riffscope.library.neighbours` says how distances are made.

    Parameters
    ----------
    library : path, address or Store
    like : SongAnalysis, path or str
        An analysis; the path of a saved one, or of an audio file, which is measured unless the library has it; or a
        song of the library by its title, the name of its file, words of both, or how its sha256 begins.
    by : sequence of str, optional
        Measures such as ``tempo.bpm``, ``key``, or ``loudness`` for all of it; by default those of
        `riffscope.library.usual`.
    count : int
        How many songs.
    where : str, optional
        Only songs of which this is true, in SQL over the columns of ``songs.parquet``: ``year >= 2013``.
    measure : callable, optional
        Measures an audio file.

    Raises
    ------
    RiffscopeError
        There is no such song, measure or column, or there are several such songs; in one line.
    """
    from riffscope.library.neighbours import columns_for, measures_named, nearest
    from riffscope.library.songs import songs_of
    from riffscope.library.usual import USUAL
    from riffscope.library.where import chosen

    store = _opened(library)
    names = tuple(USUAL) if by is None else measures_named(by)
    table, columns = songs_of(store), columns_for(names)
    among = None if where is None else chosen(table, where, columns)
    if among is not None and among.is_empty():
        raise RiffscopeError(f"{store.place.address}: the condition holds for no song, so none is found")
    songs = chosen(table, None, columns)
    song = _row(like, table, songs, measure or _measured)
    found = nearest(songs, song, by=names, count=count, among=among)
    return Near(like=song, songs=found, by=names, among=(songs if among is None else among).height)


def _opened(library: "str | os.PathLike[str] | Store") -> "Store":
    from riffscope.library.store import Store

    if isinstance(library, Store):
        return library
    store = Store(library)
    store.check_is_library()
    return store


def _row(
    like: SongAnalysis | str | os.PathLike[str],
    table: "pl.LazyFrame",
    songs: "pl.DataFrame",
    measure: Callable[[Path], SongAnalysis],
) -> Mapping[str, Any]:
    """Return the row of a song: of the library, or of what is given."""
    from riffscope.folders import sha256_of
    from riffscope.library.references import frame_of
    from riffscope.library.which import song_called

    if isinstance(like, SongAnalysis):
        song = like
    elif not Path(like).is_file():
        sha256 = song_called(table, os.fspath(like))
        return songs.filter(songs["sha256"] == sha256).row(0, named=True)
    elif is_saved(like):
        song = read(like)
    else:
        known = songs.filter(songs["sha256"] == (sha256_of(Path(like)) or ""))
        if known.height:
            return known.row(0, named=True)
        song = measure(Path(like))
    return dict.fromkeys(songs.columns) | frame_of([song]).row(0, named=True)


def _measured(path: Path) -> SongAnalysis:
    return analyze(path, claims=())
