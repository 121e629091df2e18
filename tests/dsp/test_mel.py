"""The mel scale and its filters against librosa's."""

import librosa
import numpy as np
import pytest

from riffscope.dsp.mel import hz_to_mel, mel_filters, mel_frequencies, mel_to_hz


def test_the_scale_is_linear_up_to_1_khz_and_goes_there_and_back():
    assert hz_to_mel([0.0, 200.0, 1000.0, 6400.0]) == pytest.approx([0, 3, 15, 42])
    frequencies_hz = np.geomspace(20, 20_000, 200)
    assert mel_to_hz(hz_to_mel(frequencies_hz)) == pytest.approx(frequencies_hz)


@pytest.mark.parametrize(
    ("lowest_hz", "highest_hz", "count"), [(30.0, 17_000.0, 80), (0.0, 8000.0, 40), (1200, 4000, 5)]
)
def test_frequencies_are_librosas(lowest_hz, highest_hz, count):
    ours = mel_frequencies(lowest_hz=lowest_hz, highest_hz=highest_hz, count=count)
    theirs = librosa.mel_frequencies(n_mels=count, fmin=lowest_hz, fmax=highest_hz)
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("sample_rate_hz", "n_fft", "lowest_hz", "highest_hz", "count"),
    [(44_100, 2048, 30.0, 17_000.0, 80), (48_000, 2048, 30.0, 17_000.0, 80), (16_000, 512, 100.0, 7000.0, 40)],
)
def test_filters_are_librosas(sample_rate_hz, n_fft, lowest_hz, highest_hz, count):
    ours = mel_filters(
        sample_rate_hz=sample_rate_hz, n_fft=n_fft, lowest_hz=lowest_hz, highest_hz=highest_hz, count=count
    )
    theirs = librosa.filters.mel(
        sr=sample_rate_hz, n_fft=n_fft, n_mels=count, fmin=lowest_hz, fmax=highest_hz, norm=None, dtype=np.float32
    )
    assert ours.dtype == np.float32
    assert np.array_equal(ours, theirs)
