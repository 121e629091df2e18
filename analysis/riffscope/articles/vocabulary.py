"""The vocabulary: what topics there are, and by which words they are spoken of.

A topic's file holds under ``[english]`` the phrases (`riffscope.articles.patterns`) of each relation, adjectives with
what they are said of, and comparatives. Source: own.
"""

import functools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import Any

from riffscope.articles.patterns import Classes, Pattern, compile_phrase

# Relations in the order in which a word that fits several is read.
RELATIONS = ("throughout", "absent", "present", "low", "high", "less", "more", "is")


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """A way of saying something about a topic.

    Attributes
    ----------
    relation : str
        What it says; ``is`` where a number or a name says it.
    value, scope : object or None
        What it says of itself, as ``waltz`` says 3/4.
    strength : int
        Of two that overlap, the one of the greater strength is meant.
    unless : frozenset of str
        Words with which it means something else.
    """

    about: str
    relation: str
    pattern: Pattern
    value: Any = None
    scope: str | None = None
    strength: int = 2
    unless: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Topic:
    """The words of a topic."""

    about: str
    phrases: tuple[Phrase, ...]
    unit: str | None = None
    scoped: bool = True


@dataclass(frozen=True, kw_only=True)
class Weights:
    """What speaks for a kind of sentence, as log odds.

    Attributes
    ----------
    counts : mapping of str to float
        For each word of a list, or other mark, that is counted.
    words : mapping of str to float
        For single words besides.
    """

    bias: float = 0.0
    counts: Mapping[str, float] = field(default_factory=dict)
    words: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Grammar:
    """Classes of words, what frames a sentence, and which topics may be meant by the same words."""

    classes: Classes
    frames: Mapping[str, re.Pattern[str]]
    marks: tuple[str, ...]
    versions: tuple[str, ...]
    at_large: tuple[str, ...]
    other_subjects: tuple[str, ...]
    sound: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    about_sound: Weights = field(default_factory=Weights)
    about_else: Weights = field(default_factory=Weights)
    reasons: Mapping[str, str] = field(default_factory=dict)
    share_words: tuple[frozenset[str], ...] = ()
    share_numbers: tuple[Mapping[str, int], ...] = ()
    turned_round: tuple[str, ...] = ()


@functools.cache
def grammar() -> Grammar:
    """Read the grammar."""
    table = tomllib.loads((files("riffscope.articles") / "grammar.toml").read_text("utf-8"))
    frames = {
        name: re.compile("|".join(f"(?:{one})" for one in found))
        for name, found in table["frames"].items()
        if name != "other_subjects"
    }
    comparison = table["comparison"]
    weights = tomllib.loads((files("riffscope.articles") / "kinds.toml").read_text("utf-8"))
    return Grammar(
        classes=Classes(table["classes"]),
        frames=frames,
        marks=tuple(comparison["marks"]),
        versions=tuple(comparison["versions"]),
        at_large=tuple(comparison["at_large"]),
        other_subjects=tuple(table["frames"]["other_subjects"]),
        sound={name: tuple(words) for name, words in table["sound"].items()},
        elsewhere={name: tuple(words) for name, words in table["elsewhere"].items()},
        about_sound=Weights(**weights["about_sound"]),
        about_else=Weights(**weights["about_else"]),
        reasons=table["reasons"],
        share_words=tuple(frozenset(names) for names in table["topics"]["share_words"]),
        share_numbers=tuple(table["topics"]["share_numbers"]),
        turned_round=tuple(table["topics"]["turned_round"]),
    )


@functools.cache
def topics() -> tuple[Topic, ...]:
    """Read the topics, in the order of their names."""
    folder = files("riffscope.articles") / "english"
    found = []
    for path in sorted(folder.iterdir(), key=lambda one: one.name):
        if path.name.endswith(".toml"):
            table = tomllib.loads(path.read_text("utf-8"))
            found.append(read_topic(path.name.removesuffix(".toml"), table["english"]))
    return tuple(found)


@functools.cache
def topic_named(about: str) -> Topic:
    """Return a topic by its name."""
    return next(topic for topic in topics() if topic.about == about)


@functools.lru_cache(maxsize=4)
def _by_word(among: frozenset[str] | None) -> tuple[dict[str, list[tuple[int, Phrase]]], list[tuple[int, Phrase]]]:
    """Sort the phrases that a text of these words may hold by words one of which must be there, and the rest apart."""
    index: dict[str, list[tuple[int, Phrase]]] = {}
    always: list[tuple[int, Phrase]] = []
    for place, phrase in enumerate(phrase for topic in topics() for phrase in topic.phrases):
        anchors = [words if among is None else words & among for words in phrase.pattern.anchors]
        if not anchors:
            always.append((place, phrase))
        for word in min(anchors, key=len, default=()):
            index.setdefault(word, []).append((place, phrase))
    return index, always


