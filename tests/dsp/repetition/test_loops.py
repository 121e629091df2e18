"""Loops in tables of likeness that are made by hand."""

import numpy as np
import pytest

from riffscope.dsp.repetition.loop_path import OUTSIDE, best_paths, stretches
from riffscope.dsp.repetition.loops import (
    cleanest_pass,
    continued,
    exactness,
    find_loop,
    find_loops,
    own_similarity,
    start_at,
)

BAR = 4


def table(form, *, similarity=0.5, noise=0.05, seed=0):
    """Likeness of the beats of bars, a letter each; a bar named - is like no other."""
    letters = np.repeat(list(form), BAR)
    places = np.tile(np.arange(BAR), len(form))
    same = (letters[:, None] == letters) & (places[:, None] == places) & (letters != "-")[:, None]
    random = np.random.default_rng(seed).normal(0, noise, same.shape)
    out = np.where(same, similarity, 0) + (random + random.T) / 2
    np.fill_diagonal(out, 1)
    return out.astype(np.float32)


def lines(form):
    return np.arange(len(form) * BAR) % BAR == 0


def bars_of(path):
    return [(start / BAR, end / BAR) for start, end in path.stretches]


@pytest.mark.parametrize("period", ["a", "ab", "abc", "abac", "aaab", "abcd", "abacad", "abcdaefg"])
def test_the_period_is_the_shortest_that_is_true(period):
    form = period * (24 // len(period))
    path = find_loop(table(form), lines(form), BAR)
    assert path.period == len(period) * BAR
    assert bars_of(path) == [(0, len(form))]


def test_nothing_is_found_where_no_bar_comes_back():
    form = "-" * 24
    assert find_loop(table(form), lines(form), BAR) is None


@pytest.mark.parametrize("form", ["--------abababab--------abababab", "abababab----abababab"])
def test_a_loop_sounds_where_it_sounds(form):
    path = find_loop(table(form), lines(form), BAR)
    assert path.period == 2 * BAR
    sounds = np.repeat(np.array(list(form)) != "-", BAR)
    np.testing.assert_array_equal(path.inside, sounds)


def test_two_loops_are_two():
    form = "abababab" + "cdcdcd" + "abababab" + "------"
    first, second = find_loops([table(form)], lines(form), BAR, most=3)
    assert (first.period, second.period) == (2 * BAR, 2 * BAR)
    assert bars_of(second) == [(8, 14)]
    assert min(first.probability, second.probability) > 0.9


def test_a_few_bars_of_chance_are_improbable():
    form = "------ab-ab----a---a-b----b-"
    found = find_loops([table(form, similarity=0.2)], lines(form), BAR, most=1)
    assert all(path.probability < 0.1 for path in found)


def test_a_tone_in_all_bars_is_no_evidence():
    form = "-" * 32
    drone = table(form) + np.float32(0.16)
    plain = find_loops([table("ab" * 16)], lines(form), BAR, most=1)
    assert plain[0].probability > 0.9
    found = [path for path in find_loops([drone], lines(form), BAR, most=1) if path.period > BAR]
    assert all(path.probability < 0.1 for path in found)


@pytest.mark.parametrize(("share", "found"), [(0.95, False), (0.5, True)])
def test_a_held_chord_goes_nowhere_and_is_no_loop(share, found):
    """Beats at other places of the bar are nearly as alike as those at the same."""
    form = "-" * 8 + "a" * 12 + "-" * 8
    similarity = table(form)
    held = np.repeat(np.array(list(form)) == "a", BAR)
    similarity[np.ix_(held, held)] = np.maximum(similarity[np.ix_(held, held)], share * 0.5)
    assert bool(find_loops([similarity], lines(form), BAR, most=3)) == found
    assert len(find_loops([table(form)], lines(form), BAR, most=3)) == 1


def test_a_loop_begins_where_its_stretches_begin_even_off_the_bar_lines():
    form = "--" + "abab" + "---" + "ababab" + "--"
    shifted = np.roll(np.roll(table(form), 2, axis=0), 2, axis=1)
    path = find_loop(shifted, lines(form), BAR)
    begun = start_at(path, lines(form), BAR)
    assert set(begun.places[begun.stretches[:, 0]]) == {0}
    assert set(begun.stretches[:, 0] % BAR) == {2}


def test_places_go_on_where_the_loop_does_not():
    form = "----" + "ab" * 4 + "----"
    path = start_at(find_loop(table(form), lines(form), BAR), lines(form), BAR)
    np.testing.assert_array_equal(continued(path), (np.arange(16 * BAR) - 4 * BAR) % (2 * BAR))


def test_the_cleanest_pass_is_the_one_most_like_the_others():
    form = "ab" * 8
    similarity = table(form, noise=0.0)
    similarity[: 12 * BAR] *= 0.8
    similarity[:, : 12 * BAR] *= 0.8
    path = start_at(find_loop(similarity, lines(form), BAR), lines(form), BAR)
    start, end = cleanest_pass(path, own_similarity(path, similarity))
    assert end - start == 2 * BAR
    assert start >= 12 * BAR


def test_repeats_of_the_same_sound_are_exact():
    form = "ab" * 8
    path = find_loop(table(form), lines(form), BAR)
    shared = np.where(table(form, noise=0.0) > 0, 1.0, 0.3).astype(np.float32)
    assert exactness(path, shared) == 1
    assert exactness(path, 0.8 * shared) == pytest.approx(0.8)


def test_a_course_follows_the_places_and_keeps_out_of_what_does_not_pay():
    gain = np.full((12, 3), -0.5, np.float32)
    gain[np.arange(3, 9), np.arange(6) % 3] = 0.5
    (places,) = best_paths(gain[:, None], np.ones(12, bool))
    np.testing.assert_array_equal(places, [OUTSIDE] * 3 + [0, 1, 2, 0, 1, 2] + [OUTSIDE] * 3)


def test_stretches_end_where_places_do_not_follow_each_other():
    places = np.array([OUTSIDE, 0, 1, 2, 0, 0, 1, OUTSIDE, 2, 0])
    assert stretches(places, 3).tolist() == [[1, 5], [5, 7], [8, 10]]
    assert stretches(np.full(4, OUTSIDE), 3).shape == (0, 2)
