import pytest

from claim_cases import Example, changed, instrumental, with_span
from riffscope.analyzers.balance import Balance
from riffscope.errors import BadClaim
from riffscope.judge import built_in_claims, check_about_one, judge_pair, parse_claims
from riffscope.model import Ruling
from songs import example_song

HEAVIER = '[bass]\ntext = "{second} is heavier than {first}"\nkind = "higher"\nmeasure = "balance.bass_lu"\nby = 3\n'
BASS = 'measure = "balance.bass_lu"\nby = 3'
SPAN = 'measure = "vocal_range.span_semitones"\nby = 1'


def with_bass(bass_lu):
    return changed(example_song(), Balance, bass_lu=bass_lu)


EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, parameters=BASS, against=with_bass(-12.0), song=with_bass(-8.0)),
    Example(ruling=Ruling.REFUTED, parameters=BASS, against=with_bass(-12.0), song=with_bass(-10.0)),
    Example(ruling=Ruling.REFUTED, parameters=BASS, against=with_bass(-12.0), song=with_bass(-16.0)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters=SPAN, against=with_span(12.5, 2), song=with_span(14, 2)),
    Example(ruling=Ruling.NOT_TESTABLE, parameters=SPAN, against=with_span(12.5), song=instrumental()),
    Example(ruling=Ruling.NOT_TESTABLE, parameters=SPAN, against=instrumental(), song=with_span(12.5)),
)


def test_both_songs_are_named_and_shown():
    (verdict,) = judge_pair(with_bass(-12.0), with_bass(-8.0), parse_claims(HEAVIER, name="mine.toml"))
    title = example_song().source.title
    assert verdict.text == f"{title} is heavier than {title}"
    assert [evidence.value for evidence in verdict.evidence] == [-12.0, -8.0, pytest.approx(4.0)]


def test_a_difference_within_its_range_leaves_both_open():
    assert 0.5 < EXAMPLES[3].verdict("higher").probability < 0.8


def test_claims_about_two_songs_are_refused_where_there_is_one():
    with pytest.raises(BadClaim, match="is about two songs"):
        check_about_one(parse_claims(HEAVIER, name="mine.toml"))
    check_about_one(built_in_claims())
