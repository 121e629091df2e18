import dataclasses
import functools
import html
import re
import shutil
import subprocess
import warnings
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from outcomes import failed, missing
from riffscope import words
from riffscope.analyzers.density import Density
from riffscope.analyzers.stereo import Stereo
from riffscope.analyzers.tempo import Tempo
from riffscope.analyzers.vocal_layers import VocalLayers
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.analyzers.vocal_tone import VocalTone
from riffscope.model import Estimate, Measured, Missing, Ruling, Verdict, VocalSource, snake_case
from riffscope.report import pdf, song_report
from riffscope.report.blocks import Figure, Heading, KeyFigures, Notice, Paragraph, Table, VerdictList
from riffscope.report.html import render_html
from riffscope.report.pdf import MissingGlyphs, render_pdf
from riffscope.report.song_report import key_figures, song_document
from riffscope.report.write import write_report
from riffscope.units import LUFS
from songs import HOSTILE_TITLES, example_song, songs, with_outcomes

MOMENT = datetime(2026, 11, 24, 14, 50, tzinfo=UTC)
SONGS = songs()
needs_pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext (poppler)")
needs_pdfinfo = pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="needs pdfinfo (poppler)")


@functools.cache
def document_of(song):
    return song_document(SONGS[song])


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


def test_each_number_at_a_glance_has_its_unit():
    figures = {figure.label: figure for figure in key_figures(example_song())}
    assert (figures["Tempo"].value, figures["Tempo"].unit) == ("123.0", "BPM")
    assert figures["Tempo"].range == "122.6 to 123.4 BPM"
    assert (figures["Loudness"].value, figures["Loudness"].unit) == ("−9.3", "LUFS")
    assert figures["Key"].value == "F♯ minor"
    assert "about 71 of 100" in figures["Key"].note
    assert 6 <= len(figures) <= 8


def test_the_report_follows_the_order_of_a_reader():
    chapters = [block.text for block in document_of("judged").blocks if isinstance(block, Heading) and block.level == 1]
    assert chapters == [
        "The claims",
        "Rhythm",
        "Riff",
        "Voice",
        "Loudness and density",
        "Key, balance and stereo",
        "All measurements",
        "Methods and limits",
    ]


@pytest.mark.parametrize("outcome", [missing("stereo", "Silent all through"), failed("stereo")])
def test_every_missing_measurement_says_why(outcome, monkeypatch):
    monkeypatch.setattr(song_report, "draw", lambda *_, **__: iter(()))  # said in words, not only in a drawing
    song = example_song()
    for name in song.outcomes:
        document = song_document(with_outcomes(song, {name: outcome}))
        reason = outcome.reason if isinstance(outcome, Missing) else "KeyError: 'x'"
        assert reason in " ".join(words_of(document)), name


def test_a_song_without_a_voice_says_so_once_and_draws_no_voice():
    document = document_of("voiceless")
    notices = [block.text for block in document.blocks if isinstance(block, Notice)]
    assert notices == [
        "Vocal activity, vocal pitch, vocal range, vocal layers and vocal tone not measured: no one sings."
    ]
    drawn = [block.caption for block in document.blocks if isinstance(block, Figure)]
    assert len(drawn) == 9  # timeline, tempo, beats, loop map, similarity, loudness, density, balance, stereo


def test_a_new_measurement_appears_in_the_table_by_itself():
    from typing import Annotated

    from riffscope.model import Estimate, value

    @value
    class Sparkle:
        shine_lufs: Annotated[Estimate, LUFS]
        curve_lufs: Annotated[np.ndarray, LUFS]

    sparkle = Sparkle(shine_lufs=Estimate(value=-3.0, low=-4.0, high=-2.0), curve_lufs=np.zeros(3))
    outcome = Measured(value=sparkle, version=1, seconds=0.0)
    document = song_document(with_outcomes(example_song(), {"sparkle": outcome}))
    rows = [row for block in document.blocks if isinstance(block, Table) for row in block.rows]
    assert ("Shine", "−3.0 LUFS", "−4.0 to −2.0 LUFS", "sparkle.shine_lufs") in rows
    assert not any("curve_lufs" in row[-1] for row in rows)


