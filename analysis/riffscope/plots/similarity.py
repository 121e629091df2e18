"""The self-similarity matrix of the song's bars, with the riff as stripes beside the diagonal.

References
----------
.. [1] Foote, "Visualizing music and audio using self-similarity", ACM Multimedia 1999.
"""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon, Rectangle

from riffscope import palette
from riffscope.analyzers.loops import Loops, bars_in_words
from riffscope.analyzers.structure import Structure
from riffscope.arrays import Floats, Ints
from riffscope.errors import Absence, NotMeasured
from riffscope.model import Span
from riffscope.plots import style
from riffscope.plots.riff_bars import bar_edges_s
from riffscope.song import SongAnalysis

# With the loop map of a song of ordinary length on one page.
SIDE_IN = 3.3
# Above the matrix: the title, the letters of sections, the strip in which the riff's segments are marked.
TITLE_IN = 0.2
LETTERS_IN = 0.16
STRIP_IN = 0.08
APART_IN = 0.03
BOTTOM_IN = 0.22
LEGEND_APART_IN = 0.22
ENTRY_IN = 0.22
MARK_IN = 0.3
# The colours reach to what all but so many pairs of different bars stay below, rounded up to tens of percent.
DARKEST_PERCENTILE = 99.0
STEP_PERCENT = 10
# Each cell becomes as many points as make so many in a row, so that no viewer blurs one cell into the next.
MIN_PIXELS = 512
# A stripe closer than this to the diagonal runs into it.
CLOSEST_CELLS = 2.0
STRIPE: dict[str, Any] = {"facecolor": "none", "edgecolor": palette.VOICE, "linewidth": 0.9}
BOUNDARY: dict[str, Any] = {"color": palette.LEVEL, "linewidth": 0.5}


@style.figure
def similarity(song: SongAnalysis) -> style.Drawing:
    """Draw the self-similarity of the song's bars, with the riff's segments on both sides, and the sections.

    What repeats every so many bars shows as a stripe so far from the diagonal; the stripe of one period is framed
    within each segment of the riff, above the diagonal.

    Raises
    ------
    NotMeasured
        The song has no riff.
    """
    loops, structure = song[Loops], song.get(Structure)
    table = square(loops)
    edges_s = cell_edges_s(loops, song.source.duration_s)
    top_in = TITLE_IN + LETTERS_IN + STRIP_IN + APART_IN
    figure = style.new_figure(top_in + SIDE_IN + BOTTOM_IN)
    across = {"left_in": style.LEFT_IN, "width_in": SIDE_IN}
    matrix = style.axes_at(figure, top_in=top_in, height_in=SIDE_IN, **across)
    letters = style.axes_at(figure, top_in=TITLE_IN, height_in=LETTERS_IN, **across)
    above = style.axes_at(figure, top_in=TITLE_IN + LETTERS_IN, height_in=STRIP_IN, **across)
    right_in = style.LEFT_IN + SIDE_IN + APART_IN
    beside = style.axes_at(figure, left_in=right_in, width_in=STRIP_IN, top_in=top_in, height_in=SIDE_IN)
    _draw_matrix(matrix, table)
    _mark_time(matrix, edges_s, song.source.duration_s)
    style.mark_time(matrix, edges_s.tolist())
    _draw_strips(above, beside, loops, edges_s)
    joined = _bars_in_cell(loops)
    period = loops.period_bars / joined
    framed = period >= CLOSEST_CELLS and _frame_stripes(matrix, _cells(loops.spans, edges_s), period)
    sections = _draw_sections(matrix, letters, structure, edges_s)
    style.title(letters, "Self-similarity of the song's bars")
    legend = style.inch_axes(
        figure,
        left_in=right_in + STRIP_IN + LEGEND_APART_IN,
        top_in=top_in,
        width_in=style.WIDTH_IN - right_in - STRIP_IN - LEGEND_APART_IN,
        height_in=6 * ENTRY_IN,
    )
    _draw_legend(legend, table, loops, framed=framed, sections=sections)
    return figure


def square(loops: Loops) -> Ints:
    """Return the kept self-similarity as a matrix, in percent: (n_cells, n_cells)."""
    side = math.isqrt(loops.self_similarity_percent.size)
    if not side:
        raise NotMeasured("loops", Absence.EMPTY, "they hold no self-similarity")
    return loops.self_similarity_percent.reshape(side, side)


def _bars_in_cell(loops: Loops) -> int:
    return math.ceil(loops.bar_starts_s.size / len(square(loops)))


def cell_edges_s(loops: Loops, duration_s: float) -> Floats:
    """Return where the cells of the matrix, each of one bar or of several, begin and the last ends: (n_cells + 1,)."""
    edges_s = bar_edges_s(loops, duration_s)
    return np.append(edges_s[: -1 : _bars_in_cell(loops)], edges_s[-1])


def _cell_at(time_s: float, edges_s: Floats) -> float:
    """Return where a moment lies on an axis whose unit is the cell."""
    return float(np.interp(time_s, edges_s, np.arange(edges_s.size)))


