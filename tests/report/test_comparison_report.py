import functools
import re
import shutil
import subprocess
from dataclasses import asdict, replace

import pytest

from riffscope import palette, plots
from riffscope.analyzers.balance import BASS_HZ, Balance
from riffscope.analyzers.key import Key
from riffscope.analyzers.tempo import Tempo
from riffscope.compare import compare
from riffscope.model import Estimate, Measured
from riffscope.notes import Spelling
from riffscope.plots import style
from riffscope.plots.octaves import colors_of
from riffscope.report.blocks import ClaimLines, Facts, Figure, Headline, Notice, Table, Tally, VerdictList
from riffscope.report.comparison_report import comparison_document
from riffscope.report.html import render_html
from riffscope.report.pdf import render_pdf
from riffscope.report.song_report import details
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
    assert rows["Integrated"] == ("Integrated", "−9.3 LUFS", "−31.2 LUFS", "−21.9 LU", "different")
    assert rows["Camelot code"] == ("Camelot code", "11A", "11A", "", "same")


def from_other_file(song):
    return replace(song, source=replace(song.source, sha256="0" * 64))


def test_the_sentences_of_the_comparison_open_the_report():
    ordinary = example_song()
    tempo = replace(ordinary[Tempo], bpm=Estimate(value=80.0, low=79.9, high=80.1))
    other = from_other_file(with_outcomes(ordinary, {"tempo": Measured(value=tempo, version=1, seconds=0.0)}))
    compared = compare([ordinary, other])
    blocks = comparison_document(compared, [ordinary, other]).blocks
    (headline,) = (place for place, block in enumerate(blocks) if isinstance(block, Headline))
    assert blocks[headline].text == compared.sentences[0]
    assert "80 BPM against 123" in blocks[headline].text
    assert all(sentence in blocks[headline + 1].text for sentence in compared.sentences[1:])
    first = {type(block) for block in blocks[: headline + 1]}
    assert first <= {Facts, Headline}


def test_a_pitch_differs_by_semitones():
    rows = rows_of(document_of("ordinary", "wide"))
    assert rows["Low end"][3].endswith("semitones")


def test_what_one_song_lacks_is_said_with_the_reason():
    (notice,) = (block.text for block in document_of("ordinary", "voiceless").blocks if isinstance(block, Notice))
    assert "song B" in notice
    for fact in ("vocal activity", "vocal layers", "vocal range", "vocal tone", "no one sings"):
        assert fact in notice


def test_the_claims_stand_above_every_figure_and_number():
    song = example_song()
    blocks = comparison_document(compare([song, from_other_file(song)]), [song, from_other_file(song)]).blocks
    kinds = [type(block) for block in blocks]
    assert kinds.index(Headline) < kinds.index(Tally) < kinds.index(ClaimLines) < kinds.index(Figure)
    assert kinds.index(Figure) < max(place for place, kind in enumerate(kinds) if kind is Table)


def test_figures_in_words_name_only_what_a_listener_notices():
    (drawn,) = (
        block.alt
        for block in document_of("ordinary", "quiet").blocks
        if isinstance(block, Figure) and "listener" in block.alt
    )
    assert "Loudness: A −9.3 LUFS and B −31.2 LUFS, quieter." in drawn
    assert "True peak" not in drawn


def test_the_bass_in_the_caption_is_where_its_bars_are():
    (caption,) = (
        block.caption
        for block in document_of("ordinary", "quiet").blocks
        if isinstance(block, Figure) and "Purple" in block.caption
    )
    low, high = (float(number) for number in re.findall(r"from (\d+) to (\d+) Hz", caption)[0])
    edges_hz = SONGS["ordinary"][Balance].band_edges_hz
    purple = [color == palette.HARMONY for color in colors_of(edges_hz)]
    assert low == pytest.approx(edges_hz[0], abs=0.5)
    assert high == pytest.approx(edges_hz[sum(purple)], abs=0.5)
    assert high <= BASS_HZ[1]


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


@pytest.mark.pages
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext (poppler)")
@pytest.mark.parametrize("names", [("ordinary", "long"), ("ordinary", "missing"), ("judged", "wide")])
def test_each_timeline_stands_below_its_heading(names):
    content = render_pdf(document_of(*names))
    text = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True).stdout
    pages = text.decode().split("\f")
    for letter, name in zip("AB", names, strict=True):
        (headed,) = [page for page in pages if f"{letter}: Closet Heartbeat" in page]
        assert details(SONGS[name]) in headed.partition(f"{letter}: Closet Heartbeat")[2]


def test_more_songs_than_columns_are_refused():
    many = [example_song(duration_s=12.0)] * 7
    with pytest.raises(ValueError, match=r"7 songs .* up to 6"):
        comparison_document(compare(many), many)


def test_the_claims_about_each_song_against_the_first_are_in_it():
    songs = [example_song(), *(from_other_file(example_song()) for _ in range(2))]
    compared = compare(songs)
    blocks = comparison_document(compared, songs).blocks
    lines = [block for block in blocks if isinstance(block, ClaimLines)]
    for block, verdicts in zip(lines, compared.verdicts, strict=True):
        told = [line.text for line in block.lines] + [text for one in block.untested for text in one.claims]
        assert sorted(told) == sorted(verdict.text for verdict in verdicts)
        assert len(told) > 5
    reasons = [item for block in blocks if isinstance(block, VerdictList) for item in block.verdicts]
    assert len(reasons) == sum(len(block.lines) for block in lines)
    assert all(item.because for item in reasons)


def test_a_recording_beside_itself_has_no_claims_and_no_differences():
    document = comparison_document(compare([example_song(), example_song()]), [example_song(), example_song()])
    assert not any(isinstance(block, Tally | ClaimLines | VerdictList) for block in document.blocks)
    (headline,) = (block.text for block in document.blocks if isinstance(block, Headline))
    assert headline == "These are the same recording."
    assert {row[-1] for row in rows_of(document).values() if len(row) == 5} == {"same"}


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
        told = str(asdict(replace(block, svg="") if isinstance(block, Figure) else block))
        assert not re.search("[A-G]♭", told)
    assert {song.spelling for song in drawn if isinstance(song, SongAnalysis)} == {Spelling.SHARPS}