def test_figures_come_with_an_alternative_text():
    figures = [block for block in document_of("ordinary").blocks if isinstance(block, Figure)]
    assert len(figures) == 11
    assert all(len(figure.alt) > 20 for figure in figures)


def test_verdicts_stand_in_front_and_in_full():
    blocks = document_of("judged").blocks
    brief, full = (block for block in blocks if hasattr(block, "verdicts"))
    assert blocks[0] is brief
    assert [item.ruling for item in brief.verdicts] == list(Ruling)
    assert "listen at 0:00.0 to 0:04.0" in full.verdicts[0].evidence[0]


# ------------------------------------------------------------------------------------------- chapters and their words
def changed(result, **fields):
    song = example_song()
    value = dataclasses.replace(song[result], **fields)
    return with_outcomes(song, {snake_case(result.__name__): Measured(value=value, version=1, seconds=0.1)})


def said(song):
    return " ".join(block.text for block in song_document(song).blocks if isinstance(block, Paragraph | Notice))


def drawn(song):
    return [block.caption for block in song_document(song).blocks if isinstance(block, Figure)]


def test_layers_come_with_their_range_their_kinds_and_a_place_to_listen():
    text = said(example_song())
    assert "More than one voice sings in 31% of the sung time, range 18 to 47%." in text
    assert (
        "Heard are other notes than the lead's in 27% and the lead's own notes from more than one place in 4%." in text
    )
    assert "how much of the song is layered cannot be said" not in text
    longest = max(example_song()[VocalLayers].spans, key=lambda span: span.duration_s)
    assert f"play {words.span(longest)}, the longest stretch" in text


def test_what_cannot_be_known_of_the_layers_is_said():
    wide = changed(VocalLayers, layered_fraction=Estimate(value=0.5, low=0.1, high=1.0))
    assert "how much of the song is layered cannot be said" in said(wide)
    assert "no double is told from one voice" in said(changed(VocalLayers, doubled_fraction=None))
    mixed = said(changed(VocalLayers, harmony_fraction=None, gap_fill_fraction=None, method=VocalSource.MIX))
    assert "Harmonies, and voices that fill the lead's rests, cannot be told" in mixed
    assert "Heard are the lead's own notes from more than one place in 4%." in mixed
    assert "never rests" not in mixed
    filled = said(changed(VocalLayers, gap_fill_fraction=0.4))
    assert "other voices fill 40%" in filled
    none = said(changed(VocalLayers, spans=(), layered_fraction=Estimate(value=0.0, low=0.0, high=0.2)))
    assert "the longest stretch. If a single voice" not in none
    assert "octaves" in none


@pytest.mark.parametrize(
    ("field", "estimate", "expected"),
    [
        ("breathiness_db", (-30.0, -38.0, -20.0), "nearer to clear"),
        ("breathiness_db", (-10.0, -17.0, -1.0), "nearer to breathy"),
        ("breathiness_db", (-17.2, -27.0, -8.0), "whether clear or breathy cannot be said"),
        ("dryness_db", (12.0, 3.0, 20.0), "nearer to reverberant"),
        ("dryness_db", (35.0, 23.0, 40.0), "nearer to dry"),
        ("dryness_db", None, "Too few notes end in the open"),
        ("breathiness_db", None, "Too few notes are held"),
        ("forwardness_lu", (4.0, 1.0, 7.5), "4.0 LU louder than its backing, range 1.0 to 7.5 LU"),
        ("forwardness_lu", (-1.4, -4.4, 2.1), "1.4 LU quieter than its backing, range −4.4 to 2.1 LU"),
        ("forwardness_lu", (40.0, 37.0, 40.0), "Next to nothing plays behind the voice."),
    ],
)
def test_the_tone_is_placed_only_where_its_whole_range_is_on_one_side(field, estimate, expected):
    value = None if estimate is None else Estimate(value=estimate[0], low=estimate[1], high=estimate[2])
    assert expected in said(changed(VocalTone, **{field: value}))


def test_a_tone_from_the_mix_is_called_a_bound():
    bound = "at most what is heard of them"
    assert bound in said(changed(VocalTone, method=VocalSource.MIX))
    assert bound not in said(example_song())


