import functools
import re
import shutil
import subprocess
from dataclasses import replace

import pytest

from riffscope import plots
from riffscope.analyzers.key import Key
from riffscope.analyzers.tempo import Tempo
from riffscope.compare import compare
from riffscope.model import Estimate, Measured
from riffscope.notes import Spelling
from riffscope.plots import style
from riffscope.report.blocks import Figure, Heading, Notice, Paragraph, Table, VerdictList
from riffscope.report.comparison_report import comparison_document
from riffscope.report.html import render_html
from riffscope.report.pdf import render_pdf
from riffscope.song import SongAnalysis
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
    assert sum("A 123.0 BPM" in text and "B 60.0 BPM" in text for text in said) == 1, said


def test_a_pitch_differs_by_semitones():
    rows = rows_of(document_of("ordinary", "wide"))
    assert rows["Lowest"][3].endswith("semitones")


def test_what_one_song_lacks_is_said_with_the_reason():
    (notice,) = (block.text for block in document_of("ordinary", "voiceless").blocks if isinstance(block, Notice))
    assert notice.startswith("B ")
    for fact in ("vocal activity", "vocal layers", "vocal range", "vocal tone", "no one sings"):
        assert fact in notice


def test_the_clearest_difference_comes_first():
    paragraphs = [block.text for block in document_of("ordinary", "quiet").blocks if hasattr(block, "note")]
    assert paragraphs[0].startswith("Loudness, ")


@pytest.mark.parametrize(
    "names", [("ordinary", "quiet"), ("ordinary", "missing"), ("ordinary", "short", "wide", "long")]
)
def test_comparisons_can_be_set(names):
    document = document_of(*names)
    drawn = [block.alt for block in document.blocks if isinstance(block, Figure)]
    assert [alt.startswith("Timeline of song") for alt in drawn[-len(names) :]] == [True] * len(names)
    assert render_pdf(document).startswith(b"%PDF")
    page = render_html(document).decode()
    assert "None" not in page
    assert "nan" not in page.lower()


def test_the_voices_the_width_and_the_onsets_stand_at_a_glance():
    rows = rows_of(document_of("ordinary", "voiceless"))
    assert rows["More than one voice"][1:] == ("31% of sung time", "not measured")
    assert rows["Voice against accompaniment"][1:] == ("−1.4 LU", "not measured")
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


def test_notes_are_spelled_one_way_even_where_the_keys_have_two(monkeypatch):
    """The keys of F major, which has flats, and of F sharp minor: both songs are written with sharps."""
    drawn = []
    monkeypatch.setattr(
        plots,
        "FIGURES",
        {name: lambda song, **_: drawn.append(song) or style.new_figure(1.0) for name in plots.FIGURES},
    )
    ordinary = example_song()
    flat = with_outcomes(
        ordinary, {"key": Measured(value=replace(ordinary[Key], tonic="F", mode="major"), version=1, seconds=0.0)}
    )
    document = comparison_document(compare([flat, ordinary], claims=()), [flat, ordinary])
    for block in document.blocks:
        told = repr(replace(block, svg="") if isinstance(block, Figure) else block)
        assert not re.search("[A-G]♭", told)
    assert {song.spelling for song in drawn if isinstance(song, SongAnalysis)} == {Spelling.SHARPS}
