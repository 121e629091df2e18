"""Where a beat is heard and where it is not, from log-odds that are known."""

import numpy as np
import pytest

from riffscope.dsp.rhythm.heard import heard_stretches, silent_frames
from riffscope.dsp.runs import drop_short

BEAT_S = 0.5
COUNT = 80
NONE_SILENT = np.zeros(COUNT, bool)


def odds_with_gap(first, last, heard=2.5, gap=-2.0, noise=0.7, seed=0):
    """Log-odds on eighty beats, of which some fall into a gap."""
    odds = np.full(COUNT, heard) + noise * np.random.default_rng(seed).standard_normal(COUNT)
    odds[first:last] = gap
    return odds


def stretches(odds, is_silent=NONE_SILENT):
    return heard_stretches(odds, BEAT_S * np.arange(COUNT), is_silent).tolist()


@pytest.mark.parametrize("seed", range(4))
def test_a_beat_that_goes_on_is_one_stretch(seed):
    assert stretches(odds_with_gap(0, 0, seed=seed)) == [[0, COUNT]]


@pytest.mark.parametrize("seed", range(4))
def test_ten_seconds_without_a_beat_are_a_gap(seed):
    assert stretches(odds_with_gap(30, 50, seed=seed)) == [[0, 30], [50, COUNT]]


def test_a_bar_without_a_beat_is_counted_through():
    assert stretches(odds_with_gap(30, 34)) == [[0, COUNT]]


def test_a_free_start_and_an_applause_at_the_end_have_no_beat():
    odds = odds_with_gap(0, 20)
    odds[65:] = -2.0
    assert stretches(odds) == [[20, 65]]


def test_silence_is_a_gap_whatever_the_curve_says():
    is_silent = NONE_SILENT.copy()
    is_silent[40:46] = True
    assert stretches(odds_with_gap(0, 0), is_silent) == [[0, 40], [46, COUNT]]


def test_nothing_heard_is_no_stretch():
    assert stretches(np.full(COUNT, -2.0)) == []


def test_slow_beats_speak_as_loud_as_fast_ones():
    """Eight seconds without a beat are a gap at any tempo."""
    for beat_s in (0.25, 0.5, 1.0):
        odds = np.full(COUNT, 2.5)
        first, last = 30, 30 + round(8 / beat_s)
        odds[first:last] = -2.0
        found = heard_stretches(odds, beat_s * np.arange(COUNT), NONE_SILENT).tolist()
        assert found == [[0, first], [last, COUNT]]


def test_silent_frames_lie_60_db_down_and_short_ones_are_rests():
    sound = np.random.default_rng(1).standard_normal(100 * 50).astype(np.float32)
    sound[20 * 50 : 60 * 50] *= 1e-4
    sound[70 * 50 : 75 * 50] = 0
    silent = silent_frames(sound, hop_length=50)
    assert np.flatnonzero(silent).tolist() == [*range(20, 60), *range(70, 75)]
    assert np.flatnonzero(drop_short(silent, 10)).tolist() == list(range(20, 60))
