"""Mel filters: bands of equal width up to 1 kHz and of equal ratio above, as the ear parts frequencies.

Conventions: frequencies in Hz; filters are float32 (n_mels, 1 + n_fft // 2), triangles with a peak of 1, low to high.

References
----------
Slaney, "Auditory toolbox", Interval Research technical report 1998-010: the scale, 3 mels to 200 Hz below 1 kHz and 27
to a factor of 6.4 above. The numbers are librosa's to the last bit.
"""

import numpy as np

from riffscope.arrays import Float32s, Floats

# Up to here mels are of equal width ...
_LINEAR_UP_TO_HZ = 1000.0
# ... of so much, ...
_MEL_HZ = 200.0 / 3
_LINEAR_UP_TO_MEL = _LINEAR_UP_TO_HZ / _MEL_HZ
# ... and above each is this much wider than the one before (a logarithm).
_LOG_STEP = np.log(6.4) / 27.0


def mel_frequencies_hz(count: int, *, min_hz: float, max_hz: float) -> Floats:
    """Return so many frequencies, equally far apart in mels, from the lowest to the highest: (count,)."""
    mels = np.linspace(_hz_to_mel(min_hz), _hz_to_mel(max_hz), count)
    above = mels >= _LINEAR_UP_TO_MEL
    frequencies_hz: Floats = _MEL_HZ * mels
    frequencies_hz[above] = _LINEAR_UP_TO_HZ * np.exp(_LOG_STEP * (mels[above] - _LINEAR_UP_TO_MEL))
    return frequencies_hz


def mel_filters(sample_rate_hz: int, *, n_fft: int, n_mels: int, min_hz: float, max_hz: float) -> Float32s:
    """Return triangular filters of equal height, each from the middle of the one before to that of the next."""
    bins_hz = np.fft.rfftfreq(n_fft, 1.0 / sample_rate_hz)
    edges_hz = mel_frequencies_hz(n_mels + 2, min_hz=min_hz, max_hz=max_hz)
    widths_hz = np.diff(edges_hz)
    away_hz = np.subtract.outer(edges_hz, bins_hz)
    filters = np.empty((n_mels, len(bins_hz)), np.float32)
    for band in range(n_mels):
        rising, falling = -away_hz[band] / widths_hz[band], away_hz[band + 2] / widths_hz[band + 1]
        filters[band] = np.maximum(0, np.minimum(rising, falling))
    return filters


def _hz_to_mel(frequency_hz: float) -> float:
    if frequency_hz < _LINEAR_UP_TO_HZ:
        return frequency_hz / _MEL_HZ
    return float(_LINEAR_UP_TO_MEL + np.log(frequency_hz / _LINEAR_UP_TO_HZ) / _LOG_STEP)
