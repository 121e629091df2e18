"""What the terminal shows: at every width every value, each reason once, and in an order that people read."""

import io
import re
import sys
from dataclasses import replace

import pytest

from outcomes import failed, missing
from riffscope import groups, standings, steps
from riffscope.cli.console import columns, console, make_streams_safe
from riffscope.cli.many_songs import SongTable, facts_of
from riffscope.cli.one_song import missing_by_reason, print_song
from riffscope.cli.verdicts import print_verdicts
from riffscope.errors import NotMeasured
from riffscope.headline import headline
from riffscope.measures import all_measures, read_measure
from riffscope.model import Ruling, Verdict
from riffscope.notes import music_type
from riffscope.report.blocks import SIGNS
from songs import HOSTILE_TITLES, example_song, with_outcomes

WIDTHS = (40, 60, 80, 120, 200)
NO_VOICE = "no one sings: nothing sounds sung"


@pytest.fixture
def wide(monkeypatch):
    """Set how wide a pipe is taken to be."""
    return lambda width: monkeypatch.setenv("COLUMNS", str(width))


def verdict(text, ruling, *, because="it is so", probability=None, leaning=None):
    return Verdict(
        claim=text.replace(" ", "_"),
        text=text,
        ruling=ruling,
        because=because,
        probability=probability,
        leaning=leaning,
    )


VERDICTS = (
    verdict("it is sad", Ruling.NOT_TESTABLE, because="moods cannot be measured"),
    verdict("it is wide", Ruling.INCONCLUSIVE, because="the width is 40%", probability=0.1, leaning="probably_false"),
    verdict("it is fast", Ruling.REFUTED, because="it runs at 60 BPM"),
    verdict("it is warm", Ruling.NOT_TESTABLE, because="moods cannot be measured"),
    verdict("it is quiet", Ruling.SUPPORTED, because="it reads −20 LUFS"),
)


def verdicts_printed(capsys, *, why=False, title="", verdicts=VERDICTS):
    print_verdicts(console(), verdicts, why=why, title=title)
    return capsys.readouterr().out


def in_one_line(text):
    return " ".join(text.split())


