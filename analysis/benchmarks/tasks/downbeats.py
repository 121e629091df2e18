"""Downbeats: which beats begin a bar.

Conventions
    Times are seconds; those before 5 s do not count, as with beats. The answer gives them as indexes into its beats.

Metrics
    ``downbeat_f``  F-measure of the downbeats within 70 ms (0..1)

References
----------
As for beats: `mir_eval.beat.f_measure`.
"""

import mir_eval
import numpy as np

from benchmarks.answers import Answer
from benchmarks.items import Item
from benchmarks.tasks import Scores, task
from benchmarks.tasks.beats import counted


@task("downbeats", reads="beats.downbeat_index")
def score_downbeats(item: Item, answer: Answer) -> Scores:
    """Score the downbeats."""
    fields = answer.fields("beats")
    begins_bar = np.asarray(fields.get("downbeat_index") or [], int)
    if not begins_bar.size:
        return {"downbeat_f": 0.0}
    found_s = np.asarray(fields["times_s"], np.float64)[begins_bar]
    return {"downbeat_f": float(mir_eval.beat.f_measure(counted(item.beats()[1], item), counted(found_s, item)))}
