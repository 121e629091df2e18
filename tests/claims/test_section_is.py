from claim_cases import Example, broken, ruled
from riffscope.model import Ruling
from stated import sectioned

SONG = sectioned("intro", "verse", "chorus", "verse", "chorus", "bridge", "chorus")
EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, parameters='section = "bridge"', song=SONG),
    Example(ruling=Ruling.SUPPORTED, parameters='section = "chorus"\ncount = 3', song=SONG),
    Example(ruling=Ruling.SUPPORTED, parameters='section = "verse 2"', song=SONG),
    Example(
        ruling=Ruling.SUPPORTED,
        parameters='section = "chorus"\nrelation = "absent"',
        song=sectioned("intro", "verse", "verse"),
    ),
    Example(ruling=Ruling.REFUTED, parameters='section = "chorus"', song=sectioned("intro", "verse", "verse")),
    Example(ruling=Ruling.REFUTED, parameters='section = "bridge"\nrelation = "absent"', song=SONG),
    Example(ruling=Ruling.REFUTED, parameters='section = "chorus"\ncount = 7', song=SONG),
    # A pre-chorus is mostly found as a verse.
    Example(ruling=Ruling.INCONCLUSIVE, parameters='section = "pre-chorus"', song=SONG),
    Example(ruling=Ruling.INCONCLUSIVE, parameters='section = "chorus"\ncount = 4', song=SONG),
    Example(ruling=Ruling.INCONCLUSIVE, parameters='section = "bridge"', song=sectioned("verse", "bridge", sure=0.6)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters='section = "bridge"', song=broken("section_profile")),
    Example(ruling=Ruling.NOT_TESTABLE, parameters='section = "bridge"', song=sectioned(None, None)),
)


def test_it_says_which_sections_there_are():
    verdict = ruled(SONG, '[it]\ntext = "so"\nkind = "section_is"\nsection = "chorus"\ncount = 7\n')
    assert verdict.because == (
        "3 choruses found among its sections: intro, verse, chorus, verse, chorus, bridge, chorus; the claim says 7"
    )


def test_a_fourth_chorus_is_not_there_because_there_are_three():
    claim = '[it]\ntext = "so"\nkind = "section_is"\nsection = "chorus {}"\n'
    assert ruled(SONG, claim.format(3)).ruling is Ruling.SUPPORTED
    assert ruled(SONG, claim.format(4)).ruling is Ruling.REFUTED
