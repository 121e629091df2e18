"""The tempo of each bar over the song."""

import numpy as np
from matplotlib.axes import Axes

from riffscope import palette
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.tempo import Tempo
from riffscope.arrays import Floats
from riffscope.errors import Absence, NotMeasured
from riffscope.plots import style
from riffscope.plots.panel import panel
from riffscope.song import SongAnalysis
from riffscope.units import BPM

# A scale of at least this much either side of the tempo keeps the wobble of a drum machine from looking like a storm.
MIN_SCALE_FRACTION = 0.04
# Downbeats closer than this run together.
CLOSEST_MM = 0.9


@style.figure
def tempo(song: SongAnalysis) -> style.Drawing:
    """Draw the tempo of each bar, the tempo of the song with its range, and the downbeats.

    Raises
    ------
    NotMeasured
        The song has no beats, or fewer than a bar of them.
    """
    figure = style.new_figure(1.32)
    width_in = style.WIDTH_IN - style.LEFT_IN - style.RIGHT_IN
    axes = style.axes_at(figure, left_in=style.LEFT_IN, top_in=0.22, width_in=width_in, height_in=0.88)
    draw_bar_tempo(axes, song)
    style.time_axis(axes, song.source.duration_s)
    return figure


def bar_tempo(beats: Beats) -> tuple[Floats, Floats]:
    """Return the time and the tempo of each bar's length of beats, counted from the first downbeat."""
    size = beats.counted_per_bar
    first = int(beats.downbeat_index[0]) if beats.downbeat_index.size else 0
    lines_s, numbers = beats.times_s[first::size], beats.numbers[first::size]
    whole = np.flatnonzero(np.diff(numbers) == size)
    if not whole.size:
        raise NotMeasured("beats", Absence.TOO_SHORT, "fewer than one bar of them")
    return (lines_s[whole + 1] + lines_s[whole]) / 2, 60 * size / np.diff(lines_s)[whole]


@panel(place=60, name="Tempo", measurement="beats", height_in=0.66, compact=False)
def draw_bar_tempo(axes: Axes, song: SongAnalysis) -> None:
    """Draw the tempo bar by bar over ticks at the downbeats."""
    beats = song[Beats]
    times_s, bpm = bar_tempo(beats)
    found = song.get(Tempo)
    middle = found.bpm.value if found is not None else float(np.median(bpm))
    reach = middle * MIN_SCALE_FRACTION
    low, high = min(float(bpm.min()), middle - reach), max(float(bpm.max()), middle + reach)
    room = high - low
    axes.set_ylim(low - 0.22 * room, high + 0.06 * room)
    # A range that takes in another metrical level would shade everything.
    if found is not None and found.bpm.high - found.bpm.low < 2 * room:
        axes.axhspan(found.bpm.low, found.bpm.high, color=palette.RHYTHM_PALE, linewidth=0)
    axes.axhline(middle, color=palette.INK, linewidth=0.8, dashes=(4, 2))
    axes.plot(*style.outline(times_s, bpm), color=palette.RHYTHM, drawstyle="steps-mid")
    axes.grid(visible=True, axis="y")
    axes.locator_params(axis="y", nbins=4)
    every = _mark_bars(axes, song.source.duration_s, beats)
    bars = {1: "every bar", 2: "every other bar"}.get(every, f"every {every}th bar")
    style.title(axes, "Tempo of each bar, BPM", f"dashed: {BPM.format(middle)}; ticks: {bars}")


def _mark_bars(axes: Axes, duration_s: float, beats: Beats) -> int:
    """Mark the downbeats along the bottom, every bar or every 2nd, 4th ... so that they stay apart; return which."""
    lines_s = beats.times_s[beats.downbeat_index]
    if not lines_s.size:
        return 1
    width_mm = axes.get_position().width * style.WIDTH_IN * 25.4
    every = 1
    while lines_s.size / every * CLOSEST_MM > width_mm * max(np.ptp(lines_s), 1e-3) / max(duration_s, 1e-3):
        every *= 2
    axes.vlines(lines_s[::every], 0, 0.12, transform=axes.get_xaxis_transform(), color=palette.RHYTHM, linewidth=0.7)
    return every
