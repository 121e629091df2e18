"""Find the meter and the downbeats of a row of beats: bars of two, three or four beats.

Conventions
-----------
Beats are frames or indexes into the beats, log-odds are natural logarithms, and onset strength is on its own scale (1
is an ordinary onset). Frame k lies around k / `frame_rate_hz` seconds.

References
----------
The weighing of downbeat evidence is our own. That accents return after a bar is from [1]_.

.. [1] Klapuri, Eronen & Astola, "Analysis of the meter of acoustic musical signals", IEEE TASLP 14(1), 2006.
"""

import numpy as np
import numpy.typing as npt

from riffscope.arrays import Floats, Ints
from riffscope.dsp.onsets import greatest_near
from riffscope.dsp.rhythm.beat_path import BarPath, best_bars

# A beat with log-odds x in the downbeat activation is a downbeat with log-odds slope * x + base: a logistic regression.
DOWNBEAT_SLOPE = 0.8
# The intercept of the same regression.
DOWNBEAT_BASE = -1.65
# One beat in 25 is a downbeat where the activation shows nothing at all.
MIN_DOWNBEAT_ODDS = -3.2
# The same doubt the other way: one beat in 33 is no downbeat where the activation is sure. Chosen, not fitted.
MAX_DOWNBEAT_ODDS = 3.5
# Log-odds added to the first beat: music starts on a downbeat more often than on any other beat. The bonus is large
# because a song repeats itself: a riff that hides its downbeat hides it every time. Chosen, not fitted.
FIRST_BEAT_BONUS = 9.0
# Cost of moving the downbeat, in log-probability. It is high because songs hardly ever shift their bars, and low enough
# to recover where the tracker drops a beat. Chosen, not fitted.
SLIP_COST = 30.0
# Weight of accents that return after three beats rather than four, in log-probability per beat. They bring .01 of the
# downbeat F-measure on 115 rendered mixes, the same with any weight from .4 to .9.
THREE_FOUR_WEIGHT = 0.7
# Fewer beats than this cannot tell three from four: at a lag of eight beats, less than half of them are left to
# compare.
MIN_BEATS_FOR_THREE = 16
# Accents are clipped at so many standard deviations, so that one outburst does not decide for the whole song. Chosen,
# not fitted.
MIN_ACCENT = -3.0
# The same above the mean; a little more, since onset strength is skewed. Chosen, not fitted.
MAX_ACCENT = 4.0
# Bars of two are tried only where the beat divides into three (6/8), at this value of `thirds_against_halves` or more:
# straight music reaches .8 at most, most 6/8 exceeds 1.
MIN_THIRDS = 0.9
# Where they are tried, two beats are likelier than four by this log-probability per beat. Chosen, not fitted.
TWO_BONUS = 0.1


def beat_means(features: npt.ArrayLike, times_s: Floats, *, frame_rate_hz: float) -> Floats:
    """Average features (n_frames, k) between successive times (n + 1,): (n, k)."""
    frames = np.asarray(features)
    edges = np.clip(np.round(times_s * frame_rate_hz).astype(np.int64), 0, len(frames) - 1)
    sums = np.concatenate([np.zeros((1, frames.shape[1])), np.cumsum(frames, axis=0, dtype=np.float64)])
    ends = np.maximum(edges[1:], edges[:-1] + 1)
    means: Floats = (sums[ends] - sums[edges[:-1]]) / (ends - edges[:-1])[:, None]
    return means


def thirds_against_halves(strength: npt.ArrayLike, frames: Ints) -> float:
    """Return the onset strength at the thirds of the beat against that at its halves and quarters: a ratio.

    It is 1 or more in most 6/8, and up to .8 in straight music. The weaker third counts, since a shuffle leaves out the
    first one.

    Parameters
    ----------
    strength : array, shape (n_frames,)
        Onset strength.
    frames : int64 array, shape (n,)
        Frames of the beats.
    """
    onsets = np.asarray(strength, np.float64)
    steps = np.diff(frames)

    def strength_at(fraction: float) -> float:
        at = np.round(frames[:-1] + fraction * steps).astype(np.int64)
        return float(greatest_near(onsets, at).mean())

    thirds = min(strength_at(1 / 3), strength_at(2 / 3))
    # The .02 only keeps silence from dividing by zero: a fiftieth of an ordinary onset.
    return thirds / (max(strength_at(0.5), (strength_at(0.25) + strength_at(0.75)) / 2) + 0.02)


def find_bars(log_odds: Floats, onsets: Floats, *, thirds: float) -> BarPath:
    """Find the best bars of a row of beats: of four, three or, in compound time, two beats.

    Parameters
    ----------
    log_odds : float64 array, shape (n,)
        Log-odds of the downbeat activation on each beat.
    onsets : float64 array, shape (n_bands, n)
        Onset strength on each beat.
    thirds : float
        From `thirds_against_halves`.
    """
    odds = np.clip(DOWNBEAT_SLOPE * log_odds + DOWNBEAT_BASE, MIN_DOWNBEAT_ODDS, MAX_DOWNBEAT_ODDS)
    odds[0] += FIRST_BEAT_BONUS
    # The log-probability of a downbeat on each beat, and of none.
    log_probability = [-np.logaddexp(0, -odds), -np.logaddexp(0, odds)]
    bonus = {4: 0.0, 3: THREE_FOUR_WEIGHT * three_against_four(onsets)}
    if thirds > MIN_THIRDS:
        bonus[2] = TWO_BONUS
    paths = [best_bars(log_probability, beats_per_bar=beats, slip_cost=SLIP_COST) for beats in bonus]
    return max(paths, key=lambda path: path.total + bonus[path.beats_per_bar] * len(odds))


def three_against_four(onsets: Floats) -> float:
    """Return how much more accents (n_bands, n_beats) correlate at lags of 3 and 6 beats than at 4 and 8 [1]_.

    0 in fewer than sixteen beats.
    """
    if onsets.shape[1] < MIN_BEATS_FOR_THREE:
        return 0.0
    centred = onsets - onsets.mean(axis=1, keepdims=True)
    accents = np.clip(centred / (onsets.std(axis=1, keepdims=True) + 1e-6), MIN_ACCENT, MAX_ACCENT)
    energy = (accents**2).sum(axis=1) + 1e-6

    def autocorrelation(lag: int) -> float:
        return float(((accents[:, lag:] * accents[:, :-lag]).sum(axis=1) / energy).mean())

    return autocorrelation(3) - autocorrelation(4) + autocorrelation(6) - autocorrelation(8)
