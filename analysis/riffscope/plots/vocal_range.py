"""The tessituragram: how long each note was sung, on a piano keyboard."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from riffscope.analyzers.key import Key
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.errors import NotMeasured
from riffscope.notes import spells_flats
from riffscope.plots import style
from riffscope.song import SongAnalysis
from riffscope.units import SEMITONES

KEYS_IN = 0.42
# Fewer keys than two octaves make bars as wide as books.
FEWEST_KEYS = 25


@style.drawn
def vocal_range(song: SongAnalysis) -> Figure:
    """Draw the seconds sung on each note, with the range, the middle 80% and the median.

    Raises
    ------
    NotMeasured
        The song has no vocal range.
    """
    found = song[VocalRange]
    if not found.histogram:
        raise NotMeasured("vocal_range: it holds no histogram")
    key = song.get(Key)
    flats = key is not None and spells_flats(key.tonic, key.mode)
    ends = [found.histogram[0].midi, found.histogram[-1].midi, found.lowest_midi.value, found.highest_midi.value]
    low, high = round(min(ends)) - 1, round(max(ends)) + 1
    missing = max(0, FEWEST_KEYS - (high - low + 1))
    low, high = low - missing // 2, high + (missing + 1) // 2

    figure = style.new_figure(2.7)
    width_in = style.WIDTH_IN - style.LEFT_IN - style.RIGHT_IN
    place = {"left_in": style.LEFT_IN, "width_in": width_in}
    marks = style.axes_at(figure, top_in=0.05, height_in=0.62, **place)
    bars = style.axes_at(figure, top_in=0.67, height_in=1.3, **place)
    keys = style.axes_at(figure, top_in=2.0, height_in=KEYS_IN, **place)
    for axes in (marks, bars):
        axes.set_xlim(low - 0.5, high + 0.5)
    _draw_bars(bars, found)
    style.keyboard(keys, low, high, upright=False)
    _name_keys(keys, low, high)
    _draw_marks(figure, marks, bars, found, flats=flats)
    return figure


def _draw_bars(axes: Axes, found: VocalRange) -> None:
    inside = [found.tessitura_low_midi - 0.5 <= bar.midi <= found.tessitura_high_midi + 0.5 for bar in found.histogram]
    colors = [style.VOICE if middle else "#f0b48a" for middle in inside]
    axes.bar([bar.midi for bar in found.histogram], [bar.seconds for bar in found.histogram], width=0.78, color=colors)
    axes.set_ylim(0, max(bar.seconds for bar in found.histogram) * 1.06 or 1.0)
    axes.grid(visible=True, axis="y")
    axes.locator_params(axis="y", nbins=4)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.set_ylabel("seconds sung")


def _name_keys(axes: Axes, low: int, high: int) -> None:
    for midi in range(low, high + 1):
        if midi % 12 == 0:
            axes.annotate(
                style.note(midi),
                (midi, 0),
                (0, -2.5),
                textcoords="offset points",
                ha="center",
                va="top",
                color=style.MUTED,
            )


def _draw_marks(figure: Figure, marks: Axes, bars: Axes, found: VocalRange, *, flats: bool) -> None:
    """Draw brackets for the range and the middle 80% above the bars, and a line at the median through them."""
    marks.set_axis_off()
    marks.set_ylim(0, 3)

    def named(low: float, high: float) -> str:
        first, last = style.note(low, flats=flats), style.note(high, flats=flats)
        return first if first == last else f"{first} to {last}"

    lowest, highest = found.lowest_midi.value, found.highest_midi.value
    low, high = found.tessitura_low_midi, found.tessitura_high_midi
    span = SEMITONES.format(found.span_semitones.value)
    _bracket(figure, marks, lowest, highest, 2.45, f"range {named(lowest, highest)}, {span}", style.INK)
    width = SEMITONES.format(found.tessitura_semitones)
    _bracket(figure, marks, low, high, 1.45, f"middle 80% {named(low, high)}, {width}", style.VOICE)
    median = found.median_midi
    bars.axvline(median, color=style.INK, linewidth=0.8, dashes=(2, 2))
    marks.plot([median, median], [0, 0.32], color=style.INK, linewidth=0.8, dashes=(2, 2))
    _beside(figure, marks, median, median, 0.42, f"median {style.note(median, flats=flats)}", style.INK)


def _bracket(figure: Figure, axes: Axes, low: float, high: float, y: float, words: str, color: str) -> None:
    axes.plot([low, low, high, high], [y - 0.22, y, y, y - 0.22], color=color, linewidth=1.0, solid_joinstyle="miter")
    _beside(figure, axes, low, high, y, words, color)


def _beside(figure: Figure, axes: Axes, low: float, high: float, y: float, words: str, color: str) -> None:
    """Write words on a mark that is wide enough, else to its right, or to its left where there is no room."""
    text = axes.annotate(
        words, (high, y), (5, 0), textcoords="offset points", va="center", size=style.SMALL_PT, color=color
    )
    left, right = axes.get_xlim()
    per_in = (right - left) / (axes.get_position().width * figure.get_size_inches()[0])
    needed = (style.text_width_in(figure, text) + 0.12) * per_in
    if high - low > needed:
        text.xy = ((low + high) / 2, y)
        text.set_position((0, 0))
        text.set_horizontalalignment("center")
        text.set_bbox({"facecolor": "white", "linewidth": 0, "pad": 1.5})
    elif high + needed > right:
        text.xy = (low, y)
        text.set_position((-5, 0))
        text.set_horizontalalignment("right")
