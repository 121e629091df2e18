from claim_cases import Example, broken, in_order, instrumental, with_span
from riffscope.model import Ruling

SPAN = 'measure = "vocal_range.span_semitones"\nlimit = 12'
EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, parameters=SPAN, song=with_span(9)),
    Example(ruling=Ruling.REFUTED, parameters=SPAN, song=with_span(15)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters=SPAN, song=with_span(12)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters=SPAN, song=broken("vocal_range")),
    Example(ruling=Ruling.NOT_TESTABLE, parameters=SPAN, song=instrumental()),
)


def test_near_a_limit_that_is_not_sharp_nothing_is_decided():
    rulings = [
        Example(ruling=None, parameters=f"{SPAN}\ngive_or_take = 3", song=with_span(span, 0.0)).verdict("at_most")
        for span in (9.5, 14.5, 4, 20)
    ]
    assert [verdict.ruling for verdict in rulings] == [
        Ruling.INCONCLUSIVE,
        Ruling.INCONCLUSIVE,
        Ruling.SUPPORTED,
        Ruling.REFUTED,
    ]
    assert in_order(rulings[0].because, "9.5 semitones", "12 semitones allowed", "give or take 3 semitones")
