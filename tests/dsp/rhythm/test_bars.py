"""Downbeats from their activation, and the meter from what is played."""

import numpy as np
import pytest

from riffscope.dsp.rhythm.bars import (
    GivenBars,
    accents_return,
    bar_odds,
    beat_means,
    find_bars,
    marks_bars,
    thirds_against_halves,
)

STRAIGHT, COMPOUND = 0.2, 2.0
COUNT = 96
EVEN = np.ones((5, COUNT))  # onsets that are the same on each beat


def odds_of(lines, count=COUNT, noise=1.0, seed=0):
    """Log-odds of the downbeat activation on each beat, as a network gives them: 2 on a downbeat, -4 elsewhere."""
    odds = np.full(count, -4.0)
    odds[lines] = 2
    return odds + noise * np.random.default_rng(seed).standard_normal(count)


@pytest.mark.parametrize("beats_per_bar", [3, 4, 5, 7])
@pytest.mark.parametrize("first", [0, 1, 2])
@pytest.mark.parametrize("seed", range(3))
def test_the_activation_gives_the_meter_and_the_downbeats(beats_per_bar, first, seed):
    lines = np.arange(first, COUNT, beats_per_bar)
    bars = find_bars(odds_of(lines, seed=seed), EVEN, thirds=STRAIGHT)
    assert bars.beats_per_bar == beats_per_bar
    assert bars.downbeats.tolist() == lines.tolist()


def test_two_beats_to_a_bar_only_where_the_beat_divides_into_three():
    odds = odds_of(np.arange(0, COUNT, 2))
    assert find_bars(odds, EVEN, thirds=COMPOUND).beats_per_bar == 2
    assert find_bars(odds, EVEN, thirds=STRAIGHT).beats_per_bar == 4


def test_a_shuffle_stays_in_four():
    odds = odds_of(np.arange(0, COUNT, 4))
    assert find_bars(odds, EVEN, thirds=COMPOUND).beats_per_bar == 4


def test_without_any_evidence_the_music_begins_on_a_downbeat():
    assert find_bars(np.full(COUNT, -6.0), EVEN, thirds=STRAIGHT).downbeats[0] == 0


def accents_every(beats_per_bar, noise=0.3):
    """A kick on the first beat of each bar and a snare on the last."""
    place = np.arange(COUNT) % beats_per_bar
    onsets = noise * np.random.default_rng(1).random((5, COUNT))
    onsets[0] += place == 0
    onsets[2:4] += place == beats_per_bar - 1
    return onsets


def test_accents_return_after_a_bar():
    for beats_per_bar in (3, 5, 7):
        assert accents_return(accents_every(beats_per_bar), beats_per_bar).mean() > 0.5
        assert accents_return(accents_every(4), beats_per_bar).mean() < -0.5
    assert not accents_return(accents_every(3), 4).any()
    assert not accents_return(EVEN, 3).any()
    assert not accents_return(accents_every(3)[:, :15], 3).any()


def test_accents_return_where_they_do():
    """Bars of three, then of four."""
    onsets = np.concatenate([accents_every(3), accents_every(4)], axis=1)
    back = accents_return(onsets, 3)
    assert back[:60].min() > 0
    assert back[-60:].max() < 0


def clear_odds(lines, count):
    """Log-odds of a network that is sure: 4 on a downbeat, -5 elsewhere."""
    return odds_of(lines, count) + np.where(np.isin(np.arange(count), lines), 2.0, -1.0)


