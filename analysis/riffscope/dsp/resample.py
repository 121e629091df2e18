"""Resampling: the same sound at another sample rate.

Conventions: float32, time along the last axis; rates in Hz. Source: the SoX resampler (python-soxr).
"""

from collections.abc import Iterable, Iterator

import numpy as np
import soxr

from riffscope import long_arrays
from riffscope.arrays import Float32s
from riffscope.dsp.blocks import slices


def resample(samples: Float32s, from_hz: int, to_hz: int) -> Float32s:
    """Resample along the last axis with soxr's HQ recipe: (n,) or (channels, n) float32, same shape but for length."""
    if samples.ndim == 1:
        blocks = (samples[part] for part in slices(samples.size))
        return resample_blocks(blocks, from_hz, to_hz, count=samples.size)
    # Channel by channel: of all at once soxr makes frames, which would have to be copied into channels.
    first = resample(samples[0], from_hz, to_hz)
    out = long_arrays.empty((len(samples), first.size))
    out[0] = first
    del first
    for channel in range(1, len(samples)):
        out[channel] = resample(samples[channel], from_hz, to_hz)
    return out


def resample_blocks(blocks: Iterable[Float32s], from_hz: int, to_hz: int, *, count: int) -> Float32s:
    """Resample sound that comes in blocks, (k,) each, to the same samples as the whole at once would give: (n,).

    Parameters
    ----------
    count : int
        How many samples all blocks have: what they become is put where it stays.
    """
    out, at = long_arrays.empty((-(-count * to_hz // from_hz) + 1,)), 0
    for piece in blocks if from_hz == to_hz else _resampled(blocks, from_hz, to_hz):
        out[at : at + piece.size] = piece
        at += piece.size
    return long_arrays.cut(out, at)


def _resampled(blocks: Iterable[Float32s], from_hz: int, to_hz: int) -> Iterator[Float32s]:
    stream = soxr.ResampleStream(from_hz, to_hz, 1, dtype="float32", quality="HQ")
    for block in blocks:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.empty(0, np.float32), last=True)
