"""Where the pages of a song's report end: nothing is parted that belongs together, and no page is mostly empty."""

import dataclasses
import functools
import io
import itertools
import shutil
import subprocess
import warnings
from datetime import UTC, datetime

import numpy as np
import pytest
from matplotlib.image import imread

import documents
from outcomes import missing
from riffscope.report.blocks import Figure, Heading, Paragraph, Table
from riffscope.report.pdf import render_pages, render_pdf
from riffscope.report.song_report import song_document
from songs import judged_song, with_outcomes

MOMENT = datetime(2026, 11, 24, 14, 50, tzinfo=UTC)
HEIGHT_MM = {"a4": 297.0, "us-letter": 279.4}
TOP_MM = {"a4": 20.0, "us-letter": 17.0}
BOTTOM_MM = {"a4": 17.0, "us-letter": 15.0}
NEEDS_BEATS = ("tempo", "beats", "loops", "riff_notes", "chords", "structure", "section_profile")


def claimed(count, text=""):
    """The song with so many claims."""
    song = judged_song()
    verdicts = tuple(
        dataclasses.replace(verdict, claim=f"claim_{k}", text=text or f"{verdict.text}, {k}")
        for k, verdict in enumerate(itertools.islice(itertools.cycle(song.verdicts), count))
    )
    return dataclasses.replace(song, verdicts=verdicts)


ODD_SONGS = {
    "21 claims": lambda: claimed(21),
    "60 claims": lambda: claimed(60),
    "long claims": lambda: claimed(8, "What somebody wrote of it, in one sentence that does not want to end, " * 4),
    "no beat": lambda: with_outcomes(judged_song(), {name: missing(name, "no steady beat") for name in NEEDS_BEATS}),
}
SONGS = (
    "ordinary",
    "judged",
    "long",
    "short",
    "voiceless",
    "missing",
    "failed",
    "title: long",
    "nothing run",
    *ODD_SONGS,
)
pytestmark = [pytest.mark.pages, pytest.mark.parametrize("paper", HEIGHT_MM)]


@functools.cache
def document_of(name, paper):
    if paper == "a4":
        return song_document(ODD_SONGS[name]()) if name in ODD_SONGS else documents.document_of(name)
    return dataclasses.replace(document_of(name, "a4"), paper=paper)


@functools.cache
def filled(name, paper):
    """How far down the text reaches on each page, as a share of the page without its margins."""
    document = document_of(name, paper)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pages = render_pages(document, pixels_per_inch=36, timestamp=MOMENT)
    shares = []
    for page in pages:
        dark = imread(io.BytesIO(page))[..., :3].min(axis=2) < 0.97
        mm = dark.shape[0] / HEIGHT_MM[document.paper]
        text = dark[round(TOP_MM[document.paper] * mm) : round(-BOTTOM_MM[document.paper] * mm)]
        shares.append((int(np.flatnonzero(text.any(axis=1))[-1]) + 1) / text.shape[0])
    return shares


def printed(document):
    """The text of each page without spaces, and its last line above the foot."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        content = render_pdf(document, timestamp=MOMENT)
    run = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    pages = run.stdout.decode().split("\f")[:-1]
    lines = [[line.strip() for line in page.splitlines() if line.strip()] for page in pages]
    return ["".join(page.split()) for page in pages], [page[-2] for page in lines]


@pytest.mark.parametrize("song", SONGS)
def test_no_page_is_mostly_empty(song, paper):
    *before, last = filled(song, paper)
    assert all(share >= 0.5 for share in before)
    assert last >= 1 / 3 or not before


@pytest.mark.parametrize("song", ["ordinary", "judged", "long", "short", "voiceless", "no beat", "missing"])
def test_a_report_has_five_pages_at_most(song, paper):
    assert len(filled(song, paper)) <= 5


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext (poppler)")
@pytest.mark.parametrize("song", ["ordinary", "judged", "21 claims", "long", "no beat"])
def test_nothing_is_parted_that_belongs_together(song, paper):
    document = document_of(song, paper)
    pages, last_lines = printed(document)

    def page_of(text):
        (place,) = [number for number, page in enumerate(pages) if "".join(text.split())[-60:] in page]
        return place

    headings = [block.text for block in document.blocks if isinstance(block, Heading)]
    assert not set(last_lines) & set(headings)
    pairs = [
        (before, after)
        for before, after in itertools.pairwise(document.blocks)
        if isinstance(before, Paragraph) and isinstance(after, Figure) and after.caption
    ]
    assert pairs
    for before, after in pairs:
        assert page_of(before.text) == page_of(after.caption)
    for before, after in itertools.pairwise(document.blocks):
        if isinstance(before, Paragraph) and isinstance(after, Table):
            found = page_of(before.text)
            assert all("".join("".join(row).split()) in pages[found] for row in after.rows)
