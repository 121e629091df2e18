"""The loop map: the song's bars, one repeat of the riff after another, each as dark as it is similar to the riff."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from riffscope import palette
from riffscope.analyzers.loops import Loops, bars_in_words
from riffscope.analyzers.structure import Structure
from riffscope.arrays import Floats, Ints, Mask
from riffscope.plots import style
from riffscope.plots.riff_bars import bar_edges_s, max_similarity, pass_numbers, sounding_bars
from riffscope.song import SongAnalysis
from riffscope.units import FRACTION, clock
from riffscope.words import shorten

# Rows of fewer bars than this hold several repeats; of more than the most, cells would be narrower than their numbers.
MIN_BARS_IN_ROW = 6
MAX_BARS_IN_ROW = 32
# More rows than this are joined as far as they may be, so that the map leaves room on its page.
MAX_ROWS = 12
ROW_IN = 0.2
MAP_IN = 5.6
TOP_IN = 0.2
NUMBERS_IN = 0.16
LEGEND_IN = 0.26
# Bar number, time and a gap; the letters of sections. Times end so far from the map, bar numbers so far before it.
TIMES_IN = 0.84
LETTERS_IN = 0.62
MAX_LETTERS = 10
TIME_APART_IN = 0.08
BAR_APART_IN = 0.5
CELL_GAP_IN = 0.018
REPEAT_GAP_IN = 0.07
CLOSEST_NUMBERS_IN = 0.2
# What is left of a cell in which the riff does not sound.
REST_IN = 0.07
# White around what lies on cells, which are of any darkness.
HALO = (withStroke(linewidth=3.2, foreground="white"),)


# ------------------------------------------------------------------------------------------------------------- the map
@dataclass(frozen=True, kw_only=True)
class _Grid:
    """Where the bars of the song stand: row and column (n_bars,); cells in inches, with the gap to the next."""

    period: int
    columns: int
    column: Ints
    row: Ints
    cell_in: float
    row_in: float

    @property
    def rows(self) -> int:
        return int(self.row[-1]) + 1

    def left_in(self, column: int) -> float:
        """Return the left edge of a column; repeats in one row stand apart."""
        return TIMES_IN + column * self.cell_in + column // self.period * REPEAT_GAP_IN

    def cell(self, bar: int) -> tuple[float, float, float, float]:
        """Return left, top, width and height of a bar's cell."""
        left_in, top_in = self.left_in(int(self.column[bar])), NUMBERS_IN + self.row[bar] * self.row_in
        return left_in, float(top_in), self.cell_in - CELL_GAP_IN, self.row_in - CELL_GAP_IN


def _grid(loops: Loops, width_in: float) -> _Grid:
    numbers, places = pass_numbers(loops), loops.bar_phase_index
    period = max(round(loops.period_bars), int(places.max()) + 1)
    in_row = 1
    while 2 * in_row * period <= MAX_BARS_IN_ROW and (
        in_row * period < MIN_BARS_IN_ROW or numbers[-1] // in_row >= MAX_ROWS
    ):
        in_row *= 2
    row = numbers // in_row
    return _Grid(
        period=period,
        columns=in_row * period,
        column=numbers % in_row * period + places,
        row=row,
        cell_in=(width_in - TIMES_IN - LETTERS_IN - REPEAT_GAP_IN * (in_row - 1)) / (in_row * period),
        row_in=min(ROW_IN, MAP_IN / (int(row[-1]) + 1)),
    )


