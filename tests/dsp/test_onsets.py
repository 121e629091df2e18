"""Onset strength: what counts as the beginning of a sound."""

import numpy as np
import pytest

from riffscope.dsp.onsets import on_own_scale, sounding_frames, superflux


def test_a_band_that_rises_shows_two_frames_long_and_one_that_falls_does_not():
    bands = np.ones((8, 60), np.float32)
    bands[3, 20:] = 10
    bands[6, 40:] = 0.1
    rise = superflux(bands)
    assert np.flatnonzero(rise[3, 5:] > 0.1).tolist() == [15, 16]
    assert rise[6, 5:].max() == 0


def test_a_partial_that_glides_to_the_next_band_is_no_onset():
    bands = np.full((12, 80), 0.01, np.float32)
    for frame in range(80):
        bands[2 + frame // 10, frame] = 5
    assert superflux(bands)[:, 5:].max() < 0.01


def test_gain_does_not_matter():
    bands = np.random.default_rng(0).random((10, 200)).astype(np.float32)
    assert superflux(1e-3 * bands) == pytest.approx(superflux(bands), abs=1e-5)


def test_nothing_has_no_onsets():
    assert superflux(np.zeros((4, 30), np.float32)).max() == 0


def test_soft_and_loud_passages_come_to_one_scale():
    strength = np.zeros(2000, np.float32)
    strength[5:1000:25], strength[1000::25] = 0.3, 1.5
    scaled = on_own_scale(strength, frame_rate_hz=50.0, smallest=0.01)
    soft, loud = scaled[105:700:25].mean(), scaled[1300:1900:25].mean()
    assert loud / soft < 2.5  # of 5


def test_rises_below_the_smallest_stay_small_even_alone():
    strength = np.zeros(1000, np.float32)
    strength[::25] = 0.001
    assert on_own_scale(strength, frame_rate_hz=50.0, smallest=0.05).max() < 0.1


def test_the_music_begins_after_the_silence_and_ends_before_it():
    samples = np.zeros(44100, np.float32)
    samples[11025:33075] = 0.2
    assert sounding_frames(samples, hop_length=441) == (25, 74)
