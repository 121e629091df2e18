"""Sentences: where each begins and ends in a text.

Conventions: places are in characters from the start of the text. Source: own; the rules of Unicode Standard Annex 29
with a list of abbreviations.
"""

import re
from collections.abc import Iterator

# Marks of sources and notes, as encyclopedias set them: "[4]", "[b]", "[citation needed]".
_SOURCES = r"(?:\[(?:\d{1,3}|[a-z]|(?:note|nb) \d{1,3}|citation needed)\])"
# A mark that may end a sentence, with the quotes and brackets that close behind it, before a space or a source.
_END = re.compile(rf"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?={_SOURCES}*+(?:\s|\Z))")
_SKIPPED = re.compile(rf"{_SOURCES}*+\s*+")
# What stands before a full stop without ending a sentence.
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|st|jr|sr|vs|feat|ft|no|vol|op|approx|ca|cf|fig|al|etc|min|sec|prod|bros|arr|rev|jan|feb"
    r"|mar|apr"
    r"|aug|sept|oct|nov|dec)|\b[a-z]|(?:[ap]\.m|e\.g|i\.e|b\.p\.m|u\.s|u\.k))\.\Z",
    re.IGNORECASE,
)
# Which of them end a sentence all the same where a capital letter follows.
_MAY_END = re.compile(r"(?:etc|[ap]\.m|b\.p\.m|min|sec|u\.s|u\.k)\.\Z", re.IGNORECASE)
# A list's mark, or a sign that decorates a line.
_BULLET = re.compile("\\s*(?:[-*•‣–—]\\s+|\\d{1,2}[.)]\\s+)?")
_LONGEST_ABBREVIATION = 8


def split(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Give where the sentences of a paragraph begin and end.

    Marks of lists, and of sources behind a sentence, are left out; a sentence may run over line ends.
    """
    begin = _skip_space(text, start, end)
    for match in _END.finditer(text, begin, end):
        if match.start() < begin or not _ends(text, match, end):
            continue
        yield begin, match.end()
        begin = _skip_sources(text, match.end(), end)
    stop = end
    while stop > begin and text[stop - 1].isspace():
        stop -= 1
    if stop > begin:
        yield begin, stop


def after_bullet(text: str, start: int, end: int) -> int:
    """Return where a paragraph begins behind the mark of a list."""
    match = _BULLET.match(text, start, end)
    return match.end() if match else start


def _skip_sources(text: str, at: int, end: int) -> int:
    """Return where the next sentence begins: behind the sources of this one, and the space."""
    match = _SKIPPED.match(text, at, end)
    return match.end() if match else at


def _skip_space(text: str, at: int, end: int) -> int:
    while at < end and text[at].isspace():
        at += 1
    return at


def _ends(text: str, match: re.Match[str], end: int) -> bool:
    """Tell whether a mark ends a sentence."""
    mark, following = match[0], _skip_sources(text, match.end(), end)
    if following >= end:
        return True
    after = text[following]
    closed = mark[-1] in "\"'”’»)]"
    if mark.startswith(("…", "...")):
        return after.isupper()
    if mark[0] in "!?":
        # A question within a sentence: "Why? because".
        return not (closed and after.islower())
    before = text[max(0, match.start() - _LONGEST_ABBREVIATION) : match.start() + 1]
    if _ABBREVIATION.search(before):
        # A single capital is an initial; a note or a key may well end a sentence.
        if _MAY_END.search(before):
            return after.isupper()
        # "She starts on A. Then": a note behind a word in small letters.
        if re.search(r"[a-z] [A-G]\.\Z", before):
            return after.isupper()
        return False
    return not after.islower() or "\n" in text[match.end() : following]
