"""What options of claims may be besides numbers and texts, as people write them."""

import tomllib

import pytest

from riffscope.analyzers.key import KeyName
from riffscope.claims.options import (
    OPTION_TYPES,
    parallel_key,
    read_entrance,
    read_form,
    read_key,
    read_meter,
    read_note,
    relative_key,
    same_key,
)


@pytest.mark.parametrize(
    ("written", "midi", "said"),
    [
        ("C4", 60, "C4"),
        ("c#5", 73, "C♯5"),
        ("Bb2", 46, "B♭2"),
        ("B♭2", 46, "B♭2"),
        ("Cb4", 59, "C♭4"),
        ("A-1", 9, "A-1"),
    ],
)
def test_a_note_is_read_with_its_octave(written, midi, said):
    note = read_note(written)
    assert note.midi == midi
    assert str(note) == said


@pytest.mark.parametrize(
    ("written", "tonic", "mode"),
    [
        ("C# minor", "C#", "minor"),
        ("E-flat major", "Eb", "major"),
        ("f sharp Minor", "F#", "minor"),
        ("B♭ major", "Bb", "major"),
        ("Cb major", "B", "major"),
    ],
)
def test_a_key_is_read_as_people_write_it(written, tonic, mode):
    assert read_key(written) == KeyName(tonic=tonic, mode=mode)


def test_keys_are_the_same_however_they_are_spelled_and_have_relatives():
    a_flat, g_sharp = (read_key(f"{name} minor") for name in ("Ab", "G#"))
    assert same_key(a_flat, g_sharp)
    assert not same_key(a_flat, read_key("Ab major"))
    assert same_key(relative_key(read_key("C major")), read_key("A minor"))
    assert same_key(relative_key(relative_key(a_flat)), a_flat)
    assert parallel_key(read_key("C major")) == read_key("C minor")


@pytest.mark.parametrize(("read", "example"), [(one.read, one.example) for one in OPTION_TYPES.values()])
def test_the_example_of_each_type_is_one(read, example):
    assert read(tomllib.loads(f"it = {example}")["it"]) is not None


@pytest.mark.parametrize(
    ("read", "given", "says"),
    [
        (read_note, "H4", "is not a note with its octave"),
        (read_note, 60, "60 is not a note"),
        (read_note, "C", "is not a note"),
        (read_key, "H minor", "is not a major or minor key"),
        (read_key, "C", "is not a major or minor key"),
        (read_meter, "4", "is not a meter"),
        (read_meter, "3/7", "is not a meter"),
        (read_meter, "0/4", "is not a meter"),
        (read_form, "verse", "is a list of sections"),
        (read_form, [], "is a list of sections"),
        (read_form, ["verse", "drop"], "'drop' is not a section"),
        (read_entrance, "tuba", "may also be voice, drums, bass, riff"),
        (read_entrance, 3, "is not a name"),
    ],
)
def test_what_is_none_is_refused_and_says_how_one_is_written(read, given, says):
    with pytest.raises(ValueError, match=says):
        read(given)


def test_other_words_for_sections_are_understood_in_a_form():
    assert read_form(["refrain", "Verse 2", "middle eight"]).functions == ("chorus", "verse", "bridge")


def test_what_comes_in_is_a_part_or_a_section():
    assert str(read_entrance("drums")) == "the drums"
    assert str(read_entrance("last chorus")) == "the last chorus"
