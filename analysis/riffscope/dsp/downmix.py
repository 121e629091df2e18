"""Downmix: all channels as one, unless they cancel each other.

Conventions: sound is float32 (channels, n); the downmix is the mean of the channels, (n,). Source: own.
"""

from collections.abc import Iterable

import numpy as np

from riffscope.arrays import Float32s, Floats
from riffscope.dsp.decibels import db_to_power

# A downmix this far below its loudest channel has cancelled itself; ordinary wide stereo loses 3 to 6 dB.
CANCELLED_DB = 15.0


def downmix(channels: Float32s) -> Float32s:
    """Mix channels (channels, n) down to one (n,); where they cancel each other, the loudest one stands for all."""
    mixed: Float32s = channels[0] if len(channels) == 1 else downmix_weights(channels) @ channels
    return mixed


def downmix_weights(channels: Float32s) -> Float32s:
    """Return how much of each channel, (channels, n), goes into the downmix: (channels,), with a sum of 1."""
    return _weights_for(channels @ channels.T)


def weights_for_blocks(blocks: Iterable[Float32s]) -> Float32s:
    """Return the same of sound that comes in blocks, (channels, k) each."""
    products: Floats = np.sum([block @ block.T for block in blocks], axis=0, dtype=np.float64)
    return _weights_for(products)


def _weights_for(products: Float32s | Floats) -> Float32s:
    """Return the weights of channels from their products with each other, (channels, channels)."""
    weights = np.full(len(products), 1 / len(products), np.float32)
    if _cancel(products):
        weights[:] = 0
        weights[products.diagonal().argmax()] = 1
    return weights


def cancels(channels: Float32s) -> bool:
    """Tell whether the channels, (channels, n), cancel each other in the downmix: antiphase stereo does."""
    return _cancel(channels @ channels.T)


def _cancel(products: Float32s | Floats) -> bool:
    # The energy of the sum of all channels is the sum of all entries.
    loudest = float(products.diagonal().max())
    return loudest > 0 and float(products.sum()) / len(products) ** 2 < loudest * db_to_power(-CANCELLED_DB)
