"""Loudness over the song, and what streaming services would do to it."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from riffscope import palette
from riffscope.analyzers.loudness import Loudness
from riffscope.arrays import Floats
from riffscope.errors import Absence, NotMeasured
from riffscope.plots import style
from riffscope.plots.panel import panel
from riffscope.song import SongAnalysis
from riffscope.units import DB, DBTP, LU, LUFS

# Quieter moments than this below the integrated loudness (pauses, fades) need not stretch the scale.
SHOWN_BELOW_LU = 24.0
# How much of the height the name of the upper line takes.
NAME_FRACTION = 0.07
GAINS_IN = 1.5
NAMES_IN = 0.98
NUMBER_IN = 0.5


@style.figure
def loudness(song: SongAnalysis) -> style.Drawing:
    """Draw the short-term loudness against the integrated one, and the gain of streaming services where one turns it.

    Raises
    ------
    NotMeasured
        The song has no loudness, or is too short for a curve of it.
    """
    measured = song[Loudness]
    figure = style.new_figure(1.6)
    width_in = style.WIDTH_IN - style.LEFT_IN - style.RIGHT_IN - (GAINS_IN + NAMES_IN if measured.is_turned else 0.0)
    curve = style.axes_at(figure, left_in=style.LEFT_IN, top_in=0.22, width_in=width_in, height_in=1.16)
    draw_short_term(curve, song, note=f"true peak {DBTP.format(measured.true_peak_dbtp)}", detailed=True)
    style.time_axis(curve, song.source.duration_s)
    if measured.is_turned:
        left_in = style.WIDTH_IN - style.RIGHT_IN - GAINS_IN
        _draw_gains(style.axes_at(figure, left_in=left_in, top_in=0.22, width_in=GAINS_IN, height_in=1.16), measured)
    return figure


@panel(place=40, name="Loudness", measurement="loudness", height_in=0.8)
def draw_short_term(axes: Axes, song: SongAnalysis, *, note: str = "", detailed: bool = False) -> None:
    """Draw the short-term loudness with the integrated loudness as a line; detailed adds the momentary maximum."""
    measured = song[Loudness]
    integrated = measured.integrated_lufs
    curve = measured.short_term_lufs
    finite = curve[np.isfinite(curve)]
    if finite.size == 0:
        raise NotMeasured("loudness", Absence.EMPTY, "the song is too short for a curve of 3 s windows")
    times_s: Floats = measured.first_s + np.arange(curve.size, dtype=np.float64) * measured.step_s
    top = max(integrated, measured.max_momentary_lufs if detailed else float(finite.max())) + 2
    bottom = max(integrated - SHOWN_BELOW_LU, min(float(finite.min()), integrated - 6) - 1)
    # A line's name stands above it.
    axes.set_ylim(bottom, top + (NAME_FRACTION * (top - bottom) if detailed else 0.0))
    x, y = style.outline(times_s, curve)
    axes.fill_between(x, np.maximum(y, bottom), bottom, color=palette.LOUDNESS_PALE, linewidth=0)
    axes.plot(x, y, color=palette.LOUDNESS)
    axes.axhline(integrated, color=palette.INK, linewidth=0.8, dashes=(4, 2))
    if detailed:
        axes.axhline(measured.max_momentary_lufs, color=palette.LOUDNESS, linewidth=0.8, linestyle=":")
        _label_lines(axes, song.source.duration_s, measured)
    axes.grid(visible=True, axis="y")
    axes.locator_params(axis="y", nbins=4, integer=True)
    style.title(axes, "Short-term loudness, LUFS", note or f"dashed: integrated {LUFS.format(integrated)}")


def _label_lines(axes: Axes, duration_s: float, measured: Loudness) -> None:
    """Name the two lines inside the axes, at the right end: one above the upper line, one below the lower line."""
    place: Any = {"textcoords": "offset points", "ha": "right", "size": style.SMALL_PT}
    box = {"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 1.0}
    axes.annotate(
        f"max momentary {LUFS.format(measured.max_momentary_lufs)}",
        (duration_s, measured.max_momentary_lufs),
        (-2, 2.5),
        color=palette.LOUDNESS,
        **place,
    )
    words = f"integrated {LUFS.format(measured.integrated_lufs)}"
    if measured.range_lu is not None:
        words += f", range {LU.format(measured.range_lu)}"
    axes.annotate(
        words,
        (duration_s, axes.get_ylim()[0]),
        (-2, 4),
        bbox=box,
        **place,
    )


def _draw_gains(axes: Axes, measured: Loudness) -> None:
    services = sorted(measured.streaming_gain_db.items(), key=lambda item: (item[1], item[0]))
    gains = [gain for _, gain in services]
    axes.barh(range(len(services)), gains, height=0.62, color=palette.LOUDNESS)
    axes.axvline(0, color=palette.INK, linewidth=0.8)
    # Each number stands beyond the end of its bar: the scale leaves room for one on every side that has bars.
    low, high = min(0.0, *gains), max(0.0, *gains)
    sides = (low < 0) + (high > 0 or low == 0)
    room = NUMBER_IN * max(high - low, 1.0) / (GAINS_IN - NUMBER_IN * sides)
    axes.set_xlim(low - (room if low < 0 else 0.0), high + (room if high > 0 or low == 0 else 0.0))
    for place, gain in enumerate(gains):
        left = gain < 0
        axes.annotate(
            DB.format(gain, signed=DB.number(gain) != DB.number(0.0)),
            (gain, place),
            (-3 if left else 3, 0),
            textcoords="offset points",
            ha="right" if left else "left",
            va="center",
            size=style.SMALL_PT,
        )
    axes.set_yticks(range(len(services)), [name for name, _ in services], color=palette.INK)
    axes.tick_params(axis="y", length=0)
    axes.set_xticks([])
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    style.title(axes, "Gain when streamed")
