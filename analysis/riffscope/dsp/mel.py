"""Mel scale: frequencies as far apart as they sound, and filters of triangles along it.

Conventions: frequencies in Hz; mels are those of Slaney's scale, linear up to 1 kHz (15 mels) and logarithmic above, 27
mels to a factor of 6.4.

References
----------
Slaney, "Auditory Toolbox, version 2", Interval Research Corporation, Technical Report 1998-010, 1998. The same numbers
as librosa's, whose import takes a second and 70 MB.
"""

import numpy as np

from riffscope.arrays import Float32s, Floats

_HZ_PER_MEL = 200.0 / 3
_LOG_FROM_HZ = 1000.0
_LOG_FROM_MEL = _LOG_FROM_HZ / _HZ_PER_MEL
_LOG_STEP = np.log(6.4) / 27.0


def mel_frequencies(count: int, *, min_hz: float, max_hz: float) -> Floats:
    """Return frequencies at equal distances on the mel scale, both ends among them: (count,)."""
    mels = np.linspace(_to_mel(min_hz), _to_mel(max_hz), count)
    frequencies_hz: Floats = _HZ_PER_MEL * mels
    above = mels >= _LOG_FROM_MEL
    frequencies_hz[above] = _LOG_FROM_HZ * np.exp(_LOG_STEP * (mels[above] - _LOG_FROM_MEL))
    return frequencies_hz


def mel_filters(sample_rate_hz: int, *, n_fft: int, count: int, min_hz: float, max_hz: float) -> Float32s:
    """Return triangular filters of equal height, each from the middle of one neighbour to that of the other.

    Returns
    -------
    float32 array, shape (count, 1 + n_fft // 2)
    """
    edges_hz = mel_frequencies(count + 2, min_hz=min_hz, max_hz=max_hz)
    widths_hz = np.diff(edges_hz)[:, np.newaxis]
    away_hz = edges_hz[:, np.newaxis] - np.fft.rfftfreq(n_fft, 1 / sample_rate_hz)
    rising, falling = -away_hz[:-2] / widths_hz[:-1], away_hz[2:] / widths_hz[1:]
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


def _to_mel(frequency_hz: float) -> float:
    if frequency_hz < _LOG_FROM_HZ:
        return frequency_hz / _HZ_PER_MEL
    return float(_LOG_FROM_MEL + np.log(frequency_hz / _LOG_FROM_HZ) / _LOG_STEP)
