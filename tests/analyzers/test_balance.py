import numpy as np
import pytest

from riffscope.analyzers.balance import Balance
from riffscope.dsp.resample import resample
from riffscope.song import analyze
from signals import audio_of, sine


def balance(samples, rate_hz=44100):
    return analyze(audio_of(samples, rate_hz), only=[Balance])[Balance]


def pink(seconds=6.0, rate_hz=44100, tilt_db_per_octave=-3.0):
    """Noise whose power per hertz falls by so much an octave."""
    n = round(seconds * rate_hz)
    spectrum = np.fft.rfft(np.random.default_rng(2).normal(size=n))
    frequency = np.maximum(np.fft.rfftfreq(n, 1 / rate_hz), 1)
    return 0.02 * np.fft.irfft(spectrum * 10 ** (tilt_db_per_octave * np.log2(frequency / 1000) / 20), n)


@pytest.mark.parametrize(("falls", "tilt"), [(0.0, 3.0), (-3.0, 0.0), (-6.0, -3.0)])
def test_octave_bands_of_noise_rise_by_3_db_more_than_its_density(falls, tilt):
    assert balance(pink(tilt_db_per_octave=falls)).tilt_db_per_octave == pytest.approx(tilt, abs=0.25)


def test_a_tone_lies_in_its_own_octave():
    found = balance(sine(250, 3.0))
    loudest = int(np.nanargmax(found.band_lu))
    assert found.band_edges_hz[loudest] < 250 < found.band_edges_hz[loudest + 1]
    assert found.centroid_hz == pytest.approx(250, abs=2)


def test_loudness_does_not_move_the_balance():
    quiet, loud = balance(0.05 * pink()), balance(pink())
    assert quiet.band_lu == pytest.approx(loud.band_lu, abs=0.01)
    assert quiet.bass_lu == pytest.approx(loud.bass_lu, abs=0.01)


@pytest.mark.parametrize("gain_db", [3.0, 6.0])
def test_bass_raised_by_some_db_is_measured_as_such(gain_db):
    plain = sine(1000, 4.0, amplitude=0.2) + sine(60, 4.0, amplitude=0.02)
    raised = sine(1000, 4.0, amplitude=0.2) + 10 ** (gain_db / 20) * sine(60, 4.0, amplitude=0.02)
    assert balance(raised).bass_lu - balance(plain).bass_lu == pytest.approx(gain_db, abs=0.1)


def test_low_bass_is_told_from_upper_bass():
    assert balance(sine(45, 3.0)).low_bass_fraction > 0.95
    assert balance(sine(120, 3.0)).low_bass_fraction < 0.05


def test_pauses_and_fades_do_not_tilt_the_picture():
    song = pink()
    with_pause = np.concatenate([song, np.zeros(44100 * 6), 0.001 * sine(50, 6.0)])
    assert balance(with_pause).bass_lu == pytest.approx(balance(song).bass_lu, abs=0.1)


def test_a_reading_does_not_depend_on_the_sample_rate():
    song = pink().astype(np.float32)
    at_44, at_96 = balance(song), balance(resample(song, 44100, 96000), 96000)
    assert at_96.band_lu[:9] == pytest.approx(at_44.band_lu[:9], abs=0.3)


def test_bands_end_at_half_the_sample_rate():
    assert balance(pink(rate_hz=8000), 8000).band_edges_hz[-1] == 4000
