"""The report: today's constants beside new ones, and how well each do on songs that they were not fitted on."""

import math
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from training.common.constants import Constants, Value
from training.common.features import Known
from training.common.fitting import CannotFit

F = TypeVar("F")
Figures = Mapping[str, float]
"""Figures of one song by name, each with what is better after it: ``log loss (less)``. NaN: cannot be told."""

MAX_PARTS = 10


@dataclass(frozen=True, kw_only=True)
class Group(Generic[F]):
    """A group of constants that are fitted together.

    Attributes
    ----------
    title : str
        What they are for, and where they stand.
    today : mapping
        As the package has them.
    learn : callable
        Fits them on the features of some songs; may raise `CannotFit`.
    judge : callable
        Gives the figures of one song under some constants.
    note : str
        What to know before putting new ones in place of today's.
    """

    title: str
    today: Constants
    learn: Callable[[Sequence[F]], Constants]
    judge: Callable[[F, Constants], Figures]
    note: str = ""


def folds(known: Sequence[Known[F]]) -> Iterator[tuple[list[F], list[F]]]:
    """Yield what is learnt from and what is held back: sets in turn, or songs of the one set in ten parts at most."""
    sets = sorted({each.song.set_name for each in known})
    if len(sets) > 1:
        part_of = [sets.index(each.song.set_name) for each in known]
    else:
        part_of = [index % MAX_PARTS for index in range(len(known))]
    for part in sorted(set(part_of)):
        learnt = [each.features for each, its in zip(known, part_of, strict=True) if its != part]
        held_back = [each.features for each, its in zip(known, part_of, strict=True) if its == part]
        yield learnt, held_back


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Mean figures over the songs that were held back.

    Attributes
    ----------
    today, new : dict
        Under today's constants, and under those fitted without the song.
    songs : int
        How many there were: without some, the rest cannot be fitted.
    """

    today: dict[str, float]
    new: dict[str, float]
    songs: int


def compare(group: Group[F], known: Sequence[Known[F]]) -> Comparison:
    """Judge today's constants and new ones on songs that the new ones were not fitted on."""
    of_today: list[Figures] = []
    of_new: list[Figures] = []
    for learnt, held_back in folds(known):
        try:
            new = group.learn(learnt)
        except CannotFit:
            continue
        of_today += [group.judge(each, group.today) for each in held_back]
        of_new += [group.judge(each, new) for each in held_back]
    return Comparison(today=_means(of_today), new=_means(of_new), songs=len(of_new))


def report(group: Group[F], known: Sequence[Known[F]]) -> None:
    """Print a group of constants, today's and new, with their figures; or why it cannot be fitted."""
    sets = sorted({each.song.set_name for each in known})
    by = "sets" if len(sets) > 1 else "songs"
    print(f"\n{group.title}\n  {len(known)} songs of {', '.join(sets) or 'no set'}; {by} held back in turn")
    try:
        new = group.learn([each.features for each in known])
    except CannotFit as why:
        print(f"  cannot be fitted on these: {why}")
        _print_rows([(name, text(value), "") for name, value in group.today.items()])
        return
    print("  constant, today, new")
    _print_rows([(name, text(value), text(new[name])) for name, value in group.today.items()])
    figures = compare(group, known)
    print(f"  figure on {figures.songs} songs held back, today, new")
    _print_rows([(name, f"{figures.today[name]:.3f}", f"{figures.new[name]:.3f}") for name in figures.today])
    if group.note:
        print(f"  {group.note}")


def text(value: Value) -> str:
    """Write a constant with four significant figures, as most in the package have two or three."""
    return ", ".join(f"{each:.4g}" for each in (value if isinstance(value, tuple) else (value,)))


def _print_rows(rows: Sequence[tuple[str, str, str]]) -> None:
    wide = max((len(name) for name, *_ in rows), default=0)
    middle = max((len(before) for _, before, _ in rows), default=0)
    for name, before, after in rows:
        print(f"    {name:{wide}}  {before:>{middle}}  {after}".rstrip())


def _means(figures: Sequence[Figures]) -> dict[str, float]:
    names = list(dict.fromkeys(name for each in figures for name in each))
    return {name: _mean([each[name] for each in figures if name in each]) for name in names}


def _mean(values: Sequence[float]) -> float:
    numbers = [value for value in values if not math.isnan(value)]
    return statistics.fmean(numbers) if numbers else math.nan
