import pytest

from chapters_read import changed, rows, said, sentences
from riffscope.analyzers.density import Density
from riffscope.analyzers.loudness import Loudness
from riffscope.model import Estimate
from riffscope.report.chapters.loudness_and_density import loudness_and_density
from songs import example_song, songs

SONG = example_song()
pytestmark = pytest.mark.usefixtures("sketches")


def test_loudness_comes_with_its_units_and_the_gains_of_services():
    text = said(loudness_and_density(SONG))
    for fact in ("−9.3 LUFS", "5.2 LU", "−0.2 dBTP", "Spotify", "−4.7 dB"):
        assert fact in text
    table = {row[0]: row[1] for row in rows(loudness_and_density(SONG))}
    assert table["Integrated loudness"] == "−9.3 LUFS"
    assert table["Loudness range"] == "5.2 LU"
    quiet = {row[0]: row[1] for row in rows(loudness_and_density(songs()["quiet"]))}
    assert quiet["Loudness range"] == "too short"


def test_a_true_peak_above_what_services_ask_for_is_told():
    lower = sentences(loudness_and_density(changed(Loudness, true_peak_dbtp=-1.5)))
    assert any("−1.0 dBTP" in sentence for sentence in sentences(loudness_and_density(SONG)))
    assert not any("−1.0 dBTP" in sentence for sentence in lower)


def test_pumping_is_found_not_found_or_not_to_be_told():
    found, none, unclear, unknown = (
        sentences(loudness_and_density(changed(Density, pumping_db=dip)))
        for dip in (
            Estimate(low=2.3, value=3.2, high=6.1),
            Estimate(low=0.0, value=0.0, high=1.4),
            Estimate(low=0.0, value=0.0, high=6.2),
            None,
        )
    )
    assert any("3.2 dB (2.3 to 6.1 dB)" in sentence for sentence in found)
    assert not any("dips" in sentence for sentence in none | unclear | unknown)
    assert any("6.2 dB" in sentence for sentence in unclear)
    assert len({frozenset(said) for said in (none, unclear, unknown)}) == 3


def test_the_busiest_moment_is_where_the_curve_is_highest():
    curve = SONG[Density].onset_curve.copy()
    curve[83] = 9.3
    text = said(loudness_and_density(changed(Density, onset_curve=curve)))
    assert "1:24" in text
    assert "9.3 onsets" in text
