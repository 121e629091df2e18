"""What singing tells of a song's form: where it enters and rests, and what comes back word for word.

No word need be known for that: the same words on the same melody shape the spectrum of the voice alike, syllable by
syllable. Two verses share their melody alone, two choruses share their words as well.

Conventions
-----------
Samples are mono at 16 kHz; spectra have frames 20 ms apart, frame k around k / 50 s. Beats are times in seconds;
similarities are at most 1, of shape (n_beats, n_beats), over a window around each beat.

References
----------
Own; cepstra of mel spectra as in [1]_, compared along diagonals as in [2]_.

.. [1] Davis & Mermelstein, "Comparison of parametric representations for monosyllabic word recognition in continuously
   spoken sentences", IEEE TASSP 28(4), 1980.
.. [2] Goto, "A chorus section detection method for musical audio signals and its application to a music listening
   station", IEEE TASLP 14(5), 2006.
"""

import numpy as np
from scipy.fft import dct
from scipy.special import expit

from riffscope.arrays import Float32s, Floats, Ints
from riffscope.dsp.mel import mel_filters
from riffscope.dsp.rhythm.bars import beat_means
from riffscope.dsp.stft import filtered_stft

RATE_HZ = 16000
# Of the probability that someone sings: every 10 ms.
SUNG_RATE_HZ = 100.0
# From this probability on what is sung counts in full. Chosen, not fitted.
SURELY_SUNG = 2 / 3
# 20 ms: a syllable lasts 100 to 300.
HOP_LENGTH = 320
# 32 ms: harmonics of low voices blur into the formants.
N_FFT = 512
# Enough to keep formants apart. Chosen, not fitted.
N_MELS = 40
# Formants lie between these.
MIN_HZ, MAX_HZ = 80.0, 7600.0
# Cepstral coefficients: from the second on (the first is the level) up to where harmonics begin to show. Chosen, not
# fitted.
CEPSTRA = slice(1, 14)
# Bands count from so far below their mean level: 60 dB.
FLOOR = 1e-3
# Beats are divided into steps of about this length. Chosen, not fitted.
STEP_S = 0.08
# Words are compared over this long: about a line of a song, in which chance likenesses average out. Chosen, not fitted.
WINDOW_S = 4.0
# Where less than so much of two windows is sung, they have little in common. Chosen, not fitted.
UNSUNG_SHARE = 0.15
# The same words again so soon are a phrase that is repeated, and nothing that comes back. Chosen, not fitted.
MIN_LAG_S = 12.0
# From this similarity on, words are likelier the same than not: lines that come back reach .55 to .85 in recordings,
# lines that share their melody alone .2 to .4.
SAME_WORDS = 0.46
# Log-odds per unit of similarity beyond it: .04 makes e : 1. Chosen, not fitted.
SAME_WORDS_SLOPE = 25.0
# Where less of the singing comes back than this, it is chance, or an instrument among the vocals ...
CHANCE_SHARE = 0.1
# ... and from this share on none of it is: choruses take a quarter of the singing and more. One rendered song in ten,
# none of which has words that come back, exceeds .12, and one in twenty .22.
CHORUS_SHARE = 0.25
# What comes back is compared over this long on either side. Chosen, not fitted.
RETELLING_REACH_S = 5.0
# How much is sung is compared over this many bars on either side: with phrases of two bars, fewer would do for a rest.
ENTRANCE_BARS = 4
# A voice may enter this many beats before its section. Chosen, not fitted.
UPBEAT_BEATS = 0.5
# From a beat before a section to half a beat into it, singers breathe. Chosen, not fitted.
BREATH_BEFORE, BREATH_AFTER = 1.0, 0.5


def formant_filters() -> Float32s:
    """Return triangular mel filters of equal height: (40, 257)."""
    return mel_filters(sample_rate_hz=RATE_HZ, n_fft=N_FFT, bands=N_MELS, lowest_hz=MIN_HZ, highest_hz=MAX_HZ)


def cepstra(samples: Float32s) -> Floats:
    """Return the shape of the spectrum over time: samples (n,) -> (n_frames, 13)."""
    bands = filtered_stft(samples, formant_filters(), n_fft=N_FFT, hop_length=HOP_LENGTH)
    levels = np.log(bands.T + np.float32(FLOOR) * bands.mean() + np.float32(1e-9))
    shapes: Floats = dct(levels, axis=1, norm="ortho")[:, CEPSTRA].astype(np.float64)
    return shapes


def word_similarity(shapes: Floats, sung: Floats, beats_s: Floats) -> tuple[Float32s, Floats]:
    """Compare what is sung around each beat with what is sung around each other.

    Parameters
    ----------
    shapes : float64 array, shape (n_frames, 13)
        From `cepstra`.
    sung : float64 array, shape (m,)
        Probability that someone sings, every 10 ms, 0..1.
    beats_s : float64 array, shape (n_beats,)

    Returns
    -------
    float32 array, shape (n_beats, n_beats)
        Mean cosine of the spectra's shapes over 4 s around both beats; 0 where nobody sings.
    float64 array, shape (n_beats,)
        How much of each beat is sung, 0..1.
    """
    beat_s = float(np.median(np.diff(beats_s)))
    steps = max(2, round(beat_s / STEP_S))
    edges_s = np.interp(
        np.arange(steps * len(beats_s) + 1) / steps,
        np.arange(len(beats_s) + 1),
        np.append(beats_s, beats_s[-1] + beat_s),
    )
    weights = np.clip(beat_means(sung[:, np.newaxis], edges_s, frame_rate_hz=SUNG_RATE_HZ)[:, 0] / SURELY_SUNG, 0, 1)
    own = _standardised(beat_means(shapes, edges_s, frame_rate_hz=RATE_HZ / HOP_LENGTH), weights)
    own *= np.sqrt(weights)[:, np.newaxis] / (np.linalg.norm(own, axis=1, keepdims=True) + 1e-9)
    by_beat = own.astype(np.float32).reshape(len(beats_s), -1)
    amounts = weights.reshape(len(beats_s), -1).sum(axis=1)
    window = max(2, round(WINDOW_S / beat_s))
    common = _along_diagonals(2 * (by_beat @ by_beat.T), window)
    both = _along_diagonals((amounts[:, np.newaxis] + amounts).astype(np.float32), window)
    similar: Float32s = common / (both + np.float32(UNSUNG_SHARE * 2 * window * steps))
    return similar, amounts / steps


