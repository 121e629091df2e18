"""Octave bands: their edges, and the length of frame whose spectrum resolves the lowest of them.

Conventions: frequencies in Hz; a band runs from its lower edge up to its upper one.

Source: IEC 61260-1 (octave bands around 1000 x 2^k Hz).
"""

import numpy as np

from riffscope.arrays import Floats

# Octave bands around 31.5 Hz ... 16 kHz: an edge lies half an octave from either centre.
BAND_EDGES_HZ = tuple(1000 * 2.0**k for k in np.arange(-5.5, 5.0))
# Bins of a frame this long lie less than 7 Hz apart, so a Hann window tells 20 Hz from 60 Hz.
MIN_FRAME_S = 0.15


def band_edges_hz(nyquist_hz: float) -> Floats:
    """Return the edges of the octaves that a sample rate holds, the highest one cut where it must be: (bands + 1,)."""
    return np.unique(np.minimum(BAND_EDGES_HZ, nyquist_hz))


def frame_length(sample_rate_hz: int) -> int:
    """Return the length of frame that octaves are read from, in samples: a power of two of at least 0.15 s."""
    return 1 << int(np.ceil(np.log2(MIN_FRAME_S * sample_rate_hz)))
