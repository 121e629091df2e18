"""What was measured of songs as tables: one place defines them, CSV writes them and data frames hold them.

Conventions
-----------
Numbers are those of the JSON: fractions 0..1, times in seconds, pitches as MIDI numbers. Notes, tonics and chords are
written with musical signs. What was not measured has no value, never a zero.
"""

import enum
import functools
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from riffscope import steps, verdicts
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.chords import Chords
from riffscope.analyzers.riff_notes import RiffNotes
from riffscope.analyzers.structure import Structure
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.chord_chart import bars_and_beats
from riffscope.chord_names import printed
from riffscope.docstrings import fields_in_words
from riffscope.export.bars import bar_positions
from riffscope.frames import Column, Row, Table
from riffscope.measures import all_measures, label_of, why_empty
from riffscope.model import Estimate, Field, Measured, Source, fields_of
from riffscope.notes import Spelling, music_type
from riffscope.places import placed_numbers
from riffscope.progressions import ChordSpan
from riffscope.song import SongAnalysis, why_missing
from riffscope.units import NAME, NOTE, Unit
from riffscope.versions.melody import sung_melody

_START = Column(name="start_s", heading="start (s)", kind=float)
_END = Column(name="end_s", heading="end (s)", kind=float)
_TIME = Column(name="time_s", heading="time (s)", kind=float)
_MEASURE = Column(name="measure", heading="measure", kind=str)
_LABEL = Column(name="label", heading="label", kind=str)
_VALUE = Column(name="value", heading="value", kind=float)
_UNIT = Column(name="unit", heading="unit", kind=str)
_PROBABILITY = Column(name="probability", heading="probability (0 to 1)", kind=float)


# ----------------------------------------------------------------------------------------------------- one song's own
@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of table that every song has, though it may have no rows.

    Attributes
    ----------
    columns : tuple of Column
    rows : callable
        Yields the rows of a song.
    """

    columns: tuple[Column, ...]
    rows: Callable[[SongAnalysis], Iterator[Row]]


_KINDS: dict[str, Kind] = {}


def _table(*columns: Column) -> Callable[[Callable[[SongAnalysis], Iterator[Row]]], Callable[..., Iterator[Row]]]:
    """Mark a function that yields the rows of a table. The table has the function's name."""

    def add(rows: Callable[[SongAnalysis], Iterator[Row]]) -> Callable[..., Iterator[Row]]:
        _KINDS[rows.__name__.removeprefix("_")] = Kind(columns=columns, rows=rows)
        return rows

    return add


def names() -> tuple[str, ...]:
    """Return what tables there are of a song."""
    return tuple(_KINDS)


def table_of(song: SongAnalysis, name: str) -> Table:
    """Return one of a song's tables.

    Raises
    ------
    ValueError
        There is no table of this name.
    """
    if name not in _KINDS:
        raise ValueError(f'Unknown table "{name}". Choose: {", ".join(names())}.')
    kind = _KINDS[name]
    return Table(columns=kind.columns, made=kind.rows(song))


@_table(
    _MEASURE,
    _LABEL,
    _VALUE,
    Column(name="low", heading="90% range from", kind=float),
    Column(name="high", heading="90% range to", kind=float),
    _UNIT,
    Column(name="text", heading="in words", kind=str),
    Column(name="missing", heading="why missing", kind=str),
    Column(name="percentile", heading="percentage of other songs below", kind=float),
)
def _measures(song: SongAnalysis) -> Iterator[Row]:
    """Yield every number and word of the song, why what is missing is, and how many of other songs have less."""
    places = placed_numbers(song.places)
    for row in _numbers_and_words(song):
        yield *row, places[row[0]].percentile.value if row[0] in places else None


def _numbers_and_words(song: SongAnalysis) -> Iterator[Row]:
    yield from _scalars(song.source, "source")
    for name, outcome in song.outcomes.items():
        if isinstance(outcome, Measured):
            yield from _scalars(outcome.value, name)
        else:
            for measure in all_measures():
                if measure.measurement == name:
                    why = why_missing(outcome)
                    yield measure.path, measure.label, None, None, None, _unit(measure.unit), None, why
    if structure := song.get(Structure):
        yield "structure.form", "Structure: form", None, None, None, None, structure.form, None


