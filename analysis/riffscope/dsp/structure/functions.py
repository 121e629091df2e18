"""What each section does in a song: intro, verse, chorus ..., from what is sung in it and from what follows what.

Conventions
-----------
Sections are rows, functions columns in the order of `FUNCTIONS`. Scores are natural logarithms of odds.

References
----------
The functions are a linear chain, each hanging on the one before, as in [1]_; probabilities by the forward-backward
algorithm [2]_. That a chorus brings back its words, and a verse its melody with other words, is the usual definition
[3]_; all scores are our own.

.. [1] Lafferty, McCallum & Pereira, "Conditional random fields", ICML 2001.
.. [2] Rabiner, "A tutorial on hidden Markov models and selected applications in speech recognition", Proceedings of the
   IEEE 77(2), 1989.
.. [3] Covach, "Form in rock music", in Engaging Music, Oxford University Press 2005.
"""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.special import expit

from riffscope.arrays import Floats, Mask

FUNCTIONS = ("intro", "verse", "pre-chorus", "chorus", "bridge", "solo", "instrumental", "outro")
INTRO, VERSE, PRE_CHORUS, CHORUS, BRIDGE, SOLO, INSTRUMENTAL, OUTRO = range(len(FUNCTIONS))
# What is out of the question.
NEVER = -30.0
# How well each function begins a song, and ends it: an intro opens, a chorus or an outro closes, and a bridge leads on.
BEGINS = {INTRO: 0.0, VERSE: -0.5, CHORUS: -2.5, INSTRUMENTAL: -3.0}
ENDS = {OUTRO: 0.0, CHORUS: -0.2, VERSE: -1.5, SOLO: -2.0, INSTRUMENTAL: -2.0}
# How well each function follows another: after a verse comes the chorus, after a chorus the next verse, and a function
# may go on over several sections; an intro never comes back, and after an outro comes nothing. By hand, in steps of a
# half or less; none of them, .7 higher or lower, changes the share of rendered songs that is named rightly by more than
# .03.
FOLLOWS = {
    INTRO: {INTRO: -1.0, VERSE: 0.0, PRE_CHORUS: -3.0, CHORUS: -2.0, INSTRUMENTAL: -2.5},
    VERSE: {VERSE: -1.4, PRE_CHORUS: -1.5, CHORUS: 0.0, BRIDGE: -2.5, SOLO: -2.0, INSTRUMENTAL: -1.5, OUTRO: -2.0},
    PRE_CHORUS: {CHORUS: 0.0},
    CHORUS: {
        VERSE: 0.0,
        PRE_CHORUS: -2.0,
        CHORUS: -1.4,
        BRIDGE: -0.9,
        SOLO: -1.5,
        INSTRUMENTAL: -0.9,
        OUTRO: -0.7,
    },
    BRIDGE: {VERSE: 0.0, PRE_CHORUS: -1.5, CHORUS: 0.0, BRIDGE: -1.0, SOLO: -2.0, INSTRUMENTAL: -1.0, OUTRO: -1.5},
    SOLO: {VERSE: -0.3, PRE_CHORUS: -1.5, CHORUS: 0.0, BRIDGE: -2.0, SOLO: -1.0, INSTRUMENTAL: -1.5, OUTRO: -1.0},
    INSTRUMENTAL: {
        VERSE: 0.0,
        PRE_CHORUS: -1.5,
        CHORUS: -0.3,
        BRIDGE: -1.5,
        SOLO: -1.5,
        INSTRUMENTAL: -1.0,
        OUTRO: -1.0,
    },
    OUTRO: {OUTRO: -1.0},
}
# A section counts as unsung up to the first share of it and as sung from the second on: voices enter before their
# section, and rest in it. Chosen, not fitted.
UNSUNG, SUNG = 0.1, 0.4
# Where no words come back, nothing says chorus but the order; where they do, this much speaks for a chorus and against
# a verse or a bridge if all of a section comes back, and the reverse if none does. By hand: rendered singers never come
# back to their words.
RETOLD_WEIGHT = 2.5
# A chorus comes back more often than a verse that is sung again. By hand, for the same reason.
OFTEN_WEIGHT = 1.0
# A bridge brings something new, late: it hardly begins in this first part of a song.
BRIDGE_FROM = 0.35
# How often what a section shares with others is passed on between them, and how much of the new each time.
ROUNDS, SHARE_OF_NEW = 5, 0.5
# How much sections of one letter are alike, of the same letter and the same primes being 1. Chosen, not fitted.
SAME_LETTER = 0.6
# A section further from the usual level than this, in log10 units, is no clearer a case. Chosen, not fitted.
MAX_LEVEL = 0.5
# The same for the height of its melody, in semitones.
MAX_HEIGHT = 5.0


