"""Beats placed between frames."""

import numpy as np
import pytest

from riffscope.dsp.rhythm.beat_times import find_attacks, line_through_neighbours, peak_times, refine_times
from signals import click, place

RATE_HZ = 22050


def test_the_peak_of_a_parabola_is_found_between_frames():
    frames = np.arange(100)
    curve = np.maximum(0, 4 - (frames - 40.3) ** 2)
    assert peak_times(curve, np.array([41]), frame_rate_hz=50.0) == pytest.approx([40.3 / 50], abs=1e-4)


@pytest.mark.parametrize("offset_s", [-0.03, -0.01, 0.0, 0.013, 0.035])
def test_an_attack_is_found_from_wherever_the_search_starts(offset_s):
    samples = place(click(RATE_HZ), [0.5, 1.0, 1.5], 2.0, RATE_HZ).astype(np.float32)
    times_s, rise = find_attacks(samples, np.array([0.5, 1.0, 1.5]) + offset_s, sample_rate_hz=RATE_HZ)
    assert times_s == pytest.approx([0.5, 1.0, 1.5], abs=0.003)
    assert rise.min() > 1


def test_a_line_through_even_beats_is_the_beats():
    times_s = 1000 + 0.4321 * np.arange(30)
    assert line_through_neighbours(times_s, np.ones(30)) == pytest.approx(times_s, abs=1e-9)


def test_a_beat_on_which_nothing_sounds_is_placed_by_its_neighbours():
    true_s = 0.5 + 0.5 * np.arange(12)
    samples = place(click(RATE_HZ), np.delete(true_s, 6), 7.0, RATE_HZ).astype(np.float32)
    frames = np.round(50 * true_s).astype(int)
    frames[6] += 1
    found_s = refine_times(samples, np.zeros(351), frames, sample_rate_hz=RATE_HZ, frame_rate_hz=50.0)
    assert found_s == pytest.approx(true_s, abs=0.004)


def test_two_beats_are_enough():
    samples = place(click(RATE_HZ), [0.5, 1.0], 2.0, RATE_HZ).astype(np.float32)
    found_s = refine_times(samples, np.zeros(101), np.array([25, 50]), sample_rate_hz=RATE_HZ, frame_rate_hz=50.0)
    assert found_s == pytest.approx([0.5, 1.0], abs=0.004)
