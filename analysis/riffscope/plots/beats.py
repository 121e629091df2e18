"""What the beats were found in: how likely a beat was at each moment, where it was clearest and where it was not."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter

from riffscope import palette
from riffscope.analyzers.beats import Beats
from riffscope.dsp.onsets import greatest_near
from riffscope.errors import Absence, NotMeasured
from riffscope.plots import style
from riffscope.song import SongAnalysis
from riffscope.units import clock

# Eight bars at 120 BPM: few enough for each beat to be seen.
WINDOW_S = 16.0
LEGEND = "faint: how likely a beat is; strong: a downbeat; strokes: beats found, long at downbeats"


@style.figure
def beats(song: SongAnalysis) -> style.Drawing:
    """Draw the curves that the beats were found in, with the beats, where they are clearest and where least clear.

    Raises
    ------
    NotMeasured
        The song has no beats, or their curves were not kept.
    """
    found = song[Beats]
    if not found.beat_probability.size:
        raise NotMeasured("beats", Absence.EMPTY, "the curves that they were found in were not kept")
    windows = _windows(found, song.source.duration_s)
    figure = style.new_figure(0.02 + 1.12 * len(windows))
    width_in = style.WIDTH_IN - style.LEFT_IN - style.RIGHT_IN
    for place, (name, start_s) in enumerate(windows):
        axes = style.axes_at(
            figure, left_in=style.LEFT_IN, top_in=0.22 + 1.12 * place, width_in=width_in, height_in=0.68
        )
        style.title(axes, name, LEGEND if place == 0 else "")
        _draw_window(axes, found, start_s, min(start_s + WINDOW_S, song.source.duration_s))
    return figure


def _windows(found: Beats, duration_s: float) -> list[tuple[str, float]]:
    """Return the windows to show, by name and start: the clearest and the least clear, or all of a short song."""
    first_s, last_s = float(found.times_s[0]), float(found.times_s[-1])
    if last_s - first_s <= 2 * WINDOW_S:
        return [("How likely a beat is", max(0.0, min(first_s - 1, duration_s - WINDOW_S)))]
    starts_s = np.arange(first_s, last_s - WINDOW_S, WINDOW_S / 4)
    held = np.searchsorted(found.times_s, starts_s + WINDOW_S) - np.searchsorted(found.times_s, starts_s)
    # A window in a gap shows no beat.
    starts_s = starts_s[held >= np.median(held) / 2]
    heard = greatest_near(found.beat_probability, np.round(found.times_s / found.step_s).astype(np.int64))
    clarity = [float(heard[(found.times_s >= s) & (found.times_s < s + WINDOW_S)].mean()) for s in starts_s]
    return [
        ("Where the beat is clearest", float(starts_s[int(np.argmax(clarity))])),
        ("Where it is least clear", float(starts_s[int(np.argmin(clarity))])),
    ]


def _draw_window(axes: Axes, found: Beats, start_s: float, end_s: float) -> None:
    """Draw both curves and the beats between two times."""
    times_s = found.step_s * np.arange(found.beat_probability.size)
    inside = (times_s >= start_s) & (times_s <= end_s)
    axes.fill_between(times_s[inside], found.beat_probability[inside], color=palette.RHYTHM, alpha=0.35, linewidth=0)
    axes.fill_between(times_s[inside], found.downbeat_probability[inside], color=palette.RHYTHM, linewidth=0)
    is_downbeat = np.zeros(found.times_s.size, bool)
    is_downbeat[found.downbeat_index] = True
    shown = (found.times_s >= start_s) & (found.times_s <= end_s)
    for chosen, top, width in ((shown & ~is_downbeat, 1.18, 0.8), (shown & is_downbeat, 1.32, 1.4)):
        axes.vlines(found.times_s[chosen], 1.05, top, color=palette.INK, linewidth=width)
    axes.set_ylim(0, 1.32)
    axes.yaxis.set_major_locator(FixedLocator([0.0, 0.5, 1.0]))
    axes.set_xlim(start_s, end_s)
    style.mark_time(axes, (start_s, end_s))
    axes.xaxis.set_major_locator(FixedLocator(np.arange(np.ceil(start_s / 2) * 2, end_s + 1e-9, 2).tolist()))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: clock(x)))
