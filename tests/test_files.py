import errno
import os
import re
import stat
import tempfile
import threading
from contextlib import nullcontext
from pathlib import Path

import pytest

from riffscope import files
from riffscope.errors import BadClaim, CannotWrite
from riffscope.files import (
    check_folder,
    check_output,
    never_overwriting,
    read_written,
    replacing,
    safe_name,
    temporary_folder,
    write_atomically,
)


def test_a_written_file_is_whole_and_alone(tmp_path):
    path = tmp_path / "new folder" / "report.pdf"
    write_atomically(path, b"one")
    with replacing():
        write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


def test_what_is_there_already_is_replaced_only_where_that_is_allowed(tmp_path):
    path, empty = tmp_path / "report.pdf", tmp_path / "empty"
    path.write_bytes(b"mine")
    empty.touch()
    for allowed in (None, False):
        with nullcontext() if allowed is None else replacing(allowed), pytest.raises(CannotWrite, match="--force"):
            write_atomically(path, b"new")
    assert path.read_bytes() == b"mine"
    write_atomically(empty, b"new")  # as mktemp makes them
    with replacing(), replacing(False):
        write_atomically(path, b"new")  # what is allowed outside stays allowed
    assert path.read_bytes() == empty.read_bytes() == b"new"
    with pytest.raises(CannotWrite):
        write_atomically(path, b"later")


