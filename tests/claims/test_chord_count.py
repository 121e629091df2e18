import pytest

from claim_cases import Example, broken, in_order, ruled
from harmonies import AXIS, harmonised, without_chords
from riffscope.errors import BadClaim
from riffscope.judge import parse_claims
from riffscope.model import Ruling

FOUR = harmonised(verse=AXIS, chorus=AXIS)
SEVENTHS = harmonised(verse="F#m7 Dmaj7 A E7", chorus=AXIS)
WITH_BRIDGE = harmonised(verse=AXIS, chorus=AXIS, bridge="Bm C#m")
THROUGH = harmonised(
    verse="F#m D A E Bm C#m G# F B D A F# E G C D F#", chorus="E A D F#m B G C F A# D# G# C# F# B E G D"
)

EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, parameters="count = 4", song=FOUR),
    Example(ruling=Ruling.SUPPORTED, parameters="count = 4", song=SEVENTHS),
    Example(ruling=Ruling.SUPPORTED, parameters='count = 5\nrelation = "about"', song=FOUR),
    Example(ruling=Ruling.SUPPORTED, parameters='count = 5\nrelation = "at_most"', song=FOUR),
    Example(ruling=Ruling.SUPPORTED, parameters='count = 4\nof = "round"', song=WITH_BRIDGE),
    Example(ruling=Ruling.REFUTED, parameters="count = 4", song=THROUGH),
    Example(ruling=Ruling.REFUTED, parameters='count = 3\nrelation = "at_most"', song=FOUR),
    Example(ruling=Ruling.REFUTED, parameters='count = 4\nof = "round"', song=harmonised(verse="D E", chorus="D E")),
    Example(ruling=Ruling.REFUTED, parameters='count = 4\nof = "round"', song=THROUGH),
    Example(
        ruling=Ruling.INCONCLUSIVE, parameters='count = 4\nof = "round"', song=harmonised(0.3, verse=AXIS, chorus=AXIS)
    ),
    Example(ruling=Ruling.INCONCLUSIVE, parameters="count = 4", song=broken("chords")),
    Example(ruling=Ruling.NOT_TESTABLE, parameters="count = 4", song=without_chords()),
    Example(ruling=Ruling.NOT_TESTABLE, parameters="count = 4", song=harmonised()),
)


def test_it_says_how_many_chords_there_are():
    verdict = ruled(FOUR, '[it]\ntext = "so"\nkind = "chord_count"\ncount = 3\n')
    assert in_order(verdict.because, "The song has 4", "the claim says 3")
    assert verdict.evidence[0].value == 4


def test_a_relation_that_does_not_exist_is_refused():
    with pytest.raises(BadClaim, match="nearest is 'at_most'"):
        parse_claims('[it]\ntext = "so"\nkind = "chord_count"\ncount = 3\nrelation = "at most"\n', name="mine.toml")
