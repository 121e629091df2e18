"""What a chapter of a song's report is, and how the chapters are found.

A chapter is a module of `riffscope.report.chapters` with one function marked ``@chapter``, which says what the chapter
shows. The package is walked, so a new chapter is one new file. What is for a closer look, second figures and long
tables, a chapter yields as `InFull`.
"""

import functools
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from riffscope.report.blocks import Block
from riffscope.song import SongAnalysis


@dataclass(frozen=True, kw_only=True)
class InFull:
    """Blocks for a report in full.

    Both may be generators: what is left out is not even made.

    Attributes
    ----------
    blocks : iterable of Block
        What a report in full has.
    instead : iterable of Block
        What any other has in their place.
    """

    blocks: Iterable[Block] = ()
    instead: Iterable[Block] = ()


Compose = Callable[[SongAnalysis], Iterator[Block | InFull]]


class Write(Protocol):
    """Yields a chapter's blocks for a song, for a report in full or in brief."""

    def __call__(self, song: SongAnalysis, *, full: bool = ...) -> Iterator[Block]: ...  # noqa: D102


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
    write : callable
        Yields its blocks; none where the song has nothing for it, or nothing that it shows was asked for.
    """

    name: str
    place: int
    measurements: tuple[str, ...]
    write: Write


def chapter(*, place: int, shows: tuple[str, ...] = (), full: bool = False) -> Callable[[Compose], Write]:
    """Mark the function that writes a chapter, and name the measurements that it shows.

    The chapter is left out where none of them was asked for; one that names none is always written. One for a report
    in full is left out of others.
    """
    only_in_full = full

    def mark(compose: Compose) -> Write:
        @functools.wraps(compose)
        def write(song: SongAnalysis, *, full: bool = False) -> Iterator[Block]:
            if only_in_full and not full:
                return
            if shows and song.outcomes.keys().isdisjoint(shows):
                return
            for block in compose(song):
                if not isinstance(block, InFull):
                    yield block
                else:
                    yield from block.blocks if full else block.instead

        setattr(write, _MARK, (place, shows))
        return write

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
    place, shows = getattr(marked[0], _MARK)
    name = module_name.rpartition(".")[2]
    return Chapter(name=name, place=place, measurements=shows, write=marked[0])
