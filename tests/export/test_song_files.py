"""Files are named after their song, and songs of one name never overwrite each other."""

import dataclasses
import json

import numpy as np
import pytest

from riffscope.errors import CannotWrite
from riffscope.export.audacity import audacity
from riffscope.export.chords import chords
from riffscope.export.csv import csv
from riffscope.export.jams import jams
from riffscope.export.midi import midi
from riffscope.export.song_files import made_from, song_paths
from riffscope.export.sound import write_sound
from riffscope.files import replacing
from riffscope.model import Source
from riffscope.song import SongAnalysis
from riffscope.steps import exports
from songs import example_song

# Which letters a PDF can show depends on the fonts of the machine.
pytestmark = pytest.mark.filterwarnings("ignore::riffscope.report.pdf.MissingGlyphs")
EXPORTS = {step.name: step.function for step in exports() if [need.type for need in step.needs] == [SongAnalysis]}
SAYING = {"midi": midi, "csv": csv, "jams": jams, "chords": chords}


def song(name="song.mp3", sha="a", *, duration_s=60.0):
    """A song of a name, and another one with another hash."""
    made = example_song(duration_s=duration_s)
    return dataclasses.replace(made, source=dataclasses.replace(made.source, name=name, sha256=(sha * 64)[:64]))


def stems(paths):
    return {path.name.partition(".")[0] for path in paths}


@pytest.mark.parametrize(
    ("to", "other"),
    [
        *((to, "song.wav") for to in EXPORTS),
        *(("audacity", name) for name in ("song.mp3", "SONG.MP3", "song?.mp3", "so\u0301ng.mp3", "s\u00f3ng.mp3")),
    ],
)
def test_two_songs_of_one_name_have_files_of_their_own(to, other, tmp_path):
    first_name = "s\u00f3ng.mp3" if "\u0301" in other or "\u00f3" in other else "song.mp3"
    first, second = song(first_name, "a"), song(other, "b", duration_s=50.0)
    one = {path: path.read_bytes() for path in EXPORTS[to](first, folder=tmp_path)}
    two = EXPORTS[to](second, folder=tmp_path)
    assert {path: path.read_bytes() for path in one} == one
    (stem,) = stems(two)
    assert stem.endswith("-2")
    assert {path.name.casefold() for path in one}.isdisjoint(path.name.casefold() for path in two)


@pytest.mark.parametrize("to", SAYING)
def test_a_song_keeps_its_number_whatever_the_order(to, tmp_path):
    first, second, third = (song(sha=sha) for sha in "abc")
    for one, stem in ((first, "song"), (second, "song-2"), (third, "song-3")):
        assert stems(SAYING[to](one, folder=tmp_path)) == {stem}
    with replacing():
        for one, stem in ((third, "song-3"), (first, "song"), (second, "song-2")):
            assert stems(SAYING[to](one, folder=tmp_path)) == {stem}
    for path in tmp_path.glob("song.*"):
        path.unlink()
    with replacing():
        assert stems(SAYING[to](third, folder=tmp_path)) == {"song-3"}
    assert stems(SAYING[to](song(sha="d"), folder=tmp_path)) == {"song"}


def test_all_files_of_a_song_share_its_number(tmp_path):
    midi(song(sha="a"), folder=tmp_path)
    midi(song(sha="b"), folder=tmp_path)
    for write in EXPORTS.values():
        with replacing():
            assert stems(write(song(sha="b", duration_s=50.0), folder=tmp_path)) == {"song-2"}


def test_a_saved_analysis_says_whose_name_it_is(tmp_path):
    (tmp_path / "song.json").write_text(json.dumps({"schema": 2, "source": {"name": "song.mp3", "sha256": "a" * 64}}))
    assert stems(midi(song(sha="b"), folder=tmp_path)) == {"song-2"}
    assert stems(midi(song(sha="a"), folder=tmp_path)) == {"song"}


def test_with_force_a_song_replaces_its_own_files_and_no_other_songs(tmp_path):
    (first,) = jams(song(sha="a"), folder=tmp_path)
    with pytest.raises(CannotWrite, match="--force"):
        jams(song(sha="a", duration_s=50.0), folder=tmp_path)
    before = first.read_bytes()
    with replacing():
        (second,) = jams(song(sha="b"), folder=tmp_path)
        assert second.name == "song-2.jams"
        assert first.read_bytes() == before
        assert jams(song(sha="a", duration_s=50.0), folder=tmp_path) == [first]
    assert first.read_bytes() != before


def test_what_somebody_else_wrote_is_left_alone_unless_told_to(tmp_path):
    mine = tmp_path / "song.beats.txt"
    mine.write_text("mine")
    assert stems(audacity(song(), folder=tmp_path)) == {"song-2"}
    assert mine.read_text() == "mine"
    with replacing():
        assert stems(audacity(song(), folder=tmp_path)) == {"song"}
    assert mine.read_text() != "mine"


def test_an_empty_file_and_files_of_other_kinds_do_not_take_the_name(tmp_path):
    (tmp_path / "song.jams").touch()
    (tmp_path / "song.pdf").write_text("a report")
    (tmp_path / "song.mp3").write_bytes(b"sound")
    assert [path.name for path in jams(song(), folder=tmp_path)] == ["song.jams"]


def test_none_is_written_where_one_is_there_already(tmp_path):
    paths = midi(song(), folder=tmp_path)
    for path in paths[:-1]:
        path.unlink()
    with pytest.raises(CannotWrite, match="already exists"):
        midi(song(), folder=tmp_path)
    assert [*tmp_path.iterdir()] == [paths[-1]]


def test_a_song_that_is_called_like_anothers_second_has_its_own_files(tmp_path):
    for name, sha, stem in (
        ("song.mp3", "a", "song"),
        ("song.mp3", "b", "song-2"),
        ("song-2.mp3", "c", "song-2-2"),
        ("song-2.mp3", "d", "song-2-3"),
    ):
        assert stems(midi(song(name, sha), folder=tmp_path)) == {stem}


def test_sound_says_of_which_song_it_is(tmp_path):
    def source(sha):
        return Source(name="song.mp3", sha256=sha * 64, duration_s=1.0, sample_rate_hz=8000, channels=1, codec="mp3")

    for sha, name in (("a", "song.loop.wav"), ("b", "song-2.loop.wav")):
        (path,) = song_paths(source(sha), tmp_path, ["loop.wav"])
        assert path.name == name
        write_sound(path, np.zeros((1, 100_000), np.float32), 8000, comment=made_from(source(sha)))
    with pytest.raises(CannotWrite, match=r"song\.loop\.wav: already exists"):
        song_paths(source("a"), tmp_path, ["loop.wav"])
    assert song_paths(source("a"), tmp_path, ["vocals.wav"]) == [tmp_path / "song.vocals.wav"]
    with replacing():
        assert song_paths(source("b"), tmp_path, ["loop.wav"]) == [tmp_path / "song-2.loop.wav"]
