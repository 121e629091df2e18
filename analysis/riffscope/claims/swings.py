"""The song swings: its offbeats come late."""

import math
from typing import Literal

from riffscope.analyzers.beats import Beats
from riffscope.analyzers.tempo import Tempo
from riffscope.claims.reading import reading_of, turned
from riffscope.claims.rounds import ruled_by
from riffscope.errors import Absence, NotMeasured
from riffscope.model import Finding, Ruling
from riffscope.steps import claim

# Even odds that offbeats are swung, and how far from it the odds change by a factor of e. Of 50 rendered songs straight
# ones read .47 to .60, three of them above .56, and swung ones .60 to .68.
EVEN, SLOPE = 0.6, 0.015
# Bars of two beats are found only where the beat divides into three.
COMPOUND = 2


@claim
def swings(tempo: Tempo, beats: Beats | None, *, relation: Literal["present", "absent"] = "present") -> Finding:
    """Ask whether the song swings; with `absent`, whether its offbeats are straight.

    If the beat divides into three throughout, as in 6/8, swing cannot be told apart from the meter.
    """
    if tempo.swing_fraction is None:
        raise NotMeasured("tempo.swing_fraction", Absence.TOO_LITTLE, "no offbeats were found")
    place = reading_of("tempo.swing_fraction", tempo.swing_fraction)
    told = place.sentence(asked="straight is 0.50, a triplet 0.67")
    if beats is not None and beats.beats_per_bar == COMPOUND:
        return Finding(
            ruling=Ruling.INCONCLUSIVE,
            because=f"{told}: either swing or a meter such as 6/8",
            probability=0.5,
            evidence=(place.evidence(limit=EVEN),),
        )
    probability = 1 / (1 + math.exp((EVEN - tempo.swing_fraction) / SLOPE))
    found = Finding(
        ruling=ruled_by(probability), because=told, probability=probability, evidence=(place.evidence(limit=EVEN),)
    )
    return found if relation == "present" else turned(found)
