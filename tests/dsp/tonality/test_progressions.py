import itertools

import numpy as np
import pytest

from riffscope.dsp.tonality import progressions
from riffscope.dsp.tonality.progressions import NO_PLACE, Piece, find_round, join_alike, same_round

C, D, F, G, A, AM, EM, OPEN_G = 0, 2, 5, 7, 9, 21, 16, 31


def bars(*places, sure=0.9):
    """A stretch of bars of two cells each; a pair of chords shares a bar."""
    cells = [half for bar in places for half in (bar if isinstance(bar, tuple) else (bar, bar))]
    return Piece(places=np.array(cells), weights=np.full(len(cells), sure))


def round_of(*pieces):
    found = find_round(pieces, cells_per_bar=2)
    return found.places.tolist()


def test_four_chords_that_come_round_are_a_round_of_four_bars():
    assert round_of(bars(*[C, G, AM, F] * 4)) == [C, C, G, G, AM, AM, F, F]


def test_the_shortest_round_is_found_not_twice_its_length():
    assert len(round_of(bars(*[C, F] * 8))) == 4
    assert len(round_of(bars(*[C] * 8))) == 2


def test_a_round_lasts_until_all_of_it_comes_again():
    # Two lines that differ in their last bar.
    assert len(round_of(bars(*[C, AM, F, G, C, AM, F, C] * 4))) == 16


def test_a_wrong_chord_here_and_there_does_not_hide_the_round():
    heard = [C, G, AM, F] * 4
    heard[5], heard[10] = EM, C
    assert round_of(bars(*heard)) == [C, C, G, G, AM, AM, F, F]


def test_a_turnaround_in_the_last_pass_is_not_part_of_the_round():
    assert round_of(bars(*[C, AM, F, G] * 3, C, AM, D, G)) == [C, C, AM, AM, F, F, G, G]


def test_two_chords_may_share_a_bar():
    assert round_of(bars(*[C, (F, G)] * 4)) == [C, C, F, G]


def test_a_chord_without_a_third_is_at_the_place_of_its_triad():
    found = round_of(bars(C, G, C, OPEN_G, C, G, C, G))
    assert found == [C, C, G, G]


def test_a_chord_heard_now_as_major_and_now_as_minor_keeps_a_third():
    a_minor, a_major = 21, 9
    found = round_of(bars(C, a_minor, C, a_minor, C, a_major, C, a_minor, C, a_major, C, a_minor))
    assert found == [C, C, a_minor, a_minor]


def test_chords_that_never_come_again_are_one_round_as_long_as_the_section():
    assert len(round_of(bars(C, EM, AM, F, D, G, A, AM))) == 16


def test_the_first_chord_coming_back_at_the_end_is_no_second_round():
    assert len(round_of(bars(C, F, G, C))) == 8


def test_sections_of_the_same_music_outvote_a_wrong_chord():
    right, wrong = bars(C, G, AM, F), bars(C, G, EM, F)
    assert round_of(right, wrong, right) == [C, C, G, G, AM, AM, F, F]


def test_a_section_that_enters_the_round_elsewhere_is_turned_to_fit():
    found = find_round([bars(*[C, G, AM, F] * 2), bars(AM, F, C, G)], cells_per_bar=2)
    assert found.shifts == (0, 4)
    assert found.agreement == 1.0


def test_verse_and_chorus_over_one_round_share_it_and_others_do_not():
    verse, chorus, bridge = bars(*[C, G, AM, F] * 2), bars(AM, F, C, G), bars(*[D, EM] * 4)
    found = join_alike([[verse], [chorus], [bridge]], cells_per_bar=2)
    assert sorted(members for members, _ in found) == [(0, 1), (2,)]


def test_a_section_with_a_chord_of_its_own_keeps_it():
    verse, chorus = bars(*[C, G, AM, F] * 2, sure=1.0), bars(*[C, G, EM, F] * 2, sure=1.0)
    assert len(join_alike([[verse], [chorus]], cells_per_bar=2)) == 2


def test_rounds_are_the_same_whichever_chord_comes_first_and_however_long_each_lasts():
    assert same_round([C, G, AM, F], [AM, F, C, G])
    assert same_round([C, G, AM, F], [C, C, G, AM, F])
    assert same_round([C, G], [C, OPEN_G])
    assert not same_round([C, G, AM, F], [C, AM, F, G])
    assert not same_round([C, G], [C, G, AM, F])
    assert not same_round([C, F], [C, NO_PLACE])


@pytest.mark.parametrize("seed", range(20))
def test_no_round_of_that_length_is_cheaper(seed):
    random = np.random.default_rng(seed)
    cells, per_bar = int(random.integers(1, 6)), int(random.integers(1, 3))
    costs = np.full((cells, progressions.PLACES), 2.0)
    costs[:, :3] = random.uniform(0, 2, (cells, 3))

    def price(path):
        changes = np.flatnonzero(np.array(path) != np.roll(path, 1))
        chords = sum(1 + progressions.MIDBAR_COST * (cell % per_bar > 0) for cell in changes.tolist())
        return (chords or 1.0) + sum(costs[cell, place] for cell, place in enumerate(path))

    places, cost = progressions._cheapest(costs, np.arange(4), per_bar)
    assert price(places.tolist()) == pytest.approx(cost)
    assert cost == pytest.approx(min(price(path) for path in itertools.product(range(4), repeat=cells)))
