"""The song has a section of some kind, or so many."""

import math
from collections.abc import Mapping, Sequence
from typing import Literal

from riffscope.analyzers.section_profile import SectionProfile
from riffscope.claims.reading import turned
from riffscope.claims.rounds import ruled_by
from riffscope.claims.scope import Scope
from riffscope.errors import Absence, NotMeasured
from riffscope.model import Evidence, Finding, Ruling
from riffscope.song import SongAnalysis
from riffscope.steps import claim
from riffscope.words import count as counted

# Where no section of a kind was found, there is one so often all the same. Of rendered songs with a chorus 3 of 10 have
# an intro then, 7 of 41 a bridge and 1 of 33 an outro; recordings have more bridges. A pre-chorus is found as a verse,
# a solo as an instrumental. Those of the others were chosen.
UNFOUND: Mapping[str, float] = {
    "verse": 0.15,
    "chorus": 0.15,
    "intro": 0.3,
    "outro": 0.2,
    "bridge": 0.3,
    "instrumental": 0.35,
    "solo": 0.4,
    "pre-chorus": 0.5,
}
# And where the section has no usual name.
UNFOUND_OTHER = 0.3
# How likely a count is as said, by how far it is from what was found; farther counts as the last. Of 49 songs 31 have
# as many choruses as were found, and 17 one more or less: half of all claims being false, by one or two.
BY_DISTANCE = (0.88, 0.4, 0.15, 0.08)
# And where the names are wrong. Chosen.
IF_MISNAMED = 0.4


@claim
def section_is(
    song: SongAnalysis,
    *,
    section: Scope,
    relation: Literal["present", "absent"] = "present",
    count: float | None = None,
) -> Finding:
    """Ask whether the song has some kind of section, such as a bridge, or how many; with `absent`, whether it has none.

    Sections that follow one another are counted one by one. If the sections have no names, this cannot be tested.
    """
    profile = song[SectionProfile]
    if not any(one.function for one in profile.sections):
        raise NotMeasured("section_profile", Absence.NO_SECTION, "no section could be named")
    found = profile.called(section.kind)
    number = len(found)
    likely = [one.function_probability or 1.0 for one in found]
    if count is not None:
        probability = _probability_of_count(likely, abs(number - round(count)))
    else:
        # The second of a kind is there where there are two; the last, and any, where there is one.
        spare = sorted(likely, reverse=True)[max(section.place or 1, 1) - 1 :]
        unfound = UNFOUND.get(section.kind, UNFOUND_OTHER)
        probability = 1 - math.prod(1 - one for one in spare) if spare else unfound
    asked = "" if count is None else f" (the claim says {count:g})"
    heard = f"{counted(number, section.kind)} {'was' if number == 1 else 'were'}" if found else f"No {section.kind} was"
    # Where none was found, and that is not enough.
    may_be_missed = not found and count is None and ruled_by(probability) is Ruling.INCONCLUSIVE
    missed = ", but it is a section that is often missed" if may_be_missed else ""
    finding = Finding(
        ruling=ruled_by(probability),
        because=f"{heard} found {profile.among}{asked}{missed}",
        probability=probability,
        evidence=(
            Evidence(
                label="Sections",
                measure="section_profile.sections",
                spans=tuple(one.span for one in found or profile.sections),
            ),
        ),
    )
    return finding if relation == "present" else turned(finding)


def _probability_of_count(likely: Sequence[float], distance: int) -> float:
    """Return how likely a count is that is so far from the number of sections that were found."""
    sure = math.prod(likely) ** (1 / len(likely)) if likely else 1.0
    as_said = BY_DISTANCE[min(distance, len(BY_DISTANCE) - 1)]
    # A false count hardly ever agrees with names that are wrong as well.
    agrees = as_said * sure / (as_said * sure + (1 - as_said))
    return sure * as_said + (1 - sure) * IF_MISNAMED if distance else agrees
