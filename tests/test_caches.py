"""Where numba finds no place to keep what it compiles, it is given one."""

import os
from pathlib import Path

import pytest

from riffscope import caches


@pytest.fixture
def asked(monkeypatch):
    """Make room anew, with some folders that can be written."""
    monkeypatch.delenv(caches.NUMBA_CACHE, raising=False)

    def ask(writable):
        monkeypatch.setattr(caches, "_can_write", writable)
        caches.make_room.__wrapped__()
        return os.environ.get(caches.NUMBA_CACHE)

    yield ask
    monkeypatch.delenv(caches.NUMBA_CACHE, raising=False)


def test_where_it_can_write_numba_keeps_its_own_place(asked):
    assert asked(lambda folder: True) is None
    assert asked(lambda folder: "librosa" in folder.parts) is None
    assert asked(lambda folder: "librosa" not in folder.parts) is None


def test_where_it_cannot_it_is_given_a_place_for_temporary_files(asked, tmp_path, monkeypatch):
    monkeypatch.setattr(caches.tempfile, "gettempdir", lambda: str(tmp_path))
    assert Path(asked(lambda folder: False)).parent == tmp_path


def test_a_place_that_the_user_chose_stays(asked, monkeypatch):
    monkeypatch.setenv(caches.NUMBA_CACHE, "/chosen")
    assert asked(lambda folder: False) == "/chosen"


def test_a_folder_is_tried_by_writing_in_it(tmp_path):
    assert caches._can_write(tmp_path / "new" / "deeper")
    (tmp_path / "file").write_text("")
    assert not caches._can_write(tmp_path / "file" / "deeper")
