"""Partials: power spectra around chosen moments, split into what lies on the partials of a tone and what between.

Conventions: moments in seconds from the start of the sound, each the middle of a Hann frame of ``n_fft`` samples;
spectra are frames x bins; powers are squared magnitudes, not scaled, so only ratios of them mean anything. Partial k of
a tone of f0 Hz lies at k x f0 Hz. Source: own.
"""

from collections.abc import Iterator

import numpy as np
import scipy.fft

from riffscope.arrays import Complex64s, Float32s, Floats, Ints, Mask
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
    out, first = np.empty((len(times_s), bins), np.float32), 0
    for spectra in spectra_at(samples, sample_rate_hz, times_s, n_fft=n_fft):
        out[first : first + len(spectra)] = power_of(spectra[:, :bins])
        first += len(spectra)
    return out


def spectra_at(samples: Channel, sample_rate_hz: int, times_s: Floats, *, n_fft: int) -> Iterator[Complex64s]:
    """Give the spectra of Hann windows around some moments, as in `powers_at`, a block at a time: (frames, bins)."""
    window = hann(n_fft)
    starts = np.rint(times_s * sample_rate_hz).astype(np.int64) - n_fft // 2
    for first in range(0, len(starts), _FRAMES):
        frames = _cut(samples, starts[first : first + _FRAMES], n_fft)
        frames *= window
        spectra: Complex64s = scipy.fft.rfft(frames, axis=1)
        yield spectra


def power_of(spectra: Complex64s) -> Float32s:
    """Return squared magnitudes, of the same shape."""
    power: Float32s = spectra.real**2 + spectra.imag**2
    return power


def _cut(samples: Channel, starts: Ints, length: int) -> Float32s:
    """Return frames of a sound that silence surrounds, by where they start: (k,) -> (k, length)."""
    lowest, highest = int(starts.min()), int(starts.max()) + length
    # What they lie in is read once where they overlap: it may be worked out where it is read.
    if lowest >= 0 and highest <= len(samples) and highest - lowest <= len(starts) * length:
        piece = samples[lowest:highest]
        return np.lib.stride_tricks.sliding_window_view(piece, length)[starts - lowest]
    frames, count = np.zeros((len(starts), length), np.float32), len(samples)
    for frame, start in zip(frames, starts.tolist(), strict=True):
        low, high = min(max(start, 0), count), min(max(start + length, 0), count)
        frame[low - start : high - start] = samples[low:high]
    return frames


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
