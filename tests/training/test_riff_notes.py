"""What the network of the riff's notes learns from, and that it is written as it was trained."""

import dataclasses
import itertools

import numpy as np
import pytest

from benchmarks.mixes.draw import draw_spec
from riffscope.dsp.repetition.riff_image import NOTES, PATCH, TICKS
from riffscope.models.riff_net import GRAPH, riff_reader
from training.riff.backings import bass_of

pytest.importorskip("torch")
notes = pytest.importorskip("training.riff.notes")

LINE = ((0.0, 52), (1.5, 55), (4.0, 57), (6.0, 59))


def spec_with(bass_line):
    spec = next(spec for index in range(50) if (spec := draw_spec(3, index)).meter == 4 and not spec.in_threes)
    return dataclasses.replace(spec, band=dataclasses.replace(spec.band, bass_line=bass_line, riff_base=48))


def passes(count=2, beats=8):
    random = np.random.default_rng(0)
    return notes.Passes(
        spectra=random.random((count, (beats + 2) * TICKS, NOTES, 2)).astype(np.float32),
        line=np.array([[0, 52], [18, 55]]),
        bass=np.array([[0, 40]]),
        is_compound=False,
    )


def test_the_bass_doubles_the_riff_or_repeats_the_root_of_each_bar():
    assert bass_of(spec_with("none"), LINE) == ()
    assert bass_of(spec_with("doubles"), LINE) == tuple((beat, midi - 24) for beat, midi in LINE)
    roots = bass_of(spec_with("roots"), LINE)
    assert [beat for beat, _ in roots] == [k / 2 for k in range(16)]
    assert [midi for _, midi in roots] == [28] * 8 + [33] * 8


def test_a_note_begins_where_it_is_written_and_counts_little_beside():
    frames = np.arange(24)
    begins, weights = notes.labels(passes(), frames)
    assert [tuple(each) for each in np.argwhere(begins[:, :, 0])] == [(0, 52 - 24), (18, 55 - 24)]
    assert [tuple(each) for each in np.argwhere(begins[:, :, 1])] == [(0, 40 - 24)]
    assert weights[17, 55 - 24, 0] == weights[19, 55 - 24, 0] == notes.BESIDE_WEIGHT
    assert weights[17, 54 - 24, 0] == weights[18, 55 - 24, 0] == 1


def test_what_is_found_counts_once_and_within_a_sixth_of_a_beat():
    wanted = [(0, 52), (12, 55)]
    assert notes.f_measure([(0, 52), (12, 55)], wanted, 48) == 1
    assert notes.f_measure([(47, 52), (14, 55)], wanted, 48) == 1
    assert notes.f_measure([(0, 52), (1, 52), (15, 55)], wanted, 48) == pytest.approx(2 / 5)


def test_the_graph_that_is_written_is_the_network(tmp_path):
    random = np.random.default_rng(1)
    sizes = (PATCH, 5, 4, 2)
    layers = [
        (random.normal(size=(b, a)).astype(np.float32), random.normal(size=b).astype(np.float32))
        for a, b in itertools.pairwise(sizes)
    ]
    notes.write_graph(layers, tmp_path / GRAPH)
    seen = random.random((PATCH, 7)).astype(np.float32)
    expected = seen
    for number, (weight, offset) in enumerate(layers):
        expected = weight @ expected + offset[:, None]
        expected = np.maximum(expected, 0) if number < 2 else expected
    np.testing.assert_allclose(riff_reader(tmp_path)(seen), expected, rtol=1e-3, atol=1e-3)
