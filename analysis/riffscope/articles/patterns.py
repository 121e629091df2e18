"""Patterns: phrases of a vocabulary as regular expressions over a sentence that `notation.rewrite` has rewritten.

A phrase is words with single spaces, in lower case. In it stand

- ``loud|noisy`` for either word, ``low_end`` for words that belong together, ``pump*`` for all words that begin so,
- ``[very]`` for a word that may be left out,
- ``..`` for up to six words, but ``than``, ``...`` for up to twelve, commas among them,
- ``@voice`` for any word of a class,
- ``#bpm`` for a thing of that kind; ``#section=scope`` says what it is to the statement (else it is its value),
- ``^`` for the beginning of a clause, ``$`` for its end.

Source: own.
"""

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

ROLES = ("value", "scope", "against", "other", "second")
# Kinds of things that may stand for each other.
GROUPS = {
    "time": ("clock", "length"),
    "section": ("section", "sections"),
    "share": ("percent", "fraction"),
    "interval": ("semitones", "interval"),
    "mode": ("mode",),
}
# What denies what stands behind it in its clause.
NEGATIONS = frozenset(
    {"not", "never", "no", "nor", "hardly", "barely", "scarcely", "without", "nobody", "nothing", "none", "neither"}
    | {"rarely", "seldom"}
)
# How many words these stand for at most.
_MOST_WORDS = {"..": 6, "...": 12, "^": 0, "$": 0, "@begin": 0, "@filler": 7, "@fill": 3, "@determiner": 1}
_GAP = rf"(?: (?![,;:.!?()—] |than (?!#(?!sect|title)){{no}})[^ ]+){{{{0,{_MOST_WORDS['..']}}}}}?"
_LONG_GAP = rf"(?: (?![;:.!?()—] |than (?!#(?!sect|title)){{no}})[^ ]+){{{{0,{_MOST_WORDS['...']}}}}}?"
_START = r"(?:(?<=^)|(?<= [,;:.!?()—])|(?<= and)|(?<= but)|(?<= so)|(?<= yes)|(?<= no))"
_END = r"(?= (?:[,;:.!?()—]|\Z)| \Z|\Z)"

# What may stand between a verb and an adjective: other adjectives, adverbs and commas, but no other noun's company.
_NO_FILLER = (
    r"(?![;:.!?()—] |(?:an?|the|this|these|those|such|of|in|for|on|with|to|it|he|she|they|we|i|you|there|which|who"
    r"|that|than|because|as|from|at|by"
    r"|his|her|its|their|my|your|is|are|was|were|has|have|#\w+) )"
)
FILLERS = {
    "@filler": rf"(?: {_NO_FILLER}[^ ]+){{0,{_MOST_WORDS['@filler']}}}?",
    "@fill": rf"(?: {_NO_FILLER}[^ ]+){{0,{_MOST_WORDS['@fill']}}}?",
    "@begin": r"(?:(?<=^)|(?<= [,;:.!?()—]))",
    "@determiner": r"(?: (?:an?|the|this|that|its|her|his|their|one|of|such|with|pretty|very))",
}


class Classes:
    """Classes of words, by name; a class may hold others, as ``@voice``.

    What elements of phrases stand for is kept: most stand in many phrases.
    """

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        self.words = words
        self._within: dict[str, tuple[str, ...]] = {}
        self._known: dict[str, tuple[frozenset[str], int]] = {}

    def words_of(self, name: str) -> tuple[str, ...]:
        """Return the words of a class, with those of the classes in it.

        Raises
        ------
        ValueError
            There is no such class.
        """
        if name not in self._within:
            if name not in self.words:
                raise ValueError(f"there is no class @{name}")
            self._within[name] = tuple(
                word for one in self.words[name] for word in (self.words_of(one[1:]) if one.startswith("@") else (one,))
            )
        return self._within[name]

    def words_in(self, body: str) -> Iterator[str]:
        """Give the words, or words that belong together, that an element may be."""
        for one in body.split("|"):
            if one.startswith("@"):
                yield from self.words_of(one[1:])
            else:
                yield one.replace("_", " ")

    def firsts(self, body: str) -> frozenset[str]:
        """Return the words and signs one of which begins an element; none where they cannot all be named."""
        return self._measured(body)[0]

    def most_words(self, body: str) -> int:
        """Return how many words an element stands for at most."""
        return self._measured(body)[1]

    def _measured(self, body: str) -> tuple[frozenset[str], int]:
        """Return the words that may begin an element, and how many it has at most; of each class once."""
        if body not in self._known:
            firsts, most, named = set[str](), 1, True
            for one in body.partition("=")[0].split("|"):
                begins, words = self._of_class(one[1:]) if one.startswith("@") else _measured_word(one)
                firsts |= begins
                most, named = max(most, words), named and bool(begins)
            self._known[body] = (frozenset(firsts) if named else frozenset(), most)
        return self._known[body]

    def _of_class(self, name: str) -> tuple[frozenset[str], int]:
        return self._measured("|".join(word.replace(" ", "_") for word in self.words_of(name)))


