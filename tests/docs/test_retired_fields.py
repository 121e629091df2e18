"""The page on retired fields names every one of them, only measures that exist, and makes a frame that is right."""

import json
import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import soundfile

from outcomes import failed, missing
from riffscope import steps
from riffscope.errors import Absence
from riffscope.model import fields_of
from riffscope.notes import MAJOR_TONICS, MINOR_TONICS
from songs import example_song, with_outcomes

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "analysis" / "docs" / "pages" / "retired-fields.md").read_text("utf-8")
(CODE,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
# The first cells of the tables.
FIELDS = " ".join(re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE))
# By Spotify's reference of its Web API.
FEATURES = [
    "acousticness",
    "danceability",
    "duration_ms",
    "energy",
    "instrumentalness",
    "key",
    "liveness",
    "loudness",
    "mode",
    "speechiness",
    "tempo",
    "time_signature",
    "valence",
]
ANALYSIS = [
    "track.duration",
    "track.analysis_sample_rate",
    "track.tempo",
    "track.tempo_confidence",
    "track.key_confidence",
    "track.mode_confidence",
    "track.time_signature_confidence",
    "track.end_of_fade_in",
    "track.start_of_fade_out",
    "track.codestring",
    ".echoprintstring",
    ".synchstring",
    ".rhythmstring",
    "bars[]",
    "beats[]",
    "tatums[]",
    "sections[]",
    "segments[].start",
    "segments[].pitches",
    "segments[].timbre",
    "segments[].loudness_start",
    ".loudness_max",
    ".loudness_max_time",
    ".loudness_end",
]
# By the reference of Essentia's music extractor, and the high-level classifiers that AcousticBrainz ran.
ACOUSTICBRAINZ = [
    "rhythm.bpm",
    "rhythm.beats_position",
    "rhythm.onset_rate",
    "tonal.key_key",
    "tonal.key_scale",
    "tonal.key_strength",
    "tonal.chords_key",
    "tonal.chords_scale",
    "tonal.chords_changes_rate",
    "tonal.chords_number_rate",
    "tonal.tuning_frequency",
    "lowlevel.average_loudness",
    "lowlevel.dynamic_complexity",
    "highlevel.voice_instrumental",
    "highlevel.danceability",
    "highlevel.mood_*",
    "highlevel.genre_*",
]


@pytest.fixture(scope="module")
def page():
    """What the code of the page defines, run as it stands there."""
    names = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        exec(compile(CODE, "retired-fields.md", "exec"), names)
    return names


@pytest.mark.parametrize("field", [*FEATURES, *ANALYSIS, *ACOUSTICBRAINZ])
def test_every_retired_field_has_a_row(field):
    assert f"`{field}`" in FIELDS


def test_the_measures_of_the_page_exist():
    produced = {step.name: fields_of(step.produces) for step in steps.analyzers()}
    text = re.sub(r"^\| `.*?\|", "|", PAGE.replace(CODE, ""), flags=re.MULTILINE)
    paths = [path.split(".") for path in re.findall(r"`([a-z_]+\.[a-z_]+)`", text)]
    theirs = {"riffscope", "song", "frame"}
    assert len(paths) > 40
    assert [path for path in paths if path[0] not in theirs and path[1] not in produced.get(path[0], ())] == []


def test_codes_of_what_is_missing_are_codes():
    assert set(re.findall(r"the code `(\w+)`", PAGE)) == {Absence.NO_VOICE, Absence.NO_KEY}


@pytest.mark.parametrize(("row", "name"), [(0, "closet"), (1, "arena")])
def test_the_frame_has_the_truth_of_the_samples_under_spotifys_names(page, row, name):
    truth = json.loads((ROOT / "samples" / f"{name}.truth.json").read_text())
    found = page["frame"].row(row, named=True)
    sound = soundfile.info(str(ROOT / "samples" / f"{name}.ogg"))
    assert found["title"] == truth["title"]
    assert found["duration_ms"] == pytest.approx(1000 * sound.frames / sound.samplerate, abs=1)
    tonics = {"C": 0, "D": 2}
    assert (found["key"], found["mode"]) == (tonics[truth["key"]["tonic"]], int(truth["key"]["mode"] == "major"))
    assert found["tempo"] == pytest.approx(truth["tempo"]["bpm"], abs=0.5)
    assert found["time_signature"] == int(truth["tempo"]["meter"][0])
    assert found["loudness_lufs"] == pytest.approx(truth["loudness_target_lufs"], abs=1)
    assert not found["no_singing_found"]
    assert found["sung_fraction"] > 0.3


def test_every_key_has_its_pitch_class(page):
    song = example_song()
    key = song.outcomes["key"]
    for mode, tonics in (("major", MAJOR_TONICS), ("minor", MINOR_TONICS)):
        songs = [
            with_outcomes(song, {"key": replace(key, value=replace(key.value, tonic=tonic, mode=mode))})
            for tonic in tonics
        ]
        frame = page["features"](songs)
        assert frame["key"].to_list() == list(range(12))
        assert set(frame["mode"]) == {int(mode == "major")}


def test_what_is_missing_is_null_and_only_a_song_without_singing_is_said_to_have_none(page):
    song = example_song()
    songs = [
        song,
        with_outcomes(song, {"vocal_activity": missing("vocal_activity")}),
        with_outcomes(song, {"vocal_activity": missing("vocal_activity", code=Absence.TOO_SHORT)}),
        with_outcomes(song, {"vocal_activity": failed("vocal_activity"), "key": missing("key")}),
    ]
    frame = page["features"](songs)
    assert frame["no_singing_found"].to_list() == [False, True, False, False]
    assert frame["sung_fraction"].is_null().to_list() == [False, True, True, True]
    assert frame.select(pl.col("key", "mode").is_null()).rows() == [(False, False)] * 3 + [(True, True)]
    assert frame.with_columns(pl.col("key").fill_null(-1))["key"].to_list() == [6, 6, 6, -1]
