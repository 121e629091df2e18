"""Polarity: a voice upside down in one channel, in all bands or in some, is whole again in the downmix."""

import numpy as np
import pytest

from riffscope.dsp.voice.polarity import BAND_EDGES_HZ, signs_by_band, turn_bands
from signals import harmonic_tone

RATE_HZ = 16000
VOICE = harmonic_tone(np.full(4 * RATE_HZ, 150.0), RATE_HZ, 40, 0.3).astype(np.float32)


def bands_of(samples, low_hz, high_hz):
    spectrum = np.fft.rfft(samples)
    frequencies_hz = np.fft.rfftfreq(samples.size, 1 / RATE_HZ)
    return np.fft.irfft(np.where((frequencies_hz >= low_hz) & (frequencies_hz < high_hz), spectrum, 0), samples.size)


def test_a_voice_with_like_channels_is_left_as_it_is():
    channels = np.stack([VOICE, 0.4 * VOICE])
    assert turn_bands(channels, signs_by_band(channels, RATE_HZ), RATE_HZ) is channels


def test_an_upside_down_channel_is_turned_back():
    channels = np.stack([VOICE, -VOICE])
    signs = signs_by_band(channels, RATE_HZ)
    turned = turn_bands(channels, signs, RATE_HZ)
    assert signs.tolist()[1:6] == [-1] * 5
    inside = slice(RATE_HZ, -RATE_HZ)
    left_over = turned.mean(axis=0)[inside] - VOICE[inside]
    assert np.sqrt(np.mean(left_over**2) / np.mean(VOICE[inside] ** 2)) < 0.05


def test_only_the_bands_that_are_upside_down_are_turned():
    upper = bands_of(VOICE, 1000, 8000).astype(np.float32)
    channels = np.stack([VOICE, VOICE - 2 * upper])
    signs = signs_by_band(channels, RATE_HZ)
    assert signs.tolist() == [-1.0 if low >= 1000 else 1.0 for low in BAND_EDGES_HZ[:-1]]
    both = turn_bands(channels, signs, RATE_HZ).mean(axis=0)
    for low_hz, high_hz in ((200, 900), (1200, 6000)):
        kept = np.mean(bands_of(both, low_hz, high_hz) ** 2) / np.mean(bands_of(VOICE, low_hz, high_hz) ** 2)
        assert kept == pytest.approx(1, abs=0.1)
