import contextlib
import threading

import matplotlib as mpl
import numpy as np
import pytest

from figure_layout import assert_legible, cut_off, overlapping, texts
from figures import OF_A_SONG, figure_of
from outcomes import missing
from riffscope import plots, steps
from riffscope.analyzers.structure import Section, Structure
from riffscope.errors import NotMeasured
from riffscope.model import Measured
from riffscope.plots import style
from riffscope.plots.panel import panels
from songs import HOSTILE_TITLES, example_song, songs, with_outcomes

SONGS = {name: song for name, song in songs().items() if not name.startswith("title")}


@pytest.mark.pages
@pytest.mark.parametrize("song", SONGS)
@pytest.mark.parametrize("name", OF_A_SONG)
def test_no_text_is_cut_off_or_lies_on_another(name, song):
    with contextlib.suppress(NotMeasured):
        assert_legible(figure_of(name, SONGS[song]))


def test_cut_off_and_overlapping_lettering_would_be_seen():
    figure = style.new_figure(1.0)
    figure.text(0.98, 0.5, "too far right")
    figure.text(0.5, 0.5, "one")
    figure.text(0.5, 0.52, "two")
    assert cut_off(figure) == ["too far right"]
    assert overlapping(figure) == [("one", "two")]


@pytest.mark.parametrize("minutes", [0.05, 0.1, 0.5, 1.99, 9.99, 59.99, 61.0])
def test_the_time_axis_suits_every_length(minutes):
    figure = style.new_figure(1.0)
    axes = style.axes_at(figure, left_in=style.LEFT_IN, top_in=0.2, width_in=5.99, height_in=0.5)
    style.time_axis(axes, minutes * 60)
    assert cut_off(figure) == []
    assert overlapping(figure) == []
    assert 3 <= len(axes.get_xticks()) <= 10


@pytest.mark.parametrize("name", OF_A_SONG)
def test_the_same_song_gives_the_same_svg(name):
    again = plots.to_svg(plots.FIGURES[name](SONGS["ordinary"]))
    assert plots.to_svg(figure_of(name, SONGS["ordinary"])) == again


@pytest.mark.parametrize("name", OF_A_SONG)
def test_the_svg_brings_no_address_date_or_style_sheet(name):
    svg = plots.to_svg(figure_of(name, SONGS["ordinary"]))
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "").replace("http://www.w3.org/1999/xlink", "")
    assert "<style" not in svg
    assert "<!--" not in svg
    assert "dc:date" not in svg
    assert "nan" not in svg.lower()
    assert len(svg) < 400_000


def test_figures_do_not_depend_on_the_settings_around_them():
    plain = plots.to_svg(plots.balance(example_song()))
    with mpl.rc_context({"font.size": 30, "axes.grid": True, "svg.fonttype": "none", "axes.facecolor": "red"}):
        assert plots.to_svg(plots.balance(example_song())) == plain


def test_threads_draw_the_same_figures():
    song, drawn = SONGS["ordinary"], {}
    expected = {name: plots.to_svg(figure_of(name, song)) for name in OF_A_SONG}

    def work(name):
        drawn[name] = plots.to_svg(plots.FIGURES[name](song))

    threads = [threading.Thread(target=work, args=(name,)) for name in OF_A_SONG]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert drawn == expected


def test_a_missing_measurement_says_why_where_its_panel_would_be():
    figure = figure_of("timeline", SONGS["voiceless"])
    assert any("no one sings" in words for words, _ in texts(figure))
    assert len(figure.axes) == len(figure_of("timeline", SONGS["ordinary"]).axes) - 1


def test_measurements_that_were_not_run_take_no_room():
    song = SONGS["ordinary"]
    only = with_outcomes(song, {"loudness": song.outcomes["loudness"]}, keep=False)
    assert len(plots.timeline(only).axes) == 1


@pytest.mark.parametrize("name", OF_A_SONG)
def test_nothing_measured_raises_instead_of_an_empty_figure(name):
    with pytest.raises(NotMeasured):
        plots.FIGURES[name](SONGS["nothing run"])


def test_a_figure_of_its_own_raises_the_reason():
    song = with_outcomes(SONGS["ordinary"], {"loudness": missing("loudness", "silent")})
    with pytest.raises(NotMeasured, match="silent"):
        plots.loudness(song)


def test_sections_are_named_where_there_is_room():
    ends = [0, 20, 21, 80, 140, 215]
    labels = ["A", "Interlude of many words", "B", "A'", "B"]
    sections = tuple(
        Section(start_s=a, end_s=b, label=label) for a, b, label in zip(ends, ends[1:], labels, strict=False)
    )
    outcome = Measured(value=Structure(sections=sections), version=1, seconds=0.0)
    figure = plots.timeline(with_outcomes(SONGS["ordinary"], {"structure": outcome}))
    words = [text for text, _ in texts(figure)]
    assert {"A", "B", "A'"} <= set(words)
    assert "Interlude of many words" not in words
    assert_legible(figure)


def test_the_riff_is_drawn_over_the_ground_of_its_panel():
    figure = figure_of("timeline", SONGS["ordinary"])
    panel = next(axes for axes in figure.axes if any(t.get_text() == "Riff of 2 bars" for t in axes.texts))
    (ground,), fills = panel.patches, panel.collections
    assert len(fills) == 3  # the riff, another loop, and the riff's pulse
    assert min(fill.get_zorder() for fill in fills) > ground.get_zorder()


def test_functions_win_over_the_modules_of_their_names_for_good():
    import riffscope.plots.timeline

    for name, draw in plots.FIGURES.items():
        assert getattr(riffscope.plots, name) is draw
        assert draw.__module__ == f"riffscope.plots.{name}"


@pytest.mark.parametrize("name", plots.FIGURES)
def test_each_figure_says_in_a_line_what_it_shows(name):
    first, _, rest = plots.FIGURES[name].__doc__.partition("\n")
    assert first.endswith(".")
    assert rest[:1] in {"", "\n"}


def test_a_figure_that_is_not_there_is_an_error_that_names_those_that_are():
    with pytest.raises(AttributeError, match=r"no figure called waveform; there are .*timeline"):
        _ = plots.waveform


def test_panels_of_the_timeline_stand_in_their_order():
    places = [panel.place for panel in panels()]
    assert places == sorted(set(places))
    assert {panel.measurement for panel in panels()} <= {step.name for step in steps.analyzers()}


def test_a_dense_curve_keeps_its_extremes_and_its_gaps():
    x = np.arange(100_000) * 0.01
    y = np.sin(x)
    y[40_000:60_000] = np.nan
    y[12_345] = 7.0
    thin_x, thin_y = style.outline(x, y)
    assert thin_x.size < 3 * style.COLUMNS + 3
    assert np.nanmax(thin_y) == 7.0
    assert thin_x[np.nanargmax(thin_y)] == pytest.approx(123.45)
    inside = (thin_x > 405) & (thin_x < 595)
    assert np.isnan(thin_y[inside]).all()


def test_a_title_is_never_part_of_a_figure():
    plain, hostile = (
        plots.to_svg(plots.timeline(example_song(title=title))) for title in ("x", HOSTILE_TITLES["script"])
    )
    assert plain == hostile


def test_a_figure_shows_itself_in_a_notebook():
    shown = plots.balance(example_song())._repr_png_()
    assert shown.startswith(b"\x89PNG")
    with mpl.rc_context({"font.size": 30}):
        assert plots.balance(example_song())._repr_png_() == shown
