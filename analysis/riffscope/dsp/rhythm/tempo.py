"""Measure periodicity and tempo: an autocorrelation tempogram, the tempo of a row of beats, and where offbeats fall.

Conventions
-----------
Tempi are in BPM, lags in frames; frame k lies around k / `frame_rate_hz` seconds. A position in the beat is 0 on it and
1 on the next.

References
----------
The tempogram is that of [1]_; tempo from beat times and the offbeat's position are our own.

.. [1] Grosche & Müller, "Extracting predominant local pulse information from music recordings", IEEE TASLP 19(6), 2011.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import scipy.fft

from riffscope.arrays import Floats

# 8 s hold four bars of pop, and at least two of anything slow.
TEMPOGRAM_WINDOW_S = 8.0
# One beat at 120 BPM; chosen, not fitted.
TEMPOGRAM_STEP_S = 0.5
# Periods of .26 s (230 BPM) ...
MIN_PERIOD_S = 0.26
# ... to 3 s, a bar of a slow song, count for the clarity of the pulse.
MAX_PERIOD_S = 3.0
# Two bars of four: short enough to see a tempo change, long enough for 5 ms on one beat to be 0.1 %.
SPAN_BEATS = 8
# Tempi within this ratio of each other are the same tempo.
SAME_TEMPO = 0.03
# 48 steps divide a beat into halves, thirds, quarters and sixths.
PROFILE_STEPS = 48
# The peak on the beat lies within this fraction of a beat; chosen, not fitted.
ON_BEAT = 0.1
# The offbeat lies between a little before the straight position, .5, ...
MIN_OFFBEAT = 0.42
# ... and a little beyond the triplet, .667, but before the last sixteenth, .75.
MAX_OFFBEAT = 0.72
# An offbeat that is played stands out of the beat's mean onset strength by this factor at least; chosen, not fitted.
MIN_OFFBEAT_STRENGTH = 1.0


def autocorrelation_tempogram(strength: npt.ArrayLike, *, frame_rate_hz: float) -> Floats:
    """Return the local autocorrelation of the onset strength, around each half second [1]_.

    Parameters
    ----------
    strength : array, shape (n_frames,)
        Onset strength.

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


def pulse_clarity(tempogram: Floats, *, frame_rate_hz: float) -> float:
    """Return the autocorrelation at the best period, 0..1, averaged over the windows.

    Noise, clicks at random and speech reach .35-.41, since the best of many lags is never 0; songs .42-.9.
    """
    shortest, longest = (round(period_s * frame_rate_hz) for period_s in (MIN_PERIOD_S, MAX_PERIOD_S))
    return float(tempogram[:, shortest:longest].max(axis=1).mean())


def span_tempi(times_s: Floats) -> Floats:
    """Return the tempo in BPM of each stretch of eight beats, or of a quarter of a short song: (m,)."""
    beats = min(SPAN_BEATS, max(1, len(times_s) // 4))
    return 60 * beats / (times_s[beats:] - times_s[:-beats])


def prevailing_tempi(tempi_bpm: Floats) -> Floats:
    """Return the largest group of tempi within 3 % of each other, sorted, so that a change of tempo averages no two."""
    ordered = np.sort(tempi_bpm)
    ends = np.searchsorted(ordered, ordered * (1 + SAME_TEMPO), side="right")
    first = int(np.argmax(ends - np.arange(len(ordered))))
    return ordered[first : ends[first]]


def offbeat_position(strength: npt.ArrayLike, parts_s: Sequence[Floats], *, frame_rate_hz: float) -> float | None:
    """Return where the offbeat falls between two beats: .50 straight, .667 triplet; None where none is played.

    Onset strength (n_frames,) is averaged over all beats of all stretches, stretched to one length. The position is
    measured from the peak on the beat, so that a lag of the onset strength cancels.
    """
    onsets = np.asarray(strength, np.float64)
    steps = np.arange(-PROFILE_STEPS // 4, PROFILE_STEPS)
    begins_s = np.concatenate([times_s[:-1] for times_s in parts_s])
    at_s = (
        begins_s[:, None] + np.concatenate([np.diff(times_s) for times_s in parts_s])[:, None] * steps / PROFILE_STEPS
    )
    profile = np.interp(at_s * frame_rate_hz, np.arange(len(onsets)), onsets).mean(axis=0)
    inner = np.arange(1, len(steps) - 1)
    peaks = inner[(profile[inner] >= profile[inner - 1]) & (profile[inner] > profile[inner + 1])]
    positions = steps[peaks] / PROFILE_STEPS
    on_beat = peaks[np.abs(positions) < ON_BEAT]
    between = peaks[(positions > MIN_OFFBEAT) & (positions < MAX_OFFBEAT)]
    if not on_beat.size or not between.size:
        return None
    beat, offbeat = (int(group[np.argmax(profile[group])]) for group in (on_beat, between))
    if profile[offbeat] < MIN_OFFBEAT_STRENGTH * profile.mean():
        return None
    return float(_peak_position(profile, offbeat) - _peak_position(profile, beat)) / PROFILE_STEPS


def _peak_position(profile: Floats, peak: int) -> float:
    """Return a peak's position between the steps, by parabolic interpolation."""
    left, top, right = (float(strength) for strength in profile[peak - 1 : peak + 2])
    return peak + 0.5 * (left - right) / (left - 2 * top + right - 1e-12)
