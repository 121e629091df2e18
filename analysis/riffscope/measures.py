"""Measures: every number of every measurement, by path, with its label and unit.

Read from the annotations of the result types, so a new analyzer appears in tables, comparisons and reports by itself.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from riffscope import steps
from riffscope.errors import Absence, NotMeasured
from riffscope.model import Estimate, Field, Measured, Span, fields_of
from riffscope.song import SongAnalysis
from riffscope.units import (
    BARS,
    BPM,
    ENTRY_SECONDS,
    FRACTION,
    GENERALLY,
    MIDI,
    PERCENT,
    PROBABILITY,
    SECONDS,
    SEMITONES,
    Said,
    Unit,
)

# Why a field is empty where its result does not say.
TOO_LITTLE = "there was too little to measure"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One number of a measurement.

    Attributes
    ----------
    path : str
        As in ``vocal_range.span_semitones``.
    label : str
        As in ``Vocal range: span``.
    unit : Unit
    said : Said
        How it goes into sentences.
    where : str
        The sections that it is about, as in ``the chorus``; empty for the whole song.
    """

    path: str
    label: str
    unit: Unit
    said: Said = GENERALLY
    where: str = ""

    @property
    def measurement(self) -> str:
        """The measurement that it belongs to."""
        return self.path.partition(".")[0]

    @property
    def topic(self) -> str:
        """The label as a sentence about it begins: ``Vocal range, span``."""
        return topic_of(self.label)

    @property
    def subject(self) -> str:
        """What is compared between songs or sections: ``the vocal range``; empty where they are themselves."""
        return f"the {decapitalised(self.label.replace(':', ''))}" if self.said.subject is None else self.said.subject

    def within(self, sections: str) -> "Measure":
        """Return the measure of some sections, ``the chorus``. A section has a length; all else is heard in it."""
        label = f"{self.label} {'of' if self.label == 'Length' else 'in'} {sections}"
        return replace(self, label=label, where=sections)

    def sentence(self, amount: str, number: str) -> str:
        """Say a number, which is given with its unit and without: ``The voice spans 8.3 semitones``."""
        if not self.said.one:
            about = decapitalised(self.label.replace(":", ""))
            return f"{'The' if self.where else 'Its'} {about} is {amount}"
        told = self.said.one.format(amount, number=number, where=self.where or "the song")
        if self.where and "{where}" not in self.said.one:
            return f"In {self.where}, {decapitalised(told)}"
        return capitalised(told)


@functools.cache
def all_measures() -> tuple[Measure, ...]:
    """Return every number that can be compared or claimed, in the order of the fields."""
    return tuple(
        Measure(path=f"{step.name}.{name}", label=label_of(step.name, name, field), unit=field.unit, said=field.said)
        for step in steps.analyzers()
        for name, field in fields_of(step.produces).items()
        if field.kind in {float, int, Estimate} and field.unit is not None and field.unit.compared
    )


@functools.cache
def section_measures() -> tuple[Measure, ...]:
    """Return every number that is measured of each section, and that a claim with a scope may name."""
    from riffscope.analyzers.section_profile import SectionNumbers

    return tuple(
        Measure(path=f"section_profile.{name}", label=field_in_words(name, field), unit=field.unit, said=field.said)
        for name, field in fields_of(SectionNumbers).items()
        if field.unit is not None
    )


def claimed_measures() -> tuple[Measure, ...]:
    """Return the numbers of a song that a claim may name though no field holds them (`riffscope.claims.numbers`)."""
    return (
        Measure(
            path="source.duration_s",
            label="Duration",
            unit=SECONDS,
            said=Said(one="{where} lasts {}", subject="", more="longer", less="shorter"),
        ),
        Measure(
            path="vocal_range.lowest_note_midi",
            label="Lowest sung note",
            unit=MIDI,
            said=Said(one="The lowest sung note is {}", subject="the lowest sung note"),
        ),
        Measure(
            path="vocal_range.highest_note_midi",
            label="Highest sung note",
            unit=MIDI,
            said=Said(one="The highest sung note is {}", subject="the highest sung note"),
        ),
    )


def claimed_measures_of_sections() -> tuple[Measure, ...]:
    """Return the numbers of sections that a claim may name besides those of the section profile.

    Those that songs have as well are said alike.
    """
    of_songs = {measure.path: measure.said for measure in (*all_measures(), *claimed_measures())}
    lasts = of_songs["source.duration_s"]
    return (
        Measure(path="source.duration_s", label="Length", unit=SECONDS, said=lasts),
        Measure(path="beats.bars", label="Length", unit=BARS, said=lasts),
        *(
            Measure(path=path, label=label, unit=unit, said=of_songs[path])
            for path, label, unit in (
                ("tempo.bpm", "Tempo", BPM),
                ("tempo.drift_percent", "Drift of the tempo", PERCENT),
                ("loops.coverage_fraction", "Share with the riff", FRACTION),
                ("vocal_range.span_semitones", "Vocal range", SEMITONES),
                ("vocal_range.median_midi", "Median sung pitch", MIDI),
                ("vocal_range.stepwise_fraction", "Share of melodic steps", FRACTION),
            )
        ),
    )


def measure_of(path: str) -> Measure:
    """Return the measure of a song that has a path."""
    return next(measure for measure in (*all_measures(), *claimed_measures()) if measure.path == path)


def unit_of(path: str, stored_symbol: str) -> Unit:
    """Return the unit of a number that a verdict rests on: that of its measure, of a difference of two, or unknown."""
    known = (*all_measures(), *section_measures(), *claimed_measures(), *claimed_measures_of_sections())
    for measure in known:
        for unit in (measure.unit, measure.unit.of_differences):
            if measure.path == path and unit.stored_symbol == stored_symbol:
                return unit
    return Unit(stored_symbol, 2, 0.0)


