"""The timeline's panel of the level: peak and RMS over the song."""

import numpy as np
from matplotlib.axes import Axes

from riffscope import palette
from riffscope.errors import Absence, NotMeasured
from riffscope.plots import style
from riffscope.plots.panel import panel
from riffscope.song import SongAnalysis


# The loudness tells most of what the level tells, where room is short.
@panel(place=30, name="Level", measurement="envelope", height_in=0.5, compact=False)
def draw_level(axes: Axes, song: SongAnalysis) -> None:
    """Draw the peak and the RMS of the samples."""
    peak, rms = song.measure("envelope.peak"), song.measure("envelope.rms")
    if peak.size == 0:
        raise NotMeasured("envelope", Absence.EMPTY, "it holds no sound")
    highest = style.columns(peak, np.maximum)
    loud = np.sqrt(style.columns(rms**2, np.add) / (style.columns(np.ones_like(rms), np.add)))
    edges_s = np.linspace(0, peak.size * song.measure("envelope.step_s"), highest.size + 1)
    middles_s = (edges_s[1:] + edges_s[:-1]) / 2
    axes.fill_between(middles_s, -highest, highest, color=palette.RULE, linewidth=0)
    axes.fill_between(middles_s, -loud, loud, color=palette.LEVEL, linewidth=0)
    reach = max(1.0, float(highest.max())) * 1.04
    axes.set_ylim(-reach, reach)
    axes.set_yticks([-1, 0, 1], ["−1", "0", "1"])
    style.title(axes, "Level, full scale = 1", "faint: peak; strong: RMS")
