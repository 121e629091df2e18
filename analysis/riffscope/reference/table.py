"""A reference: the distribution of a measure over many songs, as quantiles, and where it comes from.

Conventions: percents 0..100 rise with the quantiles, which are in the unit of the measure and interpolated linearly;
ranges are 90% ranges. Source: sampling error of a quantile by the binomial distribution.
"""

import math
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import numpy as np

from riffscope.arrays import Floats
from riffscope.errors import BadClaim
from riffscope.files import parse_toml, read_toml
from riffscope.measures import Measure
from riffscope.model import Estimate, value
from riffscope.units import COUNT, PERCENT

# A 90% range reaches 1.645 standard deviations to either side of a normal error.
SIGMAS = 1.645
# What a table in TOML may hold; all but `reads_lower_by` it must.
FIELDS = ("measures", "about", "source", "years", "measured_on", "songs", "reads_lower_by", "quantiles")


@value
class Reference:
    """The distribution of a number over many songs.

    Attributes
    ----------
    name : str
        As a claims file calls it: ``chart_melodies``.
    about : str
        Which songs, in a few words that go into a sentence: ``chart melodies since 1950``.
    measures : tuple of str
        The paths of the measures that it can be compared with.
    source, years, measured_on : str
        Where it was published, of which years the songs are, and what the numbers were read from.
    songs : int
        How many songs there are.
    percent, quantiles : float64 arrays, shape (k,)
        Rising; `quantiles` in the unit of the measures.
    reads_lower_by : float
        How much lower its numbers may be than what riffscope would have measured on the same songs, in that unit: notes
        on paper span less than a voice that slides up to them.
    """

    name: str
    about: str
    measures: tuple[str, ...]
    source: str
    years: str
    measured_on: str
    songs: Annotated[int, COUNT]
    percent: Annotated[Floats, PERCENT]
    quantiles: Floats
    reads_lower_by: float = 0.0

    def __post_init__(self) -> None:
        if len(self.percent) != len(self.quantiles) or len(self.percent) < 2:
            raise ValueError(f"{self.name}: as many percents as quantiles, two at least")
        if not (np.all(np.isfinite(self.percent)) and np.all(np.isfinite(self.quantiles))):
            raise ValueError(f"{self.name}: percents and quantiles are finite numbers")
        if np.any(np.diff(self.percent) <= 0) or np.any(np.diff(self.quantiles) < 0):
            raise ValueError(f"{self.name}: percents and quantiles rise")
        if self.percent[0] <= 0 or self.percent[-1] >= 100 or self.songs < 1:
            raise ValueError(f"{self.name}: percents lie between 0 and 100, and there is a song")

    @property
    def like_for_like(self) -> bool:
        """Whether its numbers were measured as riffscope measures."""
        return self.reads_lower_by == 0

    def quantile(self, percent: float) -> Estimate:
        """Return the number below which so many percent of the songs lie, with its sampling error.

        Raises
        ------
        ValueError
            The percentile lies outside of those that are known.
        """
        if not self.percent[0] <= percent <= self.percent[-1]:
            raise ValueError(f"known are percentiles {self.percent[0]:g} to {self.percent[-1]:g}")
        unsure = unsure_percent(percent, self.songs)
        low, middle, high = np.interp([percent - unsure, percent, percent + unsure], self.percent, self.quantiles)
        return Estimate(value=float(middle), low=float(low), high=float(high))

    def percentile(self, found: float) -> Estimate:
        """Return which percentage of the songs lies below a number, interpolated.

        Below the lowest quantile and above the highest one, only the side is known.
        """
        low, high = self._shares_below(found)
        middle = (low + high) / 2
        unsure = unsure_percent(middle, self.songs) if self.holds(found) else 0.0
        return Estimate(value=middle, low=max(low - unsure, 0.0), high=min(high + unsure, 100.0))

    @property
    def median(self) -> float:
        """The number that half of the songs lie below, as near as the quantiles tell."""
        return float(np.interp(50.0, self.percent, self.quantiles))

    def holds(self, number: float) -> bool:
        """Tell whether a number lies between the outermost quantiles, so that its percentile is known."""
        return bool(self.quantiles[0] <= number <= self.quantiles[-1])

    def alike(self, number: float) -> float:
        """Return what its songs' way of measuring would likely have read: half of what is possible lower."""
        return number - self.reads_lower_by / 2

    def place(self, found: Estimate) -> Estimate:
        """Return which percentage of the songs lies below a number that has a range.

        The percentile's range joins that of the number, what the songs may read lower, and their sampling error, all
        of which are independent. Beyond the outermost quantile only the side is known.
        """
        middle, lower_by = self.alike(found.value), self.reads_lower_by / 2
        low, high = self._shares_below(middle)
        lowest = self._shares_below(middle - math.hypot(found.value - found.low, lower_by))[0]
        highest = self._shares_below(middle + math.hypot(found.high - found.value, lower_by))[1]

        def reach(near: float, far: float) -> float:
            # What lies beyond the outermost quantile lies beyond it, whatever percentile that has.
            bound = near == far and not self.holds(middle)
            return 0.0 if bound else math.hypot(far - near, unsure_percent(far, self.songs))

        down, up = reach(low, lowest), reach(high, highest)
        return Estimate(value=(low + high) / 2, low=max(low - down, 0.0), high=min(high + up, 100.0))

    def place_in_words(self, found: float, measure: Measure) -> str:
        """Say where a number stands among the songs: ``narrower than 82% of chart melodies since 1950``.

        It is told from the side on which most of them lie. Where it lies beyond the last percentile that is known,
        only a bound is known: ``narrower than at least 90% of``.
        """
        place = self.percentile(found)
        above = place.value >= 50
        share, known = (place.value, place.high < 100) if above else (100 - place.value, place.low > 0)
        if not known:
            share = place.low if above else 100 - place.high
        than = measure.said.more if above else measure.said.less
        return f"{than} than {'' if known else 'at least '}{share:.0f}% of {self.about}"

    def _shares_below(self, number: float) -> tuple[float, float]:
        """Return between which percentages of the songs lie below a number: one alone, but where many songs share it.

        Such a number stands at the middle of its percentiles; one beyond the outermost quantile anywhere there.
        """
        if number < self.quantiles[0]:
            return 0.0, float(self.percent[0])
        if number > self.quantiles[-1]:
            return float(self.percent[-1]), 100.0
        low, high = sorted(float(np.interp(number, self.quantiles + shift, self.percent)) for shift in (1e-9, -1e-9))
        return low, high


