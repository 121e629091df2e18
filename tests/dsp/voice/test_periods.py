"""Power by partial, of tones whose pitch moves and of noise."""

import numpy as np
import pytest

from riffscope.dsp.voice import periods
from riffscope.dsp.voice.periods import PERIODS, knots_at, powers_by_partial
from signals import harmonic_tone

RATE_HZ = 44100
STEP_S = 0.01
STEPS_S = np.arange(0, 3, STEP_S)
TIMES_S = np.arange(0.3, 2.7, 0.05)
PARTIALS = 20


def vibrato_hz(times_s, cents=50.0):
    return 220 * 2 ** (cents * np.sin(2 * np.pi * 5.5 * times_s) / 1200)


def read(samples, f0_hz):
    knots_s = knots_at(f0_hz, STEP_S, TIMES_S)
    (found,) = powers_by_partial([samples.astype(np.float32)], RATE_HZ, knots_s, partials=PARTIALS)
    return found


def voice(cents=50.0):
    return harmonic_tone(vibrato_hz(np.arange(3 * RATE_HZ) / RATE_HZ, cents), RATE_HZ, 25, 0.3)


def test_knots_are_periods_apart():
    knots_s = knots_at(np.full(len(STEPS_S), 200.0), STEP_S, TIMES_S)
    away_s = knots_s[:, [0, 32, 64]] - TIMES_S[:, np.newaxis]
    np.testing.assert_allclose(away_s, [[-0.02, 0, 0.02]] * len(TIMES_S), atol=1e-9)


def test_where_there_is_no_pitch_the_nearest_goes_on():
    f0_hz = np.where(STEPS_S < 1, 100.0, np.where(STEPS_S < 2, np.nan, 400.0))
    knots_s = knots_at(f0_hz, STEP_S, np.array([0.5, 1.3, 1.7]))
    np.testing.assert_allclose(PERIODS / (knots_s[:, -1] - knots_s[:, 0]), [100, 100, 400], rtol=1e-6)


def test_noise_is_as_loud_between_partials_as_on_them():
    found = read(np.random.default_rng(0).normal(size=3 * RATE_HZ), vibrato_hz(STEPS_S))
    assert 10 * np.log10(found.between.mean() / found.on.mean()) == pytest.approx(0, abs=0.5)


def test_vibrato_that_is_followed_smears_nothing():
    followed, not_followed = read(voice(), vibrato_hz(STEPS_S)), read(voice(), vibrato_hz(STEPS_S, 0.0))
    upper = slice(9, None)  # from 2.2 kHz on
    followed_db, smeared_db = (
        10 * np.log10(found.between[:, upper].mean() / found.on[:, upper].mean()) for found in (followed, not_followed)
    )
    assert followed_db < -25
    assert smeared_db > -15


def test_partials_keep_their_ratios():
    times_s = np.arange(3 * RATE_HZ) / RATE_HZ
    found = read(np.sin(2 * np.pi * 250 * times_s) + 0.1 * np.sin(2 * np.pi * 750 * times_s), np.full(300, 250.0))
    level_db = 10 * np.log10(found.on.mean(axis=0) / found.on[:, 0].mean())
    assert level_db[2] == pytest.approx(-20, abs=0.2)
    assert np.delete(level_db, [0, 2]).max() < -45


def test_several_sounds_are_read_as_each_alone():
    f0_hz, noise = vibrato_hz(STEPS_S), np.random.default_rng(1).normal(size=3 * RATE_HZ)
    knots_s = knots_at(f0_hz, STEP_S, TIMES_S)
    both = powers_by_partial(
        [voice().astype(np.float32), noise.astype(np.float32)], RATE_HZ, knots_s, partials=PARTIALS
    )
    for together, alone in zip(both, (read(voice(), f0_hz), read(noise, f0_hz)), strict=True):
        np.testing.assert_array_equal(together.on, alone.on)
        np.testing.assert_array_equal(together.between, alone.between)


def test_frames_far_apart_are_read_from_what_lies_near_each(monkeypatch):
    f0_hz = vibrato_hz(STEPS_S)
    samples = voice().astype(np.float32)
    at_once = read(samples, f0_hz)
    lengths = []

    class Listened:
        def __len__(self):
            return len(samples)

        def __getitem__(self, part):
            lengths.append(part.stop - part.start)
            return samples[part]

    monkeypatch.setattr(periods, "_REACH_S", 0.2)
    (few_at_a_time,) = powers_by_partial([Listened()], RATE_HZ, knots_at(f0_hz, STEP_S, TIMES_S), partials=PARTIALS)
    assert len(lengths) > 8
    assert max(lengths) < 0.25 * RATE_HZ
    np.testing.assert_array_equal(few_at_a_time.on, at_once.on)
    np.testing.assert_array_equal(few_at_a_time.between, at_once.between)
