"""Verdicts in short: their order, their labels, their count, and the reasons why claims cannot be tested."""

from riffscope import standings
from riffscope.model import Finding, Ruling, Verdict


def verdict(claim, ruling, probability=None, because="A reason"):
    return Verdict.on(claim, claim, Finding(ruling=ruling, because=because, probability=probability))


SOME = (
    verdict("open", Ruling.INCONCLUSIVE, 0.5),
    verdict("untestable", Ruling.NOT_TESTABLE, because="Nobody sings"),
    verdict("against", Ruling.INCONCLUSIVE, 0.1),
    verdict("mood", Ruling.NOT_TESTABLE, because="No number holds a mood"),
    verdict("no", Ruling.REFUTED),
    verdict("for", Ruling.INCONCLUSIVE, 0.8),
    verdict("yes", Ruling.SUPPORTED),
    verdict("range", Ruling.NOT_TESTABLE, because="Nobody sings."),
)


def test_what_is_decided_comes_first_then_what_leans():
    found = [one.claim for one in standings.in_order(SOME)]
    assert found == ["yes", "no", "for", "against", "open", "untestable", "mood", "range"]


def test_a_label_says_the_side_and_how_likely_it_is():
    by_claim = {one.claim: standings.label(one) for one in SOME}
    assert by_claim["yes"] == "supported"
    assert by_claim["open"] == "inconclusive"
    assert "true" in by_claim["for"]
    assert "8" in by_claim["for"]
    assert "false" in by_claim["against"]
    assert "9" in by_claim["against"]


def test_the_tally_counts_each_ruling_also_those_that_none_has():
    assert list(standings.tally(SOME).values()) == [1, 1, 3, 3]
    assert list(standings.tally(()).values()) == [0, 0, 0, 0]


def test_a_reason_is_given_once_for_all_its_claims():
    (singing, mood) = standings.untestable(SOME)
    assert [one.claim for one in singing.verdicts] == ["untestable", "range"]
    assert [one.claim for one in mood.verdicts] == ["mood"]
    assert not {one.claim for one in standings.tested(SOME)} & {"untestable", "mood", "range"}
