"""Claims about sections: what may be named, what is compared, and what is said where there is no such section."""

import dataclasses

import pytest

from claim_cases import changed, in_order, ruled
from riffscope.analyzers.section_profile import SectionProfile
from riffscope.claims.scope import FUNCTIONS, Scope, parse_scope
from riffscope.errors import BadClaim
from riffscope.judge import check_about_one, judge_pair, parse_claims
from riffscope.model import Ruling, Span
from songs import example_song

LOUDER = """
[lift]
text = "The chorus is louder than the verse"
kind = "higher"
measure = "loudness_lufs"
scope = "chorus"
against = "verse"
by = 1.0
"""
NO_DRUMS = """
[bare]
text = "The bridge has no drums"
kind = "at_most"
measure = "section_profile.drums_fraction"
scope = "bridge"
limit = 0.1
"""


def profile():
    return example_song()[SectionProfile]


def with_sections(*changes, probability=0.9):
    """The song with other fields of its sections, one dictionary each, and other doubts of their names."""
    sections = [dataclasses.replace(section, function_probability=probability) for section in profile().sections]
    for place, fields in enumerate(changes):
        sections[place] = dataclasses.replace(sections[place], **fields)
    return changed(example_song(), SectionProfile, sections=tuple(sections))


@pytest.mark.parametrize(
    ("text", "scope", "said"),
    [
        ("chorus", Scope(kind="chorus"), "the chorus"),
        (" Pre-Chorus ", Scope(kind="pre-chorus"), "the pre-chorus"),
        ("prechorus", Scope(kind="pre-chorus"), "the pre-chorus"),
        ("pre chorus 2", Scope(kind="pre-chorus", place=2), "pre-chorus 2"),
        ("last chorus", Scope(kind="chorus", place=-1), "the last chorus"),
        ("first verse", Scope(kind="verse", place=1), "verse 1"),
        ("verse 3", Scope(kind="verse", place=3), "verse 3"),
        ("A", Scope(kind="A"), "section A"),
        ("B''", Scope(kind="B''"), "section B''"),
        ("last A'", Scope(kind="A'", place=-1), "the last section A'"),
    ],
)
def test_sections_are_named_by_what_they_do_or_by_letter(text, scope, said):
    assert parse_scope(text) == scope
    assert str(scope) == said


@pytest.mark.parametrize(
    ("text", "says"),
    [("corus", "'chorus'"), ("middle eight", "is not a section"), ("verse 0", "'verse'"), ("a'", "is not a section")],
)
def test_what_is_no_section_is_refused_in_one_line(text, says):
    with pytest.raises(BadClaim, match=says) as refusal:
        parse_claims(LOUDER.replace('"chorus"', f'"{text}"'), name="mine.toml")
    assert str(refusal.value).startswith("mine.toml: [lift]: scope: ")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("claims", "complaint"),
    [
        (LOUDER.replace('scope = "chorus"\n', ""), "against needs scope"),
        (LOUDER.replace("loudness_lufs", "loudnes_lufs"), "nearest is '(section_profile.)?loudness_lufs'"),
        (LOUDER.replace("loudness_lufs", "loops.passes"), "measure of a section 'loops.passes' does not exist"),
        (NO_DRUMS.replace('scope = "bridge"\n', ""), 'say which, as in scope = "chorus"'),
        (
            NO_DRUMS + 'against = "verse"\n',
            "against compares two sections of a song: it goes with higher, lower and same_chords",
        ),
        (NO_DRUMS.replace('"bridge"', "3"), "needs scope, in quotes"),
        (
            '[it]\ntext = "it"\nkind = "riff_throughout"\nscope = "chorus"\n',
            "parameter 'scope' does not exist",
        ),
    ],
)
def test_a_claim_that_makes_no_sense_of_sections_is_refused(claims, complaint):
    with pytest.raises(BadClaim, match=complaint):
        parse_claims(claims, name="mine.toml")


def test_the_chorus_is_louder_than_the_verse():
    verdict = ruled(example_song(), LOUDER)
    assert verdict.ruling is Ruling.SUPPORTED
    assert in_order(verdict.because, "The chorus is 3.0 LU louder than the verse", "against −12.0 LUFS")
    verse, chorus, _ = verdict.evidence
    assert verse.label == "Loudness in the verse"
    assert chorus.label == "Loudness in the chorus"
    assert chorus.spans == tuple(section.span for section in profile().called("chorus"))
    assert {evidence.measure for evidence in verdict.evidence} == {"section_profile.loudness_lufs"}


def test_a_claim_of_the_opposite_is_refuted():
    assert ruled(example_song(), LOUDER.replace("higher", "lower")).ruling is Ruling.REFUTED


def test_one_section_can_be_held_against_a_limit():
    verdict = ruled(example_song(), NO_DRUMS)
    assert verdict.ruling is Ruling.SUPPORTED
    assert verdict.because.startswith("Drums play in 0% of the bridge")
    (bridge,) = profile().called("bridge")
    assert verdict.evidence[0].spans == (bridge.span,)
    assert ruled(example_song(), NO_DRUMS.replace("bridge", "verse")).ruling is Ruling.REFUTED


def test_the_last_chorus_is_its_own_section():
    quiet = with_sections({}, {}, {}, {}, {}, {}, {"loudness_lufs": -16.0, "low": low(-16.5), "high": high(-15.5)})
    assert ruled(quiet, LOUDER.replace('"chorus"', '"last chorus"')).ruling is Ruling.REFUTED
    assert ruled(quiet, LOUDER.replace('"chorus"', '"chorus 1"')).ruling is Ruling.SUPPORTED
    # All of them together lie too far apart to say.
    assert ruled(quiet, LOUDER).ruling is Ruling.INCONCLUSIVE


