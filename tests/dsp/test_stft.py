"""The framed spectrum against librosa's."""

import librosa
import numpy as np
import pytest
import scipy.fft

from riffscope.dsp.stft import (
    FRAMES_OVER,
    bin_frequencies_hz,
    filtered_stft,
    frame_count,
    hann,
    magnitude_blocks,
    overlap_add,
    power_scale,
)


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


def test_a_full_scale_sine_has_half_the_power_of_a_constant_one():
    n_fft = 4096
    sine = np.sin(2 * np.pi * 1000 * np.arange(44100) / 44100).astype(np.float32)
    inside = np.concatenate(list(magnitude_blocks(sine, n_fft=n_fft, hop_length=1024)))[4:-4]
    assert (np.square(inside).sum(axis=1) * power_scale(n_fft)).mean() == pytest.approx(0.5, rel=1e-3)
    assert bin_frequencies_hz(44100, n_fft)[inside.mean(axis=0).argmax()] == pytest.approx(1000, abs=6)


def frames_of(samples, n_fft):
    """Spectra of all frames that lie over a sound (..., n): (..., frames, bins), and where the first begins."""
    hop = n_fft // FRAMES_OVER
    count = -(-samples.shape[-1] // hop) + FRAMES_OVER - 1
    outside = [(0, 0)] * (samples.ndim - 1)
    padded = np.pad(samples, [*outside, (n_fft - hop, count * hop - samples.shape[-1])])
    cut = np.lib.stride_tricks.sliding_window_view(padded, n_fft, axis=-1)[..., ::hop, :]
    return scipy.fft.rfft(cut * hann(n_fft), axis=-1), hop - n_fft


@pytest.mark.parametrize("shape", [(5000,), (2, 5000), (2, 1), (3, 1024)])
@pytest.mark.parametrize("block", [1, 3, 1000])
def test_frames_added_up_are_the_sound_however_they_are_cut_into_blocks(shape, block):
    samples = np.random.default_rng(3).standard_normal(shape).astype(np.float32)
    spectra, start = frames_of(samples, 1024)
    out = np.zeros_like(samples)
    for first in range(0, spectra.shape[-2], block):
        overlap_add(spectra[..., first : first + block, :], out, start + first * 256, n_fft=1024)
    assert out == pytest.approx(samples, abs=2e-6)


def test_what_lies_outside_is_dropped():
    spectra, _ = frames_of(np.ones(4096, np.float32), 1024)
    out = np.zeros(10, np.float32)
    overlap_add(spectra, out, -100_000, n_fft=1024)
    overlap_add(spectra, out, 10, n_fft=1024)
    assert out.tolist() == [0] * 10


def test_the_sum_of_frames_is_librosas_inverse():
    spectra = frames_of(np.random.default_rng(4).standard_normal(8192).astype(np.float32), 1024)[0][:, :300]
    ours = np.zeros(8192, np.float32)
    overlap_add(spectra, ours, -768, n_fft=1024)
    all_bins = np.pad(spectra, ((0, 0), (0, 513 - 300))).T
    theirs = librosa.istft(all_bins, n_fft=1024, hop_length=256, center=False)[768:][:8192]
    assert ours[: len(theirs)] == pytest.approx(theirs, abs=1e-5)
