"""References of one's own: the distribution of every measure over the songs of a library.

Conventions: quantiles are in the unit of the measure; a song counts once, however often it was analysed. Source: own.
"""

from collections.abc import Iterable

import numpy as np

from riffscope.errors import NotMeasured, RiffscopeError
from riffscope.files import toml_table
from riffscope.measures import comparable_measures, read_measure
from riffscope.reference.table import Reference
from riffscope.song import SongAnalysis

# Fewer songs leave less than two to a quarter of the distribution. Chosen by hand.
MIN_SONGS = 8
# The quantiles that are kept: quarters, and the ends as far as small libraries tell them.
PERCENTS = (5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0)


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
    tables = tuple(
        Reference(
            name=path.replace(".", "-"),
            about=name,
            measures=(path,),
            source="an own library",
            years=f"{years[0]} to {years[-1]}" if years else "years unknown",
            measured_on="recordings, by riffscope",
            songs=len(found),
            percent=np.array(PERCENTS),
            quantiles=np.round(np.percentile(found, PERCENTS), 4),
        )
        for path, found in values.items()
        if len(found) >= MIN_SONGS
    )
    if not tables:
        few = "1 song is" if len(kept) == 1 else f"{len(kept)} songs are"
        raise RiffscopeError(f"{few} too few for a reference (needs {MIN_SONGS} with the same measure)")
    return tables


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