def low(loudness_lufs):
    return dataclasses.replace(profile().sections[6].low, loudness_lufs=loudness_lufs)


def high(loudness_lufs):
    return dataclasses.replace(profile().sections[6].high, loudness_lufs=loudness_lufs)


def test_a_letter_names_sections_too():
    (verdict,) = (ruled(example_song(), LOUDER.replace('"chorus"', '"B"').replace('"verse"', '"A\'"')),)
    assert verdict.ruling is Ruling.SUPPORTED
    assert in_order(verdict.because, "Section B is", "louder than section A'", "−9.0")


@pytest.mark.parametrize(
    ("scope", "reason"),
    [
        ("solo", "No solo was found among the sections intro, verse (2), chorus (3), bridge and outro"),
        ("chorus 4", "No chorus 4 was found"),
        ("Q", "No section Q was found"),
    ],
)
def test_without_such_a_section_it_cannot_be_tested_and_says_which_there_are(scope, reason):
    verdict = ruled(example_song(), LOUDER.replace('"chorus"', f'"{scope}"'))
    assert verdict.ruling is Ruling.NOT_TESTABLE
    assert reason in verdict.because
    assert verdict.probability is None


def test_a_section_without_the_number_cannot_be_tested():
    verdict = ruled(example_song(), LOUDER.replace("loudness_lufs", "highest_midi").replace('"verse"', '"intro"'))
    assert verdict.ruling is Ruling.NOT_TESTABLE
    assert in_order(verdict.because, "highest sung note could not be measured in the intro")


def test_where_the_names_are_in_doubt_nothing_is_decided_and_the_probability_says_so():
    sure, fair, doubtful = (ruled(with_sections(probability=p), LOUDER) for p in (1.0, 0.85, 0.6))
    assert sure.ruling is fair.ruling is Ruling.SUPPORTED
    assert doubtful.ruling is Ruling.INCONCLUSIVE
    assert sure.probability > fair.probability > doubtful.probability > 0.5
    assert doubtful.probability == pytest.approx(0.6 * sure.probability + 0.2)
    assert any("60% likely" in caveat for caveat in doubtful.caveats)
    assert not any("likely" in caveat for caveat in fair.caveats)


def test_letters_are_never_in_doubt():
    letters = LOUDER.replace('"chorus"', '"B"').replace('"verse"', '"A\'"')
    assert ruled(with_sections(probability=0.3), letters).ruling is Ruling.SUPPORTED


def test_the_first_chorus_is_as_doubtful_as_its_name():
    early = '[early]\ntext = "early"\nkind = "at_most"\nmeasure = "section_profile.first_chorus_s"\nlimit = 60\n'
    assert ruled(with_sections(), early).ruling is Ruling.SUPPORTED
    assert ruled(with_sections(probability=0.5), early).ruling is Ruling.INCONCLUSIVE


def test_differences_of_pitches_are_semitones():
    verdict = ruled(example_song(), LOUDER.replace("loudness_lufs", "highest_midi"))
    assert "3.6 semitones" in verdict.because
    assert verdict.evidence[-1].unit == "semitones"


def test_pitches_are_told_as_the_songs_notes():
    high = NO_DRUMS.replace("drums_fraction", "highest_midi").replace("0.1", "66").replace('"bridge"', '"chorus"')
    because = ruled(example_song(), high).because
    assert in_order(because, "In the chorus", "highest sung note is E4", "D♯4 to F4", "F♯4")


def test_a_claim_that_asks_for_no_certain_amount_says_so():
    verdict = ruled(example_song(), LOUDER.replace("by = 1.0\n", ""))
    assert "needs louder" in verdict.because


def test_a_claim_of_two_sections_is_about_one_song_and_one_of_a_section_may_be_about_two():
    one = parse_claims(LOUDER, name="mine.toml")
    check_about_one(one)
    two = parse_claims(LOUDER.replace('against = "verse"\n', ""), name="mine.toml")
    with pytest.raises(BadClaim, match="is about two songs"):
        check_about_one(two)
    louder = with_sections(*[{"loudness_lufs": -3.0, "low": low(-3.5), "high": high(-2.5)}] * 8)
    (verdict,) = judge_pair(example_song(), louder, two)
    assert verdict.ruling is Ruling.SUPPORTED


def test_every_function_can_be_a_scope():
    for function in FUNCTIONS:
        assert parse_scope(function) == Scope(kind=function)


def test_evidence_of_sections_says_where_to_listen():
    (verdict,) = (ruled(example_song(), NO_DRUMS.replace("bridge", "verse")),)
    first, second = profile().called("verse")
    assert verdict.evidence[0].spans == (
        Span(start_s=first.start_s, end_s=first.end_s),
        Span(start_s=second.start_s, end_s=second.end_s),
    )


@pytest.mark.parametrize(
    ("measure", "said"), [("beats.bars", "The chorus lasts "), ("tempo.bpm", "In the chorus, the tempo is ")]
)
def test_a_section_has_a_length_and_all_else_is_heard_in_it(measure, said):
    claim = f'[it]\ntext = "so"\nkind = "at_most"\nmeasure = "{measure}"\nscope = "chorus"\nlimit = 300\n'
    assert ruled(example_song(), claim).because.startswith(said)
