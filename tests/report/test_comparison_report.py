import functools
import shutil
import subprocess
from dataclasses import replace

import pytest

from riffscope.analyzers.tempo import Tempo
from riffscope.compare import compare
from riffscope.model import Estimate, Measured
from riffscope.report.blocks import Figure, Heading, Notice, Paragraph, Table, VerdictList
from riffscope.report.comparison_report import comparison_document
from riffscope.report.html import render_html
from riffscope.report.pdf import render_pdf
from songs import example_song, songs, with_outcomes

SONGS = songs()


@functools.cache
def document_of(*names):
    chosen = [SONGS[name] for name in names]
    return comparison_document(compare(chosen), chosen)


def rows_of(document):
    return {row[0]: row for block in document.blocks if isinstance(block, Table) for row in block.rows}


def test_two_songs_stand_side_by_side_with_their_difference():
    rows = rows_of(document_of("ordinary", "quiet"))
    assert rows["Integrated"] == ("Integrated", "−9.3 LUFS", "−31.2 LUFS", "−21.9 LUFS", "different")
    assert rows["Tonic"] == ("Tonic", "F♯", "F♯", "", "the same")


def test_what_sets_songs_apart_is_named_once():
    ordinary = example_song()
    tempo = ordinary[Tempo]
    slower = replace(tempo, bpm=Estimate(value=60.0, low=59.9, high=60.1))
    songs_ = [ordinary, with_outcomes(ordinary, {"tempo": Measured(value=slower, version=1, seconds=0.0)})]
    said = [block.text for block in comparison_document(compare(songs_), songs_).blocks if isinstance(block, Paragraph)]
    assert any(text.startswith("Tempo: A 123.0 BPM against B 60.0 BPM") for text in said), said


def test_a_pitch_differs_by_semitones():
    rows = rows_of(document_of("ordinary", "wide"))
    assert rows["Lowest"][3].endswith("semitones")


def test_what_one_song_lacks_is_said_with_the_reason():
    notices = [block.text for block in document_of("ordinary", "voiceless").blocks if isinstance(block, Notice)]
    assert notices == ["B lacks vocal activity, vocal layers, vocal range and vocal tone: no one sings."]


def test_the_clearest_difference_comes_first():
    paragraphs = [block.text for block in document_of("ordinary", "quiet").blocks if hasattr(block, "note")]
    assert paragraphs[0].startswith("Loudness, ")


@pytest.mark.parametrize(
    "names", [("ordinary", "quiet"), ("ordinary", "missing"), ("ordinary", "short", "wide", "long")]
)
def test_comparisons_can_be_set(names):
    document = document_of(*names)
    drawn = [block.alt for block in document.blocks if isinstance(block, Figure)]
    assert sum(alt.startswith("Timeline of song") for alt in drawn) == len(names)
    assert sum(alt.startswith("The songs on shared axes") for alt in drawn) == 1
    assert render_pdf(document).startswith(b"%PDF")
    page = render_html(document).decode()
    assert "None" not in page
    assert "nan" not in page.lower()


def test_the_voices_the_width_and_the_onsets_stand_at_a_glance():
    rows = rows_of(document_of("ordinary", "voiceless"))
    assert rows["More than one voice"][1:] == ("31% of sung time", "not measured")
    assert rows["Voice against backing"][1:] == ("−1.4 LU", "not measured")
    assert rows["Stereo width"][1:] == ("12%", "12%")
    assert rows["Onset rate"][1:] == ("4.1 per s", "4.1 per s")


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext (poppler)")
@pytest.mark.parametrize("names", [("ordinary", "long"), ("ordinary", "missing"), ("judged", "wide")])
def test_two_timelines_share_a_page(names):
    content = render_pdf(document_of(*names))
    text = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True).stdout
    last = [page for page in text.decode().split("\f") if page.strip()][-1]
    assert "A: Closet Heartbeat" in last
    assert "B: Closet Heartbeat" in last


def test_more_songs_than_columns_are_refused():
    many = [example_song(duration_s=12.0)] * 7
    with pytest.raises(ValueError, match="2 to 6 songs"):
        comparison_document(compare(many), many)


def test_the_claims_about_each_song_against_the_first_are_in_it():
    songs = [example_song(), example_song()]
    document = comparison_document(compare(songs), songs)
    (verdicts,) = (block.verdicts for block in document.blocks if isinstance(block, VerdictList))
    assert len(verdicts) == len(compare(songs).verdicts[0]) > 5
    headings = [block.text for block in document.blocks if isinstance(block, Heading)]
    assert "Song B against song A: the claims" in headings
