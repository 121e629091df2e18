"""What the network for beats reads: nothing of it may depend on gain, key or silence."""

import numpy as np
import pytest

from riffscope.dsp.rhythm.beat_features import HARMONIC_FEATURES, harmonic_change, scaled_mel

RATE_HZ = 20.0


def two_chords(first=(0, 4, 7), second=(5, 9, 12), frames=200, turn=100):
    """Two chords of five octaves' semitones, one after the other."""
    notes = np.zeros((frames, 60), np.float32)
    for begin, end, chord in ((0, turn, first), (turn, frames, second)):
        for note in chord:
            notes[begin:end, note : note + 37 : 12] = 1
    return notes


def change_at(notes, at_s):
    return harmonic_change(notes, frame_rate_hz=RATE_HZ, at_s=at_s)


def test_harmony_changes_where_the_chord_does():
    at_s = np.arange(40, 160) / RATE_HZ
    change = change_at(two_chords(), at_s)
    assert change.shape == (HARMONIC_FEATURES, 120)
    assert (at_s[change.argmax(axis=1)] == 5.0).all()
    assert change[:, 0].max() < 0.01  # three seconds before


def test_a_chord_in_another_octave_is_the_same_harmony_but_another_bass():
    change = change_at(two_chords(second=(12, 16, 19)), [5.0])[:, 0]
    assert change[:4].max() < 0.1 < change[4:].min()


def test_transposing_changes_nothing():
    notes = two_chords()
    at_s = np.arange(20, 180) / RATE_HZ
    assert change_at(np.roll(notes, 2, axis=1), at_s)[:4] == pytest.approx(change_at(notes, at_s)[:4], abs=1e-6)


def test_silence_is_no_change():
    notes = two_chords()
    notes[:60] = 0
    assert change_at(notes, [1.0]).max() == 0
    assert change_at(np.zeros((50, 60), np.float32), [1.0, 2.0]).max() == 0


def test_the_mel_spectrum_is_on_its_own_scale_at_any_gain():
    bands = np.random.default_rng(0).random((80, 300)).astype(np.float32)
    scaled = scaled_mel(bands)
    assert abs(scaled.mean()) < 1e-4
    assert scaled.std() == pytest.approx(1, abs=0.02)
    assert scaled_mel(3e-3 * bands) == pytest.approx(scaled, abs=1e-3)


def test_a_silent_mel_spectrum_is_zero():
    assert scaled_mel(np.zeros((80, 40), np.float32)).max() == 0
