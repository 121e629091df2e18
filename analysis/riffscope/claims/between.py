"""A number lies between two limits."""

from riffscope.claims.reading import Reading, within_limits
from riffscope.model import Finding
from riffscope.steps import claim


@claim
def between(reading: Reading, *, lowest: float, highest: float) -> Finding:
    """Ask whether a number lies between two limits, in the measure's unit."""
    low, high = (reading.limit_in_words(limit) for limit in (lowest, highest))
    asked = f"the claim says {low.split(' ')[0]} to {high}"
    near = lowest if abs(reading.found.value - lowest) < abs(reading.found.value - highest) else highest
    return within_limits(reading, lowest, highest, asked=asked, limit=near)
