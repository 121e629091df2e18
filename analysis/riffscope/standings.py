"""Verdicts in short: how each stands in two words, in the order that people read them, and how many stand so.

Every place that lists verdicts, the terminal, a report and a notebook, takes its order and its words from here.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from riffscope import words
from riffscope.model import Ruling, Verdict, value

_ORDER = tuple(Ruling)


@value
class Untestable:
    """Claims that cannot be tested for one and the same reason."""

    reason: str
    verdicts: tuple[Verdict, ...]


def in_order(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Sort verdicts: supported, refuted, probably true, probably false, open, not testable; else as they stand."""
    return tuple(sorted(verdicts, key=lambda one: (_ORDER.index(one.ruling), _leans(one))))


def _leans(verdict: Verdict) -> int:
    return {"probably_true": 0, "probably_false": 1, None: 2}[verdict.leaning]


def label(verdict: Verdict) -> str:
    """Say in short how a claim is ruled on: ``supported``, or ``probably true, 8 in 10`` of an open one that leans."""
    return words.leaning(verdict) or ruling_in_words(verdict.ruling)


def reason(verdict: Verdict) -> str:
    """Say in a sentence why a claim is ruled on so, and to which side an open one leans."""
    return words.sentence("; ".join(part for part in (verdict.because, words.leaning(verdict)) if part))


def ruling_in_words(ruling: Ruling) -> str:
    """``not_testable`` -> ``not testable``."""
    return ruling.replace("_", " ")


def tally(verdicts: Iterable[Verdict]) -> Mapping[Ruling, int]:
    """Count verdicts by ruling, in the order of `in_order`; a ruling that none has counts 0."""
    counted = Counter(verdict.ruling for verdict in verdicts)
    return {ruling: counted[ruling] for ruling in _ORDER}


def tested(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Return the verdicts on claims that could be tested, in order."""
    return in_order(verdict for verdict in verdicts if verdict.ruling is not Ruling.NOT_TESTABLE)


def untestable(verdicts: Iterable[Verdict]) -> tuple[Untestable, ...]:
    """Put claims that cannot be tested together by their reasons; the reason that most share comes first."""
    by_reason: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.ruling is Ruling.NOT_TESTABLE:
            by_reason.setdefault(words.sentence(verdict.because), []).append(verdict)
    grouped = [Untestable(reason=reason, verdicts=tuple(some)) for reason, some in by_reason.items()]
    return tuple(sorted(grouped, key=lambda one: -len(one.verdicts)))
