import pytest

from claim_cases import Example, broken, ruled
from riffscope.model import Ruling
from stated import in_bars_of

EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, parameters='meter = "4/4"', song=in_bars_of(4)),
    Example(ruling=Ruling.SUPPORTED, parameters='meter = "3/4"', song=in_bars_of(3)),
    Example(ruling=Ruling.SUPPORTED, parameters='meter = "6/8"', song=in_bars_of(2, swing=0.667)),
    Example(ruling=Ruling.SUPPORTED, parameters='meter = "7/8"', song=in_bars_of(7)),
    Example(ruling=Ruling.SUPPORTED, parameters='meter = "12/8"', song=in_bars_of(4, swing=0.667)),
    Example(ruling=Ruling.REFUTED, parameters='meter = "3/4"', song=in_bars_of(4)),
    Example(ruling=Ruling.REFUTED, parameters='meter = "6/8"', song=in_bars_of(4)),
    Example(ruling=Ruling.REFUTED, parameters='meter = "5/4"', song=in_bars_of(3)),
    # What only the notation tells.
    Example(ruling=Ruling.INCONCLUSIVE, parameters='meter = "2/4"', song=in_bars_of(4)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters='meter = "6/8"', song=in_bars_of(3)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters='meter = "3/4"', song=in_bars_of(2, swing=0.667)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters='meter = "3/4"', song=in_bars_of(3, 0.5)),
    Example(
        ruling=Ruling.INCONCLUSIVE,
        parameters='meter = "4/4"',
        song=in_bars_of(4, parts=((0.0, 120.0, 4), (120.0, 215.0, 3))),
    ),
    Example(ruling=Ruling.INCONCLUSIVE, parameters='meter = "4/4"', song=broken("beats")),
    Example(ruling=Ruling.NOT_TESTABLE, parameters='meter = "4/4"', song=in_bars_of(None, None)),
)


@pytest.mark.parametrize(("size", "meter"), [(4, "2/4"), (3, "6/8"), (2, "3/4")])
def test_what_sound_does_not_tell_is_called_notation(size, meter):
    verdict = ruled(in_bars_of(size), f'[it]\ntext = "so"\nkind = "meter_is"\nmeter = "{meter}"\n')
    (caveat,) = verdict.caveats
    assert f"written in {meter}" in caveat
