"""How every figure looks: one palette, one type size, the axes that music needs, and SVG that is the same each time.

Colours are those of `riffscope.palette`; type is never below 7 points at printed size. Each figure is as wide as the
text of an A4 page, so that nothing is scaled in print.
"""

import functools
import io
import math
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter
from matplotlib.transforms import Bbox

from riffscope.arrays import Floats
from riffscope.model import Span
from riffscope.notes import Spelling, pitch_class
from riffscope.palette import BLACK_KEY, INK, LEVEL, MUTED, NIGHT, RHYTHM, RHYTHM_PALE, RULE, WHITE_KEY
from riffscope.units import clock
from riffscope.words import shorten

P = ParamSpec("P")
R = TypeVar("R")
# Draws a figure of a song, of several, or of their comparison.
Draw = Callable[..., "Drawing"]
# Draws a mark at its left end and its middle, in inches.
LegendMark = Callable[[float, float], object]
Box = tuple[float, float, float, float]

# How similar two passages are: it darkens all the way, so that the order survives grey print.
SIMILARITY = LinearSegmentedColormap.from_list(
    "similarity", [to_rgb(color) for color in ("#f6f8fa", RHYTHM_PALE, "#6dbd9f", RHYTHM, "#00382b")]
)

# All other colours turn by their lightness: what is pale by day is dark by night. Rows give red, green and blue of the
# night from those of the day, fourth a zero for its opacity and last what is added: reversed, and turned by half a
# circle of hues, so that each keeps its own.
_HALF_CIRCLE = np.array([[-0.574, 1.43, 0.144], [0.426, 0.43, 0.144], [0.426, 1.43, -0.856]])
NIGHT_MATRIX = np.column_stack([-0.85 * _HALF_CIRCLE, np.zeros(3), np.full(3, 0.93)]).tolist()

WIDTH_IN = 170 / 25.4
LEFT_IN = 0.46
RIGHT_IN = 0.24
BASE_PT = 7.5
SMALL_PT = 7.0
SCREEN_DPI = 150

# A figure's dense curves are drawn with this many columns at most: about four to the millimetre, finer than print
# shows.
COLUMNS = 640

_STYLE: dict[str, Any] = {
    "text.parse_math": False,  # names of sections are no formulas
    "font.family": ["DejaVu Sans"],
    "font.size": BASE_PT,
    "axes.titlesize": BASE_PT,
    "axes.labelsize": BASE_PT,
    "xtick.labelsize": SMALL_PT,
    "ytick.labelsize": SMALL_PT,
    "legend.fontsize": SMALL_PT,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": LEVEL,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "xtick.color": LEVEL,
    "ytick.color": LEVEL,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.pad": 2.0,
    "ytick.major.pad": 2.0,
    "grid.color": RULE,
    "grid.linewidth": 0.5,
    "lines.linewidth": 1.0,
    "lines.solid_capstyle": "round",
    "lines.solid_joinstyle": "round",
    "path.simplify": True,
    "svg.fonttype": "path",
}

_MARK = "__riffscope_figure__"

# matplotlib's settings are one dictionary for the whole process; figures drawn on several threads take turns.
_DRAWING = threading.RLock()


def drawn(function: Callable[P, R]) -> Callable[P, R]:
    """Run a drawing function under this style, whatever the settings of the program around it."""

    @functools.wraps(function)
    def in_style(*args: P.args, **kwargs: P.kwargs) -> R:
        settings: Any = {**mpl.rcParamsDefault, **_STYLE, "backend": mpl.rcParams["backend"]}
        with _DRAWING, mpl.rc_context(settings):
            return function(*args, **kwargs)

    return in_style


def figure(function: Callable[P, "Drawing"]) -> Callable[P, "Drawing"]:
    """Mark the function that draws the figure of a module, so that it is found, and run it under this style."""
    marked = drawn(function)
    setattr(marked, _MARK, True)
    return marked


def is_figure(function: Callable[..., Any]) -> bool:
    """Tell whether a function is marked as a figure."""
    return hasattr(function, _MARK)


