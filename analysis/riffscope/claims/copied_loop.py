"""The riff is a loop that was copied, or played anew each time."""

from typing import Literal

from riffscope.analyzers.loops import Loops
from riffscope.claims.reading import reading_of, turned
from riffscope.model import Finding, Ruling
from riffscope.steps import claim

# From here on passes are the same sound. Of 77 songs that loop, the one above is made of copied patterns; the others,
# most of them played or with a voice over it, read .93 at most.
COPIED = 0.95
# A copy with a voice over it reads no higher than a riff that is played: even odds.
COVERED = 0.4


@claim
def copied_loop(loops: Loops, *, relation: Literal["present", "absent"] = "present") -> Finding:
    """Ask whether the riff is one recording, copied; with `absent`, whether it was played again each time.

    Other sounds on top make the repeats differ just as a player would, so only a copy can be shown, never playing.
    """
    exactness = reading_of("loops.exactness_fraction", loops.exactness_fraction)
    copied = loops.exactness_fraction >= COPIED
    found = Finding(
        ruling=Ruling.SUPPORTED if copied else Ruling.INCONCLUSIVE,
        because=exactness.sentence(asked=f"copies share {exactness.measure.unit.given(COPIED)} or more"),
        probability=0.95 if copied else COVERED,
        evidence=(exactness.evidence(limit=COPIED, spans=(loops.example,)),),
        caveats=() if copied else ("Sounds over a copied loop make its repeats differ, as a player would.",),
    )
    return found if relation == "present" else turned(found)
