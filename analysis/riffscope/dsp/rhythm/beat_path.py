"""The best row of beats through a curve that says how likely a beat is at each moment, and the best row of bars on it.

References
----------
.. [1] Krebs, Böck & Widmer, "An efficient state-space model for joint tempo and meter tracking", ISMIR 2015.
.. [2] Ellis, "Beat tracking by dynamic programming", J. New Music Research 36(1), 2007.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riffscope.arrays import Float32s, Ints

# From one beat to the next the period changes by so many frames at most: 16 % at 120 BPM and 50 frames a second. A
# section a third faster is reached in three beats.
BAND = 4
# A beat between two frames makes periods one frame longer and shorter by turns. That costs a fifth of what a change by
# a frame would: at 180 BPM a frame is 6 %, and a row that may wander so far for nothing leaves its tempo as it fades.
ROUNDING = 0.2


@dataclass(frozen=True, kw_only=True)
class BeatRow:
    """A row of beats: their frames, int64 of shape (n,), and all that speaks for them, summed."""

    frames: Ints
    total: float


@dataclass(frozen=True, kw_only=True)
class BarPath:
    """A row of bars: which beats begin one, int64 of shape (m,), beats to a bar, and all that speaks for it, summed."""

    lines: Ints
    beats_per_bar: int
    total: float


def tempo_change_cost(period_frames: Ints, *, steadiness: float = 80.0) -> Float32s:
    """Return the log-probability of each change of period, (2 x band + 1, n_periods): [1]_, eq. 8.

    Row k holds that of going from a period k - band frames longer to each period; -inf where there is no such period.
    One frame more or less is rounding, not a change.
    """
    longer = np.arange(-BAND, BAND + 1)[:, None]
    change = np.maximum(np.abs(longer) - 1, ROUNDING * np.abs(longer))
    # What leaves a period for all others adds up to 1.
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
    steadiness: float = 80.0,
    first_frame: int = 0,
    last_frame: int | None = None,
) -> BeatRow:
    """Find the row of beats with the greatest total.

    The bar pointer of [1]_ without a state for each position between two beats: as nothing but the log-odds of the
    beats themselves differs between rows, a beat follows on the beat one period before it. This makes the search
    Ellis's [2]_, with the tempo as a state. A beat is one frame, so that no tempo gains by the width of a peak.

    Parameters
    ----------
    log_odds : array, shape (n_frames,)
        log(p / (1 - p)) of a beat at each frame.
    period_frames : int64 array, shape (n_periods,)
        The periods that a beat may have: successive whole numbers.
    steadiness : float
        See `tempo_change_cost`.
    first_frame, last_frame : int
        Where the music begins and ends: the first beat lies within a period of the one, the last within a period of the
        other.

    Returns
    -------
    BeatRow
        Without beats, and with a total of 0, where the music is shorter than two of the longest periods.
    """
    odds = np.asarray(log_odds, np.float32)
    last = len(odds) - 1 if last_frame is None else last_frame
    shortest, longest, n_periods = int(period_frames[0]), int(period_frames[-1]), len(period_frames)
    span = last + 1 - first_frame
    if span <= 2 * longest:
        return BeatRow(frames=np.zeros(0, np.int64), total=0.0)
    odds = odds[first_frame : last + 1]
    change = tempo_change_cost(period_frames, steadiness=steadiness)
    columns = np.arange(n_periods)
    # onward[longest + t, j]: the best row with a beat at t if the next beat has period j. What lies before the music
    # stands for the beat that nobody heard before the first.
    onward = np.zeros((longest + span, n_periods), np.float32)
    # came_from[t, j]: which change of period led there
    came_from = np.zeros((span, n_periods), np.int8)
    total = np.full((shortest, n_periods + 2 * BAND), -np.inf, np.float32)
    ending, frame, period = -np.inf, 0, 0
    # No beat depends on one less than the shortest period before it: so many frames are worked out at a time.
    for begin in range(0, span, shortest):
        frames = np.arange(begin, min(begin + shortest, span))
        # reached[t, j]: the best row that ends with a beat at t, one period j after the one before
        reached = onward[longest + frames[:, None] - period_frames, columns]
        reached += odds[frames, None]
        block = total[: len(frames)]
        block[:, BAND:-BAND] = reached
        choices = np.stack([block[:, k : k + n_periods] + change[k] for k in range(2 * BAND + 1)])
        came_from[frames] = choices.argmax(axis=0)
        onward[longest + frames] = choices.max(axis=0)
        if frames[-1] > span - 1 - longest:
            # The last beat is less than its own period from the end.
            endings = np.where(frames[:, None] > span - 1 - period_frames, reached, -np.inf)
            if endings.max() > ending:
                row, period = (int(i) for i in np.unravel_index(int(endings.argmax()), endings.shape))
                ending, frame = float(endings[row, period]), int(frames[row])
    beats = [frame]
    while (frame := frame - int(period_frames[period])) >= 0:
        beats.append(frame)
        period += int(came_from[frame, period]) - BAND
    return BeatRow(frames=first_frame + np.array(beats[::-1], np.int64), total=ending)


def best_bars(line_log_odds: npt.ArrayLike, *, beats_per_bar: int, slip_cost: float) -> BarPath:
    """Count through the beats, 1, 2, 3 (4), so that the ones gather the greatest total.

    Parameters
    ----------
    line_log_odds : array, shape (2, n_beats)
        What speaks for each beat if it begins a bar, and what if it lies within one.
    beats_per_bar : int
    slip_cost : float
        What it costs to go on at another place in the bar.
    """
    begins, within = np.asarray(line_log_odds, np.float64)
    gain = np.repeat(within[:, None], beats_per_bar, axis=1)
    gain[:, 0] = begins
    places = np.arange(beats_per_bar)
    total = np.zeros(beats_per_bar)
    came_from = np.zeros(gain.shape, np.int64)
    for beat, here in enumerate(gain):
        on = np.roll(total, 1)
        best = int(total.argmax())
        slipped = total[best] - slip_cost
        came_from[beat] = np.where(on >= slipped, (places - 1) % beats_per_bar, best)
        total = np.maximum(on, slipped) + here
    place = int(total.argmax())
    gathered = float(total[place])
    lines = []
    for beat in range(len(gain) - 1, -1, -1):
        if place == 0:
            lines.append(beat)
        place = int(came_from[beat, place])
    return BarPath(lines=np.array(lines[::-1], np.int64), beats_per_bar=beats_per_bar, total=gathered)