def _scalars(result: Any, path: str) -> Iterator[Row]:
    """Yield each number and word of a result, and of the values in it. Curves and spans have tables of their own."""
    for name, field in fields_of(type(result)).items():
        content, where, unit = getattr(result, name), f"{path}.{name}", _unit(field.unit)
        label = _label(where, field)
        if field.unit is not None and not field.unit.compared:
            continue
        match content:
            case Estimate():
                yield where, label, content.value, content.low, content.high, unit, None, None
            case float() | int():
                yield where, label, content, None, None, unit, None, None
            case str():
                yield where, label, None, None, None, unit, _word(content, name, field), None
            case None if field.unit is not None:
                yield where, label, None, None, None, unit, None, why_empty(result, name)[1]
            case Mapping():
                for part, number in content.items():
                    yield f"{where}.{part}", f"{label}, {part}", number, None, None, unit, None, None
            case _ if is_dataclass(content) and not hasattr(content, "start_s"):
                yield from _scalars(content, where)
            case _:
                pass


def _label(path: str, field: Field) -> str:
    measurement, _, within = path.partition(".")
    return label_of(measurement, within.replace(".", "_"), field)


def _word(content: str, name: str, field: Field) -> str:
    """Write a word as musicians do, where it is the name of a note or of a key."""
    return music_type(content) if name == "tonic" or field.unit in {NAME, NOTE} else str(content)


def _unit(unit: Unit | None) -> str | None:
    """Name the unit of the number as it is kept: what is shown as percent is a fraction."""
    return None if unit is None or not unit.stored_symbol else unit.stored_symbol


@_table(_TIME, Column(name="bar", heading="bar", kind=int), Column(name="beat", heading="beat in the bar", kind=int))
def _beats(song: SongAnalysis) -> Iterator[Row]:
    if beats := song.get(Beats):
        yield from zip(beats.times_s.tolist(), *(part.tolist() for part in bar_positions(beats)), strict=True)


@_table(
    _START,
    _END,
    Column(name="section", heading="section", kind=str),
    Column(name="label", heading="letter (the same for the same music)", kind=str),
    Column(name="first_bar", heading="first bar", kind=int),
    Column(name="bars", heading="length (bars)", kind=int),
    Column(name="function_probability", heading="probability of what it is called (0 to 1)", kind=float),
)
def _sections(song: SongAnalysis) -> Iterator[Row]:
    """Yield each section with its bars; without beats it has none."""
    structure, beats = song.get(Structure), song.get(Beats)
    if structure is None:
        return
    bars_s = np.zeros(0) if beats is None else beats.times_s[beats.downbeat_index]
    for section in structure.sections:
        # A bar belongs to where it begins; sections begin on downbeats, to within how exactly both are kept.
        first, end = np.searchsorted(bars_s, [section.start_s - 0.05, section.end_s - 0.05]).tolist()
        bars = (first + 1, end - first) if end > first else (None, None)
        yield section.start_s, section.end_s, section.name, section.label, *bars, section.function_probability


@_table(
    _START,
    _END,
    Column(name="bar", heading="bar", kind=int),
    Column(name="beat", heading="beat in the bar", kind=float),
    Column(name="chord", heading="chord", kind=str),
    Column(name="harte", heading="chord in Harte's notation", kind=str),
    _PROBABILITY,
)
def _chords(song: SongAnalysis) -> Iterator[Row]:
    """Yield each chord with the bar and the beat that it begins on; without beats it has neither."""
    if chords := song.get(Chords):
        beats, starts_s = song.get(Beats), np.array([span.start_s for span in chords.spans])
        places: Sequence[Row] = [(None, None)] * len(chords.spans)
        if beats is not None and beats.times_s.size > 1:
            places = bars_and_beats(beats, starts_s)
        for span, place in zip(chords.spans, places, strict=True):
            yield span.start_s, span.end_s, *place, printed(span.label, song.spelling), span.label, span.probability


