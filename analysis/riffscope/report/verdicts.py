"""Verdicts as blocks: at a glance, and in full with what they rest on."""

import re
from collections.abc import Sequence
from dataclasses import replace

from riffscope import standings, words
from riffscope.measures import topic_of, unit_of
from riffscope.model import Estimate, Evidence, Span, Verdict
from riffscope.notes import Spelling
from riffscope.report.blocks import ClaimLine, ClaimLines, Count, Tally, Untested, VerdictItem
from riffscope.units import MIDI, PROBABILITY, SECONDS, Unit, clock

# So many places are named; the others are counted.
MAX_PLACES = 3
# Places no farther apart than this are one.
SAME_PLACE_S = 0.1


def claim_lines(verdicts: Sequence[Verdict]) -> ClaimLines:
    """Write a line for each claim that could be tested, and the others by their reasons."""
    return ClaimLines(
        lines=tuple(
            ClaimLine(ruling=one.ruling, label=standings.label(one), text=one.text, claim=one.claim)
            for one in standings.tested(verdicts)
        ),
        untested=tuple(
            Untested(reason=group.reason, claims=tuple(one.text for one in group.verdicts))
            for group in standings.untestable(verdicts)
        ),
    )


def tally(verdicts: Sequence[Verdict]) -> Tally:
    """Count verdicts by ruling."""
    counts = standings.tally(verdicts).items()
    return Tally(counts=tuple(Count(ruling=ruling, number=number) for ruling, number in counts))


def brief_verdict_item(verdict: Verdict) -> VerdictItem:
    """Write a verdict with its reason and where to listen; how far it leans stands in its label."""
    places = places_of(*verdict.evidence)
    return VerdictItem(
        text=verdict.text,
        ruling=verdict.ruling,
        label=standings.label(verdict),
        because=words.sentence(verdict.because),
        places=words.sentence(f"listen at {places}") if places else "",
    )


def verdict_item(verdict: Verdict, spelling: Spelling) -> VerdictItem:
    """Write a verdict with what it rests on; pitches are notes, spelled as the song's are."""
    return VerdictItem(
        text=verdict.text,
        ruling=verdict.ruling,
        because=standings.reason(verdict),
        evidence=tuple(
            line for evidence in verdict.evidence if (line := _evidence(evidence, verdict.because, spelling))
        ),
        caveats=tuple(words.sentence(caveat) for caveat in verdict.caveats),
    )


def _evidence(evidence: Evidence, because: str, spelling: Spelling) -> str:
    """Write what a verdict rests on, but for the numbers that its sentence already gives; may be empty."""
    numbers, places = _numbers(evidence, because, spelling), places_of(evidence)
    parts = [*numbers, *([f"listen at {places}"] if places else [])]
    return f"{_about(evidence.label)}: {'; '.join(parts)}" if parts else ""


def _about(label: str) -> str:
    """Begin a line of evidence: of one of two songs or sections with its name.

    ``Vocal range: span in Arena`` -> ``In Arena``.
    """
    _, of_one, which = label.partition(" in ")
    return f"In {which}" if of_one else topic_of(label)


def figures_of(evidence: Evidence, because: str, spelling: Spelling) -> str:
    """Write the numbers of a piece of evidence that the verdict's sentence does not give; may be empty."""
    numbers, topic = "; ".join(_numbers(evidence, because, spelling)), topic_of(evidence.label)
    return words.sentence(numbers if topic in because else f"{topic}: {numbers}") if numbers else ""


def places_of(*evidence: Evidence) -> str:
    """Write where to hear it: the first few places, and how many more there are; may be empty."""
    spans = _run_together(list(dict.fromkeys(span for one in evidence for span in one.spans)))
    more = len(spans) - MAX_PLACES
    heard = [words.span(span) for span in spans[:MAX_PLACES]]
    return f"{', '.join(heard)}{f' and {more} more' if more > 0 else ''}"


def _run_together(spans: Sequence[Span]) -> list[Span]:
    """Make one place of those that follow one another without a break."""
    found: list[Span] = []
    for span in spans:
        if found and abs(span.start_s - found[-1].end_s) <= SAME_PLACE_S:
            found[-1] = Span(start_s=found[-1].start_s, end_s=max(span.end_s, found[-1].end_s))
        else:
            found.append(span)
    return found


def _numbers(evidence: Evidence, because: str, spelling: Spelling) -> list[str]:
    unit = unit_of(evidence.measure, evidence.unit)
    parts = []
    if evidence.value is not None and not (
        _is_said(evidence.value, unit, because, spelling) or _is_none_of_a_limit(evidence, unit, because)
    ):
        parts.append(words.amount(evidence.value, unit, spelling))
        low, high = evidence.low, evidence.high
        if low is not None and high is not None and low < high and low <= evidence.value <= high:
            found = Estimate(value=evidence.value, low=low, high=high)
            parts[-1] += f" ({words.between(found, unit, spelling)})"
        if evidence.limit is not None:
            parts.append(f"limit {words.amount(evidence.limit, unit, spelling)}")
    if evidence.percentile is not None and (evidence.reference is None or evidence.reference not in because):
        parts.append(f"higher than {evidence.percentile:.0f}% of {evidence.reference or 'other songs'}")
    return parts


def _is_said(number: float, unit: Unit, because: str, spelling: Spelling) -> bool:
    """Tell whether a sentence gives a number: a pitch by its note, hundredths to a tenth, less as it is more.

    A time is given as on a clock, and a number with decimals is known without its unit.
    """
    if unit == MIDI:
        note = re.escape(words.amount(number, unit, spelling))
        return re.search(rf"(?<!\w){note}(?!\w)", because) is not None
    if unit == PROBABILITY and words.percent_of(number) in because:
        return True
    rounded = replace(unit, digits=min(unit.digits, 1))
    if unit.symbol == SECONDS.symbol and number >= 0 and clock(number, decimals=1) in because:
        return True
    if rounded.digits and re.search(rf"(?<![\d.]){re.escape(rounded.number(abs(number)))}(?![\d.]*\d)", because):
        return True
    return unit.format(abs(number)) in because or rounded.format(abs(number)) in because


def _is_none_of_a_limit(evidence: Evidence, unit: Unit, because: str) -> bool:
    """Tell whether a sentence that gives a limit says in words that nothing was found: ``never (8 allowed)``."""
    if evidence.value != 0 or evidence.limit is None:
        return False
    return re.search(rf"(?<![\d.]){re.escape(unit.number(evidence.limit))}(?![\d.])", because) is not None
