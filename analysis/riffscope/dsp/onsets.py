"""Compute onset strength: how strongly something begins at each frame.

Conventions
-----------
Bands are magnitudes of a mel spectrogram, shape (n_bands, n_frames), low to high. Their gain does not matter.

References
----------
The rise in each band is SuperFlux [1]_; the compression and the scale are our own.

.. [1] Böck & Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013 (SuperFlux).
"""

import numpy as np
import numpy.typing as npt
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from riffscope.arrays import Float32s

# Log compression: a partial at the song's mean level becomes log10(1 + 10), and one 40 dB below it log10(1.1). Chosen,
# not fitted.
_COMPRESSION = 10.0
# Frames more than 40 dB below the loudest are pauses and do not count for the mean level. Chosen, not fitted.
_PAUSE = 0.01
# Onsets are what exceeds the mean of the second around them.
_MEAN_S = 1.0
# They are scaled by their RMS over 6 s: long enough for several beats of a slow song, and short enough to follow a
# verse that is softer than the chorus.
_SCALE_S = 6.0
# A share of the RMS over the whole song keeps a pause from being scaled up to full strength. Chosen, not fitted.
_SONG_SHARE = 0.2
# Frames within 50 dB of the loudest hold sound, as a ratio of powers. Chosen, not fitted.
_SOUNDING_POWER = 1e-5
# Frames that are squared at a time, for memory: 10 s at 22.05 kHz.
_FRAMES = 512


def compress(bands: Float32s) -> Float32s:
    """Return the log magnitude of bands (n_bands, n_frames) relative to the song's mean level, whatever its gain."""
    level = bands.mean(axis=0)
    sounding = level > _PAUSE * level.max(initial=0.0)
    if not sounding.any():
        return np.zeros_like(bands)
    compressed: Float32s = np.log10(1 + np.float32(_COMPRESSION / level[sounding].mean()) * bands)
    return compressed


def superflux(bands: Float32s, *, lag_frames: int = 2) -> Float32s:
    """Return the rise in each band, with vibrato suppressed [1]_.

    Parameters
    ----------
    bands : float32 array, shape (n_bands, n_frames)
        Magnitudes in narrow bands, low to high.
    lag_frames : int
        How many frames back to compare with: frames that overlap share too much for a rise to show at once.

    Returns
    -------
    float32 array, shape (n_bands, n_frames), 0 or more.
    """
    compressed = compress(bands)
    # A partial that glides into the next band is no onset, so each band is compared with the loudest of three before.
    before = maximum_filter1d(compressed, 3, axis=0)
    rise: Float32s = compressed.copy()
    rise[:, lag_frames:] -= before[:, : bands.shape[1] - lag_frames]
    np.maximum(rise, 0, out=rise)
    return rise


def on_own_scale(strength: Float32s, *, frame_rate_hz: float, smallest: float) -> Float32s:
    """Scale onset strength (..., n_frames) so that ordinary onsets are about 1, in loud and in soft passages.

    The local mean is taken off, and what remains is divided by its RMS over 6 s. Onsets of the `smallest` strength stay
    below 1 even where there is nothing else, so that a held tone has none.
    """
    mean_frames, scale_frames = round(_MEAN_S * frame_rate_hz), round(_SCALE_S * frame_rate_hz)
    peaks = np.maximum(strength - uniform_filter1d(strength, mean_frames, axis=-1, mode="nearest"), 0)
    local = np.sqrt(np.maximum(uniform_filter1d(peaks * peaks, scale_frames, axis=-1, mode="nearest"), 0))
    whole = np.sqrt((peaks * peaks).mean(axis=-1, keepdims=True))
    scaled: Float32s = peaks / (local + _SONG_SHARE * whole + np.float32(smallest))
    return scaled


def greatest_near(curves: npt.NDArray[np.floating], frames: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return the maximum of each curve (..., n_frames) within one frame of some frames: (..., n)."""
    inner = np.clip(frames, 1, curves.shape[-1] - 2)
    greatest: npt.NDArray[np.float64] = np.max([curves[..., inner + k] for k in (-1, 0, 1)], axis=0).astype(np.float64)
    return greatest


def frame_power(samples: Float32s, *, hop_length: int) -> Float32s:
    """Return the mean power of each frame of samples (n,), the last filled up with silence: (n_frames,)."""
    power = np.empty(-(-len(samples) // hop_length), np.float32)
    for first in range(0, len(power), _FRAMES):
        frames = power[first : first + _FRAMES]
        piece = samples[first * hop_length : (first + len(frames)) * hop_length]
        pad = len(frames) * hop_length - len(piece)
        frames[:] = (np.pad(piece, (0, pad)).reshape(-1, hop_length) ** 2).mean(axis=1)
    return power


def sounding_frames(samples: Float32s, *, hop_length: int) -> tuple[int, int]:
    """Return the first and the last frame of samples (n,) that lie within 50 dB of the loudest frame."""
    power = frame_power(samples, hop_length=hop_length)
    sounding = np.flatnonzero(power > _SOUNDING_POWER * power.max())
    return (int(sounding[0]), int(sounding[-1])) if sounding.size else (0, 0)
