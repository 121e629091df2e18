"""Resampling: the same sound at another sample rate.

Conventions: float32, time along the last axis; rates in Hz. Source: the SoX resampler (python-soxr).
"""

import numpy as np
import soxr

from riffscope.arrays import Float32s


def resample(samples: Float32s, from_hz: int, to_hz: int) -> Float32s:
    """Resample along the last axis with soxr's HQ recipe: (n,) or (channels, n) float32, same shape but for length."""
    if from_hz == to_hz:
        return samples.copy()
    # Before numpy 2.4 the transpose of a single sample has strides that soxr refuses.
    frames = samples.T if samples.shape[-1] > 1 else samples.T.copy()
    out = soxr.resample(frames, from_hz, to_hz, quality="HQ").T
    return np.ascontiguousarray(out, dtype=np.float32)
