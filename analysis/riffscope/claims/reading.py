"""Reading: the number that a claim is about, and how likely it lies on one side of a limit."""

import math

from riffscope.measures import Measure
from riffscope.model import Estimate, Evidence, value

# A range that holds the truth nine times in ten reaches 1.645 standard deviations to either side of a normal error.
_SIGMAS = 1.645


@value
class Reading:
    """One number of a song, as measured."""

    measure: Measure
    found: Estimate

    def evidence(self, *, limit: float | None = None) -> Evidence:
        """Set the number down with its range and the limit it was held against."""
        return Evidence(
            label=self.measure.label,
            measure=self.measure.path,
            value=self.found.value,
            low=self.found.low,
            high=self.found.high,
            unit=self.measure.unit.symbol if self.measure.unit.scale == 1 else "fraction",
            limit=limit,
        )

    def in_words(self) -> str:
        """The number with its unit, and its range where it has one: ``17.2 semitones (16.0 to 18.5)``."""
        unit, found = self.measure.unit, self.found
        if found.low == found.high:
            return unit.format(found.value)
        return f"{unit.format(found.value)} ({unit.number(found.low)} to {unit.number(found.high)})"

    def probability_at_most(self, limit: float) -> float:
        """Probability that the true number is at most the limit, from the range; 0 or 1 for a number without one."""
        spread = (
            (self.found.high - self.found.value) if limit >= self.found.value else (self.found.value - self.found.low)
        )
        if spread == 0:
            return 1.0 if self.found.value <= limit else 0.0
        return 0.5 * (1 + math.erf((limit - self.found.value) * _SIGMAS / spread / math.sqrt(2)))