def comparable_measures() -> tuple[Measure, ...]:
    """Return the numbers that say something of a song: how sure a measurement is says nothing of it."""
    return tuple(measure for measure in all_measures() if measure.unit is not PROBABILITY)


def in_words(name: str) -> str:
    """``vocal_range`` -> ``Vocal range``."""
    return capitalised(name.replace("_", " "))


def field_in_words(name: str, field: Field) -> str:
    """``true_peak_dbtp`` -> ``True peak``: its label, or its name without the unit, which the number carries."""
    suffix = f"_{field.unit.suffix}" if field.unit is not None and field.unit.suffix else ""
    return capitalised(field.label) or in_words(name.removesuffix(suffix))


def capitalised(words: str) -> str:
    """Begin with a capital letter and leave the rest as it is."""
    return words[:1].upper() + words[1:]


def decapitalised(words: str) -> str:
    """Begin with a small letter, but for a word in capitals."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def label_of(measurement: str, name: str, field: Field) -> str:
    """``loudness``, ``plr_lu`` -> ``Loudness: peak-to-loudness ratio``; ``tempo``, ``bpm`` -> ``Tempo``."""
    whole, part = in_words(measurement), field.label or field_in_words(name, field)
    if part == whole or (field.unit is not None and name == field.unit.suffix):
        return whole
    return f"{whole}: {part if field.label else part[:1].lower() + part[1:]}"


def topic_of(label: str) -> str:
    """``Loudness: peak to loudness ratio`` -> ``Loudness, peak to loudness ratio``, where another colon follows."""
    return label.replace(": ", ", ", 1)


def read_measure(song: SongAnalysis, path: str) -> Estimate:
    """Read a number as an estimate; one without a range is its own.

    Raises
    ------
    NotMeasured
        There is no such measurement, or this field of it is empty; says why.
    """
    name, _, field = path.partition(".")
    result = song.measure(name)
    found = as_estimate(song.measure(path), path, lacking=why_empty(result, field))
    # A result may say of plain numbers how far they may be off, by a property ``ranges``: fields' names to half widths.
    within: float = getattr(result, "ranges", {}).get(field, 0.0)
    if not within:
        return found
    low = found.low - within
    # Nothing enters before the song begins.
    begins = fields_of(type(result))[field].unit is ENTRY_SECONDS and found.value >= 0
    return Estimate(low=max(low, 0.0) if begins else low, value=found.value, high=found.high + within)


def read_as_played(song: SongAnalysis, path: str) -> Estimate:
    """Read a number as it is where two loudspeakers play the song: a mono file is louder than stereo of its level.

    Raises
    ------
    NotMeasured
        As in `read_measure`.
    """
    found, more = read_measure(song, path), played_more(song, path)
    return Estimate(value=found.value + more, low=found.low + more, high=found.high + more) if more else found


def played_more(song: SongAnalysis, path: str) -> float:
    """Return by how much a number is larger where two loudspeakers play the song; 0 for most.

    A result says so by a property ``played``: a mapping of its fields' names to differences.
    """
    name, _, field = path.partition(".")
    outcome = song.outcomes.get(name)
    more: float = getattr(outcome.value, "played", {}).get(field, 0.0) if isinstance(outcome, Measured) else 0.0
    return more


def where_to_listen(song: SongAnalysis, path: str) -> tuple[Span, ...]:
    """Return where a number can be heard best; nowhere in particular for most.

    A result says so by a property ``where``: a mapping of its fields' names to spans.

    Raises
    ------
    NotMeasured
        There is no such measurement.
    """
    name, _, field = path.partition(".")
    places: Mapping[str, tuple[Span, ...]] = getattr(song.measure(name), "where", {})
    return places.get(field, ())


def certainty_of(song: SongAnalysis, path: str) -> float:
    """Return how likely a number is about what it says, 0..1, as that what is called a chorus is one; 1 for most.

    A result says so by a property ``certainty``: a mapping of its fields' names to probabilities.

    Raises
    ------
    NotMeasured
        There is no such measurement.
    """
    name, _, field = path.partition(".")
    sure: Mapping[str, float] = getattr(song.measure(name), "certainty", {})
    return sure.get(field, 1.0)


def rests_on(song: SongAnalysis, path: str) -> tuple[str, ...]:
    """Return the measurement that a number belongs to, and the one that it is taken from where that is another.

    A result says so by a property ``behind``: a mapping of its fields' names to measurements.
    """
    name, _, field = path.partition(".")
    outcome = song.outcomes.get(name)
    behind: Mapping[str, str] = getattr(outcome.value, "behind", {}) if isinstance(outcome, Measured) else {}
    return (name, behind[field]) if field in behind else (name,)


def why_empty(result: Any, field: str) -> tuple[Absence, str]:
    """Say why a field of a result holds nothing: a code for programs and a reason for people.

    A result says so by a property ``lacking``: a mapping of fields' names to such pairs.
    """
    reasons: Mapping[str, tuple[Absence, str]] = getattr(result, "lacking", {})
    return reasons.get(field, (Absence.TOO_LITTLE, TOO_LITTLE))


def as_estimate(found: Any, path: str, *, lacking: tuple[Absence, str] = (Absence.TOO_LITTLE, TOO_LITTLE)) -> Estimate:
    """Turn the content of a field into an estimate; what it lacks where it holds nothing is the error's reason."""
    if isinstance(found, Estimate):
        return found
    if isinstance(found, (int, float)):
        return Estimate(value=float(found), low=float(found), high=float(found))
    raise NotMeasured(path, *lacking)
