import pytest

from riffscope import units
from riffscope.units import BPM, FRACTION, LUFS, NAME, SEMITONES, Unit

UNITS = [unit for unit in vars(units).values() if isinstance(unit, Unit)]


def test_a_number_carries_its_unit_and_a_real_minus_sign():
    assert LUFS.format(-14.04) == "\N{MINUS SIGN}14.0 LUFS"
    assert SEMITONES.format(3, signed=True) == "+3.0 semitones"


def test_fractions_are_shown_as_percent():
    assert FRACTION.format(0.42) == "42%"


def test_nothing_rounds_to_minus_zero():
    assert BPM.format(-0.04) == "0.0 BPM"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.symbol or "count")
def test_a_difference_within_tolerance_is_never_lost_to_rounding(unit):
    assert not unit.compared or unit is NAME or unit.same_within * unit.scale >= 0.5 * 10**-unit.digits
