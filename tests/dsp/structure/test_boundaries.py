"""Bars of numbers instead of sound: where their boundaries lie, and how evidence and lengths are weighed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riffscope.dsp.harmonic import presence
from riffscope.dsp.structure.boundaries import Bars, boundary_cues, boundary_odds, checkerboard, segment, similarity
from riffscope.dsp.structure.sections import join_repeats, label_sections

PLACES = 16


def bars_of(form, *, bars=8, seed=0):
    """Bars of a form such as ``ABA``: each letter has its own notes, bands and drums, a little varied by the bar."""
    random = np.random.default_rng(seed)
    kinds = {
        letter: [
            (random.random((1, PLACES, k)) + 0.3 * random.random((bars, PLACES, k))).astype(np.float32)
            for k in (60, 16, 5)
        ]
        for letter in sorted(set(form))
    }
    notes, bands, onsets = (np.concatenate([kinds[letter][part] for letter in form]) for part in range(3))
    return Bars(notes=notes, bands=bands, onsets=onsets)


def lines_of(count, *, bar_s=2.0):
    return bar_s * np.arange(count + 1)


def test_bars_are_like_themselves_and_those_that_hardly_differ_like_each_other():
    notes = bars_of("AB").notes
    assert np.diag(similarity(notes)) == pytest.approx(1)
    assert similarity(np.ones((6, PLACES, 60), np.float32)) == pytest.approx(1)
    nearly = np.ones((6, PLACES, 60), np.float32) + 0.01 * bars_of("A", bars=6).notes
    assert similarity(nearly).min() > 0.9


def test_similarity_knows_no_gain():
    notes = bars_of("AB").notes
    assert similarity(4 * notes) == pytest.approx(similarity(notes), abs=1e-4)
    assert presence(4 * notes) == pytest.approx(presence(notes), abs=1e-4)


def test_novelty_is_greatest_where_one_block_ends():
    alike = np.kron(np.eye(2), np.ones((6, 6))).astype(np.float32)
    novelty = checkerboard(alike, reach=4)
    assert novelty.shape == (11,)
    assert novelty.argmax() == 5
    assert novelty[5] == pytest.approx(1)


def test_evidence_is_strongest_where_the_music_changes():
    odds = boundary_odds(bars_of("ABC"))
    assert set(np.argsort(odds)[-2:]) == {7, 15}


def test_bars_that_are_all_the_same_hold_no_evidence():
    same = np.ones((12, PLACES, 60), np.float32)
    cues = boundary_cues(Bars(notes=same, bands=same[:, :, :16], onsets=same[:, :, :5]))
    assert cues == pytest.approx(0, abs=1e-5)


def test_a_fill_speaks_for_the_line_after_it():
    bars = bars_of("A", bars=1)
    onsets = np.tile(bars.onsets, (16, 1, 1))
    onsets[7, 12:] += 1
    same = [np.tile(part, (16, 1, 1)) for part in (bars.notes, bars.bands)]
    odds = boundary_odds(Bars(notes=same[0], bands=same[1], onsets=onsets))
    assert odds.argmax() == 7


def test_the_form_is_found_and_named():
    bars = bars_of("ABACB")
    edges = np.concatenate([[0], segment(boundary_odds(bars), lines_of(40)), [40]])
    assert edges.tolist() == [0, 8, 16, 24, 32, 40]
    assert label_sections(bars, edges) == ["A", "B", "A", "C", "B"]


def test_other_bands_over_the_same_notes_are_a_prime():
    bars = bars_of("AAA")
    bands = bars.bands.copy()
    bands[8:16] += np.linspace(0, 3, 16, dtype=np.float32)
    varied = Bars(notes=bars.notes, bands=bands, onsets=bars.onsets)
    assert label_sections(varied, np.array([0, 8, 16, 24])) == ["A", "A'", "A"]


def test_a_part_of_a_section_is_the_same_music():
    bars = bars_of("AB")
    assert label_sections(bars, np.array([0, 3, 8, 16])) != ["A", "B", "C"]
    shorter = Bars(
        notes=bars.notes[[*range(16), 2, 3, 4, 5]],
        bands=bars.bands[[*range(16), 2, 3, 4, 5]],
        onsets=bars.onsets[[*range(16), 2, 3, 4, 5]],
    )
    assert label_sections(shorter, np.array([0, 8, 16, 20])) == ["A", "B", "A"]


def test_a_faint_line_between_equal_labels_is_no_boundary():
    edges = np.array([0, 4, 8, 12, 16])
    odds = np.full(15, -3.0)
    odds[[3, 7]] = [2.0, -2.0]
    joined, labels = join_repeats(edges, ["A", "A", "A", "B"], odds)
    assert joined.tolist() == [0, 4, 12, 16]
    assert labels == ["A", "A", "B"]
    same, names = join_repeats(np.array([0, 16]), ["A"], odds)
    assert same.tolist() == [0, 16]
    assert names == ["A"]


def test_more_than_26_kinds_of_music_have_names():
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabc"
    bars = bars_of(letters, bars=2)
    labels = label_sections(bars, 2 * np.arange(len(letters) + 1))
    assert labels[:2] == ["A", "B"]
    assert labels[25:] == ["Z", "AA", "AB", "AC"]


@settings(deadline=None, max_examples=40)
@given(
    count=st.integers(4, 60),
    bar_s=st.floats(0.8, 6),
    seed=st.integers(0, 1000),
    spread=st.floats(0, 8),
)
def test_any_evidence_gives_increasing_inner_lines_at_least_two_bars_apart(count, bar_s, seed, spread):
    odds = np.random.default_rng(seed).normal(-2, spread, count - 1)
    starts = segment(odds, lines_of(count, bar_s=bar_s))
    assert np.all(np.diff(np.concatenate([[0], starts, [count]])) >= 2)


@settings(deadline=None, max_examples=20)
@given(count=st.integers(8, 40), line=st.integers(2, 36), seed=st.integers(0, 100))
def test_overwhelming_evidence_is_followed(count, line, seed):
    odds = np.random.default_rng(seed).normal(-4, 1, count - 1)
    line = min(line, count - 2)
    odds[line - 1] = 50
    assert line in segment(odds, lines_of(count))
