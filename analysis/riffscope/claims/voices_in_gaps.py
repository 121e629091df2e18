"""Voices fill the gaps that the lead leaves."""

from riffscope.analyzers.vocal_layers import VocalLayers
from riffscope.claims.reading import reading_of
from riffscope.errors import NotMeasured
from riffscope.model import Finding, Ruling
from riffscope.steps import claim
from riffscope.units import FRACTION


@claim
def voices_in_gaps(layers: VocalLayers, *, share: float = 0.3) -> Finding:
    """Ask whether other voices fill at least this share of the lead's gaps.

    Where it is in doubt that there is more than one voice at all, it is in doubt that voices fill the gaps.
    """
    if layers.gap_fill_fraction is None:
        raise NotMeasured("vocal_layers.gap_fill_fraction", *layers.lacking["gap_fill_fraction"])
    layered, filled = layers.layered_fraction, layers.gap_fill_fraction
    gaps = reading_of("vocal_layers.gap_fill_fraction", filled)
    ruling = Ruling.INCONCLUSIVE
    if filled >= share and layered.low > 0:
        ruling = Ruling.SUPPORTED
    elif filled < share and layered.high < share:
        ruling = Ruling.REFUTED
    return Finding(
        ruling=ruling,
        because=f"Voices fill {gaps.in_words()} of the lead's gaps (asked for: {FRACTION.format(share)}); more than "
        f"one sings in {reading_of('vocal_layers.layered_fraction', layered).in_words()} of the sung time",
        evidence=(gaps.evidence(limit=share, spans=layers.spans),),
    )
