"""The best row of beats, against trying every row."""

import itertools

import numpy as np
import pytest

from riffscope.dsp.beat_path import best_beats, tempo_change_cost

PERIODS = np.arange(4, 8)


def total_of(beats, odds, weight, change):
    """What speaks for a row of beats, term by term, with the best of the periods that the first beat may have had."""
    steps = np.diff(beats)
    best = -np.inf
    for first in PERIODS:
        if beats[0] >= first:
            continue
        periods = [first, *steps]
        total = sum(odds[beat] for beat in beats) + weight[: beats[0], first - PERIODS[0]].sum()
        for start, period in zip(beats[:-1], steps, strict=True):
            total += weight[start : start + period, period - PERIODS[0]].sum()
        total += sum(change[a - PERIODS[0], b - PERIODS[0]] for a, b in itertools.pairwise(periods))
        if len(odds) - 1 - beats[-1] < periods[-1]:
            best = max(best, total)
    return best


def every_row(count):
    """Every row of beats whose steps are allowed periods and that leaves less than a period at either end."""
    rows = [[start] for start in range(PERIODS[-1])]
    while rows:
        row = rows.pop()
        if count - row[-1] <= PERIODS[-1]:
            yield np.array(row)
        rows.extend([*row, row[-1] + period] for period in PERIODS if row[-1] + period < count)


@pytest.mark.parametrize("seed", range(4))
def test_no_row_of_beats_is_better(seed):
    rng = np.random.default_rng(seed)
    count = 26
    odds, weight = rng.standard_normal(count), 0.2 * rng.standard_normal((count, len(PERIODS)))
    change = tempo_change_cost(PERIODS, steadiness=5.0)
    found = best_beats(odds, PERIODS, period_log_weight=weight, change=change)
    best = max(every_row(count), key=lambda row: total_of(row, odds, weight, change))
    assert found.frames.tolist() == best.tolist()
    assert found.total == pytest.approx(total_of(best, odds, weight, change), abs=1e-3)


def test_beats_lie_on_the_peaks_between_the_first_and_the_last_frame():
    odds = np.full(400, -2.0)
    peaks = np.arange(57, 340, 20)
    odds[peaks] = 2
    found = best_beats(odds, np.arange(13, 40), first_frame=50, last_frame=350)
    assert found.frames.tolist() == peaks.tolist()


def test_rounding_by_a_frame_costs_nothing_and_a_change_of_tempo_does():
    cost = tempo_change_cost(np.arange(13, 60), steadiness=80.0)
    assert cost[10, 11] == cost[10, 10] == cost[10, 9]
    assert cost[10, 13] < cost[10, 10] - 3
    assert np.exp(cost).sum(axis=1) == pytest.approx(1, abs=1e-3)


def test_music_shorter_than_two_beats_has_none():
    assert best_beats(np.zeros(30), np.arange(13, 40)).frames.size == 0
