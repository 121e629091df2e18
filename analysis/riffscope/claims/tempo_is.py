"""The song, or a section, has a tempo, at whichever metrical level it is counted."""

from typing import Annotated

from riffscope.analyzers.tempo import MIN_NAMED_WEIGHT, MetricalLevel, Tempo
from riffscope.claims.reading import Reading, in_doubt
from riffscope.claims.scope import Scope, measures_of_sections
from riffscope.measures import all_measures
from riffscope.model import Estimate, Finding, Ruling
from riffscope.song import SongAnalysis
from riffscope.steps import claim
from riffscope.units import BPM, PERCENT, PROBABILITY

# A level that is not among those that may be tapped is meant so rarely. Chosen, not fitted.
UNLIKELY_LEVEL = 0.05
# Half and double tempo are the same beat counted otherwise: where riffscope gives such a level less weight than it
# names, a text may mean it all the same. Chosen, not fitted.
SAME_BEAT = (0.5, 2.0)


@claim
def tempo_is(
    song: SongAnalysis,
    *,
    bpm: float,
    to: float | None = None,
    within_percent: Annotated[float, PERCENT] = 2.0,
    scope: Scope | None = None,
) -> Finding:
    """Ask whether the tempo is so many BPM, or between two, give or take some percent, at any metrical level.

    A tempo that is likely counted at half or double of what was found, or in threes, bears the claim out as well, and
    the verdict says so. One that can only be half or double of it is left open.
    """
    reading = _read(song, scope)
    tempo = song[Tempo]
    low, high = bpm * (1 - within_percent / 100), (to or bpm) * (1 + within_percent / 100)
    told = f"{reading.measure.topic}: {BPM.format(reading.found.value)}{_others(tempo, scope)}"
    asked = f"the claim says {BPM.number(bpm)} to {BPM.format(to)}" if to else f"the claim says {BPM.format(bpm)}"
    ruling, probability, caveats = _rule(reading.found, tempo, low, high)
    found = Finding(
        ruling=ruling,
        because=f"{told}; {asked}",
        probability=probability,
        evidence=(reading.evidence(limit=bpm),),
        caveats=caveats,
    )
    return in_doubt(found, reading.certainty)


def _read(song: SongAnalysis, scope: Scope | None) -> Reading:
    """Return the tempo as it is counted, without the levels that widen its range."""
    tempo = song[Tempo]
    if scope is None:
        measure = next(measure for measure in all_measures() if measure.path == "tempo.bpm")
        parts = [part.bpm for part in tempo.parts]
        own = next((bpm for bpm in parts if bpm.value == tempo.bpm.value), None)
        if len(parts) > 1:
            # A song with several tempi is in each of them; what is claimed is the one that it has for longest.
            own = own or tempo.bpm
        return Reading(measure=measure, found=own or _narrow(tempo.bpm))
    return scope.read(song, measures_of_sections()["tempo.bpm"])


def _narrow(bpm: Estimate) -> Estimate:
    """Return a tempo with the range of the level that was chosen: one that holds half or double is that of others."""
    near = 1.25
    return Estimate(value=bpm.value, low=max(bpm.low, bpm.value / near), high=min(bpm.high, bpm.value * near))


def _others(tempo: Tempo, scope: Scope | None) -> str:
    """Name the levels at which the beat may be counted as well: `` (or 61.5 BPM, 22% likely)``."""
    named = [level for level in tempo.alternatives_bpm if level.weight_fraction >= MIN_NAMED_WEIGHT]
    if scope is not None or not named:
        return ""
    told = " or ".join(f"{BPM.format(one.bpm)}, {PROBABILITY.format(one.weight_fraction)} likely" for one in named)
    return f" (or {told})"


def _rule(found: Estimate, tempo: Tempo, low: float, high: float) -> tuple[Ruling, float, tuple[str, ...]]:
    chosen = max(0.0, 1 - sum(level.weight_fraction for level in tempo.alternatives_bpm))
    ruling = found.within(low, high)
    if low <= found.value <= high:
        return ruling, max(0.5, chosen if ruling is Ruling.SUPPORTED else 0.5), ()
    as_said = [level for level in _levels(found, tempo) if low <= level.bpm <= high]
    if not as_said:
        return ruling, 0.4 if ruling is Ruling.INCONCLUSIVE else UNLIKELY_LEVEL, ()
    level = max(as_said, key=lambda one: one.weight_fraction)
    caveat = f"The same beat may be counted at {BPM.format(level.bpm)} or at {BPM.format(found.value)}."
    if level.weight_fraction >= MIN_NAMED_WEIGHT:
        return Ruling.SUPPORTED, max(0.51, 0.5 + level.weight_fraction / 2), (caveat,)
    return Ruling.INCONCLUSIVE, 0.5, (caveat,)


def _levels(found: Estimate, tempo: Tempo) -> list[MetricalLevel]:
    """Return the other levels of a tempo: those that were rated, and half and double of it."""
    ratio = found.value / tempo.bpm.value
    rated = [
        MetricalLevel(bpm=level.bpm * ratio, weight_fraction=level.weight_fraction)
        for level in tempo.alternatives_bpm
        if level.weight_fraction >= MIN_NAMED_WEIGHT
    ]
    return [*rated, *(MetricalLevel(bpm=factor * found.value, weight_fraction=0.0) for factor in SAME_BEAT)]
