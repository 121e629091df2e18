"""Breath, on tones with noise of a known level."""

import numpy as np
import pytest

from riffscope.dsp.voice.breath import EDGES_HZ, Noise, excess, read_noise
from signals import harmonic_tone

RATE_HZ = 22050
F0_HZ = 220.0
TIMES_S = np.arange(0.2, 5.8, 0.02)
PITCH_HZ = np.full(len(TIMES_S), F0_HZ)
TONE = harmonic_tone(np.full(6 * RATE_HZ, F0_HZ), RATE_HZ, 30, 0.3).astype(np.float32)
NOISE = np.random.default_rng(2).normal(size=len(TONE)).astype(np.float32)
BANDS = len(EDGES_HZ) - 1


def noise_db(level, accompaniment=None):
    return read_noise(TONE + np.float32(level) * NOISE, accompaniment, RATE_HZ, TIMES_S, PITCH_HZ)


def test_twice_the_noise_is_6_db_more():
    less, more = noise_db(0.006), noise_db(0.012)
    np.testing.assert_allclose(more.db - less.db, 6, atol=1.5)


def test_noise_alone_is_as_loud_between_the_partials_as_on_them():
    found = read_noise(NOISE + TONE * np.float32(1e-6), None, RATE_HZ, TIMES_S, PITCH_HZ)
    assert np.isnan(found.db).all()  # its lower partials are not clean: it is no voice


def test_where_the_accompaniment_is_loud_nothing_is_read():
    assert noise_db(0.002, accompaniment=NOISE).readings.sum() == 0
    quiet = noise_db(0.002, accompaniment=np.float32(1e-5) * NOISE)
    np.testing.assert_allclose(quiet.db, noise_db(0.002).db, atol=1e-9)


def usual(**changed):
    flat = {"usual": np.full(BANDS, -20.0), "per_octave": np.zeros(BANDS), "spread": np.full(BANDS, 5.0)}
    return flat | changed


@pytest.mark.parametrize(("above_db", "by"), [(0.0, 0.0), (5.0, 1.0), (-5.0, -1.0), (50.0, 3.0)])
def test_excess_is_counted_in_standard_deviations(above_db, by):
    noise = Noise(db=np.full(BANDS, -20.0 + above_db), readings=np.full(BANDS, 1e9))
    found = excess(noise, PITCH_HZ, **usual())
    assert found.by / found.sure == pytest.approx(by)


def test_a_clear_voice_an_octave_up_is_held_against_clear_voices_there():
    noise = Noise(db=np.full(BANDS, -26.0), readings=np.full(BANDS, 100.0))
    assert excess(noise, np.full(3, 400.0), **usual(per_octave=np.full(BANDS, -6.0))).by == pytest.approx(0)


def test_bands_that_are_not_heard_count_for_nothing():
    none = Noise(db=np.full(BANDS, np.nan), readings=np.zeros(BANDS))
    assert excess(none, PITCH_HZ, **usual()) == (0, 0)
    few, many = (excess(Noise(db=np.zeros(BANDS), readings=np.full(BANDS, n)), PITCH_HZ, **usual()) for n in (10, 100))
    assert few.by < many.by
    assert few.sure < many.sure
