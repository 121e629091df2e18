"""Where figures say that time runs, it does: a line drawn at a time lies where the strip has that time."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from riffscope import plots
from riffscope.analyzers.loops import Loops
from riffscope.plots import style
from riffscope.plots.panel import panels
from riffscope.plots.riff_bars import sounding_bars
from riffscope.plots.similarity import cell_edges_s
from songs import example_song

SONG = example_song()
DURATION_S = SONG.source.duration_s
RED = (255, 0, 0)
# How many parts of each have a time axis.
EVEN = {"timeline": len(panels()), "loudness": 1, "tempo": 1, "vocal_pitch": 2, "density": 2, "beats": 2}


def pixels(figure):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[:, :, :3]


def place_in_pixels(strip, picture):
    """Left, top, right and bottom."""
    height, width = picture.shape[:2]
    box = strip.place()
    return np.array([box.x0 * width, (1 - box.y1) * height, box.x1 * width, (1 - box.y0) * height])


@pytest.mark.pages
@pytest.mark.parametrize("name", EVEN)
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_line_at_a_time_lies_where_the_strip_has_that_time(name, share):
    figure = getattr(plots, name)(SONG)
    assert len(figure.strips) == EVEN[name]
    for strip in figure.strips:
        start_s, end_s = strip.edges_s
        look = {"color": "#ff0000", "zorder": 99, "clip_on": False, "solid_capstyle": "butt"}
        line = strip.axes.axvline(start_s + share * (end_s - start_s), **look)
        picture = pixels(figure)
        rows, columns = np.nonzero((picture == RED).all(axis=2))
        line.remove()
        left, top, right, bottom = place_in_pixels(strip, picture)
        assert columns.mean() + 0.5 == pytest.approx(left + share * (right - left), abs=1)
        assert rows.min() == pytest.approx(top, abs=1.5)
        assert rows.max() + 1 == pytest.approx(bottom, abs=1.5)


def test_panels_of_the_timeline_share_one_stretch_of_time_and_of_paper():
    figure = plots.timeline(SONG)
    assert {strip.edges_s for strip in figure.strips} == {(0.0, DURATION_S)}
    assert np.ptp([strip.place().intervalx for strip in figure.strips], axis=0) == pytest.approx([0, 0], abs=1e-9)


def test_each_bar_of_the_map_is_where_its_strip_has_it():
    loops = SONG[Loops]
    figure = plots.loop_map(SONG)
    edges_s = [edge_s for strip in figure.strips for edge_s in strip.edges_s[:-1]]
    assert edges_s == pytest.approx(loops.bar_starts_s)
    picture = pixels(figure)
    drawn = []
    for strip in figure.strips:
        left, top, right, bottom = place_in_pixels(strip, picture)
        width = (right - left) / (len(strip.edges_s) - 1)
        # A quarter of a cell from its left and its top, where the small square of a silent bar does not reach.
        for bar in range(len(strip.edges_s) - 1):
            red, green, _ = picture[round(top + (bottom - top) / 4), round(left + (bar + 0.25) * width)]
            drawn.append(int(green) - int(red) > 20)
    assert drawn == sounding_bars(loops, np.append(loops.bar_starts_s, DURATION_S)).tolist()


def test_the_matrix_has_a_cell_of_its_strip_for_each_of_its_own():
    (strip,) = plots.similarity(SONG).strips
    assert strip.edges_s == tuple(cell_edges_s(SONG[Loops], DURATION_S))


def test_figures_without_time_say_none():
    for name in ("balance", "stereo", "vocal_range"):
        assert getattr(plots, name)(SONG).strips == []


def test_what_is_noted_does_not_change_what_is_drawn():
    figure = plots.loudness(SONG)
    before = plots.to_svg(figure)
    style.mark_time(figure.axes[0], (0.0, 1.0), (0.0, 0.0, 1.0, 1.0))
    assert plots.to_svg(figure) == before
