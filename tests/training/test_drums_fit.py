"""The script that fits drums, on windows whose right fit is known."""

import numpy as np
import pytest

import training.drums.fit as drums_fit
from riffscope.dsp.rhythm import drums
from training.common.constants import today
from training.common.fitting import CannotFit

RNG = np.random.default_rng(12)
MIDDLE = np.array([-19.0, 8.0, 0.45, 7.0])


def song(*, plays, windows=40, rises_db=6.0):
    """Windows whose treble rises the more where drums play; hits are strong enough to be some."""
    plays = np.asarray(plays, np.int64) * np.ones(windows, np.int64)
    cues = MIDDLE + RNG.normal(size=(windows, 4)) * [2.0, 3.0, 0.1, 1.5]
    cues[:, 1] += rises_db * (plays == 1)
    return drums_fit.Windows(cues=cues, plays=plays)


def test_the_package_has_the_constants_that_are_fitted():
    names = drums_fit.ODDS + drums_fit.TOGETHER
    assert set(today(drums, names)) == set(names)
    assert all(today(drums, drums_fit.TOGETHER)[name] in drums_fit.GRID[name] for name in drums_fit.TOGETHER)


def test_the_script_says_what_it_fits_on_what_and_how():
    assert all(f"\n{heading}\n" in drums_fit.__doc__ for heading in ("Constants", "Data", "Method", "Prints"))


def test_only_the_cue_that_differs_counts():
    found = drums_fit.learn_odds([song(plays=place % 2) for place in range(20)])
    weights = np.array(found["CUE_WEIGHTS"]) * [2.0, 3.0, 0.1, 1.5]
    # Gaussians of one width, twice their standard deviation apart: log odds that rise by 2 with each.
    assert weights[1] == pytest.approx(2.0, rel=0.25)
    assert np.abs(np.delete(weights, 1)).max() < 0.3


def test_windows_across_a_boundary_do_not_count():
    both = [song(plays=place % 2) for place in range(6)]
    unknown = [drums_fit.Windows(cues=one.cues + 100, plays=np.full(len(one.cues), -1)) for one in both]
    assert drums_fit.learn_odds(both) == drums_fit.learn_odds([*both, *unknown])
    assert np.isnan(drums_fit.judge(unknown[0], today(drums, drums_fit.ODDS))["log loss"])


def test_the_probability_is_the_packages_own():
    one = song(plays=1)
    judged = drums_fit.judge(one, today(drums, drums_fit.ODDS))
    assert judged["with drums"] == pytest.approx((drums.probability_of(one.cues) > 0.5).mean())
    assert np.isnan(judged["without"])


def test_where_drums_play_more_often_they_are_taken_to():
    often = [song(plays=place % 4 > 0, rises_db=2.0) for place in range(12)]
    seldom = [song(plays=place % 4 == 0, rises_db=2.0) for place in range(12)]
    shares = [drums_fit.learn_together(songs)["PLAYS_SHARE"] for songs in (often, seldom)]
    assert shares == [max(drums_fit.GRID["PLAYS_SHARE"]), min(drums_fit.GRID["PLAYS_SHARE"])]


def test_songs_that_all_have_drums_cannot_tell():
    with pytest.raises(CannotFit):
        drums_fit.learn_odds([song(plays=1)] * 3)
