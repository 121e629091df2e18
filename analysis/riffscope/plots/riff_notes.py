"""One pass of the riff as a piano roll: its line and its bass over the keys, the chords above."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, NullFormatter

from riffscope import palette
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.chords import Chords
from riffscope.analyzers.key import Key
from riffscope.analyzers.loops import Loops
from riffscope.analyzers.riff_notes import RiffNote, RiffNotes
from riffscope.arrays import Floats
from riffscope.chord_names import ChordName
from riffscope.notes import Spelling, music_type
from riffscope.plots import style
from riffscope.song import SongAnalysis

KEYS_IN = 0.2
KEYS_APART_IN = 0.03
TITLE_IN = 0.22
CHORDS_IN = 0.18
BARS_IN = 0.2
LEGEND_IN = 0.22
# A semitone is as high as this, the whole between these.
SEMITONE_IN = 0.068
MIN_ROLL_IN, MAX_ROLL_IN = 1.1, 2.9
# Free rows above and below; and an octave at least, or a riff of two notes would look like a leap.
MARGIN_SEMITONES = 2
MIN_SEMITONES = 12
# A note is as high as this part of its row, and a gap this wide, in points, parts it from the next of the same pitch.
NOTE_SHARE = 0.86
GAP_PT = 0.7
# A note that is certain is opaque, one that is not told at all would be this faint.
FAINTEST = 0.15
LINE_COLOR, BASS_COLOR = palette.RHYTHM, palette.HARMONY
# Less of a chord than half of the shortest is the end of the one before the pass.
LEAST_CHORD_BEATS = 0.25
# Names of chords stand this far apart at least.
CHORD_GAP_IN = 0.06


@style.figure
def riff_notes(song: SongAnalysis) -> style.Drawing:
    """Draw one pass of the riff as a piano roll, fainter where a note is less sure, with the chords above.

    Raises
    ------
    NotMeasured
        The notes of the riff were not measured.
    """
    riff = song[RiffNotes]
    low, high = scale(riff)
    chords = chords_of_pass(song)
    roll_in = float(np.clip((high - low + 1) * SEMITONE_IN, MIN_ROLL_IN, MAX_ROLL_IN))
    above_in = TITLE_IN + (CHORDS_IN if chords else 0.0)
    figure = style.new_figure(above_in + roll_in + BARS_IN + LEGEND_IN)
    left_in = style.LEFT_IN + KEYS_IN + KEYS_APART_IN
    width_in = style.WIDTH_IN - style.RIGHT_IN - left_in
    keys = style.axes_at(figure, left_in=style.LEFT_IN, top_in=above_in, width_in=KEYS_IN, height_in=roll_in)
    style.keyboard(keys, low, high, upright=True)
    axes = style.axes_at(figure, left_in=left_in, top_in=above_in, width_in=width_in, height_in=roll_in)
    _draw_grid(axes, song, riff, (low - 0.5, high + 0.5))
    _draw_notes(axes, riff.bass_notes, BASS_COLOR)
    _draw_notes(axes, riff.notes, BASS_COLOR if riff.is_bass_line else LINE_COLOR)
    style.mark_time(axes, pass_beats_s(song).tolist())
    if chords:
        names = style.axes_at(figure, left_in=left_in, top_in=TITLE_IN, width_in=width_in, height_in=CHORDS_IN)
        _name_chords(names, chords, riff, song.spelling)
    heading = style.inch_axes(figure, left_in=style.LEFT_IN, top_in=TITLE_IN, width_in=style.WIDTH_IN, height_in=0.01)
    style.title(heading, f"One pass of the {riff.kind.noun}, note by note")
    legend = style.inch_axes(
        figure, left_in=left_in, top_in=above_in + roll_in + BARS_IN, width_in=width_in, height_in=LEGEND_IN
    )
    _draw_legend(legend, riff)
    return figure


def scale(riff: RiffNotes) -> tuple[int, int]:
    """Return the lowest and highest key that is drawn, an octave apart at least."""
    midi = [note.midi for note in (*riff.notes, *riff.bass_notes)]
    low, high = min(midi) - MARGIN_SEMITONES, max(midi) + MARGIN_SEMITONES
    missing = max(0, MIN_SEMITONES - (high - low))
    return low - missing // 2, high + (missing + 1) // 2


def pass_beats_s(song: SongAnalysis) -> Floats:
    """Return where the beats of the example pass begin and the last ends: (period_beats + 1,)."""
    example, period = song[Loops].example, song[RiffNotes].period_beats
    beats = song.get(Beats)
    if beats is not None and beats.times_s.size > period:
        first = int(np.abs(beats.times_s - example.start_s).argmin())
        if first + period < beats.times_s.size:
            return beats.times_s[first : first + period + 1]
    return np.linspace(example.start_s, example.end_s, period + 1)


def chords_of_pass(song: SongAnalysis) -> list[tuple[float, ChordName]]:
    """Return the chords of the example pass: the beat on which each begins, and its name."""
    chords = song.get(Chords)
    if chords is None:
        return []
    edges_s = pass_beats_s(song)
    found: list[tuple[float, ChordName]] = []
    for span in chords.spans:
        name = ChordName.parse(span.label)
        beat, end = np.interp([span.start_s, span.end_s], edges_s, np.arange(edges_s.size)).tolist()
        # A pass and a chord that begin together may lie some milliseconds apart.
        if name is None or end - beat < LEAST_CHORD_BEATS:
            continue
        if not found or found[-1][1] != name:
            found.append((round(2 * beat) / 2, name))
    return found


def _draw_grid(axes: Axes, song: SongAnalysis, riff: RiffNotes, notes: tuple[float, float]) -> None:
    """Draw lines at the notes of the key, at beats and at bars, and number the bars."""
    key = song.get(Key)
    scale_of = ("C", "major") if key is None else (key.tonic, key.mode)
    style.note_axis(axes, *notes, song.spelling, scale_of=scale_of)
    axes.tick_params(axis="y", length=0, pad=(KEYS_IN + KEYS_APART_IN) * 72 + 3)
    axes.spines["left"].set_visible(False)
    axes.set_xlim(0, riff.period_beats)
    bars = list(range(0, riff.period_beats + 1, riff.beats_per_bar))
    for beat in range(riff.period_beats + 1):
        is_bar = beat % riff.beats_per_bar == 0
        axes.axvline(
            beat, color=palette.LEVEL if is_bar else palette.RULE, linewidth=0.7 if is_bar else 0.4, zorder=0.7
        )
    axes.xaxis.set_major_locator(FixedLocator(bars))
    axes.xaxis.set_major_formatter(NullFormatter())
    axes.tick_params(axis="x", length=0)
    for number, beat in enumerate(bars, start=1):
        if beat < riff.period_beats:
            place: Any = {"xycoords": axes.get_xaxis_transform(), "textcoords": "offset points"}
            axes.annotate(
                f"bar {number}" if number == 1 else str(number),
                (beat, 0),
                (1.5, -9.5),
                color=palette.MUTED,
                size=style.SMALL_PT,
                **place,
            )


def _draw_notes(axes: Axes, notes: tuple[RiffNote, ...], color: str) -> None:
    """Draw notes as boxes, from their beginning to their end, as opaque as they are sure."""
    width_pt = axes.get_position().width * style.figure_of(axes).get_size_inches()[0] * 72
    gap = GAP_PT / width_pt * axes.get_xlim()[1]
    for note in notes:
        alpha = FAINTEST + (1 - FAINTEST) * note.probability
        box = (note.beat, note.midi - NOTE_SHARE / 2), max(note.beats - gap, gap), NOTE_SHARE
        axes.add_patch(Rectangle(*box, facecolor=color, alpha=alpha, linewidth=0, zorder=2))
        axes.add_patch(Rectangle(*box, facecolor="none", edgecolor=color, linewidth=0.6, zorder=2.1))


def _name_chords(axes: Axes, chords: list[tuple[float, ChordName]], riff: RiffNotes, spelling: Spelling) -> None:
    """Write the chords above the beats on which they begin; one for which there is no room is left out."""
    axes.set_xlim(0, riff.period_beats)
    axes.set_ylim(0, 1)
    axes.set_axis_off()
    figure = style.figure_of(axes)
    in_beats = riff.period_beats / (axes.get_position().width * figure.get_size_inches()[0])
    free_from = 0.0
    for beat, name in chords:
        if beat >= free_from:
            words = axes.text(beat, 0.5, music_type(name.written(spelling)), va="center_baseline", weight="bold")
            free_from = beat + (style.text_width_in(figure, words) + CHORD_GAP_IN) * in_beats


def _draw_legend(axes: Axes, riff: RiffNotes) -> None:
    def mark(color: str, probability: float) -> style.LegendMark:
        def draw(x: float, y: float) -> None:
            alpha = FAINTEST + (1 - FAINTEST) * probability
            box = (x, y - 0.035), 0.2, 0.07
            axes.add_patch(Rectangle(*box, facecolor=color, alpha=alpha, linewidth=0))
            axes.add_patch(Rectangle(*box, facecolor="none", edgecolor=color, linewidth=0.6))

        return draw

    color = BASS_COLOR if riff.is_bass_line else LINE_COLOR
    line = "the riff, a bass line" if riff.is_bass_line else f"the line of the {riff.kind.noun}"
    entries = [(mark(color, 1.0), 0.2, line)]
    if riff.bass_notes:
        entries.append((mark(BASS_COLOR, 1.0), 0.2, "bass"))
    entries.append((mark(color, 0.3), 0.2, "faint: less sure"))
    style.legend(axes, entries)
