"""Rate metrical levels: how likely each is the one that listeners tap, and how likely its beats are right.

Conventions
-----------
Tempi are in BPM, log-odds and log-probabilities natural, weights and probabilities 0..1.

References
----------
Our own: two logistic models of a few cues.
"""

from dataclasses import dataclass

import numpy as np

from riffscope.arrays import Floats

# The weight of each cue, by a conditional logit over the levels of annotated songs. First the mean log-odds of its
# beats.
BEATS_WEIGHT = 0.3
# Of the mean log-probability of its best bars; from the same fit.
BARS_WEIGHT = 4.6
# Of the autocorrelation of the onset strength at its period; from the same fit.
AUTOCORRELATION_WEIGHT = 10.6
# For each octave: makes up for the beats of a slow level, of which the network is surer; from the same fit.
OCTAVE_WEIGHT = -0.45
# Of the log-probability that the network gives the tempo; from the same fit.
TEMPO_WEIGHT = 1.45
# Of the share of the surest downbeats that lie on its beats: at half the speed of bars of five, every other one lies
# between two. 5 to 6.5 do as well on 230 songs.
DOWNBEATS_WEIGHT = 5.0
# The log-odds that beats are right (F-measure above .8), by a logistic regression on 178 songs. First its intercept.
RIGHT_BASE = -2.8
# Of the log-odds of the level; from the same regression.
RIGHT_LEVEL_WEIGHT = 0.5
# Of the mean log-odds of its beats; from the same regression.
RIGHT_BEATS_WEIGHT = 1.75


@dataclass(frozen=True, kw_only=True)
class LevelEvidence:
    """The cues for one metrical level.

    Attributes
    ----------
    bpm : float
    beat_log_odds : float
        Mean log-odds of the beat activation on its beats.
    bar_log_probability : float
        Log-probability, per beat, of its best bars.
    autocorrelation : float
        Autocorrelation of the onset strength at a lag of one beat, at most 1.
    tempo_log_probability : float
        Log-probability of the tempo, from the song as a whole.
    downbeats_on_beats : float
        Share of the surest downbeats that lie on its beats, 0..1.
    """

    bpm: float
    beat_log_odds: float
    bar_log_probability: float
    autocorrelation: float
    tempo_log_probability: float
    downbeats_on_beats: float = 1.0


@dataclass(frozen=True, kw_only=True)
class RatedLevel:
    """A metrical level and how likely it is the one that listeners tap: weights of one song sum to 1."""

    bpm: float
    weight_fraction: float


def level_weights(levels: list[LevelEvidence]) -> Floats:
    """Return how likely each level is the one that listeners tap: (n_levels,), summing to 1."""
    log_odds = np.array(
        [
            BEATS_WEIGHT * level.beat_log_odds
            + BARS_WEIGHT * level.bar_log_probability
            + AUTOCORRELATION_WEIGHT * level.autocorrelation
            + OCTAVE_WEIGHT * np.log2(level.bpm)
            + TEMPO_WEIGHT * level.tempo_log_probability
            + DOWNBEATS_WEIGHT * level.downbeats_on_beats
            for level in levels
        ]
    )
    weights: Floats = np.exp(log_odds - log_odds.max())
    weights /= weights.sum()
    return weights


def beats_right(weight: float, beat_log_odds: float) -> float:
    """Return the probability, 0..1, that beats are right, from the weight of their level and their mean log-odds."""
    sure = np.clip(weight, 0.01, 0.99)
    log_odds = RIGHT_BASE + RIGHT_LEVEL_WEIGHT * np.log(sure / (1 - sure)) + RIGHT_BEATS_WEIGHT * beat_log_odds
    return float(1 / (1 + np.exp(-log_odds)))
