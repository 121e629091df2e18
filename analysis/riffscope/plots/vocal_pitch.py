"""The lead voice's melody over the song, on a keyboard."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from riffscope.analyzers.vocal_activity import VocalActivity
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.analyzers.vocal_range import SustainedNote, VocalRange
from riffscope.errors import NotMeasured
from riffscope.plots import style
from riffscope.song import SongAnalysis
from riffscope.units import clock

KEYS_IN = 0.2
# A scale of less than an octave makes a hummed note look like a leap.
SMALLEST_SCALE_SEMITONES = 12


@style.drawn
def vocal_pitch(song: SongAnalysis) -> Figure:
    """Draw the voice's pitch over the song, with the lowest and the highest held note marked.

    Raises
    ------
    NotMeasured
        The song has no vocal pitch, or nothing in it is sung.
    """
    low, high = scale(song[VocalPitch])
    figure = style.new_figure(2.75)
    height_in = 2.22
    left_in = style.LEFT_IN + KEYS_IN + 0.03
    keys = style.axes_at(figure, left_in=style.LEFT_IN, top_in=0.22, width_in=KEYS_IN, height_in=height_in)
    width_in = style.WIDTH_IN - style.RIGHT_IN - left_in
    axes = style.axes_at(figure, left_in=left_in, top_in=0.22, width_in=width_in, height_in=height_in)
    style.keyboard(keys, low, high, upright=True)
    draw_contour(axes, song, low - 0.5, high + 0.5)
    axes.tick_params(axis="y", length=0, pad=KEYS_IN * 72 + 5)
    axes.spines["left"].set_visible(False)
    style.time_axis(axes, song.source.duration_s)
    _mark_extremes(axes, song)
    return figure


def scale(pitch: VocalPitch) -> tuple[int, int]:
    """Return the lowest and highest key that the contour needs, at least an octave."""
    midi = pitch.midi[pitch.sung]
    if midi.size == 0:
        raise NotMeasured("vocal_pitch: nothing in it is sung")
    low, high = math.floor(float(midi.min())) - 1, math.ceil(float(midi.max())) + 1
    missing = max(0, SMALLEST_SCALE_SEMITONES - (high - low))
    return low - missing // 2, high + (missing + 1) // 2


def draw_contour(axes: Axes, song: SongAnalysis, low_midi: float, high_midi: float) -> None:
    """Draw the sung pitch, pale where it is less sure, with the sung stretches shaded."""
    pitch = song[VocalPitch]
    style.note_axis(axes, low_midi, high_midi)
    activity = song.get(VocalActivity)
    if activity is not None:
        style.shade(axes, activity.spans, style.VOICE_PALE)
    certain = np.where(pitch.certain == 1, pitch.midi, np.nan)
    axes.plot(*style.outline(pitch.times_s, pitch.midi), color=style.VOICE, alpha=0.4, linewidth=0.6)
    axes.plot(*style.outline(pitch.times_s, certain), color=style.VOICE, linewidth=0.9)
    style.title(axes, "Sung pitch", "shaded: someone sings; pale line: pitch less sure")


def _mark_extremes(axes: Axes, song: SongAnalysis) -> None:
    """Mark the lowest and highest held note and name them with their times, inside the axes."""
    found = song.get(VocalRange)
    if found is None:
        return
    bottom, top = axes.get_ylim()
    for held, above in ((found.highest_sustained, True), (found.lowest_sustained, False)):
        if held is None or not bottom <= held.midi <= top:
            continue
        _mark(axes, held, above=above, duration_s=song.source.duration_s)


def _mark(axes: Axes, held: SustainedNote, *, above: bool, duration_s: float) -> None:
    middle_s = (held.start_s + held.end_s) / 2
    name = "highest" if above else "lowest"
    left = middle_s > duration_s / 2  # so that the words stay inside the axes
    axes.plot([middle_s], [held.midi], "o", markersize=5.5, markerfacecolor="none", markeredgecolor=style.INK)
    axes.annotate(
        f"{name} held note {style.music_type(held.note)}, {clock(held.start_s, decimals=1)}",
        (middle_s, held.midi),
        (-6 if left else 6, 4 if above else -4),
        textcoords="offset points",
        ha="right" if left else "left",
        va="bottom" if above else "top",
        size=style.SMALL_PT,
        bbox={"facecolor": "white", "alpha": 0.85, "linewidth": 0, "pad": 1.0},
    )
