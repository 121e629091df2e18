"""Places: where a song's numbers stand among those of other songs.

Conventions: percentiles are 0..100, the share of the other songs that have a lower number; ranges are 90% ranges. They
are made by `riffscope.reference.placing`.
"""

from collections.abc import Mapping
from typing import Annotated

from riffscope.model import Estimate, value
from riffscope.units import COUNT, PERCENT


@value
class PlacedNumber:
    """A number of the song, and how many of the other songs have a lower one.

    Attributes
    ----------
    path : str
        Of the measure, as in ``vocal_range.span_semitones``.
    percentile : Estimate
        Its range holds what is not known of the song's own number as well as that these are so many songs and no more.
    beyond : bool
        Whether it lies beyond the outermost percentile that is known of those songs: then only the side is known, and
        the percentile is the middle of what is possible.
    songs : int
        How many songs have such a number.
    median : float
        The number that half of the songs lie below, in the measure's unit.
    reads_lower_by : float
        How much lower their numbers may be than what riffscope would have measured, in the measure's unit; the
        percentile allows for it. 0 where riffscope measured them.
    """

    path: str
    percentile: Annotated[Estimate, PERCENT]
    beyond: bool
    songs: Annotated[int, COUNT]
    median: float
    reads_lower_by: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.percentile.low <= self.percentile.high <= 100:
            raise ValueError("a percentile lies between 0 and 100")


@value
class Places:
    """Where the numbers of a song stand among those of a reference set.

    Attributes
    ----------
    about : str
        Which songs, in a few words that go into a sentence: ``songs of mine``.
    songs : int
        How many there are; of some numbers fewer, where not all of them have one.
    years, source : str
        From when the songs are, and where their numbers come from.
    numbers : tuple of PlacedNumber
        Those of the song's numbers that are known of the other songs too, each once.
    """

    about: str
    songs: Annotated[int, COUNT]
    years: str
    source: str
    numbers: tuple[PlacedNumber, ...]

    @property
    def set_in_words(self) -> str:
        """Which songs, and how many: ``812 songs of mine``, ``the 375 songs of chart melodies since 1950``."""
        if self.about.startswith("songs "):
            return f"{self.songs} {self.about}"
        return f"the {self.songs} songs of {self.about}"


def placed_numbers(places: tuple[Places, ...]) -> Mapping[str, PlacedNumber]:
    """Return every number that has a place, by its path."""
    return {number.path: number for one in places for number in one.numbers}
