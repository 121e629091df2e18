"""The key changes."""

import itertools
from typing import Literal

from riffscope.analyzers.key import Key, KeyName, KeyPart
from riffscope.analyzers.section_profile import SectionProfile, naming_probability
from riffscope.claims.options import relative_key, same_key
from riffscope.claims.reading import in_doubt, turned
from riffscope.claims.rounds import ruled_by
from riffscope.claims.scope import Scope
from riffscope.model import Evidence, Finding, Span, value
from riffscope.notes import pitch_class
from riffscope.song import SongAnalysis
from riffscope.steps import claim
from riffscope.units import clock
from riffscope.words import joined

# Where no change was found there may be one; where another was found than is claimed, it may have been misheard; and a
# change to the relative key, which has the same notes, is found wrongly as often as not. Chosen, not fitted.
UNFOUND, IF_OTHER_STEP, TO_RELATIVE = 0.12, 0.15, 0.5
# A false claim and a change that was found wrongly agree so often. Chosen, not fitted.
COINCIDENCE = 0.3
# A change belongs to the section in which it comes, or that begins so soon after it: two bars.
BEFORE_S = 4.0


@value
class _Change:
    """A change of key."""

    before: KeyPart
    after: KeyPart

    @property
    def at_s(self) -> float:
        """When the new key begins."""
        return self.after.start_s

    @property
    def up(self) -> int:
        """By how many semitones the tonic goes up, -5..6."""
        return (pitch_class(self.after.tonic) - pitch_class(self.before.tonic) + 5) % 12 - 5

    @property
    def probability(self) -> float:
        """How likely there is such a change, given a claim that says so."""
        one, other = (KeyName(tonic=part.tonic, mode=part.mode) for part in (self.before, self.after))
        if same_key(relative_key(one), other):
            return TO_RELATIVE
        sure = min(self.before.confidence_fraction, self.after.confidence_fraction)
        return sure / (sure + (1 - sure) * COINCIDENCE)


@claim
def key_changes(
    song: SongAnalysis,
    *,
    relation: Literal["present", "absent"] = "present",
    semitones: float | None = None,
    scope: Scope | None = None,
) -> Finding:
    """Ask whether the key changes, by some semitones or in some section; with `absent`, whether it never does.

    Down is negative. A change to the relative key, which has the same notes, is rarely found, and so is one of a few
    bars.
    """
    key, certainty, inside = song[Key], 1.0, None
    if scope is not None:
        sections = scope.sections(song[SectionProfile])
        certainty, inside = naming_probability(sections, scope.kind), [section.span for section in sections]
    changes = [
        change
        for before, after in itertools.pairwise(key.parts)
        if not same_key(_name(before), _name(after)) and _is_in(change := _Change(before=before, after=after), inside)
    ]
    fitting = [change for change in changes if semitones is None or (change.up - round(semitones)) % 12 == 0]
    if fitting:
        probability = max(change.probability for change in fitting)
    elif changes:
        probability = IF_OTHER_STEP
    else:
        probability = UNFOUND
    found = Finding(
        ruling=ruled_by(probability),
        because=_told(fitting or changes, scope, KeyName(tonic=key.tonic, mode=key.mode)),
        probability=probability,
        evidence=tuple(
            Evidence(
                label=f"Change to {_name(change.after).in_words}",
                measure="key.parts",
                spans=(Span(start_s=max(0.0, change.at_s - BEFORE_S), end_s=change.at_s + BEFORE_S),),
            )
            for change in fitting or changes
        ),
    )
    return in_doubt(found if relation == "present" else turned(found), certainty)


def _told(changes: list[_Change], scope: Scope | None, key: KeyName) -> str:
    if not changes:
        where = "" if scope is None else f" in {scope}"
        return f"No key change was found{where}; the song stays in {key.in_words}"
    told = [
        f"at {clock(change.at_s)} from {_name(change.before).in_words} to {_name(change.after).in_words}"
        f" ({change.up:+d} semitones)".replace("-", "\N{MINUS SIGN}")
        for change in changes
    ]
    return f"The key changes {joined(told)}"


def _name(part: KeyPart) -> KeyName:
    return KeyName(tonic=part.tonic, mode=part.mode)


def _is_in(change: _Change, spans: list[Span] | None) -> bool:
    return spans is None or any(span.start_s - BEFORE_S <= change.at_s < span.end_s for span in spans)
