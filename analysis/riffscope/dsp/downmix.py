"""Whether channels add up when they are mixed to one."""

import numpy as np

from riffscope.arrays import Float32s

# A mix this far below its loudest channel has cancelled itself; ordinary wide stereo loses 3 to 6 dB.
CANCELLED_DB = 15.0


def downmix(channels: Float32s) -> Float32s:
    """Mix channels (channels, n) to one (n,); where they cancel each other, the loudest channel stands for all."""
    mixed: Float32s = channels[0] if len(channels) == 1 else downmix_weights(channels) @ channels
    return mixed


def downmix_weights(channels: Float32s) -> Float32s:
    """Say how much of each channel, (channels, n), goes into one: (channels,), with a sum of 1."""
    weights = np.full(len(channels), 1 / len(channels), np.float32)
    if cancels(channels):
        weights[:] = 0
        weights[np.argmax([np.dot(channel, channel) for channel in channels])] = 1
    return weights


def cancels(channels: Float32s) -> bool:
    """Tell whether a mix of the channels, (channels, n), to one loses their sound: antiphase stereo does."""
    products = channels @ channels.T  # the energy of the sum is the sum of all its entries
    loudest = float(products.diagonal().max())
    return loudest > 0 and float(products.sum()) / len(channels) ** 2 < loudest * 10 ** (-CANCELLED_DB / 10)
