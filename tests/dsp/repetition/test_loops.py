"""Loops in self-similarity matrices that are made by hand."""

import numpy as np
import pytest

from riffscope.dsp.repetition.loop_path import OUTSIDE, best_paths, stretches
from riffscope.dsp.repetition.loops import (
    cleanest_pass,
    continued,
    exactness,
    find_loop_paths,
    find_loops,
    own_similarity,
    start_at_downbeat,
)
from riffscope.dsp.repetition.passes import cut_passes
from riffscope.dsp.repetition.self_similarity import SelfSimilarity

BAR = 4


def table(form, *, similarity=0.5, noise=0.05, seed=0, beats_per_bar=BAR):
    """Similarity of the beats of bars, a letter each; a bar named - is like no other."""
    letters = np.repeat(list(form), beats_per_bar)
    phases = np.tile(np.arange(beats_per_bar), len(form))
    same = (letters[:, None] == letters) & (phases[:, None] == phases) & (letters != "-")[:, None]
    random = np.random.default_rng(seed).normal(0, noise, same.shape)
    out = np.where(same, similarity, 0) + (random + random.T) / 2
    np.fill_diagonal(out, 1)
    return out.astype(np.float32)


def lines(form, beats_per_bar=BAR):
    return np.arange(len(form) * beats_per_bar) % beats_per_bar == 0


def bars_of(stretches):
    return [(start / BAR, end / BAR) for start, end in stretches]


def path_in(similarity, form, beats_per_bar=BAR):
    paths = find_loop_paths(similarity, lines(form, beats_per_bar), beats_per_bar, max_loops=1)
    return paths[0] if paths else None


def loops_in(similarity, form, *, max_loops=3):
    sound = SelfSimilarity(beyond_chance=similarity, shared=similarity)
    return find_loops([sound], lines(form), BAR, max_loops=max_loops)


@pytest.mark.parametrize("period", ["a", "ab", "abc", "abac", "aaab", "abcd", "abacad", "abcdaefg"])
def test_the_period_is_the_shortest_that_is_true(period):
    form = period * (24 // len(period))
    path = path_in(table(form), form)
    assert path.period == len(period) * BAR
    assert bars_of(path.stretches) == [(0, len(form))]


def test_nothing_is_found_where_no_bar_comes_back():
    form = "-" * 24
    assert path_in(table(form), form) is None


@pytest.mark.parametrize("form", ["--------abababab--------abababab", "abababab----abababab"])
def test_a_loop_sounds_where_it_sounds(form):
    path = path_in(table(form), form)
    assert path.period == 2 * BAR
    sounds = np.repeat(np.array(list(form)) != "-", BAR)
    np.testing.assert_array_equal(path.inside, sounds)


def test_two_loops_are_two():
    form = "abababab" + "cdcdcd" + "abababab" + "------"
    first, second = loops_in(table(form), form)
    assert (first.period, second.period) == (2 * BAR, 2 * BAR)
    assert bars_of(second.spans) == [(8, 14)]
    assert min(first.probability, second.probability) > 0.9


def test_a_few_bars_of_chance_are_improbable():
    form = "------ab-ab----a---a-b----b-"
    found = loops_in(table(form, similarity=0.2), form, max_loops=1)
    assert all(loop.probability < 0.1 for loop in found)


def test_a_tone_in_all_bars_is_no_evidence():
    form = "-" * 32
    drone = table(form) + np.float32(0.16)
    plain = loops_in(table("ab" * 16), form, max_loops=1)
    assert plain[0].probability > 0.9
    found = [loop for loop in loops_in(drone, form, max_loops=1) if loop.period > BAR]
    assert all(loop.probability < 0.1 for loop in found)


@pytest.mark.parametrize(("share", "found"), [(0.95, False), (0.5, True)])
def test_a_held_chord_goes_nowhere_and_is_no_loop(share, found):
    """Beats at other phases of the bar are nearly as alike as those at the same."""
    form = "-" * 8 + "a" * 12 + "-" * 8
    similarity = table(form)
    held = np.repeat(np.array(list(form)) == "a", BAR)
    similarity[np.ix_(held, held)] = np.maximum(similarity[np.ix_(held, held)], share * 0.5)
    assert bool(loops_in(similarity, form)) == found
    assert len(loops_in(table(form), form)) == 1


def test_a_loop_begins_where_its_stretches_begin_even_off_the_downbeats():
    form = "--" + "abab" + "---" + "ababab" + "--"
    shifted = np.roll(np.roll(table(form), 2, axis=0), 2, axis=1)
    path = path_in(shifted, form)
    begun = start_at_downbeat(path, lines(form), BAR)
    assert set(begun.phases[begun.stretches[:, 0]]) == {0}
    assert set(begun.stretches[:, 0] % BAR) == {2}


def test_phases_go_on_where_the_loop_does_not():
    form = "----" + "ab" * 4 + "----"
    path = start_at_downbeat(path_in(table(form), form), lines(form), BAR)
    np.testing.assert_array_equal(continued(path), (np.arange(16 * BAR) - 4 * BAR) % (2 * BAR))


def test_the_cleanest_pass_is_the_one_most_like_the_others():
    form = "ab" * 8
    similarity = table(form, noise=0.0)
    similarity[: 12 * BAR] *= 0.8
    similarity[:, : 12 * BAR] *= 0.8
    path = start_at_downbeat(path_in(similarity, form), lines(form), BAR)
    start, end = cleanest_pass(path, own_similarity(path, similarity))
    assert end - start == 2 * BAR
    assert start >= 12 * BAR


def test_repeats_of_the_same_sound_are_exact():
    form = "ab" * 8
    path = path_in(table(form), form)
    shared = np.where(table(form, noise=0.0) > 0, 1.0, 0.3).astype(np.float32)
    assert exactness(path, shared) == 1
    assert exactness(path, 0.8 * shared) == pytest.approx(0.8)


def test_a_path_follows_the_phases_and_keeps_out_of_what_does_not_pay():
    gain = np.full((12, 3), -0.5, np.float32)
    gain[np.arange(3, 9), np.arange(6) % 3] = 0.5
    (phases,) = best_paths(gain[:, None], np.ones(12, bool), np.array([3]))
    np.testing.assert_array_equal(phases, [OUTSIDE] * 3 + [0, 1, 2, 0, 1, 2] + [OUTSIDE] * 3)


def test_stretches_end_where_phases_do_not_follow_each_other():
    phases = np.array([OUTSIDE, 0, 1, 2, 0, 0, 1, OUTSIDE, 2, 0])
    assert stretches(phases, 3).tolist() == [[1, 5], [5, 7], [8, 10]]
    assert stretches(np.full(4, OUTSIDE), 3).shape == (0, 2)


def test_the_passes_of_a_stretch_run_from_start_to_start():
    assert cut_passes(3, 20, [0, 8, 16, 24]).tolist() == [[3, 8], [8, 16], [16, 20]]
    assert cut_passes(8.0004, 15.9998, [8, 16], tolerance=1e-3).tolist() == [[8.0004, 15.9998]]
    assert cut_passes(1, 2, []).tolist() == [[1, 2]]
