"""Our own network for the notes of a riff, as it comes with the package."""

from importlib import resources

import numpy as np

from riffscope.dsp.repetition.riff_image import CANDIDATES, PATCH
from riffscope.models.riff_net import GRAPH, load_riff_reader

WEIGHTS = resources.files("riffscope.models") / "weights"


def test_its_weights_are_small_and_have_a_card():
    assert len((WEIGHTS / GRAPH).read_bytes()) < 4e5
    card = (WEIGHTS / "riff-notes.md").read_text(encoding="utf-8")
    for heading in ("Data", "Training", "Figures", "Limits"):
        assert f"## {heading}" in card


def test_it_looks_at_each_note_by_itself():
    seen = np.random.default_rng(0).random((PATCH, CANDIDATES)).astype(np.float32)
    read = load_riff_reader()
    together = read(seen)
    assert together.shape == (2, CANDIDATES)
    np.testing.assert_allclose(read(seen[:, 7:9]), together[:, 7:9], rtol=1e-3, atol=1e-3)


def test_in_silence_no_note_begins():
    assert (load_riff_reader()(np.zeros((PATCH, 3), np.float32)) < 0).all()
