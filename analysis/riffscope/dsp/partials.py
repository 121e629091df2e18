"""Spectra around chosen moments, and what of them lies on the partials of a tone and what between."""

import numpy as np
import scipy.fft

from riffscope.arrays import Float32s, Floats, Mask
from riffscope.dsp.stft import hann

LOBE_BINS, PARTIAL_SHARE = 2.5, 0.015

# At a time, so that they stay in the processor's cache.
_FRAMES = 64


def powers_at(samples: Float32s, sample_rate_hz: int, times_s: Floats, *, n_fft: int, highest_hz: float) -> Float32s:
    """Return the power spectra of Hann windows around some moments.

    Parameters
    ----------
    samples : float32 array, shape (n,)
        Silence surrounds them.
    times_s : float64 array, shape (k,)

    Returns
    -------
    float32 array, shape (k, bins)
        From 0 Hz up to ``highest_hz``.
    """
    bins = min(int(highest_hz * n_fft / sample_rate_hz), n_fft // 2) + 1
    window = hann(n_fft)
    starts = (np.rint(times_s * sample_rate_hz).astype(np.int64) - n_fft // 2).tolist()
    out = np.empty((len(starts), bins), np.float32)
    frames = np.empty((_FRAMES, n_fft), np.float32)
    for first in range(0, len(starts), _FRAMES):
        block = frames[: min(_FRAMES, len(starts) - first)]
        for frame, start in zip(block, starts[first : first + _FRAMES], strict=True):
            low, high = min(max(start, 0), len(samples)), min(max(start + n_fft, 0), len(samples))
            if high - low < n_fft:
                frame[:] = 0
            frame[low - start : high - start] = samples[low:high]
        block *= window
        spectra = scipy.fft.rfft(block, axis=1)[:, :bins]
        out[first : first + len(block)] = spectra.real**2 + spectra.imag**2
    return out


def powers_near(samples: Float32s, sample_rate_hz: int, times_s: Floats, places_hz: Floats, *, n_fft: int) -> Floats:
    """Return the power within a bin of some frequencies around some moments: (k,) and (k, m) -> (k, m)."""
    bin_hz = sample_rate_hz / n_fft
    highest_hz = float(places_hz.max(initial=0)) + 2 * bin_hz
    power = powers_at(samples, sample_rate_hz, times_s, n_fft=n_fft, highest_hz=highest_hz).astype(np.float64)
    nearest = np.rint(places_hz / bin_hz).astype(np.int64).clip(1, power.shape[1] - 2)
    frames = np.arange(len(power))[:, np.newaxis]
    found: Floats = power[frames, nearest - 1] + power[frames, nearest] + power[frames, nearest + 1]
    return found


def near_partials(f0_hz: Floats, frequencies_hz: Floats, *, bin_hz: float) -> Mask:
    """Tell which frequencies belong to a partial of each tone, (k,) and (bins,) -> (k, bins).

    What is nearer than the lobe of the window, and a quarter of a semitone, does.
    """
    near: Mask = distance_to_partials(f0_hz, frequencies_hz) < LOBE_BINS * bin_hz + PARTIAL_SHARE * frequencies_hz
    return near


def distance_to_partials(f0_hz: Floats, frequencies_hz: Floats) -> Floats:
    """Return how far frequencies lie from the nearest partial of each tone, in Hz.

    They are the same for all tones or each tone's own: (k,) and (bins,) or (k, bins) -> (k, bins).
    """
    tones_hz = f0_hz[:, np.newaxis]
    distance: Floats = np.abs(frequencies_hz - np.maximum(np.rint(frequencies_hz / tones_hz), 1) * tones_hz)
    return distance
