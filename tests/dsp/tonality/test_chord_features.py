import numpy as np
import pytest

from riffscope.dsp.tonality.chord_features import NOTES, PICTURES, chord_features, half_beats, with_bars

RATE_HZ, HOP, LOWEST = 22050, 1024, 36


def read(magnitudes, edges_s):
    return chord_features(
        magnitudes,
        edges_s,
        frame_rate_hz=RATE_HZ / HOP,
        lowest_midi=LOWEST,
        sample_rate_hz=RATE_HZ,
        n_fft=4096,
    )


@pytest.fixture
def tones():
    """One note in the first half of four seconds, another in the second."""
    magnitudes = np.full((86, 60), 1e-6, np.float32)
    magnitudes[:43, 12] = 1.0
    magnitudes[43:, 19] = 1.0
    return magnitudes


def test_each_beat_has_two_halves():
    np.testing.assert_allclose(half_beats(np.array([1.0, 2.0, 2.6])), [1.0, 1.5, 2.0, 2.3, 2.6, 2.9, 3.2])


def test_a_note_is_read_in_both_pictures_at_its_place(tones):
    features = read(tones, np.array([0.0, 1.0, 2.0, 3.0, 3.9]))
    assert features.shape == (2, NOTES, 4)
    np.testing.assert_array_equal(features.argmax(axis=1), [[24, 24, 31, 31]] * 2)


def test_gain_changes_nothing(tones):
    edges_s = np.array([0.0, 2.0, 3.9])
    np.testing.assert_allclose(read(1e-3 * tones, edges_s), read(tones, edges_s), rtol=1e-3, atol=1e-4)


def test_silence_reads_as_nothing():
    assert not read(np.zeros((50, 60), np.float32), np.array([0.0, 1.0, 2.0])).any()


def test_every_step_of_a_bar_is_told_the_notes_of_all_of_it():
    pictures = np.random.default_rng(1).random((2, NOTES, 10)).astype(np.float32)
    whole = with_bars(pictures, np.array([2, 8, 14]))
    assert whole.shape == (PICTURES, NOTES, 10)
    np.testing.assert_array_equal(whole[:2], pictures)
    for first, last in ((0, 2), (2, 8), (8, 10)):
        mean = pictures[1, :, first:last].mean(axis=1, keepdims=True)
        np.testing.assert_allclose(whole[2, :, first:last], np.repeat(mean, last - first, axis=1), rtol=1e-5)