@style.figure
def loop_map(song: SongAnalysis) -> style.Drawing:
    """Draw the bars of the song in rows of one repeat of the riff or a few, as dark as they are similar to it.

    Bars in which the riff does not sound are left open but for a small square, so that gaps are seen from afar; the
    cleanest repeat is framed, and the letters of sections stand at the right of the rows in which they begin.

    Raises
    ------
    NotMeasured
        The song has no riff.
    """
    loops = song[Loops]
    edges_s = bar_edges_s(loops, song.source.duration_s)
    width_in = style.WIDTH_IN - 0.04
    grid = _grid(loops, width_in)
    map_in = NUMBERS_IN + grid.rows * grid.row_in
    figure = style.new_figure(TOP_IN + map_in + LEGEND_IN)
    place = {"left_in": 0.02, "width_in": width_in}
    axes = style.inch_axes(figure, top_in=TOP_IN, height_in=map_in, **place)
    in_row = grid.columns // grid.period
    repeats = "one repeat" if in_row == 1 else f"{in_row} repeats"
    noun = loops.kind.noun
    title = f"{noun.capitalize()} of {bars_in_words(loops.period_bars)}, bar by bar"
    style.title(axes, title, f"each row: {repeats} of the {noun}")
    _draw_cells(axes, grid, loops, sounding_bars(loops, edges_s))
    _frame_cleanest(axes, grid, loops, edges_s)
    _letter_rows(axes, grid, edges_s)
    _mark_time(axes, grid, edges_s)
    sections = _name_sections(axes, grid, song.get(Structure), edges_s)
    _draw_legend(
        style.inch_axes(figure, top_in=TOP_IN + map_in, height_in=LEGEND_IN, **place), loops, sections=sections
    )
    return figure


def _draw_cells(axes: Axes, grid: _Grid, loops: Loops, sounding: Mask) -> None:
    """Draw the bars in which the riff sounds as full cells, the others as small squares in their middle."""
    colors = style.SIMILARITY(loops.bar_similarity / max_similarity(loops))
    corners = np.array([grid.cell(bar)[:2] for bar in range(sounding.size)])
    full = np.array(grid.cell(0)[2:])
    side = min(REST_IN, 0.6 * float(full.min()))
    rests = corners + (full - side) / 2
    _draw_boxes(axes, corners[sounding], *full, facecolors=colors[sounding], linewidths=0, label="sounding")
    edge = {"edgecolors": palette.LEVEL, "linewidths": 0.5}
    _draw_boxes(axes, rests[~sounding], side, side, facecolors=colors[~sounding], label="silent", **edge)


def _draw_boxes(axes: Axes, corners: Floats, width: float, height: float, **look: Any) -> None:
    """Draw boxes of one size from their top left corners, (n, 2); an SVG holds their shape just once."""
    shape = [[(0, 0), (width, 0), (width, -height), (0, -height)]]
    inches = style.figure_of(axes).dpi_scale_trans
    boxes = PolyCollection(shape, offsets=corners, offset_transform=axes.transData, clip_on=False, **look)
    boxes.set_transform(inches)
    axes.add_collection(boxes, autolim=False)


def _frame_cleanest(axes: Axes, grid: _Grid, loops: Loops, edges_s: Floats) -> None:
    """Frame the bars of the cleanest repeat, row by row where it is spread over two."""
    middles_s = (edges_s[1:] + edges_s[:-1]) / 2
    bars = np.flatnonzero((middles_s >= loops.example.start_s) & (middles_s < loops.example.end_s))
    for row in np.unique(grid.row[bars]):
        first, last = (grid.cell(int(bar)) for bar in bars[grid.row[bars] == row][[0, -1]])
        left, top, right, bottom = first[0], first[1], last[0] + last[2], last[1] + last[3]
        axes.add_patch(_frame(left, top, right - left, bottom - top))


def _frame(left: float, top: float, width: float, height: float) -> Rectangle:
    look: Any = {"facecolor": "none", "edgecolor": palette.VOICE, "linewidth": 1.6, "path_effects": HALO, "zorder": 3}
    return Rectangle((left, top), width, height, label="cleanest", **look)


