import numpy as np
import pytest

from chapters_read import changed, said, sentences
from riffscope.analyzers.balance import Balance
from riffscope.analyzers.density import Density
from riffscope.analyzers.stereo import Stereo
from riffscope.model import Estimate
from riffscope.report.chapters.balance_stereo_and_density import balance_stereo_and_density
from songs import example_song

SONG = example_song()
pytestmark = pytest.mark.usefixtures("sketches")


def test_the_balance_comes_with_its_units_and_the_way_that_the_level_goes():
    for tilt, way in ((-4.5, "falls by 4.5 dB per octave"), (1.2, "rises by 1.2 dB"), (0.1, "about the same")):
        text = said(balance_stereo_and_density(changed(Balance, tilt_db_per_octave=tilt)))
        assert way in text
        assert f"{abs(SONG[Balance].bass_lu):.1f} LU" in text


def test_a_mono_song_is_said_and_not_drawn(sketches):
    ordinary = said(balance_stereo_and_density(SONG, full=True))
    assert "12%" in ordinary
    assert "2 kHz (25%)" in ordinary
    assert sketches.drawn == ["balance", "stereo", "density"]
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
    assert "the song is mono" in said(balance_stereo_and_density(mono, full=True))
    assert sketches.drawn == ["balance", "density"]


def test_a_report_in_brief_draws_none_of_it(sketches):
    assert said(balance_stereo_and_density(SONG)) == said(balance_stereo_and_density(SONG, full=True))
    sketches.drawn.clear()
    list(balance_stereo_and_density(SONG))
    assert sketches.drawn == []


def test_one_sided_and_antiphase_sounds_are_said():
    one_sided = said(balance_stereo_and_density(changed(Stereo, correlation=None)))
    assert "one side" in one_sided
    antiphase = said(balance_stereo_and_density(changed(Stereo, width_fraction=1.0, mono_loss_lu=None)))
    assert "100%" in antiphase
    assert "loses" not in antiphase


def test_pumping_is_found_not_found_or_not_to_be_told():
    found, none, unclear, unknown = (
        sentences(balance_stereo_and_density(changed(Density, pumping_db=dip)))
        for dip in (
            Estimate(low=2.3, value=3.2, high=6.1),
            Estimate(low=0.0, value=0.0, high=1.4),
            Estimate(low=0.0, value=0.0, high=6.2),
            None,
        )
    )
    assert any("3.2 dB (2.3 to 6.1)" in sentence for sentence in found)
    assert not any("just after the beat" in sentence for sentence in none | unclear | unknown)
    assert any("6.2 dB" in sentence for sentence in unclear)
    assert len({frozenset(said) for said in (none, unclear, unknown)}) == 3


def test_the_busiest_moment_is_where_the_curve_is_highest():
    curve = SONG[Density].onset_curve.copy()
    curve[83] = 9.3
    text = said(balance_stereo_and_density(changed(Density, onset_curve=curve)))
    assert "1:24" in text
    assert "9.3 onsets" in text


def test_a_trace_is_more_than_nothing_and_what_is_as_loud_loses_nothing():
    text = said(balance_stereo_and_density(changed(Balance, low_bass_fraction=0.004)))
    assert "less than 1% of the energy below 250 Hz" in text
    assert "0% of the energy below" in said(balance_stereo_and_density(changed(Balance, low_bass_fraction=0.0)))
    nearly_mono = said(balance_stereo_and_density(changed(Stereo, width_fraction=0.004, mono_loss_lu=0.01)))
    assert "less than 1% of the energy: mono" in nearly_mono
    assert "as loud" in nearly_mono
