"""Where bars begin: bars of two, three or four beats, and the bar lines.

References
----------
.. [1] Klapuri, Eronen & Astola, "Analysis of the meter of acoustic musical signals", IEEE TASLP 14(1), 2006.
"""

import numpy as np
import numpy.typing as npt

from riffscope.arrays import Floats, Ints
from riffscope.dsp.onsets import greatest_near
from riffscope.dsp.rhythm.beat_path import BarPath, best_bars

# A beat begins a bar at log-odds of .8 x - 1.65 where the downbeat curve has log-odds x (by logistic regression), and
# one in 25 does where it shows nothing at all.
DOWNBEAT_SLOPE, DOWNBEAT_BASE, MIN_DOWNBEAT_ODDS, MAX_DOWNBEAT_ODDS = 0.8, -1.65, -3.2, 3.5
# Music begins on a bar line more often than on any other beat. The more so as what is heard later repeats itself: beats
# of a riff that hide the bar line hide it each time.
FIRST_BEAT = 9.0
# A change of mind about the bar line is dear: songs hardly ever shift their bars; trackers lose a beat now and then.
SLIP_COST = 30.0
# Accents that return after three beats rather than four speak for three, on the scale of log-probability per beat. Of
# 115 rendered mixes, a hundredth of the downbeats' F is theirs, with weights from .4 to .9.
ACCENTS_RETURN = 0.7
# Only a beat that divides into three (6/8) is counted in twos, and then two is likelier than four.
DIVIDES_IN_THREE, TWO_LIKELIER = 0.9, 0.1


def beat_means(features: npt.ArrayLike, times_s: Floats, *, frame_rate_hz: float) -> Floats:
    """Average features (n_frames, k) between successive times (n + 1,): (n, k)."""
    frames = np.asarray(features)
    edges = np.clip(np.round(times_s * frame_rate_hz).astype(np.int64), 0, len(frames) - 1)
    sums = np.concatenate([np.zeros((1, frames.shape[1])), np.cumsum(frames, axis=0, dtype=np.float64)])
    ends = np.maximum(edges[1:], edges[:-1] + 1)
    means: Floats = (sums[ends] - sums[edges[:-1]]) / (ends - edges[:-1])[:, None]
    return means


def thirds_against_halves(strength: npt.ArrayLike, frames: Ints) -> float:
    """Return how strongly both thirds of the beat sound against its halves and quarters.

    1 or more in most music in 6/8, up to .8 in straight music. A shuffle leaves out the first third.

    Parameters
    ----------
    strength : array, shape (n_frames,)
        Onset strength.
    frames : int64 array, shape (n,)
        The beats.
    """
    onsets = np.asarray(strength, np.float64)
    steps = np.diff(frames)

    def sounds(place: float) -> float:
        at = np.round(frames[:-1] + place * steps).astype(np.int64)
        return float(greatest_near(onsets, at).mean())

    thirds = min(sounds(1 / 3), sounds(2 / 3))
    return thirds / (max(sounds(0.5), (sounds(0.25) + sounds(0.75)) / 2) + 0.02)


def find_bars(log_odds: Floats, onsets: Floats, *, thirds: float) -> BarPath:
    """Find the bars that a row of beats falls into: of four, three or, in compound time, two beats.

    Parameters
    ----------
    log_odds : float64 array, shape (n,)
        Of the downbeat curve on each beat.
    onsets : float64 array, shape (n_bands, n)
        Onset strength on each beat.
    thirds : float
        From `thirds_against_halves`.
    """
    odds = np.clip(DOWNBEAT_SLOPE * log_odds + DOWNBEAT_BASE, MIN_DOWNBEAT_ODDS, MAX_DOWNBEAT_ODDS)
    odds[0] += FIRST_BEAT
    # log of how probable a bar line is on each beat, and none
    curve = [-np.logaddexp(0, -odds), -np.logaddexp(0, odds)]
    likelier = {4: 0.0, 3: ACCENTS_RETURN * three_against_four(onsets)}
    if thirds > DIVIDES_IN_THREE:
        likelier[2] = TWO_LIKELIER
    rows = [best_bars(curve, beats_per_bar=beats, slip_cost=SLIP_COST) for beats in likelier]
    return max(rows, key=lambda row: row.total + likelier[row.beats_per_bar] * len(odds))


def three_against_four(onsets: Floats) -> float:
    """Return how much better accents (n_bands, n beats) return after 3 and 6 beats than after 4 and 8 [1]_.

    0 in fewer than sixteen beats: eight beats on, less than half of them are left to compare.
    """
    if onsets.shape[1] < 16:
        return 0.0
    centred = onsets - onsets.mean(axis=1, keepdims=True)
    # Clipped, so that one outburst does not decide for the whole song.
    accents = np.clip(centred / (onsets.std(axis=1, keepdims=True) + 1e-6), -3, 4)
    energy = (accents**2).sum(axis=1) + 1e-6

    def returns(lag: int) -> float:
        return float(((accents[:, lag:] * accents[:, :-lag]).sum(axis=1) / energy).mean())

    return returns(3) - returns(4) + returns(6) - returns(8)
