"""Sections written by hand: a label track, CSV or plain lines, and what is wrong with them."""

import pytest

from riffscope.analyzers.structure import GivenSection, function_named, structure_of
from riffscope.errors import CannotRead
from riffscope.sections_file import parse_sections, read_sections

LABEL_TRACK = "0.000000\t10.000000\tintro\n10.000000\t30.000000\tVerse 1\n30.000000\t60.000000\tRiff\n"
TABLE = 'start_s,end_s,label\n0,10,intro\n10,30,"Verse 1"\n30,60,Riff\n'
PLAIN = "# what I hear\n0:00 intro\n\n0:10 Verse 1\n0:30.0 Riff\n"


def rows(structure):
    return [(s.start_s, s.end_s, s.label, s.function, s.function_probability) for s in structure.sections]


@pytest.mark.parametrize(
    "text", [LABEL_TRACK, TABLE, PLAIN, PLAIN.replace("\n", "\r\n"), TABLE.replace("0,10,", "0,,")]
)
def test_all_three_ways_of_writing_say_the_same(text):
    assert rows(parse_sections(text, duration_s=60.0, name="x")) == [
        (0.0, 10.0, "intro", "intro", 1.0),
        (10.0, 30.0, "verse", "verse", 1.0),
        (30.0, 60.0, "Riff", None, None),
    ]


def test_labels_of_one_moment_last_until_the_next():
    text = "5.0\t5.0\tA\n\\\t100.0\t200.0\n20.0\t20.0\tB\n"
    assert rows(parse_sections(text, duration_s=31.5, name="x")) == [
        (5.0, 20.0, "A", None, None),
        (20.0, 31.5, "B", None, None),
    ]


def test_nothing_is_made_up_between_sections():
    found = parse_sections("start_s,end_s,label\n35,43,chorus\n70,79,chorus\n", duration_s=100.0, name="x")
    assert [(s.start_s, s.end_s, s.name) for s in found.sections] == [(35, 43, "chorus"), (70, 79, "chorus")]


def test_ends_that_were_rounded_up_are_cut():
    found = parse_sections("0\t10.04\tA\n10\t60.04\tB\n", duration_s=60.0, name="x")
    assert [section.end_s for section in found.sections] == [10.0, 60.0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "x: no sections in it"),
        ("# nothing\n", "x: no sections in it"),
        ("start_s,end_s,label\n", "x: no sections in it"),
        ("start_s,end_s\n0,10\n", "x: the header has no label"),
        ("intro 0:00\n", "x, line 1: 'intro' is not a time"),
        ("0:00 intro\n-3 verse\n", "x, line 2: '-3' is not a time"),
        ("0:00 intro\nnan verse\n", "x, line 2: 'nan' is not a time"),
        ("0:00 intro\n0:10\n", "x, line 2: the section has no label"),
        ("0:10 intro\n0:10 verse\n", "x, line 2: begins no later than the section before it"),
        ("0:20 intro\n0:10 verse\n", "x, line 2: begins no later than the section before it"),
        ("0\t12\tA\n10\t20\tB\n", "x, line 1: ends at 0:12.0, after the next begins at 0:10.0"),
        ("10\t5\tA\n", "x, line 1: ends at 0:05.0, before it begins at 0:10.0"),
        ("0\t61\tA\n", "x, line 1: ends at 1:01.0, but the song ends at 1:00.0"),
        ("0:00 A\n1:00 B\n", "x, line 2: begins at 1:00.0, but the song ends at 1:00.0"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(text, says):
    with pytest.raises(CannotRead) as refused:
        parse_sections(text, duration_s=60.0, name="x")
    assert str(refused.value).startswith(says)
    assert "\n" not in str(refused.value)


def test_control_characters_in_labels_are_shown_as_escapes():
    found = parse_sections("0:00 a\x1b[31mb\n", duration_s=9.0, name="x")
    assert found.sections[0].label == "a\\x1b[31mb"


def test_a_file_is_read_and_one_that_cannot_be_is_refused(tmp_path):
    path = tmp_path / "sections.txt"
    path.write_text(PLAIN, "utf-8-sig")
    assert len(read_sections(path, duration_s=60.0).sections) == 3
    path.write_bytes(b"\xff\xfe\x00intro")
    with pytest.raises(CannotRead, match="not a text file"):
        read_sections(path, duration_s=60.0)
    path.write_text("0:00 intro\n" * 100_000)
    with pytest.raises(CannotRead, match="too long"):
        read_sections(path, duration_s=60.0)
    with pytest.raises(CannotRead, match="no such file"):
        read_sections(tmp_path / "none.txt", duration_s=60.0)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("Chorus 2", "chorus"),
        ("PRE-CHORUS", "pre-chorus"),
        ("pre chorus (1)", "pre-chorus"),
        ("Middle 8", "bridge"),
        ("guitar solo", "solo"),
        ("Refrain", "chorus"),
        ("chorus of angels", None),
        ("A'", None),
    ],
)
def test_functions_are_known_by_their_usual_spellings(name, function):
    assert function_named(name) == function


def test_given_sections_must_run_forward():
    with pytest.raises(ValueError, match="forward in time"):
        structure_of([GivenSection(start_s=3.0, end_s=3.0, name="A")])
