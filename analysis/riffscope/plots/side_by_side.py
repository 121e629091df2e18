"""Songs side by side on shared axes: loudness over time, sung pitch, and octaves."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter

from riffscope import palette
from riffscope.analyzers.balance import Balance
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.arrays import Floats
from riffscope.compare import LETTERS, common_spelling
from riffscope.errors import Absence, NotMeasured
from riffscope.plots import style
from riffscope.plots.loudness import SHOWN_BELOW_LU
from riffscope.plots.octaves import colors_of, hertz, middles_of
from riffscope.song import SongAnalysis
from riffscope.units import clock

HEAD_IN = 0.26
TITLE_IN = 0.2
GAP_IN = 0.1

Draw = Callable[[Axes, SongAnalysis], None]


@style.figure
def side_by_side(songs: Sequence[SongAnalysis]) -> style.Drawing:
    """Draw two to six songs in columns; all of a row share both axes, so that heights and lengths compare.

    Raises
    ------
    NotMeasured
        None of what it shows was measured in any song.
    ValueError
        There are more than six songs.
    """
    if len(songs) > len(LETTERS):
        raise ValueError(f"{len(LETTERS)} songs fit side by side, not {len(songs)}")
    panels = [
        (name, height_in, below_in, draw)
        for name, height_in, below_in, result, prepare in (
            ("Short-term loudness, LUFS", 0.9, 0.24, Loudness, _loudness),
            ("Sung pitch, share of the singing", 1.25, 0.1, VocalRange, _pitch),
            ("Level of each octave, LU against the whole", 0.9, 0.2, Balance, _octaves),
        )
        if any(song.get(result) is not None for song in songs) and (draw := prepare(songs)) is not None
    ]
    if not panels:
        raise NotMeasured("side_by_side", Absence.EMPTY, "nothing that it shows was measured")
    figure = style.new_figure(HEAD_IN + sum(TITLE_IN + height_in + below_in for _, height_in, below_in, _ in panels))
    column_in = (style.WIDTH_IN - style.LEFT_IN - style.RIGHT_IN + GAP_IN) / len(songs)
    for place, song in enumerate(songs):
        left_in = style.LEFT_IN + place * column_in
        head = style.inch_axes(figure, left_in=left_in, top_in=0.02, width_in=column_in - GAP_IN, height_in=0.2)
        head.text(0, 0.1, f"Song {LETTERS[place]}", color=palette.MUTED, va="center")
        top_in = HEAD_IN
        for name, height_in, below_in, draw in panels:
            top_in += TITLE_IN
            axes = style.axes_at(
                figure, left_in=left_in, top_in=top_in, width_in=column_in - GAP_IN, height_in=height_in
            )
            try:
                draw(axes, song)
            except NotMeasured:
                axes.set_xticks([])
                axes.text(
                    0.5, 0.5, "not measured", transform=axes.transAxes, ha="center", va="center", color=palette.MUTED
                )
            if place:
                axes.tick_params(axis="y", labelleft=False)
            else:
                style.title(axes, name)
            top_in += height_in + below_in
    return figure


def _loudness(songs: Sequence[SongAnalysis]) -> Draw | None:
    curves = [found.short_term_lufs for song in songs if (found := song.get(Loudness)) is not None]
    levels = np.concatenate(curves)
    levels = levels[np.isfinite(levels)]
    if levels.size == 0:
        return None
    top = math.ceil(float(levels.max())) + 1
    bottom = max(math.floor(float(levels.min())) - 1, top - 2 * SHOWN_BELOW_LU)
    longest_s = max(song.source.duration_s for song in songs)

    def draw(axes: Axes, song: SongAnalysis) -> None:
        found = song[Loudness]
        times_s: Floats = found.first_s + np.arange(found.short_term_lufs.size, dtype=np.float64) * found.step_s
        axes.set_xlim(0, longest_s)
        axes.set_ylim(bottom, top)
        if times_s.size:
            x, y = style.outline(times_s, found.short_term_lufs, most=200)
            axes.fill_between(x, np.maximum(y, bottom), bottom, color=palette.LOUDNESS_PALE, linewidth=0)
            axes.plot(x, np.maximum(y, bottom), color=palette.LOUDNESS)
        axes.axhline(found.integrated_lufs, color=palette.INK, linewidth=0.8, dashes=(4, 2))
        axes.xaxis.set_major_locator(FixedLocator([0, longest_s]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: clock(x)))
        begin, end = axes.get_xticklabels()
        begin.set_horizontalalignment("left")
        end.set_horizontalalignment("right")
        axes.grid(visible=True, axis="y")
        axes.locator_params(axis="y", nbins=4, integer=True)

    return draw


def _pitch(songs: Sequence[SongAnalysis]) -> Draw | None:
    sung = [pitch.midi for song in songs if (found := song.get(VocalRange)) is not None for pitch in found.histogram]
    if not sung:
        return None
    spelling = common_spelling(songs)
    low, high = min(sung) - 1.0, max(sung) + 1.0
    while high - low < 12:
        low, high = low - 1, high + 1
    shares = [
        max(_shares(found).values())
        for song in songs
        if (found := song.get(VocalRange)) is not None and found.histogram
    ]

    def draw(axes: Axes, song: SongAnalysis) -> None:
        found = song[VocalRange]
        style.note_axis(axes, low, high, spelling)
        axes.set_xlim(0, max(shares) * 1.05)
        shown = _shares(found)
        axes.barh(list(shown), list(shown.values()), height=0.9, color=palette.VOICE)
        axes.axhspan(found.tessitura_low_midi, found.tessitura_high_midi, color=palette.VOICE_PALE, zorder=0.4)
        axes.set_xticks([])

    return draw


def _shares(found: VocalRange) -> dict[int, float]:
    whole = sum(pitch.seconds for pitch in found.histogram) or 1.0
    return {pitch.midi: pitch.seconds / whole for pitch in found.histogram}


def _octaves(songs: Sequence[SongAnalysis]) -> Draw | None:
    levels = np.concatenate([found.band_lu for song in songs if (found := song.get(Balance)) is not None])
    levels = levels[np.isfinite(levels)]
    if levels.size == 0:
        return None
    top, bottom = max(float(levels.max()), 0.0) + 2, max(min(float(levels.min()), -12.0) - 2, -60.0)

    def draw(axes: Axes, song: SongAnalysis) -> None:
        found = song[Balance]
        middles_hz = middles_of(found.band_edges_hz)
        heights = np.nan_to_num(np.maximum(found.band_lu, bottom), nan=bottom) - bottom
        axes.bar(range(len(middles_hz)), heights, bottom=bottom, width=0.72, color=colors_of(found.band_edges_hz))
        axes.axhline(0, color=palette.INK, linewidth=0.8, dashes=(4, 2))
        axes.set_xlim(-0.6, len(middles_hz) - 0.4)
        axes.set_ylim(bottom, top)
        named = [place for place, middle_hz in enumerate(middles_hz) if hertz(middle_hz) in {"63", "500", "4k"}]
        axes.set_xticks(named, [hertz(middles_hz[place]) for place in named])
        axes.tick_params(axis="x", length=0)
        axes.grid(visible=True, axis="y")
        axes.locator_params(axis="y", nbins=4)

    return draw
