"""Find the best path of beats through a beat activation, and the best path of bars through those beats.

Conventions
-----------
Periods and beats are whole frames; downbeats are indexes into the beats. Totals are natural log-probabilities.

References
----------
.. [1] Krebs, Böck & Widmer, "An efficient state-space model for joint tempo and meter tracking", ISMIR 2015.
.. [2] Ellis, "Beat tracking by dynamic programming", J. New Music Research 36(1), 2007.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riffscope import long_arrays
from riffscope.arrays import Float32s, Floats, Ints, Mask

# The period changes by this many frames at most from one beat to the next: 16 % at 120 BPM and 50 frames a second. A
# section that is a third faster is reached in three beats.
BAND = 4
# Beats that fall between frames make periods one frame longer and shorter in turn. That costs a fifth of a real change
# by one frame. It is not free: at 180 BPM a frame is 6 %, and a path that drifts so far for nothing loses its tempo
# where the activation is weak.
ROUNDING = 0.2
# How steady the tempo is: lambda of [1]_, eq. 8, the rate at which the probability of a relative change of the period
# falls. Chosen, not fitted.
STEADINESS = 80.0


@dataclass(frozen=True, kw_only=True)
class BeatPath:
    """A path of beats.

    Attributes
    ----------
    frames : int64 array, shape (n,)
        The frames of the beats.
    total : float
        Its score: the log-odds on its beats, less what its changes of tempo cost.
    """

    frames: Ints
    total: float


@dataclass(frozen=True, kw_only=True)
class BarPath:
    """A path of bars.

    Attributes
    ----------
    downbeats : int64 array, shape (m,)
        Indexes of the beats that begin a bar.
    beats_per_bar : int
        In most bars.
    beats_per_bar_at : int64 array, shape (n,)
        The meter of the bar that each beat lies in.
    total : float
        The log-probability of its downbeats and other beats, less what its slips and changes cost.
    """

    downbeats: Ints
    beats_per_bar: int
    beats_per_bar_at: Ints
    total: float


def tempo_change_cost(period_frames: Ints, *, steadiness: float = STEADINESS) -> Float32s:
    """Return the log-probability of each change of period, (2 x band + 1, n_periods): [1]_, eq. 8.

    Row k is the change from a period k - band frames longer to each period; -inf where there is no such period. A
    change by one frame counts as rounding.
    """
    longer = np.arange(-BAND, BAND + 1)[:, None]
    change = np.maximum(np.abs(longer) - 1, ROUNDING * np.abs(longer))
    # The probabilities of all changes from one period sum to 1.
    leaving = np.log(np.exp(-steadiness * change / period_frames).sum(axis=0))
    before = np.arange(len(period_frames)) + longer
    inside = (before >= 0) & (before < len(period_frames))
    before = np.clip(before, 0, len(period_frames) - 1)
    cost = -steadiness * change / period_frames[before] - leaving[before]
    return np.where(inside, cost, -np.inf).astype(np.float32)


def best_beats(
    log_odds: npt.ArrayLike,
    period_frames: Ints,
    *,
    steadiness: float = STEADINESS,
    first_frame: int = 0,
    last_frame: int | None = None,
) -> BeatPath:
    """Find the path of beats with the greatest total, by dynamic programming.

    This is the bar pointer model of [1]_ without states for the positions between beats: only the log-odds on the beats
    differ between paths, so each beat follows directly on the beat one period before. The search is then that of
    Ellis [2]_ with the tempo as a state. A beat lasts one frame, so that no tempo gains by the width of a peak.

    Parameters
    ----------
    log_odds : array, shape (n_frames,)
        log(p / (1 - p)) of a beat at each frame.
    period_frames : int64 array, shape (n_periods,)
        The allowed periods: successive whole numbers.
    steadiness : float
        See `tempo_change_cost`.
    first_frame, last_frame : int
        Where the music begins and ends. The first beat lies within a period of the start, the last within a period of
        the end.

    Returns
    -------
    BeatPath
        Without beats, and with a total of 0, where the music is shorter than two of the longest periods.
    """
    odds = np.asarray(log_odds, np.float32)
    last = len(odds) - 1 if last_frame is None else last_frame
    shortest, longest, n_periods = int(period_frames[0]), int(period_frames[-1]), len(period_frames)
    span = last + 1 - first_frame
    if span <= 2 * longest:
        return BeatPath(frames=np.zeros(0, np.int64), total=0.0)
    odds = odds[first_frame : last + 1]
    change = tempo_change_cost(period_frames, steadiness=steadiness)
    columns = np.arange(n_periods)
    # onward[longest + t, j]: the best total with a beat at t and period j to the next. The rows before the music stand
    # for an unheard beat before the first.
    onward = long_arrays.zeros((longest + span, n_periods))
    total = np.full((shortest, n_periods + 2 * BAND), -np.inf, np.float32)
    # choices[k, t, j]: the total with change k of the period before.
    choices = np.empty((2 * BAND + 1, shortest, n_periods), np.float32)
    before_change = np.lib.stride_tricks.sliding_window_view(total, n_periods, axis=1).swapaxes(0, 1)
    ending, frame, period = -np.inf, 0, 0
    # A beat depends on none within the shortest period before it, so that many frames are computed at a time.
    for begin in range(0, span, shortest):
        frames = np.arange(begin, min(begin + shortest, span))
        now = slice(0, len(frames))
        # reached[t, j]: the best total that ends with a beat at t, one period j after the beat before.
        reached = onward[longest + frames[:, None] - period_frames, columns]
        reached += odds[frames, None]
        total[now, BAND:-BAND] = reached
        np.add(before_change[:, now], change[:, None], out=choices[:, now])
        np.maximum.reduce(choices[:, now], axis=0, out=onward[longest + begin : longest + begin + len(frames)])
        if frames[-1] > span - 1 - longest:
            # The last beat is less than its own period from the end.
            endings = np.where(frames[:, None] > span - 1 - period_frames, reached, -np.inf)
            if endings.max() > ending:
                row, period = (int(i) for i in np.unravel_index(int(endings.argmax()), endings.shape))
                ending, frame = float(endings[row, period]), int(frames[row])
    beats = [frame]
    # Which change of period led to each beat is found again only along the path.
    reached = total[0, BAND:-BAND]
    while (frame := frame - int(period_frames[period])) >= 0:
        beats.append(frame)
        reached[:] = onward[longest + frame - period_frames, columns]
        reached += odds[frame]
        period += int((total[0, period : period + 2 * BAND + 1] + change[:, period]).argmax()) - BAND
    return BeatPath(frames=first_frame + np.array(beats[::-1], np.int64), total=ending)


def best_bars(
    log_probability: npt.ArrayLike,
    *,
    bonus: Mapping[int, Floats],
    entry_cost: Mapping[int, float],
    meter_cost: float,
    slip_cost: float,
    starts: Mask | None = None,
) -> BarPath:
    """Find the path of bars with the greatest total: count the beats 1, 2, 3 ..., at a cost for each slip or change.

    Parameters
    ----------
    log_probability : array, shape (2, n_beats)
        The gain of each beat as a downbeat, and as any other beat.
    bonus : mapping of int to float64 array, shape (n_beats,)
        The meters that are tried, as beats in a bar, and what each beat gains in each of them.
    entry_cost : mapping of int to float
        The cost of beginning with a meter, or of changing to it; 0 for those left out.
    meter_cost : float
        The cost of another meter from a bar line on.
    slip_cost : float
        The cost of going on at another position in the bar.
    starts : bool array, shape (n_beats,), optional
        The beats on which bars are counted anew, at no cost.
    """
    as_downbeat, as_other = np.asarray(log_probability, np.float64)
    meters = list(bonus)
    first = np.cumsum([0, *meters])  # the state of the first beat of each meter's bar
    size = int(first[-1])
    meter_of = np.repeat(meters, meters)
    gain = np.repeat(as_other[:, None], size, axis=1)
    gain[:, first[:-1]] = as_downbeat[:, None]
    for start, meter in zip(first.tolist(), meters, strict=False):
        gain[:, start : start + meter] += bonus[meter][:, None]
    entering = np.array([entry_cost.get(meter, 0.0) for meter in meter_of.tolist()])
    firsts, lasts = first[:-1], first[1:] - 1
    # The state before each: the position before, or the last of the bar.
    before = np.arange(size) - 1
    before[firsts] = lasts
    total = -entering
    came_from = np.zeros(gain.shape, np.int64)
    for beat, here in enumerate(gain):
        best = int(total.argmax())
        if starts is not None and beat and starts[beat]:
            came_from[beat] = best
            total = total[best] - np.where(meter_of == meter_of[best], 0.0, entering) + here
            continue
        counted = total[before]
        chosen = before.copy()
        ending = int(lasts[total[lasts].argmax()])
        changed = total[ending] - meter_cost - entering[firsts]
        to_other = changed > counted[firsts]
        counted[firsts[to_other]] = changed[to_other]
        chosen[firsts[to_other]] = ending
        slipped = total[best] - slip_cost - np.where(meter_of == meter_of[best], 0.0, meter_cost + entering)
        slips = slipped > counted
        counted[slips] = slipped[slips]
        chosen[slips] = best
        came_from[beat] = chosen
        total = counted + here
    state = int(total.argmax())
    greatest = float(total[state])
    states = np.empty(len(gain), np.int64)
    for beat in range(len(gain) - 1, -1, -1):
        states[beat] = state
        state = int(came_from[beat, state])
    beats_per_bar: Ints = meter_of[states]
    gained = sum(float(bonus[meter][beats_per_bar == meter].sum()) for meter in meters)
    return BarPath(
        downbeats=np.flatnonzero(np.isin(states, firsts)),
        beats_per_bar=int(np.bincount(beats_per_bar).argmax()),
        beats_per_bar_at=beats_per_bar,
        total=greatest - gained,
    )
