"""The outline of a page: what its parts are called, for links and for those who hear it read."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from riffscope.report.blocks import (
    Block,
    ClaimLines,
    Figure,
    Heading,
    MarkedText,
    Table,
    VerdictItem,
    VerdictList,
)

# A page with fewer headings is seen at a glance.
FEWEST_ENTRIES = 4
MAX_ANCHOR_LETTERS = 50
# What the page calls its own parts.
TAKEN = ("top", "text", "night")

_SENTENCE_END = re.compile(r"(?<=[.:!?])\s")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A heading as the contents list has it."""

    anchor: str
    text: str
    level: int


@dataclass(frozen=True, kw_only=True)
class Outline:
    """What the parts of a page are called; blocks are counted from 0.

    Attributes
    ----------
    entries : tuple of Entry
        The contents list; empty where the page is short.
    headings : dict
        The anchor of each heading by its block, and within it by its place among paragraphs.
    claims : dict
        The anchor of each claim by its block and its place in that; those that cannot be tested come after the others.
    details : dict
        For the words of a claim, the anchor of where it is ruled on in full.
    regions : dict
        What a table or figure is called by its block, each of them once.
    """

    entries: tuple[Entry, ...]
    headings: dict[tuple[int, int], str]
    claims: dict[tuple[int, int], str]
    details: dict[str, str]
    regions: dict[int, str]


def outline_of(blocks: Sequence[Block]) -> Outline:
    """Name the parts of a page."""
    anchors = _Names(separator="-")
    entries: list[Entry] = []
    headings: dict[tuple[int, int], str] = {}
    for number, place, text, level in _headings(blocks):
        headings[number, place] = anchors.new(anchor(text))
        entries.append(Entry(anchor=headings[number, place], text=text, level=level))
    lines = [(number, block) for number, block in enumerate(blocks) if isinstance(block, ClaimLines)]
    names = {line.text: line.claim for _, block in lines for line in block.lines}
    claims: dict[tuple[int, int], str] = {}
    details: dict[str, str] = {}
    for number, place, item in _verdicts(blocks):
        claims[number, place] = anchors.new(f"claim-{anchor(names.get(item.text, item.text))}")
        details.setdefault(item.text, claims[number, place])
    for number, block in lines:
        untested = [text for group in block.untested for text in group.claims]
        for place, text in enumerate([*(line.text for line in block.lines), *untested]):
            if text not in details:
                claims[number, place] = anchors.new(f"claim-{anchor(names.get(text, text))}")
    return Outline(
        entries=tuple(entries) if len(entries) >= FEWEST_ENTRIES else (),
        headings=headings,
        claims=claims,
        details=details,
        regions=dict(_regions(blocks)),
    )


def anchor(text: str) -> str:
    """Return what a link to a part of the page says behind its ``#``.

    Examples
    --------
    >>> anchor("Key, balance and stereo"), anchor("…")
    ('key-balance-and-stereo', 'part')
    """
    words = re.sub(r"[\W_]+", "-", text.lower()).strip("-")
    if len(words) > MAX_ANCHOR_LETTERS:
        words = words[:MAX_ANCHOR_LETTERS].rpartition("-")[0] or words[:MAX_ANCHOR_LETTERS]
    return words or "part"


class _Names:
    """Names that are given once: a second one of the same letters gets a number behind it."""

    def __init__(self, *, separator: str) -> None:
        self._separator, self._given = separator, set(TAKEN)

    def new(self, name: str) -> str:
        number, given = 1, name
        while given in self._given:
            number += 1
            given = f"{name}{self._separator}{number}"
        self._given.add(given)
        return given


def _headings(blocks: Sequence[Block]) -> Iterator[tuple[int, int, str, int]]:
    """Yield each heading with its block, its place in that, and its level: those of somebody's text are chapters."""
    for number, block in enumerate(blocks):
        if isinstance(block, Heading):
            yield number, 0, block.text, block.level
        elif isinstance(block, MarkedText):
            for place, paragraph in enumerate(block.paragraphs):
                if paragraph.form == "heading":
                    yield number, place, " ".join(piece.text for piece in paragraph.pieces), 1


def _verdicts(blocks: Sequence[Block]) -> Iterator[tuple[int, int, VerdictItem]]:
    """Yield the verdicts that say why, each with its block and its place in that."""
    for number, block in enumerate(blocks):
        if isinstance(block, VerdictList):
            for place, item in enumerate(block.verdicts):
                if item.because or item.evidence:
                    yield number, place, item


def _regions(blocks: Sequence[Block]) -> Iterator[tuple[int, str]]:
    """Name tables by their captions or the heading above, and figures by the first sentence that describes them."""
    names = _Names(separator=", ")
    above = ""
    for number, block in enumerate(blocks):
        if isinstance(block, Heading):
            above = block.text
        elif isinstance(block, Table):
            yield number, names.new(f"Table: {_first_sentence(block.caption) or above or block.columns[0].heading}")
        elif isinstance(block, Figure):
            yield number, names.new(f"Figure: {_first_sentence(block.alt) or above}")


def _first_sentence(text: str) -> str:
    return _SENTENCE_END.split(text, maxsplit=1)[0].rstrip(".:")
