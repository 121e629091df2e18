from claim_cases import Example, broken, instrumental, with_span
from riffscope.model import Ruling

SPAN = 'measure = "vocal_range.span_semitones"\nlowest = 12\nhighest = 16'
EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, parameters=SPAN, song=with_span(14)),
    Example(ruling=Ruling.REFUTED, parameters=SPAN, song=with_span(9)),
    Example(ruling=Ruling.REFUTED, parameters=SPAN, song=with_span(19)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters=SPAN, song=with_span(12)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters=SPAN, song=broken("vocal_range")),
    Example(ruling=Ruling.NOT_TESTABLE, parameters=SPAN, song=instrumental()),
)


def test_what_surely_lies_between_is_likelier_than_what_lies_on_a_limit():
    inside, on_limit, outside = (Example(ruling=None, parameters=SPAN, song=with_span(s)) for s in (14, 16, 20))
    found = [one.verdict("between").probability for one in (inside, on_limit, outside)]
    assert found[0] > 0.95 > found[1] > 0.05 > found[2]
