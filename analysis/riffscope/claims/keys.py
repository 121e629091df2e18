"""Keys for claims: which one a song, or some of its sections, is in, how sure that is, and how likely another is.

Conventions: probabilities are 0..1; a key is the same however it is spelled. Source: own.
"""

from collections.abc import Sequence
from typing import Protocol

from riffscope.analyzers.key import Key, KeyName, KeyPart, name_of_key
from riffscope.analyzers.section_profile import SectionProfile, naming_probability
from riffscope.claims.options import relative_key, same_key
from riffscope.claims.scope import Scope
from riffscope.errors import Absence, NotMeasured
from riffscope.model import Evidence, Span, value
from riffscope.song import SongAnalysis
from riffscope.units import PROBABILITY

# A claim names a key for a reason: where riffscope has the wrong key, one that is false as well is the same in so many
# cases. Chosen, not fitted.
COINCIDENCE = 0.2
# Where a claim names another key than was found, the odds that it is right are those of an error times this: most
# errors are the second most likely key, many the relative, which has the same notes. Chosen, not fitted.
IF_SECOND, IF_RELATIVE, IF_OTHER = 3.0, 2.0, 0.5
# No key is surer than this, of however clear chords. Chosen, not fitted.
SUREST = 0.97


class _Stretch(Protocol):
    """What has a start and an end."""

    @property
    def start_s(self) -> float: ...
    @property
    def end_s(self) -> float: ...


@value
class HeardKey:
    """The key that a song, or some of its sections, is in for longest.

    Attributes
    ----------
    name : KeyName
    probability : float
        That tonic and mode are right.
    minor_probability : float
        That the mode is minor.
    second : KeyName or None
        The second most likely key, where that is known.
    others : tuple of KeyPart
        Parts in other keys.
    spans : tuple of Span
        Where it is in this key.
    certainty : float
        How likely the sections are what they are called.
    """

    name: KeyName
    probability: float
    minor_probability: float
    second: KeyName | None
    others: tuple[KeyPart, ...]
    spans: tuple[Span, ...]
    certainty: float = 1.0

    def __str__(self) -> str:
        """``C♯ minor``."""
        return self.name.in_words

    @property
    def in_words(self) -> str:
        """``C♯ minor (71% likely; next best: E major)``, or ``C♯ minor or E major`` where either may be right."""
        return name_of_key(self.name, self.probability, self.second)

    def evidence(self, label: str) -> Evidence:
        """Return it for a verdict."""
        return Evidence(
            label=label,
            measure="key.confidence_fraction",
            value=self.probability,
            unit=PROBABILITY.stored_symbol,
            spans=self.spans,
        )

    def probability_of(self, claimed: KeyName) -> float:
        """Return the probability that it is in the key that a claim names."""
        sure = min(self.probability, SUREST)
        if same_key(self.name, claimed):
            return sure / (sure + (1 - sure) * COINCIDENCE)
        is_second = self.second is not None and same_key(self.second, claimed)
        is_relative = same_key(relative_key(self.name), claimed)
        odds = (1 - sure) / sure * (IF_SECOND if is_second else IF_RELATIVE if is_relative else IF_OTHER)
        return odds / (1 + odds)


def heard_key(song: SongAnalysis, scope: Scope | None) -> HeardKey:
    """Return the key of the song, or of some sections.

    Raises
    ------
    NotMeasured
        The song has no key or no such sections, or the sections have none.
    """
    key = song[Key]
    whole = (Span(start_s=0.0, end_s=song.source.duration_s),)
    if scope is None:
        return _of(key, whole, key.parts, certainty=1.0)
    sections = scope.sections(song[SectionProfile])
    spans = tuple(section.span for section in sections)
    within = [part for part in key.parts if _shared_s(part, spans) > 0]
    if key.parts and not within:
        raise NotMeasured("key", Absence.NO_KEY, f"no key was found in {scope}")
    return _of(key, spans, within, certainty=naming_probability(sections, scope.kind))


def _of(key: Key, spans: tuple[Span, ...], parts: Sequence[KeyPart], *, certainty: float) -> HeardKey:
    """Take the key that most of some spans is in; in analyses without parts it is that of the song."""
    main = KeyName(tonic=key.tonic, mode=key.mode)
    longest = max(
        parts, key=lambda one: sum(_shared_s(part, spans) for part in parts if _same(part, one)), default=None
    )
    name = main if longest is None else KeyName(tonic=longest.tonic, mode=longest.mode)
    is_main = same_key(name, main)
    sure = key.confidence_fraction if is_main or longest is None else longest.confidence_fraction
    in_minor = sure + (1 - sure) / 2 if name.mode == "minor" else (1 - sure) / 2
    own = [part for part in parts if longest is not None and _same(part, longest)]
    return HeardKey(
        name=name,
        probability=sure,
        minor_probability=key.minor_probability if is_main else in_minor,
        second=key.runner_up if is_main else None,
        others=tuple(part for part in parts if part not in own),
        spans=spans if not own else tuple(Span(start_s=part.start_s, end_s=part.end_s) for part in own),
        certainty=certainty,
    )


def _same(one: KeyPart, other: KeyPart) -> bool:
    return same_key(KeyName(tonic=one.tonic, mode=one.mode), KeyName(tonic=other.tonic, mode=other.mode))


def _shared_s(part: _Stretch, spans: Sequence[Span]) -> float:
    return sum(max(0.0, min(part.end_s, span.end_s) - max(part.start_s, span.start_s)) for span in spans)
