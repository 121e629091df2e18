import numpy as np
import pytest
from scipy.special import stdtrit

from riffscope.dsp.jackknife import half_width


def mean(sums):
    return sums[..., 0] / sums[..., 1]


def beside_ones(values):
    return np.column_stack([values, np.ones(len(values))])


def test_of_a_mean_it_is_the_standard_error_times_students_t():
    parts = np.array([1.0, 2.0, 4.0, 7.0])
    frames = beside_ones(np.repeat(parts, 25))
    expected = stdtrit(3, 0.95) * parts.std(ddof=1) / np.sqrt(4)
    assert half_width(frames, mean, lasts_s=8.0) == pytest.approx(expected)


def test_what_never_changes_is_known_exactly():
    assert half_width(beside_ones(np.full(100, 3.7)), mean, lasts_s=20.0) == pytest.approx(0, abs=1e-9)


def test_nine_ranges_in_ten_hold_the_mean_of_a_series_whose_seconds_are_alike():
    random = np.random.default_rng(5)
    held = 0
    for _ in range(400):
        frames = beside_ones(np.repeat(random.normal(size=20), 10))  # 20 s, of which every second is one number
        held += abs(mean(frames.sum(axis=0))) <= half_width(frames, mean, lasts_s=20.0)
    assert 0.86 < held / 400 < 0.94


def test_a_shorter_stretch_is_known_less_closely():
    values = np.tile([0.0, 1.0], 400)
    short, long = (
        half_width(beside_ones(values[:count] + np.arange(count) % 7), mean, lasts_s=count / 40) for count in (160, 800)
    )
    assert short > long
