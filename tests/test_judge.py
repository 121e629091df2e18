import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claim_cases import in_order, ruled, with_span
from outcomes import missing
from riffscope import words
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.vocal_layers import VocalLayers
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.claims.at_least import at_least
from riffscope.claims.at_most import at_most
from riffscope.claims.reading import Reading
from riffscope.codec import from_json, to_json
from riffscope.errors import BadClaim
from riffscope.judge import built_in_claims, judge, parse_claims, read_claims
from riffscope.measures import all_measures
from riffscope.model import Estimate, Ruling
from songs import example_song, with_outcomes

SPAN = next(measure for measure in all_measures() if measure.path == "vocal_range.span_semitones")
SMALL = '[small]\ntext = "small"\nkind = "at_most"\nmeasure = "vocal_range.span_semitones"\nlimit = 12\n'


def reading(value, low, high):
    return Reading(measure=SPAN, found=Estimate(value=value, low=low, high=high))


def test_a_span_of_10_to_14_semitones_against_limits_on_all_sides_of_it():
    found = reading(12, 10, 14)
    assert at_most(found, limit=15).ruling is Ruling.SUPPORTED
    assert at_most(found, limit=12.5).ruling is Ruling.INCONCLUSIVE
    assert at_most(found, limit=9).ruling is Ruling.REFUTED
    assert at_least(found, limit=9).ruling is Ruling.SUPPORTED


def test_the_sentence_holds_the_number_its_range_and_the_limit():
    because = at_most(reading(12, 10, 14), limit=9).because
    assert because == "The voice spans 12.0 semitones (10.0 to 14.0; at most 9 semitones allowed)"


def test_probability_is_half_at_the_value_and_nineteen_in_twenty_at_the_end_of_the_range():
    found = reading(12, 10, 14)
    assert at_most(found, limit=12).probability == pytest.approx(0.5)
    assert at_most(found, limit=14).probability == pytest.approx(0.95, abs=0.001)
    assert at_least(found, limit=14).probability == pytest.approx(0.05, abs=0.001)
    assert at_most(reading(12, 12, 12), limit=12).probability == 1


@given(st.floats(-50, 50), st.floats(0, 20), st.floats(0, 20), st.floats(-80, 80), st.floats(0, 50))
def test_loosening_a_limit_never_makes_a_claim_less_likely(value, below, above, limit, looser):
    found = reading(value, value - below, value + above)
    strict, loose = at_most(found, limit=limit), at_most(found, limit=limit + looser)
    assert loose.probability >= strict.probability
    assert not (strict.ruling is Ruling.SUPPORTED and loose.ruling is Ruling.REFUTED)


def test_the_built_in_claims_are_ruled_on_one_by_one():
    song = example_song()
    verdicts = judge(song, built_in_claims())
    assert [verdict.claim for verdict in verdicts] == [claim.name for claim in built_in_claims()]
    assert {verdict.ruling for verdict in verdicts} > {Ruling.NOT_TESTABLE}
    closet = next(verdict for verdict in verdicts if verdict.claim == "the_closet")
    assert closet.ruling is Ruling.NOT_TESTABLE
    assert closet.probability is None


def test_a_claim_about_what_is_missing_is_not_testable_and_says_why():
    song = example_song()
    quiet = with_outcomes(song, {"vocal_range": missing("vocal_range", "no one sings")})
    (verdict,) = judge(quiet, parse_claims(SMALL, name="mine"))
    assert verdict.ruling is Ruling.NOT_TESTABLE
    assert verdict.because == "No singing was found, so this cannot be tested"
    assert verdict.evidence == ()


def with_pitch(**changes):
    """Return the example song with another contour: its span of 12 semitones stays."""
    song = example_song()
    pitch = dataclasses.replace(song[VocalPitch], **changes)
    return dataclasses.replace(
        song, outcomes={**song.outcomes, "vocal_pitch": dataclasses.replace(song.outcomes["vocal_pitch"], value=pitch)}
    )


def test_nothing_about_the_voice_is_decided_while_it_is_in_doubt_whether_anybody_sings():
    claims = parse_claims(SMALL.replace("limit = 12", "limit = 40"), name="mine")
    (sure,), (doubted,) = (judge(with_pitch(singer_probability=share), claims) for share in (0.95, 0.82))
    assert sure.ruling is Ruling.SUPPORTED
    assert doubted.ruling is Ruling.INCONCLUSIVE
    assert doubted.leaning == "probably_true"
    assert any("82% likely" in caveat for caveat in doubted.caveats)


