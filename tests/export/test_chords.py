"""The chord sheet as it is read: from the page and the text; the PDF is tagged and holds the same words."""

import html
import re
import shutil
import subprocess

import pytest

from charted import charted_song, key_of
from outcomes import missing
from riffscope.analyzers.structure import Section, Structure
from riffscope.errors import CannotMeasure
from riffscope.export.chords import chords
from songs import HOSTILE_TITLES, example_song, with_outcomes


def sheet(song, folder, **options):
    """The page, the path of the PDF, and the text."""
    page, pdf, text = chords(song, folder=folder, **options)
    return page.read_text("utf-8"), pdf, text.read_text("utf-8")


def said(page):
    """All words of a page's body."""
    body = re.search(r"<body>(.*)</body>", page, re.DOTALL)[1]
    return " ".join(html.unescape(re.sub("<[^>]*>", "", body)).split())


def bars(page):
    """The words of each bar of a page."""
    return [said(f"<body>{bar}</body>") for bar in re.findall(r"<li[^>]*>(.*?)</li>", page, re.DOTALL)]


def blues(**about):
    sections = (
        Section(start_s=0.0, end_s=5.0, label="A", function="verse"),
        Section(start_s=5.0, end_s=13.0, label="B", function="chorus"),
    )
    return charted_song(
        ["C:min", [(1, "Ab:maj"), (3, "Bb:7")], "C:min7", "Eb:maj/3", "N"],
        key_of("C", "minor"),
        Structure(sections=sections),
        **about,
    )


def test_three_files_are_named_after_the_song(tmp_path):
    assert [path.name for path in chords(example_song(), folder=tmp_path)] == [
        "closet.chord-sheet.html",
        "closet.chord-sheet.pdf",
        "closet.chord-sheet.txt",
    ]


def test_sections_have_their_bars_with_the_chords_in_their_order(tmp_path):
    page, _, text = sheet(blues(), tmp_path)
    assert bars(page) == ["1 Cm", "2 A♭ B♭7", "3 Cm7", "4 E♭/G", "5 N.C."]
    assert re.findall(r"<h2>(\w+)", page) == ["Verse", "Chorus"]
    assert text.splitlines()[-7:-2] == [
        "[Verse]  0:01",
        "| Cm . . .   | Ab . Bb7 . |",
        "",
        "[Chorus]  0:05",
        "| Cm7 . . .  | Eb/G . . . | N.C. . . . |",
    ]
    assert "C minor · 4/4" in said(page)


def test_with_a_capo_it_says_what_to_play_and_what_sounds(tmp_path):
    page, _, text = sheet(blues(), tmp_path, capo=3)
    assert bars(page)[:2] == ["1 Am", "2 F G7"]
    assert "Capo 3: play" in said(page)
    assert "; sounds in C minor." in said(page)
    assert "Capo 3: play Am" in text
    assert "No capo" not in text


def test_without_a_capo_the_chords_are_as_they_sound(tmp_path):
    assert "No capo: the chords as they sound." in said(sheet(blues(), tmp_path)[0])


def test_the_round_of_a_section_has_its_degrees(tmp_path):
    page, _, _ = sheet(example_song(), tmp_path)
    assert "F♯m D A E/G♯ (i VI III VII6), 8 bars, 2 times" in said(page)


def test_an_unsure_chord_is_marked_for_eye_and_ear_and_the_mark_explained(tmp_path):
    page, _, text = sheet(example_song(), tmp_path)
    assert '<span class="unsure">Bm7<i aria-hidden="true">?</i><span class="unseen"> (unsure)</span></span>' in page
    assert "Chords with a question mark are likelier wrong than right." in said(page)
    assert "| Bm7? . . . |" in text
    certain, *_ = sheet(blues(), tmp_path / "certain")
    assert "question mark" not in said(certain)


def test_a_change_of_meter_stands_at_its_bar_and_at_the_one_where_it_ends(tmp_path):
    song = charted_song(["C:maj", "F:maj", "G:maj", "C:maj"], sizes=[4, 3, 4, 4])
    page, _, _ = sheet(song, tmp_path)
    assert bars(page) == ["1 C", "2 3/4 F", "3 4/4 G", "4 C"]
    assert "4/4, changing" in said(page)


def test_a_pick_up_leads_into_the_first_bar(tmp_path):
    page, _, text = sheet(charted_song(["C:maj", "F:maj"], pickup=1), tmp_path)
    assert bars(page) == ["pick-up N.C.", "1 C", "2 F"]
    assert '<li class="pickup">' in page
    assert "| N.C. |\n| C . . . | F . . . |" in text


def test_a_chord_between_two_beats_divides_its_bar_into_halves_of_beats(tmp_path):
    _, _, text = sheet(charted_song([[(1, "C:maj"), (2.5, "F:maj")]]), tmp_path)
    assert "| C . . F . . . . |" in text


def test_the_page_has_no_script_and_says_no_date(tmp_path):
    page, _, _ = sheet(example_song(), tmp_path)
    assert "<script" not in page
    assert "report made on" not in page
    assert "1980" not in page


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (Poppler) is not installed")
def test_the_pdf_says_the_same(tmp_path):
    _, pdf, _ = sheet(blues(), tmp_path)
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, check=True).stdout.decode()
    words = set(text.split())
    assert {"Verse", "Chorus", "Cm", "A♭", "B♭7", "E♭/G", "N.C."} <= words


@pytest.mark.parametrize("kind", ["markup", "script", "long", "unbroken", "controls"])
def test_a_hostile_title_is_text(kind, tmp_path):
    def elements(title):
        page, _, _ = sheet(blues(title=title), tmp_path / title[:1].replace("<", "x"))
        return re.findall(r"<(\w+)", page)

    assert elements(HOSTILE_TITLES[kind]) == elements("Plain")


@pytest.mark.parametrize("name", ["chords", "beats"])
def test_without_chords_there_is_one_line_that_says_why(name, tmp_path):
    with pytest.raises(CannotMeasure, match=f"{name}: silent"):
        chords(with_outcomes(example_song(), {name: missing(name)}), folder=tmp_path / "none")
    assert not (tmp_path / "none").exists()
