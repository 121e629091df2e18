"""The outline of a page: its contents, and the names that links and screen readers use."""

import dataclasses

import pytest

from documents import document_of
from riffscope.model import Ruling
from riffscope.report.blocks import ClaimLine, ClaimLines, Column, Figure, Heading, Table, VerdictItem, VerdictList
from riffscope.report.html import groups, render_html
from riffscope.report.outline import anchor, outline_of
from songs import HOSTILE_TITLES


def heading(text, level=1):
    return Heading(text=text, level=level)


def line(text, claim):
    return ClaimLine(ruling=Ruling.SUPPORTED, label="supported", text=text, claim=claim)


def verdict(text, because="It is so."):
    return VerdictItem(text=text, ruling=Ruling.SUPPORTED, because=because)


def figure(alt):
    return Figure(svg="<svg></svg>", caption="", alt=alt)


def table(*headings, rows=(), caption=""):
    return Table(columns=tuple(Column(heading=text) for text in headings), rows=rows, caption=caption)


def test_each_heading_is_in_the_contents_under_a_name_of_its_own():
    outline = outline_of([heading("Riff"), heading("Notes", 2), heading("Voice"), heading("Notes", 2)])
    assert [(entry.anchor, entry.level) for entry in outline.entries] == [
        ("riff", 1), ("notes", 2), ("voice", 1), ("notes-2", 2),
    ]  # fmt: skip


def test_a_page_of_few_headings_has_no_contents_but_anchors():
    outline = outline_of([heading("Riff"), heading("Voice")])
    assert outline.entries == ()
    assert outline.headings == {(0, 0): "riff", (1, 0): "voice"}


def test_an_anchor_is_short_and_holds_letters_of_any_script():
    assert anchor("Key, balance & stereo") == "key-balance-stereo"
    assert anchor("أغنية") == "أغنية"
    assert len(anchor("word " * 100)) <= 50
    assert anchor("x" * 500) == "x" * 50
    assert anchor("?!") == "part"


def test_no_heading_takes_the_name_of_a_part_of_the_page():
    assert {entry.anchor for entry in outline_of([heading("Top"), heading("Text")] * 2).entries}.isdisjoint(
        {"top", "text"}
    )


@pytest.mark.parametrize("text", ["A loop runs through it", "A loop carries it"])
def test_a_claim_keeps_the_name_of_its_file_however_it_is_worded(text):
    outline = outline_of([ClaimLines(lines=(line(text, "loop_throughout"),)), VerdictList(verdicts=(verdict(text),))])
    assert outline.claims == {(1, 0): "claim-loop-throughout"}
    assert outline.details == {text: "claim-loop-throughout"}


def test_a_claim_that_is_nowhere_in_full_is_linked_where_it_stands():
    assert outline_of([ClaimLines(lines=(line("It is loud", "loud"),))]).claims == {(0, 0): "claim-loud"}


def test_the_same_claim_of_two_songs_has_two_anchors():
    outline = outline_of(
        [VerdictList(verdicts=(verdict("It is louder"),)), VerdictList(verdicts=(verdict("It is louder"),))]
    )
    assert outline.claims == {(0, 0): "claim-it-is-louder", (1, 0): "claim-it-is-louder-2"}
    assert outline.details == {"It is louder": "claim-it-is-louder"}


def test_tables_and_figures_are_named_each_once():
    blocks = [
        heading("Side by side"),
        table("Measure", "A"),
        table("Measure", "A", caption="What differs. And how."),
        figure("A map. It is large."),
        figure("A map. It is small."),
    ]
    assert list(outline_of(blocks).regions.values()) == [
        "Table: Side by side", "Table: What differs", "Figure: A map", "Figure: A map, 2",
    ]  # fmt: skip


def test_rows_of_a_table_stand_below_their_heading():
    rows = (("a", "1"), ("Loudness",), ("b", "2"), ("c", "3"))
    assert groups(table("What", "How much", rows=rows)) == [
        ("", [("a", "1")]),
        ("Loudness", [("b", "2"), ("c", "3")]),
    ]
    assert groups(table("One", rows=(("a",), ("b",)))) == [("", [("a",), ("b",)])]


def test_a_page_links_to_each_of_its_headings_and_claims():
    document = document_of("judged")
    page = render_html(document).decode()
    outline = outline_of(document.blocks)
    assert outline.entries
    assert outline.claims
    for entry in outline.entries:
        assert page.count(f'href="#{entry.anchor}"') == 2  # beside the text, and folded above it
        assert page.count(f'id="{entry.anchor}"') == 1
    for name in outline.claims.values():
        assert f'class="anchor" href="#{name}"' in page
        assert page.count(f'id="{name}"') == 1


@pytest.mark.parametrize("kind", HOSTILE_TITLES)
def test_a_heading_of_any_letters_adds_no_element_to_the_contents(kind):
    blocks = (heading(HOSTILE_TITLES[kind]),) * 5
    page = render_html(dataclasses.replace(document_of("ordinary"), blocks=blocks)).decode()
    contents = page[page.index("<nav") : page.index("</nav>")]
    assert contents.count("<a ") == contents.count("<li>") == 6
    assert "<script" not in page
