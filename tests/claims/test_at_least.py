from claim_cases import Example, broken, instrumental, with_span
from riffscope.model import Ruling

SPAN = 'measure = "vocal_range.span_semitones"\nlimit = 12'
EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, parameters=SPAN, song=with_span(15)),
    Example(ruling=Ruling.REFUTED, parameters=SPAN, song=with_span(9)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters=SPAN, song=with_span(12)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters=SPAN, song=broken("vocal_range")),
    Example(ruling=Ruling.NOT_TESTABLE, parameters=SPAN, song=instrumental()),
)
