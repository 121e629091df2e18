import pytest

from claim_cases import Example, broken, in_order, instrumental, ruled, with_span
from riffscope.errors import BadClaim
from riffscope.judge import judge, parse_claims
from riffscope.model import Ruling
from riffscope.reference.table import published

LOWEST_QUARTER = 'measure = "vocal_range.span_semitones"\nreference = "chart_melodies"\npercentile = 25'
EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, parameters=LOWEST_QUARTER, song=with_span(8)),
    Example(ruling=Ruling.REFUTED, parameters=LOWEST_QUARTER, song=with_span(19)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters=LOWEST_QUARTER, song=with_span(12.3)),
    # On paper it might be 12: ranges there are narrower.
    Example(ruling=Ruling.INCONCLUSIVE, parameters=LOWEST_QUARTER, song=with_span(13.5)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters=LOWEST_QUARTER, song=broken("vocal_range")),
    Example(ruling=Ruling.NOT_TESTABLE, parameters=LOWEST_QUARTER, song=instrumental()),
)
SMALL = """
[small]
text = "small"
kind = "below_reference"
measure = "vocal_range.span_semitones"
reference = "chart_melodies"
percentile = {percentile}
"""


def test_the_verdict_says_what_it_was_compared_with_and_how_unlike_that_is():
    verdict = ruled(with_span(10), SMALL.format(percentile=25))
    assert in_order(
        verdict.because, "narrower than 90% of chart melodies since 1950", "needs 75%: at most 12 semitones"
    )
    (evidence,) = verdict.evidence
    # What was measured from sound is taken to be a semitone less in the terms of transcriptions: 9, not 10.
    assert evidence.percentile == pytest.approx(10)
    assert evidence.reference == published()["chart_melodies"].about
    assert any("375 songs" in caveat for caveat in verdict.caveats)
    assert any("2 semitones lower" in caveat for caveat in verdict.caveats)


@pytest.mark.parametrize("span", [6, 10, 12, 14, 16, 20])
def test_a_looser_percentile_never_turns_supported_into_refuted(span):
    rank = {Ruling.REFUTED: 0, Ruling.INCONCLUSIVE: 1, Ruling.SUPPORTED: 2}
    verdicts = [ruled(with_span(span), SMALL.format(percentile=percent)) for percent in range(10, 91, 10)]
    ranks = [rank[verdict.ruling] for verdict in verdicts]
    assert ranks == sorted(ranks)
    likely = [verdict.probability for verdict in verdicts]
    assert likely == sorted(likely)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("chart_melodies", "chart_melody"), "the nearest is 'chart_melodies'"),
        (("chart_melodies", "chart_tempi"), "is about tempo.bpm, not vocal_range.span_semitones"),
        (("percentile = 25", "percentile = 3"), "known are percentiles 10 to 90"),
        (('"chart_melodies"', "7"), "needs reference, in quotes"),
    ],
)
def test_a_reference_that_does_not_fit_is_refused_before_any_song_is_read(change, complaint):
    with pytest.raises(BadClaim, match=complaint):
        parse_claims(SMALL.format(percentile=25).replace(*change), name="mine.toml")


def test_a_reference_of_ones_own_lies_beside_the_claims_file(tmp_path):
    (tmp_path / "mine.toml").write_text(
        "[spans]\nabout='songs of mine'\nmeasures=['vocal_range.span_semitones']\nsource='my library'\nyears='2020'\n"
        "measured_on='recordings'\nsongs=400\nquantiles=[[10, 20], [50, 25], [90, 30]]\n"
    )
    claims = SMALL.format(percentile=50).replace("chart_melodies", "mine.toml")
    (verdict,) = judge(with_span(19), parse_claims(claims, name="claims.toml", folder=tmp_path))
    assert verdict.ruling is Ruling.SUPPORTED
    assert "songs of mine" in verdict.because
    with pytest.raises(BadClaim, match=r"is about vocal_range\.span_semitones, not loudness\.plr_lu"):
        parse_claims(claims.replace("vocal_range.span_semitones", "loudness.plr_lu"), name="x", folder=tmp_path)