@_table(
    _START,
    _END,
    Column(name="midi", heading="MIDI note", kind=int),
    Column(name="note", heading="note", kind=str),
    Column(name="pitch_midi", heading="pitch as sung (MIDI)", kind=float),
)
def _notes(song: SongAnalysis) -> Iterator[Row]:
    spelling = song.spelling
    for note in sung_melody(song):
        yield note.start_s, note.end_s, note.midi, spelling.print(note.midi), note.pitch_midi


@_table(
    Column(name="beat", heading="beat from the start of the riff", kind=float),
    Column(name="beats", heading="length (beats)", kind=float),
    Column(name="midi", heading="MIDI note", kind=int),
    Column(name="note", heading="note", kind=str),
    Column(name="part", heading="part", kind=str),
    _PROBABILITY,
)
def _riff(song: SongAnalysis) -> Iterator[Row]:
    """Yield the notes of one pass of the riff, and those of its bass."""
    if riff := song.get(RiffNotes):
        spelling = song.spelling
        for note in (*riff.notes, *riff.bass_notes):
            yield note.beat, note.beats, note.midi, spelling.print(note.midi), str(note.part), note.probability


@_table(
    _TIME,
    Column(name="f0_hz", heading="frequency (Hz)", kind=float),
    Column(name="midi", heading="pitch (MIDI)", kind=float),
    Column(name="voiced_probability", heading="probability of singing (0 to 1)", kind=float),
    Column(name="certain", heading="surely sung (1: yes)", kind=int),
)
def _contour(song: SongAnalysis) -> Iterator[Row]:
    if pitch := song.get(VocalPitch):
        columns = (pitch.times_s, pitch.f0_hz, pitch.midi, pitch.voiced_probability, pitch.certain)
        yield from zip(*(column.tolist() for column in columns), strict=True)


@_table(_MEASURE, _LABEL, _START, _END)
def _spans(song: SongAnalysis) -> Iterator[Row]:
    for name, outcome in song.outcomes.items():
        if isinstance(outcome, Measured):
            yield from _spans_in(outcome.value, name, song.spelling)


def _spans_in(content: Any, path: str, spelling: Spelling) -> Iterator[Row]:
    """Yield all that has a start and an end in a value, by its path."""
    if isinstance(content, tuple):
        for i, item in enumerate(content):
            yield from _spans_in(item, path if hasattr(item, "start_s") else f"{path}[{i}]", spelling)
    elif is_dataclass(content):
        if hasattr(content, "start_s") and hasattr(content, "end_s"):
            yield path, _name_of(content, spelling), content.start_s, content.end_s
        else:
            for field in fields(content):
                yield from _spans_in(getattr(content, field.name), f"{path}.{field.name}", spelling)


def _name_of(span: Any, spelling: Spelling) -> str | None:
    """Return what a span is called, with musical signs; None where it has no name."""
    if isinstance(span, ChordSpan):
        return printed(span.label, spelling)
    name = next((getattr(span, each) for each in ("name", "label", "note", "section") if hasattr(span, each)), None)
    return name if name is None else music_type(str(name))


@_table(_MEASURE, _TIME, _VALUE, _UNIT)
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


@_table(*verdicts.COLUMNS)
def _verdicts(song: SongAnalysis) -> Iterator[Row]:
    yield from verdicts.table_of(song.verdicts).rows


# --------------------------------------------------------------------------------------------- every song of a library
@dataclass(frozen=True, kw_only=True)
class Scalar:
    """A number or a word that a song may have.

    Attributes
    ----------
    path : str
        As in ``vocal_range.span_semitones``.
    label : str
    unit : str or None
        Of the number as it is kept: ``fraction`` for 0..1.
    kind : type
        Estimate, float, int or str.
    description : str
        One paragraph; empty for some.
    """

    path: str
    label: str
    unit: str | None
    kind: type
    description: str


@functools.cache
def scalars() -> tuple[Scalar, ...]:
    """Return every number and word that songs may have, in the order of the measurements and their fields."""
    form = Scalar(path="structure.form", label="Structure: form", unit=None, kind=str, description=_FORM)
    found = [scalar for step in steps.analyzers() for scalar in _scalars_of(step.produces, step.name)]
    return (*found, form)


_FORM = "The sections' names in order."