def at_night(color: str) -> str:
    """Return what a colour, as ``#rrggbb``, is on a dark page.

    Examples
    --------
    >>> at_night(INK), at_night("#f6f8fa"), at_night("#00382b")
    ('#f3f5f8', '#191b1d', '#a4d3c8')
    """
    if color in NIGHT:
        return NIGHT[color]
    matrix = np.array(NIGHT_MATRIX)
    return str(to_hex(np.clip(matrix[:, :3] @ to_rgb(color) + matrix[:, 4], 0, 1)))


# ------------------------------------------------------------------------------------------------------------- layout
@dataclass(frozen=True, kw_only=True)
class Strip:
    """A part of axes through which time runs; see `mark_time`."""

    axes: Axes
    box: Box | None
    edges_s: tuple[float, ...]

    def place(self) -> Bbox:
        """Return where it lies, as fractions of the figure from its bottom left corner."""
        if self.box is None:
            return self.axes.get_position()
        in_figure = self.axes.transData + figure_of(self.axes).transFigure.inverted()
        (x0, x1), (y0, y1) = np.sort(in_figure.transform(np.reshape(self.box, (2, 2))), axis=0).T
        return Bbox.from_extents(x0, y0, x1, y1)


class Drawing(Figure):
    """A figure that knows through which of its parts time runs."""

    def __init__(self, width_in: float, height_in: float) -> None:
        super().__init__(figsize=(width_in, height_in))
        self.strips: list[Strip] = []

    def _repr_png_(self) -> bytes:
        """Show itself in a notebook, on white, since its lettering is dark."""
        buffer = io.BytesIO()
        drawn(self.savefig)(buffer, format="png", dpi=SCREEN_DPI, facecolor="white")
        return buffer.getvalue()


def new_figure(height_in: float, *, width_in: float = WIDTH_IN) -> Drawing:
    """Return an empty figure of a printed size."""
    return Drawing(width_in, height_in)


def axes_at(figure: Figure, *, left_in: float, top_in: float, width_in: float, height_in: float) -> Axes:
    """Place axes by inches from the figure's top left corner."""
    axes = figure.add_axes((0, 0, 1, 1))
    move(axes, left_in=left_in, top_in=top_in, width_in=width_in, height_in=height_in)
    return axes


def figure_of(axes: Axes) -> Figure:
    """Return the figure that axes stand in."""
    figure = axes.get_figure(root=True)
    if figure is None:
        raise ValueError("these axes stand in no figure")
    return figure


def move(axes: Axes, *, left_in: float, top_in: float, width_in: float, height_in: float) -> None:
    """Move axes to a place in inches from the top left corner of their figure."""
    figure = figure_of(axes)
    width, height = figure.get_size_inches()
    axes.set_position((left_in / width, 1 - (top_in + height_in) / height, width_in / width, height_in / height))


def inch_axes(figure: Figure, *, left_in: float, top_in: float, width_in: float, height_in: float) -> Axes:
    """Place axes without frame or scale in which one unit is one inch, from their top left corner to right and down."""
    axes = axes_at(figure, left_in=left_in, top_in=top_in, width_in=width_in, height_in=height_in)
    axes.set_xlim(0, width_in)
    axes.set_ylim(height_in, 0)
    axes.set_axis_off()
    return axes


def title(axes: Axes, text: str, note: str = "") -> None:
    """Write a panel's name above its left end and a remark above its right end."""
    axes.annotate(text, (0, 1), (0, 3.5), xycoords="axes fraction", textcoords="offset points", weight="bold")
    if note:
        place: Any = {"xycoords": "axes fraction", "textcoords": "offset points"}
        axes.annotate(note, (1, 1), (0, 3.5), ha="right", color=MUTED, size=SMALL_PT, **place)