class Weights(NamedTuple):
    """How much what is heard speaks for a function.

    Attributes
    ----------
    sung : float
        A section that is not sung is no verse and no chorus.
    intro_unsung, instrumental_unsung, outro_unsung : float
        One that is sung is no intro, instrumental or outro.
    bridge_sung : float
        A bridge is rather sung.
    loud : float
        Per log10 unit of level above the other sung sections: for a chorus, against a verse.
    high : float
        Per semitone above the others, the same.
    new, returns : float
        For a bridge where its music is only here, against one where it returns.
    early : float
        Against a bridge in the first third.
    alike : float
        What is alike does the same: for what the sections like it do.
    solo, pre_chorus : float
        Against these, which little marks.
    """

    sung: float
    intro_unsung: float
    instrumental_unsung: float
    outro_unsung: float
    bridge_sung: float
    loud: float
    high: float
    new: float
    returns: float
    early: float
    alike: float
    solo: float
    pre_chorus: float


# Fitted on the sections found in 132 rendered songs with singing, near values that were chosen before; rounded. `high`
# was .01 in these, whose choruses are sung no higher than their verses, and is left between that and what was chosen;
# `bridge_sung` is by hand, for three in ten of their bridges are not sung, and hardly any in other songs.
WEIGHTS = Weights(
    sung=2.3,
    intro_unsung=2.0,
    instrumental_unsung=4.0,
    outro_unsung=2.4,
    bridge_sung=1.5,
    loud=1.1,
    high=0.05,
    new=1.1,
    returns=1.7,
    early=4.2,
    alike=1.9,
    solo=1.5,
    pre_chorus=1.5,
)
# In music that nobody sings to, the first section is an intro and the last an outro with these log odds ...
INTRO_BASE, OUTRO_BASE = -0.3, -1.2
# ... per e-fold that it is shorter than the others ...
SHORTER_WEIGHT = 2.0
# ... and per log10 unit that it is softer. All from a regression on the first and last sections of 55 rendered
# instrumentals, rounded.
SOFTER_WEIGHT = 5.0


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The sections of a song, each of shape (n,) if nothing else is said.

    Attributes
    ----------
    starts_s, ends_s : float64 arrays
    labels : tuple of str
        Letters with primes.
    level : float64 array
        Mean log10 level.
    sung : float64 array or None
        Share that is sung, 0..1; None where nobody sings in the song.
    height : float64 array
        Height of the melody in MIDI semitones; NaN where little is sung.
    retold : float64 array
        Share of what is sung that is sung elsewhere too, 0..1.
    told_again : float64 array, shape (n, n)
        Share of what each section sings that each other sings too, 0..1.
    certain : float
        How certain it is that words come back in this song at all, 0..1.
    """

    starts_s: Floats
    ends_s: Floats
    labels: tuple[str, ...]
    level: Floats
    sung: Floats | None
    height: Floats
    retold: Floats
    told_again: Floats
    certain: float

    @property
    def letters(self) -> list[str]:
        """The labels without their primes."""
        return [label.rstrip("'") for label in self.labels]

    @property
    def lengths_s(self) -> Floats:
        """How long each lasts."""
        lengths_s: Floats = self.ends_s - self.starts_s
        return lengths_s


def function_probabilities(parts: Parts, weights: Weights = WEIGHTS) -> Floats:
    """Return the probability of each function for each section, 0..1: (n, 8).

    Rows sum to 1 where somebody sings in the song; elsewhere an intro and an outro alone can be told.
    """
    if len(parts.labels) < 2:
        return np.zeros((len(parts.labels), len(FUNCTIONS)))
    if parts.sung is None:
        return _ends_of_instrumental(parts)
    scores = function_scores(parts, weights)
    ties = weights.alike * _likeness(parts)
    found = _forward_backward(scores)
    for _ in range(ROUNDS):
        found += SHARE_OF_NEW * (_forward_backward(scores + ties @ found) - found)
    return found


def function_scores(parts: Parts, weights: Weights) -> Floats:
    """Return how much what is heard in each section speaks for each function: (n, 8)."""
    sung = _sungness(parts)
    scores = np.zeros((len(sung), len(FUNCTIONS)))
    scores[:, [VERSE, PRE_CHORUS, CHORUS]] -= weights.sung * (1 - sung[:, np.newaxis])
    scores[:, INTRO] -= weights.intro_unsung * sung
    scores[:, [SOLO, INSTRUMENTAL]] -= weights.instrumental_unsung * sung[:, np.newaxis]
    scores[:, OUTRO] -= weights.outro_unsung * sung
    scores[:, BRIDGE] -= weights.bridge_sung * (1 - sung)
    scores[:, SOLO] -= weights.solo
    scores[:, PRE_CHORUS] -= weights.pre_chorus
    lifted = weights.loud * np.clip(_above_others(parts.level, sung), -MAX_LEVEL, MAX_LEVEL)
    lifted += weights.high * np.clip(_above_others(parts.height, sung), -MAX_HEIGHT, MAX_HEIGHT)
    retold = RETOLD_WEIGHT * (2 * parts.retold - parts.certain)
    times = parts.told_again.sum(axis=1)
    often = OFTEN_WEIGHT * parts.certain * (2 * times / max(float(times.max()), 1e-9) - 1)
    scores[:, CHORUS] += sung * (lifted + retold + often)
    scores[:, VERSE] -= sung * (lifted + retold)
    letters = parts.letters
    returns = np.array([letters.count(letter) > 1 for letter in letters])
    place = (parts.starts_s - parts.starts_s[0]) / (parts.ends_s[-1] - parts.starts_s[0])
    scores[:, BRIDGE] += np.where(returns, -weights.returns, weights.new)
    scores[:, BRIDGE] -= weights.early * (place < BRIDGE_FROM) + sung * retold
    return scores


def _sungness(parts: Parts) -> Floats:
    """Return whether each section counts as sung, 0..1: (n,)."""
    share = np.zeros(len(parts.labels)) if parts.sung is None else parts.sung
    counts: Floats = np.clip((share - UNSUNG) / (SUNG - UNSUNG), 0, 1)
    return counts


def _above_others(values: Floats, sung: Floats) -> Floats:
    """Return how far values (n,) lie above their mean over the sung sections; 0 where there is none: (n,)."""
    counted = (sung > 0.5) & np.isfinite(values)
    if counted.sum() < 2:
        return np.zeros(len(values))
    above: Floats = np.nan_to_num(values - values[counted].mean())
    return above


def _likeness(parts: Parts) -> Floats:
    """Return how much more alike than usual the sung sections are, two by two; 0 for others: (n, n).

    Where all share their music, none of them is like another in particular.
    """
    labels, letters = np.array(parts.labels), np.array(parts.letters)
    alike = np.where(letters[:, np.newaxis] == letters, SAME_LETTER, 0.0)
    alike[labels[:, np.newaxis] == labels] = 1
    sung = _sungness(parts) > 0.5
    pairs: Mask = sung[:, np.newaxis] & sung & ~np.eye(len(sung), dtype=bool)
    if sung.sum() < 3:
        return np.zeros(pairs.shape)
    more: Floats = np.where(pairs, alike - alike[pairs].mean(), 0.0)
    return more


def _forward_backward(scores: Floats) -> Floats:
    """Return the probability of each function under the scores and what follows what [2]_: (n, 8) -> (n, 8)."""
    begins, follows, ends = _tables()
    count, heard = len(scores), np.tile(scores, 2)
    forward, backward = np.empty_like(heard), np.empty_like(heard)
    forward[0] = begins + heard[0]
    for k in range(1, count):
        forward[k] = np.logaddexp.reduce(forward[k - 1][:, np.newaxis] + follows, axis=0) + heard[k]
    backward[-1] = ends
    for k in range(count - 2, -1, -1):
        backward[k] = np.logaddexp.reduce(follows + heard[k + 1] + backward[k + 1], axis=1)
    both = forward + backward
    probability = np.exp(both - np.logaddexp.reduce(both, axis=1, keepdims=True))
    total: Floats = probability[:, : len(FUNCTIONS)] + probability[:, len(FUNCTIONS) :]
    return total


@cache
def _tables() -> tuple[Floats, Floats, Floats]:
    """Return the scores of beginning (16,), of following (16, 16), of ending (16,).

    The first eight states are the functions before the bridge, the other eight the bridge and what comes after it: a
    song has one bridge at most.
    """
    count = len(FUNCTIONS)
    begins, ends = np.full(2 * count, NEVER), np.full(2 * count, NEVER)
    follows = np.full((2 * count, 2 * count), NEVER)
    begins[list(BEGINS)] = list(BEGINS.values())
    for function, score in ENDS.items():
        ends[[function, count + function]] = score
    for function, others in FOLLOWS.items():
        for other, score in others.items():
            if other != BRIDGE:
                follows[function, other] = follows[count + function, count + other] = score
            elif function == BRIDGE:
                follows[count + BRIDGE, count + BRIDGE] = score
            else:
                follows[function, count + BRIDGE] = score
    return begins, follows, ends


def _ends_of_instrumental(parts: Parts) -> Floats:
    """Return the probability that the first section is an intro, and the last an outro: (n, 8), all else 0.

    What goes on unchanged in the section beside it is neither.
    """
    last = len(parts.labels) - 1
    found = np.zeros((last + 1, len(FUNCTIONS)))
    for at, beside, function, base in ((0, 1, INTRO, INTRO_BASE), (last, last - 1, OUTRO, OUTRO_BASE)):
        if last > 1 and parts.labels[at] != parts.labels[beside]:
            lengths_s = np.delete(parts.lengths_s, at)
            shorter = float(np.log(lengths_s.mean() / parts.lengths_s[at]))
            softer = float(np.average(np.delete(parts.level, at), weights=lengths_s) - parts.level[at])
            found[at, function] = expit(base + SHORTER_WEIGHT * shorter + SOFTER_WEIGHT * softer)
    return found
