"""Where the command line prints: results on stdout, all else on stderr, each safe for any terminal."""

import codecs
import contextlib
import io
import os
import re
import sys
from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, cast

from riffscope.errors import one_line

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


# Lines are read best up to this length; a wider terminal has room to spare.
MAX_COLUMNS = 110
# How wide a pipe or a file is taken to be, as nobody says: as wide as most terminals.
PIPED_COLUMNS = 80
# Narrower terminals have to break lines by themselves.
FEWEST_COLUMNS = 20
# Below so many columns a label stands on a line of its own.
NARROW_COLUMNS = 50
# How far what is below a label stands in from it.
INDENT = 2

# What stands for a sign where the terminal's encoding has none; all else that it lacks is shown by its number.
_STAND_INS = {
    "●": "+",
    "■": "x",
    "◐": "?",
    "○": "-",
    "\N{MINUS SIGN}": "-",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{MIDDLE DOT}": "-",
    "\N{RIGHTWARDS ARROW}": "->",
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{MUSIC FLAT SIGN}": "b",
    "\N{MUSIC SHARP SIGN}": "#",
}


class _Nowhere(io.TextIOWrapper):
    """What stands for a stream that the caller closed."""


def stdout_is_closed() -> bool:
    """Tell whether what is printed goes nowhere, as the caller closed the stream for it."""
    return isinstance(sys.stdout, _Nowhere)


def make_streams_safe() -> None:
    """Let stdout and stderr take any text, whatever their encoding, and be there even where the caller closed them."""
    codecs.register_error("riffscope", _stand_in)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, _Nowhere(open(os.devnull, "wb"), encoding="utf-8"))  # noqa: PTH123, SIM115 - for good
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="riffscope")


def _stand_in(why: UnicodeError) -> tuple[str | bytes, int]:
    """Write another sign for one that an encoding lacks, or its number where there is no such sign."""
    if isinstance(why, UnicodeEncodeError) and (sign := _STAND_INS.get(why.object[why.start])):
        return sign, why.start + 1
    return codecs.backslashreplace_errors(why)


def columns(*, widest: int = MAX_COLUMNS) -> int:
    """Return how wide results are printed, at most: as COLUMNS says, as the terminal is, or as a pipe."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given[:9]):  # Python reads no number of thousands of digits
        found = int(given[:9])
    else:
        try:
            found = os.get_terminal_size(sys.stdout.fileno()).columns or PIPED_COLUMNS
        except (OSError, ValueError):  # no terminal, or no file at all
            found = PIPED_COLUMNS
    return max(FEWEST_COLUMNS, min(found, widest))


def complain(text: str) -> None:
    """Print one line on stderr; where that takes nothing, as a full disk does, there is nobody to be told."""
    with contextlib.suppress(OSError):
        print(printable(text), file=sys.stderr)


def printable(text: str) -> str:
    """Make a text safe for one line of any terminal: no control characters."""
    return one_line(text)


def console(*, widest: int = MAX_COLUMNS) -> "Console":
    """Return where results go: stdout, as wide as `columns` says, without trailing blanks where it is no terminal."""
    from rich.console import Console

    class Piped(Console):
        def on_broken_pipe(self) -> None:  # rich would end the process with a failure
            raise BrokenPipeError

    out = sys.stdout if sys.stdout.isatty() else cast("IO[str]", _Trimmed(sys.stdout))
    return Piped(file=out, highlight=False, width=columns(widest=widest))


class _Trimmed:
    """A stream without the blanks that fill a line: they are nothing to see, and wrap where a reader is narrower."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(re.sub(r" +(?=\n)", "", text))
        return len(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


def labels_stand_alone(labels: "Iterable[str]", width: int) -> bool:
    """Tell whether labels stand on lines of their own: on a narrow terminal, and where one takes half of the line."""
    from rich.cells import cell_len

    return width < NARROW_COLUMNS or any(cell_len(label) > width // 2 for label in labels)


def print_rows(out: "Console", rows: "Iterable[tuple[str | Text, str | Text]]", *, label_style: str = "bold") -> None:
    """Print labels with what belongs to each beside it, or below it on a narrow terminal. Nothing is cut off."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    def styled(label: "str | Text") -> "Text":
        return Text(label, style=label_style) if isinstance(label, str) else label

    def text(content: "str | Text") -> "Text":
        return Text(content) if isinstance(content, str) else content

    pairs = [(styled(label), text(content)) for label, content in rows]
    if labels_stand_alone([label.plain for label, _ in pairs], out.width):
        for label, content in pairs:
            out.print(label)
            out.print(Padding(content, (0, 0, 0, INDENT)))
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for pair in pairs:
        table.add_row(*pair)
    out.print(table)
