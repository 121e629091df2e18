"""The arrangement at a glance: every section as a column, and what is measured of it in rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from riffscope import palette
from riffscope.analyzers.density import BAND_EDGES_HZ
from riffscope.analyzers.section_profile import ProfiledSection, SectionProfile
from riffscope.errors import Absence, NotMeasured
from riffscope.notes import Spelling
from riffscope.plots import style
from riffscope.plots.panel import bare
from riffscope.song import SongAnalysis
from riffscope.units import BANDS, FRACTION, LU, LUFS, PER_SECOND, Unit

ROW_IN = 0.36
VOICE_IN = 0.7
TITLE_IN = 0.19
GAP_IN = 0.05
AXIS_IN = 0.22
# A name is as high as a line. Where more than so many of them are wider than their columns, all stand and not a few.
LINE_IN = 0.125
MOST_TOO_WIDE = 1 / 3
# Room around a number or a name within its column.
MARGIN_IN = 0.05
# Pitches are drawn at least this far apart from top to bottom, and so far beyond the extremes.
MIN_SPAN_SEMITONES, BEYOND_SEMITONES = 12.0, 2.0
RANGE_ALPHA = 0.25


@dataclass(frozen=True, kw_only=True)
class Row:
    """A number of each section: what it is called, its colour, and how far its axis reaches at least.

    Attributes
    ----------
    reach : float
        The axis spans at least so much.
    ends : tuple of float or None
        The ends of the axis where it is always the same.
    """

    name: str
    title: str
    unit: Unit
    color: str
    reach: float
    ends: tuple[float, float] | None = None


ROWS = (
    Row(name="loudness_lufs", title="Loudness, LUFS", unit=LUFS, color=palette.LOUDNESS, reach=6.0),
    Row(
        name="active_bands_mean",
        title=f"Frequency bands active at once, of {len(BAND_EDGES_HZ) - 1}",
        unit=BANDS,
        color=palette.HARMONY,
        reach=7.0,
        ends=(0.0, len(BAND_EDGES_HZ) - 1.0),
    ),
    Row(name="onsets_per_s", title="Onsets a second", unit=PER_SECOND, color=palette.RHYTHM, reach=3.0),
    Row(name="bass_lu", title="Bass (20 to 100 Hz) against the loudness, LU", unit=LU, color=palette.INK, reach=6.0),
    Row(name="width_fraction", title="Stereo width, %", unit=FRACTION, color=palette.LOUDNESS, reach=0.1),
)


@style.figure
def section_profile(song: SongAnalysis) -> style.Drawing:
    """Draw loudness, density, bass, width, drums and voice of each section, on the time axis of the song.

    Raises
    ------
    NotMeasured
        The song has no sections that were measured.
    """
    found = song[SectionProfile]
    if not found.sections:
        raise NotMeasured("section_profile", Absence.EMPTY, "it holds no sections")
    sung = any(section.highest_midi is not None for section in found.sections)
    rows = [row for row in ROWS if any(getattr(section, row.name) is not None for section in found.sections)]
    shares = [
        ("drums_fraction", "", "Drums play, % of the section", palette.RHYTHM),
        (
            "sung_fraction",
            "layered_fraction",
            "Someone sings, % of the section; strong: with more than one voice",
            palette.VOICE,
        ),
    ]
    shares = [share for share in shares if any(getattr(section, share[0]) is not None for section in found.sections)]

    width_in = style.WIDTH_IN - style.LEFT_IN - style.RIGHT_IN
    duration_s = song.source.duration_s
    names = _place_names(found, duration_s, width_in)
    names_in = max((name.high_in for name in names), default=0.0) + MARGIN_IN
    heights_in = [ROW_IN] * (len(rows) + len(shares)) + [VOICE_IN] * sung
    figure = style.new_figure(names_in + sum(TITLE_IN + height_in + GAP_IN for height_in in heights_in) + AXIS_IN)
    place = {"left_in": style.LEFT_IN, "width_in": width_in}
    head = style.axes_at(figure, top_in=0.0, height_in=names_in, **place)
    drawn: list[Axes] = []
    top_in = names_in
    for height_in in heights_in:
        drawn.append(style.axes_at(figure, top_in=top_in + TITLE_IN, height_in=height_in, **place))
        top_in += TITLE_IN + height_in + GAP_IN
    for axes in (head, *drawn):
        style.time_axis(axes, duration_s, labels=axes is drawn[-1])
        axes.grid(visible=False, axis="x")
    empty = iter(drawn)
    for row in rows:
        _draw_numbers(next(empty), row, found.sections)
    for name, inner, title, color in shares:
        _draw_shares(axes := next(empty), found.sections, name, inner, color)
        style.title(axes, title)
    if sung:
        _draw_voice(next(empty), found.sections, song.spelling)
    for axes in drawn:
        _mark_sections(axes, found)
    _draw_names(head, names)
    return figure


@dataclass(frozen=True, kw_only=True)
class PlacedName:
    """The name of a column: where its middle is, how high it is, and whether it stands."""

    text: str
    middle_s: float
    high_in: float
    stands: bool


def _place_names(found: SectionProfile, duration_s: float, width_in: float) -> list[PlacedName]:
    """Lay names over their columns; those that are too wide stand, and are left out where not even a line fits."""
    blank = style.new_figure(1.0)
    wide_in = [style.text_width_in(blank, blank.text(0, 0, name, size=style.SMALL_PT)) for name in found.names]
    columns_in = [section.span.duration_s / max(duration_s, 1e-3) * width_in for section in found.sections]
    too_wide = [name_in + MARGIN_IN > column_in for name_in, column_in in zip(wide_in, columns_in, strict=True)]
    all_stand = sum(too_wide) > MOST_TOO_WIDE * len(too_wide)
    return [
        PlacedName(
            text=text,
            middle_s=(section.start_s + section.end_s) / 2,
            high_in=name_in if stands or all_stand else LINE_IN,
            stands=stands or all_stand,
        )
        for text, section, name_in, column_in, stands in zip(
            found.names, found.sections, wide_in, columns_in, too_wide, strict=True
        )
        if column_in >= LINE_IN
    ]


def _draw_names(axes: Axes, names: Sequence[PlacedName]) -> None:
    """Name each column, above its foot."""
    bare(axes)
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    for name in names:
        rotation = 90 if name.stands else 0
        axes.text(name.middle_s, 0, name.text, ha="center", va="bottom", size=style.SMALL_PT, rotation=rotation)


def _mark_sections(axes: Axes, found: SectionProfile) -> None:
    """Shade every other section, and draw where each begins."""
    spans = [section.span for section in found.sections]
    style.shade(axes, spans[::2], palette.PALE)
    for span in spans[1:]:
        axes.axvline(span.start_s, color=palette.RULE, linewidth=0.6, zorder=0.6)


def _draw_numbers(axes: Axes, row: Row, sections: Sequence[ProfiledSection]) -> None:
    """Draw a line for each section at its number, over its range, and write the number where there is room."""
    found = [(section.span, estimate) for section in sections if (estimate := section.estimate(row.name)) is not None]
    low, high = row.ends or _ends([estimate.value for _, estimate in found], row.reach)
    axes.set_ylim(low, high)
    inch_s = _seconds_per_inch(axes)
    for span, estimate in found:
        place = [(span.start_s, span.duration_s)]
        axes.broken_barh(
            place, (estimate.low, estimate.high - estimate.low), color=row.color, alpha=RANGE_ALPHA, linewidth=0
        )
        axes.hlines(estimate.value, span.start_s, span.end_s, color=row.color, linewidth=1.6)
        above = estimate.value < (low + high) / 2
        words = axes.annotate(
            row.unit.number(estimate.value),
            ((span.start_s + span.end_s) / 2, estimate.value),
            (0, 2.0 if above else -2.5),
            textcoords="offset points",
            ha="center",
            va="bottom" if above else "top",
            size=style.SMALL_PT,
        )
        if style.text_width_in(style.figure_of(axes), words) + MARGIN_IN > span.duration_s / inch_s:
            words.remove()
    axes.yaxis.set_major_locator(MaxNLocator(nbins=2, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{round(y * row.unit.scale, 6):g}".replace("-", "−")))
    style.title(axes, row.title)


def _ends(values: Sequence[float], reach: float) -> tuple[float, float]:
    """Return the ends of an axis around some values, with room for a number above or below each."""
    low, high = min(values), max(values)
    more = max(0.35 * (high - low), (reach - (high - low)) / 2)
    return low - more, high + more


def _draw_shares(axes: Axes, sections: Sequence[ProfiledSection], name: str, inner: str, color: str) -> None:
    """Draw a bar for each section as high as a share, and in it a darker one for a share of that."""
    axes.set_ylim(0, 1)
    for section in sections:
        share = getattr(section, name)
        if share is None:
            continue
        place = [(section.start_s, section.span.duration_s)]
        axes.broken_barh(place, (0, share), color=color, alpha=0.45 if inner else 0.8, linewidth=0)
        part = (getattr(section, inner) if inner else None) or 0.0
        axes.broken_barh(place, (0, share * part), color=color, linewidth=0)
    axes.yaxis.set_major_locator(FixedLocator([0, 0.5, 1]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:g}"))


def _draw_voice(axes: Axes, sections: Sequence[ProfiledSection], spelling: Spelling) -> None:
    """Draw the range that is sung in each section; what may lie beyond its ends is paler."""
    ends = [
        (section.span, section.estimate("lowest_midi"), section.estimate("highest_midi"))
        for section in sections
        if section.highest_midi is not None
    ]
    lowest = min(low.value for _, low, _ in ends if low is not None) - BEYOND_SEMITONES
    highest = max(high.value for _, _, high in ends if high is not None) + BEYOND_SEMITONES
    more = max(0.0, MIN_SPAN_SEMITONES - (highest - lowest)) / 2
    style.note_axis(axes, lowest - more, highest + more, spelling)
    for span, low, high in ends:
        if low is None or high is None:
            continue
        place = [(span.start_s, span.duration_s)]
        axes.broken_barh(place, (low.low, high.high - low.low), color=palette.VOICE, alpha=RANGE_ALPHA, linewidth=0)
        axes.broken_barh(place, (low.value, high.value - low.value), color=palette.VOICE, alpha=0.7, linewidth=0)
    style.title(axes, "Vocal range")


def _seconds_per_inch(axes: Axes) -> float:
    """Return how long an inch of a time axis lasts."""
    width_in = axes.get_position().width * style.figure_of(axes).get_size_inches()[0]
    first, last = axes.get_xlim()
    return float((last - first) / max(width_in, np.finfo(float).eps))