def test_four_seconds_of_singing_are_too_little_to_rule_on_a_voice():
    f0_hz = example_song()[VocalPitch].f0_hz
    few = np.where(np.cumsum(np.isfinite(f0_hz)) <= 400, f0_hz, np.nan)
    (verdict,) = judge(
        with_pitch(f0_hz=few, certain=np.isfinite(few).astype(np.int64)), parse_claims(SMALL, name="mine")
    )
    assert verdict.ruling is Ruling.NOT_TESTABLE
    assert in_order(verdict.because, "4.0 s", "needs 5 s")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("at_most", "at_mots"), r"kind 'at_mots' does not exist \(the nearest is 'at_most'\)"),
        (("span_semitones", "span_semitone"), r"the nearest is 'vocal_range.span_semitones'"),
        (("limit", "limt"), r"parameter 'limt' does not exist \(the nearest is 'limit'\)"),
        (("limit = 12", ""), "at_most needs limit"),
        (("12", '"12"'), "limit is a number, not '12'"),
        (("12", "nan"), "limit is a number, not nan"),
        (("12", "true"), "limit is a number, not True"),
        (('text = "small"', ""), "needs text"),
        (("[small]", "[small"), "is not valid TOML"),
        (("[small]", "small = 1\n[other]"), "is not a table"),
    ],
)
def test_a_misspelt_claim_is_refused_naming_the_nearest(change, complaint):
    with pytest.raises(BadClaim, match=complaint) as refusal:
        parse_claims(SMALL.replace(*change), name="mine.toml")
    assert str(refusal.value).startswith("mine.toml: ")
    assert "\n" not in str(refusal.value)


def test_all_that_is_wrong_with_a_claims_file_is_said_at_once():
    written = (
        f'{SMALL}caveat = ["Ours"]\n\n[loud]\ntext = "loud"\nkind = "at_leats"\nmeasure = "x"\n\n'
        '[riff]\nkind = "riff_throughout"\ncoverage_fraction = 80\ndrift_percent = "much"\n\n'
        '[span]\ntext = "s"\nkind = "below_reference"\nmesure = "vocal_range.span_semitones"\npercentile = "low"\n\n'
        '[higher]\ntext = "higher"\nkind = "higher"\nmeasure = "highest_mdi"\nscope = "chorus"\nagainst = "verse 0"\n'
    )
    with pytest.raises(BadClaim) as refusal:
        parse_claims(written, name="mine.toml")
    assert refusal.value.problems == (
        "mine.toml: [small]: parameter 'caveat' does not exist (the nearest is 'caveats')",
        "mine.toml: [loud]: kind 'at_leats' does not exist (the nearest is 'at_least')",
        "mine.toml: [riff]: needs text, in quotes",
        'mine.toml: [riff]: coverage_fraction is a share from 0 to 1: write "80%" or 0.8 for 80 percent, not 80',
        "mine.toml: [riff]: drift_percent is in percent, such as \"2%\" or 2, not 'much'",
        "mine.toml: [span]: parameter 'mesure' does not exist (the nearest is 'measure')",
        "mine.toml: [span]: below_reference needs reference",
        "mine.toml: [span]: percentile is a number, not 'low'",
        "mine.toml: [higher]: against: 'verse 0' is not a section (the nearest is 'verse'; there are also letters "
        "such as \"A'\", and 'first', 'last' or a number: 'chorus 2')",
        "mine.toml: [higher]: measure of a section 'highest_mdi' does not exist (the nearest is 'highest_midi')",
    )
    assert str(refusal.value) == "\n".join(refusal.value.problems)


@pytest.mark.parametrize("written", ['"80%"', '" 80.0 % "', "0.8"])
def test_a_share_may_be_written_in_percent(written):
    claims = f"""
[sung]
text = "Mostly sung"
kind = "at_least"
measure = "vocal_activity.sung_fraction"
limit = {written}

[riff]
text = "A riff"
kind = "riff_throughout"
coverage_fraction = {written}
drift_percent = "1.5%"
"""
    sung, riff = parse_claims(claims, name="mine")
    assert sung.options == {"limit": 0.8}
    assert riff.options == {"coverage_fraction": 0.8, "drift_percent": 1.5}


