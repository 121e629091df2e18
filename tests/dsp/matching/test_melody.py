import numpy as np
import pytest

from riffscope.dsp.matching.melody import Melody, best_match, best_score, chance_score

TUNE = [60, 62, 64, 65, 64, 62, 67, 65, 64, 60, 59, 60, 62, 67, 69, 67, 65, 64, 62, 60, 64, 67, 72, 71, 69, 67, 65, 62]


def melody(midi, length=None):
    length = np.ones(len(midi)) if length is None else np.asarray(length, float)
    return Melody(midi=np.asarray(midi, np.int64), length=length)


def at_random(count, seed):
    """A walk in small steps, as melodies go."""
    random = np.random.default_rng(seed)
    steps = random.choice([-4, -2, -2, -1, 0, 1, 2, 2, 4], count)
    return melody(62 + np.cumsum(steps) % 14, random.choice([0.5, 1, 1, 2], count))


@pytest.mark.parametrize("semitones", [-12, -3, 0, 5, 14])
def test_a_melody_is_found_in_another_key(semitones):
    match = best_match(melody(TUNE), melody(np.array(TUNE) + semitones))
    assert match.transposition == semitones
    assert match.common == len(TUNE)
    assert match.first == match.second == (0, len(TUNE))
    assert match.score == pytest.approx(1.4 * len(TUNE))


def test_it_is_found_within_others_at_another_tempo():
    around = at_random(40, 1)
    inside = melody(np.concatenate([around.midi, np.array(TUNE) + 2, around.midi[::-1]]), np.full(80 + len(TUNE), 0.5))
    match = best_match(melody(TUNE), inside)
    assert match.second[0] == pytest.approx(40, abs=2)
    assert match.second[1] == pytest.approx(40 + len(TUNE), abs=2)
    assert match.common >= len(TUNE) - 1


def test_notes_that_one_has_and_the_other_has_not_do_not_break_it():
    fewer = np.delete(TUNE, [5, 13, 20])
    wrong = np.array(TUNE)
    wrong[9] += 1
    assert best_match(melody(TUNE), melody(fewer)).common == len(fewer)
    assert best_match(melody(TUNE), melody(wrong)).common == len(TUNE) - 1


def test_the_same_rhythm_counts_for_more():
    length = np.tile([0.5, 1.5, 1.0, 1.0], 7)
    same = best_score(melody(TUNE, length), melody(TUNE, length))
    assert same > best_score(melody(TUNE, length), melody(TUNE, np.tile([4.0, 0.2, 4.0, 0.2], 7))) + 5


def test_chance_is_what_the_same_notes_in_another_order_reach():
    unrelated = [best_score(at_random(60, k), at_random(60, k + 50)) for k in range(20)]
    chance = [chance_score(at_random(60, k), at_random(60, k + 50)) for k in range(20)]
    ratios = np.array(unrelated) / np.array(chance)
    assert ratios.max() < 1.8
    assert np.median(ratios) == pytest.approx(0.9, abs=0.2)
    assert best_score(melody(TUNE), melody(TUNE)) > 2.5 * chance_score(melody(TUNE), melody(TUNE))


def test_it_is_the_same_either_way_round():
    first, second = at_random(30, 3), at_random(45, 4)
    there, back = best_match(first, second), best_match(second, first)
    assert there.score == pytest.approx(back.score)
    assert best_score(first, second) == pytest.approx(there.score)
