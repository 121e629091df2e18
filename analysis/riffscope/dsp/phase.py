"""Whether channels add up when they are mixed to one."""

import numpy as np
import numpy.typing as npt

# A mix this far below its loudest channel has cancelled itself; ordinary wide stereo loses 3 to 6 dB.
CANCELLED_DB = 15.0


def cancels(channels: npt.NDArray[np.float32]) -> bool:
    """Tell whether a mix of the channels, (channels, n), to one loses their sound: antiphase stereo does."""
    products = channels @ channels.T  # the energy of the sum is the sum of all its entries
    loudest = float(products.diagonal().max())
    return loudest > 0 and float(products.sum()) / len(channels) ** 2 < loudest * 10 ** (-CANCELLED_DB / 10)