@dataclass(kw_only=True)
class Pattern:
    """A phrase that sentences are searched for.

    Attributes
    ----------
    anchors : tuple of frozenset of str
        Of each of these one word or sign stands, in this order, in every sentence that it matches.
    reaches : tuple of int
        Of each, how many words after the one before it stands at most; of the first nothing.
    """

    phrase: str
    classes: Classes
    anchors: tuple[frozenset[str], ...]
    reaches: tuple[int, ...]
    _made_for: tuple[frozenset[str], re.Pattern[str] | None] | None = None

    def may_match(self, places: Mapping[str, Sequence[int]]) -> bool:
        """Tell whether a sentence of these words and signs may match: most do not, and need not be searched.

        Parameters
        ----------
        places : mapping of str to sequence of int
            Of each word and sign, where it stands, in ascending order.
        """
        for anchors in self.anchors:
            if anchors.isdisjoint(places):
                return False
        before: list[int] | None = None
        for anchors, reach in zip(self.anchors, self.reaches, strict=True):
            known = [word for word in (anchors if len(anchors) < len(places) else places) if word in places]
            found = [place for word in known if word in anchors for place in places[word]]
            if before is not None:
                found = [place for place in found if any(0 < place - one <= reach for one in before)]
            if not found:
                return False
            before = found
        return True

    def own_negations(self, matched: str) -> int:
        """Count the negations in a match that are the phrase's own, as in ``no key change``, and deny nothing of it."""
        rest, count = f"{matched} ", 0
        for words in self._negations:
            word = next((one for one in words if f" {one} " in rest), None)
            if word is not None:
                rest, count = rest.replace(f" {word} ", " ", 1), count + len(NEGATIONS & set(word.split()))
        return count

    @functools.cached_property
    def regex(self) -> re.Pattern[str]:
        """Its regular expression, made when it is first asked for: most texts ask for few.

        Raises
        ------
        ValueError
            The phrase names a class or a role that there is not, or one role twice.
        """
        roles = [body.partition("=")[2] or "value" for body in _bodies(self.phrase) if _kinds_in(body)]
        if len(set(roles)) < len(roles):
            raise ValueError(f"{self.phrase!r}: a role is given twice")
        if wrong := set(roles) - set(ROLES):
            raise ValueError(f"{self.phrase!r}: {' and '.join(wrong)} is none of {', '.join(ROLES)}")
        return re.compile("".join(self._parts(None) or ()))

    def regex_among(self, words: frozenset[str]) -> re.Pattern[str] | None:
        """Return its regular expression for a text of these words and signs; None where it cannot be found in it.

        Most of the words that a phrase may be do not stand in a text; without them it is made in far less time.
        """
        if self._made_for is None or self._made_for[0] is not words:
            parts = self._parts(words)
            self._made_for = (words, None if parts is None else re.compile("".join(parts)))
        return self._made_for[1]

    @functools.cached_property
    def _negations(self) -> list[tuple[str, ...]]:
        """For each element that may hold a negation, the words with one that it may be, the longest first."""
        found = [
            [word for word in self.classes.words_in(body) if NEGATIONS & set(word.split())]
            for body in _bodies(self.phrase)
            if not _kinds_in(body)
        ]
        return [tuple(sorted(words, key=len, reverse=True)) for words in found if words]

    def _parts(self, among: frozenset[str] | None) -> list[str] | None:
        """Return its elements as regular expressions; None where one that is needed is none of these words."""
        asked = sorted(kind for body in _bodies(self.phrase) for kind in _kinds_in(body))
        # A gap does not run over another thing of a kind that is asked for.
        no = f"|#(?:{'|'.join(asked)})\\d" if asked else ""
        marks = {"..": _GAP.format(no=no), "...": _LONG_GAP.format(no=no), "^": _START, "$": _END, **FILLERS}
        parts = []
        for element in self.phrase.split():
            body, optional = element.strip("[]"), element.startswith("[")
            regex = marks.get(body) or _element(body, self.classes, among)
            if regex:
                parts.append(f"(?:{regex})?" if optional else regex)
            elif not optional:
                return None
        # Each part begins with a space, so that words are whole.
        return [*parts, "(?= )"]


