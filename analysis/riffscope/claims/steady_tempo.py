"""The song, or a section, keeps its tempo."""

import math
from typing import Literal

from riffscope.analyzers.tempo import Tempo
from riffscope.claims.reading import Reading, in_doubt, reading_of, turned
from riffscope.claims.rounds import ruled_by
from riffscope.claims.scope import Scope, measures_of_sections
from riffscope.dsp.rhythm.tempo import SAME_TEMPO
from riffscope.errors import Absence
from riffscope.measures import capitalised
from riffscope.model import Finding, Missing
from riffscope.song import SongAnalysis
from riffscope.steps import claim
from riffscope.units import BPM
from riffscope.words import joined

# Even odds that a drift is called steady, in percent, and how far from it the odds change by a factor of e. Rendered
# songs at one tempo drift by .4 % at most, those that wander by .8 to 2.5 %.
EVEN_PERCENT, SLOPE_PERCENT = 1.5, 0.25
# Where no beat was found, there may be one; and two tempi may be one that was read at two levels. Chosen.
UNHEARD_BEAT, TWO_TEMPI = 0.1, 0.05


@claim
def steady_tempo(
    song: SongAnalysis, *, relation: Literal["present", "absent"] = "present", scope: Scope | None = None
) -> Finding:
    """Ask whether the tempo of the song, or of some sections, is steady; with `absent`, whether it varies or is free.

    It is steady if nine in ten stretches of eight beats stay within about 1% of the tempo, and varies from 2% up. A
    song with two tempi is not steady, nor is one without a beat.
    """
    found = _in_song(song) if scope is None else _in_sections(song, scope)
    return found if relation == "present" else turned(found)


def _in_song(song: SongAnalysis) -> Finding:
    match song.outcomes.get("tempo"):
        case Missing(code=Absence.NO_BEAT, reason=reason):
            return Finding(ruling=ruled_by(UNHEARD_BEAT), because=capitalised(reason), probability=UNHEARD_BEAT)
    tempo = song[Tempo]
    drift = reading_of("tempo.drift_percent", tempo.drift_percent)
    speeds = [part.bpm.value for part in tempo.parts]
    if speeds and max(speeds) / min(speeds) - 1 > SAME_TEMPO:
        told = joined([BPM.format(speed) for speed in speeds], "and then")
        return Finding(
            ruling=ruled_by(TWO_TEMPI),
            because=f"The tempo changes between {told}",
            probability=TWO_TEMPI,
            evidence=(drift.evidence(),),
        )
    return _of(drift)


def _in_sections(song: SongAnalysis, scope: Scope) -> Finding:
    drift = scope.read(song, measures_of_sections()["tempo.drift_percent"])
    return in_doubt(_of(drift), drift.certainty)


def _of(drift: Reading) -> Finding:
    probability = 1 / (1 + math.exp((drift.found.value - EVEN_PERCENT) / SLOPE_PERCENT))
    return Finding(
        ruling=ruled_by(probability),
        because=drift.sentence(asked=f"up to {drift.measure.unit.given(EVEN_PERCENT)} counts as steady"),
        probability=probability,
        evidence=(drift.evidence(limit=EVEN_PERCENT),),
    )
