"""The song, or a section, has a tempo, at whichever metrical level it is counted."""

from collections.abc import Sequence
from typing import Annotated

from riffscope.analyzers.beats import Beats
from riffscope.analyzers.tempo import MIN_NAMED_WEIGHT, PRECISION, Tempo
from riffscope.claims.reading import Reading, in_doubt
from riffscope.claims.scope import Scope, measures_of_sections
from riffscope.measures import all_measures
from riffscope.model import Estimate, Finding, Ruling
from riffscope.song import SongAnalysis
from riffscope.steps import claim
from riffscope.units import BPM, PERCENT, clock
from riffscope.words import percent_of

# That the tempo is one which was not found, at no level. Chosen, not fitted.
UNFOUND = 0.05
# Half and double of a tempo are the same beat counted otherwise: where riffscope gives such a level less weight than it
# names, a text may mean it all the same. Of other parts of the song the claim is true as well. Even odds.
OPEN = 0.5
SAME_BEAT = (0.5, 2.0)
# In bars of two or three beats, three may be counted as two: 6/8 as 3/4.
IN_THREES, BARS_IN_THREES = (2 / 3, 1.5), {2, 3}
# The range of a tempo holds other levels that are likely; within one level it reaches no farther than this.
ONE_LEVEL = 1.25


@claim
def tempo_is(
    song: SongAnalysis,
    *,
    bpm: float,
    to: float | None = None,
    within_percent: Annotated[float, PERCENT] = 2.0,
    scope: Scope | None = None,
) -> Finding:
    """Ask whether the tempo is a number of BPM, or between two, within some percent, at any metrical level.

    The claim may count at half or double the tempo that was found, or in threes. If that count is likely, the claim is
    supported as well, and the verdict says so; if it is only possible, or fits another part of the song, the claim is
    inconclusive.
    """
    tempo = song[Tempo]
    reading = _read(song, scope)
    low, high = bpm * (1 - within_percent / 100), (to or bpm) * (1 + within_percent / 100)
    beats = song.get(Beats)
    same_beat = SAME_BEAT if beats is None or beats.beats_per_bar not in BARS_IN_THREES else (*SAME_BEAT, *IN_THREES)
    ruling, probability, caveats = _rule(reading.found, tempo, low, high, same_beat, parts=scope is None)
    asked = f"the claim says {f'{bpm:g} to {BPM.given(to)}' if to else BPM.given(bpm)}"
    told = reading.measure.sentence(BPM.format(reading.found.value), BPM.number(reading.found.value))
    found = Finding(
        ruling=ruling,
        because=f"{told}{_others(tempo, scope)}; {asked}",
        probability=probability,
        evidence=(reading.evidence(limit=bpm),),
        caveats=caveats,
    )
    return in_doubt(found, reading.certainty)


def _read(song: SongAnalysis, scope: Scope | None) -> Reading:
    """Return the tempo at the level that was chosen."""
    if scope is not None:
        reading = scope.read(song, measures_of_sections()["tempo.bpm"])
        measure, bpm, where, certainty = reading.measure, reading.found, reading.where, reading.certainty
    else:
        (measure,) = (measure for measure in all_measures() if measure.path == "tempo.bpm")
        bpm, where, certainty = song[Tempo].bpm, (), 1.0
    found = _at_one_level(bpm, [level.bpm for level in song[Tempo].alternatives_bpm])
    return Reading(measure=measure, found=found, where=where, certainty=certainty)


def _at_one_level(bpm: Estimate, others_bpm: Sequence[float]) -> Estimate:
    """Return the range within the level: an end that is another level is taken to be as far away as the other end."""
    low, high = max(bpm.low, bpm.value / ONE_LEVEL), min(bpm.high, bpm.value * ONE_LEVEL)
    low_is_other, high_is_other = (
        any(abs(end / other - 1) <= PRECISION for other in others_bpm) for end in (bpm.low, bpm.high)
    )
    if low_is_other and high_is_other:
        low, high = bpm.value * (1 - PRECISION), bpm.value * (1 + PRECISION)
    elif low_is_other:
        low = max(low, 2 * bpm.value - high)
    elif high_is_other:
        high = min(high, 2 * bpm.value - low)
    return Estimate(value=bpm.value, low=low, high=high)


def _others(tempo: Tempo, scope: Scope | None) -> str:
    """Name the levels at which the beat may be counted as well: `` (or 61.5, 22% likely)``."""
    named = [level for level in tempo.alternatives_bpm if level.weight_fraction >= MIN_NAMED_WEIGHT]
    if scope is not None or not named:
        return ""
    told = " or ".join(f"{BPM.number(one.bpm)}, {percent_of(one.weight_fraction)} likely" for one in named)
    return f" (or {told})"


def _rule(
    found: Estimate, tempo: Tempo, low: float, high: float, same_beat: Sequence[float], *, parts: bool
) -> tuple[Ruling, float, tuple[str, ...]]:
    """Rule on a tempo at the level that was chosen, then at others, then in other parts of the song."""
    ruling = found.within(low, high)
    if ruling is Ruling.SUPPORTED:
        chosen = 1 - sum(level.weight_fraction for level in tempo.alternatives_bpm)
        return ruling, max(chosen, OPEN + MIN_NAMED_WEIGHT), ()
    if ruling is Ruling.INCONCLUSIVE:
        return ruling, OPEN, ()
    named = [level for level in tempo.alternatives_bpm if level.weight_fraction >= MIN_NAMED_WEIGHT]
    ratio = found.value / tempo.bpm.value
    levels = [(level.bpm * ratio, level.weight_fraction) for level in named]
    levels += [(factor * found.value, 0.0) for factor in same_beat]
    for other, weight in levels:
        if low <= other <= high:
            caveat = f"The same beat can be counted at {BPM.number(other)} or {BPM.format(found.value)}."
            likely = weight >= MIN_NAMED_WEIGHT
            return (
                Ruling.SUPPORTED if likely else Ruling.INCONCLUSIVE,
                OPEN + (weight if likely else 0.0),
                (caveat,),
            )
    for part in tempo.parts if parts else ():
        if low <= part.bpm.value <= high:
            there = f"From {clock(part.start_s)} to {clock(part.end_s)} the tempo is {BPM.format(part.bpm.value)}."
            return Ruling.INCONCLUSIVE, OPEN, (there,)
    return ruling, UNFOUND, ()