# ------------------------------------------------------------------------------------------------------------- width
def test_a_pipe_is_as_wide_as_columns_says_or_as_most_terminals(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    assert columns() == 80
    monkeypatch.setenv("COLUMNS", "60")
    assert columns() == 60
    monkeypatch.setenv("COLUMNS", "300")
    assert columns() == 110
    assert columns(widest=140) == 140
    monkeypatch.setenv("COLUMNS", "no number")
    assert columns() == 80
    monkeypatch.setenv("COLUMNS", "1")
    assert columns() == 20
    monkeypatch.setenv("COLUMNS", "9" * 5000)
    assert columns() == 110


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("everything", [False, True])
def test_no_line_is_wider_than_the_terminal_or_ends_in_blanks(width, everything, wide, capsys):
    wide(width)
    print_song(example_song(), everything=everything, why=True)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= width
    assert lines == [line.rstrip() for line in lines]


@pytest.mark.parametrize("width", WIDTHS)
def test_all_shows_every_number_at_every_width(width, wide, capsys):
    wide(width)
    song = example_song()
    print_song(song, everything=True)
    said = re.sub(r"\s+", "", capsys.readouterr().out)
    for measure in all_measures():
        try:
            found = read_measure(song, measure.path)
        except NotMeasured:
            continue
        unit = measure.unit
        value = song.spelling.print(found.value) if unit.symbol == "MIDI" else unit.number(found.value)
        assert value in said, measure.path
        if found.low != found.high and unit.symbol != "MIDI":
            assert f"({unit.number(found.low)}to{unit.number(found.high)})" in said, measure.path


def test_all_shows_keys_names_of_notes_and_where_the_sections_are(wide, capsys):
    wide(110)
    song = example_song()
    print_song(song, everything=True)
    out = capsys.readouterr().out
    key, voice, form = (song.measure(name) for name in ("key", "vocal_range", "structure"))
    assert re.search(rf"^Tonic +{music_type(key.tonic)}$", out, re.MULTILINE)
    assert re.search(rf"^Mode +{key.mode}$", out, re.MULTILINE)
    assert re.search(rf"^Lowest note +{song.spelling.print(voice.lowest_midi.value)}$", out, re.MULTILINE)
    assert " MIDI" not in out
    for section in form.sections:
        assert re.search(rf": {re.escape(section.label)}(,|$)", out, re.MULTILINE)


@pytest.mark.parametrize("kind", HOSTILE_TITLES)
def test_no_title_drives_the_terminal(kind, capsys):
    song = example_song(title=HOSTILE_TITLES[kind])
    print_song(song, given=HOSTILE_TITLES[kind])
    SongTable().add(song)
    assert all(c.isprintable() or c == "\n" for c in capsys.readouterr().out)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_terminal_that_cannot_write_a_sign_shows_another(encoding, monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", out)
    make_streams_safe()
    print_verdicts(console(), VERDICTS, why=True, title="")
    out.flush()
    said = out.buffer.getvalue().decode(encoding)
    assert "\\" not in said
    assert "1 supported" in said
    assert ("●" in said) is (encoding == "utf-8")


# ---------------------------------------------------------------------------------------------------------- verdicts
def test_verdicts_begin_with_a_tally_and_stand_in_the_common_order(wide, capsys):
    wide(80)
    lines = verdicts_printed(capsys).splitlines()
    assert in_one_line(lines[0]) == "5 claims: ● 1 supported ■ 1 refuted ◐ 1 inconclusive ○ 2 not testable"
    told = [line.split("  ")[0] for line in lines[2:5]]
    assert told == [f"{SIGNS[one.ruling]} {standings.label(one)}" for one in standings.tested(VERDICTS)]
    assert told[-1] == "◐ probably false, 9 in 10"


def test_a_reason_that_claims_share_is_given_once(capsys):
    out = verdicts_printed(capsys)
    assert out.count("Moods cannot be measured.") == 1
    assert out.index("Moods") < out.index("it is sad") < out.index("it is warm")


def test_the_reason_of_a_verdict_is_given_where_it_is_asked_for(capsys):
    assert "60 BPM" not in verdicts_printed(capsys)
    assert "It runs at 60 BPM." in verdicts_printed(capsys, why=True)


@pytest.mark.parametrize("width", WIDTHS)
def test_no_count_of_the_tally_is_parted(width, wide, capsys):
    wide(width)
    out = verdicts_printed(capsys, title="Claims")
    assert out.startswith("Claims\n")
    for count in ("● 1 supported", "■ 1 refuted", "◐ 1 inconclusive", "○ 2 not testable"):
        assert count in out


def test_no_verdicts_are_nothing_to_print(capsys):
    assert verdicts_printed(capsys, verdicts=(), title="Claims") == ""


# ---------------------------------------------------------------------------------------------------------- one song
def test_a_song_begins_with_its_title_a_sentence_and_the_tally(wide, capsys):
    wide(110)
    song = replace(example_song(), verdicts=VERDICTS)
    print_song(song)
    blocks = capsys.readouterr().out.split("\n\n")
    assert song.source.title in blocks[0]
    assert song.source.codec in blocks[0]
    assert in_one_line(blocks[1]) == in_one_line(headline(song))
    assert blocks[2].startswith("5 claims: ")


def test_measurements_stand_in_the_order_that_people_read(wide, capsys):
    wide(110)
    print_song(example_song())
    out = capsys.readouterr().out
    labels = ("Tempo", "Key", "Vocal range", "Loop", "Chords", "Form", "Loudness", "Balance", "Stereo", "Density")
    places = [re.search(rf"^{label} ", out, re.MULTILINE).start() for label in labels]
    assert places == sorted(places)


def test_what_is_missing_for_one_reason_is_said_once(capsys):
    silent = {name: missing(name, NO_VOICE) for name in ("vocal_range", "vocal_tone", "vocal_activity")}
    song = with_outcomes(example_song(), silent)
    assert missing_by_reason(song)[NO_VOICE] == ["vocal range", "singing", "vocal tone"]
    print_song(song)
    out = in_one_line(capsys.readouterr().out)
    assert out.count(NO_VOICE) == 1
    assert f"Vocal range, singing and vocal tone – {NO_VOICE}" in out


def test_what_failed_is_told(capsys):
    song = with_outcomes(example_song(), {"key": failed("key", "KeyError: 'C'")})
    print_song(song)
    print_song(song, everything=True)
    assert capsys.readouterr().out.count("KeyError: 'C'") == 2


def test_the_last_line_says_where_more_is(capsys):
    print_song(replace(example_song(), verdicts=VERDICTS), given="my song.mp3")
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.endswith("riffscope report 'my song.mp3'")
    assert "--why" in last
    assert "--all" in last
    print_song(replace(example_song(), verdicts=VERDICTS), given="song.mp3", everything=True, why=True)
    assert not re.search("--why|--all", capsys.readouterr().out.splitlines()[-1])


def test_every_measurement_that_a_group_names_is_there_and_a_new_one_comes_last():
    measured = {step.name for step in steps.analyzers()}
    named = [name for group in groups.GROUPS for name in group.labels]
    assert set(named) <= measured
    assert len(named) == len(set(named))
    assert list(groups.labelled(["brand_new", "loudness", "tempo"])) == ["tempo", "loudness", "brand_new"]
    assert groups.labelled(["brand_new"])["brand_new"] == "Brand new"


# -------------------------------------------------------------------------------------------------------- many songs
def rows(capsys, *songs):
    table = SongTable()
    for song in songs:
        table.add(song)
    table.end()
    return capsys.readouterr().out


@pytest.mark.parametrize("width", WIDTHS)
def test_the_row_of_a_song_loses_nothing_at_any_width(width, wide, capsys):
    wide(width)
    song = replace(example_song(title="A title of several words that goes on and on and on"), verdicts=VERDICTS)
    out = rows(capsys, song)
    said = in_one_line(out)
    for name, text in facts_of(song).items():
        assert text in said, name
        assert name in said or name in {"length", "key"}
    assert max(len(line) for line in out.splitlines()) <= width
    for word in song.source.title.split():
        assert word in said


def test_a_row_tells_a_fact_that_is_missing(wide, capsys):
    gone = {name: missing(name, "no") for name in ("tempo", "key", "vocal_range", "loudness", "loops")}
    for width in (40, 120):
        wide(width)
        assert rows(capsys, with_outcomes(replace(example_song(), verdicts=VERDICTS), gone)).count("—") == 5


def test_a_key_in_doubt_is_marked():
    key = example_song().measure("key")
    for confidence, marked in ((0.95, False), (0.3, True)):
        song = example_song()
        outcome = replace(song.outcomes["key"], value=replace(key, confidence_fraction=confidence))
        assert facts_of(with_outcomes(song, {"key": outcome}))["key"].endswith("?") is marked
