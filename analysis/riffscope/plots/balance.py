"""How the loudness is spread over the octaves."""

import itertools
import math

from matplotlib.figure import Figure

from riffscope.analyzers.balance import Balance
from riffscope.arrays import Floats
from riffscope.errors import Absence, NotMeasured
from riffscope.plots import style
from riffscope.song import SongAnalysis
from riffscope.units import LU

NOMINAL_HZ = (16, 31.5, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 16000)


@style.drawn
def balance(song: SongAnalysis) -> Figure:
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
    axes.axhline(0, color=style.INK, linewidth=0.8, dashes=(4, 2))
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


def middles_of(band_edges_hz: Floats) -> list[float]:
    """Return the middle of each band, between its edges in octaves: (n + 1,) -> n."""
    return [math.sqrt(low * high) for low, high in itertools.pairwise(band_edges_hz.tolist())]


def colors_of(band_edges_hz: Floats) -> list[str]:
    """Colour the bands up to 125 Hz, which hold what listeners call the bass, apart from the others."""
    return [style.HARMONY if edge_hz <= 125 else style.LEVEL for edge_hz in band_edges_hz[1:].tolist()]


def hertz(frequency_hz: float) -> str:
    """Name a band by its middle; octave bands by the round figures of the standard (IEC 61260-1)."""
    nominal = min(NOMINAL_HZ, key=lambda middle_hz: abs(math.log(middle_hz / max(frequency_hz, 1.0))))
    shown = nominal if abs(nominal / frequency_hz - 1) < 0.06 else float(f"{frequency_hz:.2g}")
    return f"{shown / 1000:g}k" if shown >= 1000 else f"{shown:g}"
