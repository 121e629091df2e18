"""The best paths of beats and of bars: against trying every one, and on activations whose beats are known."""

import itertools

import numpy as np
import pytest

from riffscope.dsp.rhythm.beat_path import BAND, best_bars, best_beats, tempo_change_cost

PERIODS = np.arange(4, 8)
ALL_PERIODS = np.arange(13, 72)


def total_of(beats, odds, change):
    """What speaks for a row of beats, term by term, with the best of the periods that the first beat may have had."""
    steps = np.diff(beats)
    best = -np.inf
    for first in PERIODS:
        if beats[0] >= first:
            continue
        periods = [first, *steps]
        total = sum(odds[beat] for beat in beats)
        total += sum(change[BAND + a - b, b - PERIODS[0]] for a, b in itertools.pairwise(periods))
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
    odds = rng.standard_normal(count)
    found = best_beats(odds, PERIODS, steadiness=5.0)
    change = tempo_change_cost(PERIODS, steadiness=5.0)
    best = max(every_row(count), key=lambda row: total_of(row, odds, change))
    assert found.frames.tolist() == best.tolist()
    assert found.total == pytest.approx(total_of(best, odds, change), abs=1e-3)


def activation_of(beats, count=None, *, heard=3.0, quiet=-3.0):
    """Log-odds of beats: high on them, low elsewhere."""
    odds = np.full(beats[-1] + 10 if count is None else count, quiet)
    odds[beats] = heard
    return odds


def test_beats_lie_on_the_peaks_between_the_first_and_the_last_frame():
    peaks = np.arange(57, 340, 20)
    found = best_beats(activation_of(peaks, 400), np.arange(13, 40), first_frame=50, last_frame=350)
    assert found.frames.tolist() == peaks.tolist()


def test_a_fast_row_does_not_leave_its_tempo_where_the_activation_is_vague():
    rng = np.random.default_rng(0)
    true = 8 + 17 * np.arange(120)
    odds = activation_of(true, heard=1.0, quiet=-1.0)
    odds[17 * 80 :] = 0.5 * rng.standard_normal(len(odds) - 17 * 80)
    steps = np.diff(best_beats(odds, ALL_PERIODS).frames)
    assert np.abs(steps[-30:] - 17).max() <= 6


def test_beats_that_fall_between_frames_are_followed():
    true = np.round(8 + 24.5 * np.arange(60)).astype(int)
    assert best_beats(activation_of(true), ALL_PERIODS).frames.tolist() == true.tolist()


@pytest.mark.parametrize("factor", [0.8, 1.25])
def test_a_jump_of_the_tempo_is_survived(factor):
    steps = np.concatenate([np.full(40, 30), np.full(40, round(30 * factor))])
    true = 12 + np.cumsum(steps)
    found = best_beats(activation_of(true), ALL_PERIODS).frames
    assert np.isin(true, found).mean() > 0.95
    assert np.isin(found, true).mean() > 0.95


def test_a_ritardando_is_followed_beat_by_beat():
    steps = np.concatenate([np.full(40, 25), np.round(np.geomspace(25, 45, 12)).astype(int)])
    true = np.cumsum(steps) - 20
    assert best_beats(activation_of(true), ALL_PERIODS).frames.tolist() == true.tolist()


def test_beats_that_nobody_plays_are_counted_on():
    true = 10 + 26 * np.arange(60)
    heard = np.delete(true, [*range(20, 24), 33, 41, 42])
    assert best_beats(activation_of(heard), ALL_PERIODS).frames.tolist() == true.tolist()


def test_rounding_by_a_frame_costs_little_and_a_change_of_tempo_much():
    cost = tempo_change_cost(np.arange(13, 60), steadiness=80.0)
    leaving = np.array([cost[BAND - k, 20 + k] for k in range(-BAND, BAND + 1)])  # to the period k frames longer
    assert leaving[BAND + 1] == leaving[BAND - 1] > leaving[BAND] - 1
    assert leaving[BAND + 3] < leaving[BAND] - 3
    assert np.exp(leaving).sum() == pytest.approx(1, abs=1e-3)


def test_no_period_is_left_for_one_that_is_not_there():
    cost = tempo_change_cost(np.arange(13, 20))
    assert np.isneginf(cost[0, :BAND]).all()
    assert np.isneginf(cost[-1, -BAND:]).all()
    assert np.isfinite(cost[BAND]).all()


def test_music_shorter_than_two_beats_has_none():
    assert best_beats(np.zeros(30), np.arange(13, 40)).frames.size == 0


