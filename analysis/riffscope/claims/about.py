"""A number is about a value."""

from riffscope.claims.reading import Reading, within_limits
from riffscope.model import Finding
from riffscope.steps import claim


@claim
def about(reading: Reading, *, value: float, within: float) -> Finding:
    """Ask whether a number is `value`, plus or minus `within`, in the measure's unit; notes are MIDI numbers."""
    asked = f"the claim says {reading.limit_in_words(value, within)}"
    return within_limits(reading, value - within, value + within, asked=asked, limit=value)
