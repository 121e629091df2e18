"""Cut the stretches of a loop into passes: one cut, for beats while a loop is found and for seconds in its result.

Conventions
-----------
A pass runs from one start of the loop to the next. The first and the last pass of a stretch may be cut short. Own.
"""

import itertools

import numpy as np
import numpy.typing as npt

from riffscope.arrays import Floats


def cut_passes(start: float, end: float, loop_starts: npt.ArrayLike, *, tolerance: float = 0.0) -> Floats:
    """Return where each pass begins and ends: (n_passes, 2), n_passes >= 1.

    Parameters
    ----------
    start, end : float
        The stretch in which the loop sounds, in beats or in seconds.
    loop_starts : array, shape (k,)
        Increasing, in the same unit: where the loop starts anew.
    tolerance : float
        A start this close to either end of the stretch is the end itself, which may be rounded.
    """
    starts = np.asarray(loop_starts, np.float64)
    inner = starts[(starts > start + tolerance) & (starts < end - tolerance)].tolist()
    return np.array(list(itertools.pairwise([start, *inner, end])), np.float64)
