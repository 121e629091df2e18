"""Matches: the phrases that a line holds, and which of them are meant where several are found in the same words.

Source: own.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from riffscope.articles import comparisons
from riffscope.articles.clauses import Line
from riffscope.articles.notation import Thing
from riffscope.articles.vocabulary import Phrase, grammar, phrases_for


@dataclass(frozen=True, kw_only=True, eq=False)
class Match:
    """A phrase that a line holds.

    Attributes
    ----------
    start, end : int
        Where it stands in the line.
    value, scope, against : Thing or None
        What its signs stand for.
    """

    phrase: Phrase
    start: int
    end: int
    value: Thing | None = None
    scope: Thing | None = None
    against: Thing | None = None

    @property
    def about(self) -> str:
        """Its topic."""
        return self.phrase.about

    @property
    def relation(self) -> str:
        """What it says of it."""
        return self.phrase.relation

    @property
    def scope_name(self) -> str | None:
        """The sections, or what enters, that it names itself."""
        return self.phrase.scope if self.scope is None else str(self.scope.value)

    def overlaps(self, other: "Match") -> bool:
        """Whether it shares words with another."""
        return other.start < self.end and self.start < other.end


def matches(line: Line) -> list[Match]:
    """Return the phrases of a line that are meant, in the order in which they end."""
    return sorted(_longest(_one_topic_each(line, _settled(_all_matches(line)))), key=lambda one: (one.end, one.start))


def _all_matches(line: Line) -> list[Match]:
    found = []
    for phrase in phrases_for(line.places, line.among):
        regex = phrase.pattern.regex if line.among is None else phrase.pattern.regex_among(line.among)
        for match in () if regex is None else regex.finditer(line.text):
            roles = {role: line.things[int(place)] for role, place in match.groupdict().items() if place is not None}
            one = Match(
                phrase=phrase,
                start=match.start(),
                end=match.end(),
                value=roles.get("value"),
                scope=roles.get("scope"),
                against=roles.get("against"),
            )
            if phrase.relation in {"more", "less"} and not (
                match.groupdict().get("against") or comparisons.compares(line, match.start(), match.end())
            ):
                continue
            if phrase.unless.intersection([*match[0].split(), *line.text[match.end() :].split(maxsplit=1)[:1]]):
                continue
            # A section is not compared with itself: the phrase ran over the wrong one.
            if one.scope is None or one.against is None or one.scope.value != one.against.value:
                found.append(one)
    return found


def _strength(one: Match) -> tuple[int, int, int]:
    length = one.end - one.start
    # What comes in is named before its time as a rule: the longer phrase begins with it.
    closest = one.relation == "is" and one.value is not None and one.about != "starts"
    return -one.phrase.strength, length if closest else -length, one.start


def _settled(found: Iterable[Match]) -> list[Match]:
    """Keep the strongest of the phrases of a topic that overlap: of judgements the longest, of numbers the closest."""
    kept: list[Match] = []
    for one in sorted(found, key=_strength):
        same_topic = [other for other in kept if other.about == one.about]
        if one.relation != "is":
            rivals = [other for other in same_topic if other.relation != "is" and one.overlaps(other)]
        else:
            # Two numbers of one topic may be told in one breath, and a judgement beside a number.
            rivals = [
                other
                for other in same_topic
                if (one.value is not None and other.value is one.value)
                or (other.relation == "is" and one.overlaps(other) and other.value in {one.value, None})
            ]
        if not rivals:
            kept.append(one)
    return kept


def _one_topic_each(line: Line, found: list[Match]) -> list[Match]:
    return [
        one
        for one in found
        if one.value is None
        or all(
            _rank(line, one, group) < _rank(line, other, group)
            for group in grammar().share_numbers
            if one.about in group
            for other in found
            if other.value is one.value and other.about in group and other.about != one.about
        )
    ]


# A note that is spoken of so is a low one.
_LOW = re.compile(
    r" (?:down|low|lower|lowest|below|under|beneath|deep|deeper|deepest|dips?|sinks?|bottom|bottoms|floor|descends?"
    r"|drops?)(?= )"
)


# A share of the way is when something enters.
_OF_THE_WAY = re.compile(
    r" (?:of the way|half ?way|midway|is gone|has gone|gone by|before anyone|before the|until the|into the song)(?= )"
)


def _rank(line: Line, one: Match, group: Mapping[str, int]) -> tuple[int, bool, int, bool]:
    low = _LOW.search(line.text[one.start : one.end]) is not None
    turned = one.about in {"vocal_lowest", "vocal_highest"} and low is not (one.about == "vocal_lowest")
    if "singing" in group and one.about == "singing" and _OF_THE_WAY.search(line.text):
        return 2, turned, one.end - one.start, False
    return group[one.about], turned, one.end - one.start, one.about == "vocal_lowest"


def _longest(found: list[Match]) -> list[Match]:
    """Leave out what stands within a longer phrase of a topic that shares words with its own."""
    return [
        one
        for one in found
        if one.value is not None
        or not any(
            other.about != one.about
            and other.start <= one.start
            and one.end <= other.end
            and other.end - other.start > one.end - one.start
            and any({one.about, other.about} <= group for group in grammar().share_words)
            for other in found
        )
    ]
