from claim_cases import Example, broken, ruled
from riffscope.analyzers.loops import LoopKind
from riffscope.model import Ruling
from stated import NO_RIFF, TOO_SHORT_TO_LOOP, looping

EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, song=looping()),
    Example(ruling=Ruling.SUPPORTED, parameters='relation = "absent"', song=NO_RIFF),
    Example(ruling=Ruling.SUPPORTED, parameters='scope = "chorus"\nshare = 0.8', song=looping()),
    Example(ruling=Ruling.SUPPORTED, parameters='relation = "absent"\nscope = "bridge"', song=looping()),
    Example(ruling=Ruling.REFUTED, song=NO_RIFF),
    Example(ruling=Ruling.REFUTED, parameters='scope = "bridge"', song=looping()),
    Example(ruling=Ruling.REFUTED, parameters='scope = "bridge"', song=NO_RIFF),
    Example(ruling=Ruling.INCONCLUSIVE, song=looping(kind=LoopKind.PASSAGE)),
    Example(ruling=Ruling.INCONCLUSIVE, song=looping(sure=0.6)),
    Example(ruling=Ruling.INCONCLUSIVE, song=broken("loops")),
    Example(ruling=Ruling.NOT_TESTABLE, song=TOO_SHORT_TO_LOOP),
    Example(ruling=Ruling.NOT_TESTABLE, parameters='scope = "solo"', song=looping()),
)


def test_a_loop_of_chords_counts_and_is_told():
    verdict = ruled(looping(kind=LoopKind.CHORDS), '[it]\ntext = "so"\nkind = "riff_is"\n')
    assert verdict.ruling is Ruling.SUPPORTED
    assert verdict.because.startswith("A 2-bar chord loop is heard in ")
    (caveat,) = verdict.caveats
    assert "chord loop" in caveat
