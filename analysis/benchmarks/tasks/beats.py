"""Beats: when a listener taps.

Conventions
    Times are seconds. Beats before 5 s do not count, as is usual, but in excerpts of 15 s or less.

Metrics
    ``beat_f``     F-measure of the beats within 70 ms (0..1)
    ``beat_cmlt``  share of beats in correct continuous stretches, at the annotated metrical level (0..1)
    ``beat_amlt``  the same, at twice or half the level or on the off-beat as well (0..1)

References
----------
Davies, Degara & Plumbley, "Evaluation methods for musical audio beat tracking algorithms", 2009. `mir_eval.beat`.
"""

import mir_eval
import numpy as np

from benchmarks.answers import Answer
from benchmarks.arrays import Floats
from benchmarks.items import Item
from benchmarks.tasks import Scores, task

SHORT_S = 15.0


@task("beats", reads="beats.times_s")
def score_beats(item: Item, answer: Answer) -> Scores:
    """Score the beats."""
    found_s = np.asarray(answer.fields("beats").get("times_s") or [], np.float64)
    if not found_s.size:
        return {"beat_f": 0.0, "beat_cmlt": 0.0, "beat_amlt": 0.0}
    truth, found = counted(item.beats()[0], item), counted(found_s, item)
    _, cmlt, _, amlt = mir_eval.beat.continuity(truth, found)
    f_measure = mir_eval.beat.f_measure(truth, found)
    return {"beat_f": float(f_measure), "beat_cmlt": float(cmlt), "beat_amlt": float(amlt)}


def counted(times_s: Floats, item: Item) -> Floats:
    """Return the times that count: those from 5 s on, unless the excerpt is short."""
    if item.duration_s <= SHORT_S:
        return times_s
    trimmed: Floats = mir_eval.beat.trim_beats(times_s)
    return trimmed
