import pytest

from chapters_read import changed, said
from riffscope.analyzers.key import Key, KeyName, KeyPart
from riffscope.report.chapters.key import key
from songs import example_song

SONG = example_song()
pytestmark = pytest.mark.usefixtures("sketches")


def test_the_key_comes_with_its_rival_its_odds_and_the_tuning():
    text = said(key(SONG))
    for fact in ("F♯ minor", "11A", "71% likely", "A major", "7 cents below"):
        assert fact in text
    flat = changed(Key, tonic="Bb", mode="minor", runner_up=KeyName(tonic="Db", mode="major"), tuning_cents=0.0)
    for fact in ("B♭ minor", "D♭ major", "tuned to A = 440 Hz"):
        assert fact in said(key(flat))


def in_parts(*parts):
    """The song in some keys: start, end, tonic, mode, confidence."""
    names = ("start_s", "end_s", "tonic", "mode", "confidence_fraction")
    return changed(Key, parts=tuple(KeyPart(**dict(zip(names, part, strict=True))) for part in parts))


def test_a_change_of_key_is_told_in_a_sentence_with_its_time():
    text = said(key(in_parts((0.0, 64.0, "C", "major", 0.9), (64.0, 215.0, "D", "major", 0.8))))
    assert "The song is in C major to 1:04, then in D major." in text
    assert "Uncertain" not in text
    paused = in_parts(
        (0.0, 64.0, "C", "major", 0.9), (80.0, 100.0, "C#", "minor", 0.8), (100.0, 215.0, "E", "major", 0.9)
    )
    text = said(key(paused))
    assert "in C major to 1:04, then from 1:20 on in C♯ minor to 1:40, then in E major." in text


def test_parts_of_low_confidence_are_marked():
    unsure = in_parts(
        (0.0, 64.0, "C", "major", 0.9), (64.0, 100.0, "Bb", "minor", 0.3), (100.0, 215.0, "F", "major", 0.4)
    )
    text = said(key(unsure))
    assert "Uncertain: B♭ minor from 1:04 on and F major from 1:40 on." in text


def test_one_part_is_no_change():
    text = said(key(in_parts((0.0, 215.0, "F#", "minor", 0.71))))
    assert "then" not in text
    assert "F♯ minor" in text


def test_a_key_that_is_less_likely_than_the_others_together_is_named_with_its_rival():
    text = said(key(changed(Key, confidence_fraction=0.45)))
    assert "F♯ minor or A major" in text
    assert "45% likely" in text


def test_no_key_is_certain():
    text = said(key(changed(Key, confidence_fraction=0.9996)))
    assert "99% likely" in text
    assert "100%" not in text


@pytest.mark.parametrize(
    ("minor_probability", "told"),
    [
        (0.93, "very probably in a minor key (93%)"),
        (0.2, "probably in a major key (80%)"),
        (0.55, "unclear (minor: 55%)"),
    ],
)
def test_the_mode_of_a_doubtful_key_has_a_sentence_of_its_own(minor_probability, told):
    doubtful = changed(Key, confidence_fraction=0.6, minor_probability=minor_probability)
    sure = changed(Key, confidence_fraction=0.95, minor_probability=minor_probability)
    assert told in said(key(doubtful))
    assert told not in said(key(sure))
