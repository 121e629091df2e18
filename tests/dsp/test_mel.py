"""The mel scale and its filters against librosa's."""

import librosa
import numpy as np
import pytest

from riffscope.dsp.mel import mel_filters, mel_frequencies_hz


@pytest.mark.parametrize(
    ("rate_hz", "n_fft", "n_mels", "min_hz", "max_hz"),
    [
        (22050, 2048, 80, 30, 10_000),
        (16000, 512, 40, 100.0, 7000.0),
        (44100, 1024, 20, 1000, 22050.0),
    ],
)
def test_the_filters_are_librosas_to_the_last_bit(rate_hz, n_fft, n_mels, min_hz, max_hz):
    theirs = librosa.filters.mel(
        sr=rate_hz, n_fft=n_fft, n_mels=n_mels, fmin=min_hz, fmax=max_hz, norm=None, dtype=np.float32
    )
    ours = mel_filters(rate_hz, n_fft=n_fft, n_mels=n_mels, min_hz=min_hz, max_hz=max_hz)
    np.testing.assert_array_equal(ours, theirs)
    frequencies_hz = librosa.mel_frequencies(n_mels=n_mels, fmin=min_hz, fmax=max_hz)
    np.testing.assert_array_equal(mel_frequencies_hz(n_mels, min_hz=min_hz, max_hz=max_hz), frequencies_hz)


def test_mels_are_equally_wide_below_1_khz_and_of_equal_ratio_above():
    below, above = (mel_frequencies_hz(9, min_hz=low, max_hz=high) for low, high in ((0.0, 1000.0), (1000.0, 8000.0)))
    np.testing.assert_allclose(np.diff(below), 125.0)
    np.testing.assert_allclose(above[1:] / above[:-1], 8 ** (1 / 8))
