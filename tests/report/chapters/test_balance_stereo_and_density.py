import numpy as np
import pytest

from chapters_read import changed, said
from riffscope.analyzers.key import Key, KeyName, KeyPart
from riffscope.analyzers.stereo import Stereo
from riffscope.report.chapters.key_balance_and_stereo import key_balance_and_stereo
from songs import example_song

SONG = example_song()
pytestmark = pytest.mark.usefixtures("sketches")


def test_the_key_comes_with_its_rival_its_odds_and_the_tuning():
    text = said(key_balance_and_stereo(SONG))
    for fact in ("F♯ minor", "11A", "71 of 100", "A major", "7 cents below"):
        assert fact in text
    flat = changed(Key, tonic="Bb", mode="minor", runner_up=KeyName(tonic="Db", mode="major"), tuning_cents=0.0)
    for fact in ("B♭ minor", "D♭ major", "at A = 440 Hz"):
        assert fact in said(key_balance_and_stereo(flat))


def in_parts(*parts):
    """The song in some keys: start, end, tonic, mode, confidence."""
    names = ("start_s", "end_s", "tonic", "mode", "confidence_fraction")
    return changed(Key, parts=tuple(KeyPart(**dict(zip(names, part, strict=True))) for part in parts))


def test_a_change_of_key_is_told_in_a_sentence_with_its_time():
    text = said(key_balance_and_stereo(in_parts((0.0, 64.0, "C", "major", 0.9), (64.0, 215.0, "D", "major", 0.8))))
    assert "The song is in C major to 1:04, then in D major." in text
    assert "Uncertain" not in text
    paused = in_parts(
        (0.0, 64.0, "C", "major", 0.9), (80.0, 100.0, "C#", "minor", 0.8), (100.0, 215.0, "E", "major", 0.9)
    )
    text = said(key_balance_and_stereo(paused))
    assert "in C major to 1:04, then from 1:20 on in C♯ minor to 1:40, then in E major." in text


def test_parts_of_low_confidence_are_marked():
    unsure = in_parts(
        (0.0, 64.0, "C", "major", 0.9), (64.0, 100.0, "Bb", "minor", 0.3), (100.0, 215.0, "F", "major", 0.4)
    )
    text = said(key_balance_and_stereo(unsure))
    assert "Uncertain: B♭ minor from 1:04 on and F major from 1:40 on." in text


def test_one_part_is_no_change():
    text = said(key_balance_and_stereo(in_parts((0.0, 215.0, "F#", "minor", 0.71))))
    assert "then" not in text
    assert "F♯ minor" in text


def test_the_balance_comes_with_its_units():
    text = said(key_balance_and_stereo(SONG))
    assert "LU" in text
    assert "dB/octave" in text or "dB per octave" in text


def test_a_mono_song_is_said_and_not_drawn(sketches):
    ordinary = said(key_balance_and_stereo(SONG))
    assert "12%" in ordinary
    assert "2 kHz (25%)" in ordinary
    assert sketches.drawn == ["balance", "stereo"]
    zeros = np.zeros(10)
    mono = changed(
        Stereo,
        width_fraction=0.0,
        correlation=1.0,
        mono_loss_lu=0.0,
        band_width_fraction=zeros,
        band_correlation=1 + zeros,
    )
    sketches.drawn.clear()
    assert "mono" in said(key_balance_and_stereo(mono))
    assert sketches.drawn == ["balance"]


def test_one_sided_and_antiphase_sounds_are_said():
    one_sided = said(key_balance_and_stereo(changed(Stereo, correlation=None)))
    assert "one side" in one_sided
    antiphase = said(key_balance_and_stereo(changed(Stereo, width_fraction=1.0, mono_loss_lu=None)))
    assert "100%" in antiphase
    assert "loses" not in antiphase
