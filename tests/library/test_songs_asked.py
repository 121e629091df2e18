"""The table that questions are put to is as new as the analyses, or it is said that it is not."""

import os

import pytest
from filelock import FileLock

from asked_library import library_of, song_of
from riffscope.library.index import SONGS
from riffscope.library.songs import songs_of


def titles(store, **options):
    return set(songs_of(store, **options).collect()["title"])


def test_the_table_is_made_where_it_is_missing(tmp_path):
    store = library_of(tmp_path, song_of("a"), indexed=False)
    assert titles(store) == {"a"}
    assert (tmp_path / SONGS).exists()


def test_a_song_that_was_added_or_measured_anew_is_found(tmp_path):
    store = library_of(tmp_path, song_of("a"))
    store.keep(song_of("b"))
    assert titles(store) == {"a", "b"}
    store.keep(song_of("b", bpm=77.0))
    assert 77.0 in songs_of(store).collect()["tempo.bpm"].to_list()


def test_a_table_that_is_as_new_as_the_analyses_is_not_made_again(tmp_path):
    store = library_of(tmp_path, song_of("a"))
    before = (tmp_path / SONGS).stat().st_mtime_ns
    assert titles(store, progress=lambda _: pytest.fail("an analysis was read")) == {"a"}
    assert (tmp_path / SONGS).stat().st_mtime_ns == before


def test_a_damaged_table_and_one_of_other_columns_are_made_anew(tmp_path):
    store = library_of(tmp_path, song_of("a"))
    table = tmp_path / SONGS
    songs_of(store).drop("tempo.bpm").collect().write_parquet(table)
    assert "tempo.bpm" in songs_of(store).collect_schema()
    table.write_bytes(table.read_bytes()[:50])
    assert titles(store) == {"a"}


def test_while_a_batch_is_at_work_the_table_is_taken_as_it_is(tmp_path):
    store = library_of(tmp_path, song_of("a"))
    store.keep(song_of("b"))
    said = []
    with FileLock(tmp_path / ".batch.lock"):
        assert titles(store, say=said.append) == {"a"}
    assert len(said) == 1
    assert "batch" in said[0]
    assert titles(store, say=said.append) == {"a", "b"}
    assert len(said) == 1


def test_a_library_that_may_not_be_written_to_answers_too(tmp_path, monkeypatch):
    store = library_of(tmp_path, song_of("a"))
    store.keep(song_of("b"))
    said = []
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert titles(store, say=said.append) == {"a"}
    assert "written" in said[0]


def test_what_is_damaged_is_said(tmp_path):
    store = library_of(tmp_path, song_of("a"), song_of("b"), indexed=False)
    path = next((tmp_path / "analyses").rglob("*.gz"))
    path.write_bytes(b"nothing")
    said = []
    assert len(titles(store, say=said.append)) == 1
    assert path.name in said[0]


def test_at_an_address_the_table_is_made_where_it_is_missing():
    pytest.importorskip("fsspec")
    store = library_of("memory://asked", song_of("a"), indexed=False)
    assert titles(store) == {"a"}
