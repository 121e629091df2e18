from claim_cases import Example, broken, ruled
from riffscope.model import Ruling
from stated import MODULATING, NO_KEY, in_key

EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, parameters='mode = "minor"', song=in_key("C#", "minor")),
    Example(ruling=Ruling.SUPPORTED, parameters='mode = "major"\nscope = "chorus"', song=MODULATING),
    Example(ruling=Ruling.REFUTED, parameters='mode = "major"', song=in_key("C#", "minor")),
    Example(ruling=Ruling.INCONCLUSIVE, parameters='mode = "minor"', song=in_key("C#", "minor", 0.3)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters='mode = "minor"', song=broken("key")),
    Example(ruling=Ruling.NOT_TESTABLE, parameters='mode = "minor"', song=NO_KEY),
)


def test_where_the_mode_changes_each_section_has_its_own():
    song = in_key("C", "major", parts=((0.0, 150.0, "C", "major"), (150.0, 215.0, "A", "minor")))
    claim = '[it]\ntext = "so"\nkind = "mode_is"\nmode = "minor"\nscope = "{}"\n'
    assert ruled(song, claim.format("last chorus")).ruling is Ruling.SUPPORTED
    assert ruled(song, claim.format("verse 1")).ruling is Ruling.REFUTED
