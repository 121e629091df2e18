"""What the command line prints of a comparison: sentences, the rows that tell most, the claims.

Where the terminal is wide enough, songs stand in columns; elsewhere each measure has its own lines. At no width is a
value left out or cut.
"""

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from riffscope import words
from riffscope.cli.console import MAX_COLUMNS, columns, console, printable
from riffscope.cli.verdicts import print_verdicts

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from riffscope.compare import Comparison, Difference, Word

# From this width on songs stand in columns, if the columns are wide enough for all values.
TABLE_COLUMNS = 110
# Six songs take about 140 columns; a table may be wider than sentences are.
WIDEST_TABLE = 240
GAP = 2
KEYS = "same: a listener would not notice; unclear: could be either."


def print_comparison(
    comparison: "Comparison", *, everything: bool = False, why: bool = False, out: "Console | None" = None
) -> None:
    """Print songs side by side: in sentences, then by the rows that tell most or all of them, then the claims.

    Parameters
    ----------
    everything : bool
        Print every row, not only those that a listener notices first.
    why : bool
        Give the reasons of verdicts.
    out : Console, optional
        Where to; stdout by default.
    """
    from rich.text import Text

    shown, room = (console(), columns(widest=WIDEST_TABLE)) if out is None else (out, out.width)
    shown.print()
    for line in _heads(comparison, shown.width):
        shown.print(Text(line, style="bold"))
    shown.print()
    for sentence in comparison.sentences:
        for line in _filled(printable(sentence), min(shown.width, MAX_COLUMNS)):
            shown.print(Text(line))
    if everything or not comparison.nothing_differs:
        shown.print()
        _print_rows(shown, comparison, room, everything=everything)
    for letter, verdicts in zip(_letters(comparison)[1:], comparison.verdicts, strict=True):
        if verdicts:
            shown.print()
            print_verdicts(shown, verdicts, why=why, title=f"Claims about {letter} against A")


def _print_rows(out: "Console", comparison: "Comparison", room: int, *, everything: bool) -> None:
    """Print rows as a table where there is room for so many columns, else one after the other, and what they mean."""
    from rich.text import Text

    rows = comparison.everything if everything else comparison.telling
    labels = [row.label if everything else row.title for row in rows]
    table = list(_table(comparison, rows, labels))
    if room >= TABLE_COLUMNS and max(line.cell_len for line in table) <= room:
        lines: Sequence[Text] = table
    else:
        lines = list(_stacked(comparison, rows, labels, out.width))
    for line in lines:
        out.print(line, no_wrap=True, overflow="ignore", crop=False)
    notes = [KEYS]
    if not everything:
        notes[0] += f" All {len(comparison.everything)} measures: --all."
    for letter, lacks in zip(_letters(comparison), comparison.lacks, strict=True):
        notes += [
            f"Not in {letter}: {words.joined([*lack.what])}, because {lack.reason}." for lack in lacks if everything
        ]
    for note in notes:
        for part in _filled(printable(note), min(out.width, MAX_COLUMNS)):
            out.print(Text(part, style="dim"))


def _letters(comparison: "Comparison") -> list[str]:
    from riffscope.compare import letter_of

    return [letter_of(place) for place in range(len(comparison.songs))]


def _heads(comparison: "Comparison", width: int) -> Iterator[str]:
    """Name the songs, each with the letter that it has in the table."""
    for letter, source in zip(_letters(comparison), comparison.songs, strict=True):
        yield from _filled(f"{letter}  {printable(words.plain(source.title))}", width, indent="   ")


def _table(comparison: "Comparison", rows: "Sequence[Word | Difference]", labels: Sequence[str]) -> "Iterator[Text]":
    """Set rows in columns: the measure, a column for each song, the difference, and what it is to the ear."""
    from rich.text import Text

    two = len(comparison.songs) == 2
    cells = [["", *_letters(comparison), "difference" if two else "spread", "to the ear"]]
    cells += [
        [label, *row.amounts(comparison.spelling), row.apart(), row.in_a_word]
        for label, row in zip(labels, rows, strict=True)
    ]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    last = len(widths) - 1
    for place, row in enumerate(cells):
        parts = [
            cell.ljust(width) if column in {0, last} else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        line = Text((" " * GAP).join(parts).rstrip())
        line.stylize("bold", 0, len(line) if not place else widths[0])
        yield line


def _stacked(
    comparison: "Comparison", rows: "Sequence[Word | Difference]", labels: Sequence[str], width: int
) -> "Iterator[Text]":
    """Set each measure in a line of its own for two songs, in a line for each song for more."""
    if len(comparison.songs) == 2:
        yield from _pairs([row.in_a_line(comparison.spelling) for row in rows], labels, rows, width)
        return
    for label, row in zip(labels, rows, strict=True):
        yield from _hung(label, row.in_a_word, width)
        for letter, amount in zip(_letters(comparison), row.amounts(comparison.spelling), strict=True):
            yield from _plain(_filled(f"{letter}  {amount}", width, first="  ", indent="     "))


def _pairs(
    values: Sequence[str], labels: Sequence[str], rows: "Sequence[Word | Difference]", width: int
) -> "Iterator[Text]":
    """Set ``Tempo  92.0 → 80.0 BPM  slower`` in columns where they fit, else the values below the measure."""
    from rich.text import Text

    said = [row.in_a_word for row in rows]
    label_width, value_width = max(map(len, labels)), max(map(len, values))
    fits = label_width + value_width + max(map(len, said)) + 2 * GAP <= width
    for label, value, word in zip(labels, values, said, strict=True):
        if fits:
            line = Text(f"{label:<{label_width + GAP}}{value:<{value_width + GAP}}{word}".rstrip())
            line.stylize("bold", 0, len(label))
            yield line
        else:
            yield from _hung(label, word, width)
            yield from _plain(_filled(value, width, first="  ", indent="    "))


def _hung(label: str, word: str, width: int) -> "Iterator[Text]":
    """Write a measure and what it is to the ear in one line, or in two where that is too long."""
    from rich.text import Text

    if len(label) + GAP + len(word) <= width:
        line = Text(f"{label}{' ' * GAP}{word}".rstrip())
        line.stylize("bold", 0, len(label))
        yield line
        return
    for part in _filled(label, width):
        yield Text(part, style="bold")
    yield from _plain(_filled(word, width, first="  ", indent="    "))


def _plain(lines: Sequence[str]) -> "Iterator[Text]":
    from rich.text import Text

    yield from (Text(line) for line in lines)


def _filled(text: str, width: int, *, first: str = "", indent: str = "") -> list[str]:
    """Break a text into lines at its spaces; a longer word than a line stays whole where it is a number's."""
    return textwrap.wrap(text, max(width, 20), initial_indent=first, subsequent_indent=indent) or [""]
