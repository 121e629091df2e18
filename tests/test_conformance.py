"""What every measurement must do, whatever it measures: run over each analyzer that is discovered."""

import dataclasses
import functools
import typing

import numpy as np
import pytest

from riffscope import steps
from riffscope.codec import from_json, to_json
from riffscope.model import Estimate, Failed, Measured, Missing, fields_of
from riffscope.song import analyze
from riffscope.units import Unit
from signals import audio_of, sine
from songs_heard import song_excerpt

ANALYZERS = [pytest.param(step, id=step.name) for step in steps.analyzers()]
NUMBERS = (int, float, Estimate)

# A mono file played on two speakers carries twice the power: absolute levels rise by 3.01 dB and nothing else moves.
LEVEL_UNITS = {"LUFS"}
DOUBLED_DB = 10 * np.log10(2)


LITTLE = {
    "silence": np.zeros(44100 * 4),
    "stereo silence": np.zeros((2, 44100 * 4)),
    "one sample": [0.5],
    "50 ms": sine(440, 0.05),
    "one second of constant pressure": np.ones(44100),
    "one click": np.eye(1, 44100 * 4)[0],
    "far below hearing": 1e-7 * sine(440, 4.0),
}


@pytest.fixture(scope="module")
def excerpt():
    return song_excerpt()


@pytest.fixture(scope="module")
def heard(excerpt):
    """The excerpt analysed, and checked to be left as it was."""
    before = excerpt.samples.copy()
    song = analyze(excerpt)
    np.testing.assert_array_equal(excerpt.samples, before)
    return song


@pytest.fixture(scope="module")
def heard_in_mono(excerpt):
    """The excerpt in mono, as one channel and as two that are the same."""
    mono = excerpt.samples.mean(axis=0)
    return analyze(audio_of(mono)), analyze(audio_of([mono, mono]))


@functools.cache
def of_little(kind):
    """All measurements of a sound that holds next to nothing; each sound is analysed once."""
    return analyze(audio_of(LITTLE[kind]))


def numbers_in(result, unit=None):
    """Every number of a result with its unit, by path."""
    for name, field in fields_of(type(result)).items():
        yield from _numbers(getattr(result, name), name, field.unit or unit)


def _numbers(content, path, unit):
    if isinstance(content, bool) or content is None or isinstance(content, str):
        return
    if isinstance(content, (int, float)):
        yield path, content, unit
    elif isinstance(content, np.ndarray):
        for i, number in enumerate(content.ravel().tolist()):
            yield f"{path}[{i}]", number, unit
    elif isinstance(content, dict) or hasattr(content, "items"):
        for key, item in content.items():
            yield from _numbers(item, f"{path}.{key}", unit)
    elif isinstance(content, tuple):
        for i, item in enumerate(content):
            yield from _numbers(item, f"{path}[{i}]", unit)
    elif dataclasses.is_dataclass(content):
        for inner, number, inner_unit in numbers_in(content, unit):
            yield f"{path}.{inner}", number, inner_unit


@pytest.mark.parametrize("step", ANALYZERS)
@pytest.mark.parametrize("kind", LITTLE)
def test_too_little_to_measure_is_missing_with_a_reason_and_never_fails(step, kind):
    outcome = of_little(kind).outcomes[step.name]
    assert not isinstance(outcome, Failed), outcome.error
    if isinstance(outcome, Missing):
        assert outcome.measurement == step.name
        assert outcome.code.in_the_music
        assert outcome.reason
        assert "\n" not in outcome.reason


@pytest.mark.parametrize("step", ANALYZERS)
def test_silence_is_missing_not_zero(step):
    if step.name == "envelope":
        pytest.skip("the outline of silence is a line at zero")
    assert isinstance(of_little("stereo silence").outcomes[step.name], Missing)


@pytest.mark.parametrize("step", ANALYZERS)
def test_a_song_is_measured(step, heard):
    assert isinstance(heard.outcomes[step.name], Measured), heard.outcomes[step.name]


@pytest.mark.parametrize("step", ANALYZERS)
def test_mono_as_stereo_moves_levels_by_3_db_and_nothing_else(step, heard_in_mono):
    one, two = (song.outcomes[step.name] for song in heard_in_mono)
    assert type(one) is type(two)
    if isinstance(one, Missing):
        return
    for (path, a, unit), (_, b, _) in zip(numbers_in(one.value), numbers_in(two.value), strict=True):
        if path.startswith("streaming_gain_db"):
            continue  # follows the level, until the peak limits it
        risen_db = DOUBLED_DB if unit is not None and unit.symbol in LEVEL_UNITS else 0
        # The peak stays where it was, so its distance from the loudness shrinks.
        risen_db -= DOUBLED_DB if path == "plr_lu" else 0
        assert b == pytest.approx(a + risen_db, rel=1e-3, abs=2e-3, nan_ok=True), path


def test_a_measurement_asked_for_alone_is_the_same(excerpt, heard):
    alone = analyze(excerpt, only=[type(heard.outcomes["vocal_range"].value)])
    assert list(alone.outcomes) == ["vocal_range"]
    assert alone.spelled(heard.spelling).outcomes["vocal_range"].value == heard.outcomes["vocal_range"].value


def test_the_same_song_gives_the_same_answers_twice_and_on_any_number_of_threads(excerpt, heard):
    again = analyze(excerpt, threads=1)
    for name, outcome in heard.outcomes.items():
        a, b = outcome.value, again.outcomes[name].value
        for (path, x, _), (_, y, _) in zip(numbers_in(a), numbers_in(b), strict=True):
            assert x == pytest.approx(y, rel=1e-9, nan_ok=True), f"{name}.{path}"


def test_json_survives_a_round_trip(heard):
    written = to_json(heard)
    assert to_json(from_json(written)) == written


@pytest.mark.parametrize("step", ANALYZERS)
def test_every_number_has_a_unit_and_every_field_is_known_to_the_reader(step):
    for name, field in fields_deep(step.produces):
        numeric = field.kind in NUMBERS or typing.get_origin(field.kind) is np.ndarray
        if numeric and not name.endswith(("_index", "certain")):
            assert isinstance(field.unit, Unit), f"{step.name}.{name} has no unit"


@pytest.mark.parametrize("step", ANALYZERS)
def test_every_step_says_what_it_does(step):
    assert step.summary
    assert step.produces.__doc__
    assert step.version >= 1


def fields_deep(kind):
    for name, field in fields_of(kind).items():
        parts = [field.kind, *typing.get_args(field.kind)]
        nested = [p for p in parts if dataclasses.is_dataclass(p) and p is not Estimate]
        yield name, field
        for part in nested:
            yield from fields_deep(part)
