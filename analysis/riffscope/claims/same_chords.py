"""Two parts of a song have the same chords."""

from typing import Literal

from riffscope.claims.reading import in_doubt
from riffscope.claims.rounds import probability_of_same, rounds_of, ruled_by
from riffscope.claims.scope import Scope
from riffscope.dsp.tonality.progressions import same_round
from riffscope.measures import capitalised
from riffscope.model import Finding, Ruling
from riffscope.song import SongAnalysis
from riffscope.steps import claim


@claim
def same_chords(
    song: SongAnalysis, *, scope: Scope, against: Scope, relation: Literal["present", "absent"] = "present"
) -> Finding:
    """Ask whether two parts of a song have the same chords, in any order; with `absent`, whether they differ.

    Sevenths and inversions do not count. If sections of one name differ in their chords, those that last longer are
    compared.
    """
    parts = [rounds_of(song, one) for one in (scope, against)]
    first, second = (part.prevailing for part in parts)
    if first is None or second is None:
        silent = scope if first is None else against
        return Finding(
            ruling=Ruling.INCONCLUSIVE,
            because=f"No chord loop was found in {silent}",
        )
    same = probability_of_same(first, second)
    probability = same if relation == "present" else 1 - same
    ruling = ruled_by(probability)
    goes = [part.goes(heard) for part, heard in zip(parts, (first, second), strict=True)]
    if first.in_words == second.in_words:
        both = {"repeats": "repeat", "stays on": "stay on", "has": "have"}[max(goes)]
        told = f"{capitalised(str(scope))} and {against} both {both} {first.in_words}"
    else:
        told = f"{capitalised(str(scope))} {goes[0]} {first.in_words} and {against} {goes[1]} {second.in_words}"
    found = Finding(
        ruling=ruling,
        because=f"{told}, but these chords are uncertain" if ruling is Ruling.INCONCLUSIVE else told,
        probability=probability,
        evidence=(
            first.evidence(f"Chords of {scope}"),
            second.evidence(f"Chords of {against}"),
        ),
        caveats=() if same_round(first.places, second.places) or same < 0.5 else ("The order of the chords differs.",),
    )
    return in_doubt(found, min(part.certainty for part in parts))
