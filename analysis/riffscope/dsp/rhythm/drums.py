"""Find out when drums play: by what begins at once all over the treble, how much of the sound it is, and its pattern.

Conventions
-----------
Bands are magnitudes of a mel spectrogram, low to high, shape (n_bands, n_frames). Window k of 4 s begins after 2 k
seconds; log odds are natural logarithms.

References
----------
Own; fitted by ``analysis/training/drums/fit.py`` on rendered songs. That drums are broadband where notes are not is
also what FitzGerald, "Harmonic/percussive separation using median filtering", DAFx 2010, goes by.
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft

from riffscope.arrays import Float32s, Floats
from riffscope.dsp.decibels import power_db
from riffscope.dsp.two_states import second_state

# Two bars at 120 BPM: a pattern shows by its return. Chosen, not fitted.
WINDOW_S = 4.0
# From one window to the next.
STEP_S = 2.0
# Frames 40 ms apart are compared: those in between overlap too much for a rise to show at once.
RISE_FRAMES = 2
# Levels count down to this far below the loud level of the song, so that noise in pauses does not rise ...
FLOOR_DB = 70.0
# ... which is exceeded for a twentieth of it. Both chosen, not fitted.
LOUD_PERCENTILE = 95
# A hit makes all bands of the treble rise, but for the fifth that rises least: partials of notes leave more of them
# still. Chosen among thresholds and percentiles by how well they tell.
RISING_PERCENTILE = 20
# The strength of a window's hits is that of its fourth: four beats have four. Chosen, not fitted.
NTH_HIT = 4
# Hits return after .2 to 2 s.
RETURNS_S = (0.2, 2.0)

# Log odds that drums play: weights of the cues in the order of `drum_cues`, and the base where half of the time has
# drums. A logistic regression over 4,402 windows of 176 rendered songs, with fifteen styles of drums or none.
CUE_WEIGHTS = (0.27, 0.231, 6.711, -0.666)
BASE = 4.766
# Beyond what was seen of 98 in 100 of them a cue says no more: lowest, then highest.
CUE_LIMITS = ((-45.0, 0.0, 0.0, 2.0), (-7.0, 30.0, 0.8, 19.0))
# Where the hits are weaker than this nothing is struck, in hiss and in silence: in dense metal they come down to 2 dB.
# The log odds are these then. Chosen, not fitted.
WEAKEST_HIT_DB, NOTHING_STRUCK = 1.0, -10.0
# Windows overlap, and neighbours are alike: so much of their log odds counts, ...
COUNTS = 0.3
# ... drums stay, or stay away, for about so many windows, 16 s, ...
LASTS_WINDOWS = 8.0
# ... and play for so much of the time, before anything is heard. From a grid over the same songs, of which four in five
# windows have drums: .7 has less log loss, and misses more of what has none. With all three .89 of the windows with
# drums are told and .89 of the others, where one by one .87 and .84 are; of 88 songs that were held back, .91 and .91.
PLAYS_SHARE = 0.6
# Drums come in with the first hit that is this strong against the window's fourth. Chosen, not fitted.
FIRST_HIT = 0.5


@dataclass(frozen=True)
class Drums:
    """When drums play.

    Attributes
    ----------
    probability : array, shape (n_windows,)
        That they play in each window; none where the sound is shorter than one.
    hits_db : array, shape (n_frames,)
        How far most of the treble rises at each moment.
    frame_rate_hz : float
        Of the hits.
    """

    probability: Floats
    hits_db: Floats
    frame_rate_hz: float

    def at(self, times_s: Floats) -> Floats:
        """Return the probability that they play at some moments, (n,): that of the window around each."""
        nearest = np.rint((times_s - WINDOW_S / 2) / STEP_S).astype(np.int64)
        probability: Floats = self.probability[nearest.clip(0, len(self.probability) - 1)]
        return probability

    def enter_s(self) -> float | None:
        """Return when they are first heard: with the first strong hit of the first window in which they likely play."""
        windows = np.flatnonzero(self.probability > 0.5)
        if windows.size == 0:
            return None
        start = round(windows[0] * STEP_S * self.frame_rate_hz)
        hits = self.hits_db[start : start + round(WINDOW_S * self.frame_rate_hz)]
        strong = FIRST_HIT * np.sort(hits)[-NTH_HIT]
        return float((start + int(np.argmax(hits >= strong))) / self.frame_rate_hz)


def hear_drums(bands: Float32s, *, treble_from: int, frame_rate_hz: float) -> Drums:
    """Tell when drums play.

    Parameters
    ----------
    bands : array, shape (n_bands, n_frames)
    treble_from : int
        From this band on lie cymbals and the rattle of the snare.
    frame_rate_hz : float
    """
    cues, hits_db = drum_cues(bands, treble_from=treble_from, frame_rate_hz=frame_rate_hz)
    return Drums(probability=probability_of(cues), hits_db=hits_db, frame_rate_hz=frame_rate_hz)


def probability_of(cues: Floats) -> Floats:
    """Return the probability that drums play in successive windows: cues (n_windows, 4) -> (n_windows,)."""
    if len(cues) == 0:
        return np.empty(0)
    log_odds = cues.clip(*np.array(CUE_LIMITS)) @ np.array(CUE_WEIGHTS) + BASE
    log_odds[cues[:, 1] < WEAKEST_HIT_DB] = NOTHING_STRUCK
    return second_state(COUNTS * log_odds, lasts_frames=LASTS_WINDOWS, share=PLAYS_SHARE)


def drum_cues(bands: Float32s, *, treble_from: int, frame_rate_hz: float) -> tuple[Floats, Floats]:
    """Return what tells drums in each window, (n_windows, 4), and how far most of the treble rises, (n_frames,) in dB.

    The cues: how much of the energy is in rises of the treble, in dB; how strong the hits are, in dB; how alike they
    are to themselves some beats later, up to 1; and how far the level of the treble varies, in dB.
    """
    power = np.square(bands[treble_from:], dtype=np.float64)
    whole = np.square(bands, dtype=np.float64).sum(axis=0)
    loud = max(float(np.percentile(whole, LOUD_PERCENTILE)), np.finfo(np.float64).tiny)
    floor = loud * 10 ** (-FLOOR_DB / 10)
    rises = np.zeros_like(power)
    rises[:, RISE_FRAMES:] = np.maximum(power[:, RISE_FRAMES:] - power[:, :-RISE_FRAMES], 0)
    levels_db = power_db(np.maximum(power, floor))
    rises_db = np.zeros_like(power)
    rises_db[:, RISE_FRAMES:] = np.maximum(levels_db[:, RISE_FRAMES:] - levels_db[:, :-RISE_FRAMES], 0)
    hits_db: Floats = np.percentile(rises_db, RISING_PERCENTILE, axis=0)

    def windows(curve: Floats) -> Floats:
        length, step = round(WINDOW_S * frame_rate_hz), round(STEP_S * frame_rate_hz)
        if len(curve) < length:
            return np.empty((0, length))
        return np.lib.stride_tricks.sliding_window_view(curve, length)[::step]

    hits = windows(hits_db)
    rising, all_power = windows(rises.sum(axis=0)).sum(axis=1), windows(whole).sum(axis=1)
    cues = [
        power_db(np.maximum(rising, floor) / np.maximum(all_power, floor)),
        np.sort(hits, axis=1)[:, -NTH_HIT],
        _returns(hits, frame_rate_hz),
        windows(power_db(np.maximum(power.sum(axis=0), floor))).std(axis=1),
    ]
    return np.stack(cues, axis=1), hits_db


def _returns(curves: Floats, frame_rate_hz: float) -> Floats:
    """Return the greatest autocorrelation of curves (n, length) at lags of .2 to 2 s, up to 1: (n,)."""
    length = curves.shape[1]
    centred = curves - curves.mean(axis=1, keepdims=True)
    spectrum = scipy.fft.rfft(centred, n=2 * length, axis=1)
    correlation = scipy.fft.irfft(np.square(np.abs(spectrum)), n=2 * length, axis=1)
    first, last = (round(lag_s * frame_rate_hz) for lag_s in RETURNS_S)
    power = correlation[:, 0]
    some = power > 0
    found: Floats = np.where(some, correlation[:, first:last].max(axis=1) / np.where(some, power, 1), 0.0)
    return found
