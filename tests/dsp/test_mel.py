"""Mel filters: librosa's, bit by bit, whether they were kept or made."""

import librosa
import numpy as np
import pytest

from riffscope.analyzers import density
from riffscope.dsp import mel
from riffscope.dsp.structure import singing
from riffscope.views import mel_spectrum


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """A cache folder of the test's own."""
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: tmp_path)
    return tmp_path


@pytest.mark.parametrize("time", ["first", "second"])
def test_the_filters_are_librosas(time):
    if time == "second":
        mel_spectrum.mel_filters(22050)
        singing.formant_filters()
    theirs = librosa.filters.mel(sr=22050, n_fft=2048, n_mels=80, fmin=30, fmax=10000, norm=None, dtype=np.float32)
    np.testing.assert_array_equal(mel_spectrum.mel_filters(22050), theirs, strict=True)
    theirs = librosa.filters.mel(sr=16000, n_fft=512, n_mels=40, fmin=80, fmax=7600, norm=None, dtype=np.float32)
    np.testing.assert_array_equal(singing.formant_filters(), theirs, strict=True)


def test_the_middles_are_where_the_filters_peak(cache):
    bands = {"bands": density.N_MELS, "lowest_hz": density.MIN_HZ, "highest_hz": density.MAX_HZ}
    first, second = mel.mel_middles_hz(**bands), mel.mel_middles_hz(**bands)
    theirs = librosa.mel_frequencies(n_mels=82, fmin=30, fmax=10000)[1:-1]
    np.testing.assert_array_equal(first, theirs, strict=True)
    np.testing.assert_array_equal(second, theirs, strict=True)
    filters = mel.mel_filters(sample_rate_hz=22050, n_fft=1 << 16, **bands)
    assert filters.argmax(axis=1) * 22050 / (1 << 16) == pytest.approx(first, abs=0.4)


def test_other_filters_are_others(cache):
    one = {"sample_rate_hz": 22050, "n_fft": 512, "bands": 20, "lowest_hz": 30.0, "highest_hz": 8000.0}
    others = [{}, {"sample_rate_hz": 16000}, {"n_fft": 256}, {"bands": 21}, {"lowest_hz": 31}, {"highest_hz": 8000.5}]
    for other in others:
        mel.mel_filters(**{**one, **other})
    assert len(list(cache.iterdir())) == len(others)
