"""The song has a section of some kind, or so many."""

import math
from collections.abc import Mapping
from typing import Literal

from riffscope.analyzers.section_profile import SectionProfile
from riffscope.claims.reading import turned
from riffscope.claims.rounds import ruled_by
from riffscope.claims.scope import Scope
from riffscope.errors import Absence, NotMeasured
from riffscope.model import Evidence, Finding
from riffscope.song import SongAnalysis
from riffscope.steps import claim
from riffscope.words import count as counted

# Where no section of a kind was found, there is one so often all the same: a pre-chorus is found as a verse, a solo as
# an instrumental. Chosen after 44 rendered songs and what `structure` says of itself.
UNFOUND: Mapping[str, float] = {
    "verse": 0.15,
    "chorus": 0.15,
    "intro": 0.2,
    "outro": 0.25,
    "bridge": 0.3,
    "instrumental": 0.35,
    "solo": 0.4,
    "pre-chorus": 0.5,
}
# How likely a count is as said, by how far it is from what was found; farther counts as the last. Chosen.
BY_DISTANCE = (0.9, 0.45, 0.2, 0.1)


@claim
def section_is(
    song: SongAnalysis,
    *,
    section: Scope,
    relation: Literal["present", "absent"] = "present",
    count: float | None = None,
) -> Finding:
    """Ask whether the song has a section of some kind, such as a bridge, or so many; with `absent`, whether not.

    Sections that follow one another count as one each. Where sections are not named, it cannot be told.
    """
    profile = song[SectionProfile]
    if not any(one.function for one in profile.sections):
        raise NotMeasured("section_profile", Absence.NO_SECTION, "its sections could not be named")
    found = profile.called(section.kind)
    number = len(found)
    likely = [one.function_probability or 1.0 for one in found]
    if count is not None:
        distance = abs(number - round(count))
        sure = math.prod(likely) ** (1 / number) if likely else 1.0
        probability = sure * BY_DISTANCE[min(distance, len(BY_DISTANCE) - 1)] + (1 - sure) / 2
        asked = f"; the claim says {count:g}"
    else:
        # The second of a kind is there where there are two; the last, and any, where there is one.
        needed = max(section.place or 1, 1)
        ranked = sorted(likely, reverse=True)
        probability = ranked[needed - 1] if number >= needed else UNFOUND.get(section.kind, 0.3)
        asked = ""
    names = ", ".join(one.function or one.label for one in profile.sections)
    finding = Finding(
        ruling=ruled_by(probability),
        because=f"{counted(number, section.kind) if found else f'No {section.kind}'} found among its sections: {names}"
        f"{asked}",
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
