"""Downmix: all channels as one, unless they cancel each other.

Conventions: sound is float32 (channels, n); the downmix is the mean of the channels, (n,). Source: own.
"""

import numpy as np

from riffscope.arrays import Float32s
from riffscope.dsp.decibels import db_to_power

# A downmix this far below its loudest channel has cancelled itself; ordinary wide stereo loses 3 to 6 dB.
CANCELLED_DB = 15.0


def downmix(channels: Float32s) -> Float32s:
    """Mix channels (channels, n) down to one (n,); where they cancel each other, the loudest one stands for all."""
    mixed: Float32s = channels[0] if len(channels) == 1 else downmix_weights(channels) @ channels
    return mixed


def downmix_weights(channels: Float32s) -> Float32s:
    """Return how much of each channel, (channels, n), goes into the downmix: (channels,), with a sum of 1."""
    weights = np.full(len(channels), 1 / len(channels), np.float32)
    if cancels(channels):
        weights[:] = 0
        weights[np.argmax([np.dot(channel, channel) for channel in channels])] = 1
    return weights


def cancels(channels: Float32s) -> bool:
    """Tell whether the channels, (channels, n), cancel each other in the downmix: antiphase stereo does."""
    products = channels @ channels.T  # the energy of the sum of all channels is the sum of all entries
    loudest = float(products.diagonal().max())
    return loudest > 0 and float(products.sum()) / len(channels) ** 2 < loudest * db_to_power(-CANCELLED_DB)
