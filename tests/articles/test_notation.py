"""What stands in a sentence: numbers, notes, keys, chords, times, intervals, sections, titles."""

import pytest

from riffscope.articles.notation import rewrite
from riffscope.articles.notation.things import read_number


def only(text):
    (thing,) = rewrite(text).things
    return thing


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("seventy-six", 76),
        ("a hundred and four", 104),
        ("two and a half", 2.5),
        ("minus nine and a half", -9.5),
        ("−7.8", -7.8),
        ("1,200", 1200),
        ("half a dozen", 6),
        ("two and three-quarter", 2.75),
        ("somewhat", None),
    ],
)
def test_numbers_in_digits_and_in_words(text, number):
    assert read_number(text) == number


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("It is in C-sharp minor.", "key", "C# minor"),
        ("It is in B♭ major.", "key", "Bb major"),
        ("it's in f#m", "key", "F# minor"),
        ("She starts on F♯3.", "note", "F#3"),
        ("He ends on an E flat 4.", "note", "Eb4"),
        ("a low A below middle C", "note", "A3"),
        ("the D an octave above middle C", "note", "D5"),
        ("It is in 6/8.", "meter", "6/8"),
        ("It is a song in common time.", "meter", "4/4"),
        ("It has five beats to the bar.", "meter", "5/4"),
        ("A tempo of 84 beats per minute", "bpm", 84),
        ("♩ = 116", "bpm", 116),
        ("Integrated loudness: −9.5 LUFS", "lufs", -9.5),
        ("mastered to nine LUFS", "lufs", -9),
        ("three minutes and 24 seconds", "length", 204),
        ("two and a half minutes", "length", 150),
        ("half a minute", "length", 30),
        ("It starts at 1:05.", "clock", 65),
        ("an octave and a fifth", "semitones", 19),
        ("two octaves", "semitones", 24),
        ("up a whole tone", "semitones", 2),
        ("It fits inside a sixth.", "interval", 9),
        ("a minor third", "interval", 3),
        ("an eight-bar phrase", "bars", 8),
        ("40 per cent", "percent", 40),
        ("four-fifths of the song", "fraction", 80),
        ("the second verse", "section", "verse 2"),
        ("the final refrain", "section", "last chorus"),
        ("the middle eight", "section", "bridge"),
        ("C–G–Am–F", "chords", ("C", "G", "Am", "F")),
        ("A minor, F, C and G", "chords", ("Am", "F", "C", "G")),
        ("vi–IV–I–V", "chords", ("vi", "IV", "I", "V")),
        ("a 1-5-6-4 progression", "chords", ("I", "V", "vi", "IV")),
        (
            "verse, chorus, verse, chorus, bridge, chorus",
            "form",
            ("verse", "chorus", "verse", "chorus", "bridge", "chorus"),
        ),
        ("Two verses, a chorus, then a bridge", "form", ("verse", "verse", "chorus", "bridge")),
        ("It is like “Paper Harbour”.", "title", "Paper Harbour"),
        ("It is slower than Paper Harbour.", "title", "Paper Harbour"),
    ],
)
def test_a_thing_is_found_and_read(text, kind, value):
    thing = only(text)
    assert (thing.kind, thing.value) == (kind, pytest.approx(value) if isinstance(value, float) else value)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("between 70 and 74 BPM", 70, 74), ("from 3:58 to 4:02", 238, 242), ("8–12 bars", 8, 12)],
)
def test_ranges_have_two_ends(text, low, high):
    assert (only(text).value, only(text).high) == (low, high)


def test_two_notes_are_the_ends_of_a_range():
    things = rewrite("The voice spans from a low of G♯3 to a high of C♯5.").things
    assert [(one.value, one.high) for one in things if one.kind == "notes"] == [("G#3", "C#5")]


@pytest.mark.parametrize(
    "text",
    [
        "A chorus of disapproval met it.",
        "It was a major hit.",
        "There was not a drop of rain.",
        "They dropped it in March.",
        "the verse, the chorus and the bridge",
        "A B C",
    ],
)
def test_words_in_another_sense_are_no_things(text):
    assert not [one for one in rewrite(text).things if one.kind not in {"section", "number"}]
    assert "form" not in {one.kind for one in rewrite(text).things}


def test_contractions_hyphens_and_capitals_are_undone():
    assert rewrite("It ISN'T side-chained, she's breathy.").text == "it is not side chained , she is breathy ."
