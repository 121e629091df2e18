"""A riff runs through the song, steadily."""

import math
from typing import Annotated

from riffscope.analyzers.loops import LoopKind, Loops, bars_in_words
from riffscope.analyzers.tempo import Tempo
from riffscope.claims.reading import Reading, all_of, reading_of
from riffscope.errors import Absence
from riffscope.measures import capitalised
from riffscope.model import Finding, Missing, Ruling
from riffscope.song import SongAnalysis
from riffscope.steps import claim
from riffscope.units import FRACTION, PERCENT
from riffscope.words import bars_long, with_article

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
    """Ask whether one riff covers a share of the song, never stops for long, and keeps its tempo.

    A song without a riff refutes the claim. A repeated passage is not a riff, and does not support the claim
    however much of the song it covers.
    """
    match song.outcomes.get("loops"):
        case Missing(code=Absence.NO_RIFF, reason=reason):
            return Finding(ruling=Ruling.REFUTED, because=capitalised(reason))
    loops, tempo = song[Loops], song[Tempo]
    coverage = reading_of("loops.coverage_fraction", loops.coverage_fraction)
    gap = reading_of("loops.longest_gap_bars", loops.longest_gap_bars)
    drift = reading_of("tempo.drift_percent", tempo.drift_percent)
    rulings = {
        "coverage": coverage.found.at_least(coverage_fraction),
        "gap": gap.found.at_most(longest_gap_bars),
        "drift": drift.found.at_most(drift_percent),
    }
    ruling = all_of(list(rulings.values()))
    is_passage = loops.kind is LoopKind.PASSAGE
    noun = capitalised(with_article(f"{bars_long(loops.period_bars)} {loops.kind.noun}"))
    whole = coverage.measure.unit
    if ruling is Ruling.SUPPORTED:
        bars = math.floor(gap.found.value)
        rests = f"never stops over {bars_in_words(bars)}" if bars else "never stops for a whole bar"
        told = (
            f"{noun} fills {whole.format(coverage.found.value)} of the song "
            f"(needs {whole.given(coverage_fraction)}), {rests} ({longest_gap_bars:g} allowed), "
            f"and tempo holds within {PERCENT.format(drift.found.value)} ({PERCENT.given(drift_percent)} allowed)"
        )
    else:
        # Speak of what decides.
        decides = next(name for name, one in rulings.items() if one is ruling)
        told = {
            "coverage": f"{noun} is heard in {whole.format(coverage.found.value)} of the song "
            f"({_in_brackets(coverage, f'needs {whole.given(coverage_fraction)}')})",
            "gap": f"{noun} stops for {bars_in_words(round(gap.found.value))} ({longest_gap_bars:g} allowed)",
            "drift": f"{noun} repeats, but the tempo drifts by {PERCENT.format(drift.found.value)} "
            f"({PERCENT.given(drift_percent)} allowed)",
        }[decides]
    if is_passage and ruling is Ruling.SUPPORTED:
        ruling = Ruling.INCONCLUSIVE
        told = (
            f"What fills {whole.format(coverage.found.value)} of the song "
            f"({_in_brackets(coverage, f'needs {whole.given(coverage_fraction)}')}) "
            f"is a {loops.kind.noun} of {bars_in_words(loops.period_bars)}, perhaps not a riff"
        )
    return Finding(
        ruling=ruling,
        because=told,
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


def _in_brackets(reading: Reading, asked: str) -> str:
    return "; ".join(part for part in (reading.range_in_words(), asked) if part)
