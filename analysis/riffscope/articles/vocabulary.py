"""The vocabulary: what topics there are, and by which words they are spoken of.

A topic's file holds under ``[english]`` the phrases (`riffscope.articles.patterns`) of each relation, adjectives with
what they are said of, and comparatives. Source: own.
"""

import functools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from riffscope.articles.patterns import Classes, Pattern, compile_phrase
from riffscope.articles.topic_files import topic_tables

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
    return tuple(read_topic(table["about"], table["english"]) for table in topic_tables().values())


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
        phrases=tuple(_phrases(about, table, frozenset(table.get("unless", ())))),
        unit=table.get("unit"),
        scoped=not table.get("no_scope", False),
    )


def _phrases(about: str, table: Mapping[str, Any], unless: frozenset[str]) -> Iterator[Phrase]:
    said_of = _alternatives(table.get("said_of", ()))
    nouns = _alternatives(_nouns(table.get("said_of", ()), grammar().classes))
    bound = bool(said_of) and table.get("needs_subject", False)

    def made(say: str, relation: str, strength: int, **more: Any) -> Phrase:
        pattern = compile_phrase(say, grammar().classes)
        return Phrase(about=about, relation=relation, pattern=pattern, strength=strength, unless=unless, **more)

    def compared(say: str, relation: str) -> Iterator[Phrase]:
        """Give a comparison, bound to what it may be said of where words alone do not tell its topic."""
        for way in (f"{said_of} .. {say}", f"{say} @fill {nouns}") if bound else (say,):
            yield made(way, relation, 3)

    for one in table.get("number", ()):
        yield made(one, "is", 4)
    for relation, entries in table.get("phrases", {}).items():
        for entry in entries:
            yield made(entry["say"], relation, 3, value=entry.get("value"), scope=entry.get("scope"))
    for relation in RELATIONS:
        for one in table.get(relation, ()):
            yield made(one, relation, 3 if relation in {"more", "less"} else 2)
        for one in table.get(f"as_{relation}", ()):
            yield made(one, f"as_{relation}", 3)
        adjectives = _alternatives(table.get("adjectives", {}).get(relation, ()))
        if adjectives and said_of:
            for template in _TEMPLATES[: 3 if bound else None]:
                yield made(template.format(said_of=said_of, nouns=nouns, adjectives=adjectives), relation, 1)
            if relation in _MORE_AND_LESS:
                more, less = _MORE_AND_LESS[relation]
                for say, direction in (
                    (f"more {adjectives}", more),
                    (f"less {adjectives}", less),
                    (f"as {adjectives} .. as", f"as_{more}"),
                    (f"as|so {adjectives} $", f"as_{more}"),
                ):
                    yield from compared(say, direction)
        comparatives = _alternatives(table.get("comparatives", {}).get(relation, ()))
        if comparatives:
            yield from compared(comparatives, relation)


# What more, and less, of an adjective says.
_MORE_AND_LESS = {"high": ("more", "less"), "low": ("less", "more"), "present": ("more", "less")}


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
    "@begin @filler {adjectives} $",
    "^ @link @filler {adjectives} $",
)
