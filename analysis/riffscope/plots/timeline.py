"""The whole song on one time axis: level, loudness, voice, tempo, sections and loops, one above the other."""

import dataclasses

from matplotlib.axes import Axes

from riffscope.errors import Absence, NotMeasured
from riffscope.plots import style
from riffscope.plots.panel import Panel, panels
from riffscope.song import SongAnalysis

TITLE_IN = 0.2
GAP_IN = 0.09
LINE_IN = 0.24
AXIS_IN = 0.22
# What two timelines on one page have room for.
COMPACT_SCALE = 0.42
# No panel becomes lower than a line of type, unless it was.
COMPACT_LEAST_IN = 0.16
COMPACT_TITLE_IN = 0.17
COMPACT_GAP_IN = 0.07


@style.figure
def timeline(song: SongAnalysis, *, compact: bool = False) -> style.Drawing:
    """Draw every panel whose measurement was run, on one time axis.

    Parameters
    ----------
    song : SongAnalysis
    compact : bool
        Draw lower panels and leave out what others tell, so that two timelines, or one and many verdicts, fit on a
        page.

    Raises
    ------
    NotMeasured
        None of the panels' measurements was run.
    """
    shown = panels()
    title_in, gap_in = (COMPACT_TITLE_IN, COMPACT_GAP_IN) if compact else (TITLE_IN, GAP_IN)
    if compact:
        kept = (panel for panel in shown if panel.compact)
        shown = tuple(dataclasses.replace(panel, height_in=_compact_in(panel.height_in)) for panel in kept)
    wanted = [panel for panel in shown if panel.measurement in song.outcomes]
    if not wanted:
        raise NotMeasured("timeline", Absence.EMPTY, "nothing that it shows was measured")
    width_in = style.WIDTH_IN - style.LEFT_IN - style.RIGHT_IN
    figure = style.new_figure(sum(panel.height_in + title_in + gap_in for panel in wanted))
    drawn: dict[Panel, Axes] = {}
    reasons: dict[Panel, str] = {}
    for panel in wanted:
        axes = style.axes_at(figure, left_in=style.LEFT_IN, top_in=0.0, width_in=width_in, height_in=panel.height_in)
        try:
            panel.draw(axes, song)
            drawn[panel] = axes
        except NotMeasured as why:
            axes.remove()
            reasons[panel] = why.reason

    axis_in = AXIS_IN if drawn else 0.0
    height_in = sum(title_in + panel.height_in + gap_in for panel in drawn) + axis_in + LINE_IN * len(reasons)
    figure.set_size_inches(style.WIDTH_IN, height_in)
    top_in = 0.0
    for place, (panel, axes) in enumerate(drawn.items(), start=1):
        style.move(axes, left_in=style.LEFT_IN, top_in=top_in + title_in, width_in=width_in, height_in=panel.height_in)
        style.time_axis(axes, song.source.duration_s, labels=place == len(drawn))
        top_in += title_in + panel.height_in + gap_in
    top_in += axis_in
    for panel, reason in reasons.items():
        style.grey_line(figure, f"not measured: {reason}", name=panel.name, top_in=top_in)
        top_in += LINE_IN
    return figure


def _compact_in(height_in: float) -> float:
    return max(height_in * COMPACT_SCALE, min(height_in, COMPACT_LEAST_IN))
