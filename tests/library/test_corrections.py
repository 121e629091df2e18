"""What a library keeps beside analyses: corrections by hand, copies to listen to, and songs themselves."""

import numpy as np
import pytest

from riffscope import steps
from riffscope.folders import sha256_of
from riffscope.library.corrections import Corrections, NamedSection, correct, corrections_of
from riffscope.library.heads import PREFERENCES
from riffscope.library.kept_files import forget_files, keep_file, kept_file
from riffscope.library.place import LocalPlace
from riffscope.library.seen import Files
from riffscope.library.store import Store, copy_name
from riffscope.model import Settings
from riffscope.renewal import Record, due
from riffscope.song import measurements
from riffscope.views.listening_copy import ListeningCopy, Stream
from songs import example_song

SHA256 = "ab" * 32
VERSE = NamedSection(start_s=0.0, end_s=8.0, name="verse")


def test_corrections_are_kept_and_undone(tmp_path):
    place = LocalPlace(tmp_path)
    assert corrections_of(place, SHA256) is None
    correct(place, SHA256, Corrections(tempo_bpm=184.0, sections=(VERSE,)))
    assert corrections_of(place, SHA256) == Corrections(tempo_bpm=184.0, sections=(VERSE,))
    correct(place, SHA256, Corrections())
    assert corrections_of(place, SHA256) is None
    assert place.is_empty()


@pytest.mark.parametrize("sha256", ["", "../x", "AB" * 32, "ab" * 31, "ab" * 32 + "/.."])
def test_what_is_no_hash_names_no_file(tmp_path, sha256):
    place = LocalPlace(tmp_path)
    assert corrections_of(place, sha256) is None
    assert kept_file(place, sha256) is None
    forget_files(place, sha256)
    (tmp_path / "song").write_bytes(b"x")
    with pytest.raises(ValueError, match="not the hash"):
        correct(place, sha256, Corrections(tempo_bpm=1.0))
    with pytest.raises(ValueError, match="not the hash"):
        keep_file(place, sha256, tmp_path / "song")


def test_damaged_corrections_are_none(tmp_path):
    place = LocalPlace(tmp_path)
    correct(place, SHA256, Corrections(tempo_bpm=184.0))
    (path,) = (tmp_path / "corrections").iterdir()
    path.write_bytes(b'{"tempo_bpm": "fast"}')
    assert corrections_of(place, SHA256) is None


def test_corrections_overrule_how_a_song_is_measured(tmp_path):
    store = Store(tmp_path)
    plain = Settings(separator="none")
    assert store.corrected(SHA256, plain) == plain
    correct(store.place, SHA256, Corrections(beats_per_bar=3, downbeat_s=1.5, sections=(VERSE,)))
    settings = store.corrected(SHA256, plain)
    assert (settings.beats_per_bar, settings.downbeat_s, settings.tempo_bpm) == (3, 1.5, None)
    assert settings.sections.startswith("by hand (")
    (section,) = store.given_structure(SHA256).sections
    assert (section.start_s, section.end_s, section.function) == (0.0, 8.0, "verse")


def test_an_analysis_holds_while_its_corrections_do():
    def record(corrections):
        settings = Settings(sections=corrections.sections_name)
        versions = {step.name: step.version for step in steps.analyzers()}
        return settings, Record(settings=settings.described(), versions=versions, from_mix=False)

    settings, before = record(Corrections(sections=(VERSE,)))
    assert not due(before, settings)
    renamed, _ = record(Corrections(sections=(NamedSection(start_s=0.0, end_s=8.0, name="chorus"),)))
    assert len(due(before, renamed)) == len(measurements())
    # Of a file with sections the name alone is known.
    by_name = Settings(sections="sections.txt")
    assert due(Record(settings=by_name.described(), versions=before.versions, from_mix=False), by_name)


def test_a_copy_to_listen_to_is_read_back(tmp_path):
    store = Store(tmp_path)
    copy = ListeningCopy(streams=(Stream(name="mix", webm=b"\x00sound"),), sample_rate_hz=48000, duration_s=3.2)
    assert not store.has_copy(SHA256)
    assert store.copy(SHA256) is None
    store.keep_copy(SHA256, copy)
    assert store.has_copy(SHA256)
    assert store.copy(SHA256) == copy
    (tmp_path / copy_name(SHA256)).write_bytes(b"\x81")
    assert store.copy(SHA256) is None


def test_a_song_is_found_where_it_is_kept_or_where_a_batch_saw_it(tmp_path):
    store, song = Store(tmp_path / "library"), tmp_path / "song.wav"
    song.write_bytes(np.arange(100, dtype=np.int16).tobytes())
    sha256 = sha256_of(song)
    assert store.file_of(sha256) is None
    files = Files(store.place)
    files.hash_of(song)
    files.write()
    assert store.file_of(sha256) == song
    song.write_bytes(b"another song")
    assert store.file_of(sha256) is None
    keep_file(store.place, sha256, song)
    assert store.file_of(sha256) == kept_file(store.place, sha256)
    assert not song.exists()


def test_all_of_a_song_is_forgotten(tmp_path):
    store = Store(tmp_path / "library")
    song = example_song()
    sha256 = song.source.sha256
    store.keep(song)
    store.keep_copy(sha256, ListeningCopy(streams=(), sample_rate_hz=48000, duration_s=3.2))
    correct(store.place, sha256, Corrections(tempo_bpm=90.0))
    (tmp_path / "song").write_bytes(b"x")
    keep_file(store.place, sha256, tmp_path / "song")
    store.forget(sha256)
    assert store.place.is_empty()


def test_the_local_pages_folder_is_a_library_for_batches(tmp_path):
    (tmp_path / PREFERENCES).write_text("{}")
    Store(tmp_path).check_may_be_library()
