"""Filtering block by block is convolution."""

import numpy as np
import pytest
import scipy.fft
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from riffscope.dsp.filtering import filter_evenly, filtered_blocks, transform_length


@given(count=st.integers(0, 4000), reach=st.integers(1, 300), ahead=st.integers(0, 300), seed=st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_blocks_are_the_convolution(count, reach, ahead, seed):
    rng = np.random.default_rng(seed)
    sound, response, ahead = rng.normal(size=count), rng.normal(size=reach + 1), min(ahead, reach)
    gains = scipy.fft.rfft(response, transform_length(reach))
    blocks = list(filtered_blocks(sound, gains, reach=reach, ahead=ahead))
    found = np.concatenate([np.zeros(0), *blocks])
    expected = np.convolve(sound, response)[ahead : ahead + count] if count else np.zeros(0)
    assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("reach", [1, 2, 510, 511, 4410, 76800])
def test_transforms_are_some_times_as_long_as_the_response(reach):
    length = transform_length(reach)
    assert 3 * reach < length <= 6 * reach + 2
    assert length & (length - 1) == 0


@pytest.mark.parametrize("count", [0, 1, 100, 2047, 50_000])
@pytest.mark.parametrize("taps", [511, 2047])
def test_an_even_filter_delays_nothing(count, taps):
    rng = np.random.default_rng(count)
    sound, response = rng.normal(size=count).astype(np.float32), rng.normal(size=taps)
    found = filter_evenly(sound, response)
    expected = signal.fftconvolve(np.pad(sound.astype(np.float64), taps), response, mode="same")[taps : taps + count]
    assert found.dtype == np.float32
    assert found == pytest.approx(expected, abs=1e-5 * np.sqrt(taps))
