"""Bar lines from votes and accents."""

import numpy as np
import pytest

from riffscope.dsp.bars import BarCues, beat_means, choose_metre, place_bar_lines


def cues_of(beats_per_bar, count=96, noise=0.5, seed=0):
    rng = np.random.default_rng(seed)
    accent = (np.arange(count) % beats_per_bar == 0).astype(float)
    votes = accent - accent.mean() + noise * rng.standard_normal(count)
    accents = np.stack([accent - accent.mean() + noise * rng.standard_normal(count) for _ in range(7)], axis=1)
    return BarCues(votes=votes, accents=accents / accents.std(axis=0))


@pytest.mark.parametrize("beats_per_bar", [3, 4])
@pytest.mark.parametrize("seed", range(5))
def test_accents_tell_three_from_four(beats_per_bar, seed):
    assert choose_metre(cues_of(beats_per_bar, seed=seed)) == beats_per_bar


def test_a_few_beats_are_read_as_four():
    assert choose_metre(cues_of(3, count=12)) == 4


def test_accents_that_follow_no_metre_are_mostly_read_as_four():
    rng = np.random.default_rng(0)
    cues = [BarCues(votes=rng.standard_normal(200), accents=rng.standard_normal((200, 7))) for _ in range(20)]
    assert sum(choose_metre(c) == 4 for c in cues) >= 14


@pytest.mark.parametrize("first", range(4))
def test_bar_lines_lie_where_the_votes_are(first):
    votes = np.where(np.arange(64) % 4 == first, 1.0, -0.2)
    votes[first + 8] = -1  # one bar says otherwise
    assert place_bar_lines(votes, beats_per_bar=4).tolist() == list(range(first, 64, 4))


def test_a_lost_beat_shifts_the_bar_lines_after_it():
    votes = np.where(np.arange(160) % 4 == 0, 1.5, -0.5)
    lines = place_bar_lines(np.delete(votes, 78), beats_per_bar=4)
    assert set(range(0, 72, 4)) <= set(lines.tolist())
    assert set(range(83, 159, 4)) <= set(lines.tolist())


def test_features_are_averaged_between_beats():
    features = np.arange(100.0)[:, None]
    means = beat_means(features, np.array([0.0, 1.0, 3.0]), frame_rate_hz=10.0)
    assert means[:, 0] == pytest.approx([4.5, 19.5])
