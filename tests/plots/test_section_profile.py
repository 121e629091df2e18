import dataclasses

import numpy as np
import pytest

from figure_layout import assert_legible, texts
from riffscope import plots
from riffscope.analyzers.section_profile import SectionProfile
from riffscope.errors import NotMeasured
from riffscope.model import Measured
from songs import example_song, with_outcomes

FUNCTIONS = ("intro", "verse", "pre-chorus", "chorus", "instrumental", "bridge", "solo", "outro")


def with_profile(**fields):
    song = example_song()
    value = dataclasses.replace(song[SectionProfile], **fields)
    return with_outcomes(song, {"section_profile": Measured(value=value, version=1, seconds=0.1)})


def of_sections(count, functions=FUNCTIONS, **fields):
    """A song of so many sections of very different lengths."""
    song = example_song()
    lengths = np.random.default_rng(count).uniform(0.2, 1.6, count)
    edges_s = np.append(0, np.cumsum(lengths) / lengths.sum() * song.source.duration_s).tolist()
    patterns = song[SectionProfile].sections
    sections = tuple(
        dataclasses.replace(
            patterns[place % len(patterns)],
            start_s=edges_s[place],
            end_s=edges_s[place + 1],
            function=functions[place % len(functions)],
            **fields,
        )
        for place in range(count)
    )
    return with_profile(sections=sections)


def words_of(figure):
    return [text for text, _ in texts(figure)]


@pytest.mark.pages
@pytest.mark.parametrize("functions", [FUNCTIONS, ("instrumental",), (None,)])
@pytest.mark.parametrize("count", [1, 2, 6, 14, 40])
def test_nothing_overlaps_or_is_cut_off_however_many_sections_there_are(count, functions):
    assert_legible(plots.section_profile(of_sections(count, functions)))


def test_every_section_is_named_where_a_line_has_room():
    song = of_sections(9)
    assert set(song[SectionProfile].names) <= set(words_of(plots.section_profile(song)))


def test_a_number_is_written_on_each_section_that_has_room_for_it():
    drawn = words_of(plots.section_profile(example_song()))
    assert drawn.count("−9.0") == 3 + 2  # three choruses' loudness; the bass of the intro and of the outro
    assert drawn.count("5.9") == 3


def test_without_a_voice_there_are_no_rows_for_it():
    unsung = dict.fromkeys(("sung_fraction", "lowest_midi", "highest_midi", "layered_fraction"))
    with_voice, without = plots.section_profile(of_sections(6)), plots.section_profile(of_sections(6, **unsung))
    assert len(with_voice.axes) - len(without.axes) == 2
    assert not any("sings" in text or "voice" in text for text in words_of(without))
    assert_legible(without)


def test_drums_are_as_high_as_their_share():
    (axes,) = (
        axes
        for axes in plots.section_profile(of_sections(2, drums_fraction=0.37)).axes
        if any("Drums" in text.get_text() for text in axes.texts)
    )
    heights = [path.vertices[:, 1].max() for bars in axes.collections for path in bars.get_paths()]
    assert max(height for height in heights if height < 1) == pytest.approx(0.37)


def test_every_row_shares_the_time_axis_of_the_song():
    figure = plots.section_profile(example_song())
    assert len(figure.strips) == len(figure.axes)
    assert {strip.edges_s for strip in figure.strips} == {(0.0, example_song().source.duration_s)}


def test_without_sections_there_is_nothing_to_draw():
    with pytest.raises(NotMeasured, match="it holds no sections"):
        plots.section_profile(with_profile(sections=()))
