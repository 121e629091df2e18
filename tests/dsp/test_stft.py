"""The framed spectrum against librosa's."""

import librosa
import numpy as np
import pytest

from riffscope.dsp.stft import filtered_stft, frame_count, magnitude_blocks


@pytest.mark.parametrize("count", [1, 440, 441, 5000, 100_000])
@pytest.mark.parametrize(("n_fft", "hop_length"), [(2048, 441), (4096, 1024), (512, 512)])
def test_it_is_librosas_spectrum(count, n_fft, hop_length):
    samples = np.random.default_rng(0).standard_normal(count).astype(np.float32)
    ours = np.concatenate(list(magnitude_blocks(samples, n_fft=n_fft, hop_length=hop_length))).T
    assert ours.dtype == np.float32
    assert ours.shape == (1 + n_fft // 2, frame_count(count, hop_length=hop_length))
    padded = np.pad(samples, (0, max(0, n_fft - count)))  # librosa warns of signals shorter than a frame
    theirs = np.abs(librosa.stft(padded, n_fft=n_fft, hop_length=hop_length, pad_mode="constant"))
    assert ours == pytest.approx(theirs[:, : ours.shape[1]], abs=2e-4)


def test_filters_applied_on_the_way_are_filters_applied_afterwards():
    samples = np.random.default_rng(1).standard_normal(30_000).astype(np.float32)
    filters = np.random.default_rng(2).random((7, 300)).astype(np.float32)
    whole = np.concatenate(list(magnitude_blocks(samples, n_fft=1024, hop_length=256))).T
    assert filtered_stft(samples, filters, n_fft=1024, hop_length=256) == pytest.approx(filters @ whole[:300], rel=1e-4)
