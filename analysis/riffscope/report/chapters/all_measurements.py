"""Every number and word that was measured, with its range and its place in the saved analysis."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from riffscope import words
from riffscope.measures import field_in_words, in_words
from riffscope.model import Estimate, Measured, fields_of
from riffscope.notes import Spelling, music_type
from riffscope.report.blocks import Block, Column, Heading, Paragraph, Table
from riffscope.report.chapter import chapter
from riffscope.song import SongAnalysis
from riffscope.units import MIDI, Unit


@chapter(place=80, full=True)
def all_measurements(song: SongAnalysis) -> Iterator[Block]:
    """Every number and word that was measured, from the annotations of the result types."""
    rows: list[tuple[str, ...]] = []
    spelling = song.spelling
    for name, outcome in song.outcomes.items():
        if not isinstance(outcome, Measured):
            continue
        mine = list(_rows(name, outcome.value, spelling))
        if mine:
            rows += [(in_words(name),), *mine]
    if not rows:
        return
    yield Heading(text="All measurements", new_page=True)
    yield Paragraph(
        text="The range is the 90% range. A measure without one follows exactly from its definition, or its uncertainty"
        " is not known. The last column is its place in the JSON.",
        note=True,
    )
    yield Table(
        columns=(
            Column(heading="Measure", share=1.7),
            Column(heading="Value", align="right", share=1.25),
            Column(heading="90% range", align="right", share=1.75),
            Column(heading="In the JSON", share=2.3),
        ),
        rows=tuple(rows),
    )


def _rows(name: str, result: Any, spelling: Spelling) -> Iterator[tuple[str, ...]]:
    if not dataclasses.is_dataclass(result):
        return
    for field_name, field in fields_of(type(result)).items():
        content, unit = getattr(result, field_name), field.unit
        label, path = field_in_words(field_name, field), f"{name}.{field_name}"
        if isinstance(content, Estimate) and unit is not None:
            yield label, _amount(content.value, unit, spelling), words.range_of(content, unit, spelling), path
        elif isinstance(content, (int, float)) and unit is not None and unit.compared:
            yield label, _amount(content, unit, spelling), "", path
        elif isinstance(content, str):
            yield label, music_type(content), "", path


def _amount(content: float, unit: Unit, spelling: Spelling) -> str:
    if unit == MIDI:
        return f"{spelling.print(content)} ({MIDI.number(content)})"
    return unit.format(content)
