"""A number is at most a limit."""

from riffscope.claims.reading import Reading, with_open_question
from riffscope.model import Finding
from riffscope.steps import claim


@claim
def at_most(reading: Reading, *, limit: float, give_or_take: float = 0.0) -> Finding:
    """Ask whether a number is at most a limit, in the measure's unit.

    If the limit is a matter of judgement, `give_or_take` says how near it the ruling stays inconclusive.
    """
    unsure = reading.widened(give_or_take)
    asked = f"at most {reading.limit_in_words(limit, give_or_take)} allowed"
    return with_open_question(
        Finding(
            ruling=unsure.found.at_most(limit),
            because=reading.sentence(asked=asked),
            probability=unsure.probability_at_most(limit),
            evidence=(reading.evidence(limit=limit),),
        )
    )
