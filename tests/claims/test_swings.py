from claim_cases import Example, broken
from riffscope.model import Ruling
from stated import at_tempo, in_bars_of

EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, song=at_tempo(123.0, swing=0.66)),
    Example(ruling=Ruling.SUPPORTED, parameters='relation = "absent"', song=at_tempo(123.0, swing=0.5)),
    Example(ruling=Ruling.REFUTED, song=at_tempo(123.0, swing=0.5)),
    Example(ruling=Ruling.REFUTED, parameters='relation = "absent"', song=at_tempo(123.0, swing=0.66)),
    Example(ruling=Ruling.INCONCLUSIVE, song=at_tempo(123.0, swing=0.6)),
    # In 6/8 the beat divides into three without being swung.
    Example(ruling=Ruling.INCONCLUSIVE, song=in_bars_of(2, swing=0.667)),
    Example(ruling=Ruling.INCONCLUSIVE, song=broken("tempo")),
    Example(ruling=Ruling.NOT_TESTABLE, song=at_tempo(123.0, swing=None)),
)


def test_triplets_swing_more_surely_than_what_is_slightly_late():
    late, triplet = (Example(ruling=None, song=at_tempo(123.0, swing=at)).verdict("swings") for at in (0.61, 0.66))
    assert 0.5 < late.probability < triplet.probability
