"""The labels of songs, as they are read from a small set."""

import dataclasses

import numpy as np
import pytest

from labelled import SPANS, write_set
from training.common import songs
from training.common.songs import read_songs


@pytest.fixture
def both(tmp_path):
    return [song.item for song in read_songs([write_set(tmp_path / "small")])]


def test_songs_are_named_by_set_and_file(tmp_path):
    folder = write_set(tmp_path / "small")
    assert [song.name for song in read_songs([folder])] == ["small/sung", "small/played"]
    assert [song.name for song in read_songs([folder], match="play")] == ["small/played"]
    assert [song.name for song in read_songs([folder], limit=1)] == ["small/sung"]


def test_a_rendered_song_tells_everything(both):
    sung, _ = both
    assert songs.key_of(sung) == 10 + 12
    assert songs.tempo_of(sung) == 120
    np.testing.assert_array_equal(songs.section_starts(sung), [0, 4])
    assert songs.section_contents(sung) == ["riff", "through"]
    assert songs.riff_spans(sung) == SPANS
    assert songs.other_loops(sung) == [(6, 7), [7, 8]]
    assert songs.range_of(sung) == (60, 69)


def test_a_song_that_is_not_labelled_tells_nothing(both):
    _, played = both
    readers = (songs.key_of, songs.tempo_of, songs.section_starts, songs.riff_spans, songs.range_of)
    assert [reader(played) for reader in readers] == [None] * len(readers)
    assert songs.layers_at(played, np.zeros(1)) is None


def test_where_nothing_comes_round_the_key_is_only_implied(both):
    sung, _ = both
    bare = dataclasses.replace(sung, truth=sung.truth | {"riff": {"present": False, "spans": []}})
    assert songs.key_of(bare) is None


@pytest.mark.parametrize(("written", "number"), [("C major", 0), ("F# minor (surely)", 18)])
def test_a_key_may_be_written_in_words(both, written, number):
    sung, _ = both
    assert songs.key_of(dataclasses.replace(sung, truth=sung.truth | {"key": written})) == number


def test_who_sings_when(both):
    sung, played = both
    times_s = np.array([1.0, 2.5, 3.5, 5.0])
    np.testing.assert_array_equal(songs.sung_at(sung, times_s), [False, True, True, False])
    np.testing.assert_array_equal(songs.sung_at(played, times_s), [False] * 4)
    layers = songs.layers_at(sung, times_s)
    np.testing.assert_array_equal(layers["harmony"], [False, False, True, False])
    assert not layers["double"].any()


def test_speech_is_neither_sung_nor_unsung(both):
    _, played = both
    spoken = dataclasses.replace(played, truth={"content": "speech in a room"})
    assert songs.sung_at(spoken, np.zeros(1)) is None


def test_the_nearest_of_no_times_is_far():
    assert np.isinf(songs.nearest_distance(np.array([1.0]), np.zeros(0))).all()
    np.testing.assert_allclose(songs.nearest_distance(np.array([1.0, 4.0]), np.array([1.5, 9.0])), [0.5, 2.5])
