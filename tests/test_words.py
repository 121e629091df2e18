"""Numbers and nouns in words."""

import pytest

from riffscope.notes import Spelling
from riffscope.units import BARS
from riffscope.words import amount, moved_by, percent_of, with_article


@pytest.mark.parametrize(("probability", "words"), [(1.0, "99%"), (0.997, "99%"), (0.97, "97%"), (0.0, "1%")])
def test_no_probability_is_written_as_certain(probability, words):
    assert percent_of(probability) == words


@pytest.mark.parametrize(
    ("noun", "words"),
    [
        ("2-bar riff", "a 2-bar riff"),
        ("8-bar passage", "an 8-bar passage"),
        ("11-bar riff", "an 11-bar riff"),
        ("12-bar riff", "a 12-bar riff"),
        ("half-bar riff", "a half-bar riff"),
        ("instrumental", "an instrumental"),
    ],
)
def test_an_article_goes_by_how_a_noun_is_spoken(noun, words):
    assert with_article(noun) == words


@pytest.mark.parametrize(
    ("semitones", "words"), [(-3.0, "3 semitones lower"), (1.0, "1 semitone higher"), (0.0, "at the same pitch")]
)
def test_a_transposition_is_so_many_semitones_up_or_down(semitones, words):
    assert moved_by(semitones) == words


def test_less_than_a_bar_is_not_no_bars():
    assert amount(0.2, BARS, Spelling.SHARPS) == "less than a bar"
    assert amount(4.0, BARS, Spelling.SHARPS) == "4 bars"
