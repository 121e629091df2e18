import dataclasses
import json

import jams as reference
import mir_eval
import numpy as np
import pytest

from melodies import beats_at, contour_of, song_with, sung
from riffscope.analyzers.chords import Chords
from riffscope.analyzers.key import Key, KeyPart
from riffscope.analyzers.structure import Structure
from riffscope.analyzers.tempo import Tempo
from riffscope.chord_names import QUALITIES, ChordName
from riffscope.errors import CannotMeasure
from riffscope.export.jams import jams
from riffscope.notes import Spelling
from riffscope.progressions import ChordSpan
from songs import HOSTILE_TITLES, example_song, songs

SONGS = songs()

# jams passes its schema to jsonschema in a way that is on its way out.
pytestmark = pytest.mark.filterwarnings("ignore:Passing a schema to Validator.iter_errors:DeprecationWarning")


def annotated(song, folder):
    """The file as the reference implementation reads it, checked against the schema and each namespace."""
    (path,) = jams(song, folder=folder)
    json.loads(path.read_text("ascii"), parse_constant=lambda constant: pytest.fail(f"{constant} is not JSON"))
    document = reference.load(str(path), validate=True, strict=True)
    assert document.validate(strict=True)
    return document


def test_a_whole_song_is_valid(tmp_path):
    document = annotated(example_song(duration_s=60.0), tmp_path)
    assert [annotation.namespace for annotation in document.annotations] == [
        "beat", "tempo", "key_mode", "chord_harte", "segment_open", "pitch_contour", "note_midi", "tag_open", "tag_open"
    ]  # fmt: skip
    about = document.file_metadata
    assert (about.title, about.artist, about.release, about.duration) == (
        "Closet Heartbeat",
        "The Wardrobes",
        "Coats",
        60,
    )


@pytest.mark.parametrize("kind", ["short", "voiceless", "quiet"])
def test_every_odd_song_is_valid(kind, tmp_path):
    assert annotated(SONGS[kind], tmp_path).annotations


@pytest.mark.parametrize("title", HOSTILE_TITLES.values(), ids=HOSTILE_TITLES)
def test_a_title_of_any_kind_comes_through(title, tmp_path):
    assert annotated(song_with(beats_at([1.0, 2.0]), title=title), tmp_path).file_metadata.title == title


def test_the_reference_notices_what_is_not_valid(tmp_path):
    (path,) = jams(song_with(beats_at([1.0, 2.0])), folder=tmp_path)
    path.write_text(path.read_text().replace('"value":1', '"value":"one"'))
    with pytest.raises(reference.exceptions.SchemaError):
        reference.load(str(path), validate=True, strict=True)


def test_beats_have_their_place_in_the_bar(tmp_path):
    (beat,) = annotated(
        song_with(beats_at([0.5, 1.0, 1.5, 2.0], first_downbeat=1, beats_per_bar=3)), tmp_path
    ).annotations
    times_s, places = beat.to_event_values()
    assert (times_s.tolist(), places) == ([0.5, 1.0, 1.5, 2.0], [3, 1, 2, 3])


def test_the_other_ways_to_count_the_tempo_have_their_weights(tmp_path):
    song = example_song(duration_s=60.0)
    (tempo,) = annotated(song, tmp_path).search(namespace="tempo")
    found = {observation.value: observation.confidence for observation in tempo.data}
    assert found == {123.04: pytest.approx(0.72), 61.52: 0.22, 246.08: 0.06}
    assert len(found) == 1 + len(song[Tempo].alternatives_bpm)


def test_key_and_sections_are_those_of_the_song(tmp_path):
    song = example_song(duration_s=60.0)
    document = annotated(song, tmp_path)
    (key,) = document.search(namespace="key_mode")
    assert key.data[0].value == "F#:minor"
    (sections,) = document.search(namespace="segment_open")
    intervals, names = sections.to_interval_values()
    assert names == [section.label for section in song[Structure].sections]
    np.testing.assert_allclose(intervals[:, 1], [section.end_s for section in song[Structure].sections], atol=1e-6)


def test_each_part_has_its_key(tmp_path):
    parts = (
        KeyPart(start_s=0.5, end_s=24.0, tonic="C", mode="major", confidence_fraction=0.9),
        KeyPart(start_s=24.0, end_s=58.25, tonic="Db", mode="major", confidence_fraction=0.8),
    )
    song = song_with(dataclasses.replace(example_song()[Key], parts=parts), duration_s=60.0)
    (key,) = annotated(song, tmp_path).search(namespace="key_mode")
    found = [(each.time, each.duration, each.value, each.confidence) for each in key.data]
    assert found == [(0.5, 23.5, "C:major", 0.9), (24.0, 34.25, "Db:major", 0.8)]


def test_every_chord_that_is_told_apart_is_one_of_the_namespace(tmp_path):
    """Its pattern lacks two of the shorthands; to mir_eval their degrees are the same notes."""
    names = [ChordName(root=root, quality=quality) for root, quality in enumerate(QUALITIES)]
    names += [ChordName(root=11, quality="maj", bass=4), ChordName(root=6, quality="sus2", bass=7)]
    labels = [name.harte(Spelling.FLATS) for name in names] + ["N"]
    spans = tuple(
        ChordSpan(start_s=float(k), end_s=k + 1.0, label=label, probability=0.5 + k / 100)
        for k, label in enumerate(labels)
    )
    (chords,) = annotated(song_with(Chords(spans=spans)), tmp_path).search(namespace="chord_harte")
    found = [observation.value for observation in chords.data]
    assert found[-1] == "N"
    for written, name in zip(found[:-1], names, strict=True):
        root, notes, bass = mir_eval.chord.encode(written)
        assert {(root + k) % 12 for k in np.flatnonzero(notes)} == name.pitch_classes
        assert bass == name.bass
    assert [(o.time, o.duration, o.confidence) for o in chords.data] == [
        (k, 1.0, pytest.approx(0.5 + k / 100)) for k in range(len(labels))
    ]


def test_contour_and_notes_are_what_was_sung(tmp_path):
    document = annotated(song_with(sung(contour_of([(0.5, 1.0, 60), (1.5, 2.0, 64)], 2.5)), duration_s=2.5), tmp_path)
    (contour,), (notes,) = document.search(namespace="pitch_contour"), document.search(namespace="note_midi")
    _, values = contour.to_event_values()
    assert [value["voiced"] for value in values].count(True) == 100
    assert values[60]["frequency"] == pytest.approx(261.626, abs=1e-3)
    assert values[0] == {"index": 0, "frequency": 0, "voiced": False}
    intervals, pitches = notes.to_interval_values()
    np.testing.assert_allclose(intervals, [[0.5, 1.0], [1.5, 2.0]])
    assert pitches == [60, 64]


def test_every_measure_is_in_the_sandbox_with_its_range(tmp_path):
    measures = annotated(example_song(duration_s=60.0), tmp_path).sandbox["measures"]
    assert measures["tempo.bpm"] == {"value": 123.04, "low": 122.6, "high": 123.4}
    assert measures["loudness.integrated_lufs"]["value"] == -9.31


def test_nothing_found_writes_nothing(tmp_path):
    with pytest.raises(CannotMeasure, match="nothing to annotate"):
        jams(SONGS["missing"], folder=tmp_path)
    assert [*tmp_path.iterdir()] == []
