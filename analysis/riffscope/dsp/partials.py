"""Partials: power spectra around chosen moments, split into what lies on the partials of a tone and what between.

Conventions: moments in seconds from the start of the sound, each the middle of a Hann frame of ``n_fft`` samples;
spectra are frames x bins; powers are squared magnitudes, not scaled, so only ratios of them mean anything. Partial k of
a tone of f0 Hz lies at k x f0 Hz. Source: own.
"""

import numpy as np
import scipy.fft

from riffscope.arrays import Float32s, Floats, Ints, Mask
from riffscope.dsp.blocks import Channel
from riffscope.dsp.stft import hann

# A partial reaches as far as the main lobe of the Hann window, 2 bins to either side, and half a bin for rounding ...
LOBE_BINS = 2.5
# ... and as far again as a pitch may be off: this share of its frequency, a quarter of a semitone. Chosen by hand, not
# fitted.
PARTIAL_SHARE = 0.015

# Frames at a time, few enough to stay in the processor's cache.
_FRAMES = 64


def powers_at(samples: Channel, sample_rate_hz: int, times_s: Floats, *, n_fft: int, highest_hz: float) -> Float32s:
    """Return the power spectra of Hann windows around some moments.

    Parameters
    ----------
    samples : Channel, shape (n,)
        Silence surrounds them.
    times_s : float64 array, shape (k,)
    n_fft : int
        Length of the frame, in samples.
    highest_hz : float
        Bins above it are left out.

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
        begins = starts[first : first + _FRAMES]
        block = frames[: len(begins)]
        lowest = min(max(min(begins), 0), len(samples))
        highest = max(min(max(begins) + n_fft, len(samples)), lowest)
        # Where they overlap, what they lie in is read once: it may be worked out where it is read.
        together = highest - lowest <= block.size
        piece, offset = (samples[lowest:highest], lowest) if together else (samples, 0)
        for frame, start in zip(block, begins, strict=True):
            low, high = min(max(start, 0), len(samples)), min(max(start + n_fft, 0), len(samples))
            if high - low < n_fft:
                frame[:] = 0
            frame[low - start : high - start] = piece[low - offset : high - offset]
        block *= window
        spectra = scipy.fft.rfft(block, axis=1)[:, :bins]
        out[first : first + len(block)] = spectra.real**2 + spectra.imag**2
    return out


def powers_near(samples: Float32s, sample_rate_hz: int, times_s: Floats, places_hz: Floats, *, n_fft: int) -> Floats:
    """Return the power of the three bins around some frequencies, at some moments: (k,) and (k, m) -> (k, m)."""
    bin_hz = sample_rate_hz / n_fft
    highest_hz = float(places_hz.max(initial=0)) + 2 * bin_hz
    power = powers_at(samples, sample_rate_hz, times_s, n_fft=n_fft, highest_hz=highest_hz).astype(np.float64)
    nearest = np.rint(places_hz / bin_hz).astype(np.int64).clip(1, power.shape[1] - 2)
    frames = np.arange(len(power))[:, np.newaxis]
    found: Floats = power[frames, nearest - 1] + power[frames, nearest] + power[frames, nearest + 1]
    return found


def near_partials(f0_hz: Floats, frequencies_hz: Floats, *, bin_hz: float) -> Mask:
    """Tell which frequencies belong to a partial of each tone: (k,) and (bins,) -> (k, bins).

    Those do that are nearer to it than the main lobe of the window and a quarter of a semitone together.
    """
    near: Mask = distance_to_partials(f0_hz, frequencies_hz) < LOBE_BINS * bin_hz + PARTIAL_SHARE * frequencies_hz
    return near


def distance_to_partials(f0_hz: Floats, frequencies_hz: Floats) -> Floats:
    """Return how far frequencies lie from the nearest partial of each tone, in Hz.

    The frequencies are the same for all tones, or each tone has its own: (k,) and (bins,) or (k, bins) -> (k, bins).
    """
    tones_hz = f0_hz[:, np.newaxis]
    distance: Floats = np.abs(frequencies_hz - np.maximum(np.rint(frequencies_hz / tones_hz), 1) * tones_hz)
    return distance


def strongest_of_three(power: Float32s, frames: Ints, bins: Ints) -> Float32s:
    """Return the power of the strongest of three bins, around each of some bins of some frames, of the same shape."""
    strongest: Float32s = np.maximum(np.maximum(power[frames, bins - 1], power[frames, bins]), power[frames, bins + 1])
    return strongest
