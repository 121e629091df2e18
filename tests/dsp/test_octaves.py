"""Octave bands and the frames that they are read from."""

import numpy as np
import pytest

from riffscope.dsp.octaves import band_edges_hz, frame_length


def test_each_band_is_an_octave_around_the_standards_centres():
    edges_hz = band_edges_hz(24000)
    assert edges_hz[1:] / edges_hz[:-1] == pytest.approx(2)
    centres_hz = np.sqrt(edges_hz[1:] * edges_hz[:-1])
    assert centres_hz == pytest.approx([31.25, 62.5, 125, 250, 500, 1000, 2000, 4000, 8000, 16000])


def test_the_highest_band_ends_where_the_sample_rate_does():
    assert band_edges_hz(4000).tolist()[-2:] == [1000 * 2**1.5, 4000]


@pytest.mark.parametrize(("rate_hz", "samples"), [(8000, 2048), (44100, 8192), (48000, 8192), (96000, 16384)])
def test_frames_are_powers_of_two_and_last_150_ms(rate_hz, samples):
    assert frame_length(rate_hz) == samples
