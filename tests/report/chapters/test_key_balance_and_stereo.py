import numpy as np
import pytest

from chapters_read import changed, said
from riffscope.analyzers.key import Key, KeyName
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