def legend(axes: Axes, entries: Iterable[tuple[LegendMark, float, str]], *, down_in: float = 0.0) -> None:
    """Explain marks in axes of inches.

    Parameters
    ----------
    entries : iterable of (mark, width_in, words)
        A mark is drawn by its function, given its left end and its middle, as wide as stated; the words follow.
    down_in : float
        How far below each other the entries stand; 0 sets them side by side.
    """
    x, y = 0.0, down_in / 2 or sum(axes.get_ylim()) / 2
    for mark, width_in, text in entries:
        mark(x, y)
        words = axes.text(x + width_in + 0.06, y, text, va="center", color=MUTED, size=SMALL_PT)
        if down_in:
            y += down_in
        else:
            x += width_in + 0.06 + text_width_in(figure_of(axes), words) + 0.2


def similarity_mark(axes: Axes, width_in: float) -> LegendMark:
    """Return the mark that shows the colours of similarity from none to the most, for `legend`."""
    count = 24
    step_in = width_in / count

    def mark(x: float, y: float) -> None:
        steps = [(x + step_in * place, step_in) for place in range(count)]
        colors = SIMILARITY(np.linspace(0, 1, count))
        axes.broken_barh(steps, (y - 0.05, 0.1), facecolors=colors, edgecolors=colors, linewidth=0.3)

    return mark


def grey_line(figure: Figure, text: str, *, name: str, top_in: float) -> None:
    """Write one line in place of a panel: what is not there, and why."""
    width, height = figure.get_size_inches()
    y = 1 - top_in / height
    start_in = LEFT_IN + 0.85
    figure.text(LEFT_IN / width, y, name, weight="bold", va="top")
    words = figure.text(start_in / width, y, text, color=MUTED, va="top")
    longest = len(text)
    while longest > 1 and text_width_in(figure, words) > width - start_in - RIGHT_IN:
        longest = int(longest * 0.95)
        words.set_text(shorten(text, longest))


def text_width_in(figure: Figure, text: Any) -> float:
    """Return how wide a text is drawn, in inches."""
    return float(text.get_window_extent().width) / figure.dpi


# --------------------------------------------------------------------------------------------------------------- time
def time_axis(axes: Axes, duration_s: float, *, labels: bool = True) -> None:
    """Make the horizontal axis the song's time: 0 to its end, marked in round minutes or seconds."""
    length_s = max(duration_s, 1e-3)
    marks = clock_marks(length_s)
    axes.set_xlim(0, length_s)
    mark_time(axes, (0, length_s))
    axes.xaxis.set_major_locator(FixedLocator(list(marks)))
    axes.grid(visible=True, axis="x")
    if labels:
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: marks.get(x, "")))
    else:
        axes.xaxis.set_major_formatter(NullFormatter())
        axes.tick_params(axis="x", length=0)


def mark_time(axes: Axes, edges_s: Sequence[float], box: Box | None = None) -> None:
    """Note that time runs from left to right through axes, or through a box of them, in cells of equal width.

    Parameters
    ----------
    edges_s : sequence of float
        Where each cell begins and the last one ends: two numbers for an even time axis.
    box : (x, y, x, y), optional
        Two opposite corners in the axes' own units; all of the axes by default.
    """
    figure = figure_of(axes)
    if isinstance(figure, Drawing):
        # Where a kept analysis says otherwise, time still runs forward.
        forward_s = np.maximum.accumulate(np.asarray(edges_s, np.float64))
        figure.strips.append(Strip(axes=axes, box=box, edges_s=tuple(forward_s.tolist())))


def clock_marks(duration_s: float) -> dict[float, str]:
    """Return round times from 0 to the end of a song, ten at most, and how each is written."""
    step_s = next((s for s in (0.5, 1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1200) if duration_s / s <= 9), 3600)
    times_s = np.arange(0, duration_s + 1e-9, step_s).tolist()
    return {time_s: clock(time_s, decimals=1 if step_s < 1 else 0) for time_s in times_s}


