"""Chords: the harmony of each bar.

Conventions
    Labels in Harte's notation. Only bars whose chord is struck count: riff and bass alone imply one.

Metrics
    ``chord_root``    share of the time in which the root is right (0..1)
    ``chord_majmin``  the same for root and third; mir_eval leaves diminished chords out (0..1)

References
----------
Harte et al., "Symbolic representation of musical chords", ISMIR 2005. `mir_eval.chord`.
"""

from collections.abc import Callable

import mir_eval
import numpy as np

from benchmarks.answers import Answer
from benchmarks.arrays import Floats
from benchmarks.items import Item, Json
from benchmarks.tasks import Scores, task

Comparison = Callable[[list[str], list[str]], Floats]
COMPARISONS: dict[str, Comparison] = {"chord_root": mir_eval.chord.root, "chord_majmin": mir_eval.chord.majmin}


@task("riff_period", reads="chords.spans")
def score_chords(item: Item, answer: Answer) -> Scores:
    """Score the chords, where the truth has any that are struck."""
    truth = [chord for chord in item.whole_truth().get("chords") or [] if chord["struck"]]
    if not truth:
        return {}
    found = answer.fields("chords").get("spans") or []
    if not found:
        return dict.fromkeys(COMPARISONS, 0.0)
    shares = {name: _right_share(truth, found, compare) for name, compare in COMPARISONS.items()}
    return {name: share for name, share in shares.items() if share is not None}


def _right_share(truth: list[Json], found: list[Json], compare: Comparison) -> float | None:
    """Share of the comparable time that is right; None where nothing can be compared."""
    intervals = np.array([[chord["start_s"], chord["end_s"]] for chord in found])
    labels = [chord["label"] for chord in found]
    right_s = total_s = 0.0
    for chord in truth:
        none = mir_eval.chord.NO_CHORD
        within, heard = mir_eval.util.adjust_intervals(
            intervals, list(labels), chord["start"], chord["end"], none, none
        )
        agrees = compare([chord["label"]] * len(heard), heard)
        lengths_s = np.diff(within, axis=1).ravel()
        right_s += float(lengths_s[agrees > 0].sum())
        total_s += float(lengths_s[agrees >= 0].sum())  # below 0: not to be compared
    return right_s / total_s if total_s else None
