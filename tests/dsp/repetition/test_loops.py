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
    stillness,
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


def draw_round(count, random):
    """Draw a round of so many bars, some of them the same, that is no shorter round over and over."""
    while True:
        letters = "".join(random.choice(list("abcdefghi"[: random.integers(2, count + 1)]), count))
        if letters not in (letters + letters)[1:-1]:
            return letters


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize("beats_per_bar", [3, 4, 5, 7])
def test_a_round_of_any_number_of_bars_is_as_long_as_it_is(beats_per_bar, cut):
    random = np.random.default_rng(beats_per_bar + 10 * cut)
    for count in range(2, 10):
        letters = draw_round(count, random)
        form = letters * int(random.integers(3, 5)) + (letters[: random.integers(1, count)] if cut else "")
        noise = float(random.choice([0.05, 0.1, 0.2]))
        similarity = table(form, noise=noise, seed=count, beats_per_bar=beats_per_bar)
        path = path_in(similarity, form, beats_per_bar)
        assert path.period == count * beats_per_bar, (form, noise)


def test_half_a_bar_may_be_a_loop():
    beats = np.arange(64)
    similarity = np.where((beats[:, None] - beats) % 2 == 0, 0.5, 0).astype(np.float32)
    path = path_in(similarity, "-" * 16)
    assert path.period == BAR // 2
    assert bars_of(path.stretches) == [(0, 16)]


def test_a_bar_told_in_part_by_another_is_another_bar_only_if_little_of_it_is():
    form = "abac" * 5

    def period_where_bars_share(share):
        similarity = table(form)
        letters = np.repeat(list(form), BAR)
        b_and_c = ((letters[:, None] == "b") & (letters == "c")) | ((letters[:, None] == "c") & (letters == "b"))
        diagonal = (np.arange(len(letters))[:, None] - np.arange(len(letters))) % BAR == 0
        similarity[b_and_c & diagonal] = share * 0.5
        return path_in(similarity, form).period / BAR

    assert period_where_bars_share(0.9) == 2
    assert period_where_bars_share(0.2) == 4


def test_two_loops_that_take_turns_are_not_one_long_round():
    form = "abababab" + "cdcdcdcd" + "abababab" + "cdcdcdcd"
    loops = loops_in(table(form), form)
    assert [loop.period / BAR for loop in loops] == [2, 2]
    assert bars_of(loops[0].spans) == [(0, 8), (16, 24)]
    assert bars_of(loops[1].spans) == [(8, 16), (24, 32)]


def test_the_loop_that_sounds_longest_comes_first():
    form = "a" * 12 + "bcdefg" * 3 + "----"
    first, second = loops_in(table(form), form)
    assert (first.period / BAR, second.period / BAR) == (6, 1)


def test_what_comes_again_as_a_section_does_is_a_passage():
    form = "--" + "abcdefghijkl" * 2 + "----"
    (again,) = loops_in(table(form), form)
    assert (again.period / BAR, again.is_passage) == (12, True)
    form = "abcdefgh" * 4
    (loop,) = loops_in(table(form), form)
    assert (loop.period / BAR, loop.is_passage) == (8, False)


def test_a_loop_within_a_passage_comes_before_it():
    letters = "".join(f"ab{one}b" for one in "cdef")
    form = letters + "----" + letters + "xyxyxyxyxyxyxyxy"
    loops = loops_in(table(form), form)
    assert not loops[0].is_passage


def test_a_loop_ends_where_no_beat_is_heard_and_starts_again_after_it():
    form = "ab" * 10
    heard = np.ones(len(form) * BAR, bool)
    heard[8 * BAR + 1 : 11 * BAR] = False
    similarity = table(form)
    sound = SelfSimilarity(beyond_chance=similarity, shared=similarity)
    (loop,) = find_loops([sound], lines(form), BAR, max_loops=3, is_heard=heard)
    assert loop.spans == [(0, 8 * BAR + 1), (11 * BAR, len(heard))]
    assert loop.period == 2 * BAR
    assert all(not (start < 11 * BAR and end > 8 * BAR + 1) for start, end in loop.whole_passes)


def test_downbeats_may_lie_irregularly():
    form = "ab" * 8
    similarity = np.delete(np.delete(table(form), 30, axis=0), 30, axis=1)
    downbeats = np.delete(lines(form), 30)
    sound = SelfSimilarity(beyond_chance=similarity, shared=similarity)
    (loop,) = find_loops([sound], downbeats, BAR, max_loops=3)
    assert loop.period == 2 * BAR
    assert loop.inside.mean() > 0.9
    assert set(np.flatnonzero(loop.phases % BAR == 0)) == set(np.flatnonzero(downbeats))


def test_whole_passes_are_those_from_start_to_end():
    form = "---" + "ab" * 4 + "a" + "---"
    (loop,) = loops_in(table(form), form)
    assert bars_of(loop.whole_passes) == [(3, 5), (5, 7), (7, 9), (9, 11)]


def test_what_sounds_on_and_returns_anywhere_is_still():
    form = "ab" * 8
    path = path_in(table(form), form)
    figure = SelfSimilarity(beyond_chance=table(form, noise=0.0), shared=table(form, noise=0.0))
    held = SelfSimilarity(beyond_chance=0.3 * table(form, noise=0.0), shared=np.full((64, 64), 0.8, np.float32))
    assert stillness(path, figure) < 0.1
    # Of the notes, .8 sound on; of those that repeats share, (.8 - .15) / (1 - .15) would be shared by chance.
    assert stillness(path, held) == pytest.approx((0.8 + 0.65 / 0.85) / 2, abs=0.01)


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
