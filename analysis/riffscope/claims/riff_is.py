"""A riff comes back, in the song or in a section."""

from typing import Annotated, Literal

from riffscope.analyzers.loops import LoopKind, Loops
from riffscope.claims.reading import in_doubt, reading_of, turned
from riffscope.claims.rounds import ruled_by
from riffscope.claims.scope import Scope, measures_of_sections
from riffscope.errors import Absence
from riffscope.measures import capitalised
from riffscope.model import Finding, Missing
from riffscope.song import SongAnalysis
from riffscope.steps import claim
from riffscope.units import FRACTION
from riffscope.words import bars_long, with_article

# Of songs with a riff one in ten has none that is found. Chosen, after `loops`' figures: of 25 pieces without a riff
# none was given one, and 44 of 45 rendered riffs were found.
UNFOUND_PROBABILITY = 0.1
# Where all that repeats is a passage, there may be a loop within that was not found, or none: even odds.
PASSAGE_PROBABILITY = 0.5


@claim
def riff_is(
    song: SongAnalysis,
    *,
    relation: Literal["present", "absent"] = "present",
    scope: Scope | None = None,
    share: Annotated[float, FRACTION] = 0.5,
) -> Finding:
    """Ask whether the song has a riff, or one sounds in a share of some sections; with `absent`, whether there is none.

    A chord loop counts as a riff, and the verdict says so. A repeated passage leaves the claim inconclusive.
    """
    found = _in_song(song) if scope is None else _in_sections(song, scope, share)
    return found if relation == "present" else turned(found)


def _in_song(song: SongAnalysis) -> Finding:
    match song.outcomes.get("loops"):
        case Missing(code=Absence.NO_RIFF, reason=reason):
            return Finding(
                ruling=ruled_by(UNFOUND_PROBABILITY), because=capitalised(reason), probability=UNFOUND_PROBABILITY
            )
    loops = song[Loops]
    is_passage = loops.kind is LoopKind.PASSAGE
    probability = loops.probability * (PASSAGE_PROBABILITY if is_passage else 1.0)
    coverage = reading_of("loops.coverage_fraction", loops.coverage_fraction)
    noun = capitalised(with_article(f"{bars_long(loops.period_bars)} {loops.kind.noun}"))
    return Finding(
        ruling=ruled_by(probability),
        because=f"{noun} is heard in {coverage.in_words()} of the song",
        probability=probability,
        evidence=(coverage.evidence(spans=loops.spans),),
        caveats=_caveats(loops),
    )


def _in_sections(song: SongAnalysis, scope: Scope, share: float) -> Finding:
    reading = scope.read(song, measures_of_sections()["loops.coverage_fraction"])
    loops = song.get(Loops)
    probability = 1 - reading.probability_at_most(share)
    if loops is not None:
        probability *= loops.probability * (PASSAGE_PROBABILITY if loops.kind is LoopKind.PASSAGE else 1.0)
    noun = "riff" if loops is None else loops.kind.noun
    unit = reading.measure.unit
    found = Finding(
        ruling=ruled_by(probability),
        because=f"The {noun} is heard in {reading.in_words()} of {scope} (needs {unit.given(share)})",
        probability=probability,
        evidence=(reading.evidence(limit=share),),
        caveats=() if loops is None else _caveats(loops),
    )
    return in_doubt(found, reading.certainty)


def _caveats(loops: Loops) -> tuple[str, ...]:
    if loops.kind is LoopKind.CHORDS:
        return ("What repeats is a chord loop, not a riff.",)
    return ("What repeats is a whole passage, not a riff.",) if loops.kind is LoopKind.PASSAGE else ()
