"""Masking block by block against masking everything at once."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riffscope.dsp.voice.separation import (
    BINS,
    BLOCK_FRAMES,
    HOP_LENGTH,
    N_FFT,
    OVERLAP_FRAMES,
    RATE_HZ,
    separate_vocals,
)
from signals import sine


def everything(magnitudes):
    return np.ones_like(magnitudes)


def nothing(magnitudes):
    return np.zeros_like(magnitudes)


def half(magnitudes):
    return np.full_like(magnitudes, 0.5)


def loud_bins(magnitudes):
    """A mask that looks at single bins only, so that blocks cannot matter."""
    return magnitudes**2 / (magnitudes**2 + 4)


def sound(n, seed=0):
    return np.random.default_rng(seed).uniform(-0.5, 0.5, (2, n)).astype(np.float32)


def at_once(mix, mask):
    """The same without blocks: all frames, in float64, one by one."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)
    n = mix.shape[1]
    padded = np.pad(mix.astype(np.float64), ((0, 0), (N_FFT, 2 * N_FFT)))
    out, weight = np.zeros_like(padded), np.zeros(padded.shape[1])
    for begin in range(0, padded.shape[1] - N_FFT + 1, HOP_LENGTH):
        place = slice(begin, begin + N_FFT)
        spectrum = np.fft.rfft(padded[:, place] * window)
        spectrum[:, :BINS] *= mask(np.abs(spectrum[:, :BINS]))
        spectrum[:, BINS:] = 0
        out[:, place] += np.fft.irfft(spectrum) * window
        weight[place] += window**2
    return (out / np.maximum(weight, 1e-9))[:, N_FFT : N_FFT + n]


BLOCK = BLOCK_FRAMES * HOP_LENGTH
STEP = (BLOCK_FRAMES - OVERLAP_FRAMES) * HOP_LENGTH
LENGTHS = [
    1,
    100,
    HOP_LENGTH - 1,
    HOP_LENGTH,
    HOP_LENGTH + 1,
    N_FFT + 1,
    RATE_HZ,
    BLOCK - 3 * HOP_LENGTH,  # one block exactly
    BLOCK - 3 * HOP_LENGTH + 1,
    BLOCK + STEP - 3 * HOP_LENGTH,  # two
    BLOCK + STEP - 3 * HOP_LENGTH + 1,
    30 * RATE_HZ + 7,
]


@pytest.mark.parametrize("n", LENGTHS)
def test_blocks_make_no_difference_to_a_mask_that_sees_single_bins(n):
    mix = sound(n)
    voice = separate_vocals(mix, loud_bins)
    assert voice.shape == mix.shape
    assert voice.dtype == np.float32
    np.testing.assert_allclose(voice, at_once(mix, loud_bins), atol=2e-6)


@pytest.mark.parametrize("n", LENGTHS)
def test_a_mask_of_zeros_gives_silence_and_leaves_the_mix(n):
    mix = sound(n)
    voice = separate_vocals(mix, nothing)
    assert not voice.any()
    np.testing.assert_array_equal(mix - voice, mix)


def test_a_mask_of_ones_gives_all_that_lies_below_11_khz():
    """Steady tones; within a frame of the ends they begin and stop, which is heard at all frequencies."""
    low = np.stack([sine(440, 20), sine(5000, 20)]).astype(np.float32)
    high = np.stack([sine(12000, 20), sine(15000, 20)]).astype(np.float32)
    inner = slice(N_FFT, -N_FFT)
    voice = separate_vocals(low + high, everything)
    np.testing.assert_allclose(voice[:, inner], low[:, inner], atol=1e-4)


@given(n=st.integers(0, 60_000), seed=st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_half_a_mask_gives_half_the_voice(n, seed):
    mix = sound(n, seed)
    np.testing.assert_allclose(separate_vocals(mix, half), separate_vocals(mix, everything) / 2, atol=1e-6)


def test_the_channels_do_not_mix():
    mix = sound(RATE_HZ)
    mix[1] = 0
    voice = separate_vocals(mix, loud_bins)
    assert voice[0].any()
    assert not voice[1].any()


def test_voice_and_accompaniment_make_the_mix():
    mix = sound(3 * RATE_HZ)
    voice = separate_vocals(mix, loud_bins)
    np.testing.assert_allclose(voice + (mix - voice), mix, atol=1e-6)


def test_a_mask_that_is_blind_at_the_ends_of_its_block_leaves_no_hole():
    """What the network does not see at the end of one block it sees in the next."""

    def blind(magnitudes):
        masks = np.ones_like(magnitudes)
        masks[:, :4] = masks[:, -4:] = 0
        return masks

    mix = np.stack([sine(440, 40)] * 2).astype(np.float32)
    voice = separate_vocals(mix, blind)
    inner = slice(8 * HOP_LENGTH, -8 * HOP_LENGTH)
    peaks = np.abs(voice[:, inner])[:, : 1000 * 441].reshape(2, -1, 441).max(axis=2)
    assert peaks.min() > 0.9 * 0.5


def test_masks_are_asked_for_as_the_network_needs_them():
    shapes = []

    def noting(magnitudes):
        assert magnitudes.dtype == np.float32
        assert magnitudes.flags.c_contiguous
        shapes.append(magnitudes.shape)
        return np.ones_like(magnitudes)

    separate_vocals(sound(BLOCK + 10 * HOP_LENGTH), noting)
    assert shapes == [(2, BLOCK_FRAMES, BINS), (2, 128, BINS)]
    shapes.clear()
    separate_vocals(sound(1), noting)
    assert shapes == [(2, 64, BINS)]


def test_a_longer_song_needs_no_more_memory():
    def peak_beyond_the_voice(n):
        mix = np.zeros((2, n), np.float32)
        tracemalloc.start()
        try:
            separate_vocals(mix, nothing)
            return tracemalloc.get_traced_memory()[1] - mix.nbytes
        finally:
            tracemalloc.stop()

    assert peak_beyond_the_voice(4 * BLOCK) < 1.1 * peak_beyond_the_voice(2 * BLOCK) < 130e6


@pytest.mark.parametrize("shape", [(1, 1000), (1000,), (3, 1000)])
def test_only_stereo_is_taken(shape):
    with pytest.raises(ValueError, match="shape"):
        separate_vocals(np.zeros(shape, np.float32), nothing)
