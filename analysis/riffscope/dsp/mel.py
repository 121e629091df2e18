"""Slaney's mel scale: linear below 1 kHz, logarithmic above; and the triangular filters that lie evenly on it.

The numbers are those of librosa, which takes .4 s of CPU to import.

References
----------
.. [1] Slaney, "Auditory toolbox: a MATLAB toolbox for auditory modeling work", Interval Research technical report
   1998-010, 1998.
"""

import numpy as np
import numpy.typing as npt

from riffscope.arrays import Float32s, Floats

# Below the corner a mel is so wide; from there on, 27 mels multiply the frequency by 6.4 [1]_.
_HZ_PER_MEL = 200.0 / 3
_CORNER_HZ = 1000.0
_CORNER_MEL = _CORNER_HZ / _HZ_PER_MEL
_LOG_STEP = np.log(6.4) / 27.0


def hz_to_mel(frequencies_hz: npt.ArrayLike) -> Floats:
    """Convert frequencies to mels."""
    given = np.asarray(frequencies_hz, dtype=np.float64)
    above = _CORNER_MEL + np.log(np.maximum(given, _CORNER_HZ) / _CORNER_HZ) / _LOG_STEP
    return np.where(given >= _CORNER_HZ, above, given / _HZ_PER_MEL)


def mel_to_hz(mels: npt.ArrayLike) -> Floats:
    """Convert mels to frequencies."""
    given = np.asarray(mels, dtype=np.float64)
    above = _CORNER_HZ * np.exp(_LOG_STEP * (np.maximum(given, _CORNER_MEL) - _CORNER_MEL))
    return np.where(given >= _CORNER_MEL, above, _HZ_PER_MEL * given)


def mel_frequencies(*, lowest_hz: float, highest_hz: float, count: int) -> Floats:
    """Return frequencies that lie evenly on the mel scale, from the lowest to the highest: (count,)."""
    low, high = hz_to_mel([lowest_hz, highest_hz])
    return mel_to_hz(np.linspace(low, high, count))


def mel_filters(*, sample_rate_hz: int, n_fft: int, lowest_hz: float, highest_hz: float, count: int) -> Float32s:
    """Return triangular filters with a peak of 1, each from its neighbour's peak to the next: (count, 1 + n_fft // 2).

    Parameters
    ----------
    lowest_hz, highest_hz : float
        Where the first begins and the last ends.
    """
    bins_hz = np.fft.rfftfreq(n_fft, 1.0 / sample_rate_hz)
    corners_hz = mel_frequencies(lowest_hz=lowest_hz, highest_hz=highest_hz, count=count + 2)
    widths_hz = np.diff(corners_hz)[:, None]
    from_corner_hz = corners_hz[:, None] - bins_hz
    rising = -from_corner_hz[:-2] / widths_hz[:-1]
    falling = from_corner_hz[2:] / widths_hz[1:]
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
