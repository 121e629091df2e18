"""The singer's range: the lowest and the highest of what the lead sings.

Conventions
    MIDI numbers, semitones. Lowest and highest are the 2nd and 98th percentile of the sung frames. Charts of real songs
    give the span, but not the octave for certain, so there the ends are not compared.

Metrics
    ``range_within_2st``       the span is right within 2 semitones (0 or 1)
    ``range_span_err_st``      distance of the span, in songs where a range is given
    ``range_low_err_st``, ``range_high_err_st``  distances of the ends
    ``range_interval_covers``  the range given for the span, widened by half a semitone, holds the truth (0 or 1)

Definitions of our own.
"""

from benchmarks.answers import Answer, number
from benchmarks.items import Item
from benchmarks.tasks import Scores, task

WITHIN_ST = 2.0
LEEWAY_ST = 0.5
CHARTED = "songs/"


@task("vocal_range", "vocal_range_silver", reads="vocal_range.lowest_midi")
def score_vocal_range(item: Item, answer: Answer) -> Scores:
    """Score the span and its ends."""
    truth = item.truth.get("vocal") or item.truth
    found = answer.value("vocal_range")
    if not found:
        return {"range_within_2st": 0.0}
    low, high = number(found["lowest_midi"]), number(found["highest_midi"])
    span_st = truth["p98_midi"] - truth["p2_midi"]
    error_st = abs((high - low) - span_st)
    scores = {"range_span_err_st": error_st, "range_within_2st": float(error_st <= WITHIN_ST)}
    if not item.file.startswith(CHARTED):
        scores["range_low_err_st"] = abs(low - truth["p2_midi"])
        scores["range_high_err_st"] = abs(high - truth["p98_midi"])
    given = found.get("span_semitones")
    if isinstance(given, dict) and given.get("low") is not None:
        scores["range_interval_covers"] = float(given["low"] - LEEWAY_ST <= span_st <= given["high"] + LEEWAY_ST)
    return scores
