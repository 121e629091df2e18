import numpy as np
import pytest

from riffscope.dsp.voice.pitch_path import (
    LEAP_COST,
    MAX_STEP,
    STEP_COST,
    _best_path,
    between_pitches,
    follow_pitch,
)

SURE = np.full(60, 0.9)
NO_DOUBT = np.zeros((60, 40), np.float32)


def scores_of(*lines, pitches=40):
    """Log scores (60, pitches) in which each line, (pitch numbers, strength), stands out."""
    scores = np.zeros((60, pitches), np.float32)
    for line, strength in lines:
        scores[np.arange(60), np.broadcast_to(line, 60)] += np.asarray(strength, np.float32)
    return scores


def test_a_melody_stays_with_its_sound_when_another_is_louder_for_a_moment():
    louder_now_and_then = np.where(np.arange(60) % 5 == 0, 6.0, 2.0)
    scores = scores_of((10, 4.0), (27, louder_now_and_then))
    assert set(scores.argmax(axis=1)) == {10, 27}
    assert set(follow_pitch(scores, SURE, NO_DOUBT)) == {10}


def test_a_leap_that_lasts_is_followed():
    line = np.where(np.arange(60) < 30, 10, 27)
    assert follow_pitch(scores_of((line, 6.0)), SURE, NO_DOUBT).tolist() == line.tolist()


def test_a_glide_is_followed():
    line = 5 + np.arange(60) // 3
    assert follow_pitch(scores_of((line, 6.0)), SURE, NO_DOUBT).tolist() == line.tolist()


def test_a_consonant_between_two_frames_of_a_tone_has_no_say():
    stray = scores_of((10, np.where(np.arange(60) == 30, 0.0, 6.0)), (30, np.where(np.arange(60) == 30, 9.0, 0.0)))
    confidence = np.where(np.arange(60) == 30, 0.0, 0.9)
    assert set(follow_pitch(stray, confidence, NO_DOUBT)) <= {9, 10, 11}


def test_one_frame_has_a_path_too():
    assert follow_pitch(scores_of((7, 3.0))[:1], SURE[:1], NO_DOUBT[:1]).tolist() == [7]


def test_a_pitch_in_doubt_gives_way_to_one_that_is_nearly_as_likely():
    scores = scores_of((10, 6.0), (27, 5.0))
    doubt = NO_DOUBT.copy()
    doubt[:, 10] = 2.0
    assert set(follow_pitch(scores, SURE, NO_DOUBT)) == {10}
    assert set(follow_pitch(scores, SURE, doubt)) == {27}


def test_pitches_are_read_between_the_lines():
    pitches = np.arange(40.0)
    even = scores_of((10, 8.0), (11, 8.0))
    assert between_pitches(even, np.full(60, 10), pitches) == pytest.approx(10.5, abs=0.01)
    assert between_pitches(scores_of((10, 12.0)), np.full(60, 10), pitches) == pytest.approx(10, abs=0.01)
    assert between_pitches(scores_of((0, 12.0)), np.zeros(60, int), pitches) == pytest.approx(0, abs=0.01)


def score_of(path, weighed):
    steps = np.abs(np.diff(path))
    costs = np.where(steps <= MAX_STEP, np.minimum(STEP_COST * steps, LEAP_COST), LEAP_COST)
    return weighed[np.arange(len(path)), path].sum(dtype=np.float64) - costs.sum()


def by_all_pairs(weighed):
    """The best path by trying every pitch after every other."""
    steps = np.abs(np.subtract.outer(np.arange(weighed.shape[1]), np.arange(weighed.shape[1])))
    costs = np.where(steps <= MAX_STEP, STEP_COST * steps, LEAP_COST)
    total, came_from = weighed[0].astype(np.float64), []
    for here in weighed[1:]:
        reached = total[:, np.newaxis] - costs
        came_from.append(reached.argmax(axis=0))
        total = reached.max(axis=0) + here
    path = [int(total.argmax())]
    for before in reversed(came_from):
        path.append(int(before[path[-1]]))
    return np.array(path[::-1])


@pytest.mark.parametrize(("frames", "pitches"), [(1, 5), (2, 3), (256, 30), (257, 30), (258, 9), (900, 64), (300, 200)])
def test_no_path_is_better(frames, pitches):
    weighed = np.random.default_rng(frames).normal(0, 4, (frames, pitches)).astype(np.float32)
    found = _best_path(weighed)
    assert score_of(found, weighed) == pytest.approx(score_of(by_all_pairs(weighed), weighed), rel=1e-6)
