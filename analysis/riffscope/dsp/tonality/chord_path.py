"""Decide on the chords of a song: let what repeats vote together, then follow the likeliest path.

Conventions
-----------
Steps are half beats; chords are numbered root + 12 * quality, and no chord comes last. Evidence is log-probability,
shape (n_steps, n_chords).

References
----------
.. [1] Mauch, Noland & Dixon, "Using musical structure to enhance automatic chord transcription", ISMIR 2009: passes of
   one passage read together.
.. [2] Papadopoulos & Peeters, "Joint estimation of chords and downbeats from an audio signal", IEEE TASLP 19(1), 2011:
   chords change on the strong beats of a bar.
.. [3] Rabiner, "A tutorial on hidden Markov models", Proc. IEEE 77(2), 1989: the likeliest path, and the probability of
   each state.
"""

import itertools
from collections.abc import Sequence

import numpy as np
from scipy.special import expit, logsumexp

from riffscope.arrays import Floats, Ints
from riffscope.dsp.tonality.keys import USUAL_CHORDS

# How much the other passes count against a step's own evidence. Anything from 1 to 2 does as well.
VOTE = 1.5


# How much the network's evidence counts. Less does better where chords are hidden, and worse where they are not.
TRUST = 1.0
# What changing the chord costs in log-probability: on the first beat of a bar, in its middle, on another beat, between
# beats. Below 0: in most music a new bar brings a new chord. Chosen on 44 rendered songs and 39 of the network's
# validation songs, where the fit's own choice did no better on others.
CHANGE_COSTS = (-3.0, 2.5, 3.5, 6.5)
# How much the key counts: the power of how usual chords are in it.
KEY_TRUST = 1.0
# Log-odds that a chord's root and third are right, by two log-odds of theirs: along the path, and of what the network
# hears there by itself. The path alone is too sure of itself: neighbouring half beats err together. From
# the same songs.
RIGHT_WEIGHTS = (0.21, 0.55)
RIGHT_BASE = -0.25
# A chord that is no business of the key's, as a share of all.
FOREIGN = 1e-4
# No chord at all, likewise.
NO_CHORD_SHARE = 0.03


def usual_in_key(tonic: int, mode: str, qualities: Sequence[tuple[tuple[int, ...], float]]) -> Floats:
    """Return how usual each chord is in a key, as log-probability: (12 * n_qualities + 1,), no chord at the end.

    Parameters
    ----------
    tonic : int
        Pitch class.
    mode : str
        ``major`` or ``minor``.
    qualities : sequence of (tuple of int, float)
        For each quality, the rows of `riffscope.dsp.tonality.keys.USUAL_CHORDS` that speak for it, and its share.
    """
    triads = np.roll(np.array(USUAL_CHORDS[mode]), tonic, axis=1)
    rows = [
        share * (triads[list(of)].sum(axis=0) if of else np.full(triads.shape[1], 1 / triads.shape[1]))
        for of, share in qualities
    ]
    shares = np.append(np.concatenate(rows) + FOREIGN, NO_CHORD_SHARE) ** KEY_TRUST
    usual: Floats = np.log(shares / shares.sum())
    return usual


def change_costs(count: int, downbeats: Ints, *, steps_per_beat: int) -> Floats:
    """Return what it costs to change the chord at each of `count` steps: (count,).

    Parameters
    ----------
    downbeats : int64 array, shape (n_bars,)
        Steps at which bars begin.
    steps_per_beat : int
        Every so many steps, from 0 on, there is a beat.
    """
    first, middle, beat, between = CHANGE_COSTS
    costs = np.full(count, between)
    costs[::steps_per_beat] = beat
    for begin, end in itertools.pairwise([*downbeats.tolist(), count]):
        half, odd = divmod(end - begin, 2)
        if not odd and half % steps_per_beat == 0 and half > steps_per_beat and begin + half < count:
            costs[begin + half] = middle
    costs[downbeats[downbeats < count]] = first
    return costs


def vote(evidence: Floats, places: Sequence[Ints]) -> Floats:
    """Let steps at the same place of something that repeats vote together.

    A step listens to those that are like it: where one pass goes elsewhere, the others do not talk it out of it.

    Parameters
    ----------
    evidence : float64 array, shape (n, n_chords)
    places : sequence of int64 arrays, shape (n,)
        The place of each step in what repeats; -1 where nothing does. Each is a view of its own: loops, sections.
    """
    given = evidence.copy()
    root = np.exp(evidence / 2)
    for of in places:
        for place in np.unique(of[of >= 0]):
            steps = np.flatnonzero(of == place)
            if steps.size < 2:
                continue
            # The Bhattacharyya coefficient: 1 where two steps say the same.
            likeness = root[steps] @ root[steps].T
            np.fill_diagonal(likeness, 0.0)
            total = likeness.sum(axis=1, keepdims=True)
            others = likeness @ evidence[steps] / np.maximum(total, 1e-12)
            weight = VOTE * total / (steps.size - 1)
            given[steps] += weight * others
    normal: Floats = given - logsumexp(given, axis=1, keepdims=True)
    return normal


def follow_chords(evidence: Floats, change_cost: Floats, usual: Floats) -> tuple[Ints, Floats]:
    """Return the likeliest chord of each step (n,) and the probability of every chord in each step (n, n_chords).

    Parameters
    ----------
    evidence : float64 array, shape (n, n_chords)
    change_cost : float64 array, shape (n,)
        What it costs to change the chord as the step begins, in log-probability.
    usual : float64 array, shape (n, n_chords)
        How usual each chord is there, as log-probability: where a change goes.
    """
    evidence = TRUST * evidence
    count = len(evidence)
    forward, backward = np.zeros_like(evidence), np.zeros_like(evidence)
    best = np.zeros_like(evidence)
    came = np.zeros(evidence.shape, np.int64)
    forward[0] = best[0] = usual[0] + evidence[0]
    for t in range(1, count):
        to = usual[t] - change_cost[t]
        forward[t] = evidence[t] + np.logaddexp(forward[t - 1], _log_sum(forward[t - 1]) + to)
        leader = int(best[t - 1].argmax())
        changed = best[t - 1, leader] + to
        stays = best[t - 1] >= changed
        came[t] = np.where(stays, np.arange(evidence.shape[1]), leader)
        best[t] = evidence[t] + np.where(stays, best[t - 1], changed)
    for t in range(count - 2, -1, -1):
        following = evidence[t + 1] + backward[t + 1]
        backward[t] = np.logaddexp(following, _log_sum(following + usual[t + 1] - change_cost[t + 1]))
    path = np.zeros(count, np.int64)
    path[-1] = int(best[-1].argmax())
    for t in range(count - 1, 0, -1):
        path[t - 1] = came[t, path[t]]
    together = forward + backward
    return path, np.exp(together - logsumexp(together, axis=1, keepdims=True))


def _log_sum(logarithms: Floats) -> float:
    """Return the logarithm of a sum, (n,); of so few numbers scipy's takes ten times as long."""
    greatest = logarithms.max()
    return float(greatest + np.log(np.exp(logarithms - greatest).sum()))


def right_probability(odds: Floats) -> Floats:
    """Return the probability that root and third are right, from log-odds (n, 2) of the path and of the network."""
    return np.asarray(expit(odds @ np.array(RIGHT_WEIGHTS) + RIGHT_BASE), np.float64)