@pytest.mark.parametrize(
    ("measure", "limit", "complaint"),
    [
        (
            "vocal_activity.sung_fraction",
            "80",
            'limit is a share from 0 to 1: write "80%" or 0.8 for 80 percent, not 80',
        ),
        ("vocal_activity.sung_fraction", '"80"', "limit is a share, such as \"80%\" or 0.8, not '80'"),
        ("vocal_activity.sung_fraction", "80%", r"is not valid TOML: .* \(write percent in quotes\)"),
        ("vocal_range.span_semitones", '"80%"', "limit is a number, not '80%'"),
        ("vocal_range.span_semitones", '"' + "1" * 999 + '"', "limit is a number, not '1111"),
    ],
)
def test_a_limit_in_the_wrong_unit_is_refused(measure, limit, complaint):
    written = f'[it]\ntext = "it"\nkind = "at_least"\nmeasure = "{measure}"\nlimit = {limit}\n'
    with pytest.raises(BadClaim, match=complaint) as refusal:
        parse_claims(written, name="mine")
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"])
def test_a_claims_file_that_cannot_be_read_is_refused(tmp_path, content):
    path = tmp_path / "mine.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadClaim, match=r"mine\.toml: "):
        read_claims(path)


def test_a_share_is_evidence_in_the_measures_own_terms():
    stepwise = next(measure for measure in all_measures() if measure.path == "vocal_range.stepwise_fraction")
    found = at_least(Reading(measure=stepwise, found=Estimate(value=0.41, low=0.41, high=0.41)), limit=0.6)
    (evidence,) = found.evidence
    assert (evidence.value, evidence.limit, evidence.unit) == (0.41, 0.6, "fraction")
    assert "41%" in found.because
    assert "60%" in found.because


@pytest.mark.parametrize(
    ("measure", "count"),
    [
        ("vocal_range.span_semitones", 2),
        ("vocal_layers.layered_fraction", None),
        ("loudness.integrated_lufs", 1),
        ("density.active_bands_mean", 1),
        ("tempo.bpm", 0),
    ],
)
def test_a_verdict_says_where_its_number_can_be_heard(measure, count):
    song = example_song()
    claim = f'[it]\ntext = "it"\nkind = "at_most"\nmeasure = "{measure}"\nlimit = 1\n'
    (evidence,) = judge(song, parse_claims(claim, name="mine"))[0].evidence
    assert len(evidence.spans) == (len(song[VocalLayers].spans) if count is None else count)
    assert all(0 <= span.start_s < span.end_s <= song.source.duration_s for span in evidence.spans)


def test_the_loudest_stretch_is_where_the_level_is_highest():
    song = example_song()
    found = song[Loudness]
    (loudest,) = found.where["integrated_lufs"]
    middle = round(((loudest.start_s + loudest.end_s) / 2 - found.first_s) / found.step_s)
    assert found.short_term_lufs[middle] == np.nanmax(found.short_term_lufs)


@pytest.mark.parametrize(
    ("value", "ruling", "leaning", "said"),
    [
        (9.0, Ruling.SUPPORTED, None, ""),
        (11.5, Ruling.INCONCLUSIVE, "probably_true", "probably true, 8 in 10"),
        (12.0, Ruling.INCONCLUSIVE, None, ""),
        (12.6, Ruling.INCONCLUSIVE, "probably_false", "probably false, 8 in 10"),
        (15.0, Ruling.REFUTED, None, ""),
    ],
)
def test_an_open_claim_leans_to_the_likelier_side(value, ruling, leaning, said):
    claims = '[it]\ntext = "at most an octave"\nkind = "at_most"\nmeasure = "vocal_range.span_semitones"\nlimit = 12\n'
    verdict = ruled(with_span(value, unsure=1.2), claims)
    assert (verdict.ruling, verdict.leaning, words.leaning(verdict)) == (ruling, leaning, said)
    again = from_json(to_json(dataclasses.replace(example_song(), verdicts=(verdict,))))
    assert again.verdicts == (verdict,)