def unsure_percent(percent: float, songs: int) -> float:
    """Return how far a percentile of so many songs may be off: half its 90% range (binomial)."""
    share = percent / 100
    return 100 * SIGMAS * math.sqrt(share * (1 - share) / songs)


@cache
def published() -> Mapping[str, Reference]:
    """Return the references that come with riffscope, by name."""
    return parse((files("riffscope.reference") / "published.toml").read_text("utf-8"), name="published.toml")


def read(path: Path) -> Mapping[str, Reference]:
    """Read a file of references, such as `riffscope reference` writes.

    Raises
    ------
    BadClaim
        It cannot be read or is not one; says why in one line.
    """
    return _references_in(read_toml(path), name=str(path))


def parse(text: str, *, name: str) -> Mapping[str, Reference]:
    """Read references from TOML: a table each, whose `quantiles` are pairs of percent and number."""
    return _references_in(parse_toml(text, name=name), name=name)


def _references_in(tables: Mapping[str, object], *, name: str) -> Mapping[str, Reference]:
    return {called: _parse(called, table, f"{name}: [{called}]") for called, table in tables.items()}


def _parse(called: str, table: object, where: str) -> Reference:
    if not isinstance(table, dict):
        raise BadClaim(f"{where}: is not a table")
    for field in FIELDS:
        if field not in table and field != "reads_lower_by":
            raise BadClaim(f"{where}: needs {field}")
    if not isinstance(table["songs"], int) or not isinstance(table["measures"], list):
        raise BadClaim(f"{where}: songs is a whole number, and measures is a list")
    try:
        pairs = [(float(percent), float(number)) for percent, number in table["quantiles"]]
        percent, quantiles = np.array(pairs, np.float64).reshape(-1, 2).T
    except (TypeError, ValueError):
        raise BadClaim(f"{where}: quantiles are pairs of percent and number") from None
    try:
        return Reference(
            name=called,
            about=str(table["about"]),
            measures=tuple(str(path) for path in table["measures"]),
            source=str(table["source"]),
            years=str(table["years"]),
            measured_on=str(table["measured_on"]),
            songs=int(table["songs"]),
            percent=percent,
            quantiles=quantiles,
            reads_lower_by=float(table.get("reads_lower_by", 0)),
        )
    except (TypeError, ValueError) as why:
        raise BadClaim(f"{where}: {why}") from why
