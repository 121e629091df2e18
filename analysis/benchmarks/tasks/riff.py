"""The riff: the loop that a song turns on, how long it is and where it sounds.

Conventions
    Period in seconds; coverage is the share of the file in which the riff sounds; spans are compared in frames of
    100 ms. Songs without a riff ask whether none is claimed.

Metrics
    ``loop_period_exact``     the period within 4 % (0 or 1)
    ``loop_period_multiple``  the same, or twice, four times, half or a quarter of it (0 or 1)
    ``loop_coverage_err``     distance of the coverage (0..1, less is better), in songs without a riff as well
    ``loop_span_iou``         frames that both the truth and the answer hold, among those that either does (0..1)
    ``loop_null_ok``          where there is no riff: less than .3 of the song is said to be one (0 or 1)

Definitions of our own: no data set of riffs was found.
"""

import math

from benchmarks.answers import Answer, number, spans_of
from benchmarks.items import Item
from benchmarks.masks import mask_of
from benchmarks.tasks import Scores, task

TOLERANCE = 0.04
MULTIPLES = (1.0, 2.0, 4.0, 1 / 2, 1 / 4)
NEXT_TO_NOTHING = 0.3


@task("riff_period", reads="loops.period_s")
def score_riff(item: Item, answer: Answer) -> Scores:
    """Score period, coverage and spans; or, in a song without a riff, that none is found."""
    riff = item.truth["riff"]
    loops = answer.value("loops")
    coverage = number(loops.get("coverage_fraction")) if loops else 0.0
    if not riff["present"]:
        return {"loop_null_ok": float(coverage < NEXT_TO_NOTHING), "loop_coverage_err": abs(coverage)}
    ratio = (number(loops.get("period_s")) if loops else math.nan) / riff["period_s"]
    truth = mask_of(riff["spans"], item.duration_s)
    found = mask_of(spans_of(loops.get("spans") if loops else None), item.duration_s)
    either = (truth | found).sum()
    return {
        "loop_period_exact": float(abs(ratio - 1) <= TOLERANCE),
        "loop_period_multiple": float(any(abs(ratio / factor - 1) <= TOLERANCE for factor in MULTIPLES)),
        "loop_coverage_err": abs(coverage - riff["coverage_of_file"]),
        "loop_span_iou": float((truth & found).sum() / either) if either else 0.0,
    }
