"""Filtering by the product of spectra, block after block, in little memory.

Conventions: sound (n,). A filter is given by its gains, complex of shape (1 + n_fft // 2,), at the frequencies
k / n_fft of the sample rate; complex64 filters in single precision, complex128 in double.

References
----------
Overlap-save: Oppenheim & Schafer, "Discrete-Time Signal Processing", 3rd ed., 2010, section 8.7.3. `scipy.signal` can
do the same, and takes as long to import as filtering ten minutes of sound takes, and 40 MB.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import scipy.fft
from numpy.lib.stride_tricks import sliding_window_view

from riffscope import long_arrays
from riffscope.arrays import Float32s, Floats

# Transforms that go side by side take a third less than one after another; more of them leave the processor's cache.
_ROWS = 4
# A transform is so many times as long as a response, or up to twice that: half of it costs more, twice of it the same.
_LONGER = 3


def transform_length(reach: int) -> int:
    """Return the length of transforms for a filter that reaches back so many samples, a power of two."""
    return int(2 ** np.ceil(np.log2(_LONGER * reach + 1)))


def filtered_blocks(
    sound: npt.NDArray[np.floating], gains: npt.NDArray[np.complexfloating], *, reach: int, ahead: int = 0
) -> Iterator[npt.NDArray[np.floating]]:
    """Give what a filter makes of a sound, as long as it, in consecutive blocks of any length.

    Parameters
    ----------
    sound : float array, shape (n,)
        Silence is taken to surround it.
    gains : complex array, shape (1 + n_fft // 2,)
    reach : int
        How many samples the response reaches back, less than `n_fft`. What it is further back is not cut off, but falls
        on the wrong samples.
    ahead : int
        So many samples of the filter's delay are made up for.
    """
    n_fft = 2 * (len(gains) - 1)
    step = n_fft - reach
    for first in range(0, len(sound), _ROWS * step):
        rows = min(_ROWS, -(-(len(sound) - first) // step))
        begin = first + ahead - reach
        piece = sound[max(begin, 0) : begin + reach + rows * step]
        padded = np.zeros(reach + rows * step, gains.real.dtype)
        padded[max(-begin, 0) :][: len(piece)] = piece
        spectra = scipy.fft.rfft(sliding_window_view(padded, n_fft)[::step], axis=1)
        spectra *= gains
        filtered = scipy.fft.irfft(spectra, n_fft, axis=1)[:, reach:]
        yield filtered.ravel()[: len(sound) - first]


def filter_evenly(sound: Float32s, response: Floats) -> Float32s:
    """Filter a sound (n,) with a response of odd length around its middle: same shape, without delay."""
    reach = len(response) - 1
    gains = scipy.fft.rfft(response.astype(np.float32), transform_length(reach))
    out, first = long_arrays.empty(sound.shape), 0
    for block in filtered_blocks(sound, gains, reach=reach, ahead=reach // 2):
        out[first : first + len(block)] = block
        first += len(block)
    return out
