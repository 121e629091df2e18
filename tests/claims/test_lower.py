from claim_cases import Example, changed, instrumental, with_span
from riffscope.analyzers.loudness import Loudness
from riffscope.model import Ruling
from songs import example_song

LEVEL = 'measure = "loudness.integrated_lufs"\nby = 1'
SPAN = 'measure = "vocal_range.span_semitones"\nby = 1'


def as_loud_as(integrated_lufs):
    return changed(example_song(), Loudness, integrated_lufs=integrated_lufs)


EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, parameters=LEVEL, against=as_loud_as(-9.0), song=as_loud_as(-12.0)),
    Example(ruling=Ruling.REFUTED, parameters=LEVEL, against=as_loud_as(-9.0), song=as_loud_as(-9.5)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters=SPAN, against=with_span(14, 2), song=with_span(12.5, 2)),
    Example(ruling=Ruling.NOT_TESTABLE, parameters=SPAN, against=with_span(14), song=instrumental()),
)


def test_a_difference_that_is_hardly_heard_is_left_open_where_the_claim_says_so():
    vague = 'measure = "loudness.integrated_lufs"\nby = 0.5\ngive_or_take = 0.4'
    found = [
        Example(ruling=None, parameters=vague, against=as_loud_as(-9.0), song=as_loud_as(lufs)).verdict("lower").ruling
        for lufs in (-11.0, -9.5, -9.0, -7.0)
    ]
    assert found == [Ruling.SUPPORTED, Ruling.INCONCLUSIVE, Ruling.REFUTED, Ruling.REFUTED]
