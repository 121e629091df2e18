"""Each kind of claim: examples that it must support, refute and leave open."""

import dataclasses

import pytest

from riffscope.analyzers.balance import Balance
from riffscope.analyzers.loops import Loops
from riffscope.analyzers.tempo import Tempo
from riffscope.analyzers.vocal_layers import VocalLayers
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.errors import BadClaim
from riffscope.judge import (
    built_in_claims,
    built_in_comparisons,
    check_about_one,
    judge,
    judge_pair,
    parse_claims,
)
from riffscope.model import Estimate, Measured, Missing, Ruling, snake_case
from riffscope.reference.table import published
from songs import example_song, with_outcomes

SMALL = """
[small]
text = "small"
kind = "{kind}"
measure = "vocal_range.span_semitones"
reference = "chart_melodies"
percentile = {percentile}
"""
RIFF = '[riff]\ntext = "a riff"\nkind = "riff_throughout"\n'
GAPS = '[gaps]\ntext = "oohs"\nkind = "voices_in_gaps"\n'


def ruled(song, claims):
    (verdict,) = judge(song, parse_claims(claims, name="mine.toml"))
    return verdict


def changed(song, result, **fields):
    """The song with other fields of a measurement."""
    value = dataclasses.replace(song[result], **fields)
    return with_outcomes(song, {snake_case(result.__name__): Measured(value=value, version=1, seconds=0.1)})


def spanning(value, unsure=0.5):
    found = Estimate(value=value, low=value - unsure, high=value + unsure)
    return changed(example_song(), VocalRange, span_semitones=found)


# ---------------------------------------------------------------------------------------------------------- references
@pytest.mark.parametrize(
    ("span", "below", "above"),
    [
        (8, Ruling.SUPPORTED, Ruling.REFUTED),
        (12.3, Ruling.INCONCLUSIVE, Ruling.INCONCLUSIVE),
        (13.5, Ruling.INCONCLUSIVE, Ruling.INCONCLUSIVE),  # on paper it might be 12: ranges there are narrower
        (19, Ruling.REFUTED, Ruling.SUPPORTED),
    ],
)
def test_a_span_against_the_lowest_quarter_of_chart_melodies(span, below, above):
    assert ruled(spanning(span), SMALL.format(kind="below_reference", percentile=25)).ruling is below
    assert ruled(spanning(span), SMALL.format(kind="above_reference", percentile=25)).ruling is above


def test_the_verdict_says_what_it_was_compared_with_and_how_unlike_that_is():
    verdict = ruled(spanning(10), SMALL.format(kind="below_reference", percentile=25))
    assert "25% of chart melodies since 1950 stay below 12.0 semitones" in verdict.because
    (evidence,) = verdict.evidence
    assert evidence.percentile == pytest.approx(15)
    assert evidence.reference == published()["chart_melodies"].about
    assert any("375 songs" in caveat and "lower: allowed for" in caveat for caveat in verdict.caveats)


@pytest.mark.parametrize("span", [6, 10, 12, 14, 16, 20])
def test_a_looser_percentile_never_turns_supported_into_refuted(span):
    rank = {Ruling.REFUTED: 0, Ruling.INCONCLUSIVE: 1, Ruling.SUPPORTED: 2}
    verdicts = [
        ruled(spanning(span), SMALL.format(kind="below_reference", percentile=percent)) for percent in range(10, 91, 10)
    ]
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
        parse_claims(SMALL.format(kind="below_reference", percentile=25).replace(*change), name="mine.toml")


def test_a_reference_of_ones_own_lies_beside_the_claims_file(tmp_path):
    (tmp_path / "mine.toml").write_text(
        "[spans]\nabout='songs of mine'\nmeasures=['vocal_range.span_semitones']\nsource='my library'\nyears='2020'\n"
        "measured_on='recordings'\nsongs=400\nquantiles=[[10, 20], [50, 25], [90, 30]]\n"
    )
    claims = SMALL.format(kind="below_reference", percentile=50).replace("chart_melodies", "mine.toml")
    (verdict,) = judge(spanning(19), parse_claims(claims, name="claims.toml", folder=tmp_path))
    assert verdict.ruling is Ruling.SUPPORTED
    assert "songs of mine" in verdict.because
    with pytest.raises(BadClaim, match=r"is about vocal_range\.span_semitones, not loudness\.plr_lu"):
        parse_claims(claims.replace("vocal_range.span_semitones", "loudness.plr_lu"), name="x", folder=tmp_path)


# ---------------------------------------------------------------------------------------------------------------- riff
STEADY = {"longest_gap_bars": 4.0, "probability": 1.0}
MOST_OF_IT = Estimate(value=0.92, low=0.88, high=0.95)


