"""A song, or its round, has so many different chords."""

from typing import Literal

from riffscope.analyzers.chords import GOES_ROUND, Chords, count_chords
from riffscope.claims.reading import Reading, reading_of
from riffscope.claims.rounds import SURE, rounds_of
from riffscope.errors import Absence, NotMeasured
from riffscope.model import Estimate, Finding, Ruling
from riffscope.song import SongAnalysis
from riffscope.steps import claim

# "About four" is three to five.
ABOUT = 1.0
# That there is a round where none was found. Chosen.
UNFOUND_PROBABILITY = 0.1


@claim
def chord_count(
    song: SongAnalysis,
    *,
    count: float,
    relation: Literal["is", "about", "at_most"] = "is",
    of: Literal["song", "round"] = "song",
) -> Finding:
    """Ask how many different chords the song has, or its main chord loop: a four-chord loop has four.

    A chord of the song counts if it sounds for at least 4% of the time that has chords; sevenths and inversions are the
    same chord. ``about`` allows one more or less.
    """
    chords = song[Chords]
    found = count_chords(chords.spans) if of == "song" else _of_round(song)
    if found is None:
        return Finding(
            ruling=Ruling.REFUTED,
            because="Most of the song has no repeating chord loop",
            probability=UNFOUND_PROBABILITY,
        )
    if found.value == 0:
        raise NotMeasured("chords", Absence.NO_PITCH, "no chords were found")
    reading = reading_of("chords.different_chords", found)
    lowest = {"is": count, "about": count - ABOUT, "at_most": 0.0}[relation]
    highest = count + ABOUT if relation == "about" else count
    number = round(found.value)
    heard = f"{number} different chords" if number > 1 else "1 chord"
    maybe = "" if found.low == found.high else f"{found.low:g} to {found.high:g}; "
    asked = {"is": "", "about": "about ", "at_most": "at most "}[relation]
    return Finding(
        ruling=found.within(lowest, highest),
        because=f"The {'chord loop' if of == 'round' else of} has {heard} ({maybe}the claim says {asked}{count:g})",
        probability=_between(reading, lowest, highest),
        evidence=(reading.evidence(limit=count),),
    )


def _of_round(song: SongAnalysis) -> Estimate | None:
    """Count the chords of the song's round; None where nothing goes round for half of the song."""
    rounds = rounds_of(song, None)
    heard = rounds.prevailing
    # A round that each section has once goes on through the sections.
    times = {one.places: 0.0 for one in rounds.rounds}
    for one in rounds.rounds:
        times[one.places] += one.progression.rounds
    going_s = sum(one.duration_s for one in rounds.rounds if times[one.places] >= GOES_ROUND)
    if heard is None or going_s < rounds.duration_s / 2:
        return None
    number = len(set(heard.places))
    unsure = sum(sure < SURE for sure in heard.sure)
    return Estimate(value=float(number), low=float(max(1, number - unsure)), high=float(number + unsure))


def _between(reading: Reading, lowest: float, highest: float) -> float:
    """Return the probability that a whole number lies between two others, both included."""
    return reading.probability_at_most(highest + 0.5) - reading.probability_at_most(lowest - 0.5)
