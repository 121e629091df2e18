"""The best row of beats through a curve that says how likely a beat is at each moment.

References
----------
.. [1] Krebs, Böck & Widmer, "An efficient state-space model for joint tempo and meter tracking", ISMIR 2015.
.. [2] Ellis, "Beat tracking by dynamic programming", J. New Music Research 36(1), 2007.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Float32s = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class BeatRow:
    """A row of beats: their frames, int64 of shape (n,), and all that speaks for them, summed."""

    frames: Ints
    total: float


def tempo_change_cost(period_frames: Ints, *, steadiness: float = 80.0) -> Float32s:
    """Return the log-probability that a beat of one period is followed by one of another, (from, to): [1]_, eq. 8.

    One frame more or less is rounding, not a change, and is free of cost.
    """
    period = period_frames.astype(np.float64)
    change = np.maximum(np.abs(period[None, :] - period[:, None]) - 1, 0) / period[:, None]
    cost = -steadiness * change
    log_probability: Floats = cost - np.log(np.exp(cost).sum(axis=1, keepdims=True))
    return log_probability.astype(np.float32)


def best_beats(
    log_odds: npt.ArrayLike,
    period_frames: Ints,
    *,
    period_log_weight: npt.ArrayLike | None = None,
    change: Float32s | None = None,
    first_frame: int = 0,
    last_frame: int | None = None,
) -> BeatRow:
    """Find the row of beats with the greatest total.

    The bar pointer of [1]_ without a state for each position between two beats: as nothing but the log-odds of the
    beats themselves differs between rows, a beat follows on the beat one period before it. This makes the search
    Ellis's [2]_, with the tempo as a state.

    Parameters
    ----------
    log_odds : array, shape (n_frames,)
        log(p / (1 - p)) of a beat at each frame.
    period_frames : int64 array, shape (n_periods,)
        The periods that a beat may have, ascending.
    period_log_weight : array, shape (n_frames, n_periods), optional
        What speaks for each period at each moment; summed over the frames of each beat.
    change : float32 array, shape (n_periods, n_periods), optional
        From `tempo_change_cost`.
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
    shortest, longest = int(period_frames[0]), int(period_frames[-1])
    if last - first_frame < 2 * longest:
        return BeatRow(frames=np.zeros(0, np.int64), total=0.0)
    switch = tempo_change_cost(period_frames) if change is None else change
    span = last + 1 - first_frame
    odds = odds[first_frame : last + 1]
    # weighed[t, j]: the sum of period j's weight over the frames before t
    weighed = np.zeros((span + 1, len(period_frames)))
    if period_log_weight is not None:
        np.cumsum(np.asarray(period_log_weight)[first_frame : last + 1], axis=0, out=weighed[1:])
    columns = np.arange(len(period_frames))
    # total[t, j]: the best row that ends with a beat at t, one period j after the one before
    total = np.full((span, len(period_frames)), -np.inf, np.float32)
    # onward[t, j], came_from[t, j]: the best of total[t] if the next beat has period j, and the period it ended with
    onward = np.full((span, len(period_frames)), -np.inf, np.float32)
    came_from = np.zeros((span, len(period_frames)), np.int16)
    # No beat depends on one less than the shortest period before it: so many frames are worked out at a time.
    for begin in range(0, span, shortest):
        frames = np.arange(begin, min(begin + shortest, span))
        before = frames[:, None] - period_frames
        since = weighed[frames][:, columns] - weighed[np.maximum(before, 0), columns]
        reached = np.where(before >= 0, onward[np.maximum(before, 0), columns], 0.0)
        total[frames] = reached + since + odds[frames, None]
        choices = total[frames][:, :, None] + switch
        came_from[frames] = choices.argmax(axis=1)
        onward[frames] = choices.max(axis=1)
    # The last beat is less than its own period from the end.
    endings = np.where(np.arange(span)[:, None] > span - 1 - period_frames, total, -np.inf)
    frame, period = np.unravel_index(int(endings.argmax()), endings.shape)
    best = float(total[frame, period])
    beats = [int(frame)]
    while (frame := frame - period_frames[period]) >= 0:
        beats.append(int(frame))
        period = came_from[frame, period]
    return BeatRow(frames=first_frame + np.array(beats[::-1], np.int64), total=best)
