"""Nobody sings: instrumentals, speech and birds must not be taken for singing.

Metrics
    ``no_vocal_ok``           less than a tenth of the song is heard as sung, and no singer's range is given (0 or 1)
    ``no_vocal_false_alarm``  share of the song that is heard as sung (0..1, less is better)

Definitions of our own.
"""

from benchmarks.answers import Answer, spans_of
from benchmarks.items import Item
from benchmarks.masks import mask_of
from benchmarks.tasks import Scores, task

NEXT_TO_NOTHING = 0.1


@task("no_vocal", "negative", reads="vocal_activity.spans")
def score_no_vocal(item: Item, answer: Answer) -> Scores:
    """Score how little is taken for singing."""
    sung = float(mask_of(spans_of(answer.fields("vocal_activity").get("spans")), item.duration_s).mean())
    is_right = sung < NEXT_TO_NOTHING and answer.value("vocal_range") is None
    return {"no_vocal_false_alarm": sung, "no_vocal_ok": float(is_right)}
