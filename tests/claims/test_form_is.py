import pytest

from claim_cases import Example, broken, ruled
from riffscope.errors import BadClaim
from riffscope.judge import parse_claims
from riffscope.model import Ruling
from stated import sectioned

USUAL = sectioned("intro", "verse", "chorus", "verse", "chorus", "bridge", "chorus", "outro")
WANTED = 'form = ["verse", "chorus", "verse", "chorus", "bridge", "chorus"]'
EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, parameters=WANTED, song=USUAL),
    # A pre-chorus is found as a part of the verse.
    Example(
        ruling=Ruling.SUPPORTED,
        parameters='form = ["verse", "pre-chorus", "chorus", "verse", "pre-chorus", "chorus", "bridge", "chorus"]',
        song=USUAL,
    ),
    Example(ruling=Ruling.REFUTED, parameters='form = ["verse", "verse", "bridge", "verse"]', song=USUAL),
    # One section off.
    Example(
        ruling=Ruling.INCONCLUSIVE, parameters='form = ["verse", "chorus", "verse", "chorus", "chorus"]', song=USUAL
    ),
    Example(ruling=Ruling.INCONCLUSIVE, parameters=WANTED, song=broken("section_profile")),
    Example(ruling=Ruling.NOT_TESTABLE, parameters=WANTED, song=sectioned(None, None, None)),
)


def test_an_intro_counts_only_where_it_is_named():
    claim = '[it]\ntext = "so"\nkind = "form_is"\nform = {}\n'
    bare = sectioned("verse", "chorus", "verse", "chorus")
    named = ruled(bare, claim.format('["intro", "verse", "chorus", "verse", "chorus"]'))
    unnamed = ruled(bare, claim.format('["verse", "chorus", "verse", "chorus"]'))
    assert unnamed.ruling is Ruling.SUPPORTED
    assert named.probability < unnamed.probability


def test_a_section_that_is_none_is_refused():
    with pytest.raises(BadClaim, match="'drop' is not a section that riffscope knows"):
        parse_claims('[it]\ntext = "so"\nkind = "form_is"\nform = ["verse", "drop"]\n', name="mine.toml")
