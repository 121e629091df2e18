import pytest

from claim_cases import Example, broken, in_order, ruled
from riffscope.model import Ruling
from stated import MODULATING, NO_KEY, in_key

STAYS = in_key("C", "major", parts=((0.0, 215.0, "C", "major"),))
TO_RELATIVE = in_key("C", "major", parts=((0.0, 120.0, "C", "major"), (120.0, 215.0, "A", "minor")))
EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, song=MODULATING),
    Example(ruling=Ruling.SUPPORTED, parameters="semitones = 2", song=MODULATING),
    Example(ruling=Ruling.SUPPORTED, parameters="semitones = -10", song=MODULATING),
    Example(ruling=Ruling.SUPPORTED, parameters='relation = "absent"', song=STAYS),
    Example(ruling=Ruling.REFUTED, parameters="semitones = 1", song=MODULATING),
    Example(ruling=Ruling.REFUTED, parameters='relation = "absent"', song=MODULATING),
    Example(ruling=Ruling.REFUTED, parameters='scope = "bridge"', song=STAYS),
    Example(ruling=Ruling.INCONCLUSIVE, song=TO_RELATIVE),
    Example(ruling=Ruling.INCONCLUSIVE, song=broken("key")),
    Example(ruling=Ruling.NOT_TESTABLE, song=NO_KEY),
    Example(ruling=Ruling.NOT_TESTABLE, parameters='scope = "solo"', song=MODULATING),
)


def test_it_says_when_and_by_how_much_the_key_goes_up():
    verdict = ruled(MODULATING, '[it]\ntext = "so"\nkind = "key_changes"\nsemitones = 2\n')
    assert in_order(verdict.because, "2:40", "C major", "D major", "+2 semitones")
    assert verdict.evidence[0].spans[0].start_s == pytest.approx(156.0)


@pytest.mark.parametrize(("scope", "ruling"), [("bridge", Ruling.SUPPORTED), ("verse", Ruling.REFUTED)])
def test_a_change_belongs_to_the_section_in_which_it_comes(scope, ruling):
    claim = f'[it]\ntext = "so"\nkind = "key_changes"\nscope = "{scope}"\n'
    assert ruled(MODULATING, claim).ruling is ruling
