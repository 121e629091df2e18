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
    """Ask whether two parts of a song have the same chords, in whatever order; with `absent`, whether they differ.

    Sevenths and inversions do not count. Where most sections of one name have other chords than the rest, those that
    last longer are compared.
    """
    parts = [rounds_of(song, one) for one in (scope, against)]
    first, second = (part.prevailing for part in parts)
    if first is None or second is None:
        silent = scope if first is None else against
        return Finding(
            ruling=Ruling.INCONCLUSIVE,
            because=f"{capitalised(str(silent))} goes round no chords that could be made out",
        )
    same = probability_of_same(first, second)
    probability = same if relation == "present" else 1 - same
    ruling = ruled_by(probability)
    told = f"{capitalised(str(scope))} {parts[0].goes(first)} {first.in_words}, {against} {second.in_words}"
    found = Finding(
        ruling=ruling,
        because=f"{told}; the chords are not sure enough to tell" if ruling is Ruling.INCONCLUSIVE else told,
        probability=probability,
        evidence=(
            first.evidence(f"Chords of {scope}"),
            second.evidence(f"Chords of {against}"),
        ),
        caveats=()
        if same_round(first.places, second.places) or same < 0.5
        else ("They are the same chords in another order.",),
    )
    return in_doubt(found, min(part.certainty for part in parts))
