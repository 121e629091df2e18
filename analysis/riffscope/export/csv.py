"""CSV: the measurements as tables for spreadsheets and statistics."""

import io
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from csv import writer
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from riffscope.analyzers.beats import Beats
from riffscope.analyzers.chords import Chords
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.chord_chart import bars_and_beats
from riffscope.chord_names import written
from riffscope.errors import Absence, CannotMeasure, one_line
from riffscope.export.bars import bar_positions
from riffscope.files import safe_name, write_atomically
from riffscope.measures import all_measures, label_of, why_empty
from riffscope.model import Estimate, Measured, fields_of
from riffscope.song import SongAnalysis, why_missing
from riffscope.steps import export
from riffscope.units import Unit
from riffscope.versions.melody import sung_melody

# A spreadsheet takes a text that begins with one of these for a formula, and runs it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Microseconds, thousandths of a cent.
DECIMALS = 6

Row = Sequence[Any]


@export
def csv(song: SongAnalysis, *, folder: Path) -> list[Path]:
    """Write tables of measures, beats, chords, notes, contour, spans, curves, verdicts: ``NAME.measures.csv`` ...

    Fractions are 0..1 and times seconds, as in the JSON; a cell is empty where there is no value. What was not measured
    has no table; in that of the measures its reason is given. Texts that a spreadsheet would run are quoted with ``'``.

    Raises
    ------
    CannotMeasure
        Nothing was measured.
    """
    if not any(isinstance(outcome, Measured) for outcome in song.outcomes.values()):
        raise CannotMeasure(Absence.EMPTY, "nothing was measured, so there is nothing to write")
    tables: dict[str, tuple[Row, Iterable[Row]]] = {
        "measures": (("measure", "label", "value", "low", "high", "unit", "missing"), _measures(song)),
        "beats": (("time_s", "bar", "beat"), _beats(song)),
        "chords": (("start_s", "end_s", "bar", "beat", "chord", "harte", "probability"), _chords(song)),
        "notes": (("start_s", "end_s", "midi", "note", "pitch_midi"), _notes(song)),
        "contour": (("time_s", "f0_hz", "midi", "voiced_probability", "certain"), _contour(song)),
        "spans": (("measure", "label", "start_s", "end_s"), _spans(song)),
        "curves": (("measure", "time_s", "value", "unit"), _curves(song)),
        "verdicts": (("claim", "text", "ruling", "because", "probability"), _verdicts(song)),
    }
    name = safe_name(Path(song.source.name).stem)
    paths = []
    for kind, (header, rows) in tables.items():
        if content := _encode(header, rows):
            paths.append(folder / f"{name}.{kind}.csv")
            write_atomically(paths[-1], content)
    return paths


# --------------------------------------------------------------------------------------------------------------- cells
def _encode(header: Row, rows: Iterable[Row]) -> bytes:
    """Write a table after RFC 4180; nothing where it has no rows."""
    out = io.StringIO(newline="")
    to = writer(out)  # CRLF, quoted where it must be
    to.writerow(header)
    before = out.tell()
    to.writerows([_cell(content) for content in row] for row in rows)
    return out.getvalue().encode() if out.tell() > before else b""


def _cell(content: Any) -> str:
    """Write one cell: numbers stay numbers, texts become one line that is no formula."""
    match content:
        case None:
            return ""
        case str():
            text = one_line(content)
            return f"'{text}" if content.startswith(FORMULA) or text.startswith(FORMULA) else text
        case float():
            return repr(round(content, DECIMALS) + 0.0) if math.isfinite(content) else ""
        case _:
            return str(content)


def _unit(unit: Unit | None) -> str:
    """Name the unit of the number as it is kept: what is shown as percent is a fraction."""
    if unit is None:
        return ""
    return unit.symbol if unit.scale == 1 else "fraction"


# -------------------------------------------------------------------------------------------------------------- tables
def _measures(song: SongAnalysis) -> Iterator[Row]:
    yield from _numbers(song.source, "source")
    for name, outcome in song.outcomes.items():
        if isinstance(outcome, Measured):
            yield from _numbers(outcome.value, name)
        else:
            for measure in all_measures():
                if measure.measurement == name:
                    yield measure.path, measure.label, None, None, None, _unit(measure.unit), why_missing(outcome)