def phrases_for(places: Mapping[str, Sequence[int]], among: frozenset[str] | None = None) -> list[Phrase]:
    """Return the phrases that a sentence may hold, in the order of the topics.

    Parameters
    ----------
    places : mapping of str to sequence of int
        Where in it which word or sign stands.
    among : frozenset of str or None
        The words and signs of the whole text; None for all that there are.
    """
    index, always = _by_word(among)
    found = {place: phrase for word in places for place, phrase in index.get(word, ())}
    found.update(always)
    return [found[place] for place in sorted(found) if found[place].pattern.may_match(places)]


def read_topic(about: str, table: Mapping[str, Any]) -> Topic:
    """Read how people speak of a topic from the table of a language.

    Raises
    ------
    ValueError
        A phrase cannot be read.
    """
    return Topic(
        about=about,
        phrases=tuple(replace(one, unless=frozenset(table.get("unless", ()))) for one in _phrases(about, table)),
        unit=table.get("unit"),
        scoped=not table.get("no_scope", False),
    )


def _phrases(about: str, table: Mapping[str, Any]) -> Iterator[Phrase]:
    classes = grammar().classes
    said_of = _alternatives(table.get("said_of", ()))
    nouns = _alternatives(_nouns(table.get("said_of", ()), classes))
    bound = table.get("needs_subject", False)
    for one in table.get("number", ()):
        yield Phrase(about=about, relation="is", pattern=compile_phrase(one, classes), strength=4)
    for relation, entries in table.get("phrases", {}).items():
        for entry in entries:
            yield Phrase(
                about=about,
                relation=relation,
                pattern=compile_phrase(entry["say"], classes),
                value=entry.get("value"),
                scope=entry.get("scope"),
                strength=3,
            )
    for relation in RELATIONS:
        strength = 3 if relation in {"more", "less"} else 2
        for one in table.get(relation, ()):
            yield Phrase(about=about, relation=relation, pattern=compile_phrase(one, classes), strength=strength)
        for one in table.get(f"as_{relation}", ()):
            yield Phrase(about=about, relation=f"as_{relation}", pattern=compile_phrase(one, classes), strength=3)
        adjectives = table.get("adjectives", {}).get(relation, ())
        if adjectives and said_of:
            for template in _TEMPLATES[: 3 if bound else None]:
                phrase = template.format(said_of=said_of, nouns=nouns, adjectives=_alternatives(adjectives))
                yield Phrase(about=about, relation=relation, pattern=compile_phrase(phrase, classes), strength=1)
            more, less = {"high": ("more", "less"), "low": ("less", "more"), "present": ("more", "less")}.get(
                relation, ("", "")
            )
            if more:
                words = _alternatives(adjectives)
                for phrase, direction in (
                    (f"more {words}", more),
                    (f"less {words}", less),
                    (f"as {words} .. as", f"as_{more}"),
                    (f"as|so {words} $", f"as_{more}"),
                ):
                    yield from _bound(about, direction, phrase, said_of, nouns, bound=bound)
        comparatives = table.get("comparatives", {}).get(relation, ())
        if comparatives:
            yield from _bound(about, relation, _alternatives(comparatives), said_of, nouns, bound=bound)


def _bound(about: str, relation: str, phrase: str, said_of: str, nouns: str, *, bound: bool) -> Iterator[Phrase]:
    """Give a comparison, bound to what it may be said of where words alone do not tell its topic."""
    ways = (f"{said_of} .. {phrase}", f"{phrase} @fill {nouns}") if bound and said_of else (phrase,)
    for way in ways:
        yield Phrase(about=about, relation=relation, pattern=compile_phrase(way, grammar().classes), strength=3)


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(one.replace(" ", "_") for one in words)


_PRONOUNS = {
    "it",
    "this",
    "this one",
    "that one",
    "everything",
    "all of it",
    "her",
    "him",
    "them",
    "he",
    "she",
    "they",
    "his",
}


def _nouns(said_of: Iterable[str], classes: Classes) -> list[str]:
    """Return what an adjective may stand before."""
    found: list[str] = []
    for one in said_of:
        found += classes.words_of(one[1:]) if one.startswith("@") else [one]
    return [one for one in found if one not in _PRONOUNS]


# What an adjective is said of: a subject before a verb, or the noun behind it.
_TEMPLATES = (
    "{said_of} [#section|itself|alone|as_a_whole|on_this|on_it|here|of_this] @link @filler {adjectives}",
    "@determiner @filler {adjectives} @fill {nouns}",
    "how|however [@very] {adjectives} {said_of}",
    "{said_of} , @filler {adjectives}",
    "^ @filler {adjectives} $",
)
