"""Comparisons: with what a statement that something is more, or less, compares.

Source: own.
"""

import re

from riffscope.articles.clauses import HARD_MARK, Line
from riffscope.articles.notation import ORDINALS
from riffscope.articles.vocabulary import grammar

# Compared with songs at large: a judgement of its own.
AT_LARGE = "\x00at large"
# "The last chorus is louder than the first": a section of the same kind, the first of them.
ELLIPSIS = "\x00the same kind, number "
# Compared with something that is no song and no section.
NOTHING = ""

_MARK = re.compile(
    r"(?:(?! (?:than|as) )(?: [^ ]+)){0,9}? (?:than|compared with|compared to|relative to|next to|beside|as|over)(?= )"
)
_OWN_THAN = re.compile(r"(?: [^ ]+){0,6}? than(?= )")
_ORDINAL = re.compile(
    r" (?:(?:in|on|at|of|during) )?(?:the|that of the) (first|second|third|fourth|last|final|opening|closing)"
    r"(?= (?:one )?(?:[,;.:!?)—]|and|but|\Z))"
)
_NAMED = re.compile(r"((?: (?!#section|#title)[^ ,]+){0,7}?) #(?:section|sections|title)(\d+)(?= )")
_EARLIER = re.compile(r" (?:than|as)(?: (?!than |as |#)[^ ,;.]+){0,4} #(?:section|sections|title)(\d+)(?= )")
_FRAME = re.compile(
    r"^ (?:and |but |so |yes , )?(?:set|put|placed|heard|held|played|compared|measured|beside|next|against|unlike"
    r"|alongside|up|where|while|whereas|after|side)(?: [^ ,#]+){0,4}? #title(\d+)(?= )"
)
_FRAME_OF_SECTION = re.compile(
    r"^ (?:set beside|next to|compared (?:with|to)|against|unlike|beside) (?:the )?#sections?(\d+) ,"
)
_BESIDE = re.compile(
    r"^ (?:and |but |so |yes , )?(?:set beside|set against|put beside|put next to|placed beside|next to|beside"
    r"|compared (?:with|to)|in comparison (?:with|to)|alongside)(?: [^ ,#]+){0,3}? #title(\d+)(?= )"
)
_BESIDE_SECTION = re.compile(
    r"^ (?:set beside|set against|next to|beside|compared (?:with|to)|in comparison (?:with|to)) (?:the )?"
    r"#sections?(\d+)(?= ,)"
)
_BESIDE_BEHIND = re.compile(
    r"(?: (?![,;:.!?—])[^ ]+){0,2}?(?: ,)? (?:compared (?:with|to)|in comparison (?:with|to)|next to|beside"
    r"|set against)(?: (?![,;:.!?—#])[^ ]+){0,3}? #(?:title|sections?)(\d+)(?= )"
)
_FRAME_OF_VERSION = re.compile(
    r"^ (?:and |but |so )?(?:set beside|put beside|next to|compared (?:with|to)|against|unlike|alongside|beside)"
    r"((?: [^ ,]+){1,4}) ,"
)
_SECTION_NAME = re.compile(r"(?:last )?(?:intro|verse|pre-chorus|chorus|bridge|outro|drop|solo)(?: \d)?")


def is_section(name: str) -> bool:
    """Tell whether what is compared with is a section, not a song."""
    return _SECTION_NAME.fullmatch(name) is not None


def says_than_what(line: Line, end: int) -> bool:
    """Tell whether a comparison says with what, even if that is nothing that can be measured."""
    rest = line.text[end:]
    hard = HARD_MARK.search(rest)
    return _OWN_THAN.match(rest[: hard.start()] if hard else rest) is not None


def compares(line: Line, start: int, end: int) -> bool:
    """Tell whether a comparative may be one: whether something that it compares with is named anywhere."""
    return (
        " than " in line.text
        or target_after(line, end) is not None
        or target_before(line, start) is not None
        or target_earlier(line, start) is not None
    )


def target_after(line: Line, end: int) -> str | None:
    """Return what is compared with, behind a comparative.

    Returns
    -------
    str or None
        The name of sections, the title of a song, another version of it (``the demo``), or `AT_LARGE`, `ELLIPSIS`,
        `NOTHING`; None where nothing is compared with.
    """
    rest = line.text[end:]
    hard = re.search(r" [;:.!?—](?= )", rest)
    if hard:
        rest = rest[: hard.start() + 1]
    # The last word of a comparative may have been its mark.
    if line.text[:end].endswith((" as", " than", " below", " above", " beneath")):
        mark_end = 0
    else:
        mark = _MARK.match(rest)
        if mark is None:
            return None
        mark_end = mark.end()
    return _named(line, f" {' '.join(rest[mark_end:].split())} ")


def target_before(line: Line, start: int) -> str | None:
    """Return what a sentence begins to compare with: ``set beside “Harbour”, it is slower``."""
    for pattern in (_FRAME, _FRAME_OF_SECTION):
        match = pattern.match(line.text)
        if match is not None and match.end() <= start:
            return line.name(match[1])
    match = _FRAME_OF_VERSION.match(line.text)
    if match is None or match.end() > start:
        return None
    version = _version(f"{match[1]} ")
    return None if version is None else version[1]


def set_beside(line: Line, start: int, end: int) -> str | None:
    """Return what a judgement is made beside: ``compared with “Harbour” it drags``, ``quiet next to the demo``."""
    for pattern in (_BESIDE, _BESIDE_SECTION):
        match = pattern.match(line.text)
        if match is not None and match.end() <= start:
            return line.name(match[1])
    behind = _BESIDE_BEHIND.match(line.text[end:])
    return None if behind is None else line.name(behind[1])


def target_earlier(line: Line, start: int) -> str | None:
    """Return what was compared with before: ``half as much going on as in “Harbour”, and half as much bass``."""
    found = [line.name(match[1]) for match in _EARLIER.finditer(f"{line.text[:start]} ")]
    return found[-1] if found else None


def _named(line: Line, after: str) -> str:
    """Return what is named behind a mark of comparison."""
    place = _ORDINAL.match(f"{after}.")
    if place:
        return f"{ELLIPSIS}{ORDINALS[place[1]]}"
    named, version = _NAMED.match(after), _version(after)
    if named and (version is None or len(named[1]) <= version[0]):
        return line.name(named[2])
    if version is not None:
        return version[1]
    at_large = "|".join(map(re.escape, grammar().at_large))
    if re.match(rf"(?: (?:in|on|with|of|for))?(?: (?:the|its|your|a))? (?:{at_large})(?= )", after):
        return AT_LARGE
    return NOTHING


def _version(after: str) -> tuple[int, str] | None:
    """Return another version of the song that is named, and where its name begins."""
    nouns = "|".join(map(re.escape, grammar().versions))
    match = re.match(
        r"((?: (?:on|in|for|with|of|it|she|he|they|is|was|did|does|do|were|that|those|what|as))*)"
        rf" ((?:the|its|his|her|their|an?) (?:(?!than|as|in|on|of)[\w&']+ ){{0,2}}?(?:{nouns}))(?= )",
        after,
    )
    if match is None or re.search(r"#|\bmost\b|\bother\b|\bwhole\b|\brest\b", match[2]):
        return None
    return len(match[1]), match[2]
