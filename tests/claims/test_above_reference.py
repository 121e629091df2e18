from claim_cases import Example, broken, instrumental, with_span
from riffscope.model import Ruling

ABOVE_MOST = 'measure = "vocal_range.span_semitones"\nreference = "chart_melodies"\npercentile = 25'
EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, parameters=ABOVE_MOST, song=with_span(19)),
    Example(ruling=Ruling.REFUTED, parameters=ABOVE_MOST, song=with_span(8)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters=ABOVE_MOST, song=with_span(12.3)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters=ABOVE_MOST, song=broken("vocal_range")),
    Example(ruling=Ruling.NOT_TESTABLE, parameters=ABOVE_MOST, song=instrumental()),
)
