"""Which metrical level is meant, and how sure the beats are."""

import dataclasses

import numpy as np
import pytest

from riffscope.dsp.rhythm.levels import LevelEvidence, beats_right, level_weights

USUAL = LevelEvidence(
    bpm=115.0, beat_log_odds=2.0, bar_log_probability=-0.4, autocorrelation=0.6, tempo_log_probability=-1.0
)


def test_weights_sum_to_one_and_equal_evidence_weighs_the_same():
    weights = level_weights([USUAL, USUAL, dataclasses.replace(USUAL, beat_log_odds=0.0)])
    assert weights.sum() == pytest.approx(1)
    assert weights[0] == weights[1] > weights[2]


@pytest.mark.parametrize("field", ["beat_log_odds", "bar_log_probability", "autocorrelation", "tempo_log_probability"])
def test_more_of_any_evidence_makes_a_level_likelier(field):
    more = dataclasses.replace(USUAL, **{field: getattr(USUAL, field) + 0.1})
    assert level_weights([more, USUAL])[0] > 0.5


def test_a_level_at_half_the_speed_has_to_return_more_clearly():
    """Every pulse returns after two beats as well as after one: that alone is no reason to count half as fast."""
    half = dataclasses.replace(USUAL, bpm=USUAL.bpm / 2, bar_log_probability=USUAL.bar_log_probability - 0.2)
    assert level_weights([half, USUAL])[0] < 0.45
    clearer = dataclasses.replace(half, autocorrelation=USUAL.autocorrelation + 0.3)
    assert level_weights([clearer, USUAL])[0] > 0.8


def test_sure_downbeats_lie_on_the_beats_of_the_right_level():
    """At half the speed of bars of five every other downbeat falls between two beats."""
    half = dataclasses.replace(USUAL, bpm=USUAL.bpm / 2, downbeats_on_beats=0.5)
    assert level_weights([half, USUAL])[0] < 0.15


def test_beats_are_surer_the_likelier_their_level_and_the_more_clearly_they_are_heard():
    assert beats_right(0.95, 2.0) > beats_right(0.6, 2.0) > beats_right(0.6, 0.0)
    assert beats_right(0.6, -0.5) < 0.4
    assert 0.95 < beats_right(1.0, 2.5) < 1
    assert np.isfinite(beats_right(0.0, 0.0))
