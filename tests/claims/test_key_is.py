import pytest

from claim_cases import Example, broken, in_order, ruled
from riffscope.model import Ruling
from stated import MODULATING, NO_KEY, in_key

EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, parameters='key = "C# minor"', song=in_key("C#", "minor")),
    Example(ruling=Ruling.SUPPORTED, parameters='key = "D-flat minor"', song=in_key("C#", "minor")),
    Example(ruling=Ruling.SUPPORTED, parameters='key = "D major"\nscope = "last chorus"', song=MODULATING),
    Example(ruling=Ruling.REFUTED, parameters='key = "G minor"', song=in_key("C#", "minor")),
    Example(ruling=Ruling.REFUTED, parameters='key = "C major"\nscope = "last chorus"', song=MODULATING),
    # The relative key has the same notes.
    Example(ruling=Ruling.INCONCLUSIVE, parameters='key = "A major"', song=in_key("F#", "minor", 0.7)),
    # It is in that key at the end.
    Example(ruling=Ruling.INCONCLUSIVE, parameters='key = "D major"', song=MODULATING),
    Example(ruling=Ruling.INCONCLUSIVE, parameters='key = "C# minor"', song=in_key("C#", "minor", 0.3)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters='key = "C# minor"', song=broken("key")),
    Example(ruling=Ruling.NOT_TESTABLE, parameters='key = "C# minor"', song=NO_KEY),
    Example(ruling=Ruling.NOT_TESTABLE, parameters='key = "C# minor"\nscope = "solo"', song=MODULATING),
)


def test_the_relative_key_is_called_so_where_it_is_claimed():
    claim = '[it]\ntext = "so"\nkind = "key_is"\nkey = "A major"\n'
    verdict = ruled(in_key("F#", "minor", 0.7), claim)
    (caveat,) = verdict.caveats
    assert in_order(caveat, "A major", "relative key", "F♯ minor")
    assert in_order(verdict.because, "F♯ minor", "70%", "A major", "the claim says A major")


@pytest.mark.parametrize(("near", "far"), [("A major", "E major"), ("F# major", "G# minor")])
def test_a_key_that_is_easily_taken_for_the_right_one_is_likelier_than_another(near, far):
    song = in_key("F#", "minor", 0.8, second=("F#", "major"))
    nearer, farther = (
        ruled(song, f'[it]\ntext = "so"\nkind = "key_is"\nkey = "{key}"\n').probability for key in (near, far)
    )
    assert nearer > farther
