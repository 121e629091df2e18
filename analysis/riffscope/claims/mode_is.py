"""The song, or a section, is in major or in minor."""

from typing import Literal

from riffscope.claims.keys import heard_key
from riffscope.claims.reading import in_doubt
from riffscope.claims.rounds import ruled_by
from riffscope.claims.scope import Scope
from riffscope.measures import capitalised
from riffscope.model import Finding
from riffscope.song import SongAnalysis
from riffscope.steps import claim
from riffscope.words import percent_of


@claim
def mode_is(song: SongAnalysis, *, mode: Literal["major", "minor"], scope: Scope | None = None) -> Finding:
    """Ask whether the song, or some of its sections, is in major or in minor, on any tonic.

    The third decides: dorian counts as minor, mixolydian as major.
    """
    heard = heard_key(song, scope)
    where = capitalised(str(scope)) if scope else "The song"
    probability = heard.minor_probability if mode == "minor" else 1 - heard.minor_probability
    likelier = "minor" if heard.minor_probability >= 0.5 else "major"
    sure = max(heard.minor_probability, 1 - heard.minor_probability)
    says = "" if likelier == mode else f"; the claim says {mode}"
    found = Finding(
        ruling=ruled_by(probability),
        because=f"{where} is {percent_of(sure)} likely to be in {likelier}, probably {heard}{says}",
        probability=probability,
        evidence=(heard.evidence("Key" if scope is None else f"Key of {scope}"),),
    )
    return in_doubt(found, heard.certainty)
