"""Onset strength: how strongly something begins, moment by moment.

References
----------
.. [1] Böck & Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013 (SuperFlux).
"""

import numpy as np
import numpy.typing as npt
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from riffscope.arrays import Float32s

# Log compression: a partial at the song's mean level becomes log10(1 + 10), one 40 dB below it log10(1.1).
_COMPRESSION = 10.0
# Frames more than 40 dB below the loudest are pauses and do not count for the mean level.
_PAUSE = 0.01


def compress(bands: Float32s) -> Float32s:
    """Return the log magnitude of bands (n_bands, n_frames) against the song's own mean level; the same at any gain."""
    level = bands.mean(axis=0)
    sounding = level > _PAUSE * level.max(initial=0.0)
    if not sounding.any():
        return np.zeros_like(bands)
    compressed: Float32s = np.log10(1 + np.float32(_COMPRESSION / level[sounding].mean()) * bands)
    return compressed


def superflux(bands: Float32s, *, lag_frames: int = 2) -> Float32s:
    """Return the rise in each band, blind to vibrato [1]_.

    Parameters
    ----------
    bands : float32 array, shape (n_bands, n_frames)
        Magnitudes in narrow bands, low to high. Their common gain does not matter.
    lag_frames : int
        Compare with the frame so many before. Frames that overlap by half share too much for a rise to show at once.

    Returns
    -------
    float32 array, shape (n_bands, n_frames), 0 or more.
    """
    compressed = compress(bands)
    # A partial that glides into the next band has not begun anew: the loudest of three bands stands for the past.
    past = maximum_filter1d(compressed, 3, axis=0)
    rise: Float32s = compressed.copy()
    rise[:, lag_frames:] -= past[:, : bands.shape[1] - lag_frames]
    np.maximum(rise, 0, out=rise)
    return rise


def on_own_scale(strength: Float32s, *, frame_rate_hz: float, smallest: float) -> Float32s:
    """Bring onset strength (..., n_frames) to a scale on which ordinary onsets are about 1, in loud and soft passages.

    What stays within the mean of the second around it is no onset; the rest is divided by its effective value over 6 s,
    long enough for several beats of a slow song and short enough to follow a verse that is softer than the chorus.
    Onsets of the `smallest` strength come to less than 1 even where there is nothing else: a held tone has none.
    """
    second, stretch = round(frame_rate_hz), round(6 * frame_rate_hz)
    peaks = np.maximum(strength - uniform_filter1d(strength, second, axis=-1, mode="nearest"), 0)
    local = np.sqrt(np.maximum(uniform_filter1d(peaks * peaks, stretch, axis=-1, mode="nearest"), 0))
    # A fifth of the whole song's value keeps a pause from being blown up to full strength.
    whole = np.sqrt((peaks * peaks).mean(axis=-1, keepdims=True))
    scaled: Float32s = peaks / (local + 0.2 * whole + np.float32(smallest))
    return scaled


def greatest_near(curves: npt.NDArray[np.floating], frames: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return the greatest of each curve (..., n_frames) at some frames, give or take one: (..., n)."""
    inner = np.clip(frames, 1, curves.shape[-1] - 2)
    greatest: npt.NDArray[np.float64] = np.max([curves[..., inner + k] for k in (-1, 0, 1)], axis=0).astype(np.float64)
    return greatest


def sounding_frames(samples: Float32s, *, hop_length: int) -> tuple[int, int]:
    """Return the first and the last frame in which the sound comes within 50 dB of its loudest frame."""
    pad = -len(samples) % hop_length
    power = (np.pad(samples, (0, pad)).reshape(-1, hop_length) ** 2).mean(axis=1)
    sounding = np.flatnonzero(power > 1e-5 * power.max())
    return (int(sounding[0]), int(sounding[-1])) if sounding.size else (0, 0)
