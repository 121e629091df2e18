import pytest

from chapters_read import changed, rows, said
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.tempo import MetricalLevel, Tempo, TempoPart
from riffscope.model import Estimate
from riffscope.report.chapters.rhythm import rhythm
from songs import example_song, songs

pytestmark = pytest.mark.usefixtures("sketches")


def test_the_tempo_comes_with_its_range_its_drift_and_its_swing():
    text = said(rhythm(example_song()))
    for fact in ("123.0 BPM", "90% range 122.6 to 123.4", "within 0.8%", "0.51"):
        assert fact in text


def test_other_metrical_levels_are_a_choice_but_for_those_that_nobody_counts():
    levels = (MetricalLevel(bpm=61.5, weight_fraction=0.22), MetricalLevel(bpm=246.1, weight_fraction=0.002))
    song = changed(Tempo, alternatives_bpm=levels)
    assert "can also be counted at 61.5 (22% likely)" in said(rhythm(song))
    assert "246.1" not in said(rhythm(song))
    assert rows(rhythm(song, full=True)) == [("61.5 BPM", "22%")]
    assert "counted at" not in said(rhythm(changed(Tempo, alternatives_bpm=())))


def test_a_range_that_takes_in_another_level_is_no_range():
    levels = (MetricalLevel(bpm=62.0, weight_fraction=0.44),)
    song = changed(Tempo, bpm=Estimate(value=124.0, low=62.0, high=124.9), alternatives_bpm=levels)
    text = said(rhythm(song))
    assert "124.0 BPM" in text
    assert "62.0 (44% likely)" in text
    assert "124.9" not in text


@pytest.mark.parametrize(("second_bpm", "told"), [(200.0, True), (123.4, False)])
def test_a_change_of_tempo_is_told_and_a_rest_is_none(second_bpm, told):
    parts = tuple(
        TempoPart(start_s=start_s, end_s=start_s + 60, bpm=Estimate(value=bpm, low=bpm - 1, high=bpm + 1))
        for start_s, bpm in ((0.0, 123.0), (70.0, second_bpm))
    )
    assert ("from 1:10" in said(rhythm(changed(Tempo, parts=parts)))) is told


def test_a_song_that_drifts_is_not_called_steady():
    assert "It is steady" in said(rhythm(changed(Tempo, drift_percent=0.3)))
    assert "not quite steady" in said(rhythm(changed(Tempo, drift_percent=2.4)))


def test_beats_are_counted_and_a_downbeat_is_named_to_tap_along_from():
    beats = example_song()[Beats]
    text = said(rhythm(example_song()))
    assert f"{beats.times_s.size} beats" in text
    assert f"{beats.downbeat_index.size} bars" in text
    assert "93%" in text


def test_the_drawings_are_those_of_tempo_and_beats(sketches):
    list(rhythm(example_song()))
    assert sketches.drawn == ["tempo"]
    sketches.drawn.clear()
    list(rhythm(example_song(), full=True))
    assert sketches.drawn == ["tempo", "beats"]
    sketches.drawn.clear()
    assert list(rhythm(songs()["nothing run"])) == sketches.drawn == []
