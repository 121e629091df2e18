"""A number is at least a limit."""

from riffscope.claims.reading import Reading, with_open_question
from riffscope.model import Finding
from riffscope.steps import claim


@claim
def at_least(reading: Reading, *, limit: float, give_or_take: float = 0.0) -> Finding:
    """Ask whether a number is at least a limit, in the measure's unit.

    If the limit is a matter of judgement, `give_or_take` says how near it the ruling stays inconclusive.
    """
    unsure = reading.widened(give_or_take)
    limit_in_words = reading.limit_in_words(limit, give_or_take)
    return with_open_question(
        Finding(
            ruling=unsure.found.at_least(limit),
            because=reading.sentence(asked=f"needs {'' if limit else 'at least '}{limit_in_words}"),
            probability=1 - unsure.probability_at_most(limit),
            evidence=(reading.evidence(limit=limit),),
        )
    )
