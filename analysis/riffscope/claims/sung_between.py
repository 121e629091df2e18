"""The melody, or most of it, lies between two notes."""

from typing import Literal

from riffscope.analyzers.vocal_range import VocalRange
from riffscope.claims.numbers import read_number
from riffscope.claims.options import NamedNote
from riffscope.claims.reading import Reading, all_of, within_limits
from riffscope.measures import all_measures, claimed_measures
from riffscope.model import Estimate, Finding, Ruling
from riffscope.song import SongAnalysis
from riffscope.steps import claim

OCTAVE = 12
# The ends of the tessitura are plain percentiles: they move by as much with a few notes more. Chosen, not fitted.
TESSITURA_UNSURE = 0.7
# Notes an octave away are the same melody written for another clef: even odds.
OTHER_CLEF = 0.5


@claim
def sung_between(
    song: SongAnalysis,
    voice: VocalRange,
    *,
    lowest: NamedNote,
    highest: NamedNote,
    of: Literal["range", "tessitura"] = "range",
    within: float = 1.5,
) -> Finding:
    """Ask whether the lowest and the highest sung note are the given ones, each within some semitones.

    With `of` the tessitura, they are the notes between which the middle 80% of the singing lies. If both are an octave
    away, the claim stays inconclusive: men's parts are often written an octave higher than they sound.
    """
    low, high = _ends(song, voice, of)
    findings = [
        within_limits(end, note.midi - within, note.midi + within, asked="", limit=note.midi)
        for end, note in ((low, lowest), (high, highest))
    ]
    ruling = all_of([finding.ruling for finding in findings])
    probability = min(finding.probability or 0.0 for finding in findings)
    caveats: tuple[str, ...] = ()
    if ruling is Ruling.REFUTED and _octave_away(low, lowest, within) and _octave_away(high, highest, within):
        ruling, probability = Ruling.INCONCLUSIVE, OTHER_CLEF
        caveats = ("An octave away it would fit, as men's parts are often written an octave higher.",)
    what = "The singing goes" if of == "range" else "The middle 80% of the singing goes"
    return Finding(
        ruling=ruling,
        because=f"{what} from {low.in_words()} to {high.in_words()}; the claim says {lowest} to {highest}",
        probability=probability,
        evidence=tuple(evidence for finding in findings for evidence in finding.evidence),
        caveats=caveats,
    )


def _ends(song: SongAnalysis, voice: VocalRange, of: str) -> tuple[Reading, Reading]:
    """Return the lowest and the highest note, or the ends of the tessitura."""
    if of == "range":
        measures = [one for one in claimed_measures() if one.path.startswith("vocal_range.")]
        found = [read_number(song, measure) or voice.lowest_midi for measure in measures]
    else:
        paths = ("vocal_range.tessitura_low_midi", "vocal_range.tessitura_high_midi")
        measures = [measure for path in paths for measure in all_measures() if measure.path == path]
        found = [
            Estimate(value=end, low=end - TESSITURA_UNSURE, high=end + TESSITURA_UNSURE)
            for end in (voice.tessitura_low_midi, voice.tessitura_high_midi)
        ]
    low, high = (
        Reading(measure=measure, found=end, spelling=song.spelling)
        for measure, end in zip(measures, found, strict=True)
    )
    return low, high


def _octave_away(end: Reading, note: NamedNote, within: float) -> bool:
    return abs(abs(end.found.value - note.midi) - OCTAVE) <= within
