import numpy as np
import pytest

from riffscope.dsp.voice.singing import (
    IN_MIX,
    SEPARATED,
    held_share,
    held_stretches,
    mean_movement,
    micro_modulation,
    moves,
    over_each_tone,
    separated_cues,
    singing_cues,
    singing_probability,
)

WAVERING = 60 + 0.2 * np.sin(np.arange(200.0))
HELD = np.full(200, 60.0)
SURE = np.full(200, 0.95)


def test_a_wavering_pitch_is_modulated_and_a_held_one_is_not():
    assert micro_modulation(WAVERING, SURE)[20:180].min() > 0.6
    assert micro_modulation(HELD, SURE).max() == 0


def test_an_unclear_pitch_says_nothing():
    assert micro_modulation(WAVERING, np.full(200, 0.2)).max() == 0


def test_a_jump_is_no_movement():
    assert moves(np.array([60.0, 60.0, 60.1, 67.0, 67.0])).tolist() == [False, False, True, False, False]


def probability(*, midi=WAVERING, confidence=SURE, tone_db=-25.0, voice_db=-20.0, band_db=-25.0, separated=True):
    """Mean probability of a stretch halfway, in a song whose voice and tone reach -20 dB now and then."""

    def level(usual_db):
        levels = np.full(200, usual_db)
        levels[:10] = -20.0
        return levels

    cues = singing_cues(midi, confidence, level(tone_db))
    if not separated:
        return singing_probability(cues, IN_MIX)[60:140].mean()
    stems = separated_cues(level(voice_db), np.full(200, band_db))
    return singing_probability(np.concatenate([cues, stems], axis=1), SEPARATED)[60:140].mean()


@pytest.mark.parametrize("separated", [True, False])
def test_a_clear_moving_pitch_among_the_loudest_tones_makes_singing_likelier(separated):
    usual = probability(band_db=-10.0, separated=separated)
    assert probability(band_db=-10.0, confidence=np.full(200, 0.6), separated=separated) < usual
    assert probability(band_db=-10.0, midi=HELD, separated=separated) < usual
    assert probability(band_db=-10.0, tone_db=-40.0, separated=separated) < usual


def test_a_voice_near_its_loudest_and_over_the_accompaniment_makes_singing_likelier():
    usual = probability(band_db=-10.0)
    assert probability(band_db=-10.0, voice_db=-40.0) < usual
    assert probability(band_db=-20.0) > usual


def test_standing_over_the_accompaniment_says_little_of_a_faint_voice():
    loud = probability(band_db=-30.0) - probability(band_db=-10.0)
    faint = probability(voice_db=-45.0, band_db=-55.0) - probability(voice_db=-45.0, band_db=-35.0)
    assert loud > 2 * abs(faint)


@pytest.mark.parametrize("separated", [True, False])
def test_the_lower_below_e3_the_likelier_a_bass(separated):
    assert probability(midi=WAVERING - 7, separated=separated) == pytest.approx(
        probability(separated=separated), abs=1e-3
    )
    low, usual = (probability(midi=midi, band_db=-10.0, separated=separated) for midi in (WAVERING - 20, WAVERING))
    assert low < usual - 0.1


def test_a_tone_is_sung_or_played_from_end_to_end():
    late_vibrato = np.concatenate([np.full(100, 60.0), 60 + 0.2 * np.sin(np.arange(100.0))])
    held = np.full(100, 67.0)
    midi = np.concatenate([late_vibrato, held])
    modulation = singing_cues(midi, np.full(300, 0.95), np.full(300, -20.0))[:, 1]
    assert modulation[:190].min() > 0.3
    assert modulation[210:].max() < 0.1


def test_a_cue_is_averaged_from_jump_to_jump():
    midi = np.array([60.0, 60.2, 60.4, 67.0, 67.0])
    assert over_each_tone(np.array([0.0, 1.0, 2.0, 5.0, 7.0]), midi).tolist() == [1, 1, 1, 6, 6]


def test_a_clear_moving_voice_over_its_accompaniment_is_sung_and_an_empty_stem_is_not():
    assert probability(tone_db=-20.0) > 0.85
    assert probability(midi=HELD, voice_db=-90.0) < 0.4


def test_loudness_of_the_whole_does_not_matter():
    tone, voice, band = np.random.default_rng(0).normal(-30, 5, (3, 200))
    np.testing.assert_allclose(singing_cues(WAVERING, SURE, tone), singing_cues(WAVERING, SURE, tone - 20))
    np.testing.assert_allclose(separated_cues(voice, band), separated_cues(voice - 20, band - 20))


def test_notes_are_cut_where_the_pitch_leaves_a_semitone():
    contour = np.concatenate([np.full(30, 60.0), np.full(20, 62.0), [np.nan] * 5, np.full(10, 64.0)])
    assert held_stretches(contour).tolist() == [[0, 30], [30, 50], [55, 65]]
    assert held_stretches(np.full(5, np.nan)).shape == (0, 2)


def test_song_holds_notes_and_speech_glides():
    melody = np.repeat([60.0, 62, 64, 65], 30)
    speech = 50 + 6 * np.sin(np.arange(120) / 6)
    assert held_share(melody, shortest=15) == 1
    assert held_share(speech, shortest=15) < 0.1
    assert held_share(np.full(9, np.nan), shortest=15) == 0


def test_movement_is_semitones_a_second_within_tones():
    rising = 60 + 10 * 0.016 * np.arange(100)
    assert mean_movement(rising) == pytest.approx(10)
    assert mean_movement(np.concatenate([HELD, HELD + 12])) == 0
    assert mean_movement(np.full(3, np.nan)) == 0
