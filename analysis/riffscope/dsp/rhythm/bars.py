"""Find the meter and the downbeats of a row of beats: bars of two to seven beats, and where the meter changes.

Conventions
-----------
Beats are frames or indexes into the beats, log-odds are natural logarithms, and onset strength is on its own scale (1
is an ordinary onset). Frame k lies around k / `frame_rate_hz` seconds.

References
----------
The weighing of downbeat evidence is our own. Meter and place in the bar as states of one path are from [2]_; that
accents return after a bar is from [1]_.

.. [1] Klapuri, Eronen & Astola, "Analysis of the meter of acoustic musical signals", IEEE TASLP 14(1), 2006.
.. [2] Krebs, Böck & Widmer, "An efficient state-space model for joint tempo and meter tracking", ISMIR 2015.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter1d

from riffscope.arrays import Floats, Ints, Mask
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
# because a song repeats itself: a riff that hides its downbeat hides it every time. The same F from 14 to 30.
FIRST_BEAT_BONUS = 20.0
# The same for the first beat after a gap, where music may set in anywhere. Chosen, not fitted.
AFTER_GAP_BONUS = 9.0
# Cost of moving the downbeat, in log-probability. It is high because songs hardly ever shift their bars, and low enough
# to recover where the tracker drops a beat. Chosen, not fitted.
SLIP_COST = 30.0
# Cost of another meter from a bar line on. A bar or two of two among bars of four are slips; a change has to pay over a
# phrase. Chosen, not fitted.
METER_COST = 25.0
# Bars of five and seven are rare: the cost of beginning with them, or of changing to them. Chosen, not fitted.
ODD_COST = 20.0
# Weight of accents that return after a bar of another length rather than of four beats, in log-probability per beat.
# They bring .01 of the downbeat F-measure on rendered mixes, the same with any weight from .4 to 1, and find the more
# changes of meter the heavier they weigh.
RETURN_WEIGHT = 1.0
# Whether accents return is judged over so many beats, eight bars of six: a meter may change.
RETURN_OVER_BEATS = 49
# Fewer beats than this tell no meter from four: at a lag of eight beats, less than half of them are left to compare.
MIN_BEATS_FOR_RETURN = 16
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
# Beats that are all alike mark no bars: their log-odds of a downbeat vary by this standard deviation at least. Those of
# equal clicks vary by .4, those of 130 songs by .66 or more.
MIN_SPREAD = 0.5
# The log-odds that bars are right (F-measure above .8), by a logistic regression. First its intercept.
RIGHT_BASE = 1.4
# Of how clearly the bars are marked; from the same regression.
RIGHT_MARK_WEIGHT = 0.85
# Bars of six are two bars of three.
METERS = (4, 3, 5, 7)


@dataclass(frozen=True, kw_only=True)
class GivenBars:
    """What the user knows of the bars.

    Attributes
    ----------
    beats_per_bar : int or None
    downbeat : int or None
        A beat that begins a bar.
    """

    beats_per_bar: int | None = None
    downbeat: int | None = None


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


def find_bars(
    log_odds: Floats,
    onsets: Floats,
    *,
    thirds: float,
    starts: Sequence[int] = (0,),
    given: GivenBars | None = None,
    may_change: bool = True,
) -> BarPath:
    """Find the best bars of a row of beats: of four, three, five, seven or, in compound time, two beats.

    Parameters
    ----------
    log_odds : float64 array, shape (n,)
        Log-odds of the downbeat activation on each beat.
    onsets : float64 array, shape (n_bands, n)
        Onset strength on each beat.
    thirds : float
        From `thirds_against_halves`.
    starts : sequence of int
        The beats on which music sets in, the first among them: after a gap, bars are counted anew.
    given : GivenBars, optional
        What is known of them.
    may_change : bool
        Whether the meter may change.
    """
    odds = _odds(log_odds)
    sets_in: Mask = np.zeros(len(odds), np.bool_)
    sets_in[list(starts)] = True
    odds[sets_in] += AFTER_GAP_BONUS
    odds[0] += FIRST_BEAT_BONUS - AFTER_GAP_BONUS
    known = given or GivenBars()
    if known.downbeat is not None and known.beats_per_bar is None:
        # A downbeat says where bars begin, and not how long they are.
        heard = find_bars(log_odds, onsets, thirds=thirds, starts=starts, may_change=False)
        known = GivenBars(beats_per_bar=heard.beats_per_bar, downbeat=known.downbeat)
    if known.downbeat is not None:
        odds[known.downbeat] += SLIP_COST * len(odds)
    bonus = {beats: RETURN_WEIGHT * accents_return(onsets, beats) for beats in METERS}
    if thirds > MIN_THIRDS:
        bonus[2] = np.full(len(odds), TWO_BONUS)
    if known.beats_per_bar is not None:
        bonus = {known.beats_per_bar: np.zeros(len(odds))}
    return best_bars(
        # The log-probability of a downbeat on each beat, and of none.
        [-np.logaddexp(0, -odds), -np.logaddexp(0, odds)],
        bonus=bonus,
        entry_cost={beats: ODD_COST for beats in bonus if beats in (5, 7) and len(bonus) > 1},
        meter_cost=METER_COST if may_change else np.inf,
        # All bars follow the one that is given.
        slip_cost=SLIP_COST if known.downbeat is None else np.inf,
        starts=sets_in,
    )


def accents_return(onsets: Floats, beats: int) -> Floats:
    """Return how much more accents correlate at lags of one and two bars of so many beats than of four [1]_: (n,).

    Around each beat; 0 for bars of four, and in fewer than sixteen beats.

    Parameters
    ----------
    onsets : float64 array, shape (n_bands, n)
        Onset strength on each beat.
    beats : int
    """
    count = onsets.shape[1]
    if beats == 4 or count < max(MIN_BEATS_FOR_RETURN, 2 * beats + 2):
        return np.zeros(count)
    centred = onsets - onsets.mean(axis=1, keepdims=True)
    accents = np.clip(centred / (onsets.std(axis=1, keepdims=True) + 1e-6), MIN_ACCENT, MAX_ACCENT)
    energy = (accents**2).mean(axis=1, keepdims=True) + 1e-6

    def correlation(lag: int) -> Floats:
        product = np.zeros(count)
        product[lag:] = (accents[:, lag:] * accents[:, :-lag] / energy).mean(axis=0)
        return product

    excess = correlation(beats) - correlation(4) + correlation(2 * beats) - correlation(8)
    around: Floats = uniform_filter1d(excess, min(RETURN_OVER_BEATS, count), mode="nearest")
    return around


def marks_bars(log_odds: Floats) -> bool:
    """Return whether anything marks bars: whether some beats are likelier downbeats than others.

    Parameters
    ----------
    log_odds : float64 array, shape (n,)
        Log-odds of the downbeat activation on each beat.
    """
    return float(np.std(_odds(log_odds))) > MIN_SPREAD


def _odds(log_odds: Floats) -> Floats:
    """Return the log-odds that each beat is a downbeat."""
    odds: Floats = np.clip(DOWNBEAT_SLOPE * log_odds + DOWNBEAT_BASE, MIN_DOWNBEAT_ODDS, MAX_DOWNBEAT_ODDS)
    return odds


def bar_odds(log_odds: Floats, bars: BarPath) -> float:
    """Return the log-odds that bars are right, from how clearly their first beats stand out of the others."""
    return RIGHT_BASE + RIGHT_MARK_WEIGHT * mark_of(log_odds, bars)


def mark_of(log_odds: Floats, bars: BarPath) -> float:
    """Return how much likelier a downbeat is on the first beats of bars than on the likeliest other beat of them.

    In log-odds, as a mean over bars; 0 where there are none to compare.
    """
    odds = _odds(log_odds)
    firsts = bars.downbeats
    others = []
    for offset in range(1, bars.beats_per_bar):
        at = firsts + offset
        at = at[at < len(odds)]
        if at.size:
            others.append(float(odds[at].mean()))
    if not firsts.size or not others:
        return 0.0
    return float(odds[firsts].mean()) - max(others)