def compile_phrase(phrase: str, classes: Classes) -> Pattern:
    """Make a pattern of a phrase.

    Raises
    ------
    ValueError
        It names a class that there is not, or is not closed. What else is wrong is found with its `Pattern.regex`.
    """
    anchors, reaches, reach = list[frozenset[str]](), list[int](), 0
    for element in phrase.split():
        if element.startswith("[") != element.endswith("]"):
            raise ValueError(f"{phrase!r}: {element} is not closed")
        body = element.strip("[]")
        if body in _MOST_WORDS:
            reach += _MOST_WORDS[body]
            continue
        if body == element and classes.firsts(body):
            anchors.append(classes.firsts(body))
            reaches.append(reach)
            reach = 0
        reach += classes.most_words(body)
    return Pattern(phrase=phrase, classes=classes, anchors=tuple(anchors), reaches=tuple(reaches))


@functools.cache
def _measured_word(word: str) -> tuple[frozenset[str], int]:
    """Return what a word, or words that belong together, begins with, none where that is not said, and its length."""
    first, *more = word.split("_")
    if first.startswith("#"):
        return frozenset(f"#{kind}" for kind in kinds_of(first[1:])), 1 + len(more)
    return frozenset() if first == "$" or first.endswith("*") else frozenset([first]), 1 + len(more)


def kinds_of(sign: str) -> tuple[str, ...]:
    """Return the kinds of things that a sign such as ``#time`` stands for."""
    return GROUPS.get(sign, (sign,))


def _bodies(phrase: str) -> list[str]:
    """Return the elements of a phrase that stand for words or things, without brackets."""
    return [body for element in phrase.split() if (body := element.strip("[]")) not in _MOST_WORDS]


def _kinds_in(body: str) -> list[str]:
    """Return the kinds of things that an element asks for; none where it may be a word as well."""
    alternatives = body.partition("=")[0].split("|")
    if not all(one.startswith("#") for one in alternatives):
        return []
    return [kind for one in alternatives for kind in kinds_of(one[1:])]


def _element(body: str, classes: Classes, among: frozenset[str] | None) -> str:
    """Return an element as a regular expression, of the words that a text holds; empty where it holds none of them."""
    kinds = _kinds_in(body)
    if kinds:
        return rf" #(?:{'|'.join(kinds)})(?P<{body.partition('=')[2] or 'value'}>\d+)"
    words = [word for word in classes.words_in(body) if among is None or _within(word, among)]
    plain = sorted((word for word in words if word != "$"), key=len, reverse=True)
    regex = f" (?:{'|'.join(map(_word, plain))})" if plain else ""
    if len(plain) == 1:
        regex = f" {_word(plain[0])}"
    if "$" not in words:
        return regex
    return f"(?:{regex}|{_END})" if regex else _END


def _within(word: str, among: frozenset[str]) -> bool:
    """Tell whether a text of these words may hold a word, or words that belong together."""
    if word in among:
        return True
    return all(part in among or part[-1] in "*$" or part[0] == "#" for part in word.split())


def _word(word: str) -> str:
    """Return words that belong together, or the beginning of a word, as a regular expression."""
    return f"{_with_signs(word[:-1])}[^ ]*" if word.endswith("*") else _with_signs(word)


def _with_signs(words: str) -> str:
    """Escape words that belong together, among which may be signs."""
    return " ".join(
        rf"#(?:{'|'.join(kinds_of(word[1:]))})\d+" if word.startswith("#") else re.escape(word)
        for word in words.split()
    )
