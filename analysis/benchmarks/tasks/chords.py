"""Chords: what harmony sounds when.

Conventions
    Labels in Harte's notation. Only chords that are struck count: riff and bass alone imply one. All shares are of the
    struck time that `mir_eval` can compare.

Metrics
    ``chord_root``     share of the time in which the root is right (0..1)
    ``chord_majmin``   the same for root and third; mir_eval leaves out what is neither major nor minor (0..1)
    ``chord_tetrads``  the same for root and quality, as in C:min7; the bass may be another (0..1)
    ``chord_brier``    mean square of the span's probability against whether root and quality are right (0..1, less is
                       better; .25 knows nothing); where the answer has probabilities
    ``chord_overconfidence``  mean probability, less the share that is right (-1..1, 0 is right)

References
----------
Harte et al., "Symbolic representation of musical chords", ISMIR 2005. `mir_eval.chord`.
"""

from collections.abc import Callable, Sequence

import mir_eval
import numpy as np

from benchmarks.answers import Answer
from benchmarks.arrays import Floats, Ints
from benchmarks.items import Item, Json
from benchmarks.tasks import Scores, task

Comparison = Callable[[list[str], list[str]], Floats]
COMPARISONS: dict[str, Comparison] = {
    "chord_root": mir_eval.chord.root,
    "chord_majmin": mir_eval.chord.majmin,
    "chord_tetrads": mir_eval.chord.tetrads,
}


@task("riff_period", "chords", reads="chords.spans")
def score_chords(item: Item, answer: Answer) -> Scores:
    """Score the chords, where the truth has any that are struck."""
    truth = [chord for chord in item.whole_truth().get("chords") or [] if chord["struck"]]
    if not truth:
        return {}
    found = answer.fields("chords").get("spans") or []
    if not found:
        return dict.fromkeys(COMPARISONS, 0.0)
    shares = {name: _right_share(truth, found, compare) for name, compare in COMPARISONS.items()}
    scores = {name: share for name, share in shares.items() if share is not None}
    return {**scores, **_calibration(truth, found)}


def _right_share(truth: Sequence[Json], found: Sequence[Json], compare: Comparison) -> float | None:
    """Share of the comparable time that is right; None where nothing can be compared."""
    _, lengths_s, agrees = _pieces(truth, found, compare)
    total_s = lengths_s[agrees >= 0].sum()
    return float(lengths_s[agrees > 0].sum() / total_s) if total_s else None


def _calibration(truth: Sequence[Json], found: Sequence[Json]) -> Scores:
    """Compare the probabilities of the spans with what is right; nothing where a span has none."""
    if any(chord.get("probability") is None for chord in found):
        return {}
    spans, lengths_s, agrees = _pieces(truth, found, mir_eval.chord.tetrads)
    compared = (agrees >= 0) & (spans >= 0)
    if not lengths_s[compared].sum():
        return {}
    probabilities = np.array([chord["probability"] for chord in found])[spans[compared]]
    right = agrees[compared] > 0
    weights = lengths_s[compared]
    return {
        "chord_brier": float(np.average(np.square(probabilities - right), weights=weights)),
        "chord_overconfidence": float(np.average(probabilities - right, weights=weights)),
    }


def _pieces(truth: Sequence[Json], found: Sequence[Json], compare: Comparison) -> tuple[Ints, Floats, Floats]:
    """Cut the struck chords where a found span begins or ends.

    Returns
    -------
    spans, lengths_s, agrees : array, each of shape (n,)
        Of each piece: which span it lies in, -1 outside of all; its length; 1 where both agree, 0 where they do not, -1
        where they cannot be compared.
    """
    intervals = np.array([[chord["start_s"], chord["end_s"]] for chord in found])
    labels = [chord["label"] for chord in found]
    spans, lengths_s, agrees = [], [], []
    for chord in truth:
        none = mir_eval.chord.NO_CHORD
        within, heard = mir_eval.util.adjust_intervals(
            intervals, list(labels), chord["start"], chord["end"], none, none
        )
        middles_s = within.mean(axis=1)
        at = np.searchsorted(intervals[:, 0], middles_s, "right") - 1
        spans.append(np.where((at >= 0) & (middles_s < intervals[at, 1]), at, -1))
        lengths_s.append(np.diff(within, axis=1).ravel())
        agrees.append(compare([chord["label"]] * len(heard), heard))
    return np.concatenate(spans), np.concatenate(lengths_s), np.concatenate(agrees)
