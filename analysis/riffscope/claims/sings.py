"""Somebody sings, in the song or in a section."""

from typing import Literal

from riffscope.analyzers.vocal_activity import VocalActivity
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.claims.reading import in_doubt, reading_of, turned
from riffscope.claims.rounds import ruled_by
from riffscope.claims.scope import Scope, measures_of_sections
from riffscope.errors import Absence
from riffscope.measures import capitalised
from riffscope.model import Finding, Missing
from riffscope.song import SongAnalysis
from riffscope.steps import claim
from riffscope.words import percent_of

# Where no voice was found there is one all the same so often: in 1 of 10 rendered songs that were refused.
UNHEARD = 0.1
# A section is sung from so much of it on: less is a phrase that runs over its end. Chosen, not fitted.
SUNG_FRACTION = 0.15


@claim
def sings(
    song: SongAnalysis, *, relation: Literal["present", "absent"] = "present", scope: Scope | None = None
) -> Finding:
    """Ask whether somebody sings, in the song or in some sections; with `absent`, whether nobody does.

    A section is sung if singing fills at least 15% of it: less may be a phrase that runs over from the next.
    """
    match song.outcomes.get("vocal_activity"):
        case Missing(code=Absence.NO_VOICE, reason=reason):
            if scope is not None:
                scope.read(song, measures_of_sections()["loudness_lufs"])  # the section must be there
            found = Finding(ruling=ruled_by(UNHEARD), because=capitalised(reason), probability=UNHEARD)
            return found if relation == "present" else turned(found)
    found = _in_song(song) if scope is None else _in_sections(song, scope)
    return found if relation == "present" else turned(found)


def _in_song(song: SongAnalysis) -> Finding:
    activity, pitch = song[VocalActivity], song[VocalPitch]
    probability = pitch.singer_probability
    share = reading_of("vocal_activity.sung_fraction", activity.sung_fraction)
    return Finding(
        ruling=ruled_by(probability),
        because=share.sentence(asked=f"{percent_of(probability)} sure"),
        probability=probability,
        evidence=(share.evidence(spans=activity.spans),),
    )


def _in_sections(song: SongAnalysis, scope: Scope) -> Finding:
    share = scope.read(song, measures_of_sections()["sung_fraction"])
    probability = 1 - share.probability_at_most(SUNG_FRACTION)
    unit = share.measure.unit
    found = Finding(
        ruling=ruled_by(probability),
        because=share.sentence(asked=f"{unit.given(SUNG_FRACTION)} or more counts as sung"),
        probability=probability,
        evidence=(share.evidence(limit=SUNG_FRACTION),),
    )
    return in_doubt(found, share.certainty)