def test_a_mono_song_is_said_and_not_drawn():
    ordinary, captions = said(example_song()), drawn(example_song())
    assert "12% of the energy is in the side" in ordinary
    assert "the widest octave lies around 2 kHz (25%)" in ordinary
    zeros = np.zeros(10)
    mono = changed(
        Stereo,
        width_fraction=0.0,
        correlation=1.0,
        mono_loss_lu=0.0,
        band_width_fraction=zeros,
        band_correlation=1 + zeros,
    )
    assert "the song is mono" in said(mono)
    assert len(drawn(mono)) == len(captions) - 1
    assert not any("in the side" in caption for caption in drawn(mono))


def test_one_sided_and_antiphase_sounds_are_said():
    assert "Only one side sounds." in said(changed(Stereo, correlation=None))
    assert "Mixed to mono, nothing is left." in said(changed(Stereo, width_fraction=1.0, mono_loss_lu=None))


@pytest.mark.parametrize(
    ("pumping_db", "expected"), [(3.2, "dips by 3.2 dB"), (0.0, "no pumping was found"), (None, "cannot be told")]
)
def test_pumping_is_found_not_found_or_not_to_be_told(pumping_db, expected):
    assert expected in said(changed(Density, pumping_db=pumping_db))


def test_the_busiest_moment_is_where_the_curve_is_highest():
    curve = example_song()[Density].onset_curve.copy()
    curve[83] = 9.3
    assert "busiest around 1:24, with 9.3 onsets a second" in said(changed(Density, onset_curve=curve))


@pytest.mark.parametrize("name", ["loudness", "density", "key", "balance", "stereo", "vocal_layers", "vocal_tone"])
def test_a_chapter_stands_when_one_of_its_measurements_is_missing(name):
    song = with_outcomes(example_song(), {name: missing(name, "too short for this")})
    chapters = [block.text for block in song_document(song).blocks if isinstance(block, Heading) and block.level == 1]
    assert {"Voice", "Loudness and density", "Key, balance and stereo"} <= set(chapters)
    assert "not measured: too short for this" in said(song)


def test_where_to_listen_names_both_held_extremes():
    assert "lowest held note, D3 from" in said(example_song())
    assert "the highest, E4 from" in said(example_song())
    assert "No note is held" in said(changed(VocalRange, lowest_sustained=None, highest_sustained=None))


# --------------------------------------------------------------------------------------------------------------- pdf
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
    assert 1 <= pages <= 10
    assert b"Tagged:          yes" in run.stdout
    assert re.search(rb"Title:\s+Closet Heartbeat", run.stdout)
    assert "NaN" not in text  # compressed drawings may hold these three bytes by chance


@needs_pdftotext
@pytest.mark.parametrize("count", [0, 5, 6, 14, 16])
@pytest.mark.parametrize("warnings", [(), ("clipped: 0.11 % of the samples stay at full scale",)])
def test_the_first_page_holds_verdicts_key_figures_and_timeline(count, warnings):
    song = SONGS["judged"]
    song = dataclasses.replace(song, source=dataclasses.replace(song.source, warnings=warnings))
    verdicts = (song.verdicts * 4)[:count]
    document = song_document(dataclasses.replace(song, verdicts=verdicts))
    first, second = pdf_text(set_pdf(document)).split("\f")[:2]
    assert "The song from beginning to end" in first
    assert "Bass" in first.title()
    assert ("The claims" if count else "Rhythm") in second


