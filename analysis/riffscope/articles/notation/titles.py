"""Titles of songs in a sentence: in quotes, or known, or named after ``than``. Source: own."""

import re

from riffscope.articles.notation.pitches import NOTE_NAME
from riffscope.articles.notation.things import Rewriter, Thing, one_spelling

_QUOTED = re.compile(r"\"([^\"]{1,80})\"|(?<![A-Za-z0-9])'([^'\"]{1,60}(?:'[a-z][^'\"]{0,40})?)'(?![A-Za-z])")
# Another version of the song, where something is compared with it.
_VERSION = re.compile(
    r"(?:(?<=\bas )|(?<=\bof )|(?<=\bthan )|(?<=\bfrom ))(?:that of )?((?:the|its|his|her|their) (?:[\w'-]+ ){0,3}?"
    r"(?:versions?|demo|original|remix|radio edit|rendition))(?=\s*(?:[,.;:!?)]|\Z|and\b|but\b|in\b|on\b|is\b|was\b"
    r"|did\b|does\b|if\b))",
    re.IGNORECASE,
)
# What stands in quotes behind these is sung, and says nothing of the song itself.
_WORDS_BEFORE = re.compile(
    r"\b(?:lines?|phrases?|words?|lyrics?|chants?|repeats|sings?|singing|rhymes?)\s*\Z", re.IGNORECASE
)
_SMALL = {
    "a",
    "an",
    "and",
    "the",
    "of",
    "in",
    "on",
    "to",
    "for",
    "at",
    "by",
    "with",
    "from",
    "or",
    "is",
    "it",
    "my",
    "me",
}
# A name in capitals where another song is named without quotes.
_NAMED = re.compile(
    r"(?<=\bthan )(?:on |in |is )?((?:[A-Z][\w'&]+)(?: (?:(?:of|the|and|in|on|to|a|for|at|my|with) "
    r")*[A-Z][\w'&]+){0,5})(?=[\s,.;:!?]|\Z)"
)
_NOT_TITLES = {"I", "He", "She", "It", "They", "We", "You", "The", "A", "An", "This", "That"}


def looks_like_title(text: str) -> bool:
    """Tell whether words in quotes are a title: each begins with a capital, but for small words."""
    words = re.findall(r"[^\W\d_][\w'’&]*|\d+", text)
    large = [word for word in words if word.lower() not in _SMALL]
    return (
        bool(large)
        and len(words) <= 9
        and words[0][0].isupper() | words[0].isdigit()
        and all(word[0].isupper() or word[0].isdigit() for word in large)
    )


def find_titles(made: Rewriter, titles: tuple[str, ...]) -> None:
    """Find titles: in quotes, known ones, and what stands in capitals after ``than``."""

    def quoted(match: re.Match[str]) -> Thing | str | None:
        inner = (match[1] or match[2]).strip()
        if "=" in inner or "♩" in inner:
            return f" {inner} "
        bare = inner.rstrip(",.;:!?").strip()
        tail = "".join(sign for sign in inner[len(bare) :] if sign in ",;:")
        if _WORDS_BEFORE.search(match.string[: match.start()]):
            return made.sign(Thing(kind="quote", value=bare, text=bare)) + tail
        if looks_like_title(bare):
            return made.sign(Thing(kind="title", value=bare, text=bare)) + tail
        return f" {inner} "

    made.sub(_QUOTED, quoted)
    for title in sorted(titles, key=len, reverse=True):
        if len(title) >= 3:
            pattern = re.compile(rf"(?<![\w\x00]){re.escape(one_spelling(title))}(?!\w)")
            made.sub(pattern, lambda match: Thing(kind="title", value=match[0], text=match[0]))
    made.sub(_VERSION, lambda match: Thing(kind="title", value=match[1].lower(), text=match[1]))
    made.sub(
        _NAMED,
        lambda match: (
            None
            if match[1].split()[0] in _NOT_TITLES or re.fullmatch(rf"{NOTE_NAME}\d?", match[1])
            else match[0].replace(match[1], made.sign(Thing(kind="title", value=match[1], text=match[1])))
        ),
    )
