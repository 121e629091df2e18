"""Topics: what a text may say of a song, one file each, and the claim that each saying becomes.

A topic's file says which relations it takes, how a statement is said back (``[says]``), and the claim that tests it: of
the song (``[claims.low]``), and of sections where that is another (``[sections.low]``). Braces hold what is stated.

Conventions
-----------
In a sentence: ``{value}`` and ``{high}``; ``{it}``, ``{whole}``, ``{of}`` and ``{in}`` for the sections that it is
about, or for the song: "it", "the whole song" and nothing; ``{against}`` for what it is compared with; ``{which}`` for
the section or part that is meant, ``{section}``, ``{a}`` and ``{counted}`` for its name, one and ``{value}`` of it;
``{by}`` for how far up or down. In a claim a place stands alone, and is replaced by what it is: a number in the
measure's unit, a note as MIDI number. Where a table stands for a text or a number, the statement's unit chooses from
it. The sections that a statement is about, and is compared with, go with every claim that takes them. The words by
which people speak of a topic (``[english]``) are read by `riffscope.articles.vocabulary`. Source: own.
"""

import string
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from inspect import Parameter
from typing import Any, Literal, get_args

from riffscope import steps
from riffscope.articles.article import Relation, Statement
from riffscope.articles.topic_files import topic_tables
from riffscope.claims.chord_sequence import read_sequence
from riffscope.claims.scope import FUNCTIONS, Scope, measures_of_sections, parse_scope
from riffscope.errors import BadClaim
from riffscope.judge import parameters_of_measure, read_tables
from riffscope.model import value
from riffscope.notes import music_type
from riffscope.units import clock
from riffscope.words import count, plain

ValueKind = Literal["nothing", "number", "note", "notes", "key", "mode", "meter", "chords", "form", "section"]
"""What a topic's statements say besides their relation; ``notes`` are two, the lower one first."""

# What a topic's file must hold, may hold, and holds for others: how people speak of it, by language.
NEEDED, ALLOWED, LANGUAGES = (
    {"about", "label", "says"},
    {"value", "units", "claims", "sections", "parts", "whole_only"},
    {"english"},
)
RELATIONS: tuple[Relation, ...] = get_args(Relation)
# Relations that say nothing without a value, and without another song or section.
WITH_VALUE, COMPARING = {"is", "about", "between", "at_least", "at_most"}, {"more", "less"}
IN_SENTENCES = {"value", "high", "it", "whole", "of", "in", "against", "which", "section", "a", "counted", "by"}
IN_CLAIMS = {"value", "high", "unit", "which"}
ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
# What a text says is hostile, and is cut where it is said back.
MAX_LETTERS = 120
# No number that is measured of a song comes near this.
GREATEST = 1e6


@value
class Topic:
    """Something that texts say of songs.

    Attributes
    ----------
    about : str
        Its name in a statement, such as ``vocal_range``.
    label : str
        As a heading: ``Vocal range``.
    value : str
        What a statement says of it besides its relation.
    units : mapping of str to float
        The units in which its numbers are given, each with what it is multiplied by in a claim.
    says : mapping of relation to str, or to a table of units
        How a statement is said back.
    claims, sections : mapping of relation to table
        The claim that a statement becomes, of the song and of some sections; of sections as of the song by default.
    parts : tuple of str or None
        What its statements may be about besides sections, such as the voice that enters, where what they are about goes
        into their claims by name; None where they are about the song or some sections.
    whole_only : str or None
        Why it cannot be tested of sections, and what comes nearest; None where it can.
    """

    about: str
    label: str
    value: ValueKind
    units: Mapping[str, float]
    says: Mapping[Relation, str | Mapping[str, str]]
    claims: Mapping[Relation, Mapping[str, Any]]
    sections: Mapping[Relation, Mapping[str, Any]]
    parts: tuple[str, ...] | None = None
    whole_only: str | None = None

    @property
    def relations(self) -> tuple[Relation, ...]:
        """The relations that it takes, in the order of its file."""
        return tuple(self.says)


class _CannotTest(Exception):
    """A statement cannot be tested, for a reason that people are told."""


# ------------------------------------------------------------------------------------------------------------- reading
@cache
def topics() -> Mapping[str, Topic]:
    """Return all topics by name, in alphabetical order.

    Raises
    ------
    BadClaim
        Some files are wrong; names all that is wrong, a line each.
    """
    tables = topic_tables()
    wrong = [f"{name}: {problem}" for name, table in tables.items() for problem in problems_of(table, name)]
    if wrong:
        raise BadClaim(*wrong)
    return {table["about"]: _topic(table) for table in tables.values()}


