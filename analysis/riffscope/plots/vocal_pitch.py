"""The lead voice's melody over the song, on a keyboard, and where other voices join it."""

import math

import numpy as np
from matplotlib.axes import Axes

from riffscope import palette
from riffscope.analyzers.key import Key
from riffscope.analyzers.vocal_activity import VocalActivity
from riffscope.analyzers.vocal_layers import VocalLayers
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.analyzers.vocal_range import SustainedNote, VocalRange
from riffscope.errors import Absence, NotMeasured
from riffscope.notes import music_type
from riffscope.plots import style
from riffscope.plots.panel import panel
from riffscope.song import SongAnalysis, why_missing
from riffscope.units import FRACTION, clock

KEYS_IN = 0.2
KEYS_APART_IN = 0.03
TITLE_IN = 0.22
PITCH_IN = 2.2
APART_IN = 0.1
STRIP_IN = 0.13
TIMES_IN = 0.24
LINE_IN = 0.2
# Slips of an octave in a few frames would leave the melody a third of the scale: what lies beyond these is cut off.
SHOWN_PERCENT = (0.5, 99.5)
# A scale of less than an octave makes a hummed note look like a leap.
MIN_SCALE_SEMITONES = 12
# Above and below what is sung, so that the names of its highest and lowest note stay inside.
MARGIN_SEMITONES = 2
# How far the name of a held note stands above or below it, and how high it is.
APART_PT = 4.0
NAME_PT = 11.0


@style.figure
def vocal_pitch(song: SongAnalysis) -> style.Drawing:
    """Draw the voice's pitch over the song, its lowest and highest held note, and where more than one voice sings.

    Raises
    ------
    NotMeasured
        The song has no vocal pitch, or nothing in it is sung.
    """
    low, high = scale(song)
    layers = song.get(VocalLayers)
    # What was not run takes no room; what is missing leaves a line that says why.
    below_in = 0.0 if "vocal_layers" not in song.outcomes else LINE_IN
    if layers is not None:
        below_in = APART_IN + TITLE_IN + STRIP_IN
    figure = style.new_figure(TITLE_IN + PITCH_IN + below_in + TIMES_IN)
    left_in = style.LEFT_IN + KEYS_IN + KEYS_APART_IN
    width_in = style.WIDTH_IN - style.RIGHT_IN - left_in
    keys = style.axes_at(figure, left_in=style.LEFT_IN, top_in=TITLE_IN, width_in=KEYS_IN, height_in=PITCH_IN)
    style.keyboard(keys, low, high, upright=True)
    axes = style.axes_at(figure, left_in=left_in, top_in=TITLE_IN, width_in=width_in, height_in=PITCH_IN)
    draw_contour(axes, song, low - 0.5, high + 0.5)
    axes.tick_params(axis="y", length=0, pad=(KEYS_IN + KEYS_APART_IN) * 72 + 3)
    axes.spines["left"].set_visible(False)
    _mark_extremes(axes, song)
    style.time_axis(axes, song.source.duration_s, labels=layers is None)
    if layers is not None:
        top_in = TITLE_IN + PITCH_IN + APART_IN + TITLE_IN
        strip = style.axes_at(figure, left_in=left_in, top_in=top_in, width_in=width_in, height_in=STRIP_IN)
        _draw_layers(strip, layers, song)
    elif below_in:
        reason = f"not measured: {why_missing(song.outcomes['vocal_layers'])}"
        style.grey_line(figure, reason, name="Layers", top_in=TITLE_IN + PITCH_IN + TIMES_IN)
    return figure


def scale(song: SongAnalysis) -> tuple[int, int]:
    """Return the lowest and highest key that the contour and its held extremes need, at least an octave.

    Raises
    ------
    NotMeasured
        The song has no vocal pitch, or nothing in it is sung.
    """
    pitch, found = song[VocalPitch], song.get(VocalRange)
    midi = pitch.midi[pitch.sung]
    if midi.size == 0:
        raise NotMeasured("vocal_pitch", Absence.EMPTY, "nothing in it is sung")
    held = () if found is None else (found.lowest_sustained, found.highest_sustained)
    shown = [*np.percentile(midi, SHOWN_PERCENT).tolist(), *(note.midi for note in held if note is not None)]
    low, high = math.floor(min(shown)) - MARGIN_SEMITONES, math.ceil(max(shown)) + MARGIN_SEMITONES
    missing = max(0, MIN_SCALE_SEMITONES - (high - low))
    return low - missing // 2, high + (missing + 1) // 2


