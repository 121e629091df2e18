from claim_cases import Example, broken, in_order, ruled
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
    assert in_order(verdict.because, "3 choruses", "intro, verse (2), chorus (3) and bridge", "the claim says 7")


def test_a_fourth_chorus_is_not_there_because_there_are_three():
    claim = '[it]\ntext = "so"\nkind = "section_is"\nsection = "chorus {}"\n'
    assert ruled(SONG, claim.format(3)).ruling is Ruling.SUPPORTED
    assert ruled(SONG, claim.format(4)).ruling is Ruling.REFUTED


def test_a_bridge_that_was_not_found_may_have_been_missed_and_that_is_said():
    claim = '[it]\ntext = "so"\nkind = "section_is"\nsection = "{}"\nrelation = "absent"\n'
    bridge, chorus = (ruled(sectioned("intro", "verse", "verse"), claim.format(kind)) for kind in ("bridge", "chorus"))
    assert in_order(bridge.because, "No bridge was found", "intro and verse (2)", "often missed")
    assert chorus.ruling is Ruling.SUPPORTED
    assert chorus.because.endswith("verse (2)")
