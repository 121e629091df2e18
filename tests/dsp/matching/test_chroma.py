import numpy as np
import pytest

from riffscope.dsp.matching.chroma import best_chroma_match, chance_chroma_score, stand_out

TRIADS = np.array([[(k in {0, 4, 7}) + 0.0 for k in range(12)], [(k in {0, 3, 7}) + 0.0 for k in range(12)]])


def chords(places, beats=2, seed=0):
    """Chroma (n, 12) of chords, numbered from C major up and on from C minor, each held for some beats, as recorded."""
    rows = [np.roll(TRIADS[place // 12], place % 12) for place in places for _ in range(beats)]
    uneven = np.random.default_rng(seed).uniform(0.5, 1.5, (len(rows), 12))
    return stand_out((np.array(rows) + 0.1) * uneven)


def progression(seed, length=40):
    """Chords of C major in an order that does not come round."""
    return np.random.default_rng(seed).choice([0, 5, 7, 14, 16, 21], length).tolist()


@pytest.mark.parametrize("shift", [-4, 0, 3, 6])
@pytest.mark.parametrize("beats", [1, 2, 4])
def test_a_progression_is_found_again_in_another_key_and_at_half_or_twice_the_tempo(shift, beats):
    first = chords(progression(1))
    second = np.roll(chords(progression(1), beats=beats, seed=9), shift, axis=1)
    match = best_chroma_match(first, second)
    assert match.transposition == shift
    assert match.path[0][0] <= 4
    assert match.path[-1][0] >= len(first) - 5
    assert match.score > 1.5 * chance_chroma_score(first, second)
    assert match.score > 1.5 * match.second_score


def test_other_progressions_agree_no_more_than_by_chance():
    over_chance = []
    for seed in range(8):
        first, second = chords(progression(2 * seed)), chords(progression(2 * seed + 1), seed=5)
        over_chance.append(best_chroma_match(first, second).score / chance_chroma_score(first, second))
    assert max(over_chance) < 1.6
    assert np.median(over_chance) < 1.2


def test_a_common_round_of_chords_fits_in_several_places():
    around = [0, 7, 21, 5] * 10
    match = best_chroma_match(chords(around), chords(around, seed=4))
    assert match.score < 1.3 * match.second_score


def test_only_the_stretch_that_is_shared_is_found():
    first = chords([*progression(3, 12), *progression(7, 20), *progression(4, 12)])
    second = chords([*progression(5, 10), *progression(7, 20)], seed=2)
    match = best_chroma_match(first, second)
    assert match.path[0] == pytest.approx((24, 20), abs=4)
    assert match.path[-1] == pytest.approx((63, 59), abs=4)


def test_nothing_in_common_has_no_path():
    held = stand_out(np.ones((40, 12)))
    assert best_chroma_match(held, held).path == ()
