"""A riff runs through the song, steadily."""

import math
from typing import Annotated

from riffscope.analyzers.loops import LoopKind, Loops, bars_in_words
from riffscope.analyzers.tempo import Tempo
from riffscope.claims.reading import all_of, reading_of
from riffscope.errors import Absence
from riffscope.model import Finding, Missing, Ruling
from riffscope.song import SongAnalysis
from riffscope.steps import claim
from riffscope.units import FRACTION, PERCENT

# Where all that repeats is a passage, there may be a loop within that was not found, or none: even odds.
PASSAGE_PROBABILITY = 0.5


@claim
def riff_throughout(
    song: SongAnalysis,
    *,
    coverage_fraction: Annotated[float, FRACTION] = 0.8,
    longest_gap_bars: float = 8.0,
    drift_percent: Annotated[float, PERCENT] = 2.0,
) -> Finding:
    """Ask whether one riff covers so much of the song, is never absent for long, and keeps its tempo.

    A song in which no riff was found refutes it. A passage that repeats as a section does is no riff, however much of
    the song it covers, and supports nothing.
    """
    match song.outcomes.get("loops"):
        case Missing(code=Absence.NO_RIFF, reason=reason):
            return Finding(ruling=Ruling.REFUTED, because=reason)
    loops, tempo = song[Loops], song[Tempo]
    coverage = reading_of("loops.coverage_fraction", loops.coverage_fraction)
    gap = reading_of("loops.longest_gap_bars", loops.longest_gap_bars)
    drift = reading_of("tempo.drift_percent", tempo.drift_percent)
    ruling = all_of(
        [
            coverage.found.at_least(coverage_fraction),
            gap.found.at_most(longest_gap_bars),
            drift.found.at_most(drift_percent),
        ]
    )
    is_passage = loops.kind is LoopKind.PASSAGE
    if is_passage and ruling is Ruling.SUPPORTED:
        ruling = Ruling.INCONCLUSIVE
    return Finding(
        ruling=ruling,
        because=f"A {loops.kind.noun} of {bars_in_words(loops.period_bars)} covers {coverage.in_words()} of the "
        f"song (needs {coverage.measure.unit.format(coverage_fraction)}), its longest break is "
        f"{bars_in_words(round(gap.found.value))} (at most {longest_gap_bars:g}), and the tempo drifts by "
        f"{drift.in_words()} (at most {drift.measure.unit.format(drift_percent)})",
        probability=math.prod(
            (
                loops.probability,
                PASSAGE_PROBABILITY if is_passage else 1.0,
                1 - coverage.probability_at_most(coverage_fraction),
                gap.probability_at_most(longest_gap_bars),
                drift.probability_at_most(drift_percent),
            )
        ),
        evidence=(
            coverage.evidence(limit=coverage_fraction, spans=loops.spans),
            gap.evidence(limit=longest_gap_bars),
            drift.evidence(limit=drift_percent),
        ),
    )
