"""The chord network that is trained, and the graph it becomes."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from riffscope.chord_names import QUALITIES  # noqa: E402
from riffscope.models.chord_net import chord_reader  # noqa: E402
from training.chords.export import load_net, write_graph  # noqa: E402
from training.chords.net import ChordNet  # noqa: E402
from training.chords.train import chord_notes, moved  # noqa: E402


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(1)
    return ChordNet(channels=6).eval()


@pytest.fixture
def features():
    return np.random.default_rng(0).random((3, 72, 90)).astype(np.float32)


def test_the_graph_says_what_the_network_says(net, features, tmp_path):
    write_graph(net, tmp_path)
    chord, bass = chord_reader(tmp_path)(features)
    with torch.no_grad():
        wanted, wanted_bass, _ = net(torch.from_numpy(features)[None])
    np.testing.assert_allclose(chord, wanted[0], atol=1e-4)
    np.testing.assert_allclose(bass, wanted_bass[0], atol=1e-4)


def test_weights_are_read_with_their_width(net, tmp_path):
    torch.save(net.state_dict(), tmp_path / "net.pt")
    assert load_net(tmp_path / "net.pt").first.out_channels == 6


def test_whatever_the_root_the_network_says_the_same(net, features):
    # The notes go round the circle within their octaves, and so does what is said.
    turned = np.roll(features.reshape(3, 6, 12, -1), 5, axis=2).reshape(features.shape)
    with torch.no_grad():
        first, second = (net(torch.from_numpy(one)[None])[0][0].numpy() for one in (features, turned))
    by_root = first[:-1].reshape(len(QUALITIES), 12, -1)
    np.testing.assert_allclose(np.roll(by_root, 5, axis=1).reshape(-1, 90), second[:-1], atol=1e-4)
    np.testing.assert_allclose(first[-1], second[-1], atol=1e-4)


@pytest.mark.parametrize("semitones", [-3, 0, 4])
def test_moved_features_have_their_notes_elsewhere(features, semitones):
    up = moved(features, semitones)
    inside = slice(max(0, semitones), 72 + min(0, semitones))
    from_where = slice(max(0, -semitones), 72 - max(0, semitones))
    np.testing.assert_array_equal(up[:, inside], features[:, from_where])
    assert up.sum() == pytest.approx(features[:, from_where].sum(), rel=1e-4)


def test_chords_have_their_notes():
    notes = chord_notes()
    names = list(QUALITIES)
    assert set(notes[12 * names.index("min") + 9].nonzero().ravel().tolist()) == {9, 0, 4}
    assert not notes[-1].any()
