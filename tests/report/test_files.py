import os

import pytest

from riffscope.files import safe_name, write_atomically


def test_a_written_file_is_whole_and_alone(tmp_path):
    path = tmp_path / "new folder" / "report.pdf"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file_and_no_rest(tmp_path, monkeypatch):
    path = tmp_path / "report.pdf"
    write_atomically(path, b"old")

    def full(_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_names_are_safe_on_every_system():
    assert safe_name("AC/DC: Back in Black?") == "AC-DC-Back-in-Black"
    assert safe_name("../../etc/passwd") == "etc-passwd"
    assert safe_name("CON") == "CON-song"
    assert safe_name("...") == "song"
    assert safe_name("夜に駆ける") == "夜に駆ける"
    assert safe_name("naïve\x00 <b>") == "naïve-b"
    assert len(safe_name("ä" * 500).encode()) <= 100
