"""A number is lower in the second of two songs, or in one section than in another."""

from riffscope.claims.reading import PairReading
from riffscope.model import Finding
from riffscope.steps import claim


@claim
def lower(pair: PairReading, *, by: float = 0.0, give_or_take: float = 0.0) -> Finding:
    """Ask whether a number is lower by at least so much: in the second of two songs, or in `scope` than `against`.

    Give or take so much, nothing is decided: a difference that is hardly heard neither bears out nor refutes it.
    """
    return pair.at_least(by, sign=-1, give_or_take=give_or_take)
