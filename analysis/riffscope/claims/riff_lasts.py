"""The riff is so long."""

from typing import Literal

from riffscope.analyzers.loops import Loop, LoopKind, Loops, bars_in_words
from riffscope.analyzers.section_profile import SectionProfile, naming_probability
from riffscope.claims.reading import in_doubt
from riffscope.claims.rounds import ruled_by
from riffscope.claims.scope import Scope
from riffscope.errors import Absence, NotMeasured
from riffscope.model import Evidence, Finding
from riffscope.song import SongAnalysis
from riffscope.steps import claim
from riffscope.units import SECONDS

# Of riffs whose length was found nine in ten have it; of those that are half or twice as long as said either may be
# right, since a riff that comes twice with a change is one of either length. Chosen after `loops`' figures: the period
# was right on 9 of 9 and 35 of 36 mixes, and on 23 of 26 of others.
RIGHT, HALF_OR_TWICE, WRONG = 0.92, 0.5, 0.08
# A claim that names another length is true where a passage was found within which something shorter loops: even odds.
IN_PASSAGE = 0.5


@claim
def riff_lasts(
    song: SongAnalysis,
    *,
    length: float,
    unit: Literal["bars", "beats", "s"] = "bars",
    within_percent: float = 5.0,
    scope: Scope | None = None,
) -> Finding:
    """Ask whether the riff lasts some bars, beats or seconds; in some sections, the one that sounds there longest.

    A riff found to be half or twice as long leaves the claim inconclusive: if a figure comes twice with a change,
    either length is right.
    """
    loops = song[Loops]
    loop, certainty = (loops, 1.0) if scope is None else _loop_in(song, loops, scope)
    found = {"bars": loop.period_bars, "beats": float(loop.period_beats), "s": loop.period_s}[unit]
    probability = _likely(found, length, within_percent / 100)
    others = [
        {"bars": one.period_bars, "beats": float(one.period_beats), "s": one.period_s}[unit] for one in loops.others
    ]
    if probability == WRONG and scope is None and any(_likely(other, length, 0.05) == RIGHT for other in others):
        probability = HALF_OR_TWICE
    sure = loop.probability if loop.kind is not LoopKind.PASSAGE else IN_PASSAGE
    probability = sure * probability + (1 - sure) / 2
    asked = SECONDS.format(length) if unit == "s" else f"{length:g} {unit}"
    beats = "" if loop.period_beats == 1 else "s"
    told = f"{bars_in_words(loop.period_bars)} ({loop.period_beats} beat{beats}, {SECONDS.format(loop.period_s)})"
    verdict = Finding(
        ruling=ruled_by(probability),
        because=f"The {loop.kind.noun} lasts {told}; the claim says {asked}",
        probability=probability,
        evidence=(
            Evidence(
                label="Length of the riff",
                measure={"bars": "loops.period_bars", "beats": "loops.period_beats", "s": "loops.period_s"}[unit],
                value=found,
                unit=unit,
                limit=length,
                spans=(loop.example,),
            ),
        ),
    )
    return in_doubt(verdict, certainty)


def _likely(found: float, said: float, within: float) -> float:
    """Return how likely a length is that is said of a riff, by the length that was found."""
    for times, probability in ((1.0, RIGHT), (0.5, HALF_OR_TWICE), (2.0, HALF_OR_TWICE)):
        if abs(found - times * said) <= within * times * abs(said):
            return probability
    return WRONG


def _loop_in(song: SongAnalysis, loops: Loops, scope: Scope) -> tuple[Loop, float]:
    """Return what loops longest in some sections, and how likely they are what they are called."""
    sections = scope.sections(song[SectionProfile])

    def inside_s(loop: Loop) -> float:
        return sum(
            max(0.0, min(span.end_s, section.end_s) - max(span.start_s, section.start_s))
            for span in loop.spans
            for section in sections
        )

    best = max((loops, *loops.others), key=inside_s)
    if inside_s(best) < best.period_s:
        raise NotMeasured("loops", Absence.NO_RIFF, f"no repeating riff was found in {scope}")
    return best, naming_probability(sections, scope.kind)
