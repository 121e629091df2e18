"""The tessituragram: how long each note was sung, on a piano keyboard.

References
----------
.. [1] Titze, "Quantifying tessitura in a song", Journal of Singing 65(1), 2008.
"""

from typing import Any

from matplotlib.axes import Axes

from riffscope import palette
from riffscope.analyzers.vocal_range import SustainedNote, VocalRange
from riffscope.errors import Absence, NotMeasured
from riffscope.model import Estimate
from riffscope.notes import Spelling, music_type
from riffscope.plots import style
from riffscope.reference.table import published
from riffscope.song import SongAnalysis
from riffscope.units import SEMITONES, clock

MARKS_IN = 0.96
BARS_IN = 0.9
KEYS_IN = 0.36
NAMES_IN = 0.18
LEGEND_IN = 0.2
# Words, and the bracket below them, from the top of the marks: of other songs, of the range, of the tessitura, of the
# median.
OTHERS_IN = 0.08
RANGE_IN = 0.32
TESSITURA_IN = 0.56
MEDIAN_IN = 0.8
BRACKET_IN = 0.1
TICK_IN = 0.05
# The middle half of these spans is shown, from the song's own lowest note.
REFERENCE = "chart_melodies"
QUARTERS = (25.0, 75.0)
# Fewer keys than two octaves make bars as wide as books.
MIN_KEYS = 25
OUTSIDE = "#f0b48a"


@style.figure
def vocal_range(song: SongAnalysis) -> style.Drawing:
    """Draw the seconds sung on each note, with the range and how sure its ends are, the tessitura and the median.

    Above them a bracket shows how far other songs reach from the same lowest note: half of them into its blue part.
    Dots on the keyboard mark the lowest and the highest held note; the line below says where they can be heard.

    Raises
    ------
    NotMeasured
        The song has no vocal range.
    """
    found = song[VocalRange]
    if not found.histogram:
        raise NotMeasured("vocal_range", Absence.EMPTY, "it holds no histogram")
    spelling = song.spelling
    low, high = shown_keys(found)
    figure = style.new_figure(MARKS_IN + BARS_IN + 0.03 + KEYS_IN + NAMES_IN + LEGEND_IN)
    width_in = style.WIDTH_IN - style.LEFT_IN - style.RIGHT_IN
    place = {"left_in": style.LEFT_IN, "width_in": width_in}
    marks = style.axes_at(figure, top_in=0.0, height_in=MARKS_IN, **place)
    bars = style.axes_at(figure, top_in=MARKS_IN, height_in=BARS_IN, **place)
    keys = style.axes_at(figure, top_in=MARKS_IN + BARS_IN + 0.03, height_in=KEYS_IN, **place)
    for axes in (marks, bars):
        axes.set_xlim(low - 0.5, high + 0.5)
    _draw_bars(bars, found)
    style.keyboard(keys, low, high, upright=False)
    _name_keys(keys, low, high, spelling)
    _draw_marks(marks, bars, found, spelling)
    for held in (found.lowest_sustained, found.highest_sustained):
        if held is not None:
            _dot(keys, round(held.midi), 0.17 if round(held.midi) % 12 in style.WHITE_KEYS else 0.55)
    explained = style.inch_axes(
        figure, top_in=MARKS_IN + BARS_IN + 0.03 + KEYS_IN + NAMES_IN, height_in=LEGEND_IN, **place
    )
    _say_where_to_listen(explained, found)
    return figure


def shown_keys(found: VocalRange) -> tuple[int, int]:
    """Return the lowest and highest key drawn: all that is sung, or may be, or that other songs reach; two octaves."""
    ends = [found.histogram[0].midi, found.histogram[-1].midi, found.lowest_midi.low, found.highest_midi.high]
    ends.append(found.lowest_midi.value + published()[REFERENCE].quantile(QUARTERS[1]).value)
    low, high = round(min(ends)) - 1, round(max(ends)) + 1
    missing = max(0, MIN_KEYS - (high - low + 1))
    return low - missing // 2, high + (missing + 1) // 2


def _draw_bars(axes: Axes, found: VocalRange) -> None:
    inside = [found.tessitura_low_midi - 0.5 <= bar.midi <= found.tessitura_high_midi + 0.5 for bar in found.histogram]
    colors = [palette.VOICE if middle else OUTSIDE for middle in inside]
    axes.bar([bar.midi for bar in found.histogram], [bar.seconds for bar in found.histogram], width=0.78, color=colors)
    axes.set_ylim(0, max(bar.seconds for bar in found.histogram) * 1.06 or 1.0)
    axes.grid(visible=True, axis="y")
    axes.locator_params(axis="y", nbins=4)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.set_ylabel("seconds sung")


