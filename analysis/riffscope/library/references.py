"""References made of a library's songs, of all or of those that a condition holds for, without reading analyses."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from riffscope.errors import RiffscopeError
from riffscope.library.index import songs_frame
from riffscope.library.store import head_of
from riffscope.library.where import chosen
from riffscope.measures import comparable_measures
from riffscope.reference.build import from_values
from riffscope.reference.table import Reference
from riffscope.song import SongAnalysis
from riffscope.workflow import SAVED_ENDINGS

if TYPE_CHECKING:
    import polars as pl


def references_of(songs: "pl.LazyFrame", *, name: str, where: str | None = None) -> tuple[tuple[Reference, ...], int]:
    """Return the distribution of each measure over songs, and how many songs these are.

    Parameters
    ----------
    songs : polars.LazyFrame
        With the columns of ``songs.parquet``.
    name : str
        What they are, as it goes into sentences: ``songs of mine``.
    where : str, optional
        Only songs of which this is true (`riffscope.library.where`).

    Raises
    ------
    RiffscopeError
        The condition is wrong, or leaves too few songs.
    """
    paths = [measure.path for measure in comparable_measures()]
    found = chosen(songs, where, ["sha256", "year", *paths]).unique("sha256")  # a song counts once
    values: Mapping[str, list[float]] = {path: found[path].drop_nulls().to_list() for path in paths}
    years = sorted(found["year"].drop_nulls().unique())
    when = f"{years[0]} to {years[-1]}" if years else ""
    try:
        return from_values(values, name=name, years=when), found.height
    except RiffscopeError as why:
        if where is None:
            raise
        raise RiffscopeError(f"{why}; the condition holds for {found.height:,}") from why


def frame_of(songs: Iterable[SongAnalysis]) -> "pl.DataFrame":
    """Return the table of songs that are in no library, a row each, as it is in one but for where their files are."""
    return songs_frame([head_of(song) for song in songs])


def saved_in(folder: Path) -> list[Path]:
    """Return the files in a folder, and in those within, that may be saved analyses, in order."""
    return sorted(path for path in folder.rglob("*.json*") if path.name.endswith(SAVED_ENDINGS))