def _numbers(result: Any, path: str) -> Iterator[Row]:
    """Yield each number and word of a result, and of the values in it. Curves and spans have tables of their own."""
    for name, field in fields_of(type(result)).items():
        content, where, unit = getattr(result, name), f"{path}.{name}", field.unit
        measurement, _, within = where.partition(".")
        label = label_of(measurement, within.replace(".", "_"), field)
        if unit is not None and not unit.compared:
            continue
        match content:
            case Estimate():
                yield where, label, content.value, content.low, content.high, _unit(unit), ""
            case float() | int() | str():
                yield where, label, content, None, None, _unit(unit), ""
            case None if unit is not None:
                yield where, label, None, None, None, _unit(unit), why_empty(result, name)[1]
            case Mapping():
                for part, number in content.items():
                    yield f"{where}.{part}", f"{label}, {part}", number, None, None, _unit(unit), ""
            case _ if is_dataclass(content) and not hasattr(content, "start_s"):
                yield from _numbers(content, where)
            case _:
                pass


def _beats(song: SongAnalysis) -> Iterator[Row]:
    if beats := song.get(Beats):
        yield from zip(beats.times_s.tolist(), *(part.tolist() for part in bar_positions(beats)), strict=True)


def _chords(song: SongAnalysis) -> Iterator[Row]:
    """Yield each chord with the bar and the beat that it begins on; without beats it has neither."""
    if chords := song.get(Chords):
        beats, starts_s = song.get(Beats), np.array([span.start_s for span in chords.spans])
        places: Iterable[Row] = itertools.repeat((None, None), len(chords.spans))
        if beats is not None and beats.times_s.size > 1:
            places = bars_and_beats(beats, starts_s)
        for span, place in zip(chords.spans, places, strict=True):
            yield span.start_s, span.end_s, *place, written(span.label, song.spelling), span.label, span.probability


def _notes(song: SongAnalysis) -> Iterator[Row]:
    spelling = song.spelling
    for note in sung_melody(song):
        yield note.start_s, note.end_s, note.midi, spelling.note(note.midi), note.pitch_midi


def _contour(song: SongAnalysis) -> Iterator[Row]:
    if pitch := song.get(VocalPitch):
        columns = (pitch.times_s, pitch.f0_hz, pitch.midi, pitch.voiced_probability, pitch.certain)
        yield from zip(*(column.tolist() for column in columns), strict=True)


def _spans(song: SongAnalysis) -> Iterator[Row]:
    for name, outcome in song.outcomes.items():
        if isinstance(outcome, Measured):
            yield from _spans_in(outcome.value, name)


def _spans_in(content: Any, path: str) -> Iterator[Row]:
    """Yield all that has a start and an end in a value, by its path."""
    if isinstance(content, tuple):
        for i, item in enumerate(content):
            yield from _spans_in(item, path if hasattr(item, "start_s") else f"{path}[{i}]")
    elif is_dataclass(content):
        if hasattr(content, "start_s") and hasattr(content, "end_s"):
            name = next(
                (getattr(content, each) for each in ("name", "label", "note", "section") if hasattr(content, each)),
                None,
            )
            yield path, name, content.start_s, content.end_s
        else:
            for field in fields(content):
                yield from _spans_in(getattr(content, field.name), f"{path}.{field.name}")


def _curves(song: SongAnalysis) -> Iterator[Row]:
    """Yield what was measured every `step_s` seconds: every array of a result that has such a step, but for moments."""
    for name, outcome in song.outcomes.items():
        if not isinstance(outcome, Measured) or not hasattr(outcome.value, "step_s"):
            continue
        result, first_s = outcome.value, getattr(outcome.value, "first_s", 0.0)
        for curve_name, field in fields_of(type(result)).items():
            curve = getattr(result, curve_name)
            if isinstance(curve, np.ndarray) and curve.dtype.kind == "f" and not curve_name.endswith("_s"):
                for i, number in enumerate(curve.tolist()):
                    yield f"{name}.{curve_name}", first_s + i * result.step_s, number, _unit(field.unit)


def _verdicts(song: SongAnalysis) -> Iterator[Row]:
    for verdict in song.verdicts:
        yield verdict.claim, verdict.text, str(verdict.ruling), verdict.because, verdict.probability
