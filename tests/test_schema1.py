"""An analysis that riffscope wrote in schema 1, thirteen seconds of a sample song, is read as one of schema 2."""

import itertools
import json
from pathlib import Path

import pytest

from riffscope.analyzers.loops import Loops
from riffscope.analyzers.vocal_notes import VocalNotes
from riffscope.codec import from_json, read_analysis, to_json
from riffscope.errors import Absence
from riffscope.judge import judge
from riffscope.model import Missing, Ruling

OLD = Path(__file__).parent / "data" / "schema1.json"


@pytest.fixture
def document():
    return json.loads(OLD.read_text())


def code_of(document, name):
    outcome = from_json(json.dumps(document)).outcomes[name]
    assert isinstance(outcome, Missing)
    return outcome.code


def without(document, *names):
    for name in names:
        document["measurements"][name] = {"status": "missing", "reason": "it is not there"}
    return document


def test_fields_that_were_renamed_are_read():
    old, read = json.loads(OLD.read_text())["measurements"]["loops"]["value"], read_analysis(OLD)[Loops]
    assert read.bar_similarity.tolist() == old["bar_likeness"]
    assert read.self_similarity_percent.tolist() == old["likeness_percent"]


def test_sung_notes_follow_from_the_contour():
    notes = read_analysis(OLD)[VocalNotes].notes
    assert len(notes) > 5
    assert all(a.end_s <= b.start_s for a, b in itertools.pairwise(notes))
    assert all(note.beat is not None for note in notes)


def test_it_is_written_as_schema_2_and_stays_the_same():
    written = to_json(read_analysis(OLD))
    assert json.loads(written)["schema"] == 2
    assert to_json(from_json(written)) == written


def test_why_something_is_missing_follows_from_what_is_there(document):
    assert code_of(without(document, "loops"), "loops") is Absence.NO_RIFF
    assert code_of(without(document, "vocal_layers"), "vocal_layers") is Absence.TOO_LITTLE
    assert code_of(without(document, "vocal_pitch", "vocal_range"), "vocal_range") is Absence.NO_VOICE
    assert code_of(without(document, "stereo"), "stereo") is Absence.NOT_STEREO
    assert code_of(without(document, "beats"), "loops") is Absence.NO_BEAT
    assert code_of(without(document, "loudness"), "loops") is Absence.SILENT


def test_a_song_of_three_bars_is_too_short_for_a_riff(document):
    beats = without(document, "loops")["measurements"]["beats"]["value"]
    beats["times_s"], beats["downbeat_index"] = beats["times_s"][:12], [0, 4, 8]
    assert code_of(document, "loops") is Absence.TOO_SHORT


def test_a_song_without_a_riff_still_refutes_one(document):
    song = from_json(json.dumps(without(document, "loops")))
    ruled = {verdict.claim: verdict.ruling for verdict in judge(song)}
    assert ruled["loop_like_a_heartbeat"] is Ruling.REFUTED
