"""The whole song on one time axis: level, loudness, voice, tempo, sections and loops, one above the other."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from riffscope.analyzers.loops import Loops, bars_in_words
from riffscope.analyzers.structure import Structure
from riffscope.errors import Absence, NotMeasured
from riffscope.plots import style
from riffscope.plots.loop_map import max_similarity, passes
from riffscope.plots.loudness import draw_short_term
from riffscope.plots.tempo import draw_bar_tempo
from riffscope.plots.vocal_pitch import draw_contour, scale
from riffscope.song import SongAnalysis
from riffscope.units import FRACTION

# The first dress of a letter, then its variants.
VARIED_ALPHA = (0.6, 0.4, 0.25)
TITLE_IN, GAP_IN, LINE_IN, AXIS_IN = 0.2, 0.09, 0.24, 0.22
# What two timelines on one page have room for; the loudness panel tells most of what the level tells.
COMPACT_SCALE, COMPACT_LEAVES_OUT = 0.5, {"envelope"}
# How much of the riff's panel shows where it sounds; its pulse rises above that.
GROUND = 0.22


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One band of the timeline.

    Attributes
    ----------
    name : str
        What it shows, in the line that stands in its place when it is not there.
    measurement : str
        The measurement it needs. One that was not run takes no room; one that is missing or failed leaves a line saying
        why.
    draw : callable
        Draws it; raises `NotMeasured` where the measurement holds nothing to draw.
    """

    name: str
    measurement: str
    height_in: float
    draw: Callable[[Axes, SongAnalysis], None]


def _draw_level(axes: Axes, song: SongAnalysis) -> None:
    peak, rms = song.measure("envelope.peak"), song.measure("envelope.rms")
    if peak.size == 0:
        raise NotMeasured("envelope", Absence.EMPTY, "it holds no sound")
    highest = style.columns(peak, np.maximum)
    loud = np.sqrt(style.columns(rms**2, np.add) / (style.columns(np.ones_like(rms), np.add)))
    edges_s = np.linspace(0, peak.size * song.measure("envelope.step_s"), highest.size + 1)
    middles_s = (edges_s[1:] + edges_s[:-1]) / 2
    axes.fill_between(middles_s, -highest, highest, color=style.RULE, linewidth=0)
    axes.fill_between(middles_s, -loud, loud, color=style.LEVEL, linewidth=0)
    reach = max(1.0, float(highest.max())) * 1.04
    axes.set_ylim(-reach, reach)
    axes.set_yticks([-1, 0, 1], ["−1", "0", "1"])
    style.title(axes, "Level, full scale = 1", "pale: peak; dark: RMS")


def _draw_loudness(axes: Axes, song: SongAnalysis) -> None:
    draw_short_term(axes, song)


def _draw_voice(axes: Axes, song: SongAnalysis) -> None:
    draw_contour(axes, song, *scale(song))


def _draw_tempo(axes: Axes, song: SongAnalysis) -> None:
    draw_bar_tempo(axes, song)


def _draw_sections(axes: Axes, song: SongAnalysis) -> None:
    colors: dict[str, str] = {}  # A and A' are one kind of music and share a hue; what is varied is paler
    sections = song[Structure].sections
    for section in sections:
        kind = section.label.rstrip("'")
        color = colors.setdefault(kind, style.SERIES[len(colors) % len(style.SERIES)])
        varied = len(section.label) - len(kind)
        span = [(section.start_s, section.end_s - section.start_s)]
        axes.broken_barh(span, (0.08, 0.84), color=color, alpha=VARIED_ALPHA[min(varied, len(VARIED_ALPHA) - 1)])
        share = (section.end_s - section.start_s) / max(song.source.duration_s, 1e-3)
        if share > 0.012 * (len(section.label) + 1):  # a name wider than its section would run into the next
            place = (section.start_s + section.end_s) / 2, 0.5
            axes.text(*place, section.label, ha="center", va="center", size=style.SMALL_PT)
    for section in sections[1:]:
        axes.axvline(section.start_s, 0.08, 0.92, color="white", linewidth=1.0)
    _bare(axes)
    varied_too = any(section.label.endswith("'") for section in sections)
    style.title(axes, "Sections", f"the same letter: the same music{', with a prime varied' if varied_too else ''}")


