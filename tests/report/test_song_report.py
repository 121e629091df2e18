import html
import re
import shutil
import subprocess
import warnings
from datetime import UTC, datetime, timedelta, timezone

import pytest

from documents import document_of
from outcomes import failed, missing
from riffscope.model import Ruling
from riffscope.report import pdf
from riffscope.report.blocks import ClaimLines, Figure, KeyFigures, VerdictList
from riffscope.report.html import render_html
from riffscope.report.pdf import MissingGlyphs, render_pdf
from riffscope.report.song_report import song_document
from riffscope.report.write import write_report
from songs import HOSTILE_TITLES, example_song, songs, with_outcomes

MOMENT = datetime(2026, 11, 24, 14, 50, tzinfo=UTC)
SONGS = songs()
needs_pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext (poppler)")
needs_pdfinfo = pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="needs pdfinfo (poppler)")


def set_pdf(document):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MissingGlyphs)  # depends on the fonts of the machine
        return render_pdf(document, timestamp=MOMENT)


def pdf_text(content):
    run = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return run.stdout.decode()


def html_text(content):
    page = re.sub(r"<(svg|style)\b.*?</\1>", " ", content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def squeezed(text):
    return re.sub(r"[\s\u200b]+", "", text)


def words_of(document):
    def gather(content, field=""):
        if isinstance(content, str):
            return [] if field == "svg" else [content]
        if isinstance(content, tuple):
            return [text for part in content for text in gather(part)]
        if hasattr(content, "__dataclass_fields__"):
            return [text for name in content.__dataclass_fields__ for text in gather(getattr(content, name), name)]
        return []

    return gather(document)


# ---------------------------------------------------------------------------------------------------- the document
@pytest.mark.parametrize("song", SONGS)
def test_no_text_shows_how_a_program_writes_nothing(song):
    for text in words_of(document_of(song)):
        assert not re.search(r"\b(nan|None|inf|NaN|array|Estimate)\b", text), text
        assert not re.search(r"(?<![\w.])-\d", text), f"hyphen for a minus sign: {text}"


@pytest.mark.parametrize("outcome", [missing("stereo", "Silent all through"), failed("stereo")])
def test_every_missing_measurement_says_why(outcome, sketches):
    song = example_song()
    for name in song.outcomes:
        document = song_document(with_outcomes(song, {name: outcome}), full=True)
        assert outcome.reason.lower() in " ".join(words_of(document)).lower(), name  # in words, not only in a drawing


def test_figures_come_with_an_alternative_text():
    figures = [block for block in document_of("ordinary").blocks if isinstance(block, Figure)]
    assert figures
    assert all(len(figure.alt) > 20 for figure in figures)


def test_verdicts_stand_in_front_and_in_full():
    for full in (False, True):
        blocks = song_document(SONGS["judged"], full=full).blocks
        (lines,) = (block for block in blocks if isinstance(block, ClaimLines))
        (reasons,) = (block for block in blocks if isinstance(block, VerdictList))
        rulings = [line.ruling for line in lines.lines]
        assert rulings == [Ruling.SUPPORTED, Ruling.REFUTED, Ruling.INCONCLUSIVE]
        assert len(lines.untested) == 1
        assert [item.ruling for item in reasons.verdicts] == (list(Ruling) if full else rulings)


# --------------------------------------------------------------------------------------------------------------- pdf
@pytest.mark.pages
@needs_pdftotext
@needs_pdfinfo
@pytest.mark.parametrize("song", ["ordinary", "long", "short", "judged", "missing", "failed", "nothing run", "quiet"])
def test_the_pdf_shows_the_title_and_each_key_figure(song):
    document = document_of(song)
    content = set_pdf(document)
    text = squeezed(pdf_text(content))
    assert squeezed(document.title) in text
    for block in document.blocks:
        if isinstance(block, KeyFigures):
            for figure in block.figures:
                assert squeezed(figure.value + figure.unit) in text
                assert squeezed(figure.range) in text
    run = subprocess.run(["pdfinfo", "-"], input=content, capture_output=True, check=True)
    pages = int(re.search(rb"Pages:\s+(\d+)", run.stdout)[1])
    assert 1 <= pages <= 5
    assert b"Tagged:          yes" in run.stdout
    assert re.search(rb"Title:\s+Closet Heartbeat", run.stdout)
    assert "NaN" not in text  # compressed drawings may hold these three bytes by chance


@pytest.mark.pages
@needs_pdftotext
@pytest.mark.parametrize("kind", ["markup", "script", "long", "unbroken", "controls"])
def test_a_hostile_title_is_shown_as_it_is(kind):
    document = document_of(f"title: {kind}")
    assert squeezed(document.title) in squeezed(pdf_text(set_pdf(document)))


def test_the_same_document_and_time_give_the_same_pdf():
    document = document_of("ordinary")
    first = set_pdf(document)
    assert set_pdf(song_document(example_song())) == first
    elsewhere = MOMENT.astimezone(timezone(timedelta(hours=9)))
    assert render_pdf(document, timestamp=elsewhere) == first
    assert render_pdf(document, timestamp=MOMENT + timedelta(minutes=1)) != first


@pytest.mark.pages
@pytest.mark.parametrize("kind", HOSTILE_TITLES)
def test_every_title_can_be_set(kind):
    assert set_pdf(document_of(f"title: {kind}")).startswith(b"%PDF")


@needs_pdftotext
@pytest.mark.parametrize("kind", ["japanese", "emoji"])
def test_letters_that_no_font_has_are_told_of(kind, monkeypatch):
    monkeypatch.setattr(pdf, "_system_letters", lambda _: set())
    document = document_of(f"title: {kind}")
    with pytest.warns(MissingGlyphs, match="in none of the fonts"):
        content = render_pdf(document, timestamp=MOMENT)
    text = pdf_text(content)
    assert "Some letters are in none of the fonts" in text
    assert ("Love □ song □" if kind == "emoji" else "not shown: its script") in text


def test_a_document_in_common_letters_needs_no_font_of_the_system(monkeypatch):
    monkeypatch.setattr(pdf, "_system_letters", lambda _: pytest.fail("asked for the system's fonts"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        render_pdf(song_document(example_song(title="Ünïcödé Ж ♯♭ أغنية")), timestamp=MOMENT)


# -------------------------------------------------------------------------------------------------------------- html
@pytest.mark.parametrize("song", SONGS)
def test_the_page_needs_nothing_from_elsewhere(song):
    page = render_html(document_of(song), timestamp=MOMENT).decode()
    assert not re.search("https?:", page)
    assert "<script" not in page
    assert not re.search(r"(src|href)=\"(?!#|data:image/png;)", page)
    assert len(page) < 1_300_000


@pytest.mark.parametrize("kind", HOSTILE_TITLES)
def test_a_hostile_title_is_text_on_the_page(kind):
    document = document_of(f"title: {kind}")
    page = render_html(document, timestamp=MOMENT).decode()
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)[1]
    assert "<" not in heading
    plain = heading.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").replace("&#34;", '"')
    assert plain == document.title


def test_drawings_on_one_page_share_no_id():
    page = render_html(document_of("ordinary"), timestamp=MOMENT).decode()
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids)) > 20
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', page))
    assert used == set(ids)


