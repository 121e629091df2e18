"""Measures: every number of every measurement, by path, with its label and unit.

Read from the annotations of the result types, so a new analyzer appears in tables, comparisons and reports by itself.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from riffscope import steps
from riffscope.errors import NothingToMeasure
from riffscope.model import Estimate, Span, field_types
from riffscope.song import SongAnalysis
from riffscope.units import Unit

# Units that stand at the end of a field's name; a label leaves them out, for the number carries its unit.
_UNIT_ENDINGS = (
    *("bars", "beats", "bpm", "cents", "count", "db", "db_per_octave", "dbfs", "dbtp", "fraction"),
    *("hz", "lu", "lufs", "midi", "per_s", "percent", "s", "semitones"),
)

# Why a field is empty where its result does not say.
TOO_LITTLE = "there was too little to measure it from"

# Abbreviations that are not words. Everything else in a field's name is.
_SPELLED = {
    "active bands mean": "bands that sound at once",
    "bpm": "tempo",
    "camelot": "Camelot code",
    "crest": "crest factor",
    "iqr": "middle 50%",
    "plr": "peak to loudness ratio",
    "tessitura": "middle 80%",
    "tessitura high": "middle 80%, high end",
    "tessitura low": "middle 80%, low end",
}


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
    """

    path: str
    label: str
    unit: Unit

    @property
    def measurement(self) -> str:
        """The measurement that it belongs to."""
        return self.path.partition(".")[0]

    @property
    def topic(self) -> str:
        """The label as a sentence about it begins: ``Vocal range, span``."""
        return topic_of(self.label)


@functools.cache
def all_measures() -> tuple[Measure, ...]:
    """Return every number that can be compared or claimed, in the order of the fields."""
    return tuple(
        Measure(path=f"{step.name}.{name}", label=label_of(step.name, name), unit=unit)
        for step in steps.analyzers()
        for name, (kind, unit) in field_types(step.produces).items()
        if kind in {float, int, Estimate} and unit is not None and unit.compared
    )


def in_words(name: str) -> str:
    """``vocal_range`` -> ``Vocal range``, ``true_peak_dbtp`` -> ``True peak``."""
    for ending in sorted(_UNIT_ENDINGS, key=len, reverse=True):
        if name.endswith(f"_{ending}"):
            name = name.removesuffix(f"_{ending}")
            break
    words = name.replace("_", " ")
    words = _SPELLED.get(words, words)
    return words[:1].upper() + words[1:]


def label_of(measurement: str, field: str) -> str:
    """``loudness``, ``plr_lu`` -> ``Loudness: peak to loudness ratio``; ``tempo``, ``bpm`` -> ``Tempo``."""
    whole, part = in_words(measurement), in_words(field)
    if part == whole:
        return whole
    return f"{whole}: {part if part.split()[0] == 'Camelot' else part[:1].lower() + part[1:]}"


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
    return as_estimate(song.measure(path), path, lacking=why_empty(song.measure(name), field))


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


def why_empty(result: Any, field: str) -> str:
    """Say why a field of a result holds nothing.

    A result says so by a property ``lacking``: a mapping of fields' names to reasons.
    """
    reasons: Mapping[str, str] = getattr(result, "lacking", {})
    return reasons.get(field, TOO_LITTLE)


def as_estimate(found: Any, path: str, *, lacking: str = TOO_LITTLE) -> Estimate:
    """Turn the content of a field into an estimate; what it lacks where it holds nothing is the error's reason."""
    if isinstance(found, Estimate):
        return found
    if isinstance(found, (int, float)):
        return Estimate(value=float(found), low=float(found), high=float(found))
    raise NothingToMeasure(f"{path}: {lacking}")


def listened_to(method: str) -> str:
    """Say in words what a voice was read from, given the method that its measurement carries."""
    model = method.removeprefix("separated:")
    if model != method:
        return f"the voice as {model} took it out of the mix"
    return {"mix": "the whole mix", "stem": "a recording of the voice alone"}.get(method, method)
