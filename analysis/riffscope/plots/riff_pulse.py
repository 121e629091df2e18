"""The timeline's panel of the riff: where it sounds, and each of its repeats."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from riffscope import palette
from riffscope.analyzers.loops import Loops, bars_in_words
from riffscope.plots import style
from riffscope.plots.panel import bare, panel
from riffscope.plots.riff_bars import max_similarity, sounding_passes
from riffscope.song import SongAnalysis
from riffscope.units import FRACTION

# How much of the panel's height shows where the riff sounds; its pulse rises above that.
GROUND = 0.22


@panel(place=20, name="Riff", measurement="loops", height_in=0.42)
def draw_riff(axes: Axes, song: SongAnalysis) -> None:
    """Draw the riff as a pulse: a peak for each repeat, as high and as dark as its similarity to the others."""
    loops = song[Loops]
    sounding = sounding_passes(loops)
    axes.axhspan(0, GROUND, color=palette.PALE, linewidth=0, zorder=0.4)  # below what is shaded
    for other in loops.others:
        style.shade(axes, other.spans, palette.RHYTHM_PALE, high=GROUND)
    style.shade(axes, loops.spans, palette.RHYTHM, high=GROUND)
    share = np.array([repeat.similarity for repeat in sounding]) / max_similarity(loops)
    # A sharp rise where the riff begins, and a fall to where it begins again.
    pulse = [
        [
            (repeat.start_s, GROUND),
            (repeat.start_s, GROUND + height),
            (repeat.start_s + 0.25 * (repeat.end_s - repeat.start_s), GROUND + 0.3 * height),
            (repeat.end_s, GROUND),
        ]
        for repeat, height in zip(sounding, (1 - GROUND) * share, strict=True)
    ]
    look: Any = {"facecolors": style.SIMILARITY(0.3 + 0.7 * share), "linewidths": 0, "label": "pulse", "clip_on": False}
    axes.add_collection(PolyCollection(pulse, closed=False, **look))
    bare(axes)
    coverage = FRACTION.format(loops.coverage_fraction.value)
    paler = "; faint: another loop" if loops.others else ""
    note = f"one peak per repeat; taller: closer match; filled: {coverage} of the song{paler}"
    style.title(axes, f"{loops.kind.noun.capitalize()} of {bars_in_words(loops.period_bars)}", note)
