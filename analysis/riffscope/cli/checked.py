"""What the command line prints of a checked article: a tally, each statement with its ruling, and its files.

Rulings have a colour and a sign, so that they are told apart without colours as well.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from riffscope import words
from riffscope.cli.console import console, printable
from riffscope.cli.verdicts import signed_label, tally_line
from riffscope.model import Ruling
from riffscope.report.blocks import SIGNS

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from riffscope.articles.checked import CheckedArticle, CheckedSentence, CheckedStatement
    from riffscope.model import Verdict

# Below so many columns the ruling stands on a line of its own.
NARROW_COLUMNS = 60
# Four lines of 80 columns: enough to see what each statement was read from.
SENTENCE_LETTERS = 240
# Of a reason why something is not testable so many sentences are shown; the files have all.
MAX_QUOTES = 3
# Words that say nothing of what was understood.
_SMALL = {"an", "and", "are", "at", "has", "in", "is", "it", "its", "of", "song", "that", "the", "to", "whole"}


def print_checked(checked: "CheckedArticle", paths: Sequence[Path]) -> None:
    """Print how the statements of an article are ruled on, and where its files are."""
    from rich.text import Text

    out = console()
    titles = [f"“{printable(song.source.title)}”" for song in checked.songs]
    out.print(Text(f"{printable(checked.text.name)} against {words.joined(titles)}", style="bold"))
    out.print(_tally(checked, width=out.width))
    tested = [(sentence, _tested(sentence)) for sentence in checked.sentences]
    labels = max((signed_label(one.verdict).cell_len for _, readings in tested for one in readings), default=0)
    for sentence, readings in tested:
        for reading in readings:
            out.print()
            lines = _lines(sentence, reading, first=reading is readings[0])
            _print_ruling(out, reading.verdict, lines, labels=labels)
    _print_not_testable(out, checked)
    _print_not_understood(out, checked)
    if paths:
        out.print()
        out.print("The text with its rulings:")
        for path in paths:
            # One path stays in one piece, however long.
            print(f"  {printable(str(path))}")


def _tally(checked: "CheckedArticle", *, width: int) -> "Text":
    from rich.text import Text

    if not any(checked.tally.values()):
        return Text("No statement about the sound of the song was found in this text.")
    return tally_line(checked.tally, "statement", width=width)


def _tested(sentence: "CheckedSentence") -> "list[CheckedStatement]":
    return [one for one in sentence.readings if one.verdict.ruling is not Ruling.NOT_TESTABLE]


def _lines(sentence: "CheckedSentence", reading: "CheckedStatement", *, first: bool) -> Iterator["Text"]:
    """Give what is said of a statement: its sentence, once; what was understood, where that is not plain; and why."""
    from rich.text import Text

    if first:
        yield Text(_quoted(sentence.text), style="bold")
    if len(sentence.readings) > 1 or not _plainly_says(sentence.text, reading.in_words):
        yield Text(f"Read as: {printable(reading.in_words)}.", style="italic")
    yield Text(words.sentence(printable(reading.verdict.because)))


def _print_ruling(out: "Console", verdict: "Verdict", lines: Iterator["Text"], *, labels: int) -> None:
    from rich.table import Table
    from rich.text import Text

    if out.width < NARROW_COLUMNS:
        out.print(signed_label(verdict))
        for line in lines:
            out.print(line)
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=labels, no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(signed_label(verdict), Text("\n").join(lines))
    out.print(table)


def _print_not_testable(out: "Console", checked: "CheckedArticle") -> None:
    from rich.padding import Padding
    from rich.text import Text

    reasons: dict[str, list[str]] = {}
    for sentence in checked.sentences:
        if sentence.kind == "not_testable":
            reasons.setdefault(words.sentence(sentence.reason or "no recording shows it"), []).append(sentence.text)
        for reading in sentence.readings:
            if reading.verdict.ruling is Ruling.NOT_TESTABLE:
                reasons.setdefault(words.sentence(reading.verdict.because), []).append(sentence.text)
    if not reasons:
        return
    out.print()
    out.print(Text(f"{SIGNS[Ruling.NOT_TESTABLE]} not testable, and why", style="bold"))
    for reason, sentences in reasons.items():
        out.print(Padding(Text(printable(reason)), (0, 0, 0, 2)))
        quotes = list(dict.fromkeys(map(_quoted, sentences)))
        more = len(quotes) - MAX_QUOTES
        shown = [f"“{quote}”" for quote in quotes[:MAX_QUOTES]] + ([f"and {more} more"] if more > 0 else [])
        for line in shown:
            out.print(Padding(Text(line, style="dim"), (0, 0, 0, 4)))


def _print_not_understood(out: "Console", checked: "CheckedArticle") -> None:
    from rich.padding import Padding
    from rich.text import Text

    lost = [one.text for one in checked.sentences if one.kind == "checkable" and not one.readings]
    if lost:
        out.print()
        out.print(Text("Not understood", style="bold"))
    for sentence in lost:
        out.print(Padding(Text(f"“{_quoted(sentence)}”"), (0, 0, 0, 2)))


def _quoted(sentence: str) -> str:
    # Line ends within a sentence are the article's layout; what else cannot be printed is shown as what it is.
    return printable(words.shorten(" ".join(sentence.split()), SENTENCE_LETTERS))


def _plainly_says(sentence: str, understood: str) -> bool:
    """Tell whether a sentence says what was understood in the same words, and nothing else."""
    said, meant = (set(re.findall(r"\w{2,}|\d", text.casefold())) - _SMALL for text in (sentence, understood))
    return meant == said
