import dataclasses

import pytest

from chapters_read import changed, said
from outcomes import failed
from riffscope.analyzers.key import Key
from riffscope.analyzers.tempo import MetricalLevel, Tempo
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.model import Estimate
from riffscope.report.blocks import ClaimLines, Figure, Headline, KeyFigures, Tally
from riffscope.report.chapters.at_a_glance import at_a_glance
from riffscope.report.key_figures import key_figures
from songs import example_song, judged_song, with_outcomes

pytestmark = pytest.mark.usefixtures("sketches")


def figures_of(song):
    return {figure.label: figure for figure in key_figures(song) if figure is not None}


def test_each_number_at_a_glance_has_its_unit():
    figures = figures_of(example_song())
    assert (figures["Tempo"].value, figures["Tempo"].unit) == ("123.0", "BPM")
    assert "122.6 to 123.4" in figures["Tempo"].range
    assert "61.5 or 246.1" in figures["Tempo"].note
    assert (figures["Loudness"].value, figures["Loudness"].unit) == ("−9.3", "LUFS")
    assert figures["Key"].value == "F♯ minor"
    assert "71% likely" in figures["Key"].note
    assert "A major" in figures["Key"].note


def test_a_tempo_that_may_be_another_level_has_no_range_that_hides_the_choice():
    levels = (MetricalLevel(bpm=62.0, weight_fraction=0.44),)
    song = changed(Tempo, bpm=Estimate(value=124.0, low=62.0, high=124.9), alternatives_bpm=levels)
    tempo = figures_of(song)["Tempo"]
    assert tempo.range == ""
    assert "62.0" in tempo.note


def test_a_key_less_likely_than_not_is_shown_with_its_rival():
    assert figures_of(changed(Key, confidence_fraction=0.45))["Key"].value == "F♯ minor or A major"
    assert "99%" in figures_of(changed(Key, confidence_fraction=0.9999))["Key"].note


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
def test_the_sentence_the_count_and_the_claims_come_before_the_numbers():
    kinds = [type(block) for block in at_a_glance(judged_song())]
    assert kinds == [Headline, Tally, ClaimLines, KeyFigures, Figure]
    assert [type(block) for block in at_a_glance(example_song())] == [Headline, KeyFigures, Figure]


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
    assert place_of("Tempo", example_song()).text == "faster than 60% of chart pop, 2013–2015"
    assert place_of("Tempo", changed(Tempo, bpm=Estimate(value=174.0, low=173.0, high=175.0))) is None
    assert place_of("Loudness", example_song()) is None
