"""How the loudness is spread over the octaves."""

from riffscope import palette
from riffscope.analyzers.balance import Balance
from riffscope.errors import Absence, NotMeasured
from riffscope.plots import style
from riffscope.plots.octaves import colors_of, hertz, middles_of
from riffscope.song import SongAnalysis
from riffscope.units import LU


@style.figure
def balance(song: SongAnalysis) -> style.Drawing:
    """Draw each octave band's level against the loudness of the whole song.

    Raises
    ------
    NotMeasured
        The song has no balance.
    """
    found = song[Balance]
    levels = found.band_lu
    if levels.size == 0:
        raise NotMeasured("balance", Absence.EMPTY, "it holds no bands")
    figure = style.new_figure(1.9)
    width_in = style.WIDTH_IN - style.LEFT_IN - style.RIGHT_IN
    axes = style.axes_at(figure, left_in=style.LEFT_IN, top_in=0.22, width_in=width_in, height_in=1.3)
    floor = min(float(levels.min()), -12.0) - 4
    top = max(float(levels.max()), 0.0)
    axes.set_ylim(floor, top + 0.16 * (top - floor))
    colors = colors_of(found.band_edges_hz)
    axes.bar(range(levels.size), levels - floor, bottom=floor, width=0.72, color=colors)
    axes.axhline(0, color=palette.INK, linewidth=0.8, dashes=(4, 2))
    for place, level in enumerate(levels.tolist()):
        axes.annotate(
            LU.number(level),
            (place, level),
            (0, 2),
            textcoords="offset points",
            ha="center",
            va="bottom",
            size=style.SMALL_PT,
            bbox={"facecolor": "white", "alpha": 0.85, "linewidth": 0, "pad": 0.6},
        )
    middles_hz = middles_of(found.band_edges_hz)
    axes.set_xticks(range(levels.size), [hertz(middle_hz) for middle_hz in middles_hz])
    axes.set_xlim(-0.6, levels.size - 0.4)
    axes.tick_params(axis="x", length=0)
    axes.grid(visible=True, axis="y")
    axes.locator_params(axis="y", nbins=5)
    axes.set_xlabel("middle of the octave band, Hz")
    style.title(axes, "Level of each octave, LU", "dashed: loudness of the whole song")
    return figure
