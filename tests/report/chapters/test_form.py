import dataclasses

import pytest

from chapters_read import changed, rows, said
from riffscope.analyzers.section_profile import NUMBERS, SectionNumbers, SectionProfile
from riffscope.model import Estimate
from riffscope.report.chapters.sections import sections
from songs import example_song, songs

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
    text = said(sections(example_song()))
    assert text.startswith(
        "The chorus is 3.0 LU louder, 1.6 times as busy, 1.5 bands fuller and sung 3.6 semitones higher at the top than"
        " the verse. The bass and the riff are there from the start. The drums enter at 0:13 (6% of the way) and the"
        " voice at 0:13 (6% of the way). The first chorus begins at 0:47 (22% of the way)."
    )


def test_twice_as_many_onsets_are_twice_as_busy():
    assert "twice as busy" in said(sections(with_numbers("chorus", onsets_per_s=6.4)))


def test_what_is_not_clear_is_not_said():
    alike = with_numbers("chorus", **{name: getattr(profile().sections[1], name) for name in NUMBERS})
    assert said(sections(alike)).startswith("The chorus is neither louder nor denser than the verse, as far as can be")


def test_without_names_the_loudest_and_the_quietest_section_are_named():
    unnamed = tuple(
        dataclasses.replace(section, function=None, function_probability=None) for section in profile().sections
    )
    text = said(sections(changed(SectionProfile, sections=unnamed, first_chorus_s=None)))
    assert text.startswith("The loudest section is B 1 at −9.0 LUFS, the quietest A at −14.0 LUFS.")
    assert "likely" not in text
    assert "first chorus" not in text


def test_what_never_enters_is_said():
    text = said(sections(changed(SectionProfile, drums_enter_s=None, bass_enters_s=None, voice_enters_s=0.5)))
    assert "No drums were found. No bass was found." in text
    assert "The voice and the riff are there from the start." in text


def test_a_song_of_one_section_says_so():
    one = changed(SectionProfile, sections=profile().sections[:1])
    assert said(sections(one)).startswith("The song has a single section.")
    assert "To check" not in said(sections(one))


def test_each_section_has_a_row_with_its_numbers_and_dashes_where_there_are_none():
    table = rows(sections(example_song()))
    assert [row[0] for row in table] == list(profile().names)
    chorus = table[2]
    assert chorus == ("chorus 1", "0:47", "−9.0", "5.9", "5.0", "−4.0", "15", "2100", "100", "80", "60", "F3–E4")
    assert table[0][-2:] == ("–", "–")


def test_notes_are_spelled_as_the_song_spells_them():
    sharp = with_numbers("chorus", highest_midi=66.0)
    assert any("F♯4" in row[-1] for row in rows(sections(sharp)))


def test_where_to_listen_and_how_sure_the_names_are_is_said():
    text = said(sections(example_song()))
    assert "To check: play the loudest section, 0:47.3 to 1:26.0, and the quietest, 0:00.0 to 0:12.9." in text
    assert "90% likely" in text


def test_the_drawing_is_that_of_the_profile(sketches):
    list(sections(example_song()))
    assert sketches.drawn == ["section_profile"]
    sketches.drawn.clear()
    assert list(sections(songs()["nothing run"])) == sketches.drawn == []


def test_a_section_without_any_number_is_listed_with_dashes():
    none = dict.fromkeys(NUMBERS)
    bare = dataclasses.replace(
        profile().sections[0], **none, low=SectionNumbers(**none), high=SectionNumbers(**none), function=None
    )
    (row,) = rows(sections(changed(SectionProfile, sections=(bare,))))
    assert set(row[2:]) == {"–"}
    assert bare.estimate("loudness_lufs") is None
    assert profile().sections[2].estimate("loudness_lufs") == Estimate(low=-9.6, value=-9.0, high=-8.4)
