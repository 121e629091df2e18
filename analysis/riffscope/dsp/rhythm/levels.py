"""Metrical levels: at which of several rates a beat is meant to be counted, and how likely the beats are right."""

from dataclasses import dataclass

import numpy as np

from riffscope.arrays import Floats

# How much each kind of evidence counts: conditional logit over the levels of annotated songs. `FASTER`, for each
# octave, makes up for the beats of a slow level being the surer ones.
BEATS_HEARD, BARS_HEARD, REPEATS, FASTER, TEMPO_HEARD = 0.92, 7.4, 3.2, 0.42, 1.4
# Beats are right (F > .8) where the level is likely and its beats are heard: logistic regression on 178 songs.
SURE_BASE, SURE_LEVEL, SURE_HEARD = -0.8, 0.8, 0.7


@dataclass(frozen=True, kw_only=True)
class LevelEvidence:
    """What speaks for one way to count.

    Attributes
    ----------
    bpm : float
    beats_heard : float
        Mean log-odds of a beat on its beats.
    bars_heard : float
        Mean log-probability, per beat, of the bars that fit its beats best.
    repeats : float
        How alike the onsets are to themselves a beat later, at most 1.
    tempo_heard : float
        Log-probability of the tempo, from the song as a whole.
    """

    bpm: float
    beats_heard: float
    bars_heard: float
    repeats: float
    tempo_heard: float


def level_weights(levels: list[LevelEvidence]) -> Floats:
    """Return how likely each level is to be the one that listeners count: (n_levels,), summing to 1."""
    log_odds = np.array(
        [
            BEATS_HEARD * level.beats_heard
            + BARS_HEARD * level.bars_heard
            + REPEATS * level.repeats
            + FASTER * np.log2(level.bpm)
            + TEMPO_HEARD * level.tempo_heard
            for level in levels
        ]
    )
    weights: Floats = np.exp(log_odds - log_odds.max())
    weights /= weights.sum()
    return weights


def beats_right(weight: float, beats_heard: float) -> float:
    """Return how often beats at a level of such weight, and heard so clearly, are right: 0..1."""
    sure = np.clip(weight, 0.01, 0.99)
    log_odds = SURE_BASE + SURE_LEVEL * np.log(sure / (1 - sure)) + SURE_HEARD * beats_heard
    return float(1 / (1 + np.exp(-log_odds)))
