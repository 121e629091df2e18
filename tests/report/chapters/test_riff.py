import dataclasses
import re

import pytest

from chapters_read import captions, changed, said, sentences
from outcomes import missing
from riffscope import words
from riffscope.analyzers.loops import LoopKind, Loops
from riffscope.analyzers.riff_notes import RiffNotes, RiffPart
from riffscope.model import VocalSource
from riffscope.report.chapters.riff import riff
from songs import example_song, with_outcomes

SONG = example_song()


@pytest.mark.usefixtures("sketches")
def test_the_riff_comes_with_its_length_its_coverage_and_its_cleanest_repeat():
    text = said(riff(SONG))
    for fact in ("2-bar riff", "3.9 s", "48 times", "87%", "84 to 90", "86%", words.span(SONG[Loops].example)):
        assert fact in text
    assert words.span(SONG[Loops].others[0].spans[0]) in text


@pytest.mark.usefixtures("sketches")
@pytest.mark.parametrize(
    ("kind", "called", "why"),
    [
        (LoopKind.CHORDS, "A 2-bar chord loop", "chords repeat"),
        (LoopKind.PASSAGE, "A 2-bar repeated passage", "not called a riff"),
    ],
)
def test_chords_and_passages_are_not_called_a_riff(kind, called, why):
    text = said(riff(changed(Loops, kind=kind)))
    assert called in text
    assert why in text
    assert "bar riff (" not in text


@pytest.mark.usefixtures("sketches")
def test_what_was_listened_to_is_said():
    separated = sentences(riff(changed(Loops, method=VocalSource.SPLEETER)))
    assert len(separated - sentences(riff(SONG))) == 1
    assert any("accompaniment" in sentence for sentence in separated)


@pytest.mark.usefixtures("sketches")
def test_the_notes_come_with_their_number_their_range_and_how_many_repeats_they_were_read_from():
    text = said(riff(SONG))
    for fact in ("11 notes", "E3", "C♯4", "16 repeats", "60%", "The bass under it plays 4 notes"):
        assert fact in text


@pytest.mark.usefixtures("sketches")
def test_a_riff_that_is_a_bass_line_is_called_one():
    notes = tuple(dataclasses.replace(note, part=RiffPart.BASS) for note in SONG[RiffNotes].notes)
    assert "a bass line of 11 notes" in said(riff(changed(RiffNotes, notes=notes, bass_notes=())))


def test_a_line_that_is_too_long_for_two_systems_is_drawn_as_a_roll_alone():
    one = SONG[RiffNotes].notes[0]
    many = tuple(dataclasses.replace(one, beat=k / 4, beats=0.25) for k in range(4 * 64))
    short, long = (
        captions(list(riff(song, full=True))) for song in (SONG, changed(RiffNotes, period_beats=64, notes=many))
    )
    assert len(short) == len(long) + 1
    assert len(captions(list(riff(SONG)))) == len(captions(list(riff(changed(RiffNotes, period_beats=64, notes=many)))))
    assert not any("No drawing" in text for text in sentences(riff(changed(RiffNotes, period_beats=64, notes=many))))


def test_both_drawings_fit_on_one_page_with_their_words():
    blocks = list(riff(with_outcomes(SONG, {"riff_notes": missing("riff_notes", "no riff")}), full=True))
    drawn = [block for block in blocks if hasattr(block, "svg")]
    height_mm = sum(float(re.search(r'height="([\d.]+)pt"', figure.svg)[1]) for figure in drawn) / 72 * 25.4
    assert len(captions(blocks)) == 2
    assert height_mm < 297 - 24 - 22 - 55  # the margins; the heading, the words and the captions
