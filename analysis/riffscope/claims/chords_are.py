"""A section, or the song, goes round some chords."""

from collections.abc import Iterable
from typing import Annotated

from riffscope.analyzers.key import Key
from riffscope.chord_names import ChordName
from riffscope.claims.chord_sequence import ChordSequence
from riffscope.claims.reading import in_doubt
from riffscope.claims.rounds import HeardRound, probability_of, rounds_of, ruled_by, share_probability
from riffscope.claims.scope import Scope
from riffscope.measures import capitalised
from riffscope.model import Finding, Ruling
from riffscope.notes import pitch_class
from riffscope.progressions import place_of
from riffscope.song import SongAnalysis
from riffscope.steps import claim
from riffscope.units import FRACTION

MODES = {"major": (9, "minor"), "minor": (3, "major")}


@claim
def chords_are(
    song: SongAnalysis, *, chords: ChordSequence, scope: Scope | None = None, share: Annotated[float, FRACTION] = 0.5
) -> Finding:
    """Ask whether these chords repeat in this order, in at least a share of the song or of some sections.

    Chords are written as in ``["F#m7", "A", "E", "B"]``, or as degrees of the key: ``["vi", "IV", "I", "V"]``. Any of
    them may come first. Sevenths, inversions and how long a chord lasts do not count. Degrees are read in the key that
    was found, or in its relative.
    """
    rounds = rounds_of(song, scope)
    where = capitalised(str(scope)) if scope else "The song"
    if not rounds.rounds:
        return Finding(ruling=Ruling.INCONCLUSIVE, because=f"No chord loop was found in {scope or 'the song'}")
    likely = [_likely(song, chords, one) for one in rounds.rounds]
    probability = share_probability(rounds, likely, share)
    ruling = ruled_by(probability)
    # Speak of what decides: the sections with these chords, or those that most of it is made of.
    best = max(range(len(likely)), key=lambda k: (likely[k], rounds.rounds[k].duration_s))
    told = rounds.rounds[best] if ruling is Ruling.SUPPORTED else rounds.prevailing or rounds.rounds[best]
    covered = sum(one.duration_s for one in rounds.rounds if one.places == told.places) / rounds.duration_s
    mostly = "mostly " if scope is None and covered >= share else ""
    partly = f" in {FRACTION.format(covered)} of its length" if scope is None and covered < share else ""
    if ruling is not Ruling.SUPPORTED and partly and _likely(song, chords, told) > 0.5:
        against = f" (needs {FRACTION.given(share)})"
    else:
        against = _against(ruling, probability, chords)
    found = Finding(
        ruling=ruling,
        because=f"{where} {mostly}{rounds.goes(told)} {told.in_words}{partly}{against}",
        probability=probability,
        evidence=(told.evidence(f"Chords of {told.progression.section}"),),
        caveats=_turned(song, chords, told) if ruling is Ruling.SUPPORTED else (),
    )
    return in_doubt(found, rounds.certainty)


def _against(ruling: Ruling, probability: float, chords: ChordSequence) -> str:
    """Say what stands against the claim: that it names other chords, or that those that were heard are unsure."""
    if ruling is Ruling.SUPPORTED:
        return ""
    return ", but those chords are uncertain" if probability > 0.5 else f"; the claim says {chords}"


def _likely(song: SongAnalysis, chords: ChordSequence, heard: HeardRound) -> float:
    """Return how likely a section goes round these chords; degrees are as sure as the key at most."""
    likely = max(probability_of(places, heard) for places in _read_in_keys(song, chords, heard))
    if not chords.roman:
        return likely
    sure = song[Key].confidence_fraction
    return sure * likely + (1 - sure) / 2


def _read_in_keys(song: SongAnalysis, chords: ChordSequence, heard: HeardRound) -> list[tuple[int, ...]]:
    """Return the places that are meant; of degrees, in the key of the section and in its relative."""
    if not chords.roman:
        return [_places(chords.names())]
    key = song[Key]
    name, middle_s = (key.tonic, key.mode), (heard.progression.start_s + heard.progression.end_s) / 2
    for part in key.parts:
        if part.start_s <= middle_s < part.end_s:
            name = (part.tonic, part.mode)
    tonic, mode = pitch_class(name[0]), name[1]
    up, relative = MODES[mode]
    return [_places(chords.names(tonic, mode)), _places(chords.names((tonic + up) % 12, relative))]


def _places(names: Iterable[ChordName | None]) -> tuple[int, ...]:
    return tuple(place_of(name) for name in names)


def _turned(song: SongAnalysis, chords: ChordSequence, heard: HeardRound) -> tuple[str, ...]:
    """Say so where the round begins on another of the chords."""
    said = max(_read_in_keys(song, chords, heard), key=lambda places: probability_of(places, heard))
    if said[0] == heard.places[0]:
        return ()
    return (f"The order is the same, but this loop starts on {heard.in_words.split(' ')[0]}.",)
