"""What numbers state, topic by topic.

Source: own.
"""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from riffscope.articles.article import Statement
from riffscope.articles.notation import Thing
from riffscope.articles.quantities import quantity
from riffscope.articles.vocabulary import Topic

if TYPE_CHECKING:
    from riffscope.articles.reader import Found


def number_statements(
    text: str,
    things: Sequence[Thing],
    one: "Found",
    topic: Topic,
    scopes: Sequence[str | None],
    *,
    negated: bool,
) -> Iterator[Statement]:
    """Give what a number, a key, a list of chords ... says of a topic."""
    thing, about = one.value, one.about
    start, end = _place(text, things, thing, one)
    if about in {"meter", "key", "mode", "chords", "form"}:
        yield from _names(text, things, one, scopes, negated=negated)
        return
    if about == "vocal_span":
        if thing is not None and not re.search(
            r" (?:lies|sits|lie|sit|tessitura|mostly|chiefly|mainly|mostly lies|hovers|lives)\b", text[:start]
        ):
            yield Statement(about=about, relation="is", value=thing.value, high=thing.high, scope=scopes[0])
        return
    if about == "tessitura":
        if thing is not None and thing.kind == "notes":
            yield Statement(about=about, relation="is", value=thing.value, high=thing.high, scope=scopes[0])
        return
    if thing is None:
        if one.phrase.value is not None and not negated:
            yield Statement(about=about, relation="is", value=one.phrase.value, scope=scopes[0])
        return
    if thing.kind == "note":
        relation = quantity(text, start, end, downward=about == "vocal_lowest")
        yield Statement(about=about, relation=relation, value=thing.value, scope=scopes[0])
        return
    if not isinstance(thing.value, float):
        return
    relation = quantity(text, start, one.end if thing.kind == "number" else end, high=thing.high)
    if relation == "is" and re.match(r"(?:a|one) (?:full|good|whole)\b", thing.text.strip().lower()):
        relation = "at_least"
    if negated and relation == "is" and about not in {"starts"}:
        return
    # "A minute longer": how much longer, not how long.
    if (
        re.match(
            r" (?:more|longer|shorter|sooner|earlier|later|faster|slower|apart|less|quicker|ago)(?= )", text[end:] + " "
        )
        and about != "chord_count"
    ):
        return
    value, high, unit = thing.value, thing.high, topic.unit
    if about == "section":
        yield Statement(about=about, relation="is", value=value, scope=_scope(one))
        return
    if about == "starts":
        yield from _entry(text, one, thing, relation)
        return
    if about in {"riff_length", "section_length"}:
        unit = {"bars": "bars", "beats": "beats"}.get(thing.kind, "s")
        scope = _scope(one) if about == "section_length" else None
        if about == "section_length" and scope is None:
            return
        if about == "riff_length" and re.search(
            r" (?:under|in|through|beneath|behind) (?:the |its )?#sections?\d+| underpins| drives", text
        ):
            scope = scopes[0]
        yield Statement(about=about, relation=relation, value=value, high=high, unit=unit, scope=scope)
        return
    if about == "chord_count":
        if value != int(value) or value > 40:
            return
        yield Statement(
            about=about,
            relation=relation if relation in {"is", "about", "at_most"} else "is",
            value=value,
            scope=scopes[0] if len(scopes) == 1 else None,
        )
        return
    if about == "singing":
        if re.search(r" (?:instrumental|wordless|silent|unsung)\b", text[start : end + 40]):
            return
        yield Statement(about=about, relation=relation, value=value, unit="%", scope=scopes[0])
        return
    if about == "vocal_range":
        yield Statement(
            about=about,
            relation=_within(text, start, relation),
            value=value,
            high=high,
            unit="semitones",
            scope=scopes[0],
        )
        return
    yield Statement(
        about=about, relation=relation, value=value, high=high, unit=unit, scope=scopes[0] if topic.scoped else None
    )


def _scope(one: "Found") -> str | None:
    return one.phrase.scope or (None if one.scope is None else str(one.scope.value))


def _within(text: str, start: int, relation: str) -> str:
    before = text[max(0, start - 60) : start]
    denied = re.search(
        r" (?:not|never|hardly|rarely|barely) (?:[^ ]+ ){0,3}(?:exceed|exceeds|leave|leaves|go|goes|stray|strays"
        r"|spans|span|reach|covers|cover|quite|venture|wander)",
        before,
    )
    if relation == "is" and (
        denied
        or re.search(
            r" (?:fits?|lives?|stays?|sits?|kept|keeps?|contained|confined|squeezed|inside|within|all within|packed"
            r"|compressed)(?: [^ ]+){0,3} ?\Z",
            before,
        )
    ):
        return "at_most"
    if (
        relation == "is"
        and re.search(r" (?:exceeds|exceed|needs?|you need)(?: [^ ]+){0,1}\Z", before)
        and "exceed" in before
    ):
        return "at_least"
    return relation


def _entry(text: str, one: "Found", thing: Thing, relation: str) -> Iterator[Statement]:
    scope = _scope(one)
    unit = "%" if thing.kind in {"percent", "fraction"} else "s"
    start = text.find(f"#{thing.kind}")
    before = text[:start]
    if relation == "is" and re.search(
        r" (?:inside|within|in under|before|by|in less than|inside the first|in the first|not long after)(?: the| "
        r"first| its)* \Z",
        before + " ",
    ):
        relation = "at_most"
    if relation == "at_most" and re.search(
        r" (?:not|never|no)\b[^,;]{0,40} (?:until|till|before|for)(?: the| about)* \Z", before + " "
    ):
        relation = "is"
    yield Statement(about="starts", relation=relation, value=thing.value, unit=unit, scope=scope)


def _names(
    text: str, things: Sequence[Thing], one: "Found", scopes: Sequence[str | None], *, negated: bool
) -> Iterator[Statement]:
    thing = one.value
    if thing is None:
        if one.phrase.value is not None and not negated:
            yield Statement(about=one.about, relation="is", value=one.phrase.value, scope=scopes[0])
        return
    if negated and not (
        one.about == "key"
        and re.search(
            r" (?:leaves?|leaving|strays? from|departs? from|quits?|abandons?|shakes? off|gets? out of) (?:[^ ]+ )?\Z",
            text[: one.start] + " ",
        )
    ):
        return
    if one.about == "form":
        yield Statement(about="form", relation="is", value=thing.value)
        return
    if thing.kind == "key" and re.search(r" from #key\d+ (?:to|into|up to) #key\d+", text):
        return
    for scope in scopes:
        yield Statement(about=one.about, relation="is", value=thing.value, scope=scope)


def _place(text: str, things: Sequence[Thing], thing: Thing | None, one: "Found") -> tuple[int, int]:
    """Return where a thing's sign stands."""
    if thing is None:
        return one.start, one.end
    number = next(k for k, other in enumerate(things) if other is thing)
    match = re.search(rf" #{thing.kind}{number}(?= )", text)
    return (match.start(), match.end()) if match else (one.start, one.end)
