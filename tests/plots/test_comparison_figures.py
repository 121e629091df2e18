import contextlib
import dataclasses
import itertools

import pytest

from figure_layout import assert_legible
from riffscope import plots
from riffscope.analyzers.loudness import Loudness
from riffscope.compare import compare as compare_with_claims
from riffscope.errors import NotMeasured
from riffscope.model import Measured
from songs import HOSTILE_TITLES, example_song, songs, with_outcomes

SONGS = {name: song for name, song in songs().items() if not name.startswith("title")}
ODD = ["ordinary", "long", "short", "voiceless", "narrow", "wide", "quiet"]


def compare(songs):
    """Compare songs without the claims, which no figure shows and which take longest."""
    return compare_with_claims(songs, claims=())


def louder(decibels):
    song = example_song()
    found = song[Loudness]
    loudness = dataclasses.replace(
        found, integrated_lufs=found.integrated_lufs + decibels, true_peak_dbtp=found.true_peak_dbtp + decibels
    )
    return with_outcomes(song, {"loudness": Measured(value=loudness, version=1, seconds=0.1)})


@pytest.mark.pages
@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(ODD, 2)))
def test_no_text_is_cut_off_or_lies_on_another_between_two_songs(first, second):
    pair = [SONGS[first], SONGS[second]]
    figures = [plots.side_by_side(pair)]
    with contextlib.suppress(NotMeasured):  # songs that differ in nothing that both have
        figures.append(plots.differences(compare(pair)))
    for figure in figures:
        assert_legible(figure)


@pytest.mark.pages
@pytest.mark.parametrize("count", [3, 6])
def test_no_text_is_cut_off_or_lies_on_another_among_many(count):
    many = [SONGS[name] for name in ("ordinary", "wide", "quiet", "long", "narrow", "unsteady")[:count]]
    for figure in (plots.differences(compare(many)), plots.side_by_side(many)):
        assert_legible(figure)


def test_titles_of_any_kind_do_no_harm():
    pair = [example_song(title=HOSTILE_TITLES["markup"]), with_outcomes(louder(6), {})]
    pair[1] = dataclasses.replace(
        pair[1], source=dataclasses.replace(pair[1].source, tags=dataclasses.replace(pair[1].source.tags, title="夜"))
    )
    for figure in (plots.differences(compare(pair)), plots.side_by_side(pair)):
        assert plots.to_svg(figure)


def test_a_difference_is_drawn_where_it_lies_in_steps_of_its_unit():
    figure = plots.differences(compare([example_song(), louder(6)]))
    axes = next(axes for axes in figure.axes if axes.get_xscale() == "asinh")
    names = [label.get_text() for label in axes.get_yticklabels()]
    row = names.index("Loudness")
    marks = [(x, y) for dots in axes.collections for x, y in dots.get_offsets().tolist() if y == row]
    assert sorted(marks) == [(0.0, row), (pytest.approx(6.0), row)]


def test_songs_alike_and_songs_without_numbers_have_no_drawing():
    without = with_outcomes(example_song(), {}, keep=False)
    with pytest.raises(NotMeasured):
        plots.differences(compare([without, without]))
    with pytest.raises(NotMeasured):
        plots.side_by_side([without, without])


def test_seven_songs_are_too_many():
    with pytest.raises(ValueError, match="7"):
        plots.differences(compare([example_song()] * 7))
    with pytest.raises(ValueError, match="7"):
        plots.side_by_side([example_song()] * 7)


def test_all_songs_of_a_row_share_their_axes():
    pair = [SONGS["ordinary"], SONGS["wide"]]
    figure = plots.side_by_side(pair)
    columns = [axes for axes in figure.axes if axes.axison]
    half = len(columns) // 2
    for one, other in zip(columns[:half], columns[half:], strict=True):
        assert one.get_xlim() == other.get_xlim()
        assert one.get_ylim() == other.get_ylim()
    assert half == 3


def test_a_panel_without_a_measurement_has_no_numbers():
    figure = plots.side_by_side([SONGS["ordinary"], SONGS["voiceless"]])
    figure.canvas.draw()
    (panel,) = (axes for axes in figure.axes if any(text.get_text() == "not measured" for text in axes.texts))
    shown = [label for label in (*panel.get_xticklabels(), *panel.get_yticklabels()) if label.get_visible()]
    assert [label.get_text() for label in shown if label.get_text()] == []
