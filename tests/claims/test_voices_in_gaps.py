from claim_cases import Example, broken, changed, instrumental
from riffscope.analyzers.vocal_layers import VocalLayers
from riffscope.model import Estimate, Ruling
from songs import example_song


def filling(share, low, value, high):
    """A song whose gaps voices fill so far, and in which more than one sings in such a share of the time."""
    layered = Estimate(value=value, low=low, high=high)
    return changed(example_song(), VocalLayers, gap_fill_fraction=share, layered_fraction=layered)


EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, song=filling(0.8, 0.2, 0.4, 0.6)),
    Example(ruling=Ruling.REFUTED, song=filling(0.0, 0.0, 0.0, 0.2)),
    # Perhaps there is but one voice.
    Example(ruling=Ruling.INCONCLUSIVE, song=filling(0.8, 0.0, 0.4, 1.0)),
    # Perhaps the others were not heard.
    Example(ruling=Ruling.INCONCLUSIVE, song=filling(0.0, 0.0, 0.1, 0.5)),
    Example(ruling=Ruling.INCONCLUSIVE, song=broken("vocal_layers")),
    Example(ruling=Ruling.NOT_TESTABLE, song=filling(None, 0.2, 0.4, 0.6)),
    Example(ruling=Ruling.NOT_TESTABLE, song=instrumental()),
)


def test_without_gaps_nothing_is_said_of_them():
    assert "no gaps" in EXAMPLES[-2].verdict("voices_in_gaps").because
