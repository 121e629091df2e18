from dataclasses import replace

from claim_cases import Example, broken, changed, in_order, ruled
from harmonies import AXIS, harmonised, without_chords
from riffscope.analyzers.section_profile import SectionProfile
from riffscope.model import Ruling

BOTH = 'scope = "chorus"\nagainst = "verse"'
SHARED = harmonised(verse=AXIS, chorus="D A E F#m")
OTHER = harmonised(verse=AXIS, chorus="Bm C#m G# E")
TURNED = harmonised(verse=AXIS, chorus="F#m A D E")

EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, parameters=BOTH, song=SHARED),
    Example(ruling=Ruling.SUPPORTED, parameters=BOTH, song=TURNED),
    Example(ruling=Ruling.SUPPORTED, parameters=f'{BOTH}\nrelation = "absent"', song=OTHER),
    Example(ruling=Ruling.REFUTED, parameters=BOTH, song=OTHER),
    Example(ruling=Ruling.REFUTED, parameters=f'{BOTH}\nrelation = "absent"', song=SHARED),
    Example(ruling=Ruling.INCONCLUSIVE, parameters=BOTH, song=harmonised(0.6, verse=AXIS, chorus=AXIS)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters=BOTH, song=harmonised(chorus=AXIS)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters=BOTH, song=broken("chords")),
    Example(ruling=Ruling.NOT_TESTABLE, parameters=BOTH, song=without_chords()),
    Example(ruling=Ruling.NOT_TESTABLE, parameters='scope = "solo"\nagainst = "verse"', song=SHARED),
)


def about(song):
    return ruled(song, f'[it]\ntext = "it is so"\nkind = "same_chords"\n{BOTH}\n')


def test_both_progressions_are_told_and_where_to_hear_them():
    verdict = about(OTHER)
    assert in_order(verdict.because, "The chorus", "Bm C♯m G♯ E (iv v II VII)", "the verse", "F♯m D A E")
    assert len(verdict.evidence) == 2
    assert all(evidence.spans for evidence in verdict.evidence)


def test_the_same_chords_in_another_order_are_the_same_and_it_says_so():
    assert about(SHARED).caveats == ()
    (caveat,) = about(TURNED).caveats
    assert "order" in caveat


def test_sections_that_may_not_be_what_they_are_called_leave_it_open():
    profile = SHARED[SectionProfile]
    doubtful = tuple(replace(one, label="A", function_probability=0.5) for one in profile.sections)
    verdict = about(changed(SHARED, SectionProfile, sections=doubtful))
    assert verdict.ruling is Ruling.INCONCLUSIVE
    assert "section names are only 50% likely" in " ".join((verdict.because, *verdict.caveats))