@pytest.mark.parametrize(("before", "after"), [(4, 3), (3, 4), (4, 7), (5, 4)])
def test_the_meter_may_change_at_a_bar_line(before, after):
    count, turn = 140, before * (68 // before)
    lines = np.concatenate([np.arange(0, turn, before), np.arange(turn, count, after)])
    odds, onsets = clear_odds(lines, count), np.ones((5, count))
    bars = find_bars(odds, onsets, thirds=STRAIGHT)
    assert bars.downbeats.tolist() == lines.tolist()
    assert set(bars.beats_per_bar_at[:turn].tolist()) == {before}
    assert set(bars.beats_per_bar_at[turn:].tolist()) == {after}
    kept = find_bars(odds, onsets, thirds=STRAIGHT, may_change=False)
    assert len(set(kept.beats_per_bar_at.tolist())) == 1


def test_a_bar_of_two_among_bars_of_four_changes_no_meter():
    lines = np.concatenate([np.arange(0, 41, 4), np.arange(42, COUNT, 4)])
    bars = find_bars(clear_odds(lines, COUNT), EVEN, thirds=STRAIGHT)
    assert bars.downbeats.tolist() == lines.tolist()
    assert set(bars.beats_per_bar_at.tolist()) == {4}


def test_after_a_gap_bars_are_counted_anew():
    """The curve says nothing: the music begins on a downbeat, and so it does after the gap."""
    bars = find_bars(np.full(COUNT, -6.0), EVEN, thirds=STRAIGHT, starts=(0, 50))
    assert {0, 48, 50, 54} <= set(bars.downbeats.tolist())


def test_what_the_user_gives_overrules_the_curve():
    odds = odds_of(np.arange(0, COUNT, 4))
    in_three = find_bars(odds, EVEN, thirds=STRAIGHT, given=GivenBars(beats_per_bar=3))
    assert in_three.beats_per_bar == 3
    from_two = find_bars(odds, EVEN, thirds=STRAIGHT, given=GivenBars(downbeat=2))
    assert from_two.downbeats.tolist() == list(range(2, COUNT, 4))
    in_six = find_bars(odds, EVEN, thirds=STRAIGHT, given=GivenBars(beats_per_bar=6, downbeat=3))
    assert in_six.downbeats.tolist() == list(range(3, COUNT, 6))


def test_equal_beats_mark_no_bars():
    assert not marks_bars(0.3 * np.random.default_rng(2).standard_normal(COUNT))
    assert marks_bars(odds_of(np.arange(0, COUNT, 4)))


def test_the_clearer_bars_are_marked_the_surer_they_are():
    odds = []
    for heard in (0.5, 2.0, 5.0):
        curve = np.full(COUNT, -3.0)
        curve[::4] += heard
        odds.append(bar_odds(curve, find_bars(curve, EVEN, thirds=STRAIGHT)))
    assert odds == sorted(odds)
    assert odds[0] < 2 < odds[-1]


@pytest.mark.parametrize("beats_per_bar", [3, 4])
def test_where_the_curve_is_at_a_loss_accents_tell_the_meter(beats_per_bar):
    odds = odds_of([], noise=0.5)
    assert find_bars(odds, accents_every(beats_per_bar), thirds=STRAIGHT).beats_per_bar == beats_per_bar


def test_what_is_given_is_not_changed():
    odds, onsets = odds_of(np.arange(0, COUNT, 4)), accents_every(4)
    kept = odds.copy(), onsets.copy()
    find_bars(odds, onsets, thirds=STRAIGHT)
    assert np.array_equal(odds, kept[0])
    assert np.array_equal(onsets, kept[1])


def strength_with(places, period=24, beats=40):
    """Onset strength with beats and something at some places between them."""
    strength = np.zeros(period * beats)
    frames = np.arange(0, len(strength), period)
    strength[frames] = 2
    for place in places:
        strength[frames + round(place * period)] = 1
    return strength, frames


def test_thirds_sound_in_six_eight_and_not_in_a_shuffle_or_in_straight_eighths():
    assert thirds_against_halves(*strength_with([1 / 3, 2 / 3])) > 5
    assert thirds_against_halves(*strength_with([2 / 3])) < 0.7
    assert thirds_against_halves(*strength_with([1 / 2])) < 0.7
    assert thirds_against_halves(*strength_with([1 / 4, 1 / 2, 3 / 4])) < 0.7


def test_features_are_averaged_between_beats():
    features = np.arange(100.0)[:, None]
    means = beat_means(features, np.array([0.0, 1.0, 3.0]), frame_rate_hz=10.0)
    assert means[:, 0] == pytest.approx([4.5, 19.5])
