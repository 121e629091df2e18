"""Sections and forms in a sentence: ``the second verse``, ``verse, chorus, verse``. Source: own."""

import re

from riffscope.articles.notation.things import NUMBER_WORD, Rewriter, Thing, read_number

ORDINALS = {
    "first": 1, "opening": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4,
    "last": -1, "final": -1, "closing": -1, "concluding": -1,
}  # fmt: skip
# The names of sections as people write them, and what they are called here.
SECTIONS = {
    "intro": "intro", "introduction": "intro", "verse": "verse", "pre-chorus": "pre-chorus", "prechorus": "pre-chorus",
    "pre chorus": "pre-chorus", "chorus": "chorus", "refrain": "chorus", "bridge": "bridge", "middle eight": "bridge",
    "middle 8": "bridge", "middle-eight": "bridge", "middle-8": "bridge", "outro": "outro", "coda": "outro",
    "drop": "drop", "solo": "solo", "guitar solo": "solo", "sax solo": "solo", "saxophone solo": "solo",
    "piano solo": "solo", "keyboard solo": "solo", "synth solo": "solo", "instrumental solo": "solo",
}  # fmt: skip
_ONLY_IN_FORMS = {
    "hook": "chorus", "instrumental": "instrumental", "instrumental break": "instrumental",
    "interlude": "instrumental", "break": "instrumental", "post-chorus": "post-chorus", "breakdown": "breakdown",
}  # fmt: skip

_SECTION_NAME = "|".join(sorted(map(re.escape, (*SECTIONS, *_ONLY_IN_FORMS)), key=len, reverse=True))
_FORM_ITEM = (
    rf"(?:(?:an?|another|one more|one last|one final|a (?:first|second|third|last|final|short|brief)|two|three|the) "
    rf")?(?:{_SECTION_NAME})(?:e?s)?"
    r"(?: (?:\d|one|two|three|again|first|back to back|once more)\b)?"
)
_FORM_SEPARATOR = r"\s*(?:[-–—→>/|,;+]|,?\s(?:and then|then|and|to|into|followed by|back to(?: the)?)(?=\s))+\s*"
_FORM = re.compile(rf"(?<![\w-]){_FORM_ITEM}(?:{_FORM_SEPARATOR}(?:{_FORM_ITEM})(?![\w-]))+", re.IGNORECASE)
_FORM_PART = re.compile(rf"(?<![\w-])(two |three )?({_SECTION_NAME})(?:e?s)?(?![\w-])", re.IGNORECASE)


# "Verse, chorus and bridge alike" are named, not put in order.
_ALIKE = re.compile(r"\s*(?:alike|all\b|each\b|both\b|share\b|have\b|are\b|use\b)", re.IGNORECASE)


def forms(made: Rewriter) -> None:
    """Find lists of sections in order."""

    def form(match: re.Match[str]) -> Thing | None:
        known = {**SECTIONS, **_ONLY_IN_FORMS}
        names = [
            known[part[2].lower()]
            for part in _FORM_PART.finditer(match[0])
            for _ in range({"two ": 2, "three ": 3}.get((part[1] or "").lower(), 1))
        ]
        # "The verse, the chorus and the bridge" are named, not put in order.
        listed = re.search(r"\bthe\b|(?<!es)s\b(?<!chorus)", match[0], re.IGNORECASE)
        ordered = re.search(
            r"\b(?:then|again|first|another|more|back to|followed)\b",
            match.string[max(0, match.start() - 12) : match.end()],
            re.IGNORECASE,
        )
        if len(names) < 3 or (listed and not ordered) or _ALIKE.match(match.string[match.end() :]):
            return None
        return Thing(kind="form", value=tuple(names), text=match[0])

    made.sub(_FORM, form)


_ORDINAL = "|".join(ORDINALS)
_SECTION_NAMES = "|".join(sorted(map(re.escape, SECTIONS), key=len, reverse=True))
_SECTION = re.compile(
    rf"(?<![\w\x00])(?:(?P<order>{_ORDINAL}|each|every|both|all|either)\s(?:of the |the )?)?"
    rf"(?P<name>{_SECTION_NAMES})(?P<many>e?s)?(?:\s(?P<number>[1-4]|one|two|three|four)(?![\w:]))?(?![\w-])",
    re.IGNORECASE,
)
# "The bass drops" is no section.
_A_DROP = {
    False: re.compile(
        r"\b(?:the|a|each|every|no|that|its|any)\s+(?:(?:first|second|third|last|final|big|main|next|bass|actual"
        r"|first)\s+)?\Z",
        re.IGNORECASE,
    ),
    True: re.compile(r"\b(?:the|both|all|two|three|its)\s+\Z", re.IGNORECASE),
}
# What follows or goes before a word that is no section here.
_NO_SECTION_AFTER = re.compile(
    r"\s+(?:of\s++(?!the (?:song|track)\b|“|\x00|about|just|exactly|only|nearly|almost|over|under|around|some"
    r"|roughly|\d|"
    + NUMBER_WORD
    + r")|line\b|lines\b|girl|pedal|effect|career|album|artist|tour|single|record\b|debut|work\b|act\b|date|out\b"
    r"|in\b (?:sales|price|temperature)|between|over\b|across|to (?:the|his|her) (?:story|book|memoir))",
    re.IGNORECASE,
)
_NO_SECTION_BEFORE = re.compile(
    r"(?:\b(?:to|will|would|not|'t|can|may|must|should|could|and|they|we|you|I)\s+|\bgo(?:es|ing)?\s+|\bwent\s+)\Z",
    re.IGNORECASE,
)
# "Solo piano": played by one alone.
_PLAYED_ALONE = re.compile(
    r"\s+(?:(?:acoustic|electric|classical|lead|upright|grand|female|male) )?(?:piano|guitar|voice|vocals?|violin|cello"
    r"|viola|flute|trumpet|trombone|horn|clarinet|oboe|sax(?:ophone)?|bass|drums?|organ|harp|synth|keyboards?|banjo"
    r"|ukulele|fiddle|singer|singing|soprano|tenor|alto|baritone|player|performer|performance|musician|piece|project"
    r"|release|material|show|outing|effort|songs?|years|success|star|version)s?\b",
    re.IGNORECASE,
)


def sections(made: Rewriter) -> None:
    """Find the names of sections."""

    def section(match: re.Match[str]) -> Thing | None:
        name = SECTIONS[match["name"].lower()]
        before, after = match.string[: match.start()], match.string[match.end() :]
        if _NO_SECTION_AFTER.match(after):
            return None
        if (
            name == "drop"
            and not (match["order"] or match["number"])
            and not _A_DROP[bool(match["many"])].search(before)
        ):
            return None
        if match["name"].lower() == "solo" and (_NO_SECTION_BEFORE.search(before) or _PLAYED_ALONE.match(after)):
            return None
        order, number = (match["order"] or "").lower(), match["number"]
        place = ORDINALS.get(order)
        if number is not None:
            place = int(read_number(number) or 0)
        called = name if place is None else f"last {name}" if place < 0 else f"{name} {place}"
        many = bool(match["many"])
        return Thing(kind="sections" if many else "section", value=called, text=match[0])

    made.sub(_SECTION, section)