def _name_keys(axes: Axes, low: int, high: int, spelling: Spelling) -> None:
    for midi in range(low, high + 1):
        if midi % 12 == 0:
            place: Any = {"xytext": (0, -2.5), "textcoords": "offset points", "ha": "center", "va": "top"}
            axes.annotate(spelling.print(midi), (midi, 0), color=palette.MUTED, **place)


def _draw_marks(marks: Axes, bars: Axes, found: VocalRange, spelling: Spelling) -> None:
    """Draw brackets for the range and the tessitura above the bars, and a line at the median through them."""
    marks.set_axis_off()
    marks.set_ylim(MARKS_IN, 0)  # in inches, downwards

    def named(low: float, high: float) -> str:
        first, last = spelling.print(low), spelling.print(high)
        return first if first == last else f"{first} to {last}"

    lowest, highest, span = found.lowest_midi, found.highest_midi, found.span_semitones
    _draw_others(marks, lowest.value)
    width = f"{SEMITONES.format(span.value)} ({SEMITONES.number(span.low)} to {SEMITONES.number(span.high)})"
    words = f"range {named(lowest.value, highest.value)}, {width}"
    for end in (lowest, highest):
        _shade_doubt(marks, end, RANGE_IN + BRACKET_IN)
    _bracket(marks, lowest.value, highest.value, RANGE_IN, words, palette.INK)
    low, high, median = found.tessitura_low_midi, found.tessitura_high_midi, found.median_midi
    words = f"tessitura {named(low, high)}, {SEMITONES.format(found.tessitura_semitones)}"
    _bracket(marks, low, high, TESSITURA_IN, words, palette.VOICE, text_color=palette.VOICE_WORDS)
    _centred(marks, median, MEDIAN_IN, f"median {spelling.print(median)}", palette.INK)
    dashes: Any = {"color": palette.INK, "linewidth": 0.8, "dashes": (2, 2)}
    bars.axvline(median, **dashes)
    marks.plot([median, median], [MEDIAN_IN + 0.07, MARKS_IN], **dashes)


def _draw_others(marks: Axes, lowest: float) -> None:
    others = published()[REFERENCE]
    near, far = (others.quantile(percent).value for percent in QUARTERS)
    words = f"half of {others.about} span {SEMITONES.number(near)} to {SEMITONES.format(far)}"
    _bracket(marks, lowest, lowest + far, OTHERS_IN, words, palette.LEVEL, text_color=palette.MUTED)
    place = (OTHERS_IN + BRACKET_IN - 0.02, 0.04)
    marks.broken_barh([(lowest + near, far - near)], place, color=palette.LOUDNESS, linewidth=0, zorder=3)


def _shade_doubt(axes: Axes, end: Estimate, y: float) -> None:
    """Draw where an end of the range may lie as a pale bar behind the bracket."""
    axes.broken_barh([(end.low, end.high - end.low)], (y - 0.03, 0.06), color=palette.LEVEL, alpha=0.4, linewidth=0)


def _bracket(axes: Axes, low: float, high: float, y: float, words: str, color: str, *, text_color: str = "") -> None:
    line, tick = y + BRACKET_IN, y + BRACKET_IN + TICK_IN
    axes.plot([low, low, high, high], [tick, line, line, tick], color=color, linewidth=1.0, solid_joinstyle="miter")
    _centred(axes, (low + high) / 2, y, words, text_color or color)


def _centred(axes: Axes, x: float, y: float, words: str, color: str) -> None:
    """Write words around a place, but inside the axes."""
    text = axes.text(x, y, words, ha="center", va="center", size=style.SMALL_PT, color=color)
    figure, (left, right) = style.figure_of(axes), axes.get_xlim()
    per_in = (right - left) / (axes.get_position().width * figure.get_size_inches()[0])
    half = style.text_width_in(figure, text) * per_in / 2
    text.set_x(min(max(x, left + half), right - half))


def _dot(axes: Axes, x: float, y: float) -> None:
    axes.plot([x], [y], "o", markersize=5, color=palette.VOICE, markeredgecolor="white", markeredgewidth=0.6)


def _say_where_to_listen(axes: Axes, found: VocalRange) -> None:
    """Explain the dots on the keyboard, and the pale ends of the range."""

    def heard(held: SustainedNote) -> str:
        return f"{music_type(held.note)} at {clock(held.start_s, decimals=1)}"

    entries: list[tuple[style.LegendMark, float, str]] = []
    lowest, highest = found.lowest_sustained, found.highest_sustained
    if lowest is not None and highest is not None:
        held = f"held notes: lowest {heard(lowest)}, highest {heard(highest)}"
        entries.append(
            (
                lambda x, y: _dot(axes, x + 0.04, y),
                0.08,
                f"the one held note, {heard(lowest)}" if lowest == highest else held,
            )
        )
    entries.append(
        (
            lambda x, y: _shade_doubt(axes, Estimate(value=x, low=x, high=x + 0.25), y),
            0.25,
            "where the end of the range may lie",
        )
    )
    style.legend(axes, entries)