def same_words(similar: Float32s, beats_s: Floats) -> Float32s:
    """Return the probability that two beats sing the same words, 0..1; 0 for beats less than 12 s apart."""
    same: Float32s = expit(np.float32(SAME_WORDS_SLOPE) * (similar - np.float32(SAME_WORDS)))
    same[np.abs(beats_s[:, np.newaxis] - beats_s) < MIN_LAG_S] = 0
    return same


def comes_back(same: Float32s, sung: Floats) -> Floats:
    """Return the probability that the words of each beat are sung elsewhere too, 0..1: (n_beats,).

    All are lower where so little of the song comes back that it may be chance.

    Parameters
    ----------
    same : float32 array, shape (n_beats, n_beats)
        From `same_words`.
    sung : float64 array, shape (n_beats,)
        How much of each beat is sung, 0..1.
    """
    found = same.max(axis=1).astype(np.float64)
    share = float(found @ sung) / max(float(sung.sum()), 1e-9)
    certain = float(np.clip((share - CHANCE_SHARE) / (CHORUS_SHARE - CHANCE_SHARE), 0, 1))
    back: Floats = certain * found
    return back


def breaths(sung: Floats, starts_s: Floats, beat_s: float) -> Floats:
    """Return how little is sung around some times (n,), 0..1: (n,). `sung`: its probability every 10 ms, (m,)."""
    rests: Floats = 1 - _mean_between(sung, starts_s - BREATH_BEFORE * beat_s, starts_s + BREATH_AFTER * beat_s)
    return rests


def entrances(is_sung: Floats, starts_s: Floats, beat_s: float, bar_s: float) -> Floats:
    """Return how much more, or less, is sung in the four bars after some times (n,) than before, 0..1: (n,).

    `is_sung` is 1 where someone sings, every 10 ms, (m,).
    """
    after = _mean_between(is_sung, starts_s, starts_s + ENTRANCE_BARS * bar_s)
    before = _mean_between(is_sung, starts_s - ENTRANCE_BARS * bar_s, starts_s - UPBEAT_BEATS * beat_s)
    return np.abs(after - before)


def _mean_between(values: Floats, first_s: Floats, last_s: Floats) -> Floats:
    """Return the means of values every 10 ms (m,) between times (n,), as far as there are any: (n,)."""
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    first, last = (np.clip(np.round(at * SUNG_RATE_HZ).astype(np.int64), 0, len(values)) for at in (first_s, last_s))
    mean: Floats = (sums[last] - sums[first]) / np.maximum(last - first, 1)
    return mean


def retelling(retold: Floats, sung: Floats, beats_s: Floats, at: Ints) -> Floats:
    """Return how much the share of what comes back changes at some beats, 0..1: (len(at),).

    Parameters
    ----------
    retold, sung : float64 arrays, shape (n_beats,)
        Probability that the words of each beat come back, and how much of it is sung.
    at : int64 array
        Indexes into the beats.
    """
    reach = max(1, round(RETELLING_REACH_S / float(np.median(np.diff(beats_s)))))
    before = _weighted_mean(retold, sung, np.maximum(at - reach, 0), at)
    after = _weighted_mean(retold, sung, at, np.minimum(at + reach, len(sung)))
    change: Floats = np.abs(after - before)
    return change


def _weighted_mean(values: Floats, weights: Floats, first: Ints, last: Ints) -> Floats:
    """Return the weighted means of values between indexes, less where there is hardly any weight: (n,)."""
    sums, totals = (np.concatenate([[0.0], np.cumsum(part)]) for part in (values * weights, weights))
    mean: Floats = (sums[last] - sums[first]) / (totals[last] - totals[first] + 0.5)
    return mean


def _standardised(shapes: Floats, weights: Floats) -> Floats:
    """Scale features (n, k) to mean 0 and deviation 1 under weights (n,); same shape."""
    each = weights + 1e-3
    mean = each @ shapes / each.sum()
    spread = np.sqrt(each @ (shapes - mean) ** 2 / each.sum())
    scaled: Floats = (shapes - mean) / (spread + 1e-9)
    return scaled


def _along_diagonals(values: Float32s, window: int) -> Float32s:
    """Return the sums of `window` values along the diagonals around each place, zeros beyond the edges; same shape."""
    count, before = len(values), window // 2
    padded = np.zeros((count + window, count + window), np.float32)
    padded[before : before + count, before : before + count] = values
    sums = np.zeros_like(values)
    for k in range(window):
        sums += padded[k : k + count, k : k + count]
    return sums