def test_a_failed_write_leaves_the_old_file_and_no_rest(tmp_path, monkeypatch):
    path = tmp_path / "report.pdf"
    write_atomically(path, b"old")

    def full(_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"), replacing():
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_written_file_keeps_its_permissions(tmp_path):
    path = tmp_path / "private.json"
    path.touch(0o600)
    write_atomically(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_stays_a_link_and_what_it_points_to_is_written(tmp_path):
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    link.symlink_to(target)
    for content in (b"first", b"second"):
        with replacing():
            write_atomically(link, content)
        assert link.is_symlink()
        assert target.read_bytes() == content


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_written_to_a_pipe_goes_through_it(tmp_path):
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_atomically(pipe, b"content")
    reader.join(10)
    assert read == [b"content"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert list(tmp_path.iterdir()) == [pipe]


@pytest.mark.skipif(not os.path.exists("/dev/null"), reason="this system has no devices in its file system")  # noqa: PTH110
def test_a_device_stays_a_device(tmp_path):
    link = tmp_path / "null"
    link.symlink_to("/dev/null")
    write_atomically(link, b"content")
    assert link.is_symlink()
    assert stat.S_ISCHR(link.stat().st_mode)


def test_an_input_is_never_written_over_by_whatever_name(tmp_path):
    song = tmp_path / "song.wav"
    song.write_bytes(b"sound")
    (tmp_path / "link").symlink_to(song)
    (tmp_path / "hard").hardlink_to(song)
    with never_overwriting([song, tmp_path / "not there"]), replacing():
        for name in ("song.wav", "link", "hard"):
            with pytest.raises(CannotWrite, match="is an input"):
                write_atomically(tmp_path / name, b"json")
        write_atomically(tmp_path / "not there", b"json")
    assert song.read_bytes() == b"sound"
    with replacing():
        write_atomically(song, b"afterwards")
    assert song.read_bytes() == b"afterwards"


@pytest.mark.parametrize("name", ["", ".", "folder", "/"])
def test_a_folder_is_no_place_for_a_file(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(CannotWrite, match="give a file name"):
        check_output(type(tmp_path)(name))


def test_a_protected_file_stays(tmp_path):
    path = tmp_path / "protected.json"
    path.write_text("mine")
    path.chmod(0o444)
    with pytest.raises(CannotWrite, match="write-protected"):
        write_atomically(path, b"new")
    assert path.read_text() == "mine"


def test_names_are_safe_on_every_system():
    assert safe_name("AC/DC: Back in Black?") == "AC-DC-Back-in-Black"
    assert safe_name("../../etc/passwd") == "etc-passwd"
    assert safe_name("CON") == "CON-song"
    assert safe_name("...") == "song"
    assert safe_name("夜に駆ける") == "夜に駆ける"
    assert safe_name("naïve\x00 <b>") == "naïve-b"
    assert len(safe_name("ä" * 500).encode()) <= 100


def test_a_place_that_cannot_be_written_is_refused_before_any_work(tmp_path, monkeypatch):
    (tmp_path / "song.wav").write_bytes(b"sound")
    with pytest.raises(CannotWrite, match=r"song\.wav is a file, not a folder"):
        check_output(tmp_path / "song.wav" / "deeper" / "a.json")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CannotWrite, match="the shell has left the ~ as it is"):
        check_output(Path("~/a.json"))
    check_output(tmp_path / "new" / "folder" / "a.json")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(CannotWrite, match=rf"nothing can be written in {re.escape(str(tmp_path))}"):
        check_output(tmp_path / "new" / "folder" / "a.json")


def test_a_failure_bears_the_name_that_the_user_gave(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as why:
        write_atomically(tmp_path / "a.json", b"{}")
    assert why.value.filename == str(tmp_path / "a.json")


def test_a_folder_for_files_is_refused_before_any_work(tmp_path, monkeypatch):
    (tmp_path / "song.wav").write_bytes(b"sound")
    check_folder(tmp_path)
    check_folder(tmp_path / "new" / "folder")
    with pytest.raises(CannotWrite, match=r"song\.wav: is a file, not a folder"):
        check_folder(tmp_path / "song.wav")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(CannotWrite, match=rf"nothing can be written in {re.escape(str(tmp_path))}"):
        check_folder(tmp_path / "new")


@pytest.mark.parametrize("where", ["made", "written", "found"])
def test_no_room_for_temporary_files_is_said_with_what_to_do(where, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "riffscope-abc"))

    def nowhere(*_, **__):
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp', '.']")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    if where == "made":
        monkeypatch.setattr(tempfile, "TemporaryDirectory", full)
    if where == "found":
        for name in ("TemporaryDirectory", "gettempdir"):
            monkeypatch.setattr(tempfile, name, nowhere)
    with pytest.raises(CannotWrite, match="TMPDIR") as why, temporary_folder() as folder:
        raise OSError(errno.ENOSPC, "No space left on device", str(folder / "part"))
    assert "riffscope-" not in str(why.value)
    assert ("No space left" in str(why.value)) is (where != "found")
    assert list(tmp_path.iterdir()) == []


def test_other_failures_while_there_are_temporary_files_stay_what_they_are(tmp_path):
    with pytest.raises(FileNotFoundError, match="not there"), temporary_folder():
        (tmp_path / "not there").read_bytes()


def test_what_a_killed_run_left_half_written_is_swept_up_after_a_day(tmp_path):
    old, new, other = (tmp_path / name for name in (f".{'a' * 16}.part", f".{'b' * 16}.part", ".mine.part"))
    for path in (old, new, other):
        path.write_bytes(b"half")
    for path in (old, other):
        os.utime(path, (0, 0))
    write_atomically(tmp_path / "a.json", b"{}")
    assert {path.name for path in tmp_path.iterdir()} == {"a.json", new.name, other.name}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_that_says_nothing_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "PIPE_WAITS_S", 0.05)
    os.mkfifo(tmp_path / "claims.toml")
    with pytest.raises(BadClaim, match="is a pipe, and nothing came out of it"):
        read_written(tmp_path / "claims.toml")
    writer = threading.Thread(target=(tmp_path / "claims.toml").write_text, args=("a = 1\n",))
    writer.start()
    monkeypatch.setattr(files, "PIPE_WAITS_S", 10.0)
    assert read_written(tmp_path / "claims.toml") == "a = 1\n"
    writer.join()
