import pytest

from riffscope.articles.sentences import split


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (
            "It runs at 100 BPM.[4] It is in C.[5][b] He won.[citation needed]",
            ["It runs at 100 BPM.", "It is in C.", "He won."],
        ),
        ("It is in C,[note 2] at 100 BPM. That is all.", ["It is in C,[note 2] at 100 BPM.", "That is all."]),
        ("It asks “why?”[12] Nobody knows.", ["It asks “why?”", "Nobody knows."]),
        ("It is in bar.[4]x of the song.", ["It is in bar.[4]x of the song."]),
    ],
)
def test_marks_of_sources_stand_between_sentences(text, sentences):
    assert [text[start:end] for start, end in split(text, 0, len(text))] == sentences
