"""Voices fill the gaps that the lead leaves."""

from typing import Annotated, Literal

from riffscope.analyzers.vocal_layers import VocalLayers
from riffscope.claims.reading import reading_of, turned, with_open_question
from riffscope.errors import Absence, NotMeasured
from riffscope.measures import capitalised
from riffscope.model import Finding, Ruling
from riffscope.steps import claim
from riffscope.units import FRACTION

# Where no gaps were found they may yet be there, filled by voices that were taken for the lead: as rarely as a range
# that holds nine in ten truths misses one on one side.
GAPS_OVERLOOKED = 0.05


@claim
def voices_in_gaps(
    layers: VocalLayers, *, share: Annotated[float, FRACTION] = 0.3, relation: Literal["present", "absent"] = "present"
) -> Finding:
    """Ask whether other voices fill at least this share of the lead's gaps; with `absent`, whether they do not.

    A lead that leaves no gaps refutes the claim: there is nothing to fill.
    """
    found = _of(layers, share)
    return found if relation == "present" else turned(found)


def _of(layers: VocalLayers, share: float) -> Finding:
    filled = layers.gap_fill_fraction
    if filled is None:
        code, reason = layers.lacking["gap_fill_fraction"]
        if code is not Absence.NO_GAPS:
            raise NotMeasured("vocal_layers.gap_fill_fraction", code, reason)
        return Finding(
            ruling=Ruling.REFUTED,
            because=capitalised(reason),
            probability=GAPS_OVERLOOKED,
        )
    gaps = reading_of("vocal_layers.gap_fill_fraction", filled)
    found = Finding(
        ruling=gaps.found.at_least(share),
        because=gaps.sentence(asked=f"needs {gaps.measure.unit.given(share)}"),
        probability=1 - gaps.probability_at_most(share),
        # Where the voices are that fill gaps is not kept; where others sing with the lead is something else.
        evidence=(gaps.evidence(limit=share),),
    )
    return with_open_question(found)
