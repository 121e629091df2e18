"""Measurements in words: numbers with units and ranges, note names, times, counts, and text made fit to be set."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from riffscope.notes import Spelling
from riffscope.units import BARS, FRACTION, MIDI, PROBABILITY, Unit, clock

if TYPE_CHECKING:
    from riffscope.model import Estimate, Span, Verdict

# Longer than any honest title; a hostile one must not fill pages.
MAX_TITLE_LETTERS = 300
# A sentence holds two titles of this length beside its numbers.
TITLE_LETTERS = 24


def row_label(label_with_measurement: str) -> str:
    """Name a row of a comparison without its measurement: ``Loudness: true peak`` -> ``True peak``."""
    words = label_with_measurement.partition(": ")[2] or label_with_measurement
    return words[:1].upper() + words[1:]


def amount(number: "float | Estimate", unit: Unit, spelling: Spelling) -> str:
    """Write a number with its unit; a pitch as its note's name."""
    # The values bring numpy along, which takes longer than all that the command line's help needs.
    from riffscope.model import Estimate

    middle = number.value if isinstance(number, Estimate) else number
    if unit == BARS and 0 <= middle < 0.5:
        return "less than a bar"
    return spelling.print(middle) if unit == MIDI else unit.format(middle)


def range_of(estimate: "Estimate", unit: Unit, spelling: Spelling | None = None) -> str:
    """Write the range of an estimate: ``122.6 to 123.4 BPM``; with a spelling, which pitches need, ``A2 to B2``."""
    if unit == MIDI:
        if spelling is None:
            raise ValueError("the name of a pitch depends on how the document spells notes")
        low, high = spelling.print(estimate.low), spelling.print(estimate.high)
        return f"within a semitone of {low}" if low == high else f"{low} to {high}"
    low, high = unit.number(estimate.low), unit.number(estimate.high)
    if low == high:
        return f"{unit.format(estimate.value)} either way"
    return f"{low} to {unit.format(estimate.high)}"


def between(estimate: "Estimate", unit: Unit, spelling: Spelling | None = None) -> str:
    """Write the range of an estimate behind its number, which has the unit: ``122.6 to 123.4``.

    Of pitches, which need a spelling: ``A2 to B2``, ``within a semitone``.
    """
    if unit == MIDI:
        if spelling is None:
            raise ValueError("the name of a pitch depends on how the document spells notes")
        low, high = spelling.print(estimate.low), spelling.print(estimate.high)
        return "within a semitone" if low == high else f"{low} to {high}"
    return f"{unit.number(estimate.low)} to {unit.number(estimate.high)}"


def span(stretch: "Span") -> str:
    """Write where to listen: ``1:02.4 to 1:05.0``."""
    return f"{clock(stretch.start_s, decimals=1)} to {clock(stretch.end_s, decimals=1)}"


def count(number: int, noun: str) -> str:
    """Write a count with its noun: ``1 stretch``, ``3 stretches``."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun}{'es' if noun.endswith(('s', 'ch', 'sh', 'x')) else 's'}"


def bars_long(count: float) -> str:
    """Write a length in bars before a noun: ``2-bar``, ``half-bar``."""
    return "half-bar" if count == 0.5 else f"{count:g}-bar"


def with_article(noun: str) -> str:
    """Put the article before a noun: ``a 2-bar riff``, ``an 8-bar passage``, ``an instrumental``."""
    first = re.split(r"\W", noun)[0]
    return f"{'an' if first[0] in 'aeiou8' or first in {'11', '18'} else 'a'} {noun}"


def numbered(kinds: Sequence[str]) -> tuple[str, ...]:
    """Tell things of one kind apart by numbers: ``verse, chorus, verse`` -> ``verse 1, chorus, verse 2``."""
    count, seen, out = Counter(kinds), Counter[str](), []
    for kind in kinds:
        seen[kind] += 1
        out.append(f"{kind} {seen[kind]}" if count[kind] > 1 else kind)
    return tuple(out)


def percent_of(probability: float) -> str:
    """Write a probability in percent, never as certain: ``1%`` to ``99%``."""
    return PROBABILITY.format(min(0.99, max(0.01, probability)))


def share_of(fraction: float) -> str:
    """Write a share in percent, a trace as more than nothing: ``15%``, ``less than 1%``."""
    shown = FRACTION.format(fraction)
    return "less than 1%" if fraction > 0 and shown == FRACTION.format(0.0) else shown


def moved_by(semitones: float) -> str:
    """Say where something sounds again: ``3 semitones lower``, ``at the same pitch``."""
    moved = round(semitones)
    if not moved:
        return "at the same pitch"
    return f"{count(abs(moved), 'semitone')} {'higher' if moved > 0 else 'lower'}"


def leaning(verdict: "Verdict") -> str:
    """Say to which side an inconclusive claim leans: ``probably true, 8 in 10``; empty where it leans to neither."""
    if verdict.leaning is None or verdict.probability is None:
        return ""
    side, sure = (
        ("true", verdict.probability) if verdict.leaning == "probably_true" else ("false", 1 - verdict.probability)
    )
    return f"probably {side}, {min(9, round(10 * sure))} in 10"


def joined(parts: list[str], last: str = "and") -> str:
    """Join parts with commas and a word before the last."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def sentence(text: str) -> str:
    """Begin with a capital letter and end with a full stop; the name of a file stays as it is."""
    text = text.strip()
    if not text:
        return ""
    # A file's name is left as it is spelled.
    first = text if re.match(r"\S+\.\w{2,4}\b", text) else text[0].upper() + text[1:]
    return first + ("" if text.endswith((".", "?", "!", "…")) else ".")


def date(moment: datetime) -> str:
    """Write a moment in universal time, the same in every locale: ``24 November 2026, 14:50 UTC``."""
    months = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ]
    utc = moment.astimezone(UTC)
    return f"{utc.day} {months[utc.month - 1]} {utc.year}, {utc:%H:%M} UTC"


def plain(text: str, longest: int | None = None) -> str:
    """Make text from outside fit to be set: one line, no control characters, valid Unicode, not longer than asked.

    The two joiners stay, which Persian and emoji need; signs that turn the direction of the text around them go.
    """
    valid = text.encode("utf-8", "replace").decode("utf-8")
    spaced = "".join(" " if unicodedata.category(c) == "Cc" else c for c in valid)
    unturned = "".join(c for c in spaced if unicodedata.category(c) not in {"Cf", "Co"} or c in "\u200c\u200d")
    kept = " ".join(unturned.split())
    return kept if longest is None else shorten(kept, longest)


def shorten(text: str, longest: int) -> str:
    """Cut a text to a length, with an ellipsis where something was cut."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