def problems_of(table: Mapping[str, Any], name: str) -> list[str]:
    """Name all that is wrong in the table of a topic, each in a line."""
    says, claims, sections = (table.get(part, {}) for part in ("says", "claims", "sections"))
    kind = table.get("value", "nothing")
    problems = [f"needs {key}" for key in sorted(NEEDED - table.keys())]
    problems += [f"{key} means nothing" for key in sorted(table.keys() - NEEDED - ALLOWED - LANGUAGES)]
    if "about" in table and name != f"{table['about']}.toml":
        problems.append(f"is about {table['about']}, and so belongs into {table['about']}.toml")
    if kind not in get_args(ValueKind):
        problems.append(f"value is one of {', '.join(get_args(ValueKind))}, not {kind}")
    if kind == "number" and not table.get("units"):
        problems.append("a number needs units")
    for part, named in (("says", says), ("claims", claims), ("sections", sections)):
        problems += [f"{part}.{relation} is no relation" for relation in named if relation not in RELATIONS]
    problems += [f"says.{relation} becomes no claim" for relation in says if relation not in {*claims, *sections}]
    problems += [f"claims.{relation} is not said back" for relation in {**claims, **sections} if relation not in says]
    for relation, sentence in says.items():
        sentences = sentence.values() if isinstance(sentence, dict) else [sentence]
        unknown = sorted({place for one in sentences for place in _places_in(one)} - IN_SENTENCES)
        problems += [f"says.{relation}: {{{place}}} means nothing" for place in unknown]
    for part, named in (("claims", claims), ("sections", sections)):
        for relation, claim in named.items():
            if "kind" not in claim:
                problems.append(f"{part}.{relation} needs kind")
            places = {place for text in claim.values() if isinstance(text, str) for place in _places_in(text)}
            problems += [f"{part}.{relation}: {{{place}}} means nothing" for place in sorted(places - IN_CLAIMS)]
    return problems


