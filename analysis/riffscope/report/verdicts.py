"""Verdicts as blocks: at a glance, and in full with what they rest on."""

from collections.abc import Iterator, Sequence

from riffscope import words
from riffscope.measures import topic_of, unit_of
from riffscope.model import Evidence, Ruling, Verdict
from riffscope.report.blocks import VerdictItem

# So many places are named; the others are counted.
MAX_PLACES = 3


def verdicts_at_a_glance(verdicts: Sequence[Verdict], *, reasons: bool) -> Iterator[VerdictItem]:
    """Write what is decided, with its reason where wanted, and the rest by ruling."""
    decided = [verdict for verdict in verdicts if verdict.ruling in {Ruling.SUPPORTED, Ruling.REFUTED}]
    for verdict in decided:
        because = words.sentence(verdict.because) if reasons else ""
        yield VerdictItem(text=verdict.text, ruling=verdict.ruling, because=because)
    for ruling in (Ruling.INCONCLUSIVE, Ruling.NOT_TESTABLE):
        texts = [_leaning(verdict) for verdict in verdicts if verdict.ruling is ruling]
        if texts:
            yield VerdictItem(text=" · ".join(texts), ruling=ruling, because="")


def _leaning(verdict: Verdict) -> str:
    """Write a claim with the side that it leans to, where it is open and leans to one."""
    said = words.leaning(verdict)
    return f"{verdict.text} ({said})" if said else verdict.text


def verdict_item(verdict: Verdict) -> VerdictItem:
    """Write a verdict with what it rests on."""
    return VerdictItem(
        text=verdict.text,
        ruling=verdict.ruling,
        because=words.sentence("; ".join(part for part in (verdict.because, words.leaning(verdict)) if part)),
        evidence=tuple(line for evidence in verdict.evidence if (line := _evidence(evidence, verdict.because))),
        caveats=tuple(words.sentence(caveat) for caveat in verdict.caveats),
    )


def _evidence(evidence: Evidence, because: str) -> str:
    """Write what a verdict rests on, but for the numbers that its sentence already gives; may be empty."""
    numbers, places = _numbers(evidence, because), places_of(evidence)
    parts = [*numbers, *([f"listen at {places}"] if places else [])]
    return f"{topic_of(evidence.label)}: {'; '.join(parts)}" if parts else ""


def figures_of(evidence: Evidence, because: str) -> str:
    """Write the numbers of a piece of evidence that the verdict's sentence does not give; may be empty."""
    numbers, topic = "; ".join(_numbers(evidence, because)), topic_of(evidence.label)
    return words.sentence(numbers if topic in because else f"{topic}: {numbers}") if numbers else ""


def places_of(evidence: Evidence) -> str:
    """Write where to hear it: the first few places, and how many more there are; may be empty."""
    more = len(evidence.spans) - MAX_PLACES
    heard = [words.span(span) for span in evidence.spans[:MAX_PLACES]]
    return f"{', '.join(heard)}{f' and {more} more' if more > 0 else ''}"


def _numbers(evidence: Evidence, because: str) -> list[str]:
    unit = unit_of(evidence.measure, evidence.unit)
    parts = []
    if evidence.value is not None and unit.format(evidence.value) not in because:
        parts.append(unit.format(evidence.value))
        if evidence.low is not None and evidence.high is not None and evidence.low < evidence.high:
            parts.append(f"range {unit.number(evidence.low)} to {unit.format(evidence.high)}")
        if evidence.limit is not None:
            parts.append(f"limit {unit.format(evidence.limit)}")
    if evidence.percentile is not None:
        parts.append(f"percentile {evidence.percentile:.0f} of {evidence.reference or 'the reference'}")
    return parts
