"""Panning: the main direction of a stereo sound, and what comes from beside it.

Conventions: sound is float32 (channels, n); directions are rotations of the two channels against each other, so that
main and beside together have the energy of both channels.

Source: own; the principal component analysis of two channels, over all frequencies at once.
"""

from collections.abc import Callable, Iterable

import numpy as np

from riffscope.arrays import Float32s, Mask
from riffscope.dsp.blocks import Channel, Derived, slices
from riffscope.dsp.runs import runs

# A difference of the channels 60 dB below the sound is rounding, or what a codec left: the sound is mono.
MONO_BELOW = 1e-6


def is_mono(channels: Float32s) -> bool:
    """Tell whether the first two channels of (channels, n) are the same, or there is but one."""
    return is_mono_in(channels[:, part] for part in slices(channels.shape[1]))


def is_mono_in(blocks: Iterable[Float32s]) -> bool:
    """Tell the same of sound that comes in blocks, (channels, k) each."""
    difference, whole = 0.0, 0.0
    for channels in blocks:
        if len(channels) == 1:
            return True
        left, right = channels[:2]
        apart = left - right
        difference += float(np.dot(apart, apart))
        whole += float(np.dot(left, left)) + float(np.dot(right, right))
    return difference <= MONO_BELOW * whole


def main_angle(channels: Float32s, heard: Mask) -> float:
    """Return the main direction of two channels, (2, n), as an angle in radians: their first principal component.

    Parameters
    ----------
    channels : float32 array, shape (2, n)
    heard : mask, shape (steps,)
        Which of so many equal parts of the sound decide on the direction.

    Notes
    -----
    What comes along it and what comes from beside it are the principal components of the channels. One voice, wherever
    it is panned, has nothing beside; the main direction of a voice in the centre is the centre. Two channels that share
    nothing become two of like energy.
    """
    steps = len(heard)
    length = channels.shape[1] // steps if steps else 0
    across, difference = 0.0, 0.0
    for first, last in runs(heard).tolist() if length else []:
        for part in slices((last - first) * length):
            begin = first * length
            left, right = channels[:, begin + part.start : begin + part.stop]
            across += float(np.dot(left, right))
            difference += float(np.dot(left, left)) - float(np.dot(right, right))
    return 0.5 * float(np.arctan2(2 * across, difference))


def along(channels: Float32s, angle: float) -> Float32s:
    """Return what comes from a direction, (2, n) -> (n,)."""
    return _sum_of(channels, np.cos(angle), np.sin(angle))


def beside(channels: Float32s, angle: float) -> Float32s:
    """Return what comes from beside a direction, (2, n) -> (n,)."""
    return _sum_of(channels[::-1], np.cos(angle), -np.sin(angle))


def derived(channels: Float32s, mixed: Callable[[Float32s], Float32s]) -> Channel:
    """Return the channel that a function makes of two, (2, k) -> (k,), where it is read."""
    return Derived(count=channels.shape[1], read=lambda part: mixed(channels[:, part]))


def _sum_of(channels: Float32s, first: float, second: float) -> Float32s:
    """Add up two channels, each times a factor, a block at a time: (2, n) -> (n,)."""
    out = np.empty(channels.shape[1], np.float32)
    for part in slices(out.size):
        np.multiply(channels[0, part], np.float32(first), out=out[part])
        out[part] += np.float32(second) * channels[1, part]
    return out
