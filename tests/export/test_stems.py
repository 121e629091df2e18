import errno
import os

import numpy as np
import pytest
import soundfile

from riffscope.errors import CannotMeasure
from riffscope.export.stems import stems
from riffscope.model import VocalSource
from riffscope.views.stems import Stems
from signals import audio_of, noise

SONG = audio_of([0.0], name="song.flac")


def parts(vocals, accompaniment, method=VocalSource.SPLEETER):
    vocals = np.atleast_2d(vocals).astype(np.float32)
    return Stems(
        vocals=vocals,
        mix=vocals if accompaniment is None else vocals + np.atleast_2d(accompaniment).astype(np.float32),
        sample_rate_hz=48000,
        method=method,
    )


def test_the_two_files_add_up_to_the_mix_even_beyond_full_scale(tmp_path):
    voice, backing = 1.5 * noise(2.0, 48000, seed=1), noise(2.0, 48000, seed=2)
    paths = stems(parts([voice, voice], [backing, backing]), SONG, folder=tmp_path / "new")
    assert [path.name for path in paths] == ["song.vocals.wav", "song.accompaniment.wav"]
    (a, rate_hz), (b, _) = (soundfile.read(path) for path in paths)
    assert rate_hz == 48000
    np.testing.assert_allclose((a + b)[:, 0], voice + backing, atol=1e-6)
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["song.accompaniment.wav", "song.vocals.wav"]


def test_a_mix_that_was_not_taken_apart_is_not_exported_twice(tmp_path):
    with pytest.raises(CannotMeasure, match="riffscope models get spleeter"):
        stems(parts([0.1], None, method=VocalSource.MIX), SONG, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_leaves_what_was_there(tmp_path, monkeypatch):
    (tmp_path / "song.vocals.wav").write_text("mine")
    monkeypatch.setattr(soundfile.SoundFile, "write", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        stems(parts([0.1] * 99, [0.1] * 99), SONG, folder=tmp_path)
    assert (tmp_path / "song.vocals.wav").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["song.vocals.wav"]


def test_of_a_full_disk_it_is_said_that_it_is_full(tmp_path, monkeypatch):
    def write(*_):
        raise soundfile.LibsndfileError(2, "Error : ")

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(soundfile.SoundFile, "write", write)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device") as why:
        stems(parts([0.1] * 99, [0.1] * 99), SONG, folder=tmp_path)
    assert why.value.filename == str(tmp_path / "song.vocals.wav")
    assert list(tmp_path.iterdir()) == []
