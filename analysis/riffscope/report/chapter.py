"""What a chapter of a song's report is, and how the chapters are found.

A chapter is a module of `riffscope.report.chapters` with one function marked ``@chapter``, which says what the chapter
shows. The package is walked, so a new chapter is one new file.
"""

import functools
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from riffscope.report.blocks import Block
from riffscope.song import SongAnalysis

Write = Callable[[SongAnalysis], Iterator[Block]]

_MARK = "__riffscope_chapter__"


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """A chapter of a song's report.

    Attributes
    ----------
    name : str
        Of its module.
    place : int
        Where it stands; what ranks the same follows the names.
    measurements : tuple of str
        What it shows, as in ``vocal_range``; what no chapter shows is drawn by `riffscope.report.chapters.others`.
    full : bool
        Whether only a report in full has it.
    write : callable
        Yields its blocks; none where the song has nothing for it, or nothing that it shows was asked for.
    """

    name: str
    place: int
    measurements: tuple[str, ...]
    full: bool
    write: Write


def chapter(*, place: int, shows: tuple[str, ...] = (), full: bool = False) -> Callable[[Write], Write]:
    """Mark the function that writes a chapter, and name the measurements that it shows.

    The chapter is left out where none of them was asked for; one that names none is always written. One for a report
    in full is left out of others.
    """

    def mark(write: Write) -> Write:
        @functools.wraps(write)
        def write_if_asked_for(song: SongAnalysis) -> Iterator[Block]:
            if not shows or not song.outcomes.keys().isdisjoint(shows):
                yield from write(song)

        setattr(write_if_asked_for, _MARK, (place, shows, full))
        return write_if_asked_for

    return mark


@functools.cache
def chapters() -> tuple[Chapter, ...]:
    """Find the chapters, in the order of the report.

    Raises
    ------
    TypeError
        A module of the package has no chapter, or more than one.
    """
    package = importlib.import_module("riffscope.report.chapters")
    found = [_read(info.name) for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")]
    return tuple(sorted(found, key=lambda one: (one.place, one.name)))


def _read(module_name: str) -> Chapter:
    functions = inspect.getmembers(importlib.import_module(module_name), inspect.isfunction)
    marked = [one for _, one in functions if hasattr(one, _MARK) and one.__module__ == module_name]
    if len(marked) != 1:
        raise TypeError(f"{module_name} has {len(marked)} functions marked as a chapter: it needs one")
    place, shows, full = getattr(marked[0], _MARK)
    name = module_name.rpartition(".")[2]
    return Chapter(name=name, place=place, measurements=shows, full=full, write=marked[0])
