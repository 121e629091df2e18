"""What all chapters have in common."""

from dataclasses import asdict

import pytest

from chapters_read import said
from outcomes import failed, missing
from riffscope import plots, steps
from riffscope.report.chapter import chapters
from riffscope.report.song_report import song_document
from songs import example_song, judged_song, songs, with_outcomes

CHAPTERS = {chapter.name: chapter for chapter in chapters()}
MEASUREMENTS = {step.name for step in steps.analyzers()}
pytestmark = pytest.mark.usefixtures("sketches")


def test_chapters_come_in_the_order_of_their_places_and_no_two_share_one():
    places = [chapter.place for chapter in CHAPTERS.values()]
    assert places == sorted(set(places))


def test_a_measurement_is_shown_by_one_chapter():
    shown = [name for chapter in CHAPTERS.values() for name in chapter.measurements]
    assert len(shown) == len(set(shown))
    assert set(shown) <= MEASUREMENTS


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_says_in_a_line_what_it_shows(name):
    assert CHAPTERS[name].write.__doc__.partition("\n")[0].endswith(".")
    assert CHAPTERS[name].write.__module__ == f"riffscope.report.chapters.{name}"


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_draws_no_measurement_that_another_shows(name, sketches):
    list(CHAPTERS[name].write(example_song(), full=True))
    drawn = MEASUREMENTS & set(sketches.drawn)
    assert drawn <= set(CHAPTERS[name].measurements) or name == "others"


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("song", songs())
@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_has_something_to_say_of_every_song_or_keeps_silent(name, song, full):
    for block in CHAPTERS[name].write(songs()[song], full=full):
        assert getattr(block, "text", "text")


@pytest.mark.parametrize("name", sorted({name for chapter in CHAPTERS.values() for name in chapter.measurements}))
def test_a_chapter_stands_when_one_of_its_measurements_is_missing(name):
    song = with_outcomes(example_song(), {name: missing(name, "too short for this")})
    (chapter,) = (chapter for chapter in CHAPTERS.values() if name in chapter.measurements)
    assert "too short for this" in said(chapter.write(song))


@pytest.mark.parametrize("name", sorted(MEASUREMENTS & set(plots.FIGURES)))
def test_every_measurement_that_has_a_figure_is_drawn_once(name, sketches):
    if name in example_song().outcomes:
        song_document(example_song(), full=True)
        assert sketches.drawn.count(name) == 1


def test_a_report_in_brief_leaves_out_what_it_does_not_even_draw(sketches):
    brief = song_document(example_song())
    drawn = set(sketches.drawn)
    full = song_document(example_song(), full=True)
    assert drawn < set(sketches.drawn)
    assert len(brief.blocks) < len(full.blocks)
    assert {"vocal_range", "loop_map", "tempo", "loudness", "chords"} <= drawn
    assert drawn.isdisjoint({"beats", "similarity", "density", "stereo", "section_profile", "vocal_pitch"})


def test_a_report_in_brief_comes_in_the_order_of_a_song():
    headings = [block.text for block in song_document(judged_song()).blocks if getattr(block, "level", 0) == 1]
    assert headings == [
        "Why",
        "Rhythm",
        "Key",
        "Voice",
        "Riff",
        "Chords",
        "Form",
        "Loudness",
        "Balance, stereo and density",
    ]


@pytest.mark.parametrize("name", sorted(example_song().outcomes))
def test_what_failed_gives_its_reason_and_no_traceback(name):
    outcome = failed(name, "KeyError: 'x'", origin="beat_track")
    document = song_document(with_outcomes(example_song(), {name: outcome}), full=True)
    told = " ".join(fact.text for block in document.blocks for fact in getattr(block, "facts", ()))
    assert "eeds beat track, which failed: KeyError: 'x'" in told
    assert "Traceback" not in str([asdict(block) for block in document.blocks if not hasattr(block, "svg")])