def draw_contour(axes: Axes, song: SongAnalysis, low_midi: float, high_midi: float) -> None:
    """Draw the sung pitch, pale where it is less sure, with the sung segments shaded."""
    pitch = song[VocalPitch]
    key = song.get(Key)
    scale_of = ("C", "major") if key is None else (key.tonic, key.mode)
    style.note_axis(axes, low_midi, high_midi, song.spelling, scale_of=scale_of)
    activity = song.get(VocalActivity)
    if activity is not None:
        style.shade(axes, activity.spans, palette.VOICE_PALE)
    certain = np.where(pitch.certain == 1, pitch.midi, np.nan)
    axes.plot(*style.outline(pitch.times_s, pitch.midi), color=palette.VOICE, alpha=0.4, linewidth=0.6)
    axes.plot(*style.outline(pitch.times_s, certain), color=palette.VOICE, linewidth=0.9)
    style.title(axes, "Sung pitch", "shaded: someone sings; faint line: pitch less sure")


@panel(place=50, name="Sung pitch", measurement="vocal_pitch", height_in=1.35)
def draw_sung_pitch(axes: Axes, song: SongAnalysis) -> None:
    """Draw the contour on the scale that it needs."""
    draw_contour(axes, song, *scale(song))


def _draw_layers(axes: Axes, layers: VocalLayers, song: SongAnalysis) -> None:
    """Draw a strip of the song: pale where someone sings, dark where more than one voice does."""
    activity = song.get(VocalActivity)
    if activity is not None:
        style.shade(axes, activity.spans, palette.VOICE_PALE)
    style.shade(axes, layers.spans, palette.HARMONY)
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    style.time_axis(axes, song.source.duration_s)
    layered = layers.layered_fraction
    note = f"none found; at most {FRACTION.format(layered.high)} of the singing"
    if layers.spans:
        share = f"{FRACTION.number(layered.low)} to {FRACTION.format(layered.high)}"
        mostly = "" if layers.kind == "one voice" else f", mostly {layers.kind}"
        note = f"strong: {FRACTION.format(layered.value)} of the singing ({share}){mostly}"
    style.title(axes, "More than one voice", note)


def _mark_extremes(axes: Axes, song: SongAnalysis) -> None:
    """Mark the lowest and highest held note and name them with their times, inside the axes."""
    found = song.get(VocalRange)
    if found is None:
        return
    for held, above in ((found.highest_sustained, True), (found.lowest_sustained, False)):
        if held is not None:
            _mark(axes, held, above=above, duration_s=song.source.duration_s)


def _mark(axes: Axes, held: SustainedNote, *, above: bool, duration_s: float) -> None:
    middle_s = (held.start_s + held.end_s) / 2
    left = middle_s > duration_s / 2  # so that the words stay inside the axes
    bottom, top = axes.get_ylim()
    room_pt = PITCH_IN * 72 * (top - held.midi if above else held.midi - bottom) / (top - bottom)
    apart_pt = min(APART_PT, room_pt - NAME_PT)  # the same, from below and above
    axes.plot(
        [middle_s], [held.midi], "o", markersize=5.5, markerfacecolor="none", markeredgecolor=palette.INK, clip_on=False
    )
    axes.annotate(
        f"{'highest' if above else 'lowest'} held note {music_type(held.note)}, {clock(held.start_s, decimals=1)}",
        (middle_s, held.midi),
        (-6 if left else 6, apart_pt if above else -apart_pt),
        textcoords="offset points",
        ha="right" if left else "left",
        va="bottom" if above else "top",
        size=style.SMALL_PT,
        bbox={"facecolor": "white", "alpha": 0.85, "linewidth": 0, "pad": 1.0},
    )
