from claim_cases import Example, broken
from riffscope.model import Ruling
from stated import NO_RIFF, looping

EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, song=looping(exactness=0.99)),
    Example(ruling=Ruling.REFUTED, parameters='relation = "absent"', song=looping(exactness=0.99)),
    # A copy with a voice over it reads as a riff that is played.
    Example(ruling=Ruling.INCONCLUSIVE, song=looping(exactness=0.8)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters='relation = "absent"', song=looping(exactness=0.8)),
    Example(ruling=Ruling.INCONCLUSIVE, song=broken("loops")),
    Example(ruling=Ruling.NOT_TESTABLE, song=NO_RIFF),
)


def test_playing_is_likelier_than_a_copy_where_passes_differ_but_never_sure():
    assert 0.5 < EXAMPLES[3].verdict("copied_loop").probability < 0.75
