"""All that was measured of a song as the terminal shows it: numbers with their ranges, names, lists of what is where.

Read from the annotations of the result types, so what is added to a measurement appears by itself.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from riffscope import words
from riffscope.chord_names import printed
from riffscope.cli.console import INDENT, labels_stand_alone, print_rows, printable
from riffscope.groups import grouped
from riffscope.measures import all_measures, field_in_words, in_words, read_measure, why_empty
from riffscope.model import Estimate, Field, Measured, Span, fields_of
from riffscope.notes import Spelling, music_type
from riffscope.places import placed_numbers
from riffscope.reference.placing import share_below
from riffscope.song import SongAnalysis, why_missing
from riffscope.units import BARS, BEATS, CHORD, MIDI, PROBABILITY, Unit

if TYPE_CHECKING:
    from rich.console import Console

# A list or a curve that is longer is counted: it fills screens, and is in the JSON.
MAX_LISTED = 24
# Where a value holds the ends of the ranges of its numbers: below which names.
ENDS = ("low", "high")
EMPTY = "\N{EM DASH}"


def print_everything(out: "Console", song: SongAnalysis) -> None:
    """Print every number and word that was measured, by measurement."""
    from rich.text import Text

    out.print(Text("In brackets: the 90% range, which holds the true value in nine of ten songs.", style="dim"))
    if song.places:
        sets = words.joined([places.set_in_words for places in song.places])
        out.print(Text(printable(f"“82% below”: of {sets}, 82% have a lower number."), style="dim"))
    for group in grouped(song.outcomes):
        for name, label in group.labels.items():
            out.print()
            out.print(Text(label, style="bold underline"))
            outcome = song.outcomes[name]
            if not isinstance(outcome, Measured):
                out.print(Text(printable(f"Not measured: {why_missing(outcome)}")))
                continue
            for caveat in outcome.caveats:
                out.print(Text(printable(words.sentence(caveat)), style="dim"))
            rows = [(row, printable_lines(text), place) for row, text, place in rows_of(name, song)]
            print_rows(out, _with_places(rows, out.width), label_style="")


def printable_lines(text: str) -> str:
    """Make each line of a text safe for a terminal."""
    return "\n".join(map(printable, text.split("\n")))


def _with_places(rows: Sequence[tuple[str, str, str]], width: int) -> Iterator[tuple[str, str]]:
    """Put the places of numbers behind them, below each other; or each below its number, where the lines are short."""
    placed = [text for _, text, place in rows if place]
    numbers = max(map(len, placed), default=0)
    labels = [label for label, _, _ in rows]
    room = width - INDENT - (0 if labels_stand_alone(labels, width) else max(map(len, labels), default=0))
    beside = numbers + 2 + max((len(place) for _, _, place in rows), default=0) <= room
    for label, text, place in rows:
        if not place:
            yield label, text
        else:
            yield label, f"{text:{numbers}}  {place}" if beside else f"{text}\n{place}"


def rows_of(name: str, song: SongAnalysis) -> Iterator[tuple[str, str, str]]:
    """Give each field of a measurement of a song with what it holds, and its place among other songs if it has one."""
    result, places = song.measure(name), placed_numbers(song.places)
    numbers = {measure.path for measure in all_measures()}
    for field_name, field in fields_of(type(result)).items():
        content, path = getattr(result, field_name), f"{name}.{field_name}"
        label = in_words(name) if _named_by_unit(field_name, field) else field_in_words(field_name, field)
        if content is None:
            yield label, f"{EMPTY} {why_empty(result, field_name)[1]}", ""
        else:
            # Of plain numbers too it may be known how far they may be off.
            text = in_full(read_measure(song, path) if path in numbers else content, field, song.spelling)
            yield label, text, share_below(places[path], below=" below") if path in places else ""


def in_full(content: Any, field: Field, spelling: Spelling) -> str:
    """Write the content of a field: a number with its unit and range, a name, or a list with a line for each part."""
    match content:
        case bool():
            return "yes" if content else "no"
        case Estimate():
            return _estimate(content, field.unit, spelling)
        case int() | float():
            return _numbers([content], field.unit, spelling)
        case str() if field.unit is CHORD:
            return printed(content, spelling)
        case str():
            return music_type(getattr(content, "in_words", str(content)))
        case np.ndarray() if content.ndim > 1 or content.size > MAX_LISTED:
            return f"{' × '.join(map(str, content.shape))} values, in the JSON"
        case np.ndarray():
            return _numbers(content.tolist(), field.unit, spelling)
        case Mapping():
            return ", ".join(f"{name} {in_full(part, field, spelling)}" for name, part in content.items()) or "none"
        case tuple():
            return _list(content, field, spelling)
    return described(content, spelling) if dataclasses.is_dataclass(content) else str(content)


def described(content: Any, spelling: Spelling) -> str:
    """Write a value that is part of a measurement in one line: where it is, then all else that it holds."""
    fields = fields_of(type(content))
    where = words.span(Span(start_s=content.start_s, end_s=content.end_s)) if "start_s" in fields else ""
    parts = []
    for name, field in fields.items():
        held = _with_range(content, name)
        if held is None or name in {"start_s", "end_s", *ENDS}:
            continue
        parts.append(_part(name, held, field, spelling))
    # A note may be there as its name and as its pitch.
    return ": ".join(part for part in (where, ", ".join(dict.fromkeys(parts))) if part)


def _part(name: str, held: Any, field: Field, spelling: Spelling) -> str:
    """Write one of many contents in a line: names speak for themselves, a number says what it is."""
    if isinstance(held, tuple) and held and all(isinstance(part, str) for part in held):
        return " ".join(in_full(part, field, spelling) for part in held)
    text, label = in_full(held, field, spelling).replace("\n", "; "), field_in_words(name, field)
    if isinstance(held, str) or (_named_by_unit(name, field) and not isinstance(held, tuple)):
        return text
    label = f"{label[:1].lower()}{label[1:]}"
    if field.unit is not None and field.unit.symbol.startswith(label):  # beat 15.8 rather than beat 15.8 beats
        text = text.removesuffix(f" {field.unit.symbol}").removesuffix(f" {field.unit.singular}")
    return f"{label} {text}"


def _with_range(content: Any, name: str) -> Any:
    """Return what a field of a value holds: an estimate, where the value holds the ends of ranges as well."""
    held = getattr(content, name)
    low, high = (getattr(getattr(content, end, None), name, None) for end in ENDS)
    if isinstance(held, float) and isinstance(low, float) and isinstance(high, float):
        return Estimate(low=min(low, held), value=held, high=max(high, held))
    return held


def _named_by_unit(name: str, field: Field) -> bool:
    """Tell whether a field is called as its unit is, or is the seconds of something: the number then says it all."""
    return field.unit is not None and name in {field.unit.suffix, field.unit.symbol, "seconds"}


def _estimate(content: Estimate, unit: Unit | None, spelling: Spelling) -> str:
    middle = _numbers([content.value], unit, spelling)
    if unit is None or content.low == content.high:
        return middle
    return f"{middle} ({words.between(content, unit, spelling)})"


def _numbers(numbers: Sequence[float], unit: Unit | None, spelling: Spelling) -> str:
    """Write numbers with their unit behind the last; pitches as notes."""
    if not numbers:
        return "none"
    if unit is None:
        return ", ".join(f"{number:g}" for number in numbers)
    if unit == MIDI:
        return ", ".join(spelling.print(number) for number in numbers)
    if unit is PROBABILITY:
        return ", ".join(words.percent_of(number) for number in numbers)
    # Beats and bars come in halves and quarters as well.
    parts = [f"{number:.4g}" if unit in {BEATS, BARS} else unit.number(number) for number in numbers]
    *before, last = [EMPTY if number != number else part for number, part in zip(numbers, parts, strict=True)]
    one = unit.format(1.0).removeprefix(unit.number(1.0)) if not before and last == "1" else ""
    return ", ".join([*before, f"{last}{one or unit.format(0.0).removeprefix(unit.number(0.0))}"])


def _list(content: tuple[Any, ...], field: Field, spelling: Spelling) -> str:
    if not content:
        return "none"
    if all(isinstance(part, (int, float)) for part in content):
        return _numbers(content, field.unit, spelling)
    if all(isinstance(part, str) for part in content):
        return ", ".join(in_full(part, field, spelling) for part in content)
    lines = [in_full(part, field, spelling) for part in content[:MAX_LISTED]]
    more = len(content) - MAX_LISTED
    return "\n".join([*lines, *([f"and {more} more, in the JSON"] if more > 0 else [])])
