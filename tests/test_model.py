import pickle
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riffscope.arrays import Floats
from riffscope.model import Audio, Estimate, Finding, Ruling, Source, Span, Verdict, fields_of, snake_case, value
from riffscope.units import LUFS, SECONDS


@value
class Curve:
    level: Annotated[float, LUFS]
    times_s: Annotated[Floats, SECONDS]
    peak: Annotated[float, LUFS] | None = None


def test_an_array_is_copied_and_cannot_be_written():
    times = np.arange(3.0)
    curve = Curve(level=1.0, times_s=times)
    times[0] = 9
    assert curve.times_s[0] == 0
    with pytest.raises(ValueError, match="read-only"):
        curve.times_s[0] = 1


def test_a_pickled_value_is_still_read_only():
    copy = pickle.loads(pickle.dumps(Curve(level=1.0, times_s=np.arange(3.0))))
    assert copy.times_s.tolist() == [0, 1, 2]
    assert not copy.times_s.flags.writeable


@pytest.mark.parametrize("number", [float("nan"), float("inf"), np.float64("-inf")])
def test_a_number_must_be_finite(number):
    with pytest.raises(ValueError, match="level must be a finite number"):
        Curve(level=number, times_s=np.arange(3.0))


def test_numpy_numbers_become_plain_ones():
    assert type(Curve(level=np.float64(2), times_s=np.arange(3.0)).level) is float


def test_a_value_cannot_be_changed():
    with pytest.raises(AttributeError):
        Span(start_s=0, end_s=1).start_s = 2


@pytest.mark.parametrize(("start_s", "end_s"), [(2, 1), (-1, 1)])
def test_a_span_runs_forward_in_time(start_s, end_s):
    with pytest.raises(ValueError, match="forward in time"):
        Span(start_s=start_s, end_s=end_s)


def test_its_repr_is_one_short_line_whatever_it_holds():
    @value
    class Holder:
        curve: Curve
        spans: tuple[Span, ...]
        few: tuple[float, ...]
        text: str
        names: dict[str, float]
        ruling: Ruling

    holder = Holder(
        curve=Curve(level=-0.123456789, times_s=np.arange(10_000.0).reshape(100, 100)),
        spans=tuple(Span(start_s=n, end_s=n + 1) for n in range(5000)),
        few=(1.0, 2.5),
        text="x" * 10_000,
        names=dict.fromkeys("abcdefgh", 1.0),
        ruling=Ruling.SUPPORTED,
    )
    said = repr(holder)
    assert len(said) < 300
    assert "curve=Curve(level=-0.123457, times_s=float64[100, 100], peak=None)" in said
    assert "spans=5000 × Span, few=(1, 2.5)" in said
    assert "names=8 × float, ruling='supported'" in said
    assert repr(Estimate(value=8.25, low=7.5, high=9)) == "Estimate(value=8.25, low=7.5, high=9)"


def test_a_finding_and_a_verdict_say_what_they_found():
    finding = Finding(ruling=Ruling.NOT_TESTABLE, because="nobody sings")
    assert repr(finding) == "Finding(not testable: 'nobody sings')"
    assert (
        repr(Verdict.on("breathy", "The voice is breathy", finding)) == "Verdict(not testable: 'The voice is breathy')"
    )


def test_a_mapping_that_cannot_be_written_to_stays_so_when_pickled():
    @value
    class Gains:
        gain_db: Mapping[str, float]

    globals()["Gains"] = Gains
    Gains.__qualname__ = "Gains"
    copy = pickle.loads(pickle.dumps(Gains(gain_db=MappingProxyType({"one": 1.0}))))
    assert copy.gain_db == {"one": 1.0}
    with pytest.raises(TypeError):
        copy.gain_db["one"] = 2.0


def test_fields_tell_their_types_and_units():
    assert (fields_of(Curve)["level"].kind, fields_of(Curve)["level"].unit) == (float, LUFS)
    assert (fields_of(Curve)["peak"].kind, fields_of(Curve)["peak"].unit) == (float, LUFS)
    assert fields_of(Curve)["times_s"].unit == SECONDS


def test_result_types_are_named_in_snake_case():
    assert snake_case("VocalRange") == "vocal_range"
    assert snake_case("Key") == "key"


def test_an_estimate_lies_within_its_range():
    with pytest.raises(ValueError, match="within its range"):
        Estimate(value=3, low=0, high=2)


def test_a_range_that_straddles_the_limit_decides_nothing():
    span = Estimate(value=12, low=10, high=14)
    assert span.at_most(9) is Ruling.REFUTED
    assert span.at_most(13) is Ruling.INCONCLUSIVE
    assert span.at_most(14) is Ruling.SUPPORTED
    assert span.within(10, 14) is Ruling.SUPPORTED
    assert span.within(11, 20) is Ruling.INCONCLUSIVE
    assert span.within(15, 20) is Ruling.REFUTED


numbers = st.floats(-1e6, 1e6)


@given(numbers, st.floats(0, 1e3), st.floats(0, 1e3), numbers, st.floats(0, 1e3))
def test_loosening_a_limit_never_turns_supported_into_refuted(middle, below, above, limit, looser):
    estimate = Estimate(value=middle, low=middle - below, high=middle + above)
    if estimate.at_most(limit) is Ruling.SUPPORTED:
        assert estimate.at_most(limit + looser) is Ruling.SUPPORTED
    if estimate.at_least(limit) is Ruling.SUPPORTED:
        assert estimate.at_least(limit - looser) is Ruling.SUPPORTED


def source(**changes):
    known = {"name": "x.wav", "sha256": "0" * 64, "duration_s": 1.0, "sample_rate_hz": 8000, "channels": 1}
    return Source(**(known | {"codec": "pcm_16"} | changes))


@pytest.mark.parametrize("samples", [np.zeros(5, np.float32), np.zeros((1, 5)), np.zeros((1, 0), np.float32)])
def test_audio_is_float32_channels_by_samples(samples):
    with pytest.raises(ValueError, match="samples"):
        Audio(samples=samples, sample_rate_hz=8000, source=source())
