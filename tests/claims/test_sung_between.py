from claim_cases import Example, broken, in_order, instrumental, ruled
from riffscope.model import Ruling
from stated import sung_from

NOTES = 'lowest = "C3"\nhighest = "G4"'
TESSITURA = 'lowest = "D3"\nhighest = "F4"\nof = "tessitura"'
EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, parameters=NOTES, song=sung_from(48, 67)),
    Example(ruling=Ruling.SUPPORTED, parameters=NOTES, song=sung_from(49, 66)),
    Example(ruling=Ruling.SUPPORTED, parameters=TESSITURA, song=sung_from(48, 67)),
    Example(ruling=Ruling.REFUTED, parameters=NOTES, song=sung_from(48, 72)),
    Example(ruling=Ruling.REFUTED, parameters=NOTES, song=sung_from(55, 67)),
    Example(ruling=Ruling.REFUTED, parameters=TESSITURA, song=sung_from(55, 74)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters=NOTES, song=sung_from(48, 68.5)),
    # Written an octave higher than it is sung.
    Example(ruling=Ruling.INCONCLUSIVE, parameters=NOTES, song=sung_from(36, 55)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters=NOTES, song=broken("vocal_range")),
    Example(ruling=Ruling.NOT_TESTABLE, parameters=NOTES, song=instrumental()),
)


def test_both_ends_are_told_as_notes_beside_those_of_the_claim():
    verdict = ruled(sung_from(48, 72), f'[it]\ntext = "so"\nkind = "sung_between"\n{NOTES}\n')
    assert in_order(verdict.because, "C3", "C5", "the claim says C3 to G4")
    assert [evidence.limit for evidence in verdict.evidence] == [48, 67]


def test_the_other_octave_is_named_as_the_likely_reason():
    assert EXAMPLES[7].verdict("sung_between").caveats[0].startswith("An octave away")
