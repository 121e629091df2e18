"""What is wrong with a figure's lettering: text that is cut off, and text on text."""

import itertools

from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

# Hinting moves edges by up to this many pixels.
SLACK_PX = 1.0


def texts(figure: Figure) -> list[tuple[str, Bbox]]:
    """Return each text that is drawn, with its box in pixels."""
    figure.draw_without_rendering()
    hidden = {text for axes in figure.axes for axis in (axes.xaxis, axes.yaxis) for text in _not_drawn(axis)}
    shown = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    return [(text.get_text(), Text.get_window_extent(text)) for text in shown if text not in hidden]


def assert_legible(figure: Figure) -> None:
    """Check that a figure says something, and that no text is cut off or lies on another."""
    drawn = texts(figure)
    assert drawn
    assert _cut_off(figure, drawn) == []
    assert _overlapping(drawn) == []


def cut_off(figure: Figure) -> list[str]:
    """Return the texts that reach over the figure's edge."""
    return _cut_off(figure, texts(figure))


def overlapping(figure: Figure) -> list[tuple[str, str]]:
    """Return the pairs of texts that lie on each other."""
    return _overlapping(texts(figure))


def _cut_off(figure: Figure, drawn: list[tuple[str, Bbox]]) -> list[str]:
    edge = figure.bbox
    return [
        words
        for words, box in drawn
        if box.x0 < edge.x0 - SLACK_PX
        or box.y0 < edge.y0 - SLACK_PX
        or box.x1 > edge.x1 + SLACK_PX
        or box.y1 > edge.y1 + SLACK_PX
    ]


def _overlapping(drawn: list[tuple[str, Bbox]]) -> list[tuple[str, str]]:
    return [
        (first, second)
        for (first, a), (second, b) in itertools.combinations(drawn, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > SLACK_PX and min(a.y1, b.y1) - max(a.y0, b.y0) > SLACK_PX
    ]


def _not_drawn(axis: Axis) -> list[Text]:
    """Return the labels of ticks outside the axes' limits, which are kept but not drawn."""
    low, high = sorted(axis.get_view_interval())
    slack = 1e-6 * (high - low)
    ticks = zip(axis.get_major_ticks(), axis.get_majorticklocs(), strict=False)
    on = axis.axes.axison and axis.get_visible()
    outside = [tick for tick, place in ticks if not (on and low - slack <= place <= high + slack)]
    return [label for tick in outside for label in (tick.label1, tick.label2)]
