"""Syllables instead of words: spectra that come back or do not, and where singing enters and rests."""

import numpy as np
import pytest

from riffscope.dsp.structure.singing import (
    HOP_LENGTH,
    MIN_LAG_S,
    RATE_HZ,
    breaths,
    cepstra,
    comes_back,
    entrances,
    retelling,
    same_words,
    word_similarity,
)

FRAMES_PER_S = RATE_HZ / HOP_LENGTH
SYLLABLE_S = 0.2


def sung(text, *, seed=0):
    """Spectral shapes of a text: each letter sings 8 s of syllables of its own, a space rests for as long."""
    random = np.random.default_rng(seed)
    syllables = {letter: random.normal(size=(40, 13)) for letter in sorted(set(text))}
    each = round(SYLLABLE_S * FRAMES_PER_S)
    shapes = np.concatenate([np.repeat(syllables[letter], each, axis=0) for letter in text])
    probability = np.repeat([float(letter != " ") for letter in text], 800)
    return shapes + 0.1 * random.normal(size=shapes.shape), probability, np.arange(0, 8.0 * len(text), 0.5)


def told(text):
    shapes, probability, beats_s = sung(text)
    similar, amounts = word_similarity(shapes, probability, beats_s)
    same = same_words(similar, beats_s)
    return same, amounts, beats_s


def test_what_is_sung_again_comes_back_and_nothing_else():
    same, amounts, _ = told("ABCADA")
    back = comes_back(same, amounts).reshape(6, 16)[:, 4:12].mean(axis=1)
    assert back[[0, 3, 5]].min() > 0.9
    assert back[[1, 2, 4]].max() < 0.1


def test_a_beat_finds_its_own_words_again():
    same, _, _ = told("ABCADA")
    assert same[8].argmax() % 16 == 8
    assert set(np.flatnonzero(same[8] > 0.5) // 16) == {3, 5}


def test_a_phrase_repeated_at_once_does_not_come_back():
    same, _, beats_s = told("AABC")
    near = np.abs(beats_s[:, None] - beats_s) < MIN_LAG_S
    assert same[near].max() == 0
    assert same.max() < 0.5


def test_rests_have_no_words():
    same, amounts, _ = told("A B A")
    rests = same[16:32].max(axis=1)
    assert rests[4:12].max() < 0.1
    assert amounts[20] == pytest.approx(0)
    assert amounts[4] == pytest.approx(1)


def test_gain_changes_no_words():
    random = np.random.default_rng(1)
    samples = np.convolve(random.normal(size=2 * RATE_HZ), random.normal(size=64))[: 2 * RATE_HZ].astype(np.float32)
    assert cepstra(0.1 * samples) == pytest.approx(cepstra(samples), abs=1e-3)
    assert cepstra(samples).shape == (101, 13)


def test_where_little_comes_back_it_may_be_chance():
    same, amounts = np.zeros((40, 40), np.float32), np.ones(40)
    same[0, 30] = same[30, 0] = 1
    assert comes_back(same, amounts).max() == 0
    same[:10, 25:35] = same[25:35, :10] = 1
    assert comes_back(same, amounts)[:10] == pytest.approx(1)


def test_retelling_is_greatest_where_words_begin_to_come_back():
    same, amounts, beats_s = told("BACADA")
    change = retelling(comes_back(same, amounts), amounts, beats_s, np.arange(len(beats_s)))
    assert abs(int(change[8:24].argmax()) + 8 - 16) <= 1
    assert change[16] > 0.7
    assert change[24] < 0.2


def test_a_breath_before_the_line_is_a_rest_even_if_the_voice_goes_on_after():
    probability = np.ones(2000)
    probability[950:1000] = 0
    rests = breaths(probability, np.array([5.0, 10.0]), 0.5)
    assert rests[0] == pytest.approx(0)
    assert rests[1] == pytest.approx(2 / 3, abs=0.02)


def test_a_voice_that_enters_and_one_that_ends_are_both_changes():
    is_sung = np.zeros(6000)
    is_sung[2000:4000] = 1
    change = entrances(is_sung, np.array([10.0, 20.0, 30.0, 40.0]), 0.5, 2.0)
    assert change == pytest.approx([0, 1, 0, 1], abs=0.05)
