"""References of one's own: the distribution of every measure over the songs of a library.

Conventions: quantiles are in the unit of the measure; a song counts once, however often it was analysed. Source: own.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from riffscope.errors import NotMeasured, RiffscopeError
from riffscope.files import toml_table
from riffscope.measures import comparable_measures, read_measure
from riffscope.reference.table import Reference
from riffscope.song import SongAnalysis

# Fewer songs leave less than two to a quarter of the distribution. Chosen by hand.
MIN_SONGS = 8
# What is kept of every distribution.
QUARTERS = (25.0, 50.0, 75.0)
# What is kept of one with songs enough: in steps of five percent, each of which then holds a song and each end two.
STEPS, MIN_SONGS_FOR_STEPS = tuple(np.arange(10.0, 91, 5).tolist()), 20
# What is kept besides where at least so many songs lie beyond: fewer would say more of themselves than of others.
TAILS, SONGS_BEYOND = (5.0, 2.0, 1.0), 5


def build(songs: Iterable[SongAnalysis], *, name: str) -> tuple[Reference, ...]:
    """Return the distribution of each measure that eight songs or more have.

    Parameters
    ----------
    songs : iterable of SongAnalysis
    name : str
        What they are, as it goes into sentences: ``songs of mine``.

    Raises
    ------
    RiffscopeError
        No measure has so many.
    """
    kept = list({song.source.sha256: song for song in songs}.values())  # a song counts once
    values: dict[str, list[float]] = {measure.path: [] for measure in comparable_measures()}
    for song in kept:
        for path, found in values.items():
            try:
                found.append(read_measure(song, path).value)
            except NotMeasured:
                continue
    years = sorted(year for song in kept if (year := (song.source.tags.year or "")[:4]).isdigit())
    return from_values(values, name=name, years=f"{years[0]} to {years[-1]}" if years else "")


def from_values(values: Mapping[str, Sequence[float]], *, name: str, years: str) -> tuple[Reference, ...]:
    """Return the distribution of each measure that eight songs or more have.

    Parameters
    ----------
    values : mapping
        By the path of the measure, as in ``tempo.bpm``: the number of each song that has one, as the JSON has it. What
        is not finite is left out.
    name : str
        What the songs are, as it goes into sentences: ``songs of mine``.
    years : str
        From when they are: ``1998 to 2013``; empty where that is not known.

    Raises
    ------
    RiffscopeError
        No measure has so many.
    """
    finite = {path: [number for number in found if np.isfinite(number)] for path, found in values.items()}
    tables = tuple(
        Reference(
            name=path.replace(".", "-"),
            about=name,
            measures=(path,),
            source="a personal library",
            years=years or "years unknown",
            measured_on="recordings, by riffscope",
            songs=len(found),
            percent=np.array(percents(len(found))),
            quantiles=np.round(np.percentile(found, percents(len(found))), 4),
        )
        for path, found in finite.items()
        if len(found) >= MIN_SONGS
    )
    if not tables:
        most = max(map(len, finite.values()), default=0)
        raise RiffscopeError(f"a reference needs {MIN_SONGS} songs with the same measure (there {_are(most)})")
    return tables


def percents(songs: int) -> tuple[float, ...]:
    """Return which quantiles of the numbers of so many songs are kept: finer ones, and ones further out, of more.

    Examples
    --------
    >>> percents(8)
    (25.0, 50.0, 75.0)
    >>> [percents(songs)[:3] for songs in (20, 100, 500)]
    [(10.0, 15.0, 20.0), (5.0, 10.0, 15.0), (1.0, 2.0, 5.0)]
    """
    if songs < MIN_SONGS_FOR_STEPS:
        return QUARTERS
    tails = [percent for percent in TAILS if percent * songs >= 100 * SONGS_BEYOND]
    return (*reversed(tails), *STEPS, *(100 - percent for percent in tails))


def _are(songs: int) -> str:
    return "is 1" if songs == 1 else f"are {songs or 'none'}"


def write_toml(references: Iterable[Reference]) -> str:
    """Write references as a file that `riffscope.reference.table.read` reads."""
    return "\n".join(
        toml_table(
            one.name,
            {
                "about": one.about,
                "measures": one.measures,
                "source": one.source,
                "years": one.years,
                "measured_on": one.measured_on,
                "songs": one.songs,
                "quantiles": [(float(p), float(q)) for p, q in zip(one.percent, one.quantiles, strict=True)],
            },
        )
        for one in references
    )
