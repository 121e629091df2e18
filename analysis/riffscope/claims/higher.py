"""A number is higher in the second of two songs, or in one section than in another."""

from riffscope.claims.reading import PairReading
from riffscope.model import Finding
from riffscope.steps import claim


@claim
def higher(pair: PairReading, *, by: float = 0.0, give_or_take: float = 0.0) -> Finding:
    """Ask whether a number is higher, by at least `by`, in the second of two songs, or in `scope` than in `against`.

    `give_or_take` says how near `by` the ruling stays inconclusive: a difference that is hardly heard decides nothing.
    """
    return pair.at_least(by, sign=1, give_or_take=give_or_take)