def _scalars_of(cls: type, path: str) -> Iterator[Scalar]:
    texts = fields_in_words(cls)
    for name, field in fields_of(cls).items():
        where, kind = f"{path}.{name}", _scalar_kind(field.kind)
        if field.unit is not None and not field.unit.compared:
            continue
        if kind is not None:
            described = texts[name].text if name in texts else ""
            yield Scalar(
                path=where, label=_label(where, field), unit=_unit(field.unit), kind=kind, description=described
            )
        elif is_dataclass(field.kind) and isinstance(field.kind, type) and "start_s" not in fields_of(field.kind):
            yield from _scalars_of(field.kind, where)


def _scalar_kind(hint: Any) -> type | None:
    """Return what a field holds if that is one number or one word."""
    if hint in {Estimate, float, int}:
        return typing.cast("type", hint)
    if hint is str or typing.get_origin(hint) is typing.Literal:
        return str
    return str if isinstance(hint, type) and issubclass(hint, enum.StrEnum) else None


def described_measures() -> Table:
    """Return a table of all that `songs_table` may have in its columns."""
    columns = (
        _MEASURE,
        _LABEL,
        _UNIT,
        Column(name="kind", heading="kind", kind=str),
        Column(name="description", heading="description", kind=str),
    )
    kinds = {Estimate: "number with a range", float: "number", int: "whole number", str: "words"}
    rows = [(one.path, one.label, one.unit, kinds[one.kind], one.description or None) for one in scalars()]
    return Table(columns=columns, made=rows)


_SOURCE = {"title": str, "artist": str, "file": str, "duration_s": float, "sha256": str}


def songs_table(songs: Sequence[SongAnalysis]) -> Table:
    """Return a table of a row a song and a column a number or word, the same columns whatever the songs hold.

    They are title, artist, file, ``duration_s`` and ``sha256``; everything that `described_measures` lists, by its
    path, with ``.low`` and ``.high`` for the ends of a range; ``.percentile`` behind the path of each number that has a
    place among other songs in any of the songs; and for each claim that any of the songs was tested with,
    ``claim.NAME`` for the ruling and ``claim.NAME.probability``.
    """
    placed = {path for song in songs for path in placed_numbers(song.places)}
    claims = dict.fromkeys(verdict.claim for song in songs for verdict in song.verdicts)
    kinds = {**_SOURCE, **scalar_kinds()}
    # Behind all that every table has, so that its columns keep their places.
    kinds |= {f"{scalar.path}.percentile": float for scalar in scalars() if scalar.path in placed}
    for claim in claims:
        kinds |= {f"claim.{claim}": str, f"claim.{claim}.probability": float}
    columns = tuple(Column(name=name, heading=name, kind=kind) for name, kind in kinds.items())
    return Table(columns=columns, made=[[row.get(name) for name in kinds] for row in map(row_of, songs)])


@functools.cache
def scalar_kinds() -> Mapping[str, type]:
    """Return what each column of numbers and words of `songs_table` holds, float, int or str, by its name."""
    kinds: dict[str, type] = {}
    for scalar in scalars():
        estimated = scalar.kind is Estimate
        kinds |= dict.fromkeys(_paths(scalar.path, estimated=estimated), float if estimated else scalar.kind)
    return kinds


def _paths(path: str, *, estimated: bool) -> tuple[str, ...]:
    return (path, f"{path}.low", f"{path}.high") if estimated else (path,)


def row_of(song: SongAnalysis) -> dict[str, Any]:
    """Return the row of a song in `songs_table`, by the names of its columns."""
    source: Source = song.source
    row: dict[str, Any] = {
        "title": source.title,
        "artist": source.tags.artist,
        "file": source.name,
        "duration_s": source.duration_s,
        "sha256": source.sha256,
    }
    for path, _, number, low, high, _, text, _ in _numbers_and_words(song):
        row |= zip(_paths(path, estimated=True), (number if text is None else text, low, high), strict=True)
    row |= {f"{path}.percentile": one.percentile.value for path, one in placed_numbers(song.places).items()}
    for verdict in song.verdicts:
        row |= {
            f"claim.{verdict.claim}": str(verdict.ruling),
            f"claim.{verdict.claim}.probability": verdict.probability,
        }
    return row
