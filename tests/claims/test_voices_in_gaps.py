import pytest

from claim_cases import Example, broken, changed, instrumental
from riffscope.analyzers.vocal_layers import VocalLayers
from riffscope.model import Estimate, Ruling, VocalSource
from songs import example_song


def filling(low, value, high):
    """A song in which other voices fill so much of the lead's gaps."""
    return changed(example_song(), VocalLayers, gap_fill_fraction=Estimate(value=value, low=low, high=high))


def without_gaps(method=VocalSource.SPLEETER):
    """A song whose lead never rests for long, or of which that cannot be told."""
    return changed(example_song(), VocalLayers, gap_fill_fraction=None, method=method)


EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, song=filling(0.4, 0.7, 0.9)),
    Example(ruling=Ruling.REFUTED, song=filling(0.0, 0.0, 0.2)),
    # Perhaps there is but one voice.
    Example(ruling=Ruling.INCONCLUSIVE, song=filling(0.0, 0.5, 0.9)),
    # Perhaps the others were not heard.
    Example(ruling=Ruling.INCONCLUSIVE, song=filling(0.0, 0.0, 0.5)),
    Example(ruling=Ruling.SUPPORTED, parameters="share = 0.1", song=filling(0.12, 0.2, 0.25)),
    Example(ruling=Ruling.INCONCLUSIVE, song=broken("vocal_layers")),
    Example(ruling=Ruling.REFUTED, song=without_gaps()),
    Example(ruling=Ruling.NOT_TESTABLE, song=without_gaps(VocalSource.MIX)),
    Example(ruling=Ruling.NOT_TESTABLE, song=instrumental()),
)


def test_a_lead_without_gaps_leaves_nothing_to_fill():
    verdict = Example(ruling=Ruling.REFUTED, song=without_gaps()).verdict("voices_in_gaps")
    assert "leaves no gaps" in verdict.because
    assert verdict.probability == pytest.approx(0.05)


def test_the_probability_rises_with_what_is_filled():
    songs = (filling(0.0, 0.1, 0.4), filling(0.0, 0.3, 0.6), filling(0.2, 0.5, 0.8))
    little, half, much = (
        Example(ruling=Ruling.INCONCLUSIVE, song=song).verdict("voices_in_gaps").probability for song in songs
    )
    assert little < half < much
    # Above and below the middle of a range lies half of what may be.
    assert half == pytest.approx(0.5)
