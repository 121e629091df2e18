"""The best course of a song through a loop: which beats belong to it, and to which place of its period."""

import numpy as np

from riffscope.arrays import Float32s, Ints, Mask

# What it costs to enter a loop on a bar line and to leave it, in likeness beyond chance: as much as a bar of a faint
# riff brings. On other beats it costs half as much again; to jump within a loop costs what leaving and entering cost,
# and half as much again, for else a loop of three bars would be found in one of four by skipping the fourth.
ENTER, OFF_BAR_LINE, JUMP = 0.6, 1.5, 3.0
OUTSIDE = -1


def best_paths(gains: Float32s, is_downbeat: Mask) -> Ints:
    """Return the place in the period of each beat, `OUTSIDE` where the loop does not sound: (n_courses, n_beats).

    Parameters
    ----------
    gains : float32 array, shape (n_beats, n_courses, period)
        What it brings to count each beat to each place of the period; courses are independent of each other.
    is_downbeat : bool array, shape (n_beats,)

    Notes
    -----
    Dynamic programming over period + 1 states: places follow each other freely, all else costs.
    """
    count, paths, period = gains.shape
    rows = np.arange(paths)
    inside = np.full((paths, period), -np.inf, np.float32)
    followed = np.empty_like(inside)
    outside = np.zeros(paths, np.float32)
    # Where each state came from: the place before, `OUTSIDE`, or the place that it jumped from.
    followed_on = np.empty((count, paths, period), bool)
    entered_from = np.empty((count, paths), np.int64)
    left_from = np.empty((count, paths), np.int64)
    costs = np.where(is_downbeat, ENTER, ENTER * OFF_BAR_LINE).tolist()
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
    place = np.where(outside >= inside[rows, best] - ENTER, OUTSIDE, best)
    places = np.empty((count, paths), np.int64)
    for beat in range(count - 1, -1, -1):
        places[beat] = place
        before = np.where(followed_on[beat, rows, place], (place - 1) % period, entered_from[beat])
        place = np.where(place == OUTSIDE, left_from[beat], before)
    return places.T


def stretches(places: Ints, period: int) -> Ints:
    """Return first and one-past-last beat of each stretch in which places follow each other: (n_beats,) -> (k, 2)."""
    inside = places != OUTSIDE
    follows = np.zeros(len(places), bool)
    follows[1:] = inside[1:] & inside[:-1] & (places[1:] == (places[:-1] + 1) % period)
    starts = np.flatnonzero(inside & ~follows)
    ends = np.flatnonzero(inside & ~np.append(follows[1:], False)) + 1
    found: Ints = np.stack([starts, ends], axis=1)
    return found