@pytest.mark.parametrize("song", ["ordinary", "judged", "missing", "failed"])
def test_the_page_says_what_the_document_says(song):
    document = document_of(song)
    said = squeezed(html_text(render_html(document, timestamp=MOMENT)))
    drawn = {block.alt for block in document.blocks if isinstance(block, Figure)}
    (shown,) = document.songs  # by the player of a page with sound
    played = {shown.title, *(section.name for section in shown.sections)}
    played |= set() if shown.loop is None else {shown.loop.label, shown.loop.detail}
    played |= {chord.text for bar in shown.chords for chord in bar.chords}
    unsaid = {document.name, document.paper, "left", "right", "missing", "warning", "not_testable", *drawn, *played}
    unsaid |= {line.claim for block in document.blocks if isinstance(block, ClaimLines) for line in block.lines}
    for text in set(words_of(document)) - unsaid:
        assert squeezed(html.escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")) in said


# ------------------------------------------------------------------------------------------------------------- files
def test_reports_are_written_under_the_songs_name(tmp_path):
    document = song_document(example_song(name="01 - Closet/Heart: beat?.flac"))
    paths = write_report(document, tmp_path / "new", timestamp=MOMENT)
    assert [path.name for path in paths] == ["01-Closet-Heart-beat.pdf", "01-Closet-Heart-beat.html"]
    assert sorted(path.parent.iterdir() for path in paths[:1])
    first = [path.read_bytes() for path in paths]
    again = write_report(document, tmp_path / "again", timestamp=MOMENT)
    assert [path.read_bytes() for path in again] == first


def test_only_the_formats_asked_for_are_written(tmp_path):
    assert [path.suffix for path in write_report(document_of("ordinary"), tmp_path, ["html"])] == [".html"]
    assert len(list(tmp_path.iterdir())) == 1
    with pytest.raises(ValueError, match="pdf or html"):
        write_report(document_of("ordinary"), tmp_path, ["docx"])
