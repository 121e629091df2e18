"""Every verdict says why in one short sentence of plain English, with the numbers that it rests on."""

import itertools

import pytest

from claim_cases import check_reason, in_order, ruled
from riffscope.judge import built_in_claims, built_in_comparisons, judge, judge_pair, parse_claims
from riffscope.measures import (
    all_measures,
    claimed_measures,
    claimed_measures_of_sections,
    read_measure,
    section_measures,
)
from riffscope.model import Ruling
from songs import HOSTILE_TITLES, example_song, songs
from test_claim_conformance import KINDS, examples_of

AT_LEAST = '[it]\ntext = "so"\nkind = "at_least"\nmeasure = "{}"\nlimit = {}\n'
BETWEEN_SECTIONS = """
[it]
text = "so"
kind = "{}"
measure = "{}"
scope = "chorus"
against = "verse"
by = {}
"""
OF_SONGS = [measure.path for measure in (*all_measures(), *claimed_measures())]
OF_SECTIONS = [measure.path for measure in (*section_measures(), *claimed_measures_of_sections())]


@pytest.mark.parametrize("name", songs())
def test_every_built_in_claim_is_answered_in_a_sentence(name):
    for verdict in judge(songs()[name], built_in_claims()):
        check_reason(verdict)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_of_claim_is_answered_in_a_sentence(kind):
    for example in examples_of(kind):
        check_reason(example.verdict(kind.name))


COMPARED = {name: songs()[name] for name in ("ordinary", "quiet", "voiceless")}
COMPARED["of a long title"] = example_song(title=HOSTILE_TITLES["long"])


@pytest.mark.parametrize("names", [*itertools.permutations(COMPARED, 2)])
def test_every_comparison_is_answered_in_a_sentence(names):
    first, second = (COMPARED[name] for name in names)
    for verdict in judge_pair(first, second, built_in_comparisons()):
        check_reason(verdict)


@pytest.mark.parametrize("path", OF_SONGS)
def test_every_number_has_a_sentence_with_its_limit(path):
    verdict = ruled(example_song(), AT_LEAST.format(path, 0.5))
    check_reason(verdict)
    assert verdict.ruling is Ruling.NOT_TESTABLE or "needs" in verdict.because


@pytest.mark.parametrize("path", OF_SECTIONS)
@pytest.mark.parametrize("kind", ["higher", "lower"])
def test_every_number_of_sections_has_a_sentence_that_names_them(path, kind):
    alone = ruled(example_song(), AT_LEAST.format(path, 0.5).replace("limit", 'scope = "chorus"\nlimit'))
    check_reason(alone)
    for by in (0.0, 1.0):
        verdict = ruled(example_song(), BETWEEN_SECTIONS.format(kind, path, by))
        check_reason(verdict)
        assert verdict.ruling is Ruling.NOT_TESTABLE or "verse" in verdict.because
        assert "chorus" in verdict.because


def test_a_number_is_followed_by_its_range_and_then_the_limit():
    span = read_measure(example_song(), "vocal_range.span_semitones")
    verdict = ruled(example_song(), AT_LEAST.format("vocal_range.span_semitones", 30))
    assert in_order(verdict.because, f"{span.value:.1f} semitones", "needs 30 semitones")
    tone = ruled(example_song(), AT_LEAST.format("vocal_tone.dryness_db", 20))
    assert in_order(tone.because, "21.5 dB", "10.0 to 33.5", "needs 20 dB")


def test_a_claim_that_leans_to_neither_side_is_called_too_close():
    even, leaning, decided = (
        ruled(example_song(), AT_LEAST.format("vocal_tone.dryness_db", limit)) for limit in (21, 28, 60)
    )
    assert even.ruling is leaning.ruling is Ruling.INCONCLUSIVE
    assert even.because.endswith("too close to call")
    assert "too close" not in leaning.because + decided.because
    assert leaning.leaning == "probably_false"


def test_the_same_claims_are_said_of_the_song_and_of_its_sections():
    claims = parse_claims(
        AT_LEAST.format("vocal_range.span_semitones", 3)
        + AT_LEAST.replace("[it]", "[two]")
        .format("vocal_range.span_semitones", 3)
        .replace("limit", 'scope = "chorus"\nlimit'),
        name="mine.toml",
    )
    song, chorus = judge(example_song(), claims)
    assert song.because.startswith("The voice spans ")
    assert chorus.because.startswith("In the chorus, the voice spans ")
