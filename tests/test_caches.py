"""What is kept between runs is made where it is not there, and numba is given a place where it finds none."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from riffscope import caches
from riffscope.errors import CannotWrite
from signals import metronome


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


# ------------------------------------------------------------------------------------------------------ kept arrays
WANTED = np.arange(12, dtype=np.float32).reshape(3, 4)


@pytest.fixture
def asks(tmp_path, monkeypatch):
    """Ask for an array whose place is a folder of the test's own; tell how often it was made."""
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: tmp_path / "riffscope")

    def ask(shape=WANTED.shape, dtype=np.float32):
        made = []
        found = caches.kept_array("a", lambda: made.append(0) or WANTED.copy(), shape=shape, dtype=dtype)
        np.testing.assert_array_equal(found, WANTED, strict=True)
        return len(made)

    return ask


def kept(tmp_path):
    (file,) = (tmp_path / "riffscope").iterdir()
    return file


def test_an_array_is_made_once(asks, tmp_path):
    assert [asks(), asks(), asks()] == [1, 0, 0]
    np.testing.assert_array_equal(np.load(kept(tmp_path), allow_pickle=False), WANTED)


@pytest.mark.parametrize(
    "harm",
    [
        lambda content: b"",
        lambda content: content[:50],
        lambda content: content[:-1],
        lambda content: content[:130] + bytes([content[130] ^ 1]) + content[131:],
        lambda content: content + b"0",
        lambda content: caches._packed(np.full_like(WANTED, np.nan)),
        lambda content: caches._packed(WANTED.astype(np.float64)),
        lambda content: caches._packed(WANTED[:2]),
    ],
    ids=[
        "empty",
        "cut",
        "a byte short",
        "a bit turned",
        "a byte more",
        "not numbers",
        "of another type",
        "of another shape",
    ],
)
def test_a_damaged_one_is_made_anew_and_kept(harm, asks, tmp_path):
    asks()
    file = kept(tmp_path)
    file.write_bytes(harm(file.read_bytes()))
    assert [asks(), asks()] == [1, 0]


def test_where_a_folder_stands_in_its_place_it_is_made_each_time(asks, tmp_path):
    asks()
    file = kept(tmp_path)
    file.unlink()
    file.mkdir()
    assert [asks(), asks()] == [1, 1]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root writes anywhere")
def test_where_nothing_may_be_written_it_is_made_each_time(asks, tmp_path):
    (tmp_path / "riffscope").mkdir(mode=0o500)
    assert [asks(), asks()] == [1, 1]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), PermissionError(), CannotWrite("protected")])
def test_where_it_cannot_be_written_it_is_made_each_time(error, asks, monkeypatch):
    def refuse(path, content):
        raise error

    monkeypatch.setattr(caches, "write_atomically", refuse)
    assert [asks(), asks()] == [1, 1]


def test_where_no_folder_can_be_made_it_is_made_each_time(asks, tmp_path):
    (tmp_path / "riffscope").write_text("a file")
    assert [asks(), asks()] == [1, 1]


def test_without_a_home_it_is_made_each_time(asks, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: Path("~/.cache/riffscope"))
    assert [asks(), asks()] == [1, 1]
    assert not list(tmp_path.iterdir())


def test_another_version_of_what_makes_it_makes_it_anew(asks, monkeypatch):
    asks()
    monkeypatch.setattr(caches, "version", lambda name: f"{name}'s next")
    assert [asks(), asks()] == [1, 0]


def test_the_second_song_of_a_machine_is_measured_without_what_is_slow_to_import(tmp_path):
    clicks, _ = metronome(100, duration_s=12)
    soundfile.write(tmp_path / "song.wav", clicks, 44100)
    heavy = ("librosa", "numba", "joblib", "scipy.signal", "scipy.stats", "scipy.interpolate")
    code = (
        "import sys; from riffscope.workflow import analyze; song = analyze('song.wav', separator='none', threads=1)\n"
        "assert song.measure('beats.times_s').size and song.measure('density.onsets_per_s').value\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    ]
    assert said[1] == "[]\n"
    if sys.platform.startswith("linux"):  # elsewhere the cache folder is where it is
        assert "librosa" in said[0]
