import dataclasses
import types

from chapters_read import rows, said
from harmonies import harmonised
from outcomes import missing
from riffscope.report.blocks import Heading
from riffscope.report.chapters.your_range import your_range
from riffscope.transposition import read_range
from riffscope.workflow import transposed
from songs import example_song

SONG = harmonised(verse="F#m D A E", chorus="F#m D A E")


def test_a_song_moved_into_a_range_has_a_chapter_with_what_to_play():
    blocks = list(your_range(transposed(SONG, read_range("A2-E4"))))
    assert blocks[0] == Heading(text="In your range, A2 to E4")
    assert "You then sing" in said(blocks)
    assert {row[0] for row in rows(blocks)} == {"F♯m", "D", "A", "E"}


def test_without_a_range_there_is_none():
    assert list(your_range(example_song())) == []


def test_without_chords_it_says_how_far_to_move_and_no_more():
    song = example_song()
    outcomes = types.MappingProxyType({**song.outcomes, "chords": missing("chords")})
    blocks = list(your_range(transposed(dataclasses.replace(song, outcomes=outcomes), read_range("A2-E4"))))
    assert rows(blocks) == []
    assert "You then sing" in said(blocks)
