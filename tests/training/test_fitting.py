"""Fits of literal cases whose answer is known."""

import numpy as np
import pytest

from training.common.fitting import (
    CannotFit,
    Choice,
    area_under_curve,
    best_threshold,
    conditional_logit,
    conformal_margin,
    conformal_offsets,
    log_loss,
    logistic,
)

RNG = np.random.default_rng(5)


def test_logistic_regression_finds_the_odds_that_cases_were_drawn_from():
    features = RNG.normal(size=(4000, 2)) * [1.0, 10.0]
    odds = 2.0 * features[:, 0] - 0.1 * features[:, 1] - 1.0
    slopes, base = logistic(features, RNG.random(4000) < 1 / (1 + np.exp(-odds)))
    np.testing.assert_allclose([*slopes, base], [2.0, -0.1, -1.0], rtol=0.2)


def test_logistic_regression_needs_both_kinds_of_case():
    with pytest.raises(CannotFit, match="all 3 cases are true"):
        logistic(np.zeros((3, 1)), np.ones(3, bool))
    with pytest.raises(CannotFit, match="all 0 cases are false"):
        logistic(np.zeros((0, 1)), np.ones(0, bool))


def test_conditional_logit_finds_the_weights_that_choices_were_drawn_from():
    weights = np.array([1.5, -0.5])
    choices = []
    for _ in range(800):
        options = RNG.normal(size=(4, 2))
        likely = np.exp(options @ weights)
        choices.append(Choice(options=options, chosen=int(RNG.choice(4, p=likely / likely.sum()))))
    np.testing.assert_allclose(conditional_logit(choices), weights, atol=0.2)


def test_what_all_options_share_does_not_count():
    options = np.array([[0.0, 7.0], [1.0, 7.0], [-1.0, 7.0]])
    weights = conditional_logit([Choice(options=options, chosen=1)] * 5)
    assert weights[0] > 0
    assert weights[1] == pytest.approx(0, abs=1e-6)


def test_weights_stay_finite_where_every_choice_is_told():
    weights = conditional_logit([Choice(options=np.array([[0.0], [1.0]]), chosen=1)] * 50)
    assert 1 < weights[0] < 50


def test_no_choice_cannot_be_fitted():
    with pytest.raises(CannotFit):
        conditional_logit([])


def test_the_threshold_lies_between_the_kinds():
    values = np.array([1.0, 2.0, 3.0, 6.0, 7.0])
    assert best_threshold(values, values > 4) == pytest.approx(4.5)


def test_the_threshold_gives_both_kinds_the_same_say():
    # Nine in ten lie low; the one false case above 5 costs less than half of the true ones would.
    values = np.array([*[0.0] * 9, 8.0, 5.0, 9.0])
    is_true = np.array([*[False] * 10, True, True])
    assert 0 < best_threshold(values, is_true) < 5


def test_a_threshold_needs_two_kinds_and_two_values():
    with pytest.raises(CannotFit):
        best_threshold(np.array([1.0, 2.0]), np.array([True, True]))
    with pytest.raises(CannotFit, match="same"):
        best_threshold(np.array([1.0, 1.0]), np.array([True, False]))


def test_a_conformal_margin_is_one_of_the_misses():
    misses = np.arange(-9.0, 10.0)  # 19 of them: the 18th is the least that holds nine in ten of twenty
    assert conformal_margin(misses) == 8.0
    with pytest.raises(CannotFit, match="8 truths are too few"):
        conformal_margin(np.zeros(8))


def test_conformal_ranges_hold_nine_in_ten_of_songs_not_seen():
    held = [float(np.mean(RNG.normal(size=200) <= conformal_margin(RNG.normal(size=49)))) for _ in range(300)]
    assert np.mean(held) == pytest.approx(0.9, abs=0.015)


def test_conformal_offsets_hold_nine_in_ten_and_lie_about_the_median():
    held = []
    for _ in range(300):
        low, middle, high = conformal_offsets(RNG.normal(3, 1, size=99))
        assert low < middle < high
        fresh = RNG.normal(3, 1, size=200)
        held.append(float(np.mean((fresh >= low) & (fresh <= high))))
    assert np.mean(held) == pytest.approx(0.9, abs=0.015)


def test_surprise_at_what_was_certain_is_none():
    assert log_loss(1.0, True) == pytest.approx(0)
    assert log_loss(0.5, False) == pytest.approx(np.log(2))
    assert log_loss(np.array([0.9, 0.2]), np.array([True, False])) == pytest.approx(-np.log([0.9, 0.8]).mean())


def test_the_area_is_how_often_a_true_case_is_higher():
    assert area_under_curve(np.array([1.0, 3.0, 2.0, 4.0]), np.array([False, True, False, True])) == 1
    assert np.isnan(area_under_curve(np.zeros(3), np.ones(3, bool)))
