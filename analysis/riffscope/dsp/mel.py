"""Mel filters: bands of equal width up to 1 kHz and of equal ratio above, as librosa makes them.

Conventions: frequencies in Hz; filters are float32 of shape (bands, bins), low to high, triangles with a peak of 1.

Source: Slaney's mel scale (Auditory Toolbox, 1998), as in librosa.
"""

from typing import Any

import numpy as np

from riffscope.arrays import Float32s, Floats
from riffscope.caches import kept_array


def mel_filters(*, sample_rate_hz: int, n_fft: int, bands: int, lowest_hz: float, highest_hz: float) -> Float32s:
    """Return triangular filters of equal height: (bands, 1 + n_fft // 2)."""

    def make() -> Any:
        import librosa

        # Triangles of equal area, made equally high in double precision: the same bits as with `norm=None`, for which
        # librosa 0.11 has numba compile a dozen functions that it then does not call, for 15 s after an installation.
        edges_hz = librosa.mel_frequencies(n_mels=bands + 2, fmin=lowest_hz, fmax=highest_hz)
        areas = librosa.filters.mel(
            sr=sample_rate_hz,
            n_fft=n_fft,
            n_mels=bands,
            fmin=lowest_hz,
            fmax=highest_hz,
            norm="slaney",
            dtype=np.float64,
        )
        heights = 2 / (edges_hz[2:] - edges_hz[:-2])
        return (areas / heights[:, np.newaxis]).astype(np.float32)

    name = f"mel_filters-{sample_rate_hz}-{n_fft}-{bands}-{lowest_hz}-{highest_hz}"
    filters: Float32s = kept_array(name, make, shape=(bands, 1 + n_fft // 2), dtype=np.float32)
    return filters


def mel_middles_hz(*, bands: int, lowest_hz: float, highest_hz: float) -> Floats:
    """Return the frequencies at which the filters of these bands peak: (bands,)."""

    def make() -> Any:
        import librosa

        return librosa.mel_frequencies(n_mels=bands + 2, fmin=lowest_hz, fmax=highest_hz)[1:-1]

    name = f"mel_middles-{bands}-{lowest_hz}-{highest_hz}"
    middles_hz: Floats = kept_array(name, make, shape=(bands,), dtype=np.float64)
    return middles_hz
