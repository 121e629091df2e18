import pytest

from chapters_read import changed
from charted import charted_song, chords_at, key_of
from figure_layout import assert_legible, texts
from melodies import song_with
from outcomes import missing
from riffscope import plots
from riffscope.analyzers.chords import Chords
from riffscope.chord_names import QUALITIES, ChordName
from riffscope.errors import NotMeasured
from riffscope.notes import Spelling
from songs import example_song, with_outcomes


def lettering(song):
    return [text for text, _ in texts(plots.chords(song))]


def test_each_chord_has_a_row_with_its_share_the_commonest_first():
    said = lettering(charted_song(["C:maj", "C:maj", "C:maj", "G:7", "G:7", "A:min", "N", "N"]))
    assert [text for text in said if text in {"C", "G7", "Am", "others"}] == ["C", "G7", "Am"]
    assert [text for text in said if text.endswith("%")] == ["38%", "25%", "12%"]


def test_of_many_chords_the_rarer_share_a_row():
    names = [ChordName(root=root, quality=quality).harte(Spelling.FLATS) for root in (1, 8) for quality in QUALITIES]
    song = charted_song(["Db:maj", "Db:maj", *names], key_of("Ab"))
    said = lettering(song)
    assert said.count("others") == 1
    assert said.count("D♭") == 1
    assert sum(text.endswith("%") for text in said) == 9
    assert_legible(plots.chords(song))


def test_the_longest_names_are_not_cut_off():
    song = charted_song(["Db:hdim7/b5", "Gb:maj7/7", "Db:hdim7/b5"] * 70, key_of("Gb"))
    assert_legible(plots.chords(song))
    assert "D♭m7♭5/G" in lettering(song)


def test_without_sections_there_is_one_panel_and_time_runs_through_it():
    figure = plots.chords(charted_song(["C:maj", "G:7"]))
    assert [text for text, _ in texts(figure) if text in {"Sections", "Chords"}] == ["Chords"]
    assert len(figure.strips) == 1
    assert len(plots.chords(example_song()).strips) == 2


def test_nothing_to_draw_is_said():
    with pytest.raises(NotMeasured, match="silent"):
        plots.chords(with_outcomes(example_song(), {"chords": missing("chords")}))
    with pytest.raises(NotMeasured, match="no chord"):
        plots.chords(song_with(chords_at((0.0, "N"), end_s=9.0)))
    with pytest.raises(NotMeasured, match="no chord"):
        plots.chords(changed(Chords, spans=(), progressions=()))
