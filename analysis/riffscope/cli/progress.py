"""How far a command is: on a terminal a line that moves, elsewhere a line for each song, on stderr."""

import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from riffscope import words
from riffscope.cli.console import complain, printable

if TYPE_CHECKING:
    from riffscope.song import Progress

# What is done, and how long all will take, needs so much room; a bar is drawn where there is more than enough.
WORK_COLUMNS, BAR_COLUMNS = 40, 16


class Going:
    """How far a run over songs is.

    Parameters
    ----------
    songs : int
        How many there are.
    quiet : bool
        Say nothing.
    """

    def __init__(self, songs: int, *, quiet: bool = False) -> None:
        self._songs = songs
        self._quiet = quiet
        self._measured = 0
        self._spent_s = 0.0

    @contextmanager
    def measuring(self, number: int, name: str) -> "Iterator[Progress]":
        """While this is open, show that a song, counted from 1, is being measured; give what is to be told of steps."""
        begin = time.monotonic()
        with self._shown(number, f"{self._counted(number)}{printable(name)}") as progress:
            yield progress
        self._measured += 1
        self._spent_s += time.monotonic() - begin

    def kept(self, number: int, name: str) -> None:
        """Say that a song need not be measured."""
        if not self._quiet and not sys.stderr.isatty():
            complain(f"{self._counted(number)}{printable(name)} (measured before)")

    def _counted(self, number: int) -> str:
        return f"[{number}/{self._songs}] " if self._songs > 1 else ""

    @contextmanager
    def _shown(self, number: int, name: str) -> "Iterator[Progress]":
        if self._quiet or not sys.stderr.isatty():
            if self._songs > 1 and not self._quiet:
                complain(name)
            yield lambda *_: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn
        from rich.text import Text

        from riffscope.running import Running

        out = Console(stderr=True)
        room = out.width - WORK_COLUMNS
        columns: list[ProgressColumn] = [
            TextColumn("{task.description}", markup=False),
            TextColumn("{task.fields[work]}"),
        ]
        if room > 2 * BAR_COLUMNS:
            columns.insert(1, BarColumn(bar_width=BAR_COLUMNS))
            room -= BAR_COLUMNS
        with Progress(*columns, console=out, transient=True) as bar:
            running = Running()
            task = bar.add_task(words.shorten(name, max(room, BAR_COLUMNS)), total=None, work=Text("reading the file"))

            def tell(step: str, ended: int, total: int) -> None:
                running.end(step)
                work = [running.work, *([left] if (left := self._left(number, ended / total)) else [])]
                bar.update(task, completed=ended, total=total, work=Text(" · ".join(work)))

            yield tell

    def _left(self, number: int, share: float) -> str:
        """Say how much longer all takes, by the songs that were measured so far; nothing before the first of them."""
        if not self._measured:
            return ""
        left_s = self._spent_s / self._measured * (self._songs - number + 1 - share)
        return f"{in_words(left_s)} left"


def progress_of(name: str) -> "AbstractContextManager[Progress]":
    """While this is open, show what is done with one song."""
    return Going(1).measuring(1, name)


def in_words(seconds: float) -> str:
    """Write how long something takes: ``8 s``, ``12 min``, ``2 h 5 min``."""
    if seconds < 59.5:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


class Count:
    """How a run over songs went."""

    def __init__(self, songs: int) -> None:
        self._songs = songs
        self._begin = time.monotonic()
        self.measured = self.kept = self.refused = 0

    @property
    def done(self) -> int:
        """How many songs there is an analysis of."""
        return self.measured + self.kept

    def say(self) -> None:
        """Say on stderr how many songs were measured, read and refused, and how long that took."""
        parts = [
            *([f"{self.measured} measured"] if self.measured else []),
            *([f"{self.kept} measured before"] if self.kept else []),
            *([f"{self.refused} refused"] if self.refused else []),
        ]
        took = in_words(time.monotonic() - self._begin)
        complain(f"{words.count(self._songs, 'song')}: {', '.join(parts)}, in {took}")
