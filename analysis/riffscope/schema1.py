"""Schema 1 of the JSON, which riffscope wrote before reasons had codes: brought to schema 2 as it is read."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from riffscope.analyzers.loops import MAX_BEATS, MIN_BARS
from riffscope.analyzers.vocal_notes import notes_of_contour
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Measured, Missing, Outcome

# Fields that were named otherwise, by measurement.
RENAMED = {
    "loops": {
        "bar_likeness": "bar_similarity",
        "bar_place_index": "bar_phase_index",
        "likeness_percent": "self_similarity_percent",
    }
}

# No measurement is made of less sound than this.
MIN_SONG_S = 3.0


def upgraded(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document of schema 1 as one of schema 2.

    The codes of what is missing follow from what else was measured, for schema 1 has sentences alone.
    """
    entries = document["measurements"]
    values = {name: entry["value"] for name, entry in entries.items() if entry["status"] == "measured"}
    duration_s = float(document["source"]["duration_s"])
    changed = {name: entry | _changes(name, entry, values, duration_s=duration_s) for name, entry in entries.items()}
    return {**document, "schema": 2, "measurements": changed}


def _changes(
    name: str, entry: Mapping[str, Any], values: Mapping[str, Mapping[str, Any]], *, duration_s: float
) -> dict[str, Any]:
    match entry["status"]:
        case "measured" if name in RENAMED:
            names = RENAMED[name]
            return {"value": {names.get(field, field): content for field, content in entry["value"].items()}}
        case "missing":
            return {"code": _code(name, values, duration_s=duration_s)}
    return {}


def _code(name: str, values: Mapping[str, Mapping[str, Any]], *, duration_s: float) -> Absence:
    if duration_s < MIN_SONG_S:
        return Absence.TOO_SHORT
    if "loudness" not in values:
        return Absence.SILENT
    if name == "stereo":
        return Absence.NOT_STEREO
    if name.startswith("vocal_"):
        return Absence.NO_VOICE if "vocal_pitch" not in values else Absence.TOO_LITTLE
    beats = values.get("beats")
    if beats is None:
        return Absence.NO_BEAT
    if name != "loops":
        return Absence.TOO_LITTLE
    count = len(beats["times_s"])
    if count < MIN_BARS * (beats["beats_per_bar"] or 1):
        return Absence.TOO_SHORT
    return Absence.TOO_LONG if count > MAX_BEATS else Absence.NO_RIFF


def completed(outcomes: Mapping[str, Outcome]) -> dict[str, Outcome]:
    """Return the outcomes with the sung notes, which follow from the contour that schema 1 kept."""
    match outcomes.get("vocal_pitch"):
        case Measured(value=pitch):
            pass
        case other:
            absent = {} if other is None else {"vocal_notes": replace(other, measurement="vocal_notes")}
            return {**outcomes, **absent}
    key, beats = (outcomes.get(name) for name in ("key", "beats"))
    tuning_semitones = key.value.tuning_cents / 100 if isinstance(key, Measured) else 0.0
    beats_s = beats.value.times_s if isinstance(beats, Measured) and beats.value.times_s.size > 1 else None
    try:
        notes = notes_of_contour(pitch, tuning_semitones=tuning_semitones, beats_s=beats_s)
    except CannotMeasure as why:
        return {**outcomes, "vocal_notes": Missing(measurement="vocal_notes", code=why.code, reason=why.reason)}
    return {**outcomes, "vocal_notes": Measured(value=notes, version=1, seconds=0.0)}