# ------------------------------------------------------------------------------------------------------------- bars
def downbeat_odds(downbeats, count, *, heard=1.0):
    """Gains of each beat as a downbeat and as another beat."""
    begins = np.full(count, -heard)
    begins[downbeats] = heard
    return np.array([begins, -begins])


def bars_of(odds, meters, *, slip_cost, meter_cost=np.inf, entry_cost=None):
    """The best bars in some meters, none of which gains anything by itself."""
    count = np.shape(odds)[1]
    bonus = {meter: np.zeros(count) for meter in meters}
    return best_bars(odds, bonus=bonus, entry_cost=entry_cost or {}, meter_cost=meter_cost, slip_cost=slip_cost)


@pytest.mark.parametrize("beats_per_bar", [2, 3, 4, 5, 7])
@pytest.mark.parametrize("first", [0, 1])
def test_bars_begin_where_the_downbeats_are_heard(beats_per_bar, first):
    downbeats = np.arange(first, 48, beats_per_bar)
    row = bars_of(downbeat_odds(downbeats, 48), [beats_per_bar], slip_cost=10.0)
    assert row.downbeats.tolist() == downbeats.tolist()
    assert row.total == pytest.approx(48)


@pytest.mark.parametrize("right", [2, 3, 4])
def test_bars_of_the_right_length_gather_the_most(right):
    odds = downbeat_odds(np.arange(0, 96, right), 96)
    totals = {length: bars_of(odds, [length], slip_cost=20.0).total for length in (2, 3, 4)}
    assert max(totals, key=totals.get) == right
    together = bars_of(odds, [2, 3, 4], slip_cost=20.0)
    assert together.beats_per_bar == right
    assert together.total == pytest.approx(max(totals.values()))


def test_a_bonus_sways_the_choice_and_is_no_part_of_the_total():
    odds = downbeat_odds(np.arange(0, 96, 4), 96, heard=0.1)
    plain = bars_of(odds, [3, 4], slip_cost=20.0)
    bonus = {3: np.full(96, 0.5), 4: np.zeros(96)}
    swayed = best_bars(odds, bonus=bonus, entry_cost={}, meter_cost=np.inf, slip_cost=20.0)
    assert (plain.beats_per_bar, swayed.beats_per_bar) == (4, 3)
    assert swayed.total == pytest.approx(bars_of(odds, [3], slip_cost=20.0).total)
    dear = best_bars(odds, bonus=bonus, entry_cost={3: 60.0}, meter_cost=np.inf, slip_cost=20.0)
    assert dear.beats_per_bar == 4


def test_no_row_of_bars_is_better():
    rng = np.random.default_rng(3)
    begins, within = rng.standard_normal((2, 9))
    slip_cost = 0.7
    best = max(
        sum(begins[i] if place == 0 else within[i] for i, place in enumerate(places))
        - slip_cost * sum((a + 1) % 3 != b for a, b in itertools.pairwise(places))
        for places in itertools.product(range(3), repeat=9)
    )
    assert bars_of([begins, within], [3], slip_cost=slip_cost).total == pytest.approx(best)


def test_no_row_of_bars_in_changing_meters_is_better():
    """All ways to count nine beats in bars of two and three, with slips and changes of meter at bar lines."""
    rng = np.random.default_rng(5)
    begins, within = rng.standard_normal((2, 8))
    states = [(meter, place) for meter in (2, 3) for place in range(meter)]

    def cost(before, after):
        (meter, place), (other, other_place) = before, after
        counted = (place + 1) % meter
        if meter == other and other_place == counted:
            return 0.0
        if place == meter - 1 and other_place == 0:
            return 0.5
        return 0.9 + (0.5 if meter != other else 0.0)

    best = max(
        sum(begins[i] if place == 0 else within[i] for i, (_, place) in enumerate(row))
        - sum(cost(a, b) for a, b in itertools.pairwise(row))
        for row in itertools.product(states, repeat=8)
    )
    found = bars_of([begins, within], [2, 3], slip_cost=0.9, meter_cost=0.5)
    assert found.total == pytest.approx(best)


def test_a_lost_beat_shifts_the_downbeats_after_it():
    odds = np.delete(downbeat_odds(np.arange(0, 160, 4), 160, heard=1.5), 78, axis=1)
    downbeats = bars_of(odds, [4], slip_cost=12.0).downbeats
    assert set(range(0, 76, 4)) <= set(downbeats.tolist())
    assert set(range(79, 159, 4)) <= set(downbeats.tolist())