def _draw_loops(axes: Axes, song: SongAnalysis) -> None:
    """Draw the riff as a pulse: a peak for each time round, as high and as dark as it is alike to the others."""
    loops = song[Loops]
    rounds = passes(loops, song.source.duration_s)
    axes.axhspan(0, GROUND, color=style.PALE, linewidth=0, zorder=0.4)  # below what is shaded
    for other in loops.others:
        style.shade(axes, other.spans, style.RHYTHM_PALE, high=GROUND)
    style.shade(axes, loops.spans, style.RHYTHM, high=GROUND)
    share = np.array([once.similarity for once in rounds]) / max_similarity(loops)
    # A sharp rise where the riff comes round, and a fall to where it comes round again.
    pulse = [
        [
            (once.start_s, GROUND),
            (once.start_s, GROUND + height),
            (once.start_s + 0.25 * (once.end_s - once.start_s), GROUND + 0.3 * height),
            (once.end_s, GROUND),
        ]
        for once, height in zip(rounds, (1 - GROUND) * share, strict=True)
    ]
    look: Any = {"facecolors": style.SIMILARITY(0.3 + 0.7 * share), "linewidths": 0, "label": "pulse", "clip_on": False}
    axes.add_collection(PolyCollection(pulse, closed=False, **look))
    _bare(axes)
    coverage = FRACTION.format(loops.coverage_fraction.value)
    paler = "; paler: another loop" if loops.others else ""
    note = f"a peak each time round, as high as it is alike; filled: {coverage} of the song{paler}"
    style.title(axes, f"Riff of {bars_in_words(loops.period_bars)}", note)


def _bare(axes: Axes) -> None:
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


PANELS = (
    Panel(name="Sections", measurement="structure", height_in=0.22, draw=_draw_sections),
    Panel(name="Riff", measurement="loops", height_in=0.42, draw=_draw_loops),
    Panel(name="Level", measurement="envelope", height_in=0.5, draw=_draw_level),
    Panel(name="Loudness", measurement="loudness", height_in=0.8, draw=_draw_loudness),
    Panel(name="Sung pitch", measurement="vocal_pitch", height_in=1.35, draw=_draw_voice),
    Panel(name="Tempo", measurement="beats", height_in=0.66, draw=_draw_tempo),
)


@style.drawn
def timeline(song: SongAnalysis, *, compact: bool = False) -> Figure:
    """Draw every panel whose measurement was run, on one time axis.

    Parameters
    ----------
    song : SongAnalysis
    compact : bool
        Draw lower panels and leave out the level, so that two timelines, or one and many verdicts, fit on a page.

    Raises
    ------
    NotMeasured
        None of the panels' measurements was run.
    """
    panels: tuple[Panel, ...] = PANELS
    if compact:
        kept = (panel for panel in PANELS if panel.measurement not in COMPACT_LEAVES_OUT)
        panels = tuple(dataclasses.replace(panel, height_in=panel.height_in * COMPACT_SCALE) for panel in kept)
    wanted = [panel for panel in panels if panel.measurement in song.outcomes]
    if not wanted:
        raise NotMeasured("timeline", Absence.EMPTY, "nothing that it shows was measured")
    width_in = style.WIDTH_IN - style.LEFT_IN - style.RIGHT_IN
    figure = style.new_figure(sum(panel.height_in + TITLE_IN + GAP_IN for panel in wanted))
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
    height_in = sum(TITLE_IN + panel.height_in + GAP_IN for panel in drawn) + axis_in + LINE_IN * len(reasons)
    figure.set_size_inches(style.WIDTH_IN, height_in)
    top_in = 0.0
    for place, (panel, axes) in enumerate(drawn.items(), start=1):
        style.move(axes, left_in=style.LEFT_IN, top_in=top_in + TITLE_IN, width_in=width_in, height_in=panel.height_in)
        style.time_axis(axes, song.source.duration_s, labels=place == len(drawn))
        top_in += TITLE_IN + panel.height_in + GAP_IN
    top_in += axis_in
    for panel, reason in reasons.items():
        style.grey_line(figure, f"not measured: {reason}", name=panel.name, top_in=top_in)
        top_in += LINE_IN
    return figure
