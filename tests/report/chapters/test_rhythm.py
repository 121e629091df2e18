import pytest

from chapters_read import changed, rows, said
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.tempo import MetricalLevel, Tempo
from riffscope.report.chapters.rhythm import rhythm
from songs import example_song, songs

pytestmark = pytest.mark.usefixtures("sketches")


def test_the_tempo_comes_with_its_range_its_drift_and_its_swing():
    text = said(rhythm(example_song()))
    for fact in ("123.0 BPM", "122.6 to 123.4 BPM", "0.8 %", "0.51"):
        assert fact.replace(" %", "") in text


def test_other_metrical_levels_stand_in_a_table_but_for_those_that_nothing_speaks_for():
    levels = (MetricalLevel(bpm=61.5, weight_fraction=0.22), MetricalLevel(bpm=246.1, weight_fraction=0.002))
    assert rows(rhythm(changed(Tempo, alternatives_bpm=levels))) == [("61.5 BPM", "22%")]
    assert rows(rhythm(changed(Tempo, alternatives_bpm=()))) == []


def test_beats_are_counted_and_a_downbeat_is_named_to_tap_along_from():
    beats = example_song()[Beats]
    text = said(rhythm(example_song()))
    assert f"{beats.times_s.size} beats" in text
    assert f"{beats.downbeat_index.size} bars" in text
    assert "93 of 100" in text


def test_the_drawings_are_those_of_tempo_and_beats(sketches):
    list(rhythm(example_song()))
    assert sketches.drawn == ["tempo", "beats"]
    sketches.drawn.clear()
    assert list(rhythm(songs()["nothing run"])) == sketches.drawn == []
