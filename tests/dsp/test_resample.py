"""The same sound at another rate, whether it comes whole, in channels or in blocks."""

import numpy as np
import pytest

from riffscope.dsp.blocks import BLOCK_FRAMES, slices
from riffscope.dsp.resample import resample, resample_blocks


@pytest.mark.parametrize("count", [1, 2, 999, BLOCK_FRAMES, 2 * BLOCK_FRAMES + 1])
@pytest.mark.parametrize(("from_hz", "to_hz"), [(44100, 16000), (48000, 22050), (22050, 44100), (44100, 44100)])
def test_blocks_and_channels_become_the_samples_of_the_whole(count, from_hz, to_hz):
    stereo = np.random.default_rng(1).normal(0, 0.1, (2, count)).astype(np.float32)
    together = resample(stereo, from_hz, to_hz)
    assert together.dtype == np.float32
    for channel, found in zip(stereo, together, strict=True):
        alone = resample(channel, from_hz, to_hz)
        np.testing.assert_array_equal(found, alone)
        blocks = (channel[part] for part in slices(count))
        np.testing.assert_array_equal(resample_blocks(blocks, from_hz, to_hz, count=count), alone)
    assert abs(together.shape[1] - count * to_hz / from_hz) <= 1


def test_a_tone_keeps_its_pitch_and_level():
    tone = np.sin(2 * np.pi * 1000 * np.arange(44100) / 44100).astype(np.float32)
    found = resample(tone, 44100, 16000)[2000:-2000]
    wanted = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)[2000:-2000]
    np.testing.assert_allclose(found, wanted, atol=1e-3)
