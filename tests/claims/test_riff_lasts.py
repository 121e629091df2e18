import pytest

from claim_cases import Example, broken, in_order, ruled
from riffscope.analyzers.loops import LoopKind
from riffscope.model import Ruling
from stated import NO_RIFF, looping

EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, parameters="length = 2", song=looping()),
    Example(ruling=Ruling.SUPPORTED, parameters='length = 8\nunit = "beats"', song=looping()),
    Example(ruling=Ruling.SUPPORTED, parameters='length = 3.9\nunit = "s"', song=looping()),
    Example(ruling=Ruling.SUPPORTED, parameters='length = 2\nscope = "chorus"', song=looping()),
    Example(ruling=Ruling.REFUTED, parameters="length = 3", song=looping()),
    Example(ruling=Ruling.REFUTED, parameters='length = 9\nunit = "s"', song=looping()),
    # A figure that comes twice with a change is of either length.
    Example(ruling=Ruling.INCONCLUSIVE, parameters="length = 4", song=looping()),
    Example(ruling=Ruling.INCONCLUSIVE, parameters="length = 1", song=looping()),
    Example(ruling=Ruling.INCONCLUSIVE, parameters="length = 8", song=looping(bars=8.0, kind=LoopKind.PASSAGE)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters="length = 2", song=broken("loops")),
    Example(ruling=Ruling.NOT_TESTABLE, parameters="length = 2", song=NO_RIFF),
    Example(ruling=Ruling.NOT_TESTABLE, parameters='length = 2\nscope = "bridge"', song=looping(others=())),
)


@pytest.mark.parametrize(("length", "unit"), [(2, "bars"), (8, "beats"), (3.9, "s")])
def test_a_length_is_the_same_in_bars_beats_and_seconds(length, unit):
    verdict = ruled(looping(), f'[it]\ntext = "so"\nkind = "riff_lasts"\nlength = {length}\nunit = "{unit}"\n')
    assert in_order(verdict.because, "The riff lasts 2 bars", "8 beats", "3.9 s")
    assert verdict.evidence[0].unit == unit
