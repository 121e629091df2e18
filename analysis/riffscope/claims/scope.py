"""Scope: the sections of a song that a claim is about, such as ``chorus``, ``last chorus``, ``verse 2`` or ``A'``.

Conventions: sections are called by what they do or by their letter, as in ``structure``; several of one name count as
one, each by its length. Source: own.
"""

import difflib
import re
import typing
from typing import TYPE_CHECKING

from riffscope.claims.reading import Reading
from riffscope.errors import Absence, NotMeasured
from riffscope.measures import Measure, claimed_measures_of_sections, decapitalised, section_measures
from riffscope.model import SectionFunction, value
from riffscope.song import SongAnalysis

if TYPE_CHECKING:
    from riffscope.analyzers.section_profile import ProfiledSection, SectionProfile

FUNCTIONS: tuple[str, ...] = typing.get_args(SectionFunction)
# All sections together, which one of them may be compared with.
WHOLE = "song"
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
_LETTERS = re.compile(r"[A-Z]{1,2}'*\Z")


@value
class Scope:
    """Which sections a claim is about.

    Attributes
    ----------
    kind : str
        What they do, such as ``chorus``, or their letter.
    place : int or None
        Which of them, from 1; -1 for the last; None for all.
    """

    kind: str
    place: int | None = None

    def __str__(self) -> str:
        """``the chorus``, ``the last chorus``, ``verse 2``, ``section A'``, ``the whole song``."""
        if self.kind == WHOLE:
            return "the whole song"
        named = self.kind if self.kind in FUNCTIONS else f"section {self.kind}"
        if self.place is None:
            return f"the {named}" if self.kind in FUNCTIONS else named
        return f"the last {named}" if self.place < 0 else f"{named} {self.place}"

    def sections(self, profile: "SectionProfile") -> "tuple[ProfiledSection, ...]":
        """Return the sections of a song that it means.

        Raises
        ------
        NotMeasured
            There are none; says which there are.
        """
        found = profile.sections if self.kind == WHOLE else profile.called(self.kind)
        if self.place is not None and found:
            found = found[-1:] if self.place < 0 else found[self.place - 1 : self.place]
        if not found:
            raise NotMeasured("section_profile", Absence.NO_SECTION, f"no {self._named} was found {profile.among}")
        return found

    @property
    def _named(self) -> str:
        named = self.kind if self.kind in FUNCTIONS else f"section {self.kind}"
        return named if self.place is None or self.place < 0 else f"{named} {self.place}"

    def read(self, song: SongAnalysis, measure: Measure) -> Reading:
        """Read a number of these sections, with where they are and how likely they are what they are called.

        Parameters
        ----------
        song : SongAnalysis
        measure : Measure
            Of a section (`measures_of_sections`).

        Raises
        ------
        NotMeasured
            There are no such sections, or they lack the number.
        """
        from riffscope.analyzers.section_profile import SectionProfile, naming_probability, pool
        from riffscope.claims.numbers import read_number_of_sections

        profile = song[SectionProfile]
        sections = self.sections(profile)
        name = measure.path.partition(".")[2]
        found = read_number_of_sections(song, measure, sections)
        found = pool(sections, name) if found is None else found
        if found is None:
            raise NotMeasured(
                measure.path, Absence.TOO_LITTLE, f"the {decapitalised(measure.label)} could not be measured in {self}"
            )
        return Reading(
            measure=measure.within(str(self)),
            found=found,
            where=tuple(section.span for section in sections),
            certainty=naming_probability(sections, self.kind),
            spelling=song.spelling,
        )


def parse_scope(text: str) -> Scope:
    """Read which sections are meant.

    Raises
    ------
    ValueError
        It names none; says in a few words what may be named.
    """
    words = text.strip().split()
    place: int | None = None
    if len(words) > 1 and words[0].lower() in ORDINALS:
        place = ORDINALS[words.pop(0).lower()]
    elif len(words) > 1 and words[-1].isdecimal() and int(words[-1]) > 0:
        place = int(words.pop())
    named = " ".join(words)
    kind = (
        named if _LETTERS.match(named) else "-".join(word.lower() for word in words).replace("prechorus", "pre-chorus")
    )
    if kind in FUNCTIONS or _LETTERS.match(kind) or (kind == WHOLE and place is None):
        return Scope(kind=kind, place=place)
    near = difflib.get_close_matches(kind, FUNCTIONS, n=1, cutoff=0.0)[0]
    raise ValueError(
        f'{text!r} is not a section (the nearest is {near!r}; there are also letters such as "A\'", and '
        f"'first', 'last' or a number: 'chorus 2')"
    )


def measures_of_sections() -> dict[str, Measure]:
    """Return what can be measured of a section, by its name and by its path."""
    found = {measure.path: measure for measure in claimed_measures_of_sections()}
    profiled = section_measures()
    return found | {key: measure for measure in profiled for key in (measure.path.partition(".")[2], measure.path)}
