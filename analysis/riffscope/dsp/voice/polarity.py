"""Polarity: a voice that is upside down in one channel is turned back, band by band, so that it survives a downmix.

Conventions: float32 sound, (channels, n). Source: own; the sign of the coherence of two channels, for which the mean
of the song stands.
"""

import itertools

import numpy as np
import scipy.fft

from riffscope.arrays import Float32s, Floats
from riffscope.dsp.filtering import filter_evenly

# Octaves: a widener, a crossover or a chorus turns some bands and leaves others.
BAND_EDGES_HZ = (0.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, np.inf)
# A quarter of a second at 16 kHz, rounded to a length that transforms fast.
_BLOCK = 4096
# Taps of the filter that turns some bands: long enough to part octaves from 125 Hz on at 16 kHz.
_TAPS = 511


def signs_by_band(voice: Float32s, sample_rate_hz: int) -> Floats:
    """Return 1 or -1 for each band: whether the two channels of a voice agree there, (2, n) -> (7,).

    The sign is that of the real part of the cross-spectrum, summed over the song: what both channels share counts,
    however much each has of its own.
    """
    shared = np.zeros(_BLOCK // 2 + 1)
    for first in range(0, voice.shape[1], _BLOCK):
        spectra = scipy.fft.rfft(voice[:, first : first + _BLOCK], _BLOCK)
        shared += (spectra[0] * spectra[1].conj()).real
    bins = np.searchsorted(np.arange(shared.size) * sample_rate_hz / _BLOCK, BAND_EDGES_HZ)
    sums = np.array([shared[first:end].sum() for first, end in itertools.pairwise(bins)])
    return np.where(sums < 0, -1.0, 1.0)


def turn_bands(channels: Float32s, signs: Floats, sample_rate_hz: int) -> Float32s:
    """Turn the second channel upside down in the bands of sign -1: (2, n) -> (2, n), the same where there are none."""
    if (signs > 0).all():
        return channels
    frequencies_hz = np.linspace(0, sample_rate_hz / 2, _TAPS // 2 + 1)
    band = np.searchsorted(BAND_EDGES_HZ, frequencies_hz, side="right") - 1
    # One linear-phase filter, as long before its middle as after it: no delay.
    response = np.roll(scipy.fft.irfft(signs[band], _TAPS), _TAPS // 2) * np.hanning(_TAPS)
    return np.stack([channels[0], filter_evenly(channels[1], response)])
