"""Spectra around moments: wherever the sound comes from, and however the moments lie."""

import numpy as np
import pytest

from riffscope.dsp.blocks import Derived
from riffscope.dsp.partials import powers_at
from riffscope.dsp.stft import hann

RATE_HZ, N_FFT = 8000, 512
SOUND = np.random.default_rng(0).normal(0, 0.3, 3 * RATE_HZ).astype(np.float32)
MOMENTS = {
    "close together": np.arange(0, 3, 0.01),
    "in the middle": np.arange(0.1, 2.9, 0.01),
    "far apart": np.arange(0, 3, 0.5),
    "in no order": np.random.default_rng(1).uniform(0, 3, 150),
    "beyond either end": np.array([-9.0, -0.01, 0.0, 2.99, 3.01, 9.0]),
    "all before": np.array([-9.0, -8.0]),
    "all after": np.array([8.0, 9.0]),
    "none": np.zeros(0),
}


def one_by_one(times_s):
    padded = np.pad(SOUND, 10 * RATE_HZ)
    starts = np.rint(times_s * RATE_HZ).astype(int) - N_FFT // 2 + 10 * RATE_HZ
    frames = [padded[start : start + N_FFT] * hann(N_FFT) for start in starts]
    return np.abs(np.fft.rfft(np.reshape(frames, (-1, N_FFT)))) ** 2


@pytest.mark.parametrize("moments", MOMENTS)
def test_sound_that_is_worked_out_where_it_is_read_has_the_same_spectra(moments):
    times_s = MOMENTS[moments]
    expected = one_by_one(times_s)
    worked_out = Derived(count=len(SOUND), read=lambda part: SOUND[part] * np.float32(1))
    for sound in (SOUND, worked_out):
        found = powers_at(sound, RATE_HZ, times_s, n_fft=N_FFT, highest_hz=RATE_HZ / 2)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_what_frames_share_is_read_once():
    read = []

    def reading(part):
        read.append(part.stop - part.start)
        return SOUND[part]

    sound = Derived(count=len(SOUND), read=reading)
    powers_at(sound, RATE_HZ, MOMENTS["in the middle"], n_fft=N_FFT, highest_hz=1000.0)
    assert sum(read) < 1.2 * len(SOUND)
