"""How many bands sound at once, and the onset rate, from beginning to end."""

import numpy as np
from matplotlib.axes import Axes

from riffscope import palette
from riffscope.analyzers.density import BAND_EDGES_HZ, Density, pumping_in_words
from riffscope.arrays import Floats
from riffscope.errors import Absence, NotMeasured
from riffscope.plots import style
from riffscope.song import SongAnalysis
from riffscope.units import BANDS, PER_SECOND


@style.figure
def density(song: SongAnalysis) -> style.Drawing:
    """Draw how many bands sound at once and the onset rate, against the mean of the song.

    Raises
    ------
    NotMeasured
        The song has no density, or no curve of it.
    """
    found = song[Density]
    if found.curve.size == 0:
        raise NotMeasured("density", Absence.EMPTY, "it holds no curve")
    figure = style.new_figure(2.05)
    width_in = style.WIDTH_IN - style.LEFT_IN - style.RIGHT_IN
    full = style.axes_at(figure, left_in=style.LEFT_IN, top_in=0.22, width_in=width_in, height_in=0.66)
    busy = style.axes_at(figure, left_in=style.LEFT_IN, top_in=1.15, width_in=width_in, height_in=0.66)
    full.set_ylim(0, len(BAND_EDGES_HZ) - 0.6)
    _draw_curve(full, found.curve, found.step_s, palette.HARMONY, found.active_bands_mean.value)
    style.title(
        full,
        f"Frequency bands active at once, of {len(BAND_EDGES_HZ) - 1}",
        f"dashed: on average {BANDS.number(found.active_bands_mean.value)}",
    )
    busy.set_ylim(0, max(2.0, 1.1 * float(found.onset_curve.max())))
    _draw_curve(busy, found.onset_curve, found.step_s, palette.RHYTHM, found.onsets_per_s.value)
    pumping = "" if found.pumping_db is None else f"; {pumping_in_words(found.pumping_db)}"
    style.title(busy, "Onsets a second", f"dashed: on average {PER_SECOND.number(found.onsets_per_s.value)}{pumping}")
    style.time_axis(full, song.source.duration_s, labels=False)
    style.time_axis(busy, song.source.duration_s)
    return figure


def _draw_curve(axes: Axes, curve: Floats, step_s: float, color: str, mean: float) -> None:
    """Draw a curve of one value a step, each in the middle of its step, over its mean."""
    times_s: Floats = (np.arange(curve.size, dtype=np.float64) + 0.5) * step_s
    x, y = style.outline(times_s, curve, most=style.COLUMNS // 3)
    axes.fill_between(x, y, color=color, alpha=0.18, linewidth=0)
    axes.plot(x, y, color=color)
    axes.axhline(mean, color=palette.INK, linewidth=0.8, dashes=(4, 2))
    axes.grid(visible=True, axis="y")
    axes.locator_params(axis="y", nbins=4, integer=True)
