"""JAMS: annotations for the tools of music information retrieval (Humphrey et al., ISMIR 2014)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from riffscope.analyzers.beats import Beats
from riffscope.analyzers.chords import Chords
from riffscope.analyzers.key import Key
from riffscope.analyzers.loops import Loops
from riffscope.analyzers.structure import Structure
from riffscope.analyzers.tempo import Tempo
from riffscope.analyzers.vocal_activity import VocalActivity
from riffscope.analyzers.vocal_pitch import STEP_S, VocalPitch
from riffscope.errors import Absence, CannotMeasure, NotMeasured
from riffscope.export.bars import bar_positions
from riffscope.export.song_files import write_song_files
from riffscope.measures import all_measures, read_measure
from riffscope.model import Measured, snake_case
from riffscope.song import SongAnalysis
from riffscope.steps import export
from riffscope.versions.melody import sung_melody

# The version of the schema that is written.
JAMS_VERSION = "0.3.5"

Annotation = dict[str, Any]

# The namespace knows fewer shorthands than Harte's notation has by now; it takes the others as lists of degrees.
_DEGREES = {":sus2": ":(2,5)", ":5": ":(5)"}


@export
def jams(song: SongAnalysis, *, folder: Path) -> list[Path]:
    """Write ``NAME.jams``: beats, tempo, key, chords, sections, pitch contour, notes, where someone sings, the riff.

    Every measure with its range is in the file's sandbox.

    Raises
    ------
    CannotMeasure
        None of these was found.
    """
    annotations = [*_annotations(song)]
    if not annotations:
        raise CannotMeasure(
            Absence.EMPTY,
            "there is nothing to annotate: no beats, tempo, key, chords, sections, voice or riff were found",
        )
    source = song.source
    named = {"title": source.title, "artist": source.tags.artist, "release": source.tags.album}
    document = {
        "file_metadata": {
            **{name: text for name, text in named.items() if text is not None},
            "duration": source.duration_s,
            "identifiers": {"file": source.name, "sha256": source.sha256},
            "jams_version": JAMS_VERSION,
        },
        "annotations": annotations,
        "sandbox": {"made_by": dict(song.made_by), "measures": dict(_measures(song))},
    }
    content = json.dumps(document, allow_nan=False, separators=(",", ":")).encode()
    return write_song_files(source, folder, {"jams": content})


def _annotations(song: SongAnalysis) -> Iterator[Annotation]:
    whole_s = song.source.duration_s
    if beats := song.get(Beats):
        _, place = bar_positions(beats)
        sure = beats.confidence_fraction
        moments = zip(beats.times_s.tolist(), place.tolist(), strict=True)
        yield _annotate(song, Beats, "beat", [_observe(time_s, 0.0, n, sure) for time_s, n in moments])
    if tempo := song.get(Tempo):
        others = [(level.bpm, level.weight_fraction) for level in tempo.alternatives_bpm]
        levels = [(tempo.bpm.value, max(0.0, 1 - sum(weight for _, weight in others))), *others]
        yield _annotate(song, Tempo, "tempo", [_observe(0.0, whole_s, bpm, weight) for bpm, weight in levels])
    if key := song.get(Key):
        keys = [_observe_span(part, f"{part.tonic}:{part.mode}", part.confidence_fraction) for part in key.parts]
        whole = _observe(0.0, whole_s, f"{key.tonic}:{key.mode}", key.confidence_fraction)
        yield _annotate(song, Key, "key_mode", keys or [whole])
    if chords := song.get(Chords):
        named = [_observe_span(span, _harte(span.label), span.probability) for span in chords.spans]
        yield _annotate(song, Chords, "chord_harte", named)
    if structure := song.get(Structure):
        yield _annotate(song, Structure, "segment_open", [_observe_span(s, s.name) for s in structure.sections])
    if pitch := song.get(VocalPitch):
        yield _annotate(song, VocalPitch, "pitch_contour", _contour(pitch))
        notes = [_observe(note.start_s, note.end_s - note.start_s, note.pitch_midi) for note in sung_melody(song)]
        yield _annotate(song, VocalPitch, "note_midi", notes)
    if activity := song.get(VocalActivity):
        yield _annotate(song, VocalActivity, "tag_open", [_observe_span(span, "voice") for span in activity.spans])
    if loops := song.get(Loops):
        passes = [_observe_span(span, str(loops.kind), loops.probability) for span in loops.spans]
        yield _annotate(song, Loops, "tag_open", passes)


def _annotate(song: SongAnalysis, result: type, namespace: str, data: Any) -> Annotation:
    outcome = song.outcomes[snake_case(result.__name__)]
    return {
        "namespace": namespace,
        "time": 0.0,
        "duration": song.source.duration_s,
        "data": data,
        "annotation_metadata": {
            "annotation_tools": f"riffscope {song.made_by.get('riffscope', '')}".strip(),
            "version": outcome.version if isinstance(outcome, Measured) else 0,
            "data_source": "program",
        },
        "sandbox": {"measurement": snake_case(result.__name__)},
    }


def _observe(time_s: float, duration_s: float, what: Any, confidence: float | None = None) -> dict[str, Any]:
    return {"time": time_s, "duration": round(duration_s, 6), "value": what, "confidence": confidence}


def _observe_span(span: Any, what: str, confidence: float | None = None) -> dict[str, Any]:
    return _observe(span.start_s, span.end_s - span.start_s, what, confidence)


def _harte(label: str) -> str:
    """Write a chord with the shorthands that the namespace knows."""
    chord, slash, bass = label.partition("/")
    root, colon, quality = chord.partition(":")
    return f"{root}{_DEGREES.get(colon + quality, colon + quality)}{slash}{bass}"


def _contour(pitch: VocalPitch) -> dict[str, list[Any]]:
    """Return the contour as JAMS keeps dense data: a list for each column. Where no one sings the frequency is 0."""
    frequencies_hz = np.where(pitch.sung, pitch.f0_hz, 0.0).round(3).tolist()
    return {
        "time": pitch.times_s.round(3).tolist(),
        "duration": [STEP_S] * pitch.times_s.size,
        "value": [{"index": 0, "frequency": hz, "voiced": hz > 0} for hz in frequencies_hz],
        "confidence": pitch.voiced_probability.round(3).tolist(),
    }


def _measures(song: SongAnalysis) -> Iterator[tuple[str, dict[str, Any]]]:
    for measure in all_measures():
        try:
            found = read_measure(song, measure.path)
        except NotMeasured:
            continue
        yield measure.path, {"value": found.value, "low": found.low, "high": found.high}
