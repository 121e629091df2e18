"""Our own network for chords, as it comes with the package."""

from importlib import resources

import numpy as np

from riffscope.chord_names import QUALITIES
from riffscope.models.chord_net import CHORD_GRAPH, load_chord_reader

WEIGHTS = resources.files("riffscope.models") / "weights"


def test_the_weights_are_small_and_have_a_card():
    assert len((WEIGHTS / CHORD_GRAPH).read_bytes()) < 1.5e6
    card = (WEIGHTS / "chords.md").read_text(encoding="utf-8")
    for heading in ("Data", "Training", "Figures", "Ablations", "Limits"):
        assert f"## {heading}" in card


def test_a_reader_gives_the_same_twice_and_a_logit_for_every_chord():
    features = np.random.default_rng(0).random((3, 72, 50)).astype(np.float32)
    (chord, bass), (again, _) = (load_chord_reader()(features) for _ in range(2))
    assert chord.shape == (12 * len(QUALITIES) + 1, 50)
    assert bass.shape == (12, 50)
    np.testing.assert_array_equal(chord, again)


def test_where_nothing_sounds_there_is_no_chord():
    chord, _ = load_chord_reader()(np.zeros((3, 72, 64), np.float32))
    assert set(chord.argmax(axis=0)) == {12 * len(QUALITIES)}
