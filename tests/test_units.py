import pytest
from hypothesis import given
from hypothesis import strategies as st

from riffscope import units
from riffscope.units import BPM, CHORD, CLOCK, FRACTION, LUFS, NAME, NOTE, SEMITONES, Unit, clock, read_clock

UNITS = [unit for unit in vars(units).values() if isinstance(unit, Unit)]


def test_a_number_carries_its_unit_and_a_real_minus_sign():
    assert LUFS.format(-14.04) == "\N{MINUS SIGN}14.0 LUFS"
    assert SEMITONES.format(3, signed=True) == "+3.0 semitones"


def test_fractions_are_shown_as_percent():
    assert FRACTION.format(0.42) == "42%"


def test_nothing_rounds_to_minus_zero():
    assert BPM.format(-0.04) == "0.0 BPM"


@pytest.mark.parametrize(
    ("unit", "value", "said"),
    [
        (units.BARS, 1.0, "1 bar"),
        (units.BARS, 2.0, "2 bars"),
        (units.CENTS, -1.0, "\N{MINUS SIGN}1 cent"),
        (SEMITONES, 1.0, "1.0 semitones"),
        (units.PER_SECOND, 1.0, "1.0 per s"),
    ],
)
def test_only_a_whole_one_is_singular(unit, value, said):
    assert unit.format(value) == said


def test_one_a_second_keeps_its_second():
    assert units.PER_SECOND.given(1.0) == "1 per s"


@pytest.mark.parametrize(
    ("unit", "value", "said"),
    [
        (BPM, 124.0, "124 BPM"),
        (BPM, 92.5, "92.5 BPM"),
        (SEMITONES, 1.0, "1 semitone"),
        (LUFS, -14.0, "\N{MINUS SIGN}14 LUFS"),
        (FRACTION, 0.8, "80%"),
        (FRACTION, 0.0, "0%"),
        (BPM, 1e7, "10000000 BPM"),
        (units.SECONDS, 1.0, "1 s"),
    ],
)
def test_a_number_that_somebody_gave_has_no_more_decimals_than_it_has(unit, value, said):
    assert unit.given(value) == said


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.symbol or "count")
def test_a_difference_within_tolerance_is_never_lost_to_rounding(unit):
    assert not unit.compared or unit in {CHORD, NAME, NOTE} or unit.same_within * unit.scale >= 0.5 * 10**-unit.digits


@given(st.floats(0, 36_000), st.integers(0, 3))
def test_a_time_that_was_written_is_read_again(seconds, decimals):
    written = clock(seconds, decimals=decimals)
    assert read_clock(written) == pytest.approx(seconds, abs=0.5 * 10**-decimals + 1e-6)
    assert clock(read_clock(written), decimals=decimals) == written


@pytest.mark.parametrize("text", ["", "23", "1:5", "0:60", "1:60:00", "0:23 ", "-0:23", "1:2:03", "0:23.", "a:23"])
def test_what_no_clock_shows_is_no_time(text):
    with pytest.raises(ValueError, match="not a time in a song"):
        read_clock(text)


def test_times_are_found_within_words():
    text = "from 0:23 (1:02.5), 1:02:05 and 9:59. Not 3:4, 12:345, 1:23:4, 0.5:10 or 2026-11-24T14:50:07:30"
    assert CLOCK.findall(text) == ["0:23", "1:02.5", "1:02:05", "9:59"]


def test_no_two_units_are_equal():
    # Annotations with equal marks are one and the same object, so a field would take on another's unit.
    assert len(set(UNITS)) == len(UNITS)
