"""Mel frequencies and filters, and the tuning of peaks: the same numbers as librosa's."""

import librosa
import numpy as np
import pytest

from riffscope.dsp.mel import mel_filters, mel_frequencies
from riffscope.dsp.pitch import midi_to_hz, tuning_of


@pytest.mark.parametrize(("min_hz", "max_hz"), [(0, 11025.0), (30, 10_000), (1200.0, 8000.0), (20, 900)])
def test_frequencies_are_librosas(min_hz, max_hz):
    theirs = librosa.mel_frequencies(82, fmin=min_hz, fmax=max_hz)
    assert mel_frequencies(82, min_hz=min_hz, max_hz=max_hz).tolist() == theirs.tolist()


def test_1000_hz_are_15_mels_and_6400_hz_27_more():
    assert mel_frequencies(43, min_hz=0, max_hz=6400)[[0, 15, 42]] == pytest.approx([0, 1000, 6400])


@pytest.mark.parametrize(("rate_hz", "n_fft", "count"), [(22050, 2048, 80), (16000, 512, 40)])
def test_filters_are_librosas(rate_hz, n_fft, count):
    ours = mel_filters(rate_hz, n_fft=n_fft, count=count, min_hz=100, max_hz=7000)
    theirs = librosa.filters.mel(
        sr=rate_hz, n_fft=n_fft, n_mels=count, fmin=100, fmax=7000, norm=None, dtype=np.float32
    )
    assert ours.dtype == np.float32
    assert (ours == theirs).all()


@pytest.mark.parametrize("cents", [-50, -37, 0, 12, 49])
def test_the_tuning_is_librosas(cents):
    rng = np.random.default_rng(cents + 50)
    peaks_hz = midi_to_hz(rng.integers(45, 90, 4000) + cents / 100 + rng.normal(0, 0.05, 4000))
    ours = tuning_of(peaks_hz, resolution_semitones=0.01)
    assert ours == librosa.pitch_tuning(peaks_hz, resolution=0.01)
    assert abs((100 * ours - cents + 50) % 100 - 50) < 5
