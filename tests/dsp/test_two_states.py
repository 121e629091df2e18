"""The model of two states, against enumeration and at its limits."""

import itertools

import numpy as np
import pytest

from riffscope.dsp.two_states import second_state


def test_it_is_what_all_paths_together_make_likely():
    odds, lasts, share = np.array([0.8, -1.5, 2.0, 0.3]), 5.0, 0.3
    begins, ends = 2 * share / lasts, 2 * (1 - share) / lasts
    moves = np.array([[1 - begins, begins], [ends, 1 - ends]])
    total, second = 0.0, np.zeros(4)
    for path in itertools.product((0, 1), repeat=4):
        weight = (share if path[0] else 1 - share) * np.exp(odds @ np.array(path))
        weight *= np.prod([moves[a, b] for a, b in itertools.pairwise(path)])
        total += weight
        second += weight * np.array(path)
    np.testing.assert_allclose(second_state(odds, lasts_frames=lasts, share=share), second / total)


def test_without_evidence_the_share_is_what_was_expected():
    np.testing.assert_allclose(second_state(np.zeros(50), lasts_frames=20, share=0.2), 0.2)


def test_columns_are_sequences_of_their_own():
    odds = np.random.default_rng(0).normal(size=(30, 3))
    together = second_state(odds, lasts_frames=8, share=0.4)
    for column, alone in zip(together.T, odds.T, strict=True):
        np.testing.assert_allclose(column, second_state(alone, lasts_frames=8, share=0.4))


def test_one_doubtful_frame_follows_its_neighbours():
    odds = np.full(21, 1.0)
    odds[10] = -1.0
    assert second_state(odds, lasts_frames=40, share=0.5)[10] == pytest.approx(1, abs=0.01)
