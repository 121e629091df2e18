"""The JSON Schema describes what is written, and nothing else."""

import copy
import json
import subprocess
import sys

import jsonschema
import pytest

from riffscope import steps
from riffscope.cli import main
from riffscope.codec import to_json
from riffscope.errors import Absence
from riffscope.model import fields_of
from riffscope.reference.table import published
from riffscope.schema import json_schema
from riffscope.workflow import analyze, placed
from songs import songs
from songs_heard import song_excerpt

SONGS = songs()


def closed(schema):
    """The same schema with every object closed: a field that is written and not described is refused."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(part) for key, part in schema.items()}
    return {"additionalProperties": False} | inner if schema.get("properties") else inner


def written(song):
    """What is written of a song. Of long lists of numbers it keeps each kind of content, the least and the greatest."""

    def thinned(content):
        if isinstance(content, dict):
            return {key: thinned(part) for key, part in content.items()}
        if not isinstance(content, list):
            return content
        numbers = [one for one in content if isinstance(one, int | float)]
        if len(content) < 50 or any(isinstance(one, dict | list) for one in content):
            return [thinned(part) for part in content]
        return [*{type(one): one for one in content}.values(), *((min(numbers), max(numbers)) if numbers else ())]

    return thinned(json.loads(to_json(song)))


@pytest.fixture(scope="module")
def validator():
    return jsonschema.Draft202012Validator(closed(json_schema()))


@pytest.fixture(scope="module")
def document():
    """What is written of a song with a verdict of each kind."""
    return written(SONGS["judged"])


@pytest.mark.parametrize("name", SONGS)
def test_what_is_written_of_any_song_fits(validator, name):
    validator.validate(written(SONGS[name]))


def test_places_among_other_songs_fit(validator):
    song = placed(SONGS["ordinary"], published().values())
    document = written(song)
    assert len(document["places"]) == len(song.places) > 1
    validator.validate(document)


@pytest.mark.parametrize("name", ["closet", "arena", "closet-stripped"])
def test_what_is_written_of_the_bundled_songs_fits(validator, name):
    validator.validate(written(analyze(song_excerpt(name, duration_s=12.0))))


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("schema",), 1),
        (("source", "duration_s"), "215"),
        (("source", "status"), "whole"),
        (("measurements", "loudness", "value", "integrated_lufs"), None),
        (("measurements", "loudness", "value", "integrated_dbfs"), -14.0),
        (("measurements", "tempo", "value", "bpm"), 123.0),
        (("measurements", "key", "value", "mode"), "dorian"),
        (("measurements", "vocal_pitch", "value", "f0_hz"), 440.0),
        (("measurements", "chroma", "value", "pitch_class_fraction"), [[0.5, 0.5]]),
        (("measurements", "key"), {"status": "missing", "reason": "no code"}),
        (("measurements", "key"), {"status": "missing", "code": "unmusical", "reason": "no such code"}),
        (("measurements", "key"), {"status": "measured"}),
        (("verdicts", 0, "ruling"), "true"),
    ],
    ids=lambda part: ".".join(map(str, part)) if isinstance(part, tuple) else None,
)
def test_a_wrong_document_does_not_fit(validator, document, path, wrong):
    changed = copy.deepcopy(document)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = wrong
    assert not validator.is_valid(changed)


def test_a_field_that_a_later_version_adds_is_let_through(document):
    changed = copy.deepcopy(document)
    changed["measurements"]["loudness"]["value"]["new_lu"] = 1.0
    changed["measurements"]["novelty"] = {"status": "measured"}
    jsonschema.Draft202012Validator(json_schema()).validate(changed)


def test_the_schema_itself_is_valid():
    jsonschema.Draft202012Validator.check_schema(json_schema())


def test_every_measurement_and_every_code_is_described():
    schema = json_schema()
    described = schema["properties"]["measurements"]["properties"]
    assert list(described) == [step.name for step in steps.analyzers()]
    assert schema["$defs"]["Missing"]["properties"]["code"]["enum"] == [code.value for code in Absence]


@pytest.mark.parametrize("step", steps.analyzers(), ids=lambda step: step.name)
def test_a_field_has_the_unit_of_its_annotation(step):
    properties = json_schema()["$defs"][step.produces.__name__]["properties"]
    for name, field in fields_of(step.produces).items():
        expected = field.unit.stored_symbol if field.unit is not None else ""
        assert properties[name].get("x-unit", "") == expected


def test_descriptions_come_from_the_docstrings_and_speak_of_null():
    loudness = json_schema()["$defs"]["Loudness"]["properties"]
    assert loudness["integrated_lufs"]["description"] == "Gated loudness of the whole."
    assert "null for sound shorter than 3 s" in loudness["range_lu"]["description"]
    for definition in json_schema()["$defs"].values():
        for field in definition["properties"].values():
            assert "None" not in field.get("description", "")


def test_two_fields_described_together_share_the_text():
    envelope = json_schema()["$defs"]["Envelope"]["properties"]
    assert envelope["peak"]["description"] == envelope["rms"]["description"] != ""


def test_the_command_prints_the_schema_alone(capsys):
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == json_schema()


def test_making_the_schema_loads_no_heavy_package():
    heavy = "matplotlib", "typst", "onnxruntime", "librosa", "av", "rich", "jinja2"
    code = (
        "import sys; from riffscope.schema import json_schema; json_schema(); "
        f"sys.exit(' '.join(m for m in {heavy} if m in sys.modules) or 0)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
