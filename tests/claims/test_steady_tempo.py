from claim_cases import Example, broken, in_order
from riffscope.errors import Absence
from riffscope.model import Ruling
from stated import NO_BEAT, TWO_TEMPI, at_tempo, lacking, slowing

EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, song=at_tempo(123.0, drift=0.3)),
    Example(ruling=Ruling.SUPPORTED, parameters='relation = "absent"', song=at_tempo(123.0, drift=2.6)),
    Example(ruling=Ruling.SUPPORTED, parameters='relation = "absent"', song=NO_BEAT),
    Example(ruling=Ruling.SUPPORTED, parameters='scope = "verse 1"', song=slowing()),
    Example(ruling=Ruling.REFUTED, song=at_tempo(123.0, drift=2.6)),
    Example(ruling=Ruling.REFUTED, song=TWO_TEMPI),
    Example(ruling=Ruling.REFUTED, parameters='scope = "last chorus"', song=slowing()),
    Example(ruling=Ruling.INCONCLUSIVE, song=at_tempo(123.0, drift=1.5)),
    Example(ruling=Ruling.INCONCLUSIVE, song=broken("tempo")),
    Example(ruling=Ruling.NOT_TESTABLE, song=lacking("tempo", Absence.TOO_SHORT, "2 s is too short")),
    Example(ruling=Ruling.NOT_TESTABLE, parameters='scope = "solo"', song=at_tempo(123.0)),
)


def test_a_song_in_two_tempi_says_both():
    verdict = Example(ruling=None, song=TWO_TEMPI).verdict("steady_tempo")
    assert in_order(verdict.because, "100.0 BPM", "120.0 BPM")
