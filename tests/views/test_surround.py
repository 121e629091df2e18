"""What is measured of surround hears its channels by what they are."""

from dataclasses import replace

import numpy as np
import pytest

from riffscope.views.frame_levels import take_frame_levels
from riffscope.views.mono import mix_to_mono
from riffscope.views.stems import mix_of
from signals import audio_of, noise, sine

SURROUND = ("L", "R", "C", "LFE", "Ls", "Rs")
RATE_HZ = 22050


def surround(order=SURROUND):
    sound = {name: noise(1.0, RATE_HZ, seed=n) for n, name in enumerate(SURROUND)}
    sound["LFE"] = sine(50, 1.0, RATE_HZ)
    return replace(audio_of(np.stack([sound[name] for name in order]), RATE_HZ), speakers=order)


def test_the_low_channel_is_in_no_spectrum():
    levels = take_frame_levels(surround())
    bass = levels.band(20, 100).sum() / levels.power.sum()
    assert bass == pytest.approx(80 / 11025, abs=0.003), "as much as white noise has"
    assert levels.octaves.shape[1] == 0


def test_the_order_of_the_channels_changes_no_view():
    order = ("L", "C", "R", "Ls", "Rs", "LFE")
    first, second = surround(), surround(order)
    assert take_frame_levels(second).weighted == pytest.approx(take_frame_levels(first).weighted, rel=1e-4)
    assert mix_to_mono(second).samples == pytest.approx(mix_to_mono(first).samples, abs=1e-5)
    assert mix_of(second) == pytest.approx(mix_of(first), abs=1e-5)


def test_what_is_separated_is_stereo_with_the_centre_in_the_middle():
    sound = np.zeros((6, RATE_HZ))
    sound[2] = sine(440, 1.0, RATE_HZ)
    left, right = mix_of(replace(audio_of(sound, RATE_HZ), speakers=SURROUND))
    assert np.array_equal(left, right)
    assert np.abs(left).max() == pytest.approx(0.5 * 0.5**0.5 / (1 + 2**0.5), rel=0.01)
