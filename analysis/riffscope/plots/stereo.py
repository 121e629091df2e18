"""The width of each octave, and the correlation of its two channels."""

import numpy as np
from matplotlib.axes import Axes

from riffscope import palette
from riffscope.analyzers.stereo import Stereo
from riffscope.arrays import Floats
from riffscope.errors import Absence, NotMeasured
from riffscope.plots import style
from riffscope.plots.octaves import hertz, middles_of
from riffscope.song import SongAnalysis
from riffscope.units import CORRELATION, FRACTION


@style.figure
def stereo(song: SongAnalysis) -> style.Drawing:
    """Draw the width and the correlation of each octave band beside those of the whole song.

    Raises
    ------
    NotMeasured
        The song has no stereo image, or no band in it.
    """
    found = song[Stereo]
    if not np.isfinite(found.band_width_fraction).any():
        raise NotMeasured("stereo", Absence.EMPTY, "it holds no bands")
    figure = style.new_figure(2.16)
    width_in = style.WIDTH_IN - style.LEFT_IN - style.RIGHT_IN
    wide = style.axes_at(figure, left_in=style.LEFT_IN, top_in=0.22, width_in=width_in, height_in=0.66)
    correlated = style.axes_at(figure, left_in=style.LEFT_IN, top_in=1.16, width_in=width_in, height_in=0.66)

    percent = 100 * found.band_width_fraction
    wide.set_ylim(0, max(50.0, 1.28 * float(np.nanmax(percent))))
    _draw_bars(wide, percent, [FRACTION.number(width) for width in found.band_width_fraction.tolist()])
    wide.set_xticks([])
    style.title(wide, "Width of each octave, %", f"whole song: {FRACTION.format(found.width_fraction)}")

    lowest = float(np.nanmin([0.0, *found.band_correlation]))
    room = 0.36 * (1 - lowest)  # for the numbers
    correlated.set_ylim(lowest - room if lowest < 0 else 0.0, 1 + room)
    _draw_bars(
        correlated, found.band_correlation, [CORRELATION.number(number) for number in found.band_correlation.tolist()]
    )
    correlated.axhline(0, color=palette.INK, linewidth=0.6)
    whole = found.correlation
    note = "one channel is silent" if whole is None else f"whole song: {CORRELATION.format(whole)}"
    style.title(correlated, "Correlation of left and right", note)
    middles_hz = middles_of(found.band_edges_hz)
    correlated.set_xticks(range(len(middles_hz)), [hertz(middle_hz) for middle_hz in middles_hz])
    correlated.tick_params(axis="x", length=0)
    correlated.set_xlabel("middle of the octave band, Hz")
    return figure


def _draw_bars(axes: Axes, heights: Floats, words: list[str]) -> None:
    """Draw a bar for each band that holds something, with its number at the end."""
    held = np.flatnonzero(np.isfinite(heights)).tolist()
    axes.bar(held, heights[held], width=0.72, color=palette.LEVEL)
    for place in held:
        height = float(heights[place])
        axes.annotate(
            words[place],
            (place, height),
            (0, 2 if height >= 0 else -2),
            textcoords="offset points",
            ha="center",
            va="bottom" if height >= 0 else "top",
            size=style.SMALL_PT,
        )
    axes.set_xlim(-0.6, heights.size - 0.4)
    axes.grid(visible=True, axis="y")
    axes.locator_params(axis="y", nbins=4)
