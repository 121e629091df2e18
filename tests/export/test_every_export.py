"""What holds for every export: those made from a kept analysis here, without its song."""

import pytest

from riffscope.errors import CannotMeasure, CannotWrite
from riffscope.export.song_files import write_song_files
from riffscope.files import replacing, write_atomically
from riffscope.model import Audio
from riffscope.song import SongAnalysis
from riffscope.steps import exports, producers
from songs import example_song, songs

FROM_ANALYSES = [step for step in exports() if [need.type for need in step.needs] == [SongAnalysis]]
SONGS = songs()
NOTHING_MEASURED = {"missing", "failed", "nothing run"}
# Which letters a PDF can show depends on the fonts of the machine.
pytestmark = [
    pytest.mark.filterwarnings("ignore::riffscope.report.pdf.MissingGlyphs"),
    pytest.mark.filterwarnings("ignore::riffscope.export.midi.WithoutMelody"),
]
each = pytest.mark.parametrize("step", FROM_ANALYSES, ids=lambda step: step.name)


def test_those_that_are_made_from_measurements_need_no_sound():
    assert {step.name for step in FROM_ANALYSES} >= {"midi", "csv", "audacity", "jams", "chords"}


@pytest.mark.parametrize("step", exports(), ids=lambda step: step.name)
def test_it_takes_only_what_there_is(step):
    assert {need.type for need in step.needs} <= {SongAnalysis, Audio, *producers()}
    assert step.summary


@each
@pytest.mark.parametrize("kind", sorted(set(SONGS) - NOTHING_MEASURED))
def test_it_writes_the_files_that_it_names(step, kind, tmp_path):
    paths = step.function(SONGS[kind], folder=tmp_path / "new")
    assert sorted(paths) == sorted((tmp_path / "new").iterdir())
    assert all(path.stat().st_size for path in paths)


@each
@pytest.mark.parametrize("kind", sorted(NOTHING_MEASURED))
def test_where_nothing_was_measured_it_says_so_in_one_line(step, kind, tmp_path):
    with pytest.raises(CannotMeasure) as why:
        step.function(SONGS[kind], folder=tmp_path / "new")
    assert len(str(why.value).splitlines()) == 1
    assert not (tmp_path / "new").exists()


@each
def test_the_same_analysis_gives_the_same_bytes(step, tmp_path):
    first, second = (step.function(example_song(), folder=tmp_path / name) for name in ("one", "two"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


@each
def test_a_folder_that_is_a_file_is_left_as_it_is(step, tmp_path):
    (tmp_path / "mine").write_text("mine")
    with pytest.raises((OSError, CannotWrite), match="mine"):
        step.function(example_song(), folder=tmp_path / "mine")
    assert (tmp_path / "mine").read_text() == "mine"


@each
def test_what_fails_half_way_leaves_no_half_file(step, tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("disk full")

    before = step.function(example_song(), folder=tmp_path)
    content = {path: path.read_bytes() for path in before}
    monkeypatch.setattr("pathlib.Path.write_bytes", fail)
    with pytest.raises(OSError, match="disk full"), replacing():
        step.function(example_song(duration_s=60.0), folder=tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == content


def test_writing_is_what_leaves_no_half_file():
    assert all(step.function.__globals__.get("write_song_files") is write_song_files for step in FROM_ANALYSES)
    assert write_song_files.__globals__["write_atomically"] is write_atomically
