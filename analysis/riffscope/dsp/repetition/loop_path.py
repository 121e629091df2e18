"""Find the best path of a song through a loop: the phase of each beat, or that it lies outside.

Conventions
-----------
Phases are whole beats, 0 to period - 1; `OUTSIDE` marks beats in which the loop does not sound. Gains and costs are in
units of self-similarity beyond chance.

References
----------
Own: dynamic programming (Viterbi) over the phases and one state outside.
"""

import numpy as np

from riffscope.arrays import Float32s, Ints, Mask

# Cost of entering a loop on a downbeat, and of leaving it there: what one bar of a faint riff gains. Chosen, not
# fitted.
ENTER = 0.6
# On any other beat it costs this many times as much. Chosen, not fitted.
OFF_DOWNBEAT = 1.5
# A jump within a loop costs this many times as much as entering it: half as much again as leaving and entering.
# Otherwise a loop of three bars would be found in one of four, by skipping the fourth.
JUMP = 3.0
# The phase of beats in which the loop does not sound.
OUTSIDE = -1


def best_paths(gains: Float32s, is_downbeat: Mask) -> Ints:
    """Return the phase of each beat, `OUTSIDE` where the loop does not sound: (n_paths, n_beats).

    Parameters
    ----------
    gains : float32 array, shape (n_beats, n_paths, period)
        The gain of each beat at each phase; the paths are independent of each other.
    is_downbeat : bool array, shape (n_beats,)

    Notes
    -----
    Dynamic programming over period + 1 states: successive phases cost nothing, all other transitions do.
    """
    count, paths, period = gains.shape
    rows = np.arange(paths)
    inside = np.full((paths, period), -np.inf, np.float32)
    followed = np.empty_like(inside)
    outside = np.zeros(paths, np.float32)
    # The state before: the phase before, `OUTSIDE`, or the phase of a jump.
    followed_on = np.empty((count, paths, period), bool)
    entered_from = np.empty((count, paths), np.int64)
    left_from = np.empty((count, paths), np.int64)
    costs = np.where(is_downbeat, ENTER, ENTER * OFF_DOWNBEAT).tolist()
    for beat, cost in enumerate(costs):
        best = inside.argmax(axis=1)
        top = inside[rows, best]
        enter, jump, leave = outside - cost, top - JUMP * cost, top - cost
        elsewhere = np.maximum(enter, jump)[:, None]
        followed[:, 1:], followed[:, 0] = inside[:, :-1], inside[:, -1]
        np.greater_equal(followed, elsewhere, out=followed_on[beat])
        entered_from[beat] = np.where(enter >= jump, OUTSIDE, best)
        left_from[beat] = np.where(outside >= leave, OUTSIDE, best)
        outside = np.maximum(outside, leave)
        np.maximum(followed, elsewhere, out=inside)
        inside += gains[beat]
    best = inside.argmax(axis=1)
    phase = np.where(outside >= inside[rows, best] - ENTER, OUTSIDE, best)
    phases = np.empty((count, paths), np.int64)
    for beat in range(count - 1, -1, -1):
        phases[beat] = phase
        before = np.where(followed_on[beat, rows, phase], (phase - 1) % period, entered_from[beat])
        phase = np.where(phase == OUTSIDE, left_from[beat], before)
    return phases.T


def stretches(phases: Ints, period: int) -> Ints:
    """Return first and one-past-last beat of each stretch of successive phases: (n_beats,) -> (k, 2)."""
    inside = phases != OUTSIDE
    follows = np.zeros(len(phases), bool)
    follows[1:] = inside[1:] & inside[:-1] & (phases[1:] == (phases[:-1] + 1) % period)
    starts = np.flatnonzero(inside & ~follows)
    ends = np.flatnonzero(inside & ~np.append(follows[1:], False)) + 1
    found: Ints = np.stack([starts, ends], axis=1)
    return found
