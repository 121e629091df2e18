"""The vocabulary: phrases that can be read, topics that are there, classes that are used."""

import re

import pytest

from riffscope.articles.patterns import Classes, compile_phrase
from riffscope.articles.vocabulary import grammar, topics

PHRASES = [(topic.about, phrase) for topic in topics() for phrase in topic.phrases]


@pytest.mark.parametrize("topic", topics(), ids=lambda topic: topic.about)
def test_phrases_can_be_searched_for_and_ask_for_words(topic):
    for phrase in topic.phrases:
        assert phrase.pattern.anchors or "*" in phrase.pattern.phrase, phrase.pattern.phrase
        assert phrase.pattern.regex.search(" nothing of that ") is None, phrase.pattern.phrase


def test_every_class_is_used():
    used = set()
    for _, phrase in PHRASES:
        used |= set(re.findall(r"@(\w+)", phrase.pattern.phrase))
    for words in grammar().classes.words.values():
        used |= {word[1:] for word in words if word.startswith("@")}
    assert set(grammar().classes.words) <= used


@pytest.mark.parametrize(
    ("phrase", "found", "missed"),
    [
        ("loud|noisy mix", " a loud mix ", " a mix that is loud "),
        ("low_end", " the low end ", " a low dead end "),
        ("very [very] loud", " very very loud ", " very much loud "),
        ("is .. loud", " is really quite loud ", " is so , and loud "),
        ("is ... loud", " is slow , dark and loud ", " is slow ; it was loud "),
        ("pump* $", " it pumps . ", " it pumps along "),
        ("@voice sings", " the choir sings ", " the rain sings "),
    ],
)
def test_phrases_mean_what_they_say(phrase, found, missed):
    pattern = compile_phrase(phrase, Classes({"voice": ["choir", "lead voice"]}))
    assert pattern.regex.search(found)
    assert pattern.regex.search(missed) is None


@pytest.mark.parametrize("phrase", ["@nobody sings", "[loud mix", "#bpm=speed", "#bpm or #bpm"])
def test_phrases_that_are_wrong_are_refused(phrase):
    with pytest.raises(ValueError, match=r"class|closed|none of|twice"):
        assert compile_phrase(phrase, Classes({})).regex
