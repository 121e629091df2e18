"""How far songs lie apart, measure by measure, in steps that a listener can just tell."""

import textwrap
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from riffscope import palette
from riffscope.compare import LETTERS, Comparison, Difference
from riffscope.errors import Absence, NotMeasured
from riffscope.model import Estimate
from riffscope.notes import Spelling
from riffscope.plots import style
from riffscope.units import MIDI

ROW_IN = 0.2
NAMES_IN = 1.95
NUMBERS_IN = 1.35
# Songs differ in shape as well as in colour.
MARKERS = "osD^vP"
STEPS = (1, 3, 10, 30, 100, 300, 1000)


@style.figure
def differences(comparison: Comparison) -> style.Drawing:
    """Draw the clearest differences of two to six songs from the first, each against its unit's tolerance.

    A line runs from the lowest to the highest song; a thin one in a song's colour is the range of its difference.
    Within the shaded step no listener tells the songs apart.

    Raises
    ------
    NotMeasured
        No number was measured in all of the songs, or none differs.
    ValueError
        There are more than six songs.
    """
    if len(comparison.songs) > len(MARKERS):
        raise ValueError(f"{len(MARKERS)} songs can be told apart in a drawing, not {len(comparison.songs)}")
    rows = comparison.clearest
    if not rows:
        raise NotMeasured("differences", Absence.EMPTY, "no number differs that all songs have")
    height_in = ROW_IN * len(rows)
    figure = style.new_figure(height_in + 0.86)
    width_in = style.WIDTH_IN - NAMES_IN - NUMBERS_IN
    axes = style.axes_at(figure, left_in=NAMES_IN, top_in=0.42, width_in=width_in, height_in=height_in)
    _draw_legend(figure, len(comparison.songs))
    apart = [row.steps for row in rows]
    ends = [end for found in apart for one in found for end in (one.low, one.high)]
    axes.set_xscale("asinh", linear_width=1.0)
    axes.set_xlim(min(-1.6, 1.25 * min(ends)), max(1.6, 1.25 * max(ends)))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.axvspan(-1, 1, color=palette.PALE, zorder=0)
    axes.axvline(0, color=palette.LEVEL, linewidth=0.6, zorder=0.7)
    for place, found in enumerate(apart):
        _draw_row(axes, place, found)
    _mark_steps(axes)
    axes.set_yticks(range(len(rows)), [textwrap.fill(row.title, 34) for row in rows])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    for place, row in enumerate(rows):
        axes.annotate(
            _numbers(row, comparison.spelling),
            (1, place),
            (6, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            size=style.SMALL_PT,
            color=palette.MUTED,
        )
    axes.set_xlabel("from song A, in steps that a listener can just tell; shaded: too close to tell")
    return figure


def _draw_row(axes: Axes, place: int, found: Sequence[Estimate]) -> None:
    values = [one.value for one in found]
    axes.plot([min(values), max(values)], [place, place], color=palette.LEVEL, linewidth=1.6, zorder=1)
    for song, one in enumerate(found):
        if song and one.low < one.high:
            axes.plot([one.low, one.high], [place, place], color=palette.SERIES[song], linewidth=0.8, zorder=2)
        _draw_mark(axes, one.value, place, song)


def _mark_steps(axes: Axes) -> None:
    """Mark round numbers of steps, as many as stand apart."""
    low, high = axes.get_xlim()
    marks = [sign * step for step in STEPS for sign in (-1, 1) if low <= sign * step <= high]
    to_axes = axes.transData + axes.transAxes.inverted()
    places = {mark: float(to_axes.transform((mark, 0))[0]) for mark in (0, *marks)}
    kept = [0]
    for mark in sorted(marks, key=lambda mark: -abs(mark)):
        if all(abs(places[mark] - places[other]) > 0.075 for other in kept):
            kept.append(mark)
    axes.xaxis.set_major_locator(FixedLocator(sorted(kept)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:+.0f}".replace("-", "\N{MINUS SIGN}") if x else "0"))
    axes.grid(visible=True, axis="x")


def _numbers(row: Difference, spelling: Spelling) -> str:
    """Write the values of two songs one after the other, of more from the lowest to the highest."""
    values = [value.value for value in row.values if value is not None]
    ends = values if len(values) == 2 else [min(values), max(values)]
    if row.unit == MIDI:
        first, last = (spelling.print(end) for end in ends)
    else:
        first, last = row.unit.number(ends[0]), row.unit.format(ends[1])
    return f"{first} \N{RIGHTWARDS ARROW} {last}" if len(values) == 2 else f"{first} to {last}"


def _draw_legend(figure: Figure, count: int) -> None:
    """Say which mark is which song: by letters, since titles may be of any length and script."""
    width_in = style.WIDTH_IN - NAMES_IN
    axes = style.inch_axes(figure, left_in=NAMES_IN, top_in=0.06, width_in=width_in, height_in=0.26)

    def mark(song: int) -> style.LegendMark:
        return lambda x, y: _draw_mark(axes, x + 0.05, y, song)

    style.legend(axes, [(mark(song), 0.1, f"song {letter}") for song, letter in enumerate(LETTERS[:count])])


def _draw_mark(axes: Axes, x: float, y: float, song: int) -> None:
    color, marker = palette.SERIES[song], MARKERS[song]
    axes.scatter(x, y, s=26, marker=marker, color=color, edgecolor=palette.INK, linewidth=0.5, zorder=4 - song / 10)
