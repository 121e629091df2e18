import json

import numpy as np
import pytest

from outcomes import failed, missing
from riffscope.analyzers.loops import LoopKind, Loops
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.codec import from_json, read_analysis, to_json
from riffscope.errors import BadDocument
from songs import example_song


@pytest.fixture(scope="module")
def written():
    return to_json(example_song())


def test_the_json_has_the_contracts_shape(written):
    document = json.loads(written)
    assert document["schema"] == 2
    assert set(document["source"]) >= {"name", "sha256", "duration_s", "sample_rate_hz", "channels", "codec", "tags"}
    assert set(document["made_by"]) >= {"riffscope", "python", "platform"}
    bpm = document["measurements"]["tempo"]["value"]["bpm"]
    assert bpm["low"] <= bpm["value"] <= bpm["high"]
    for entry in document["measurements"].values():
        assert entry["status"] in {"measured", "missing", "failed"}


def test_an_unsung_frame_is_null_and_comes_back_as_nan(written):
    f0 = json.loads(written)["measurements"]["vocal_pitch"]["value"]["f0_hz"]
    assert None in f0
    read = from_json(written)[VocalPitch]
    assert np.isnan(read.f0_hz).sum() == f0.count(None)
    assert not read.f0_hz.flags.writeable


def test_it_is_strict_json(written):
    assert b"NaN" not in written
    assert b"Infinity" not in written


def test_what_was_read_is_written_the_same(written):
    assert to_json(from_json(written)) == written


def test_missing_and_failed_keep_their_reasons():
    song = example_song()
    outcomes = dict(song.outcomes) | {"key": missing("key"), "tempo": failed("tempo", "oh")}
    changed = type(song)(source=song.source, outcomes=outcomes, made_by=song.made_by)
    read = from_json(to_json(changed)).outcomes
    assert read["key"] == missing("key")
    assert read["tempo"] == failed("tempo", "oh")


def test_measurements_of_later_versions_are_kept_unread_and_fields_left_out(written):
    document = json.loads(written)
    document["measurements"]["telepathy"] = {"status": "measured", "version": 1, "seconds": 0, "value": {"x": 1}}
    expected = json.dumps(document)
    document["measurements"]["key"]["value"]["colour"] = "blue"
    read = from_json(json.dumps(document))
    assert "telepathy" not in read.outcomes
    assert json.loads(to_json(read)) == json.loads(expected)


def test_loops_of_older_files_are_riffs_of_which_only_the_cleanest_pass_is_known(written):
    document = json.loads(written)
    riff = document["measurements"]["loops"]["value"]
    for loop in (riff, *riff["others"]):
        del loop["kind"], loop["whole_passes"]
    read = from_json(json.dumps(document))[Loops]
    assert [(loop.kind, loop.whole_passes) for loop in (read, *read.others)] == [(LoopKind.RIFF, ())] * 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[: len(text) // 2],
        lambda text: b"[]",
        lambda text: b"",
        lambda text: b"\xff\xfe\x00",
        lambda text: b"null",
        lambda text: b'{"schema": 1}',
        lambda text: b"[" * 100_000,
        lambda text: text.replace(b'"schema":2', b'"schema":3'),
        lambda text: text.replace(b'"bpm":{"value":', b'"bpm":{"value":NaN,"was":'),
        lambda text: text.replace(b'"bpm":{"value":', b'"bpm":{"value":"fast","was":'),
        lambda text: text.replace(b'"bpm":{"value":', b'"bpm":{"value":1e9,"was":'),
        lambda text: text.replace(b'"status":"measured"', b'"status":7', 1),
        lambda text: text.replace(b'"sha256"', b'"sha"'),
    ],
)
def test_a_damaged_analysis_is_refused_in_one_line(written, spoil):
    spoilt = spoil(written)
    assert spoilt != written
    with pytest.raises(BadDocument) as refusal:
        from_json(spoilt, name="song.json")
    assert str(refusal.value).startswith("song.json: ")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("path", ["nowhere.json", "."])
def test_what_is_no_file_is_refused(tmp_path, path):
    with pytest.raises(BadDocument, match="no such file"):
        read_analysis(tmp_path / path)
