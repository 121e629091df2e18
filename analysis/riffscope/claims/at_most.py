"""A number is at most a limit."""

from riffscope.claims.reading import Reading
from riffscope.model import Finding
from riffscope.steps import claim


@claim
def at_most(reading: Reading, *, limit: float) -> Finding:
    """Ask whether a number is at most a limit, in the measure's unit."""
    return Finding(
        ruling=reading.found.at_most(limit),
        because=f"{reading.measure.topic}: {reading.in_words()}; the claim allows at most "
        f"{reading.limit_in_words(limit)}",
        probability=reading.probability_at_most(limit),
        evidence=(reading.evidence(limit=limit),),
    )
