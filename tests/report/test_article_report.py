"""A checked article as a page and on paper: its text as it was, its statements marked, and what was found beside it."""

import dataclasses
import html
import itertools
import re
import shutil
import subprocess
import warnings
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from articles_checked import CLOSET, MOOD, ROOM, article_of, says
from browser import PROGRAM, Browser
from riffscope.articles.checked import check
from riffscope.model import Evidence, Ruling, Span
from riffscope.report.article_report import article_document, document_name, ruling_together, summary
from riffscope.report.blocks import SIGNS, MarkedText, Reasons
from riffscope.report.html import render_html
from riffscope.report.pdf import render_pages, render_pdf
from riffscope.report.verdicts import places_of
from songs import HOSTILE_TITLES, example_song, songs
from songs_heard import listening_copy

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
DURATION_S = 24.0
SONG = example_song(duration_s=DURATION_S)
TEMPO = article_of(
    ("heading", "On the song"),
    (
        "text",
        ("It runs at 123 BPM.", says("tempo", "is", 123.0, unit="BPM")),
        "It came out in May.",
        (
            "It runs at 80 BPM or 123 BPM.",
            says("tempo", "is", 80.0, unit="BPM"),
            says("tempo", "is", 123.0, unit="BPM"),
        ),
    ),
    ("item", ("It was sung in a barn.", ROOM)),
    ("item", ("It was sung in a cave.", ROOM), ("It is sad.", MOOD)),
    ("text", ("It is faster than Attention.", says("tempo", "more", against="Attention")), "That was all."),
)


def document_of(article, song=SONG, *others):
    return article_document(check(article, [song, *others]))


def page_of(article, song=SONG, *others, listening=None):
    return render_html(document_of(article, song, *others), listening=[listening], timestamp=MOMENT).decode()


def marked_text(article, song=SONG):
    (block,) = (block for block in document_of(article, song).blocks if isinstance(block, MarkedText))
    return block


