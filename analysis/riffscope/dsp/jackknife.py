"""Jackknife: how well a number that is made of sums over time is known from the stretch of time it is taken from.

The stretch is cut into parts of two seconds, which count as independent where its frames are not, and the number is
made again without each of them in turn.

Conventions: frames are rows, and what is summed over them columns.

References
----------
.. [1] Tukey, "Bias and confidence in not-quite large samples", Annals of Mathematical Statistics 29, 1958.
.. [2] Künsch, "The jackknife and the bootstrap for general stationary observations", Annals of Statistics 17(3), 1989
   (parts of consecutive observations, for series whose neighbours are alike).
"""

from collections.abc import Callable

import numpy as np
from scipy.special import stdtrit

from riffscope.arrays import Floats

# About a bar. Of longer parts short sections have too few to tell how far they vary. Chosen, not fitted.
PART_S = 2.0
# The range holds nine in ten: a twentieth lies beyond either end.
ONE_SIDED = 0.95


def half_width(frames: Floats, statistic: Callable[[Floats], Floats], *, lasts_s: float) -> float:
    """Return how far the truth may lie from a statistic either way, nine times in ten [1]_.

    Parameters
    ----------
    frames : array, shape (n, k)
        What is summed, frame by frame, n >= 2.
    statistic : function
        Sums (..., k) in, numbers (...) out.
    lasts_s : float
        How long the frames last together: they are cut into two parts at least, of 2 s where there is time.
    """
    count = min(max(2, round(lasts_s / PART_S)), len(frames))
    edges = np.linspace(0, len(frames), count, endpoint=False).astype(np.int64)
    sums = np.add.reduceat(frames, edges, axis=0)
    without = statistic(sums.sum(axis=0) - sums)
    variance = (count - 1) / count * np.square(without - without.mean()).sum()
    return float(stdtrit(count - 1, ONE_SIDED) * np.sqrt(variance))
