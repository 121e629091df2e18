"""Extract the harmonic part of a spectrogram (HPSS), and gather it into semitones.

Conventions
-----------
Spectrograms are magnitudes, shape (n_frames, n_bins) or (n_frames, n_notes), low to high; notes are MIDI numbers.

References
----------
.. [1] Fitzgerald, "Harmonic/percussive separation using median filtering", DAFx 2010.
.. [2] Driedger, Müller & Disch, "Extending harmonic-percussive separation of audio signals", ISMIR 2014: the margin.
.. [3] Smith & Serra, "PARSHL: an analysis/synthesis program for non-harmonic sounds based on a sinusoidal
   representation", ICMC 1987: quadratic interpolation of the log spectrum.
"""

import numpy as np
import numpy.typing as npt
import scipy.sparse

from riffscope import long_arrays
from riffscope.arrays import Float32s
from riffscope.dsp.pitch import hz_to_midi, midi_to_hz

# Frames that are masked together: the ten arrays that the medians need stay small however long the song is.
_FRAMES = 512
# Half the width of the median across frequency: 23 bins, 124 Hz at a bin of 5.4 Hz. Chosen, not fitted.
REACH_BINS = 11
# Of those 23 bins, five are sampled: the mask correlates by .99 with that of full medians, at a fraction of the cost.
_SAMPLED_BINS = (0, 5, 11, 17, 22)
# A bin counts as harmonic where its median over time exceeds that over frequency by this factor [2]_. Chosen, not
# fitted.
_MARGIN = 1.5
# Spectral peaks lie within 20 dB of the loudest bin of their frame, or side lobes could count ...
_PEAK_IN_FRAME = 0.1
# ... and within 80 dB of the loudest bin of the song, or silence could. Chosen, not fitted.
_PEAK_IN_SONG = 1e-4


def median_of_five(a: Float32s, b: Float32s, c: Float32s, d: Float32s, e: Float32s) -> Float32s:
    """Return the median of five arrays of one shape, element by element, by ten minima and maxima without sorting."""
    low, high = np.minimum, np.maximum
    f, g = high(low(a, b), low(c, d)), low(high(a, b), high(c, d))
    return high(low(f, g), low(high(f, g), e))


def keep_harmonic(magnitudes: Float32s) -> Float32s:
    """Return the harmonic part of magnitudes (n_frames, n_bins) by a soft mask; same shape.

    The median over five frames keeps what is harmonic, that over 23 bins what is percussive [1]_.
    """
    out, count = long_arrays.empty(magnitudes.shape), len(magnitudes)
    for first in range(0, count, _FRAMES):
        last = min(first + _FRAMES, count)
        along = magnitudes[max(0, first - 2) : last + 2]
        along = np.pad(along, ((max(0, 2 - first), max(0, last + 2 - count)), (0, 0)), mode="edge")
        out[first:last] = _mask(magnitudes[first:last], along)
    return out


def _mask(magnitudes: Float32s, along: Float32s) -> Float32s:
    """Mask some frames (n, n_bins), given with two more on either side (n + 4, n_bins)."""
    count, bins = magnitudes.shape
    harmonic = median_of_five(*(along[i : i + count] for i in range(5)))
    across = np.pad(magnitudes, ((0, 0), (REACH_BINS, REACH_BINS)), mode="edge")
    percussive = median_of_five(*(across[:, i : i + bins] for i in _SAMPLED_BINS))
    harmonic *= harmonic
    percussive *= percussive * np.float32(_MARGIN**2)
    return magnitudes * (harmonic / (harmonic + percussive + np.float32(1e-9)))


def presence(strength: Float32s) -> Float32s:
    """Compress note strength (...) to presence: 0..1, and .5 at the song's mean strength; same shape.

    A riff beneath a loud voice still counts: sections with the same music are told from others with an area under the
    ROC curve of .96, against .92 with the strength itself.
    """
    present: Float32s = strength / (strength + strength.mean() + np.float32(1e-9))
    return present


def semitone_filters(
    *, sample_rate_hz: int, n_fft: int, lowest_midi: int, count: int, tuning_semitones: float
) -> Float32s:
    """Return a triangular filter for each note, one semitone to either side, in the song's tuning: (count, n_bins)."""
    highest_hz = float(midi_to_hz(lowest_midi + count + 1))
    bins = int(np.ceil(highest_hz * n_fft / sample_rate_hz)) + 1
    frequencies_hz = np.arange(bins) * sample_rate_hz / n_fft
    midi = hz_to_midi(np.maximum(frequencies_hz, 1.0)) - tuning_semitones
    notes = lowest_midi + np.arange(count)
    filters = np.clip(1 - np.abs(midi - notes[:, None]), 0, 1)
    # Low notes gather few bins and high notes many. The square root is a compromise between noise and tones.
    filters /= np.maximum(filters.sum(axis=1, keepdims=True), 1e-9) ** 0.5
    out: Float32s = filters.astype(np.float32)
    return out


def peak_frequencies(magnitudes: Float32s, *, sample_rate_hz: int, n_fft: int) -> npt.NDArray[np.float64]:
    """Return the frequencies (n,) in Hz of the clear peaks of magnitudes (n_frames, n_bins), interpolated [3]_."""
    least = _PEAK_IN_SONG * magnitudes.max()
    found = [_peak_bins(magnitudes[at : at + _FRAMES], least) for at in range(0, len(magnitudes), _FRAMES)]
    frequencies_hz: npt.NDArray[np.float64] = np.concatenate(found) * sample_rate_hz / n_fft
    return frequencies_hz


def _peak_bins(magnitudes: Float32s, least: np.float32) -> npt.NDArray[np.float64]:
    """Return where the clear peaks of some frames lie that are louder than the least, in bins: (n,)."""
    middle, left, right = magnitudes[:, 1:-1], magnitudes[:, :-2], magnitudes[:, 2:]
    clear = (middle > left) & (middle >= right) & (middle > _PEAK_IN_FRAME * magnitudes.max(axis=1, keepdims=True))
    clear &= middle > least
    a, b, c = (np.log(part[clear].astype(np.float64) + 1e-12) for part in (left, middle, right))
    shift = 0.5 * (a - c) / (a - 2 * b + c - 1e-12)
    bins: npt.NDArray[np.float64] = np.nonzero(clear)[1] + 1 + shift
    return bins


def by_semitone(magnitudes: Float32s, filters: Float32s) -> Float32s:
    """Gather magnitudes (n_frames, n_bins) by filters (n_notes, at most n_bins): (n_frames, n_notes)."""
    out = np.empty((len(magnitudes), len(filters)), np.float32)
    # Sparse, since most of a filter is zero, and a small dense product would be split among busy processors.
    sparse = scipy.sparse.csr_array(filters)
    for first in range(0, len(magnitudes), _FRAMES):
        block = magnitudes[first : first + _FRAMES, : filters.shape[1]]
        out[first : first + len(block)] = (sparse @ block.T).T
    return out
