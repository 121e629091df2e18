"""The sections of the song come in some order."""

import itertools
from collections.abc import Iterable, Sequence

from riffscope.analyzers.section_profile import SectionProfile
from riffscope.claims.options import NamedForm
from riffscope.claims.rounds import ruled_by
from riffscope.errors import Absence, NotMeasured
from riffscope.model import Evidence, Finding, Span
from riffscope.song import SongAnalysis
from riffscope.steps import claim

# How likely a form is as said, by how many sections it differs in from what was found, where its names are sure; each
# further difference counts as the last. Of 66 forms of 33 rendered songs, half of them false by two sections, those
# that differ by none are true in 11 of 11 cases, by one in 14 of 17, by two in 6 of 25, and by more in 1 of 11.
BY_DIFFERENCES = (0.95, 0.6, 0.3, 0.12, 0.06)
# And where the names are wrong. Chosen.
IF_MISNAMED = 0.4
# What texts leave out of a form unless they speak of it.
OFTEN_LEFT_OUT = ("intro", "outro", "instrumental")


@claim
def form_is(song: SongAnalysis, *, form: NamedForm) -> Finding:
    """Ask whether the sections of the song come in an order such as "verse", "chorus", "verse", "chorus".

    Sections of one name in a row count as one. An intro, an outro and an instrumental count only where the form names
    one, a pre-chorus is often found as a part of the verse, and a solo is found as an instrumental.
    """
    profile = song[SectionProfile]
    named = [section for section in profile.sections if section.function is not None]
    if not named:
        raise NotMeasured("section_profile", Absence.NO_SECTION, "no section could be named")
    functions = [section.function or "" for section in named]
    unnamed = [name for name in (*OFTEN_LEFT_OUT, "pre-chorus") if name not in form.functions]
    unfound = ["pre-chorus"] if "pre-chorus" not in functions else []
    differences = _differences(_comparable(functions, unnamed), _comparable(form.functions, unfound))
    sure = sum((section.function_probability or 0.0) * section.span.duration_s for section in named)
    sure /= sum(section.span.duration_s for section in named)
    likely = BY_DIFFERENCES[min(differences, len(BY_DIFFERENCES) - 1)]
    # A false form hardly ever agrees with names that are wrong as well.
    agrees = likely * sure / (likely * sure + (1 - likely))
    probability = sure * likely + (1 - sure) * IF_MISNAMED if differences else agrees
    return Finding(
        ruling=ruled_by(probability),
        because=f"The form found is {', '.join(functions)}; the claim says {form}",
        probability=probability,
        evidence=(
            Evidence(
                label="Sections",
                measure="section_profile.sections",
                spans=tuple(Span(start_s=section.start_s, end_s=section.end_s) for section in named),
            ),
        ),
    )


def _comparable(functions: Sequence[str], left_out: Iterable[str]) -> list[str]:
    """Leave out what cannot be compared, and count what repeats in a row once; a solo is found as an instrumental."""
    kept = ["instrumental" if name == "solo" else name for name in functions if name not in set(left_out)]
    return [name for name, _ in itertools.groupby(kept)]


def _differences(found: Sequence[str], said: Sequence[str]) -> int:
    """Count the sections that must be added, left out or renamed to make one form the other (Levenshtein)."""
    row = list(range(len(said) + 1))
    for i, name in enumerate(found, 1):
        above, row = row, [i]
        for j, other in enumerate(said, 1):
            row.append(min(above[j - 1] + (name != other), above[j] + 1, row[j - 1] + 1))
    return row[-1]
