"""How alike beats are beyond what chance gives."""

import numpy as np
import pytest

from riffscope.dsp.repetition.self_similarity import above_neighbours, beat_similarity, notes_on_own_scale


def beats(*kinds, notes=60):
    """Beats of four quarters with a note each; a kind always plays the same four."""
    out = np.full((len(kinds), 4, notes), 0.01, np.float32)
    for beat, kind in zip(out, kinds, strict=True):
        beat[np.arange(4), np.random.default_rng(kind).integers(0, notes, 4)] = 1
    return out


def test_the_same_notes_at_the_same_moments_are_alike_and_others_are_not():
    found = beat_similarity(beats(0, 1, 2, 3, 0, 1, 2, 3, 4, 5))
    similarity = found.beyond_chance
    assert similarity[0, 4] > 0.9
    assert similarity[1, 5] > 0.9
    assert abs(similarity[0, 1]) < 0.3
    np.testing.assert_allclose(similarity, similarity.T, atol=1e-6)
    assert found.shared[0, 4] == pytest.approx(1, abs=1e-3)


def test_what_sounds_on_top_does_not_count_against_a_beat():
    strength = beats(0, 1, 2, 3, 0, 1, 2, 3)
    strength[4, :, 50] = 1
    assert beat_similarity(strength).shared[0, 4] > 0.9


def test_a_note_struck_over_and_over_is_no_more_alike_than_chance_has_it():
    strength = np.full((8, 4, 60), 0.01, np.float32)
    strength[:, :, 20] = 1
    similarity = beat_similarity(strength).beyond_chance
    moving = beat_similarity(beats(0, 1, 2, 3, 0, 1, 2, 3)).beyond_chance
    assert similarity[1:-1, 1:-1].max() < 0.6 * moving[0, 4]


def test_gain_changes_nothing():
    energy = np.random.default_rng(0).gamma(0.5, size=(64, 60)).astype(np.float32)

    def similarity(gain):
        return beat_similarity(notes_on_own_scale(above_neighbours(gain * energy).reshape(16, 4, 60))).beyond_chance

    np.testing.assert_allclose(similarity(0.5), similarity(1.0), atol=1e-3)


def test_a_spread_sound_does_not_stand_out_and_a_note_does():
    energy = np.ones((3, 60), np.float32)
    assert above_neighbours(energy).max() == 0
    energy[1, 30] = 5
    assert above_neighbours(energy).argmax() == 60 + 30