def _places_in(text: str) -> Iterator[str]:
    return (name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def _topic(table: Mapping[str, Any]) -> Topic:
    return Topic(
        about=table["about"],
        label=table["label"],
        value=table.get("value", "nothing"),
        units=table.get("units", {}),
        says=table["says"],
        claims=table.get("claims", {}),
        sections=table.get("sections", {}),
        parts=tuple(table["parts"]) if "parts" in table else None,
        whole_only=table.get("whole_only"),
    )


# ---------------------------------------------------------------------------------------------------------- the claim
def claim_table(statement: Statement, *, text: str) -> dict[str, Any]:
    """Return the claim that tests a statement, as a table of a claims file.

    What cannot be tested becomes a claim of the kind ``not_testable``, whose reason says what comes nearest.

    Parameters
    ----------
    statement : Statement
    text : str
        The sentence of the claim.
    """
    text = text if text.strip() else in_words(statement)
    try:
        table = {"text": text, **_claim_of(statement)}
        read_tables({statement.about: table}, name=statement.about)
    except (_CannotTest, BadClaim) as why:
        return {"text": text, "kind": "not_testable", "reason": plain(str(why), 2 * MAX_LETTERS)}
    return table


def _claim_of(statement: Statement) -> dict[str, Any]:
    topic = topics().get(statement.about)
    if topic is None:
        raise _CannotTest("riffscope measures nothing like this.")
    if statement.relation not in topic.says:
        raise _CannotTest(f"{topic.label} is not measured in this way.")
    _check(statement, topic)
    scope = statement.scope if topic.parts is None else None
    against = statement.against if is_section(statement.against) else None
    if scope is None and against is not None:
        raise _CannotTest(f"It does not say which part of the song is compared with {_in_words(against)}.")
    if scope is None:
        template = topic.claims.get(statement.relation)
        if template is None:
            raise _CannotTest("It does not say which parts of the song are meant.")
        return _filled(template, statement, topic)
    _check_section(scope)
    if topic.whole_only is not None:
        raise _CannotTest(topic.whole_only)
    template = topic.sections.get(statement.relation) or topic.claims[statement.relation]
    claim = _filled(template, statement, topic)
    for key, named in (("scope", scope), ("against", against)):
        if named is not None and key not in claim:
            if key not in _taken_by(claim):
                raise _CannotTest(f"{topic.label} is measured of the whole song, not of {_in_words(named)} alone.")
            claim[key] = named
    if "against" in _needed_by(claim) - claim.keys():
        raise _CannotTest("It does not say which parts of the song are compared.")
    return claim


def _kind_of(claim: Mapping[str, Any]) -> steps.Step:
    (kind,) = (step for step in steps.claims() if step.name == claim["kind"])
    return kind


def _taken_by(claim: Mapping[str, Any]) -> set[str]:
    """Return the parameters of a claim's kind; sections only where its number is measured of sections."""
    kind = _kind_of(claim)
    of_number = parameters_of_measure(kind)
    return {*kind.options, *(of_number if claim.get("measure") in measures_of_sections() else ())}


def _needed_by(claim: Mapping[str, Any]) -> set[str]:
    """Return the parameters that a claim's kind cannot do without."""
    return {name for name, default in _kind_of(claim).options.items() if default is Parameter.empty}


def _filled(template: Mapping[str, Any], statement: Statement, topic: Topic) -> dict[str, Any]:
    """Return a claim with what is stated; a parameter that nothing is stated of is left to the kind's default."""
    unit = _unit(statement, topic)
    stated = {
        "{value}": _stored(statement.value, topic, unit),
        "{high}": _stored(statement.high, topic, unit) if _has_two_ends(statement, topic) else None,
        "{unit}": unit,
        "{which}": which(statement),
    }
    filled = {
        key: stated.get(content, content) if isinstance(content, str) else content
        for key, one in template.items()
        for content in [one[unit] if isinstance(one, dict) else one]
    }
    return {key: content for key, content in filled.items() if content is not None}


def _stored(stated: object, topic: Topic, unit: str | None) -> Any:
    """Return what is stated as a claims file has it."""
    if topic.value == "number" and unit is not None and isinstance(stated, (int, float)):
        return float(stated) * topic.units[unit]
    if topic.value == "note" and isinstance(stated, str):
        from riffscope.claims.options import read_note

        return read_note(stated).midi
    return list(stated) if isinstance(stated, tuple) else stated


def _unit(statement: Statement, topic: Topic) -> str | None:
    """Return the unit of a number: the topic's own where the statement names none."""
    return statement.unit or next(iter(topic.units), None)


def which(statement: Statement) -> str | None:
    """Return the section or part that a statement is about, where that may be either its scope or its value."""
    return statement.scope or (statement.value if isinstance(statement.value, str) else None)


def is_section(named: str | None) -> bool:
    """Tell whether what a statement is compared with is a section, such as ``last chorus``, and not a song."""
    if named is None:
        return False
    try:
        return parse_scope(named).kind in FUNCTIONS
    except ValueError:
        return False


def _check_section(named: str) -> None:
    try:
        parse_scope(named)
    except ValueError:
        raise _CannotTest(
            f"riffscope tells no {plain(named, MAX_LETTERS)} from other sections; it tells {', '.join(FUNCTIONS)}."
        ) from None


def _check(statement: Statement, topic: Topic) -> None:
    """See that a statement says what its topic needs.

    Raises
    ------
    _CannotTest
        It does not; says what is lacking.
    """
    ends = [statement.value, *([statement.high] if _has_two_ends(statement, topic) else [])]
    if statement.relation in WITH_VALUE and None in ends:
        raise _CannotTest("It does not say what value is meant.")
    if topic.value == "section" and statement.relation in WITH_VALUE and isinstance(statement.value, str):
        raise _CannotTest("It does not say how many are meant.")
    if statement.relation in COMPARING and statement.against is None:
        raise _CannotTest("It does not say what the song is compared with.")
    if topic.parts is not None:
        _check_part(which(statement), topic)
    unit = _unit(statement, topic)
    if topic.value == "number" and unit not in topic.units:
        raise _CannotTest(f"{topic.label} is not measured in {plain(str(unit), MAX_LETTERS)}.")
    for stated in ends:
        if stated is not None:
            try:
                _check_value(stated, topic.value)
            except ValueError as why:
                raise _CannotTest(f"It cannot be read: {plain(str(why), MAX_LETTERS)}.") from why


def _has_two_ends(statement: Statement, topic: Topic) -> bool:
    """Tell whether a statement is of a range: of two notes, or between two numbers."""
    return statement.relation == "between" or topic.value == "notes"


def _is_number(stated: object) -> bool:
    """Tell a number from all else, and from one that is beyond all measure."""
    return isinstance(stated, (int, float)) and not isinstance(stated, bool) and abs(stated) <= GREATEST


def _check_part(named: str | None, topic: Topic) -> None:
    """See that what enters, or the section that there is, is one that riffscope tells from others."""
    if named is None:
        raise _CannotTest("It does not say what is meant.")
    if topic.parts and named not in topic.parts and _scope_of(named) is None:
        told = ", ".join((*topic.parts, *FUNCTIONS))
        raise _CannotTest(f"riffscope does not tell when {plain(named, MAX_LETTERS)} enters; it does of {told}.")
    if named not in (topic.parts or ()):
        _check_section(named)


def _check_value(stated: object, kind: ValueKind) -> None:
    from riffscope.claims.options import read_form, read_key, read_meter, read_note

    match kind:
        case "number":
            if not _is_number(stated):
                raise ValueError(f"{plain(str(stated), MAX_LETTERS)!r} is not a number")
        case "section" if not isinstance(stated, str):
            _check_value(stated, "number")
        case "note" | "notes":
            read_note(stated)
        case "key":
            read_key(stated)
        case "meter":
            read_meter(stated)
        case "chords":
            read_sequence(list(stated) if isinstance(stated, tuple) else stated)
        case "form":
            read_form(stated)
        case "mode":
            if stated not in {"major", "minor"}:
                raise ValueError(f"{stated!r} is neither major nor minor")


# ------------------------------------------------------------------------------------------------------------ in words
def in_words(statement: Statement) -> str:
    """Say what was understood, as one would say it aloud: ``the tempo is about 100 BPM``."""
    topic = topics().get(statement.about)
    sentence = None if topic is None else topic.says.get(statement.relation)
    if topic is None or sentence is None:
        stated = "" if statement.value is None else f" {_value_in_words(statement.value, statement.unit)}"
        return plain(
            f"{statement.about.replace('_', ' ')}: {statement.relation.replace('_', ' ')}{stated}", MAX_LETTERS
        )
    about = statement.scope if topic.parts is None else None
    scope = None if about is None else _in_words(about) if _scope_of(about) else f"the {plain(about, MAX_LETTERS)}"
    meant = which(statement)
    number = statement.value if isinstance(statement.value, (int, float)) and _is_number(statement.value) else 1
    unit = _unit(statement, topic)
    said = {
        "value": _value_in_words(statement.value, unit),
        "high": _value_in_words(statement.high, unit),
        "it": scope or "it",
        "whole": scope or "the whole song",
        "of": f" of {scope}" if scope else "",
        "in": f" in {scope}" if scope else "",
        "against": "another song" if statement.against is None else _in_words(statement.against),
        "which": "it" if meant is None else _in_words(meant, topic.parts or ()),
        "section": "such section" if meant is None else plain(meant, MAX_LETTERS),
        "a": "a section" if meant is None else _one(meant),
        "counted": "sections" if meant is None else count(round(number), plain(meant, MAX_LETTERS)),
        "by": _by(statement.value, unit),
    }
    chosen = sentence if isinstance(sentence, str) else sentence.get(unit or "", next(iter(sentence.values())))
    return plain(chosen.format(**said), 3 * MAX_LETTERS)


def _in_words(named: str, parts: Sequence[str] = ()) -> str:
    """Say which sections or part are meant, or which song: ``the last chorus``, ``the drums``, ``Attention``."""
    if named in parts:
        return f"the {named}"
    scope = _scope_of(named)
    if scope is None:
        return plain(named, MAX_LETTERS)
    ordinal = ORDINALS.get(scope.place or 0)
    return f"the {ordinal} {scope.kind}" if ordinal else str(scope)


def _one(named: str) -> str:
    """Say that there is one: ``a bridge``, ``an intro``, ``a second verse``."""
    scope = _scope_of(named)
    ordinal = None if scope is None else ORDINALS.get(scope.place or 0)
    noun = plain(named, MAX_LETTERS) if scope is None or not ordinal else f"{ordinal} {scope.kind}"
    return f"{'an' if noun[:1].lower() in set('aeiou') else 'a'} {noun}"


def _scope_of(named: str) -> Scope | None:
    try:
        scope = parse_scope(named)
    except ValueError:
        return None
    return scope if scope.kind in FUNCTIONS else None


def _value_in_words(stated: object, unit: str | None) -> str:
    match stated:
        case None:
            return "something"
        case tuple() | list():
            parts = [plain(str(one), MAX_LETTERS) for one in stated]
            names = ", ".join(parts) if all(part[:1].islower() and len(part) > 3 for part in parts) else "–".join(parts)
            return plain(music_type(names), MAX_LETTERS)
        case int() | float() if _is_number(stated):
            return _number_in_words(float(stated), unit)
    return music_type(plain(str(stated), MAX_LETTERS))


def _number_in_words(number: float, unit: str | None) -> str:
    """Write a number as it is said: ``100 BPM``, ``3:31``, ``39 s``, ``40%``, ``1 bar``."""
    shown = f"{number:g}".replace("-", "\N{MINUS SIGN}")
    if unit in {"bars", "beats", "semitones", "chords"}:
        return f"{shown} {unit[:-1] if number == 1 else unit}"
    if unit == "s" and number >= 60 and number == round(number):
        return clock(number)
    return f"{shown}%" if unit == "%" else f"{shown} {unit}" if unit else shown


def _by(stated: object, unit: str | None) -> str:
    """Say how far up or down: `` up by 2 semitones``; nothing where that is not stated."""
    if not isinstance(stated, (int, float)) or not _is_number(stated):
        return ""
    return f" {'up' if stated > 0 else 'down'} by {_number_in_words(abs(stated), unit)}"
