"""Ends of a range: how far the lowest or highest note that was found may be from the one that was sung.

Half of them are right within a tenth of a semitone, and one in ten is off by a third or more: an instrument or another
singer was followed, or the extreme note was missed. What tells these songs is whether the end stays where it is when
only surer frames count, and how much of the singing lies near it.

Conventions: pitches in semitones; distances are positive towards the middle of the range, for either end.

References
----------
.. [1] Koenker & Bassett, "Regression quantiles", Econometrica 46(1), 1978.
.. [2] Romano, Patterson & Candès, "Conformalized quantile regression", NeurIPS 2019.
"""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from riffscope.arrays import Floats, Mask

# Percentiles of sung time at which a range ends, so that one slipped frame does not stretch it.
END_PERCENT = 2.0
# How far the end moves is asked with frames that are surer than these, in the mean of `SURER_OVER_STEPS`.
SURER = (0.7, 0.8, 0.9)
# 0.4 s.
SURER_OVER_STEPS = 40
# With fewer frames, half a second, surer ones have no end of their own, and this stands for how far it would move.
MIN_STEPS, UNKNOWN_SEMITONES = 50, 6.0
# No distance counts for more than an octave.
MAX_SEMITONES = 12.0
# The extreme frames are those beyond this percentile, and the outermost ones lie at the second.
EXTREME_PERCENT, OUTERMOST_PERCENT = 5.0, 0.5


class EndModel(NamedTuple):
    """How far the truth lies from an end at most, nine times in ten: softplus of a linear function of its signs [1]_.

    Attributes
    ----------
    weights : array, shape (9,)
        In the order of `end_signs`.
    bias : float
    """

    weights: Floats
    bias: float

    def reach_semitones(self, signs: Floats) -> float:
        """Return how far the truth may lie, for signs (9,)."""
        return float(np.logaddexp(0.0, float(signs @ self.weights) + self.bias))


def end_signs(melody: Floats, pitched: Floats, probability: Floats, certain: Mask, *, highest: bool) -> Floats:
    """Return what tells whether an end of the range is right, (9,).

    How far inwards it moves when only frames surer than .7, .8 and .9 count; how far inwards lie the 10th and the 5th
    percentile; how far outwards the outermost frames; how unsure the extreme frames are, 0..1; which share of the sung
    time is not certain; and how unsure the certain frames are.

    Parameters
    ----------
    melody : array, shape (m,)
        The certain pitches that the range is taken from, sorted; of the lowest end.
    pitched : array, shape (n,)
        The pitch every 10 ms, NaN where nobody sings.
    probability : array, shape (n,)
        That someone sings.
    certain : mask, shape (n,)
    highest : bool
        The signs of the highest end: all is turned upside down.
    """
    turned = -1.0 if highest else 1.0
    ordered = np.sort(turned * melody)
    end, fifth, tenth = np.percentile(ordered, [END_PERCENT, EXTREME_PERCENT, 10.0])
    midi = turned * pitched
    outermost = float(np.percentile(midi[certain], OUTERMOST_PERCENT))
    around = ndimage.uniform_filter1d(probability, SURER_OVER_STEPS)
    within = certain & (midi >= ordered[0]) & (midi <= ordered[-1])
    moved = [_moves_inwards(midi[within & (around > surer)], float(end)) for surer in SURER]
    extreme = certain & (midi <= fifth)
    return np.array(
        [
            *moved,
            tenth - end,
            fifth - end,
            min(max(float(end) - outermost, 0.0), MAX_SEMITONES),
            1 - float(probability[extreme].mean()),
            1 - float(certain.sum()) / max(1, int(np.isfinite(pitched).sum())),
            1 - float(probability[certain].mean()),
        ]
    )


def _moves_inwards(surer: Floats, end: float) -> float:
    if surer.size < MIN_STEPS:
        return UNKNOWN_SEMITONES
    return min(max(float(np.percentile(surer, END_PERCENT)) - end, 0.0), MAX_SEMITONES)
