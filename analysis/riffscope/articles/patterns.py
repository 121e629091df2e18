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
from collections.abc import Mapping, Sequence
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
_GAP = r"(?: (?![,;:.!?()—] |than {no})[^ ]+){{0,6}}?"
_LONG_GAP = r"(?: (?![;:.!?()—] |than {no})[^ ]+){{0,12}}?"
_START = r"(?:(?<=^)|(?<= [,;:.!?()—])|(?<= and)|(?<= but)|(?<= so)|(?<= yes)|(?<= no))"
_END = r"(?= (?:[,;:.!?()—]|\Z)| \Z|\Z)"

# What may stand between a verb and an adjective: other adjectives, adverbs and commas, but no other noun's company.
_NO_FILLER = (
    r"(?![;:.!?()—] |(?:an?|the|this|these|those|such|of|in|for|on|with|to|it|he|she|they|we|i|you|there|which|who"
    r"|that|than|because|as|from|at|by"
    r"|his|her|its|their|my|your|is|are|was|were|has|have|#\w+) )"
)
FILLERS = {
    "@filler": rf"(?: {_NO_FILLER}[^ ]+){{0,7}}?",
    "@fill": rf"(?: {_NO_FILLER}[^ ]+){{0,3}}?",
    "@determiner": r"(?: (?:an?|the|this|that|its|her|his|their|one|of|such|with|pretty|very))",
}

Classes = Mapping[str, Sequence[str]]


@dataclass(kw_only=True)
class Pattern:
    """A phrase, compiled.

    Attributes
    ----------
    anchors : tuple of frozenset of str
        Of each of these, the smallest first, one word or sign stands in every sentence that it matches.
    negations : tuple of tuple of str
        For each element of it that may hold a negation, the words with one that it may be.
    """

    phrase: str
    source: str
    anchors: tuple[frozenset[str], ...]
    negations: tuple[tuple[str, ...], ...]

    def may_match(self, words: frozenset[str]) -> bool:
        """Tell whether a sentence of these words and signs may match: most do not, and need not be searched."""
        return not any(words.isdisjoint(anchors) for anchors in self.anchors)

    def own_negations(self, matched: str) -> int:
        """Count the negations in a match that are the phrase's own, as in ``no key change``, and deny nothing of it."""
        rest, count = f"{matched} ", 0
        for words in self.negations:
            word = next((one for one in words if f" {one} " in rest), None)
            if word is not None:
                rest, count = rest.replace(f" {word} ", " ", 1), count + len(NEGATIONS & set(word.split()))
        return count

    @functools.cached_property
    def regex(self) -> re.Pattern[str]:
        """Its regular expression, compiled when it is first asked for: most sentences ask for few."""
        return re.compile(self.source)


def words_of(name: str, classes: Classes) -> list[str]:
    """Return the words of a class, with those of the classes in it."""
    if name not in classes:
        raise ValueError(f"there is no class @{name}")
    found: list[str] = []
    for word in classes[name]:
        found += words_of(word[1:], classes) if word.startswith("@") else [word]
    return found


def kinds_of(sign: str) -> tuple[str, ...]:
    """Return the kinds of things that a sign such as ``#time`` stands for."""
    return GROUPS.get(sign, (sign,))


def compile_phrase(phrase: str, classes: Classes) -> Pattern:
    """Compile a phrase.

    Raises
    ------
    ValueError
        It names a class or a role that there is not, or is not closed.
    """
    asked = {
        kind
        for element in phrase.split()
        if element.startswith("#")
        for one in element.partition("=")[0].split("|")
        for kind in kinds_of(one[1:])
    }
    parts: list[str] = []
    anchors: list[frozenset[str]] = []
    for element in phrase.split():
        optional = element.startswith("[")
        if optional != element.endswith("]"):
            raise ValueError(f"{phrase!r}: {element} is not closed")
        body = element[1:-1] if optional else element
        if body in {"..", "..."}:
            # A gap does not run over another thing of a kind that is asked for.
            no = f"|#(?:{'|'.join(sorted(asked))})\\d" if asked else ""
            parts.append((_GAP if body == ".." else _LONG_GAP).format(no=no))
            continue
        if body in FILLERS:
            parts.append(FILLERS[body])
            continue
        if body in {"^", "$"}:
            parts.append(_START if body == "^" else _END)
            continue
        regex, first = _element(body, classes, phrase)
        parts.append(f"(?:{regex})?" if optional else regex)
        if not optional and first:
            anchors.append(first)
    if len(set(roles := re.findall(r"\(\?P<(\w+)>", "".join(parts)))) < len(roles):
        raise ValueError(f"{phrase!r}: a role is given twice")
    return Pattern(
        phrase=phrase,
        source="".join(parts),
        anchors=tuple(sorted(anchors, key=len)),
        negations=tuple(filter(None, (_negations(element, classes) for element in phrase.split()))),
    )


def _negations(element: str, classes: Classes) -> tuple[str, ...]:
    """Return the words with a negation that an element may be, the longest first."""
    body = element.strip("[]")
    if body.startswith(("#", "..")) or body in FILLERS:
        return ()
    words = [
        word
        for one in body.split("|")
        for word in (words_of(one[1:], classes) if one.startswith("@") else [one.replace("_", " ")])
    ]
    return tuple(sorted((word for word in words if NEGATIONS & set(word.split())), key=len, reverse=True))


def _element(body: str, classes: Classes, phrase: str) -> tuple[str, frozenset[str]]:
    """Return an element as a regular expression, and the words one of which it holds, where all are known."""
    whole, _, role = body.partition("=") if body.startswith("#") else (body, "", "")
    alternatives = whole.split("|")
    if all(one.startswith("#") for one in alternatives):
        if role and role not in ROLES:
            raise ValueError(f"{phrase!r}: {role} is none of {', '.join(ROLES)}")
        kinds = [kind for one in alternatives for kind in kinds_of(one[1:])]
        return rf" #(?:{'|'.join(kinds)})(?P<{role or 'value'}>\d+)(?= )", frozenset(f"#{kind}" for kind in kinds)
    found, first, sure = [], set(), True
    for one in alternatives:
        if one == "$":
            found.append(("", r"(?= (?:[,;:.!?()—]|\Z)| \Z|\Z)"))
            sure = False
            continue
        words = words_of(one[1:], classes) if one.startswith("@") else [one.replace("_", " ")]
        for word in words:
            if word.startswith("#"):
                signs = kinds_of(word[1:].partition("=")[0])
                found.append((word, rf" #(?:{'|'.join(signs)})\d+(?= )"))
                first |= {f"#{kind}" for kind in signs}
            elif word.endswith("*"):
                found.append((word, " " + re.escape(word[:-1]) + "[^ ]*(?= )"))
                sure = sure and " " in word
                first.add(word.split()[0])
            else:
                found.append((word, " " + _with_signs(word) + "(?= )"))
                first.add(_first(word))
    ordered = [regex for _, regex in sorted(found, key=lambda pair: -len(pair[0]))]
    return f"(?:{'|'.join(ordered)})", frozenset(first) if sure else frozenset()


def _with_signs(words: str) -> str:
    """Escape words that belong together, among which may be signs."""
    return " ".join(
        rf"#(?:{'|'.join(kinds_of(word[1:]))})\d+" if word.startswith("#") else re.escape(word)
        for word in words.split()
    )


def _first(words: str) -> str:
    return words.split(maxsplit=1)[0]
