"""A number of the second song is higher than the first one's."""

from riffscope.claims.reading import PairReading
from riffscope.model import Finding
from riffscope.steps import claim


@claim
def higher(pair: PairReading, *, by: float = 0.0) -> Finding:
    """Ask whether the second of two songs has more of it, by so much at least."""
    return pair.at_least(by, sign=1)
