import numpy as np
import pytest

from riffscope.dsp.repetition.riff_image import (
    CANDIDATES,
    NOTES,
    PATCH,
    TICKS,
    frame_times,
    pass_spectra,
    patches,
    picture,
    swing_of_grid,
)
from riffscope.dsp.tonality.notes import LOWEST_NOTE
from signals import harmonic_tone

RATE_HZ = 22050


def test_frames_divide_each_beat_into_twelve_however_long_it_is():
    beats_s = np.array([1.0, 1.5, 2.2, 2.7, 3.2])
    (times_s,) = frame_times(beats_s, np.array([1]), 2, swing=None)
    assert len(times_s) == 4 * TICKS
    np.testing.assert_allclose(times_s[::TICKS], [1.0, 1.5, 2.2, 2.7])
    np.testing.assert_allclose(times_s[TICKS + 6], (1.5 + 2.2) / 2)


def test_where_the_beat_swings_the_off_beat_eighth_is_late_and_the_beats_stay():
    beats_s = np.arange(6.0)
    (times_s,) = frame_times(beats_s, np.array([1]), 2, swing=2 / 3)
    np.testing.assert_allclose(times_s[::TICKS], [0, 1, 2, 3])
    np.testing.assert_allclose(times_s[TICKS // 2 :: TICKS], np.arange(4) + 2 / 3)


@pytest.mark.parametrize(
    ("offbeat", "onsets", "beats_per_bar", "swing"),
    [
        (None, (0, 0, 0), 4, None),
        (0.52, (0.0, 0.5, 0.5), 4, None),
        (0.62, (0.05, 0.02, 0.6), 4, 0.62),
        (0.6, (0.05, 0.3, 0.3), 4, None),  # as much on the half: straight
        (0.667, (0.1, 0.0, 0.6), 4, 0.667),
        (0.667, (0.5, 0.0, 0.6), 4, None),  # all three of a triplet
        (0.667, (0.2, 0.0, 0.6), 2, None),  # 6/8
    ],
)
def test_swing_is_told_from_straight_eighths_and_from_triplets(offbeat, onsets, beats_per_bar, swing):
    assert swing_of_grid(offbeat, np.array(onsets, float), beats_per_bar=beats_per_bar) == swing


@pytest.mark.parametrize("midi", [40, 57, 69])
def test_the_note_that_explains_a_tone_is_that_tone_and_none_of_its_overtones(midi):
    tone = harmonic_tone(np.full(RATE_HZ, 440 * 2 ** ((midi - 69) / 12)), RATE_HZ).astype(np.float32)
    spectra = pass_spectra(tone, RATE_HZ, np.linspace(0.3, 0.7, 30)[np.newaxis], tuning_semitones=0.0)
    assert spectra.shape == (1, 30, NOTES, 2)
    explained = picture(spectra, sample_rate_hz=RATE_HZ)[2]
    assert (LOWEST_NOTE + explained[10:20].argmax(axis=1) == midi).all()


def test_what_sounds_in_one_pass_of_three_is_not_in_the_picture():
    random = np.random.default_rng(1)
    common = random.random((1, 40, NOTES, 2)).astype(np.float32).repeat(3, axis=0)
    other = common.copy()
    other[1, 10:20, 30] += 5
    alone, covered = (picture(each, sample_rate_hz=RATE_HZ)[:2] for each in (common, other))
    np.testing.assert_allclose(alone, covered, rtol=1e-5)


def test_a_transposed_picture_has_the_same_patches_some_notes_higher():
    random = np.random.default_rng(2)
    images = np.zeros((3, 60, NOTES), np.float32)
    images[:, :, 20:50] = random.random((3, 60, 30))
    frames = np.array([20, 33])
    here, higher = patches(images, frames), patches(np.roll(images, 5, axis=2), frames)
    assert here.shape == (PATCH, 2, CANDIDATES)
    # Notes so near the ends that what is seen around them would leave the picture are left out.
    np.testing.assert_array_equal(here[:, :, 24:44], higher[:, :, 29:49])
