"""Whether channels add up when they are mixed to one."""

import numpy as np
import numpy.typing as npt

# A mix this far below its loudest channel has cancelled itself; ordinary wide stereo loses 3 to 6 dB.
CANCELLED_DB = 15.0


def mix_to_one(channels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Mix channels (channels, n) to one (n,); where they cancel each other, the loudest channel stands for all."""
    mixed: npt.NDArray[np.float32]
    if len(channels) == 1:
        mixed = channels[0]
    elif cancels(channels):
        mixed = channels[np.argmax([np.dot(channel, channel) for channel in channels])]
    else:
        mixed = channels.sum(axis=0, dtype=np.float32) / np.float32(len(channels))
    return mixed


def cancels(channels: npt.NDArray[np.float32]) -> bool:
    """Tell whether a mix of the channels, (channels, n), to one loses their sound: antiphase stereo does."""
    products = channels @ channels.T  # the energy of the sum is the sum of all its entries
    loudest = float(products.diagonal().max())
    return loudest > 0 and float(products.sum()) / len(channels) ** 2 < loudest * 10 ** (-CANCELLED_DB / 10)
