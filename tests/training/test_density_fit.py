"""The script that fits pumping, on features whose right fit is known."""

import numpy as np
import pytest

import training.density.fit as density_fit
from riffscope.analyzers import density
from training.common.constants import today
from training.common.fitting import CannotFit

RNG = np.random.default_rng(11)


def song(rise, *, depth_db, held=3.0, dipping_share=0.5):
    slopes = RNG.normal(size=4)
    slopes[0] = rise
    return density_fit.Pumping(cues=np.array([*slopes, 0.0, held, dipping_share]), depth_db=np.array(float(depth_db)))


def test_the_package_has_the_constants_that_are_fitted():
    names = density_fit.PUMPING + density_fit.DEPTH
    assert set(today(density, names)) == set(names)


def test_the_script_says_what_it_fits_on_what_and_how():
    assert all(f"\n{heading}\n" in density_fit.__doc__ for heading in ("Constants", "Data", "Method", "Prints"))


def test_a_rise_after_the_beat_counts_as_it_was_drawn():
    rises = RNG.normal(3, 2, size=800)
    pumps = RNG.random(800) < 1 / (1 + np.exp(-1.5 * (rises - 3)))
    found = density_fit.learn_pumping([song(rise, depth_db=6.0 * one) for rise, one in zip(rises, pumps, strict=True)])
    weights = found["PUMPING_WEIGHTS"]
    assert weights[0] == pytest.approx(1.5, rel=0.2)
    assert np.abs(weights[1:4]).max() < 0.4


def test_depths_that_follow_the_slopes_are_found():
    songs = [song(rise, depth_db=3 + 0.5 * rise) for rise in RNG.uniform(1, 10, size=400)]
    found = density_fit.learn_depth([*songs, song(0.0, depth_db=0.0)])
    assert found["DEPTH_WEIGHTS"][0] == pytest.approx(0.5, rel=0.05)
    assert found["DEPTH_SPREAD_DB"] < 0.1
    assert density_fit.judge_depth(songs[0], found)["error"] < 0.3


def test_the_probability_is_the_packages_own():
    one = song(8.0, depth_db=6.0)
    judged = density_fit.judge_pumping(one, today(density, density_fit.PUMPING))
    assert judged["Brier"] == pytest.approx((1 - density.pumping_probability(one.as_read)) ** 2)


def test_songs_that_all_pump_cannot_tell():
    with pytest.raises(CannotFit):
        density_fit.learn_pumping([song(8.0, depth_db=6.0)] * 5)
