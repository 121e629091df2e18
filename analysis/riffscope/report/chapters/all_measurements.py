"""Every number and word that was measured, with its range and its place in the saved analysis."""

from collections.abc import Iterator

from riffscope import words
from riffscope.measures import all_measures, field_in_words, in_words, read_measure
from riffscope.model import Estimate, Measured, fields_of
from riffscope.notes import Spelling, music_type
from riffscope.places import placed_numbers
from riffscope.reference.placing import share_below
from riffscope.report.blocks import Block, Column, Heading, Paragraph, Table
from riffscope.report.chapter import chapter
from riffscope.song import SongAnalysis
from riffscope.units import MIDI, PROBABILITY, Unit


@chapter(place=80, full=True)
def all_measurements(song: SongAnalysis) -> Iterator[Block]:
    """Every number and word that was measured, from the annotations of the result types."""
    rows: list[tuple[str, ...]] = []
    for name, outcome in song.outcomes.items():
        if not isinstance(outcome, Measured):
            continue
        mine = [_with_place(row, song) for row in _rows(name, song)]
        if mine:
            rows += [(in_words(name),), *mine]
    if not rows:
        return
    yield Heading(text="All measurements", new_page=True)
    sets = words.joined([places.set_in_words for places in song.places]) if song.places else ""
    placed = f" Songs below: of {sets}, how many have a lower number, with its 90% range." if sets else ""
    yield Paragraph(
        text="The range is the 90% range. A measure without one follows exactly from its definition, or its uncertainty"
        f" is not known.{placed} The last column is its place in the JSON.",
        note=True,
    )
    yield Table(
        columns=(
            Column(heading="Measure", share=1.7),
            Column(heading="Value", align="right", share=1.25),
            Column(heading="90% range", align="right", share=1.75),
            *([Column(heading="Songs below", align="right", share=1.3)] if sets else []),
            Column(heading="In the JSON", share=2.3),
        ),
        rows=tuple(rows),
    )


def _with_place(row: tuple[str, ...], song: SongAnalysis) -> tuple[str, ...]:
    """Add how many other songs have a lower number, before its path; nothing where there are no other songs."""
    if not song.places:
        return row
    number = placed_numbers(song.places).get(row[-1])
    return *row[:-1], "" if number is None else share_below(number), row[-1]


def _rows(name: str, song: SongAnalysis) -> Iterator[tuple[str, ...]]:
    result, spelling = song.measure(name), song.spelling
    numbers = {measure.path for measure in all_measures()}
    for field_name, field in fields_of(type(result)).items():
        content, unit = getattr(result, field_name), field.unit
        # A number that is called as its unit is has the measurement's name.
        label = in_words(name) if unit is not None and field_name == unit.suffix else field_in_words(field_name, field)
        path = f"{name}.{field_name}"
        if isinstance(content, (Estimate, int, float)) and unit is not None and unit.compared:
            # Of plain numbers too it may be known how far they may be off.
            found = read_measure(song, path) if path in numbers else content
            yield label, _amount(content, unit, spelling), _range(found, unit, spelling), path
        elif isinstance(content, str):
            yield label, music_type(getattr(content, "in_words", str(content))), "", path


def _range(found: Estimate | float, unit: Unit, spelling: Spelling) -> str:
    if not isinstance(found, Estimate) or found.low == found.high:
        return ""
    return words.range_of(found, unit, spelling)


def _amount(content: Estimate | float, unit: Unit, spelling: Spelling) -> str:
    number = content.value if isinstance(content, Estimate) else content
    if unit == MIDI:
        return f"{spelling.print(number)} ({MIDI.number(number)})"
    return words.percent_of(number) if unit is PROBABILITY else unit.format(number)