class Page(HTMLParser):
    """What a page holds: its elements with their attributes, and the text within each kind that is asked for."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.texts, self._open = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "input", "path", "br", "wbr"}:
            self._open.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        self.texts.append((tuple(self._open), data))

    def text(self, *, within, without=("style", "script")):
        kept = []
        for stack, data in self.texts:
            names = {tag for tag, _ in stack} | {c for _, a in stack for c in (a.get("class") or "").split()}
            if within in names and not names & set(without):
                kept.append(data)
        return " ".join("".join(kept).replace("\u2060", "").split())


# ------------------------------------------------------------------------------------------------------------ the text
@pytest.mark.parametrize("article", [TEMPO, CLOSET], ids=["short", "long"])
def test_the_text_stands_as_it_was_written(article):
    shown = Page(page_of(article)).text(within="marked", without=("notes", "sign", "style"))
    assert shown.replace("– ", "") == " ".join(article.text.text.split()).removeprefix(f"{article.text.title} ")


def test_each_statement_has_a_numbered_sign_behind_its_sentence_and_a_note_beside_its_paragraph():
    heading, text, *_ = marked_text(TEMPO).paragraphs
    assert (heading.form, heading.notes) == ("heading", ())
    true, aside, both = text.pieces
    assert [mark.ruling for mark in true.marks] == [Ruling.SUPPORTED]
    assert (aside.marks, aside.ruling) == ((), None)
    assert [(mark.ruling, mark.note) for mark in both.marks] == [(Ruling.REFUTED, "2"), (Ruling.SUPPORTED, "3")]
    assert both.ruling is Ruling.REFUTED
    assert [note.name for note in text.notes] == ["1", "2", "3"]
    assert "80 BPM" in text.notes[1].understood
    assert "123" in text.notes[1].because


def test_what_cannot_be_tested_has_a_letter_and_each_reason_is_said_once():
    document = document_of(TEMPO)
    (found,) = (block for block in document.blocks if isinstance(block, Reasons))
    assert [(reason.name, len(reason.quotes)) for reason in found.reasons] == [("a", 2), ("b", 1), ("c", 1)]
    assert found.reasons[0].text == f"{ROOM}."
    assert [quote.text for quote in found.reasons[0].quotes] == ["It was sung in a barn.", "It was sung in a cave."]
    assert "Attention" in found.reasons[2].text
    page = page_of(TEMPO)
    assert page.count(html.escape(ROOM)) == 1


def test_a_sentence_about_the_sound_that_was_not_understood_is_listed_and_not_marked():
    article = article_of(("text", "It has a certain swagger.", "It came out in May."))
    first, second = article.sentences
    lost = dataclasses.replace(article, sentences=(dataclasses.replace(first, kind="checkable"), second))
    page = Page(page_of(lost))
    assert "mark" not in {tag for tag, _ in page.elements}
    assert "Not understood" in page.text(within="h2")
    assert page.text(within="main").count("It has a certain swagger.") == 2
    assert page.text(within="main").count("It came out in May.") == 1


def test_a_title_that_the_text_begins_with_is_not_repeated():
    article = article_of(("heading", "Closet"), ("text", "It is a song."), title="Closet")
    assert [paragraph.form for paragraph in marked_text(article).paragraphs] == ["text"]
    assert [paragraph.form for paragraph in marked_text(article_of(("heading", "Closet"))).paragraphs] == ["heading"]


def test_what_stands_between_sentences_stays_but_for_the_marks_of_lists():
    article = article_of(("item", "A song.", "Of ours."))
    text = dataclasses.replace(
        article.text,
        text="- A song. 4/4 Of ours. (C)",
        paragraphs=(dataclasses.replace(article.text.paragraphs[0], end=26),),
    )
    first, second = article.sentences
    sentences = (dataclasses.replace(first, start=0, end=9), dataclasses.replace(second, start=14, end=22))
    (paragraph,) = marked_text(dataclasses.replace(article, text=text, sentences=sentences)).paragraphs
    assert [piece.text for piece in paragraph.pieces] == ["A song.", "4/4", "Of ours.", "(C)"]


def test_a_sentence_is_marked_by_what_asks_for_most_attention():
    assert ruling_together([Ruling.SUPPORTED, Ruling.REFUTED, Ruling.INCONCLUSIVE]) is Ruling.REFUTED
    assert ruling_together([Ruling.SUPPORTED, Ruling.INCONCLUSIVE]) is Ruling.INCONCLUSIVE
    assert ruling_together([Ruling.NOT_TESTABLE, Ruling.SUPPORTED]) is Ruling.SUPPORTED
    assert ruling_together([]) is None


@pytest.mark.parametrize(
    ("article", "counts"),
    [
        (article_of(("text", "It came out in May.")), []),
        (article_of(("text", ("It is sad.", MOOD))), ["1", "1 cannot be tested"]),
        (article_of(("text", ("At 80.", says("tempo", "is", 80.0, unit="BPM")))), ["1", "refutes 1"]),
        (TEMPO, ["7", "supports 2", "refutes 1", "4 cannot be tested"]),
    ],
)
def test_the_sentences_at_the_top_count_what_there_is(article, counts):
    said = summary(check(article, [SONG]))
    assert re.findall(r"\d+", said) == [count for part in counts for count in re.findall(r"\d+", part)]
    assert all(part in said for part in counts)


@pytest.mark.parametrize(
    ("text", "song", "name"),
    [
        ("article.md", "closet.ogg", "article-checked-on-closet"),
        ("text", "song.mp3", "text-checked-on-song"),
        ("../../etc/pass wd.txt", "a/b.mp3", "pass-wd-checked-on-b"),
        ("x" * 300, "y" * 300, f"{'x' * 40}-checked-on-{'y' * 40}"),
        ("???", "???", "text-checked-on-song"),
    ],
)
def test_files_are_named_after_the_text_and_the_song(text, song, name):
    heard = dataclasses.replace(SONG, source=dataclasses.replace(SONG.source, name=song))
    assert document_name(check(article_of(("text", "A."), name=text), [heard])) == name


# ------------------------------------------------------------------------------------------- for eyes, ears and fingers
@pytest.mark.parametrize("article", [TEMPO, CLOSET], ids=["short", "long"])
def test_every_link_leads_somewhere_and_every_name_is_used_once(article):
    elements = Page(page_of(article)).elements
    names = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(names) == len(set(names))
    links = [attributes["href"] for tag, attributes in elements if tag == "a"]
    assert links
    assert {link.removeprefix("#") for link in links} <= set(names)


def test_a_mark_is_told_by_a_sign_and_by_words_and_not_by_its_colour_alone():
    page = page_of(TEMPO)
    for ruling, number in ((Ruling.SUPPORTED, "1"), (Ruling.REFUTED, "2"), (Ruling.NOT_TESTABLE, "a")):
        said = ruling.replace("_", " ")
        assert re.search(
            rf'<a class="sign {ruling}" href="#note-{number}" id="mark-\w+">'
            rf'<span aria-hidden="true">{SIGNS[ruling]}</span><span class="unseen">{said}, note </span>{number}</a>',
            page,
        )
    styles = re.findall(r"mark\.(\w+) \{[^}]*?text-decoration-(?:style: (\w+)|color)", page)
    assert len({ruling for ruling, _ in styles}) == len(Ruling)
    for style in ("double", "dashed", "dotted"):
        assert f"text-decoration-style: {style}" in page


def test_headings_go_down_by_one_level_at_a_time():
    levels = [int(tag[1]) for tag, _ in Page(page_of(CLOSET)).elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_items_are_one_list_and_notes_lie_within_their_item():
    page = page_of(CLOSET)
    assert page.count('<ul role="list">\n<li class="row">') == 2
    assert Page(page).elements.count(("article", {"class": "marked"})) == 1


def test_places_to_listen_play_and_those_of_another_song_do_not():
    other = dataclasses.replace(
        SONG, source=dataclasses.replace(SONG.source, tags=dataclasses.replace(SONG.source.tags, title="Attention"))
    )
    article = article_of(
        (
            "text",
            ("A riff runs through it.", says("riff", "throughout")),
            ("It is wider than Attention.", says("vocal_range", "more", against="Attention")),
        )
    )
    page = page_of(article, SONG, other, listening=listening_copy(DURATION_S))
    notes = re.findall(r'<li class="\w+" id="note-\w+">.*?</li>', page, re.DOTALL)
    assert len(notes) == 2
    assert 'class="time"' in notes[0]
    assert 'class="time"' not in notes[1]
    assert "Attention" not in re.search(r"Times are those of “(.*?)”", page)[1]


def test_pitches_in_a_note_are_notes_and_no_number_is_said_twice():
    said = (
        says("vocal_span", "is", "G3", high="D4"),
        says("tessitura", "low", scope="verse"),
        says("starts", "is", 30.0, unit="s", scope="chorus"),
    )
    article = article_of(("text", ("It is sung from G3 to D4, low in the verse, and the chorus comes in.", *said)))
    notes = [note for paragraph in marked_text(article).paragraphs for note in paragraph.notes]
    assert len(notes) == 3
    assert not any("MIDI" in line for note in notes for line in (note.because, *note.figures))
    assert notes[0].figures == notes[2].figures == ()


def test_places_that_follow_one_another_are_one_and_those_that_are_compared_are_told_apart():
    article = article_of(("text", ("The chorus is louder.", says("loudness", "more", scope="chorus", against="verse"))))
    (note,) = (note for paragraph in marked_text(article).paragraphs for note in paragraph.notes)
    assert re.fullmatch(r"Listen at [\d:., to]+; compare [\d:., to]+( and \d+ more)?\.", note.places)
    spans = tuple(Span(start_s=start, end_s=start + 10.0) for start in (0.0, 10.0, 20.0, 45.0))
    assert places_of(Evidence(label="Sections", measure="", spans=spans)) == "0:00.0 to 0:30.0, 0:45.0 to 0:55.0"


def test_the_song_as_a_whole_is_no_place_to_listen_at():
    song = example_song()
    said = (says("section", "absent", scope="solo"), says("section", "present", scope="chorus"))
    text = marked_text(article_of(("text", ("There is a chorus, and no solo.", *said))), song)
    whole, chorus = (note for paragraph in text.paragraphs for note in paragraph.notes)
    assert whole.places == ""
    assert chorus.places.startswith("Listen at ")


def test_caveats_of_the_same_notes_stand_together():
    article = article_of(("text", ("The voice is dry.", says("dryness", "high"))))
    (remark,) = marked_text(article).remarks
    (note,) = (note for paragraph in marked_text(article).paragraphs for note in paragraph.notes)
    assert len(note.caveats) > 1
    assert remark.text == " ".join(note.caveats)


def test_a_time_in_the_text_is_the_authors_and_stays_text():
    page = page_of(article_of(("text", "It ends at 0:20.")), listening=listening_copy(DURATION_S))
    assert "It ends at 0:20." in page


@pytest.mark.parametrize("kind", HOSTILE_TITLES)
def test_a_hostile_text_adds_no_element(kind):
    title = HOSTILE_TITLES[kind]

    def article_with(said):
        return article_of(
            ("heading", said),
            ("text", said, (said, says("tempo", "is", 123.0, unit="BPM")), (said, said)),
            ("item", (said, says("tempo", "more", against=said))),
            name=f"{said}.md",
            title=said,
        )

    def shape(said):
        song = example_song(duration_s=DURATION_S, title=said)
        return [(tag, sorted(attributes)) for tag, attributes in Page(page_of(article_with(said), song)).elements]

    assert shape(title) == shape("n" * len(title))
    page = page_of(article_with(title))
    assert "\u202e" not in page
    assert "\x1b" not in page


# ------------------------------------------------------------------------------------------------------------ on paper
@pytest.mark.pages
@pytest.mark.parametrize("kind", [*HOSTILE_TITLES, None])
def test_every_text_can_be_set_as_a_pdf_for_all_readers(kind):
    said = HOSTILE_TITLES.get(kind, "It runs at 123 BPM.")
    article = article_of(
        ("heading", said), ("text", (said, says("tempo", "is", 123.0, unit="BPM")), (said, said)), ("item", said)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # letters that no font here has
        pdf = render_pdf(document_of(article), timestamp=MOMENT)
    assert pdf.startswith(b"%PDF")
    assert b"pdfuaid" in pdf


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (Poppler) is not installed")
def test_the_pdf_says_what_the_page_says():
    pdf = render_pdf(document_of(CLOSET), timestamp=MOMENT)
    run = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    shown = "".join(run.stdout.decode().split())
    for sentence in CLOSET.sentences:
        assert "".join(sentence.text.split())[:25] in shown
    for paragraph in marked_text(CLOSET).paragraphs:
        for note in paragraph.notes:
            assert "".join(note.because.split())[:30] in shown


def test_a_text_of_any_song_at_hand_can_be_shown():
    for song in songs().values():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert render_pages(document_of(TEMPO, song), pixels_per_inch=20, timestamp=MOMENT)
        assert "It came out in May." in page_of(TEMPO, song)


@pytest.mark.pages
def test_a_long_article_is_shown_whole():
    sentence = ("It runs at 123 BPM. " * 3, says("tempo", "is", 123.0, unit="BPM"))
    article = article_of(*(("text", *[sentence] * 12) for _ in range(10)))
    assert len(render_pages(document_of(article), pixels_per_inch=20, timestamp=MOMENT)) > 5
    assert page_of(article).count("<mark") == 120


# ------------------------------------------------------------------------------------------------------- in a browser
@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if PROGRAM is None:
        pytest.skip("no Chromium or Chrome is installed")
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "article.html"
    path.write_text(page_of(CLOSET, listening=listening_copy(DURATION_S)), encoding="utf-8")
    return path


@pytest.mark.pages
@pytest.mark.parametrize("width", [320, 375, 390, 700, 863, 864, 1000, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_and_notes_stand_by_their_paragraphs(browser, file, width, scheme):
    browser.screen(width, 900)
    browser.prefer(color_scheme=scheme)
    browser.open(file)
    assert browser.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    rows = browser.run(
        "[...document.querySelectorAll('.row')].filter(row => row.querySelector('.notes')).map(row => {"
        " const parts = [row.querySelector('p'), row.querySelector('.notes')];"
        " const [text, notes] = parts.map(part => part.getBoundingClientRect());"
        " return [text.top, text.right, text.bottom, notes.top, notes.left, notes.right]; })"
    )
    assert rows
    for top, right, bottom, notes_top, notes_left, notes_right in rows:
        assert notes_right <= width
        if width >= 864:  # 54rem
            assert notes_left >= right
            assert abs(notes_top - top) < 12
        else:
            assert 0 <= notes_top - bottom < 16
    assert browser.complaints() == []


@pytest.mark.pages
def test_a_sign_leads_to_its_note_and_a_place_plays(browser, file):
    browser.screen(1000, 800)
    browser.prefer(color_scheme="light")
    browser.open(file)
    browser.click(".sign.supported, .sign.inconclusive, .sign.refuted")
    browser.wait("location.hash.startsWith('#note-')")
    place = browser.run("Number(document.querySelector('.notes .time').dataset.s)")
    browser.click(".notes .time")
    browser.wait("document.querySelector('.play').getAttribute('aria-label') === 'Pause'")
    assert browser.run("Number(document.querySelector('.seek').value)") >= place - 0.1
    assert browser.complaints() == []
