"""Where the command line prints: results on stdout, all else on stderr, each safe for any terminal."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from riffscope.errors import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from riffscope.song import Progress

# Where results are piped or redirected, a table is this wide.
PIPED_COLUMNS = 110
# Sentences are read best in lines of this length at most; piped they are narrower, as a terminal is.
MAX_PROSE_COLUMNS, PIPED_PROSE_COLUMNS = 100, 80


def make_streams_safe() -> None:
    """Let stdout and stderr take any text, whatever their encoding, and be there even where the caller closed them."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - for the whole process
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def complain(text: str) -> None:
    """Print one line on stderr."""
    print(printable(text), file=sys.stderr)


def printable(text: str) -> str:
    """Make a text safe for one line of any terminal: no control characters."""
    return one_line(text)


@contextmanager
def progress_of(name: str) -> "Iterator[Progress]":
    """Show on a terminal's stderr which step has ended; elsewhere say nothing."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[step]}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(escape(printable(name)), total=None, step="decode")
        yield lambda step, ended, total: bar.update(task, completed=ended, total=total, step=step.replace("_", " "))


def console() -> "Console":
    """Return where results go: stdout, wide enough for a table when it is a pipe."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_COLUMNS)


def prose_console() -> "Console":
    """Return where sentences go: stdout, as wide as the terminal or as COLUMNS says, and not too wide to read."""
    from rich.console import Console

    given = os.environ.get("COLUMNS", "")
    piped = int(given) if given.isdecimal() and int(given) > 0 else PIPED_PROSE_COLUMNS
    out = Console(highlight=False, width=None if sys.stdout.isatty() else piped)
    out.width = min(out.width, MAX_PROSE_COLUMNS)
    return out
