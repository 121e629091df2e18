"""Tempo: which periods the onsets repeat at, and how fast a row of beats goes.

References
----------
.. [1] Grosche & Müller, "Extracting predominant local pulse information from music recordings", IEEE TASLP 19(6), 2011.
"""

import numpy as np
import numpy.typing as npt
import scipy.fft

from riffscope.arrays import Floats

# 8 s hold four bars of pop and at least two of anything slow.
TEMPOGRAM_WINDOW_S = 8.0
TEMPOGRAM_STEP_S = 0.5


def autocorrelation_tempogram(strength: npt.ArrayLike, *, frame_rate_hz: float) -> Floats:
    """Return how alike onset strength is to itself some frames later, around each half second [1]_.

    Parameters
    ----------
    strength : array, shape (n_frames,)

    Returns
    -------
    float64 array, shape (n_windows, n_lags)
        1 at lag 0. Window k is centred on k x `TEMPOGRAM_STEP_S`; lags run to `TEMPOGRAM_WINDOW_S`. Corrected for the
        taper of the window, so that long lags are not at a disadvantage.
    """
    onsets = np.asarray(strength, np.float64)
    length, step = round(TEMPOGRAM_WINDOW_S * frame_rate_hz), round(TEMPOGRAM_STEP_S * frame_rate_hz)
    taper = np.hanning(length)
    padded = np.pad(onsets, (length // 2, length))
    windows = np.lib.stride_tricks.sliding_window_view(padded, length)[: len(onsets) : step] * taper
    n_fft = scipy.fft.next_fast_len(2 * length, real=True)
    lagged = scipy.fft.irfft(np.abs(scipy.fft.rfft(windows, n_fft, axis=1)) ** 2, n_fft, axis=1)[:, :length]
    alone = scipy.fft.irfft(np.abs(scipy.fft.rfft(taper, n_fft)) ** 2, n_fft)[:length]
    lagged /= alone / alone[0] + 1e-3
    tempogram: Floats = lagged / (lagged[:, :1] + 1e-9)
    return tempogram


# Periods of .26 s (230 BPM) to 3 s (a bar of a slow song).
REPEATS_WITHIN_S = (0.26, 3.0)


def pulse_clarity(tempogram: Floats, *, frame_rate_hz: float) -> float:
    """Return how alike the onsets are to themselves at the period that suits best, 0..1, on average over the windows.

    Noise, clicks at random and speech come to .35-.41, as the best of many lags is never 0; songs to .42-.9.
    """
    shortest, longest = (round(period_s * frame_rate_hz) for period_s in REPEATS_WITHIN_S)
    return float(tempogram[:, shortest:longest].max(axis=1).mean())


# Two bars of four: short enough to see a tempo change, long enough for 5 ms on one beat to be 0.1 %.
SPAN_BEATS = 8
# Spans within this of each other go at the same tempo.
SAME_TEMPO = 0.03


def span_tempi(times_s: Floats) -> Floats:
    """Return the tempo in BPM of each stretch of eight beats, or of a quarter of a short song: (m,)."""
    beats = min(SPAN_BEATS, max(1, len(times_s) // 4))
    return 60 * beats / (times_s[beats:] - times_s[:-beats])


def prevailing_tempi(tempi_bpm: Floats) -> Floats:
    """Return the greatest group of tempi within 3 % of each other, sorted: a change of tempo must not average two."""
    ordered = np.sort(tempi_bpm)
    ends = np.searchsorted(ordered, ordered * (1 + SAME_TEMPO), side="right")
    first = int(np.argmax(ends - np.arange(len(ordered))))
    return ordered[first : ends[first]]


# 48 steps divide a beat into halves, thirds, quarters and sixths.
PROFILE_STEPS = 48
# From before the straight place to beyond the triplet, and short of the last sixteenth at .75.
OFFBEAT_RANGE = (0.42, 0.72)
# An offbeat that nobody plays does not stand out of what sounds anywhere in the beat.
OFFBEAT_SHOWS = 1.0


def offbeat_place(strength: npt.ArrayLike, times_s: Floats, *, frame_rate_hz: float) -> float | None:
    """Return where between two beats the offbeat falls: .50 straight, .667 triplet; None where nothing sounds there.

    Onset strength (n_frames,) is averaged over all beats, stretched to one length. The place is measured from the peak
    on the beat, so that a lag of the onset strength cancels.
    """
    onsets = np.asarray(strength, np.float64)
    steps = np.arange(-PROFILE_STEPS // 4, PROFILE_STEPS)
    moments_s = times_s[:-1, None] + np.diff(times_s)[:, None] * steps / PROFILE_STEPS
    profile = np.interp(moments_s * frame_rate_hz, np.arange(len(onsets)), onsets).mean(axis=0)
    inner = np.arange(1, len(steps) - 1)
    peaks = inner[(profile[inner] >= profile[inner - 1]) & (profile[inner] > profile[inner + 1])]
    places = steps[peaks] / PROFILE_STEPS
    on_beat = peaks[np.abs(places) < 0.1]
    between = peaks[(places > OFFBEAT_RANGE[0]) & (places < OFFBEAT_RANGE[1])]
    if not on_beat.size or not between.size:
        return None
    beat, offbeat = (int(group[np.argmax(profile[group])]) for group in (on_beat, between))
    if profile[offbeat] < OFFBEAT_SHOWS * profile.mean():
        return None
    return float(_summit(profile, offbeat) - _summit(profile, beat)) / PROFILE_STEPS


def _summit(curve: Floats, peak: int) -> float:
    left, top, right = (float(strength) for strength in curve[peak - 1 : peak + 2])
    return peak + 0.5 * (left - right) / (left - 2 * top + right - 1e-12)
