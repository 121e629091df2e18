"""The drawings of a page: smaller than their figures, in colours that a page sets, and with what they share once."""

import re
from itertools import pairwise

import numpy as np
import pytest

from riffscope import palette
from riffscope.plots import style
from riffscope.report.blocks import Figure
from riffscope.report.html import render_html
from riffscope.report.page_drawings import TOLERANCE_PT, page_drawings, shorter
from riffscope.report.song_report import song_document
from songs import example_song

LINE = re.compile(r"-?\d*\.?\d+")
TENTH = 0.1


def drawn(text="ABBA", color=palette.VOICE):
    figure = style.new_figure(1.0)
    axes = style.inch_axes(figure, left_in=0.1, top_in=0.1, width_in=4, height_in=0.8)
    axes.text(1, 0.4, text, color=color)
    return Figure(svg=style.to_svg(figure), caption="", alt=f"It says {text}.")


def luminance(color):
    channels = np.array([int(color[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def line_of(points):
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def points_of(path):
    """Follow a path of one move and relative lines."""
    move, _, steps = path.partition("l")
    numbers = [np.array(LINE.findall(part), float).reshape(-1, 2) for part in (move, steps)]
    return np.cumsum(np.concatenate(numbers), axis=0)


# ----------------------------------------------------------------------------------------------------------- the paths
@pytest.mark.parametrize("seed", range(5))
def test_a_shorter_line_stays_where_it_was(seed):
    random = np.random.default_rng(seed)
    line = np.column_stack([np.arange(400) * 0.7, 30 + np.cumsum(random.normal(0, 2, 400))]).round(1)
    line[100:200, 1] = line[100, 1]  # a stretch that is flat
    found = points_of(shorter(line_of(line)))
    assert len(found) < 320
    for x, y in line:  # the line left to right crosses each of its old points' places
        assert np.interp(x, found[:, 0], found[:, 1]) == pytest.approx(y, abs=8 * TOLERANCE_PT)
    assert found[0] == pytest.approx(line[0])
    assert found[-1] == pytest.approx(line[-1])


def test_points_on_a_straight_line_go_and_a_peak_stays():
    flat = [(x, 10.0) for x in range(100)]
    assert shorter(line_of(flat)) == "M0 10l99 0"
    flat[50] = (50, 10.2)
    assert len(points_of(shorter(line_of(flat)))) == 5


def test_rounding_does_not_add_up_along_a_line():
    points = [(0.04 * step + 0.021, 7 * (step % 2)) for step in range(2000)]
    last = points_of(shorter(line_of(points)))[-1]
    assert last == pytest.approx(points[-1], abs=TENTH)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("M0 0L0 2.5", "M0 0l0 2.5"),
        ("M1 1L3 1L3 3L1 3zM5 5L6 5L6 6z", "M1 1l2 0 0 2-2 0zM5 5l1 0 0 1z"),
        ("M1 2Q3 4 5 6C7 8 9 10 11 12", "M1 2q2 2 4 4c2 2 4 4 6 6"),
        ("M-1 -2L-3 -2.5", "M-1-2l-2-.5"),
        ("", ""),
    ],
)
def test_a_path_is_written_with_steps_from_point_to_point(path, expected):
    assert shorter(path) == expected


# ---------------------------------------------------------------------------------------------------- what they share
def test_a_letter_is_written_once_for_all_drawings_and_used_for_each_time():
    made = page_drawings([drawn("ABBA"), drawn("BAB")])
    assert made.shapes.count("<path ") == 2
    assert [drawing.count("<use ") for drawing in made.drawings] == [4, 3]
    names = set(re.findall(r'id="([^"]+)"', made.shapes))
    assert names == {name for drawing in made.drawings for name in re.findall(r'href="#([^"]+)"', drawing)}


def test_each_drawing_says_what_it_shows_and_escapes_it():
    figure = Figure(svg="<svg ></svg>", caption="", alt='<b> "x"')
    assert page_drawings([figure]).drawings[0].startswith('<svg role="img" aria-label="&lt;b&gt; &#34;x&#34;"')


def test_a_page_without_figures_has_neither_shapes_nor_rules():
    made = page_drawings([])
    assert (made.drawings, made.shapes, made.css) == ((), "", "")


# --------------------------------------------------------------------------------------------------------- the colours
def test_a_drawing_takes_its_colours_from_the_page_by_day_and_by_night():
    made = page_drawings([drawn(color=palette.VOICE)])
    name = f"--{palette.VOICE[1:]}"
    day, night = made.css.split("@media screen and (prefers-color-scheme:dark)")
    assert f"{name}:{palette.VOICE};" in day
    assert f"{name}:{palette.NIGHT[palette.VOICE]};" in night
    assert f"fill:var({name})" in day
    assert not re.search("#[0-9a-f]{6}", made.drawings[0])


@pytest.mark.parametrize("color", [palette.INK, palette.MUTED, palette.VOICE_WORDS, palette.LOUDNESS])
def test_the_colours_of_words_are_read_by_day_and_by_night(color):
    assert contrast(color, palette.GROUND) >= 4.5
    assert contrast(style.at_night(color), style.at_night(palette.GROUND)) >= 4.5


@pytest.mark.parametrize("color", [palette.LEVEL, palette.VOICE, palette.RHYTHM, palette.HARMONY, *palette.SERIES])
def test_the_colours_of_data_are_seen_by_night(color):
    assert contrast(style.at_night(color), style.at_night(palette.GROUND)) >= 3


def test_the_more_alike_the_brighter_by_night_as_it_is_the_darker_by_day():
    scale = [
        f"#{''.join(f'{round(255 * part):02x}' for part in style.SIMILARITY(share)[:3])}"
        for share in np.linspace(0, 1, 12)
    ]
    day, night = ([luminance(color) for color in colors] for colors in (scale, map(style.at_night, scale)))
    assert all(after < before for before, after in pairwise(day))
    assert all(after > before for before, after in pairwise(night))


def test_the_keys_of_a_piano_stay_what_they_are():
    assert luminance(style.at_night(palette.WHITE_KEY)) > 10 * luminance(style.at_night(palette.BLACK_KEY))
    for key, other in ((palette.WHITE_KEY, palette.GROUND), (palette.BLACK_KEY, palette.INK)):
        assert key != other
        assert contrast(key, other) < 1.02  # by day none can tell


# ------------------------------------------------------------------------------------------------------------ the size
def test_drawings_take_less_than_half_the_room_of_their_figures():
    document = song_document(example_song(duration_s=215.0))
    figures = [block for block in document.blocks if isinstance(block, Figure)]
    made = page_drawings(figures)
    size = sum(map(len, made.drawings)) + len(made.shapes) + len(made.css)
    assert size < 0.5 * sum(len(figure.svg) for figure in figures)
    assert len(render_html(document)) < 600_000
