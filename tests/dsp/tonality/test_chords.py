import numpy as np
import pytest

from riffscope.dsp.tonality.chords import CHORDS, bar_means, chord_probabilities, cut_bars, note_shares

TRIADS = {0: (0, 4, 7), 1: (0, 3, 7), 2: (0, 3, 6)}


def beats_of(root, quality, count=4):
    """A triad above its root in the bass, beat by beat: (count, 72)."""
    strength = np.full((count, 72), 1e-4)
    strength[:, 12 + root] = 1.0
    for step in TRIADS[quality]:
        strength[:, 36 + root + step] = 1.0
    return strength


@pytest.mark.parametrize("quality", TRIADS)
@pytest.mark.parametrize("root", range(12))
def test_a_triad_over_its_root_is_named(root, quality):
    shares = note_shares(beats_of(root, quality))
    (probability,) = chord_probabilities(shares, np.array([0, 4]))
    assert probability.shape == (CHORDS,)
    assert probability.sum() == pytest.approx(1)
    assert probability.argmax() == 12 * quality + root
    assert probability.max() > 0.8


def test_the_bass_tells_chords_with_the_same_notes_apart():
    # A, C, E and G are A minor seventh over A, and C major sixth over C.
    names = []
    for bass in (9, 0):
        strength = np.full((4, 72), 1e-4)
        strength[:, 12 + bass] = 1.0
        strength[:, [36, 40, 43, 45]] = 1.0
        names.append(int(chord_probabilities(note_shares(strength), np.array([0, 4]))[0].argmax()))
    assert names == [12 + 9, 0]


def test_where_all_notes_sound_alike_no_chord_is_likely():
    (probability,) = chord_probabilities(note_shares(np.ones((4, 72))), np.array([0, 4]))
    assert probability.max() < 0.09


def test_bars_of_any_length_are_averaged_each_by_itself():
    values = np.array([[1.0], [3.0], [5.0], [7.0], [9.0]])
    np.testing.assert_allclose(bar_means(values, np.array([0, 2, 5])), [[2.0], [7.0]])


def test_registers_are_kept_apart_and_a_silent_song_has_no_notes():
    strength = np.zeros((1, 72))
    strength[0, [5, 24 + 9]] = 1.0
    (shares,) = note_shares(strength)
    assert shares[0].argmax() == 5
    assert shares[1].argmax() == 9
    assert not note_shares(np.zeros((3, 72))).any()


def test_slow_bars_are_cut_into_equal_pieces_of_whole_beats():
    # Half a second a beat: four beats, three, five; then a tenth of a second a beat: ten beats, four, seven.
    bars = np.array([0, 4, 7, 12, 22, 26, 33])
    beats_s = np.concatenate([0.5 * np.arange(12), 6 + 0.1 * np.arange(22)])
    edges, firsts = cut_bars(bars, beats_s)
    assert np.diff(firsts).tolist() == [4, 3, 5, 2, 1, 1]
    assert edges.tolist() == [*range(12), 12, 17, 22, 26, 33]


def test_two_chords_to_the_bar_are_read_apart():
    shares = note_shares(np.concatenate([beats_of(0, 0, 2), beats_of(7, 1, 2)]))
    edges, _ = cut_bars(np.array([0, 4]), np.arange(5) / 4)
    assert chord_probabilities(shares, edges).argmax(axis=1).tolist() == [0, 12 + 7]
