"""A number is at least a limit."""

from riffscope.claims.reading import Reading
from riffscope.model import Finding
from riffscope.steps import claim


@claim
def at_least(reading: Reading, *, limit: float) -> Finding:
    """Ask whether a number is at least a limit, in the measure's unit."""
    return Finding(
        ruling=reading.found.at_least(limit),
        because=f"{reading.measure.topic}: {reading.in_words()}; the claim asks for at least "
        f"{reading.limit_in_words(limit)}",
        probability=1 - reading.probability_at_most(limit),
        evidence=(reading.evidence(limit=limit),),
    )
