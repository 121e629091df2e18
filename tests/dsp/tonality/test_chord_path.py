import numpy as np
import pytest

from riffscope.dsp.tonality.chord_path import change_costs, follow_chords, usual_in_key, vote

CHORDS = 5
TRIADS = (((0,), 1.0), ((1,), 1.0), ((2,), 1.0))


def evidence(chords, share=0.9):
    """Log-probability of the chord of each step, which has this share."""
    table = np.full((len(chords), CHORDS), (1 - share) / (CHORDS - 1))
    table[np.arange(len(chords)), chords] = share
    return np.log(table)


def alike(count):
    """All chords equally usual."""
    return np.full((count, CHORDS), -np.log(CHORDS))


def test_chords_that_are_clear_are_followed():
    chords = np.repeat([0, 3, 1, 0], 8)
    path, probability = follow_chords(evidence(chords), np.full(32, 2.0), alike(32))
    np.testing.assert_array_equal(path, chords)
    np.testing.assert_allclose(probability.sum(axis=1), 1)
    assert probability[np.arange(32), path].min() > 0.5


def test_one_odd_half_beat_is_no_change_of_chord():
    heard = np.zeros(32, int)
    heard[13] = 3
    path, _ = follow_chords(evidence(heard, 0.7), np.full(32, 3.0), alike(32))
    assert set(path) == {0}


def test_a_chord_changes_at_the_bar_line_rather_than_beside_it():
    # Nobody can tell which of the two sounds in the steps around the change.
    table = evidence(np.repeat([0, 3], 8))
    table[5:11] = np.log(1 / CHORDS)
    costs = change_costs(16, np.array([0, 8]), steps_per_beat=2)
    path, _ = follow_chords(table, costs, alike(16))
    np.testing.assert_array_equal(path, np.repeat([0, 3], 8))


def test_changes_cost_least_on_the_first_beat_and_most_between_beats():
    costs = change_costs(18, np.array([2, 10]), steps_per_beat=2)
    first, middle, beat, between = costs[[2, 6, 4, 3]]
    assert first < middle < beat < between
    np.testing.assert_array_equal(costs[[10, 14, 12, 17]], [first, middle, beat, between])
    assert costs[0] == beat  # before the first bar line


def test_the_third_beat_of_three_is_not_the_middle_of_the_bar():
    costs = change_costs(12, np.array([0, 6]), steps_per_beat=2)
    assert costs[2] == costs[4] == costs[8] == costs[10]


def test_passes_of_a_loop_correct_each_other():
    # In one of four passes a singer hides the second chord.
    chords = np.tile(np.repeat([0, 3], 4), 4)
    table = evidence(chords)
    table[12:16] = np.log([0.3, 0.2, 0.1, 0.29, 0.11])
    places = np.tile(np.arange(8), 4)
    alone, _ = follow_chords(table, np.full(32, 0.5), alike(32))
    together, _ = follow_chords(vote(table, [places]), np.full(32, 0.5), alike(32))
    assert (alone != chords).any()
    np.testing.assert_array_equal(together, chords)


def test_a_pass_that_goes_elsewhere_is_not_talked_out_of_it():
    chords = np.tile([0, 0, 3, 3], 4)
    chords[14:] = 4
    voted = vote(evidence(chords), [np.tile(np.arange(4), 4)])
    np.testing.assert_array_equal(voted.argmax(axis=1), chords)


def test_what_does_not_repeat_is_left_as_it_is():
    table = evidence([0, 1, 2])
    np.testing.assert_allclose(vote(table, [np.array([-1, -1, 7])]), table)


@pytest.mark.parametrize("tonic", range(12))
def test_the_tonics_own_triad_is_usual_and_its_neighbours_are_not(tonic):
    for mode, quality in (("major", 0), ("minor", 1)):
        usual = usual_in_key(tonic, mode, TRIADS)
        assert np.exp(usual).sum() == pytest.approx(1)
        assert usual[12 * quality + tonic] > usual[12 * quality + (tonic + 1) % 12] + 1
        assert usual[:36].argmax() in (12 * quality + tonic, 12 * quality + (tonic + 7) % 12)