def shade(axes: Axes, spans: Iterable[Span], color: str, *, low: float = 0.0, high: float = 1.0) -> None:
    """Shade segments of time over the height of the axes, or a part of it (0 bottom, 1 top)."""
    bars = [
        Path([(a, low), (b, low), (b, high), (a, high), (a, low)], closed=True)
        for a, b in ((span.start_s, span.end_s) for span in spans)
    ]
    if bars:  # as one path: a long song has hundreds of phrases
        whole = Path.make_compound_path(*bars)
        place = axes.get_xaxis_transform()
        axes.add_collection(
            PathCollection([whole], transform=place, color=color, linewidth=0, zorder=0.5), autolim=False
        )


# -------------------------------------------------------------------------------------------------------------- notes
SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
WHITE_KEYS = frozenset(SCALES["major"])


def note_axis(
    axes: Axes, low_midi: float, high_midi: float, spelling: Spelling, *, scale_of: tuple[str, str] = ("C", "major")
) -> None:
    """Make the vertical axis one of notes, named as closely as its height allows, with the strongest line at the tonic.

    Parameters
    ----------
    low_midi, high_midi : float
        The ends of the axis.
    spelling : Spelling
    scale_of : (tonic, mode), optional
        The key whose scale is named, or its triad where there is no room; by default that of C major.
    """
    axes.set_ylim(low_midi, high_midi)
    height_in = axes.get_position().height * figure_of(axes).get_size_inches()[1]
    semitone_pt = height_in * 72 / max(high_midi - low_midi, 1e-3)
    root, scale = pitch_class(scale_of[0]), SCALES[scale_of[1]]
    choices = (scale, (scale[0], scale[2], scale[4]), (scale[0], scale[4]), scale[:1])
    closest = (1, 3, 5, 12)
    degrees = next((c for c, gap in zip(choices, closest, strict=True) if gap * semitone_pt >= SMALL_PT * 1.25), (0,))
    notes = [n for n in range(math.ceil(low_midi), math.floor(high_midi) + 1) if (n - root) % 12 in degrees]
    while len(notes) > 1 and (notes[1] - notes[0]) * semitone_pt < SMALL_PT * 1.25:
        notes = notes[::2]
    axes.yaxis.set_major_locator(FixedLocator(notes))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: spelling.print(y)))
    for midi in notes:
        axes.axhline(midi, color=RULE, linewidth=0.8 if midi % 12 == root else 0.4, zorder=0.6)


def keyboard(axes: Axes, low_midi: int, high_midi: int, *, upright: bool) -> None:
    """Draw piano keys from one note to another; upright runs bottom to top beside a pitch axis, else left to right.

    Every semitone is equally wide, so the keys line up with a semitone axis; two white keys meet in the middle of the
    black one between them, as they do on a piano seen from the front edge.
    """
    axes.set_axis_off()
    along, across = (axes.set_ylim, axes.set_xlim) if upright else (axes.set_xlim, axes.set_ylim)
    along(low_midi - 0.5, high_midi + 0.5)
    across(0, 1)

    def box(start: float, end: float, depth: float, color: str) -> None:
        # The keys' front edge is away from the axis: right of the black keys when upright, below them when lying.
        near = 1 - depth
        place = (near, start) if upright else (start, near)
        size = (depth, end - start) if upright else (end - start, depth)
        axes.add_patch(Rectangle(place, *size, facecolor=color, edgecolor=LEVEL, linewidth=0.5, clip_on=False))

    for midi in range(low_midi, high_midi + 1):
        if midi % 12 in WHITE_KEYS:
            start = midi - (0.5 if (midi - 1) % 12 in WHITE_KEYS else 1.0)
            end = midi + (0.5 if (midi + 1) % 12 in WHITE_KEYS else 1.0)
            box(max(start, low_midi - 0.5), min(end, high_midi + 0.5), 1.0, WHITE_KEY)
    for midi in range(low_midi, high_midi + 1):
        if midi % 12 not in WHITE_KEYS:
            if midi in {low_midi, high_midi}:  # its white neighbour outside is not drawn, so its half of the ground is
                box(midi - 0.5, midi + 0.5, 1.0, WHITE_KEY)
            box(midi - 0.5, midi + 0.5, 0.62, BLACK_KEY)


