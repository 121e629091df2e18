import pytest

from chapters_read import captions, changed, rows, said, sentences
from riffscope.analyzers.loudness import Loudness
from riffscope.report.chapters.loudness import loudness
from songs import example_song, songs

SONG = example_song()
pytestmark = pytest.mark.usefixtures("sketches")


def test_loudness_comes_with_its_units_and_the_gains_of_services():
    text = said(loudness(SONG))
    for fact in ("−9.3 LUFS", "5.2 LU", "−0.2 dBTP", "Spotify", "down by 4.7 dB"):
        assert fact in text
    table = {row[0]: row[1] for row in rows(loudness(SONG, full=True))}
    assert table["Integrated loudness"] == "−9.3 LUFS"
    assert table["Loudness range"] == "5.2 LU"
    quiet = {row[0]: row[1] for row in rows(loudness(songs()["quiet"], full=True))}
    assert quiet["Loudness range"] == "too short"


def test_a_true_peak_above_what_services_ask_for_is_told():
    lower = sentences(loudness(changed(Loudness, true_peak_dbtp=-1.5)))
    assert any("−1.0 dBTP" in sentence for sentence in sentences(loudness(SONG)))
    assert not any("−1.0 dBTP" in sentence for sentence in lower)


def test_services_are_told_by_what_they_do():
    gains = {"Spotify": 4.4, "Apple Music": -2.0, "Tidal": 0.0, "Deezer": 0.0}
    text = said(loudness(changed(Loudness, streaming_gain_db=gains)))
    for fact in ("Spotify turns it up by 4.4 dB", "Apple Music turns it down by 2.0 dB", "Deezer and Tidal leave it"):
        assert fact in text


def test_gains_are_shown_where_a_service_turns_the_song():
    turned = captions(loudness(changed(Loudness, streaming_gain_db={"Spotify": 4.4, "Deezer": 0.0})))
    left = captions(loudness(changed(Loudness, streaming_gain_db={"Spotify": 0.04, "Deezer": 0.0})))
    assert any("each service" in caption for caption in turned)
    assert left
    assert not any("each service" in caption for caption in left)


def test_the_table_is_for_a_report_in_full():
    assert rows(loudness(SONG)) == []
