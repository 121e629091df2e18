"""Figures of `riffscope.plots` as blocks of a report."""

from collections.abc import Iterator
from typing import Any

from riffscope import plots
from riffscope.errors import NotMeasured
from riffscope.plots.style import Drawing
from riffscope.report.blocks import Block, Figure, Notice, TimeAxis


def draw(name: str, subject: Any, *, caption: str, alt: str, place: int = 0, **options: Any) -> Iterator[Block]:
    """Draw a figure of `riffscope.plots` from a song, several, or their comparison; or say why it is not there.

    The place is that of the song among those of the document.
    """
    try:
        drawing = plots.FIGURES[name](subject, **options)
        yield Figure(
            svg=plots.to_svg(drawing), caption=caption, alt=alt, time_axes=tuple(time_axes(drawing)), song=place
        )
    except NotMeasured as why:
        yield Notice(text=f"No drawing: {why.reason}.")


def time_axes(figure: Drawing) -> Iterator[TimeAxis]:
    """Return where in a figure time runs."""
    for strip in figure.strips:
        place = strip.place()
        yield TimeAxis(left=place.x0, top=1 - place.y1, width=place.width, height=place.height, edges_s=strip.edges_s)
