import pytest

from claim_cases import Example, broken, in_order, ruled
from riffscope.errors import BadClaim
from riffscope.judge import parse_claims
from riffscope.model import Ruling
from stated import entering, sectioned

CHORUS_AT_40 = sectioned("intro", "verse", "chorus", "verse", "chorus", "outro")
EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, parameters='what = "voice"\nat = 14', song=entering(voice_enters_s=13.2)),
    Example(ruling=Ruling.SUPPORTED, parameters='what = "chorus"\nat = 40', song=CHORUS_AT_40),
    # Of 215 s.
    Example(
        ruling=Ruling.SUPPORTED,
        parameters='what = "chorus"\nat = 18.6\nunit = "%"\nrelation = "about"',
        song=CHORUS_AT_40,
    ),
    Example(
        ruling=Ruling.SUPPORTED,
        parameters='what = "drums"\nat = 60\nrelation = "at_least"',
        song=entering(drums_enter_s=65.0),
    ),
    Example(
        ruling=Ruling.SUPPORTED,
        parameters='what = "bass"\nat = 20\nrelation = "at_most"',
        song=entering(bass_enters_s=0.5),
    ),
    Example(ruling=Ruling.REFUTED, parameters='what = "voice"\nat = 30', song=entering(voice_enters_s=13.2)),
    Example(ruling=Ruling.REFUTED, parameters='what = "chorus"\nat = 60', song=CHORUS_AT_40),
    Example(
        ruling=Ruling.REFUTED,
        parameters='what = "drums"\nat = 30\nrelation = "at_most"',
        song=entering(drums_enter_s=65.0),
    ),
    Example(ruling=Ruling.INCONCLUSIVE, parameters='what = "drums"\nat = 66', song=entering(drums_enter_s=65.0)),
    Example(
        ruling=Ruling.INCONCLUSIVE,
        parameters='what = "chorus"\nat = 40',
        song=sectioned("verse", "verse", "chorus", sure=0.6),
    ),
    Example(ruling=Ruling.INCONCLUSIVE, parameters='what = "riff"\nat = 1', song=broken("section_profile")),
    Example(ruling=Ruling.NOT_TESTABLE, parameters='what = "drums"\nat = 1', song=entering(drums_enter_s=None)),
    Example(ruling=Ruling.NOT_TESTABLE, parameters='what = "bridge"\nat = 1', song=CHORUS_AT_40),
)


def test_a_share_of_the_song_is_told_as_a_time_too():
    claim = '[it]\ntext = "so"\nkind = "enters_at"\nwhat = "chorus"\nat = 50\nunit = "%"\n'
    because = ruled(CHORUS_AT_40, claim).because
    assert in_order(because, "The chorus", "0:40.0", "19%", "0:38.0 to 0:42.0", "the claim says 50%, 1:48")


def test_what_riffscope_does_not_tell_cannot_enter():
    with pytest.raises(BadClaim, match="may also be voice, drums, bass, riff"):
        parse_claims('[it]\ntext = "so"\nkind = "enters_at"\nwhat = "tuba"\nat = 3\n', name="mine.toml")