def most_percent(table: Ints) -> int:
    """Return the similarity that is drawn darkest; the diagonal, where bars meet themselves, does not count."""
    pairs = table[~np.eye(len(table), dtype=bool)]
    high = float(np.percentile(pairs, DARKEST_PERCENTILE)) if pairs.size else 0.0
    return max(STEP_PERCENT, STEP_PERCENT * math.ceil(high / STEP_PERCENT))


def _draw_matrix(axes: Axes, table: Ints) -> None:
    count = len(table)
    pixels = np.ones([math.ceil(MIN_PIXELS / count)] * 2)
    axes.imshow(
        np.kron(table, pixels),
        cmap=style.SIMILARITY,
        vmin=0,
        vmax=most_percent(table),
        extent=(0, count, count, 0),
        aspect="auto",
        interpolation="none",
    )


def _mark_time(axes: Axes, edges_s: Floats, duration_s: float) -> None:
    """Write round times along both axes, whose unit is the cell."""
    marks = {time_s: words for time_s, words in style.clock_marks(duration_s).items() if time_s <= edges_s[-1]}
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks([_cell_at(time_s, edges_s) for time_s in marks], list(marks.values()))


def _draw_strips(above: Axes, beside: Axes, loops: Loops, edges_s: Floats) -> None:
    """Mark along both sides of the matrix where the riff sounds, and what else loops."""
    marked = [(other.spans, palette.RHYTHM_PALE) for other in loops.others]
    for spans, color in (*marked, (loops.spans, palette.RHYTHM)):
        for start, end in _cells(spans, edges_s):
            above.axvspan(start, end, color=color, linewidth=0)
            beside.axhspan(start, end, color=color, linewidth=0)
    for axes in (above, beside):
        axes.set_axis_off()
    above.set_xlim(0, edges_s.size - 1)
    beside.set_ylim(edges_s.size - 1, 0)


def _cells(spans: Iterable[Span], edges_s: Floats) -> list[tuple[float, float]]:
    return [(_cell_at(span.start_s, edges_s), _cell_at(span.end_s, edges_s)) for span in spans]


def _frame_stripes(axes: Axes, segments: list[tuple[float, float]], period: float) -> bool:
    """Frame the cells that lie one period from the diagonal, in segments that hold some; tell whether any does."""
    long = [(start, end - period) for start, end in segments if end - start > period + 1]
    for start, end in long:
        rows = np.array([start, start, end - 1, end, end, start + 1])
        columns = np.array([start, start + 1, end, end, end - 1, start]) + period
        axes.add_patch(Polygon(np.column_stack([columns, rows]), label="one period", **STRIPE))
    return bool(long)


def _draw_sections(matrix: Axes, letters: Axes, structure: Structure | None, edges_s: Floats) -> bool:
    """Draw lines where sections begin and name those above the matrix that are wide enough; tell if there are any."""
    letters.set_axis_off()
    letters.set_xlim(0, edges_s.size - 1)
    letters.set_ylim(0, 1)
    sections = structure.sections if structure is not None else ()
    for place, section in enumerate(sections):
        start, end = (_cell_at(time_s, edges_s) for time_s in (section.start_s, section.end_s))
        if place:
            for line in (matrix.axvline, matrix.axhline):
                line(start, **BOUNDARY)
        room_in = (end - start) * SIDE_IN / (edges_s.size - 1)
        for name in dict.fromkeys((section.name, section.label)):
            words = letters.text((start + end) / 2, 0.45, name, ha="center", va="center", size=style.SMALL_PT)
            if style.text_width_in(style.figure_of(letters), words) + 0.03 <= room_in:
                break
            words.remove()
    return len(sections) > 1


def _draw_legend(axes: Axes, table: Ints, loops: Loops, *, framed: bool, sections: bool) -> None:
    def strip(color: str) -> style.LegendMark:
        return lambda x, y: axes.broken_barh([(x, MARK_IN)], (y - STRIP_IN / 2, STRIP_IN), color=color, linewidth=0)

    def cell(x: float, y: float) -> object:
        return axes.add_patch(Rectangle((x + MARK_IN / 2 - 0.04, y - 0.04), 0.08, 0.08, color=palette.RHYTHM))

    joined = _bars_in_cell(loops)
    entries: list[tuple[style.LegendMark, float, str]] = [
        (cell, MARK_IN, "one bar with another" if joined == 1 else f"{joined} bars with {joined} others"),
        (style.similarity_mark(axes, MARK_IN), MARK_IN, f"similarity, 0 to {most_percent(table)}%"),
        (strip(palette.RHYTHM), MARK_IN, "the riff sounds"),
    ]
    if loops.others:
        entries.append((strip(palette.RHYTHM_PALE), MARK_IN, "another loop"))
    if framed:
        entries.append(
            (
                lambda x, y: axes.add_patch(Rectangle((x, y - 0.04), MARK_IN, 0.08, **STRIPE)),
                MARK_IN,
                f"{bars_in_words(loops.period_bars)} later",
            )
        )
    if sections:
        entries.append((lambda x, y: axes.plot([x, x + MARK_IN], [y, y], **BOUNDARY), MARK_IN, "a section begins"))
    style.legend(axes, entries, down_in=ENTRY_IN)
