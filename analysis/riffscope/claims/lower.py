"""A number is lower in the second song than in the first."""

from riffscope.claims.reading import PairReading
from riffscope.model import Finding
from riffscope.steps import claim


@claim
def lower(pair: PairReading, *, by: float = 0.0) -> Finding:
    """Ask whether a number is lower in the second of two songs, by at least so much."""
    return pair.at_least(by, sign=-1)
