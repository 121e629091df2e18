"""Work with runs of True in a mask of frames: find them, close gaps, drop short ones.

Conventions
-----------
A mask is bool of shape (n,); a run is its first and one-past-last index. Own; these are the usual operations.
"""

import numpy as np
import numpy.typing as npt

from riffscope.arrays import Mask


def runs(mask: Mask) -> npt.NDArray[np.int64]:
    """Return the first and one-past-last index of each run of True: (n,) -> (k, 2)."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    return edges.reshape(-1, 2)


def fill_gaps(mask: Mask, longest: int) -> Mask:
    """Close gaps of at most ``longest`` frames between runs of True; the ends stay as they are."""
    out = mask.copy()
    for start, end in runs(~mask):
        if start > 0 and end < mask.size and end - start <= longest:
            out[start:end] = True
    return out


def drop_short(mask: Mask, shortest: int) -> Mask:
    """Clear runs of fewer than ``shortest`` frames."""
    out = mask.copy()
    for start, end in runs(mask):
        if end - start < shortest:
            out[start:end] = False
    return out
