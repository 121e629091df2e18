"""Beats and downbeats: when a listener taps, and which taps begin a bar.

Conventions
    Times are seconds. Beats before 5 s do not count, as is usual, but in excerpts of 15 s or less.

Metrics
    ``beat_f``      F-measure of the beats within 70 ms (0..1)
    ``beat_cmlt``   share of beats in correct continuous stretches, at the annotated metrical level (0..1)
    ``beat_amlt``   the same, at twice or half the level or on the off-beat as well (0..1)
    ``downbeat_f``  F-measure of the downbeats within 70 ms (0..1), where downbeats are annotated

References
----------
Davies, Degara & Plumbley, "Evaluation methods for musical audio beat tracking algorithms", 2009. `mir_eval.beat`.
"""

import mir_eval
import numpy as np

from benchmarks.answers import Answer
from benchmarks.items import Floats, Item
from benchmarks.tasks import Scores, task

SHORT_S = 15.0


@task("beats")
def score_beats(item: Item, answer: Answer) -> Scores:
    """Score beats, and downbeats where the truth has them."""
    beats_s, downbeats_s = item.beats()
    fields = answer.fields("beats")
    found_s = np.asarray(fields.get("times_s") or [], np.float64)
    scores = {"beat_f": 0.0, "beat_cmlt": 0.0, "beat_amlt": 0.0}
    if found_s.size:
        truth, found = _counted(beats_s, item), _counted(found_s, item)
        _, cmlt, _, amlt = mir_eval.beat.continuity(truth, found)
        scores = {
            "beat_f": float(mir_eval.beat.f_measure(truth, found)),
            "beat_cmlt": float(cmlt),
            "beat_amlt": float(amlt),
        }
    if "downbeats" in item.kinds:
        scores["downbeat_f"] = 0.0
        begins_bar = np.asarray(fields.get("downbeat_index") or [], int)
        if begins_bar.size:
            truth, found = _counted(downbeats_s, item), _counted(found_s[begins_bar], item)
            scores["downbeat_f"] = float(mir_eval.beat.f_measure(truth, found))
    return scores


def _counted(times_s: Floats, item: Item) -> Floats:
    if item.duration_s <= SHORT_S:
        return times_s
    trimmed: Floats = mir_eval.beat.trim_beats(times_s)
    return trimmed
