"""Spans of time as frames of 100 ms, so that they can be compared frame by frame."""

import math

import numpy as np

from benchmarks.arrays import Mask
from benchmarks.items import Spans

FRAME_S = 0.1


def mask_of(spans: Spans, duration_s: float) -> Mask:
    """Return which frames of a song lie within the spans, (n,) with at least one frame."""
    mask = np.zeros(max(1, math.ceil(duration_s / FRAME_S)), bool)
    for start_s, end_s in spans:
        mask[max(0, round(start_s / FRAME_S)) : round(end_s / FRAME_S)] = True
    return mask


def f_measure(truth: Mask, found: Mask) -> float:
    """Return the F-measure of the frames: 0 where none agrees, 1 where all do."""
    return 2 * int((truth & found).sum()) / max(1, int(truth.sum()) + int(found.sum()))
