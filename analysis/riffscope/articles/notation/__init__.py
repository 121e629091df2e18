"""Notation: the numbers, notes, keys, chords, times, intervals, sections and titles that stand in a sentence.

Conventions: a sentence is rewritten in lower case with single spaces, hyphens and contractions undone, marks of
punctuation as words of their own, and each of these things replaced by a sign and its place in a list, as in
``it is in #key0 at #bpm1 .``. Intervals are in semitones, durations and times in seconds. Source: own; intervals as in
common practice, from the unison on.
"""

import re
from dataclasses import dataclass

from riffscope.articles.notation.numbers import counts, lengths, levels, meters, shares, tempi
from riffscope.articles.notation.pitches import chords, intervals, keys, modes, notes
from riffscope.articles.notation.sections import ORDINALS, forms, sections
from riffscope.articles.notation.things import NUMBER, Rewriter, Thing, amount, one_spelling
from riffscope.articles.notation.titles import find_titles

__all__ = ["ORDINALS", "Rewritten", "Thing", "rewrite"]


@dataclass(frozen=True, kw_only=True)
class Rewritten:
    """A sentence with its things replaced by signs."""

    text: str
    things: tuple[Thing, ...]


def rewrite(sentence: str, titles: tuple[str, ...] = ()) -> Rewritten:
    """Replace the things in a sentence by signs, and undo contractions, capitals and hyphens.

    Parameters
    ----------
    titles : tuple of str
        Titles of songs that are known: they are found without quotes too.
    """
    made = Rewriter(one_spelling(sentence))
    find_titles(made, titles)
    for step in (
        forms,
        chords,
        keys,
        notes,
        meters,
        levels,
        tempi,
        lengths,
        intervals,
        counts,
        shares,
        sections,
        modes,
    ):
        step(made)
    made.sub(_BARE_NUMBER, lambda m: amount("number", m))
    return Rewritten(text=_words(made), things=tuple(made.things))


_BARE_NUMBER = re.compile(rf"(?<![\w\x00.,:/-])(?!one(?!\w)){NUMBER}(?![\w\x01])", re.IGNORECASE)

# --------------------------------------------------------------------------------------------------------------- words
_CONTRACTIONS = (
    (re.compile(r"\bmic'?d\b"), "miked"),
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"\bcan't\b|\bcannot\b"), "can not"),
    (re.compile(r"\bshan't\b"), "shall not"),
    (re.compile(r"\bain't\b"), "is not"),
    (re.compile(r"n't\b"), " not"),
    (
        re.compile(
            r"\b(it|that|there|here|he|she|what|who|this|where|how|everything|nothing|nobody|someone|everyone)'s\b"
        ),
        r"\1 is",
    ),
    (re.compile(r"\blet's\b"), "let us"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"'d\b"), " would"),
    (re.compile(r"\bi'm\b"), "i am"),
    # "The melody's a different one": a verb, where no noun can follow.
    (
        re.compile(
            r"'s\b(?= (?:not|an?|the|so|too|very|really|all|only|just|never|always|mostly|almost|nearly|pretty"
            r"|quite|in|on|at"
            r"|about|huge|massive|loud|quiet|busy|sparse|slow|fast|dry|wet|wide|narrow|bright|dark|long|short|heavy"
            r"|thin|\w+ing)\b)"
        ),
        " is",
    ),
    (re.compile(r"'s\b"), " 's"),
)
_SIGN = re.compile("\x00(\\d+)\x01")


def _words(made: Rewriter) -> str:
    """Write the text as words and signs with single spaces."""
    text = made.text.lower()
    for pattern, plain in _CONTRACTIONS:
        text = pattern.sub(plain, text)
    text = re.sub(r"\s[-–—]+\s|—|--+|–(?!\d)", " — ", text)
    text = re.sub(r"(?<=\w)-(?=\w)", " ", text)
    text = re.sub(r"([,;:.!?()—…])", r" \1 ", text)
    text = re.sub(r"[^\w\s\x00\x01,;:.!?()—'&%#♩=/…]", " ", text)
    text = _SIGN.sub(lambda m: f" #{made.things[int(m[1])].kind}{m[1]} ", text)
    return " ".join(text.split())
