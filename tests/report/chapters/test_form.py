import dataclasses

import pytest

from chapters_read import changed, rows, said
from outcomes import missing
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.loops import LoopKind, Loops
from riffscope.analyzers.section_profile import NUMBERS, SectionNumbers, SectionProfile
from riffscope.model import Estimate
from riffscope.report.blocks import Table
from riffscope.report.chapters.form import form
from songs import example_song, songs, with_outcomes

pytestmark = pytest.mark.usefixtures("sketches")


def profile():
    return example_song()[SectionProfile]


def with_numbers(function, **numbers):
    """The song with other numbers, without a range, in the sections of a function."""

    def of(section):
        ends = {name: dataclasses.replace(getattr(section, name), **numbers) for name in ("low", "high")}
        return dataclasses.replace(section, **numbers, **ends) if section.function == function else section

    return changed(SectionProfile, sections=tuple(map(of, profile().sections)))


def test_the_first_sentence_says_how_the_chorus_differs_and_the_next_when_things_enter():
    text = said(form(example_song()))
    assert text.startswith(
        "The chorus is 3.0 LU louder, 1.6 times as busy, 1.5 bands fuller and sung 3.6 semitones higher at the top than"
        " the verse. The bass and the riff are there from the start. The drums enter at 0:13 and the voice at 0:13. The"
        " first chorus begins at 0:47."
    )


def test_twice_as_many_onsets_are_twice_as_busy():
    assert "twice as busy" in said(form(with_numbers("chorus", onsets_per_s=6.4)))


def test_what_is_not_clear_is_not_said():
    alike = with_numbers("chorus", **{name: getattr(profile().sections[1], name) for name in NUMBERS})
    assert said(form(alike)).startswith("The chorus is not clearly louder, busier or fuller than the verse.")


def test_without_names_the_loudest_and_the_quietest_section_are_named():
    unnamed = tuple(
        dataclasses.replace(section, function=None, function_probability=None) for section in profile().sections
    )
    text = said(form(changed(SectionProfile, sections=unnamed, first_chorus_s=None)))
    assert text.startswith("The loudest section is B 1 at −9.0 LUFS, the quietest A at −14.0 LUFS.")
    assert "likely" not in text
    assert "first chorus" not in text


def test_what_never_enters_is_said():
    text = said(form(changed(SectionProfile, drums_enter_s=None, bass_enters_s=None, voice_enters_s=0.5)))
    assert "No drums or bass were found." in text
    assert "The voice and the riff are there from the start." in text


def test_a_song_of_one_section_says_so():
    one = changed(SectionProfile, sections=profile().sections[:1])
    assert said(form(one)).startswith("The song has a single section.")
    assert "To check" not in said(form(one))


def test_each_section_has_a_row_with_its_numbers_and_dashes_where_there_are_none():
    table = rows(form(example_song(), full=True))
    assert [row[0] for row in table] == list(profile().names)
    chorus = table[2]
    assert chorus == ("chorus 1", "0:47", "−9.0", "5.9", "5.0", "−4.0", "15", "2100", "100", "80", "60", "F3–E4")
    assert table[0][-2:] == ("–", "–")


def test_a_report_in_brief_lists_when_sections_begin_and_how_many_bars_they_have():
    """The song is in four at 123 BPM: the chorus from 0:47.3 to 1:26 has twenty bars of 1.95 s."""
    table = rows(form(example_song()))
    assert table[2] == ("chorus 1", "B", "0:47", "1:26", "20", "−9.0", "100%", "80%", "F3–E4")


def test_no_bars_are_counted_where_the_beats_have_ended():
    """The last section rings on from its first bar."""
    beats, last = example_song()[Beats], profile().sections[-1]
    kept = beats.times_s[beats.times_s < last.start_s + 0.2 * (last.end_s - last.start_s)]
    bars = beats.downbeat_index[beats.downbeat_index < kept.size]
    *before, ringing = rows(form(changed(Beats, times_s=kept, downbeat_index=bars)))
    assert ringing[4] == "–"
    assert before[2][4] == "20"


def test_without_a_profile_the_sections_are_listed_by_time():
    song = with_outcomes(example_song(), {"section_profile": missing("section_profile", "too short")})
    table = rows(form(song))
    assert [row[1:4] for row in table[:3]] == [("A", "0:00", "0:13"), ("A'", "0:13", "0:47"), ("B", "0:47", "1:26")]
    assert "too short" in said(form(song))


def test_a_column_that_holds_nothing_is_left_out():
    silent = {"sung_fraction": None, "lowest_midi": None, "highest_midi": None, "layered_fraction": None}

    def without_voice(one):
        ends = {name: dataclasses.replace(getattr(one, name), **silent) for name in ("low", "high")}
        return dataclasses.replace(one, **silent, **ends)

    bare = tuple(map(without_voice, profile().sections))
    (table,) = (block for block in form(changed(SectionProfile, sections=bare)) if isinstance(block, Table))
    assert [column.heading for column in table.columns][-2:] == ["LUFS", "Drums"]


def test_letters_that_tell_nothing_are_said_to():
    """Nine of ten sections share a letter, and none has a name."""
    sections = tuple(
        dataclasses.replace(
            profile().sections[0],
            start_s=20.0 * k,
            end_s=20.0 * k + 20,
            label="A" if not k else "B",
            function=None,
            function_probability=None,
        )
        for k in range(10)
    )
    assert "sound alike" in said(form(changed(SectionProfile, sections=sections, first_chorus_s=None)))
    assert "sound alike" not in said(form(example_song()))


def test_notes_are_spelled_as_the_song_spells_them():
    sharp = with_numbers("chorus", highest_midi=66.0)
    assert any("F♯4" in row[-1] for row in rows(form(sharp)))


def test_where_to_listen_and_how_sure_the_names_are_is_said():
    text = said(form(example_song()))
    assert "To check: play the loudest section, 0:47.3 to 1:26.0, and the quietest, 0:00.0 to 0:12.9." in text
    assert "90% likely" in text


def test_the_drawing_is_that_of_the_profile(sketches):
    list(form(example_song(), full=True))
    assert sketches.drawn == ["section_profile"]
    sketches.drawn.clear()
    assert list(form(songs()["nothing run"])) == sketches.drawn == []


def test_a_section_without_any_number_is_listed_with_dashes():
    none = dict.fromkeys(NUMBERS)
    bare = dataclasses.replace(
        profile().sections[0], **none, low=SectionNumbers(**none), high=SectionNumbers(**none), function=None
    )
    (row,) = rows(form(changed(SectionProfile, sections=(bare,)), full=True))
    assert set(row[2:]) == {"–"}
    assert bare.estimate("loudness_lufs") is None
    assert profile().sections[2].estimate("loudness_lufs") == Estimate(low=-9.6, value=-9.0, high=-8.4)


def test_what_repeats_enters_under_its_name():
    assert "The bass and the chord loop are there" in said(form(changed(Loops, kind=LoopKind.CHORDS)))
