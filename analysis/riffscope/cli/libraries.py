"""What the commands about libraries share: how far a batch is, on stderr, and the tables of a library made anew."""

import contextlib
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from riffscope import words
from riffscope.cli.command import DONE, REFUSED
from riffscope.cli.console import complain, printable
from riffscope.cli.progress import in_words

if TYPE_CHECKING:
    from rich.progress import Progress

    from riffscope.library.batch import Count, Told
    from riffscope.library.store import Store

# How often the line that moves is drawn anew, at most.
EVERY_S = 0.2
# A bar is drawn where there is room for more than words.
BAR_COLUMNS, WIDE_COLUMNS = 16, 64
# The rate is that of so many songs before: on the whole it would not tell that the machine is busy by now.
RECENT_SONGS = 50


class BatchProgress:
    """Shows how far a batch is while it is open.

    Parameters
    ----------
    songs : int
        How many there are.
    count : Count
        How they ended so far.
    quiet : bool
        Say nothing but what failed.
    """

    def __init__(self, songs: int, count: "Count", *, quiet: bool = False) -> None:
        self._songs = songs
        self._count = count
        self._quiet = quiet
        self._begin = time.monotonic()
        self._moments: deque[float] = deque(maxlen=RECENT_SONGS + 1)
        self._running: dict[str, float] = {}
        self._drawn = 0.0
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn

            out = Console(stderr=True)
            shown = [TextColumn("{task.description}", markup=False), TextColumn("{task.fields[said]}", markup=False)]
            drawn = [BarColumn(bar_width=BAR_COLUMNS)] if out.width >= WIDE_COLUMNS else []
            self._bar = Progress(shown[0], *drawn, shown[1], console=out, transient=True)
            self._bar.add_task(f"0/{self._songs}", total=self._songs, said="starting")
            self._bar.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def tell(self, told: "Told") -> None:
        """Show what happened."""
        match told.what:
            case "began":
                self._running[told.path] = 0.0
            case "step":
                self._running[told.path] = told.share
            case "measured":
                self._running.pop(told.path, None)
                self._moments.append(time.monotonic())
                self._line(f"{printable(Path(told.path).name)} ({told.seconds:.0f} s)")
                for note in told.notes:
                    self._say(f"{Path(told.path).name}: {note}")
            case "again":
                self._running.pop(told.path, None)
                self._say(f"{told.reason}; it is tried once more, after the others")
            case "failed":
                self._running.pop(told.path, None)
                self._say(told.reason)
            case "waiting":
                self._say(told.reason)
        self._draw()

    @property
    def songs_per_minute(self) -> float:
        """How many songs were measured a minute, of late; 0 before there is a first."""
        recent = min(len(self._moments), RECENT_SONGS)
        since = self._begin if recent == len(self._moments) else self._moments[0]
        return 60 * recent / max(time.monotonic() - since, 0.001)

    def _line(self, text: str) -> None:
        """Print a line for a song where no line moves."""
        if self._bar is None and not self._quiet:
            complain(f"[{self._count.ended}/{self._songs}] {text}")

    def _say(self, text: str) -> None:
        if self._bar is not None:
            from rich.text import Text

            self._bar.console.print(Text(printable(text)), soft_wrap=True)
        else:
            complain(text)

    def _draw(self) -> None:
        now = time.monotonic()
        if self._bar is None or now - self._drawn < EVERY_S:
            return
        self._drawn = now
        task = self._bar.task_ids[0]
        width = self._bar.console.width
        room = max(width - 2 * len(str(self._songs)) - 4 - (BAR_COLUMNS + 1 if width >= WIDE_COLUMNS else 0), 8)
        self._bar.update(
            task,
            completed=self._count.ended + sum(self._running.values()),
            description=f"{self._count.ended}/{self._songs}",
            said=words.shorten(self.in_words, room),
        )

    @property
    def in_words(self) -> str:
        """How it goes: songs a minute, time left, failures."""
        rate = self.songs_per_minute
        left = self._songs - self._count.ended - sum(self._running.values())
        parts = [
            *([f"{_rate(rate)} songs/min", f"{in_words(60 * left / rate)} left"] if self._moments else ["measuring"]),
            *([f"{len(self._count.failures)} failed"] if self._count.failures else []),
        ]
        return " · ".join(parts)


def summary(count: "Count", songs: int, took_s: float) -> str:
    """Say how a batch went."""
    left = songs - count.ended
    parts = [
        *([f"{count.measured} measured"] if count.measured else []),
        *([f"{count.renewed} of them in part"] if count.renewed else []),
        *([f"{count.warned} with something wrong in the file"] if count.warned else []),
        *([f"{count.kept} measured before"] if count.kept else []),
        *([f"{count.failed_before} failed before (--retry tries them again)"] if count.failed_before else []),
        *([f"{len(count.failures)} failed"] if count.failures else []),
        *([f"{left} left"] if left > 0 else []),
    ]
    rate = f" ({_rate(60 * count.measured / took_s)} songs/min)" if count.measured and took_s > 0 else ""
    return f"{words.count(songs, 'song')}: {', '.join(parts) or 'nothing done'}, in {in_words(took_s)}{rate}"


def _rate(songs_per_minute: float) -> str:
    return f"{songs_per_minute:,.0f}" if songs_per_minute >= 9.5 else f"{songs_per_minute:.2g}"


def open_library(address: str) -> "Store":
    """Open a library that is there.

    Raises
    ------
    RiffscopeError
        There is none.
    """
    from riffscope.library.store import Store

    store = Store(address)
    store.check_is_library()
    return store


def check_table_output(store: "Store", path: Path) -> None:
    """Refuse a place for a table before any work is done for it: its format, a file of the library, one that is there.

    Raises
    ------
    RiffscopeError
        It cannot be written there; says why.
    """
    from riffscope.files import check_output
    from riffscope.library.table_file import check_ending

    check_ending(path)
    store.check_is_no_part(path)
    check_output(path)


def make_tables(store: "Store", given: str, *, quiet: bool = False) -> int:
    """Make the tables of a library anew, and say where they are and what they hold."""
    from riffscope.library.index import make_index

    with counting("reading the analyses", quiet=quiet) as progress:
        made = make_index(store, progress, complain)
    for why in made.damaged:
        complain(why)
    if not quiet:
        songs, verdicts = words.count(made.songs, "song"), words.count(made.verdicts, "verdict")
        print(f"{printable(given)}: {songs}, {verdicts}, {words.count(made.failures, 'failure')}")
    return REFUSED if made.damaged else DONE


@contextlib.contextmanager
def counting(what: str, *, quiet: bool = False) -> "Iterator[Callable[[int], None]]":
    """While this is open, show on a terminal how many songs have been gone through; give what is to be told of them."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status(what) as shown:
        drawn = 0.0

        def tell(number: int) -> None:
            nonlocal drawn
            if time.monotonic() - drawn >= EVERY_S:
                drawn = time.monotonic()
                shown.update(f"{what}: {number:,}")

        yield tell
