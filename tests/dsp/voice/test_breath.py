"""Breath, on tones with noise of a known level."""

import numpy as np
import pytest

from riffscope.dsp.voice.breath import EDGES_HZ, Noise, excess, read_noise
from signals import harmonic_tone

RATE_HZ = 22050
F0_HZ = 220.0
STEP_S = 0.01
TIMES_S = np.arange(0.2, 5.8, 0.02)
TRACK_HZ = np.full(600, F0_HZ)
PITCH_HZ = np.full(len(TIMES_S), F0_HZ)
TONE = harmonic_tone(np.full(6 * RATE_HZ, F0_HZ), RATE_HZ, 40, 0.3).astype(np.float32)
NOISE = np.random.default_rng(2).normal(size=len(TONE)).astype(np.float32)
BANDS = len(EDGES_HZ) - 1


def noise_in(voice, accompaniment=None):
    return read_noise(voice, accompaniment, RATE_HZ, TIMES_S, TRACK_HZ, step_s=STEP_S)


def noise_db(level, accompaniment=None):
    return noise_in(TONE + np.float32(level) * NOISE, accompaniment)


def test_twice_the_noise_is_6_db_more():
    less, more = noise_db(0.003), noise_db(0.006)
    np.testing.assert_allclose(more.db - less.db, 6, atol=1.5)


def test_noise_is_told_against_the_partials():
    # The partials of this tone fall by 6 dB an octave, its noise does not: half an octave up, noise has 3 dB more.
    found = noise_db(0.003).db
    upper = 10 * np.log10(5750 / 2250) * 2
    assert found[8] - found[4] == pytest.approx(upper, abs=2)


def test_noise_alone_is_no_voice():
    found = noise_in(NOISE + TONE * np.float32(1e-6))
    few = found.readings < 0.2 * len(TIMES_S)  # its lower partials are not clean but by chance
    assert few.all()


def test_where_the_accompaniment_is_loud_nothing_is_read():
    assert noise_db(0.002, accompaniment=NOISE).readings.sum() == 0
    quiet = noise_db(0.002, accompaniment=np.float32(1e-6) * NOISE)
    np.testing.assert_allclose(quiet.db, noise_db(0.002).db, atol=1e-9)


def test_between_the_partials_of_the_voice_the_accompaniment_counts_and_on_them_it_does_not():
    doubling = noise_db(0.002, accompaniment=TONE)
    np.testing.assert_array_equal(doubling.readings, noise_db(0.002).readings)


def test_tilt_is_how_loud_a_band_is_against_the_low_ones():
    tilt_db = noise_db(0.001).tilt_db
    duller = noise_in(np.convolve(TONE, [0.5, 0.5], "same").astype(np.float32)).tilt_db
    assert np.diff(tilt_db).max() < 0.5
    # Two taps lower what lies at f by the cosine of pi f / rate.
    middle_hz = np.add(EDGES_HZ[3:], EDGES_HZ[2:-1]) / 2
    np.testing.assert_allclose((duller - tilt_db)[2:], 20 * np.log10(np.cos(np.pi * middle_hz / RATE_HZ)), atol=1.0)


def test_bands_above_half_the_sample_rate_are_not_heard():
    half = read_noise(TONE[::2], None, RATE_HZ // 2, TIMES_S, TRACK_HZ, step_s=STEP_S)
    assert np.isnan(half.db[-1])
    assert np.isfinite(half.db[:-2]).all()


def usual(**changed):
    flat = {
        "usual": np.full(BANDS, -20.0),
        "per_octave": np.zeros(BANDS),
        "per_tilt": np.zeros(BANDS),
        "spread": np.full(BANDS, 5.0),
    }
    return flat | changed


def noise_of(level_db, readings=1e9, tilt_db=0.0):
    return Noise(db=np.full(BANDS, level_db), readings=np.full(BANDS, readings), tilt_db=np.full(BANDS, tilt_db))


@pytest.mark.parametrize(("above_db", "by"), [(0.0, 0.0), (5.0, 1.0), (-5.0, -1.0), (50.0, 3.0)])
def test_excess_is_counted_in_standard_deviations(above_db, by):
    found = excess(noise_of(-20.0 + above_db), PITCH_HZ, **usual())
    assert found.by / found.sure == pytest.approx(by)


def test_a_clear_voice_an_octave_up_is_held_against_clear_voices_there():
    assert excess(noise_of(-26.0), np.full(3, 400.0), **usual(per_octave=np.full(BANDS, -6.0))).by == pytest.approx(0)


def test_a_dull_clear_voice_is_held_against_dull_ones():
    found = excess(noise_of(-10.0, tilt_db=-20.0), np.full(3, 200.0), **usual(per_tilt=np.full(BANDS, -0.5)))
    assert found.by == pytest.approx(0)


def test_the_lowest_band_counts_apart():
    noise = noise_of(-20.0)
    noise.db[0] = -10.0
    found = excess(noise, PITCH_HZ, **usual())
    assert found.by == pytest.approx(0)
    assert found.low == pytest.approx(2 * 40 / 50)


def test_bands_that_are_not_heard_count_for_nothing():
    assert excess(noise_of(np.nan, readings=0.0), PITCH_HZ, **usual()) == (0, 0, 0)
    few, many = (excess(noise_of(0.0, readings=n), PITCH_HZ, **usual()) for n in (8, 100))
    assert few.by < many.by
    assert few.sure < many.sure
