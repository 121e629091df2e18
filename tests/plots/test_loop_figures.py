import dataclasses
import math

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.patches import Polygon, Rectangle

from figure_layout import assert_legible, texts
from figures import figure_of
from outcomes import missing
from riffscope import palette, plots
from riffscope.analyzers.loops import MAX_CELLS, Loop, Loops
from riffscope.analyzers.structure import Section, Structure
from riffscope.errors import NotMeasured
from riffscope.model import Estimate, Measured, Span, VocalSource
from riffscope.plots import style
from riffscope.plots.riff_bars import sounding_passes
from songs import example_song, with_outcomes

FIGURES = ("loop_map", "similarity", "timeline")
FIRST_S = 0.5
EMPTY = example_song(duration_s=10.0)


def riff_song(period=4, bars=40, *, bar_s=2.0, gap=(16, 24), places=None, similarity=0.5, form="A B A' C"):
    """A riff in all bars but a gap, where another loop sounds; sections of equal length."""
    duration_s = FIRST_S + bars * bar_s + 0.4
    starts_s = FIRST_S + bar_s * np.arange(bars)
    places = np.arange(bars) % period if places is None else np.array(places)
    outside = (np.arange(bars) >= gap[0]) & (np.arange(bars) < gap[1])
    own = np.where(outside, 0.02, similarity)
    joined = -(-bars // MAX_CELLS)
    alike = np.where(outside[:, None] == outside, 50, 0) * (places[:, None] == places)
    np.fill_diagonal(alike, 100)

    def at(bar):
        return FIRST_S + bar * bar_s

    edges = [(0, gap[0]), (gap[1], bars)]
    spans = tuple(Span(start_s=at(first), end_s=at(last)) for first, last in edges if last > first)
    shared = {
        "period_s": period * bar_s,
        "period_beats": 4 * period,
        "period_bars": float(period),
        "coverage_fraction": Estimate(value=0.8, low=0.7, high=0.9),
        "longest_gap_bars": float(gap[1] - gap[0]),
        "exactness_fraction": 0.9,
        "passes": float(bars / period),
        "probability": 0.99,
    }
    other = Loop(**shared, spans=(Span(start_s=at(gap[0]), end_s=at(gap[1])),), example=spans[0])
    loops = Loops(
        **shared,
        spans=spans,
        example=Span(start_s=at(gap[1]), end_s=at(gap[1] + period)),
        others=(other,) if gap[1] > gap[0] else (),
        bar_starts_s=starts_s,
        bar_phase_index=places.astype(np.int64),
        bar_similarity=own,
        self_similarity_percent=alike[::joined, ::joined].astype(np.int64).ravel(),
        method=VocalSource.MIX,
    )
    labels = form.split()
    lines_s = [0.3, *(at(bars * place // len(labels)) for place in range(1, len(labels))), duration_s]
    structure = Structure(
        sections=tuple(
            Section(start_s=start_s, end_s=end_s, label=label)
            for start_s, end_s, label in zip(lines_s[:-1], lines_s[1:], labels, strict=True)
        )
    )
    outcomes = {
        name: Measured(value=found, version=1, seconds=0.1)
        for name, found in (("loops", loops), ("structure", structure))
    }
    song = with_outcomes(EMPTY, outcomes, keep=False)
    return dataclasses.replace(song, source=dataclasses.replace(song.source, duration_s=duration_s))


MANY_SECTIONS = "A A' B A' B C B' A'' D D' A A'"
SONGS = {
    "ordinary": riff_song(),
    "one bar": riff_song(1, 90),
    "two bars": riff_song(2, 90),
    "six bars": riff_song(6, 97, form=MANY_SECTIONS),
    "sixteen bars": riff_song(16, 112, gap=(32, 48)),
    "ten minutes": riff_song(4, 300, form=MANY_SECTIONS),
    "ten minutes of one bar": riff_song(1, 300, form=MANY_SECTIONS),
    "twenty seconds": riff_song(2, 10, gap=(4, 6), form="A B"),
    "as many bars as there may be": riff_song(2, 1500, bar_s=1.0, form=MANY_SECTIONS),
    "over an hour": riff_song(8, 750, bar_s=5.0, form=MANY_SECTIONS),
    "begins inside the riff": riff_song(8, 36, places=[6, 7, *(np.arange(34) % 8)]),
    "throughout": riff_song(gap=(0, 0)),
    "faint": riff_song(similarity=0.04),
}
SONGS["no sections"] = with_outcomes(SONGS["ordinary"], {"structure": missing("structure", "too short")})


def collection(figure, label):
    return next(c for axes in figure.axes for c in axes.collections if c.get_label() == label)


def boxes(found):
    """Left, top, right and bottom of each box, in inches: (n, 4)."""
    (shape,) = found.get_paths()
    width, height = np.ptp(shape.vertices, axis=0)
    corners = np.asarray(found.get_offsets())
    return np.hstack([corners, corners + np.array([width, height])])


def lightness(colors):
    return np.atleast_2d(colors)[:, :3] @ [0.2126, 0.7152, 0.0722]


# -------------------------------------------------------------------------------------------------------- all of them
@pytest.mark.pages
@pytest.mark.parametrize("song", SONGS)
@pytest.mark.parametrize("name", FIGURES)
def test_every_riff_is_drawn_without_a_word_cut_off_or_on_another(name, song):
    figure = figure_of(name, SONGS[song])
    assert_legible(figure)
    assert figure.get_size_inches()[1] < 7  # a page holds it with its caption
    assert len(plots.to_svg(figure)) < 400_000


@pytest.mark.parametrize("name", ["loop_map", "similarity"])
def test_without_a_riff_the_reason_is_given(name):
    song = with_outcomes(SONGS["ordinary"], {"loops": missing("loops", "no riff: only drums play")})
    with pytest.raises(NotMeasured, match="only drums play"):
        getattr(plots, name)(song)
    assert any("only drums play" in words for words, _ in texts(figure_of("timeline", song)))


def test_what_is_more_alike_is_darker_in_grey_print_too():
    assert (np.diff(lightness(style.SIMILARITY(np.linspace(0, 1, 50)))) < 0).all()


# ------------------------------------------------------------------------------------------------------------ loop map
def test_each_bar_of_the_song_has_one_cell_and_gaps_stand_open():
    figure = figure_of("loop_map", SONGS["ordinary"])
    full, open_ = (boxes(collection(figure, name)) for name in ("sounding", "silent"))
    assert (len(full), len(open_)) == (32, 8)
    size = (full[:, 2] - full[:, 0]).min() * (full[:, 3] - full[:, 1]).min()
    assert ((open_[:, 2] - open_[:, 0]) * (open_[:, 3] - open_[:, 1])).max() < size / 4


@pytest.mark.parametrize(("song", "in_row"), [("one bar", 8), ("two bars", 8), ("six bars", 12), ("sixteen bars", 16)])
def test_rows_are_whole_repeats_and_the_same_bar_of_the_riff_stands_below_itself(song, in_row):
    figure = figure_of("loop_map", SONGS[song])
    cells = np.concatenate([boxes(collection(figure, name)) for name in ("sounding", "silent")])
    middles = (cells[:, 0] + cells[:, 2]) / 2
    assert len(np.unique(middles.round(3))) == in_row
    tops = np.unique(((cells[:, 1] + cells[:, 3]) / 2).round(3))
    assert len(tops) == math.ceil(len(cells) / in_row)


def test_a_song_that_begins_inside_the_riff_leaves_the_first_places_empty():
    figure = figure_of("loop_map", SONGS["begins inside the riff"])
    cells = boxes(collection(figure, "sounding"))
    first_row = cells[np.isclose(cells[:, 1], cells[:, 1].min())]
    columns = np.unique(cells[:, 0].round(3))
    assert first_row[:, 0].round(3).tolist() == columns[6:8].tolist()


def test_a_repeat_that_breaks_off_ends_its_row():
    song = riff_song(4, 11, gap=(0, 0), places=[0, 1, 2, 3, 0, 1, 0, 1, 2, 3, 0], form="A")
    starts_s = [one.start_s for one in sounding_passes(song[Loops])]
    assert starts_s == [FIRST_S + 2.0 * bar for bar in (0, 4, 6, 10)]


def test_a_sliver_of_a_pass_at_the_end_is_left_out():
    song = riff_song(4, 8, gap=(0, 0), form="A")
    loops = song[Loops]
    (span,) = loops.spans
    past_end = Span(start_s=span.start_s, end_s=span.end_s + 0.3)
    starts_s = np.append(loops.bar_starts_s, span.end_s)
    phases = np.append(loops.bar_phase_index, 0)
    similarity = np.append(loops.bar_similarity, 0.5)
    longer = dataclasses.replace(
        loops, spans=(past_end,), bar_starts_s=starts_s, bar_phase_index=phases, bar_similarity=similarity
    )
    assert len(longer.riff_passes) == 3
    assert len(sounding_passes(longer)) == 2


def test_the_varied_bar_is_the_palest():
    similarity = np.full(40, 0.5)
    similarity[9] = 0.2
    figure = figure_of("loop_map", riff_song(similarity=similarity))
    assert np.argmax(lightness(collection(figure, "sounding").get_facecolor())) == 9


def test_the_cleanest_repeat_is_framed():
    song = SONGS["ordinary"]  # bars 24 to 27, the first after the gap
    figure = figure_of("loop_map", song)
    (frame,) = (p for p in figure.axes[0].patches if p.get_label() == "cleanest")
    cells = boxes(collection(figure, "sounding"))[16:20]
    expected = [cells[:, 0].min(), cells[:, 1].min(), cells[:, 2].max(), cells[:, 3].max()]
    assert frame.get_bbox().extents == pytest.approx(expected)


def test_rows_begin_with_their_bar_and_time_and_end_with_the_sections_that_begin_in_them():
    figure = figure_of("loop_map", SONGS["ordinary"])
    height = {words: (box.y0 + box.y1) / 2 for words, box in texts(figure)}
    # Rows of 8 bars of 2 s; sections begin with bars 1, 11, 21 and 31.
    for bar, time, sections in (("1", "0:00", "A"), ("9", "0:16", "B"), ("17", "0:32", "A'"), ("25", "0:48", "C")):
        assert height[time] == pytest.approx(height[sections], abs=2)
        if bar != "1":  # the columns have a 1, too
            assert height[bar] == pytest.approx(height[time], abs=2)
    ticks = [line for line in figure.axes[0].lines if line.get_label() == "section"]
    cells = np.concatenate([boxes(collection(figure, name)) for name in ("sounding", "silent")])
    columns = np.unique(cells[:32, 0].round(3))
    expected = [columns[place] for place in (0, 2, 4, 6)]
    assert [line.get_xdata()[0] for line in ticks] == pytest.approx(expected, abs=0.02)


def test_without_sections_the_map_names_none():
    words = [text for text, _ in texts(figure_of("loop_map", SONGS["no sections"]))]
    assert "A'" not in words
    assert "a section begins" not in words


# ---------------------------------------------------------------------------------------------------------- similarity
def test_the_matrix_shows_the_self_similarity_of_the_bars():
    song = SONGS["ordinary"]
    (image,) = figure_of("similarity", song).axes[0].images
    shown = np.asarray(image.get_array())
    step = len(shown) // 40
    table = song[Loops].self_similarity_percent.reshape(40, 40)
    assert (shown[step // 2 :: step, step // 2 :: step] == table).all()
    assert image.get_clim() == (0, 50)  # the diagonal does not count


@pytest.mark.parametrize("song", ["ordinary", "ten minutes"])
def test_both_axes_are_the_song_s_time(song):
    axes = figure_of("similarity", SONGS[song]).axes[0]
    cell_s = 2.0 * (1 if song == "ordinary" else 3)
    for axis in (axes.xaxis, axes.yaxis):
        labels = [label.get_text() for label in axis.get_ticklabels()]
        seconds = [60 * int(minutes) + int(rest) for minutes, rest in (label.split(":") for label in labels)]
        assert len(seconds) >= 4
        assert axis.get_ticklocs()[1:] == pytest.approx((np.array(seconds[1:]) - FIRST_S) / cell_s)
    assert axes.get_xlim() == axes.get_ylim()[::-1]


def test_the_stripe_of_one_period_is_framed_in_each_segment():
    axes = figure_of("similarity", SONGS["ordinary"]).axes[0]
    frames = [patch for patch in axes.patches if isinstance(patch, Polygon)]
    table = SONGS["ordinary"][Loops].self_similarity_percent.reshape(40, 40)
    inside = [
        [(row, row + 4) for row in range(36) if frame.get_path().contains_point((row + 4.5, row + 0.5))]
        for frame in frames
    ]
    assert [len(stripe) for stripe in inside] == [12, 12]  # 16 bars each, less one period
    assert all(table[cell] == 50 for stripe in inside for cell in stripe)


def test_the_riff_and_the_other_loop_are_marked_on_both_sides():
    figure = figure_of("similarity", SONGS["ordinary"])
    strips = [[p for p in axes.patches if isinstance(p, Rectangle)] for axes in figure.axes[2:4]]
    for strip, (low, high) in zip(strips, (("x0", "x1"), ("y0", "y1")), strict=True):
        found = {(getattr(p.get_bbox(), low), getattr(p.get_bbox(), high)): p.get_facecolor() for p in strip}
        riff, other = to_rgba(palette.RHYTHM), to_rgba(palette.RHYTHM_PALE)
        assert found == {(16, 24): other, (0, 16): riff, (24, 40): riff}


def test_a_riff_of_one_bar_has_no_stripe_of_its_own():
    axes = figure_of("similarity", SONGS["one bar"]).axes[0]
    assert not [patch for patch in axes.patches if isinstance(patch, Polygon)]


def test_lines_stand_where_sections_begin():
    axes = figure_of("similarity", SONGS["ordinary"]).axes[0]
    upright = sorted(line.get_xdata()[0] for line in axes.lines if line.get_xdata()[0] == line.get_xdata()[1])
    assert upright == pytest.approx([10, 20, 30])
    assert not figure_of("similarity", SONGS["no sections"]).axes[0].lines


# --------------------------------------------------------------------------------------------------------------- pulse
def pulse(song):
    """Start, peak and end of each peak of the riff's pulse: (n, 3)."""
    found = collection(figure_of("timeline", song), "pulse")
    assert isinstance(found, PolyCollection)
    corners = [path.vertices for path in found.get_paths()]
    return np.array([[c[:, 0].min(), c[:, 1].max(), c[:, 0].max()] for c in corners])


def test_the_pulse_peaks_where_the_riff_repeats_and_nowhere_else():
    peaks = pulse(SONGS["ordinary"])
    expected = [FIRST_S + 2.0 * bar for bar in (0, 4, 8, 12, 24, 28, 32, 36)]
    assert peaks[:, 0] == pytest.approx(expected)
    assert peaks[:, 2] == pytest.approx(np.array(expected) + 8.0)


def test_the_pulse_is_weaker_where_the_riff_is_varied():
    similarity = np.full(40, 0.5)
    similarity[8:12] = 0.25
    song = riff_song(similarity=similarity)
    peaks, colors = pulse(song), collection(figure_of("timeline", song), "pulse").get_facecolor()
    ground = peaks[:, 1].max() - 2 * (peaks[:, 1].max() - peaks[2, 1])
    assert 0 < ground < 0.3  # half as alike: half as high above where it sounds
    assert np.argmin(peaks[:, 1]) == np.argmax(lightness(colors)) == 2


def test_a_riff_that_enters_in_the_middle_peaks_where_it_enters():
    song = riff_song(4, 40, gap=(0, 6))
    assert pulse(song)[0, :1] == pytest.approx([FIRST_S + 2.0 * 6])