# ------------------------------------------------------------------------------------------------------ dense curves
def columns(values: Floats, reduce: np.ufunc, *, most: int = COLUMNS) -> Floats:
    """Bin a dense curve for display: one value a column, by ``np.maximum`` or the like."""
    if values.size <= most:
        return values
    starts = np.linspace(0, values.size, most, endpoint=False).astype(np.int64)
    binned: Floats = reduce.reduceat(values, starts)
    return binned


def outline(x: Floats, y: Floats, *, most: int = COLUMNS) -> tuple[Floats, Floats]:
    """Thin a dense curve to its lowest and highest point in each column; it breaks after a column with a gap (NaN)."""
    if y.size <= 2 * most:
        return x, y
    per_column = math.ceil(y.size / most)
    padding = -y.size % per_column
    table = np.concatenate([y, np.full(padding, np.nan)]).reshape(-1, per_column)
    times = np.concatenate([x, np.full(padding, x[-1])]).reshape(-1, per_column)
    lowest = np.where(np.isnan(table), np.inf, table).argmin(axis=1)
    highest = np.where(np.isnan(table), -np.inf, table).argmax(axis=1)
    picked = np.sort(np.stack([lowest, highest], axis=1), axis=1)
    ends_x, ends_y = np.take_along_axis(times, picked, 1), np.take_along_axis(table, picked, 1)
    breaks = np.where(np.isnan(table).any(axis=1), np.nan, ends_y[:, 1])
    return np.column_stack([ends_x, ends_x[:, 1]]).ravel(), np.column_stack([ends_y, breaks]).ravel()


# ---------------------------------------------------------------------------------------------------------------- svg
_HEADER = re.compile(r"\A.*?(?=<svg)", re.DOTALL)
_UNWANTED = re.compile(r"\s*<metadata>.*?</metadata>|\s*<!--.*?-->|\s*<style[^>]*>.*?</style>", re.DOTALL)
_ID = re.compile(r'\bid="([^"]+)"')
_REFERENCE = re.compile(r'(?:href="#|url\(#)([^")]+)')
_PATH = re.compile(r'\bd="[^"]*"')
_LONG_NUMBER = re.compile(r"-?\d+\.\d{2,}")
_AROUND_COMMAND = re.compile(r"\s*([A-Za-z])\s*")
_SPACES = re.compile(r"\n\s*")


def _shorter(path: re.Match[str]) -> str:
    """Round a path's numbers to tenths of a point, 0.04 mm, and leave out the spaces that it does not need."""
    rounded = _LONG_NUMBER.sub(lambda match: f"{float(match[0]):.1f}".rstrip("0").rstrip("."), path[0])
    return _AROUND_COMMAND.sub(r"\1", rounded)


@drawn
def to_svg(figure: Figure, *, prefix: str = "") -> str:
    """Write a figure as SVG, the same bytes for the same figure.

    Type is drawn as paths, so that it looks the same in every viewer and lacks no glyph. The ids are numbered afresh
    (matplotlib's are random) behind a prefix, for pages that hold several figures; its style sheet, which would apply
    to a whole HTML page, becomes attributes; comments and metadata, with their dates and addresses, are left out.
    """
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    svg = _UNWANTED.sub("", _HEADER.sub("", buffer.getvalue()))
    svg = svg.replace("<svg ", '<svg stroke-linejoin="round" stroke-linecap="butt" ', 1)
    svg = _PATH.sub(_shorter, svg)
    names: dict[str, str] = {}
    for old in _REFERENCE.findall(svg):
        names.setdefault(old, f"{prefix}{len(names)}")
    svg = _ID.sub(lambda match: f'id="{names[match[1]]}"' if match[1] in names else "", svg)
    svg = _REFERENCE.sub(lambda match: match[0][: -len(match[1])] + names[match[1]], svg)
    return _SPACES.sub("\n", svg).strip() + "\n"