def _letter_rows(axes: Axes, grid: _Grid, edges_s: Floats) -> None:
    """Write above the columns which bar of the riff they are, and before the rows their first bar and its time."""
    words: Any = {"size": style.SMALL_PT, "color": palette.MUTED}
    before: Any = {"ha": "right", "va": "center_baseline", **words}
    every = next(n for n in (1, 2, 4, 8, 16, 32) if n * grid.cell_in >= CLOSEST_NUMBERS_IN or n >= grid.period)
    for column in range(grid.columns):
        if grid.period > 1 and column % grid.period % every == 0:
            middle = grid.left_in(column) + (grid.cell_in - CELL_GAP_IN) / 2
            axes.text(middle, NUMBERS_IN - 0.03, str(column % grid.period + 1), ha="center", **words)
    axes.text(TIMES_IN - BAR_APART_IN, NUMBERS_IN - 0.03, "bar", ha="right", **words)
    axes.text(TIMES_IN - TIME_APART_IN, NUMBERS_IN - 0.03, "from", ha="right", **words)
    for row in range(grid.rows):
        bar = int(np.flatnonzero(grid.row == row)[0])
        middle = NUMBERS_IN + (row + 0.5) * grid.row_in
        axes.text(TIMES_IN - BAR_APART_IN, middle, str(bar + 1), **before)
        axes.text(TIMES_IN - TIME_APART_IN, middle, clock(edges_s[bar]), **before)


def _mark_time(axes: Axes, grid: _Grid, edges_s: Floats) -> None:
    """Note that time runs through each row, stretch by stretch of bars that stand side by side."""
    bars = np.arange(grid.row.size)
    apart = (np.diff(grid.row) != 0) | (np.diff(grid.column) != 1) | (grid.column[1:] % grid.period == 0)
    for run in np.split(bars, np.flatnonzero(apart) + 1):
        left_in, top_in, _, _ = grid.cell(int(run[0]))
        box = (left_in, top_in, left_in + run.size * grid.cell_in, top_in + grid.row_in)
        style.mark_time(axes, edges_s[run[0] : run[-1] + 2].tolist(), box)


def _name_sections(axes: Axes, grid: _Grid, structure: Structure | None, edges_s: Floats) -> bool:
    """Mark the bars with which sections begin, and name these beside their rows; tell whether there are any."""
    sections = structure.sections if structure is not None else ()
    # Of two that begin with one bar, the first is what sounds before that bar.
    label_at = {int(np.abs(edges_s[:-1] - section.start_s).argmin()): section.name for section in sections}
    by_row: dict[int, list[str]] = {}
    for bar, label in label_at.items():
        left, top, _, height = grid.cell(bar)
        _draw_start(axes, left - CELL_GAP_IN / 2, top, height)
        by_row.setdefault(int(grid.row[bar]), []).append(label)
    right = grid.left_in(grid.columns - 1) + grid.cell_in + 0.06
    for row, labels in by_row.items():
        words = " ".join(labels)
        if len(words) > MAX_LETTERS:  # the first is named, the others are counted
            words = shorten(labels[0], MAX_LETTERS if len(labels) == 1 else MAX_LETTERS - 3)
            words = words if len(labels) == 1 else f"{words} +{len(labels) - 1}"
        axes.text(
            right,
            NUMBERS_IN + (row + 0.5) * grid.row_in,
            words,
            va="center_baseline",
            size=style.SMALL_PT,
            weight="bold",
        )
    return bool(by_row)


def _draw_start(axes: Axes, left: float, top: float, height: float) -> None:
    axes.plot(
        [left, left],
        [top, top + height],
        color=palette.INK,
        linewidth=1.4,
        solid_capstyle="butt",
        path_effects=HALO,
        label="section",
        zorder=2.5,
    )


def _draw_legend(axes: Axes, loops: Loops, *, sections: bool) -> None:
    def rest(x: float, y: float) -> None:
        axes.add_patch(
            Rectangle((x, y - REST_IN / 2), REST_IN, REST_IN, facecolor="white", edgecolor=palette.LEVEL, linewidth=0.5)
        )

    most = FRACTION.format(max_similarity(loops))
    entries: list[tuple[style.LegendMark, float, str]] = [
        (style.similarity_mark(axes, 0.6), 0.6, f"similarity to the {loops.kind.noun}, 0 to {most}"),
        (rest, REST_IN, "it is away"),
        (lambda x, y: axes.add_patch(_frame(x, y - 0.05, 0.2, 0.1)), 0.2, "the cleanest repeat"),
    ]
    if sections:
        entries.append((lambda x, y: _draw_start(axes, x, y - 0.06, 0.12), 0.02, "a section begins"))
    style.legend(axes, entries)
