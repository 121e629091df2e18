"""What stands beside a verdict's sentence: the numbers that it does not give, and no number twice."""

import pytest

from riffscope.model import Evidence, Ruling, Span, Verdict
from riffscope.notes import Spelling
from riffscope.report.verdicts import figures_of, verdict_item

KEY = Evidence(label="Key", measure="key.confidence_fraction", unit="fraction", value=0.999)
GAP = Evidence(label="Loops: longest gap", measure="loops.longest_gap_bars", unit="bars", value=0.0, limit=8.0)
LEVEL = Evidence(
    label="Loudness", measure="loudness.integrated_lufs", unit="LUFS", value=-20.0, low=-20.5, high=-19.5, limit=-14.0
)


@pytest.mark.parametrize(
    ("evidence", "because"),
    [
        (KEY, "The song is in C minor (99% likely; next best: E♭ major)"),
        (GAP, "It never stops for a whole bar (8 allowed)"),
        (LEVEL, "The integrated loudness is −20.0 LUFS (at most −14 LUFS)"),
    ],
)
def test_what_the_sentence_says_is_not_said_again(evidence, because):
    assert figures_of(evidence, because, Spelling.FLATS) == ""


@pytest.mark.parametrize(
    ("evidence", "because", "numbers"),
    [
        (GAP, "The riff comes back (18 bars)", ["8 bars"]),
        (LEVEL, "It is quiet", ["−20.0", "−20.5", "−14.0"]),
    ],
)
def test_what_the_sentence_leaves_out_is_said_beside_it(evidence, because, numbers):
    said = figures_of(evidence, because, Spelling.FLATS)
    assert all(number in said for number in numbers)


def test_evidence_of_one_song_of_two_begins_with_that_song_and_has_its_range_in_brackets():
    place = (Span(start_s=25.6, end_s=28.6),)
    level = Evidence(
        label="Loudness: integrated in Arena",
        measure="loudness.integrated_lufs",
        unit="LUFS",
        value=-8.0,
        low=-8.5,
        high=-7.5,
        spans=place,
    )
    verdict = Verdict(claim="at_least", text="It is louder", ruling=Ruling.SUPPORTED, because="", evidence=(level,))
    (line,) = verdict_item(verdict, Spelling.FLATS).evidence
    assert line.startswith("In Arena: −8.0 LUFS (−8.5 to −7.5)")
    assert "0:25.6 to 0:28.6" in line