def test_both_drawings_of_the_riff_fit_on_one_page_with_their_words():
    figures = [block for block in document_of("ordinary").blocks if isinstance(block, Figure)]
    drawn = [figure for figure in figures if figure.caption.startswith(("Every bar", "Each bar"))]
    height_mm = sum(float(re.search(r'height="([\d.]+)pt"', figure.svg)[1]) for figure in drawn) / 72 * 25.4
    assert len(drawn) == 2
    assert height_mm < 297 - 24 - 22 - 55  # the margins; the heading, the words and the captions


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
    assert len(page) < 1_000_000


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
    played = set() if document.loop is None else {document.loop.label, document.loop.detail}  # by a page with sound
    unsaid = {document.name, "left", "right", "missing", "warning", "not_testable", *drawn, *played}
    for text in set(words_of(document)) - unsaid:
        assert squeezed(html.escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")) in said


# ------------------------------------------------------------------------------------------------------------- files
def test_reports_are_written_under_the_songs_name(tmp_path):
    document = song_document(example_song(name="01 - Closet/Heart: beat?.flac"))
    paths = write_report(document, tmp_path / "new", timestamp=MOMENT)
    assert [path.name for path in paths] == ["01-Closet-Heart-beat.pdf", "01-Closet-Heart-beat.html"]
    assert sorted(path.parent.iterdir() for path in paths[:1])
    first = [path.read_bytes() for path in paths]
    assert [path.read_bytes() for path in write_report(document, tmp_path / "new", timestamp=MOMENT)] == first


def test_only_the_formats_asked_for_are_written(tmp_path):
    assert [path.suffix for path in write_report(document_of("ordinary"), tmp_path, ["html"])] == [".html"]
    assert len(list(tmp_path.iterdir())) == 1
    with pytest.raises(ValueError, match="pdf or html"):
        write_report(document_of("ordinary"), tmp_path, ["docx"])


# -------------------------------------------------------------------------------------------------------- at a glance
def glance(rulings, title="Short", warnings=()):
    """The list of verdicts on the first page of a song that was ruled on so."""
    song = example_song(title=title)
    song = dataclasses.replace(song, source=dataclasses.replace(song.source, warnings=warnings))
    verdicts = tuple(
        Verdict(claim=f"c{k}", text=f"Claim {k}", ruling=ruling, because=f"number {k} is so")
        for k, ruling in enumerate(rulings)
    )
    blocks = song_document(dataclasses.replace(song, verdicts=verdicts)).blocks
    return next(block for block in blocks if isinstance(block, VerdictList)).verdicts


def test_what_is_decided_comes_with_its_reason_and_the_rest_in_a_line_each():
    first = glance([Ruling.NOT_TESTABLE, Ruling.SUPPORTED, Ruling.INCONCLUSIVE, Ruling.REFUTED, Ruling.INCONCLUSIVE])
    assert [(item.ruling, item.text, item.because) for item in first] == [
        (Ruling.SUPPORTED, "Claim 1", "Number 1 is so."),
        (Ruling.REFUTED, "Claim 3", "Number 3 is so."),
        (Ruling.INCONCLUSIVE, "Claim 2 · Claim 4", ""),
        (Ruling.NOT_TESTABLE, "Claim 0", ""),
    ]


@pytest.mark.parametrize(
    ("count", "title", "warnings", "room"),
    [
        (10, "Short", (), True),
        (11, "Short", (), False),
        (10, "Short", ("clipped",), False),
        (9, "Short", ("clipped",), True),
        (10, "A title " * 8, (), False),
    ],
)
def test_reasons_stand_on_the_first_page_where_there_is_room_for_all(count, title, warnings, room):
    assert all(bool(item.because) is room for item in glance([Ruling.SUPPORTED] * count, title, warnings))


def place_of(label, song):
    (figures,) = (block.figures for block in song_document(song).blocks if isinstance(block, KeyFigures))
    return next(figure.place for figure in figures if figure.label == label)


def test_a_range_is_set_among_those_of_other_songs():
    span = Estimate(value=14.0, low=13.0, high=16.0)
    place = place_of("Vocal range", changed(VocalRange, span_semitones=span))
    assert place.percent == pytest.approx(50)
    assert place.low < 25  # on paper, 13 may be 11
    assert 60 < place.high < 75
    assert place.text == "above 50% of chart melodies since 1950"


@pytest.mark.parametrize(("span", "words"), [(5.0, "below 90%"), (30.0, "above 90%")])
def test_beyond_what_was_published_only_the_side_is_told(span, words):
    place = place_of("Vocal range", changed(VocalRange, span_semitones=Estimate(value=span, low=span, high=span)))
    assert place.text.startswith(words)
    assert (place.low == 0) if span < 10 else (place.high == 100)


def test_tempi_are_compared_where_the_published_ones_were_counted():
    assert place_of("Tempo", example_song()).text.endswith("chart pop of 2013 to 2015")
    assert place_of("Tempo", changed(Tempo, bpm=Estimate(value=174.0, low=173.0, high=175.0))) is None
    assert place_of("Loudness", example_song()) is None