@pytest.mark.parametrize(
    ("fields", "drift", "ruling"),
    [
        ({"coverage_fraction": MOST_OF_IT}, 0.4, Ruling.SUPPORTED),
        ({"coverage_fraction": Estimate(value=0.81, low=0.7, high=0.9)}, 0.4, Ruling.INCONCLUSIVE),
        ({"coverage_fraction": Estimate(value=0.4, low=0.35, high=0.45)}, 0.4, Ruling.REFUTED),
        (
            {"coverage_fraction": MOST_OF_IT, "longest_gap_bars": 12.0},
            0.4,
            Ruling.REFUTED,
        ),
        ({"coverage_fraction": MOST_OF_IT}, 5.0, Ruling.REFUTED),
    ],
)
def test_a_riff_throughout_needs_coverage_no_long_gap_and_a_steady_beat(fields, drift, ruling):
    song = changed(changed(example_song(), Loops, **(STEADY | fields)), Tempo, drift_percent=drift)
    verdict = ruled(song, RIFF)
    assert verdict.ruling is ruling
    assert verdict.evidence[0].spans == song[Loops].spans
    assert (verdict.probability > 0.5) == (ruling is Ruling.SUPPORTED) or ruling is Ruling.INCONCLUSIVE


@pytest.mark.parametrize(
    ("reason", "ruling"),
    [
        ("no riff: nothing comes round (97% sure)", Ruling.REFUTED),
        ("too few bars to tell what comes round (needs 4)", Ruling.INCONCLUSIVE),
    ],
)
def test_no_riff_refutes_it_and_no_telling_leaves_it_open(reason, ruling):
    song = example_song()
    song = with_outcomes(song, {"loops": Missing(reason=reason)})
    verdict = ruled(song, RIFF)
    assert verdict.ruling is ruling
    assert reason in verdict.because


# -------------------------------------------------------------------------------------------------------------- voices
@pytest.mark.parametrize(
    ("filled", "layered", "ruling"),
    [
        (0.8, Estimate(value=0.4, low=0.2, high=0.6), Ruling.SUPPORTED),
        (0.8, Estimate(value=0.4, low=0.0, high=1.0), Ruling.INCONCLUSIVE),  # perhaps there is but one voice
        (0.0, Estimate(value=0.1, low=0.0, high=0.5), Ruling.INCONCLUSIVE),  # perhaps they were not heard
        (0.0, Estimate(value=0.0, low=0.0, high=0.2), Ruling.REFUTED),
    ],
)
def test_voices_fill_gaps_as_surely_as_there_are_voices(filled, layered, ruling):
    song = changed(example_song(), VocalLayers, gap_fill_fraction=filled, layered_fraction=layered)
    assert ruled(song, GAPS).ruling is ruling


def test_without_gaps_nothing_is_said_of_them():
    song = changed(example_song(), VocalLayers, gap_fill_fraction=None)
    verdict = ruled(song, GAPS)
    assert verdict.ruling is Ruling.INCONCLUSIVE
    assert "no gaps" in verdict.because


# ----------------------------------------------------------------------------------------------------------- two songs
HEAVIER = '[bass]\ntext = "{second} is heavier than {first}"\nkind = "higher"\nmeasure = "balance.bass_lu"\nby = 3\n'


def with_bass(bass_lu):
    return changed(example_song(), Balance, bass_lu=bass_lu)


@pytest.mark.parametrize(
    ("kind", "difference", "ruling"),
    [
        ("higher", 4.0, Ruling.SUPPORTED),
        ("higher", 2.0, Ruling.REFUTED),
        ("higher", -4.0, Ruling.REFUTED),
        ("lower", -4.0, Ruling.SUPPORTED),
        ("lower", 4.0, Ruling.REFUTED),
    ],
)
def test_the_second_song_is_held_against_the_first(kind, difference, ruling):
    claims = parse_claims(HEAVIER.replace("higher", kind), name="mine.toml")
    (verdict,) = judge_pair(with_bass(-12.0), with_bass(-12.0 + difference), claims)
    assert verdict.ruling is ruling
    title = example_song().source.title
    assert verdict.text == f"{title} is heavier than {title}"
    assert [evidence.value for evidence in verdict.evidence[:2]] == [-12.0, -12.0 + difference]


def test_a_difference_within_its_range_is_inconclusive():
    claims = parse_claims(
        '[a]\ntext = "smaller"\nkind = "lower"\nmeasure = "vocal_range.span_semitones"\nby = 1\n', name="mine.toml"
    )
    (verdict,) = judge_pair(spanning(14, unsure=2), spanning(12.5, unsure=2), claims)
    assert verdict.ruling is Ruling.INCONCLUSIVE
    assert 0.5 < verdict.probability < 0.8


def test_claims_about_two_songs_are_refused_where_there_is_one():
    with pytest.raises(BadClaim, match="is about two songs"):
        check_about_one(parse_claims(HEAVIER, name="mine.toml"))
    check_about_one(built_in_claims())


def test_the_built_in_comparisons_are_ruled_on_one_by_one():
    verdicts = judge_pair(example_song(), example_song(), built_in_comparisons())
    assert [verdict.claim for verdict in verdicts] == [claim.name for claim in built_in_comparisons()]
    rulings = {verdict.claim: verdict.ruling for verdict in verdicts}
    assert rulings["same_melody"] is Ruling.SUPPORTED
    assert rulings["heavier_bass"] is Ruling.REFUTED
    assert rulings["confident"] is Ruling.NOT_TESTABLE
