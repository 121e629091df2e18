import dataclasses

import pytest

from chapters_read import changed, said
from outcomes import failed
from riffscope.analyzers.tempo import Tempo
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.model import Estimate, Ruling, Verdict
from riffscope.report.blocks import KeyFigures, VerdictList
from riffscope.report.chapters.at_a_glance import at_a_glance
from riffscope.report.key_figures import key_figures
from songs import example_song, with_outcomes

pytestmark = pytest.mark.usefixtures("sketches")


def figures_of(song):
    return {figure.label: figure for figure in key_figures(song) if figure is not None}


def test_each_number_at_a_glance_has_its_unit():
    figures = figures_of(example_song())
    assert (figures["Tempo"].value, figures["Tempo"].unit) == ("123.0", "BPM")
    assert figures["Tempo"].range == "122.6 to 123.4 BPM"
    assert "61.5 and 246.1" in figures["Tempo"].note
    assert (figures["Loudness"].value, figures["Loudness"].unit) == ("−9.3", "LUFS")
    assert figures["Key"].value == "F♯ minor"
    assert "71 of 100" in figures["Key"].note


def test_what_failed_is_told_in_the_room_that_there_is():
    song = with_outcomes(example_song(), {"key": failed("key", "ValueError: " + "no such thing, " * 40)})
    note = figures_of(song)["Key"].note
    assert "ValueError" in note
    assert len(note) <= 80


def test_a_file_decoded_in_part_and_a_warning_are_told_first():
    song = example_song()
    song = dataclasses.replace(
        song, source=dataclasses.replace(song.source, status="partial", warnings=("clipped: 0.11 %",))
    )
    assert said(list(at_a_glance(song))[:2]).count("0.11 %") == 1


# ------------------------------------------------------------------------------------------------------------ verdicts
def glance(rulings, title="Short", warnings=()):
    """The list of verdicts on the first page of a song that was ruled on so."""
    song = example_song(title=title)
    song = dataclasses.replace(song, source=dataclasses.replace(song.source, warnings=warnings))
    verdicts = tuple(
        Verdict(claim=f"c{k}", text=f"Claim {k}", ruling=ruling, because=f"number {k} is so")
        for k, ruling in enumerate(rulings)
    )
    blocks = at_a_glance(dataclasses.replace(song, verdicts=verdicts))
    return next(block for block in blocks if isinstance(block, VerdictList)).verdicts


def test_what_is_decided_comes_with_its_reason_and_the_rest_in_a_line_each():
    first = glance([Ruling.NOT_TESTABLE, Ruling.SUPPORTED, Ruling.INCONCLUSIVE, Ruling.REFUTED, Ruling.INCONCLUSIVE])
    assert [(item.ruling, item.text, item.because) for item in first] == [
        (Ruling.SUPPORTED, "Claim 1", "Number 1 is so."),
        (Ruling.REFUTED, "Claim 3", "Number 3 is so."),
        (Ruling.INCONCLUSIVE, "Claim 2 · Claim 4", ""),
        (Ruling.NOT_TESTABLE, "Claim 0", ""),
    ]


@pytest.mark.parametrize(
    ("count", "title", "warnings", "room"),
    [
        (10, "Short", (), True),
        (11, "Short", (), False),
        (10, "Short", ("clipped",), False),
        (9, "Short", ("clipped",), True),
        (10, "A title " * 8, (), False),
    ],
)
def test_reasons_stand_on_the_first_page_where_there_is_room_for_all(count, title, warnings, room):
    assert all(bool(item.because) is room for item in glance([Ruling.SUPPORTED] * count, title, warnings))


# ---------------------------------------------------------------------------------------------- among other songs
def place_of(label, song):
    (figures,) = (block.figures for block in at_a_glance(song) if isinstance(block, KeyFigures))
    return next(figure.place for figure in figures if figure.label == label)


def test_a_range_is_set_among_those_of_other_songs():
    span = Estimate(value=14.0, low=13.0, high=16.0)
    place = place_of("Vocal range", changed(VocalRange, span_semitones=span))
    # A sung range is taken to be a semitone wider than a written one, and half of those span 14 at most.
    assert place.percent == pytest.approx(37.5)
    assert place.low < 25  # on paper, 13 may be 11
    assert 60 < place.high < 75
    assert place.text == "narrower than 62% of chart melodies since 1950"


@pytest.mark.parametrize(("span", "words"), [(5.0, "narrower than at least 90%"), (30.0, "wider than at least 90%")])
def test_beyond_what_was_published_only_the_side_is_told(span, words):
    place = place_of("Vocal range", changed(VocalRange, span_semitones=Estimate(value=span, low=span, high=span)))
    assert place.text.startswith(words)
    assert (place.low == 0) if span < 10 else (place.high == 100)


def test_tempi_are_compared_where_the_published_ones_were_counted():
    assert place_of("Tempo", example_song()).text == "faster than 60% of chart songs, 2013–2015"
    assert place_of("Tempo", changed(Tempo, bpm=Estimate(value=174.0, low=173.0, high=175.0))) is None
    assert place_of("Loudness", example_song()) is None
