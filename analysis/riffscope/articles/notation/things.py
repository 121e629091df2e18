"""Things: what stands in a sentence and is replaced by a sign, and the numbers among them. Source: own."""

import re
from collections.abc import Callable
from dataclasses import dataclass

_UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_LOOSE = {"half a dozen": 6, "a half dozen": 6, "a dozen": 12, "a couple of": 2, "a pair of": 2, "a couple": 2}

NUMBER_WORD = (
    rf"(?:(?:an?|one|two) hundred(?:(?: and)?[ -](?:(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(list(_UNITS)[1:10])}))?"
    rf"|{'|'.join(_UNITS)}))?|(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(list(_UNITS)[1:10])}))?|{'|'.join(_UNITS)})"
)
_DIGITS = r"\d{1,7}(?:,\d{3})*(?:\.\d{1,6})?"
NUMBER = (
    rf"(?:(?:minus |[-−–](?=\d))?(?:{_DIGITS}|{NUMBER_WORD})(?:[ -]and[ -](?:a[ -])?(?:half|quarter|third)| and "
    rf"three[- "
    rf"]quarters?|½|¼|¾| point (?:{'|'.join(_UNITS)}))?"
    r"|half a dozen|a half[- ]dozen|a dozen|a couple(?: of)?)"
)
RANGE = r"\s?(?:-|–|—|to|and|or)\s?"


@dataclass(frozen=True, kw_only=True)
class Thing:
    """A number, a note, a section ... that stands in a sentence.

    Attributes
    ----------
    kind : str
        ``bpm``, ``lufs``, ``key``, ``note``, ``chords``, ``form``, ``meter``, ``clock``, ``length``, ``semitones``,
        ``bars``, ``beats``, ``percent``, ``section``, ``title``, ``mode`` or ``number``.
    value : number, str, tuple of str or None
    high : number, str or None
        The upper end of a range.
    text : str
        As it stands in the sentence.
    """

    kind: str
    value: float | str | tuple[str, ...] | None
    high: float | str | None = None
    text: str = ""


class Rewriter:
    """Replaces things by signs, one kind after the other."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.things: list[Thing] = []

    def sign(self, thing: Thing) -> str:
        """Keep a thing, and return the sign for it."""
        self.things.append(thing)
        return f" \x00{len(self.things) - 1}\x01 "

    def sub(self, pattern: re.Pattern[str], make: Callable[[re.Match[str]], Thing | str | None]) -> None:
        """Replace what a function makes of each match: a thing by its sign, a text by itself; None leaves it."""

        def put(match: re.Match[str]) -> str:
            made = make(match)
            if made is None:
                return match[0]
            return made if isinstance(made, str) else self.sign(made)

        self.text = pattern.sub(put, self.text)


def read_number(text: str) -> float | None:
    """Read a number in digits or in words: ``seventy-six``, ``minus nine and a half``; None where it is none."""
    words = text.strip().lower().replace("−", "-").replace("–", "-")
    words = re.sub(r"[ -]and[ -](a[ -])?(?=half|quarter|third)", " and a ", words)
    if words in _LOOSE:
        return float(_LOOSE[words])
    sign = 1.0
    for minus in ("minus ", "-"):
        if words.startswith(minus):
            sign, words = -1.0, words.removeprefix(minus)
    more = 0.0
    for tail, part in (
        (" and a half", 0.5),
        (" and half", 0.5),
        ("½", 0.5),
        (" and a quarter", 0.25),
        (" and a third", 1 / 3),
        (" and three quarters", 0.75),
        (" and three-quarters", 0.75),
        (" and three-quarter", 0.75),
        (" and three quarter", 0.75),
        ("¼", 0.25),
        ("¾", 0.75),
    ):
        if words.endswith(tail):
            more, words = part, words.removesuffix(tail)
    if " point " in words:
        words, _, decimal = words.partition(" point ")
        more = _UNITS.get(decimal.strip(), 0) / 10
    words = words.strip()
    if re.fullmatch(_DIGITS, words):
        return sign * (float(words.replace(",", "")) + more)
    total = 0
    for word in re.split(r"[\s-]+", words.replace(" and ", " ")):
        if word in {"a", "an"}:
            total += 1
        elif word == "hundred":
            total = max(1, total) * 100
        elif word in _UNITS or word in _TENS:
            total += _UNITS.get(word, _TENS.get(word, 0))
        else:
            return None
    return sign * (total + more)


def amount(kind: str, match: re.Match[str], low: int = 0, high: int | None = None) -> Thing | None:
    """Make a thing of the number in a group of a match, and of that in another where it is a range."""
    value = read_number(match[low] if low else match[0])
    upper = read_number(match[high]) if high is not None and match[high] else None
    return None if value is None else Thing(kind=kind, value=value, high=upper, text=match[0].strip())


def ranged(unit: str) -> re.Pattern[str]:
    """Return the pattern of a number, or of two with ``to`` between them, with a unit."""
    return re.compile(rf"(?<![\w.,:/-])({NUMBER})(?:{RANGE}({NUMBER}))?[-\s]?(?:{unit})", re.IGNORECASE)


def one_spelling(text: str) -> str:
    """Write quotes, hyphens and spaces in one way each."""
    for signs, one in (("‘’‛′`", "'"), ("“”„″«»", '"'), ("‑‐", "-"), ("\u00a0\u2009\u202f\t\r\n", " ")):
        for sign in signs:
            text = text.replace(sign, one)
    return re.sub("[\x00-\x1f\x7f]", " ", text)
