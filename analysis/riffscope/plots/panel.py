"""Panels of the timeline: each one band of it, found wherever in this package a function is marked as one."""

import functools
import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from matplotlib.axes import Axes

from riffscope.song import SongAnalysis

DrawPanel = Callable[[Axes, SongAnalysis], None]
D = TypeVar("D", bound=DrawPanel)

_MARK = "__riffscope_panel__"


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One band of the timeline.

    Attributes
    ----------
    place : int
        Where it stands, from the top.
    name : str
        What it shows, in the line that stands in its place when it is not there.
    measurement : str
        The measurement it needs. One that was not run takes no room; one that is missing or failed leaves a line saying
        why.
    height_in : float
    compact : bool
        Whether it is part of the compact timeline as well.
    draw : callable
        Draws it; raises `NotMeasured` where the measurement holds nothing to draw.
    """

    place: int
    name: str
    measurement: str
    height_in: float
    compact: bool
    draw: DrawPanel


def panel(*, place: int, name: str, measurement: str, height_in: float, compact: bool = True) -> Callable[[D], D]:
    """Mark a function that draws a panel of the timeline."""

    def mark(draw: D) -> D:
        made = Panel(place=place, name=name, measurement=measurement, height_in=height_in, compact=compact, draw=draw)
        setattr(draw, _MARK, made)
        return draw

    return mark


@functools.cache
def panels() -> tuple[Panel, ...]:
    """Find the panels, from the top."""
    package = importlib.import_module("riffscope.plots")
    found: list[Panel] = []
    for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        functions = inspect.getmembers(importlib.import_module(info.name), inspect.isfunction)
        found += [
            getattr(function, _MARK)
            for _, function in functions
            if hasattr(function, _MARK) and function.__module__ == info.name
        ]
    return tuple(sorted(found, key=lambda one: one.place))


def bare(axes: Axes) -> None:
    """Leave a panel without a scale: its height runs from 0 to 1."""
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
