"""The network that is trained, the graphs it becomes, and the way back."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from riffscope.models.beat_net import MIN_BPM, TEMPO_CLASSES, beat_reader  # noqa: E402
from training.beats.export import between, load_net, read_graphs, write_graphs  # noqa: E402
from training.beats.net import BeatNet  # noqa: E402
from training.beats.train import tempo_targets  # noqa: E402


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(1)
    return BeatNet(channels=6, layers=2).eval()


def test_weights_come_back_from_the_graphs(net, tmp_path):
    write_graphs(net, tmp_path)
    weights = read_graphs(tmp_path)
    assert set(weights) == set(net.state_dict())
    for name, values in net.state_dict().items():
        torch.testing.assert_close(weights[name], values, rtol=0, atol=0)
    assert len(load_net(tmp_path).merge) == 2


def test_graphs_say_what_the_network_says(net, tmp_path):
    write_graphs(net, tmp_path)
    rng = np.random.default_rng(0)
    mel = rng.normal(size=(80, 700)).astype(np.float32)
    change = rng.random((8, 700)).astype(np.float32)
    curves, tempo = beat_reader(tmp_path)(mel, change)
    with torch.no_grad():
        wanted, wanted_tempo = net(torch.from_numpy(mel)[None], torch.from_numpy(change)[None])
    # Beyond the ends the graph reads silence, where the network reads nothing.
    np.testing.assert_allclose(curves[:, 30:-30], torch.sigmoid(wanted)[0, :, 30:-30], atol=1e-5)
    assert tempo.shape == (700 // 50, TEMPO_CLASSES)
    np.testing.assert_allclose(tempo.mean(axis=0), wanted_tempo[0], atol=0.02)


@pytest.mark.parametrize(("bpm", "place"), [(MIN_BPM, 0), (80, 24), (35, 0), (300, TEMPO_CLASSES - 1)])
def test_tempi_beyond_the_classes_count_as_the_outermost(bpm, place):
    wanted = tempo_targets(torch.tensor([float(bpm)]))[0]
    assert int(wanted.argmax()) == place
    assert float(wanted.sum()) == pytest.approx(1)


def test_a_network_between_two_others(net):
    other = BeatNet(channels=6, layers=2)
    middle = between(net, other, 0.25).state_dict()
    for name, values in middle.items():
        torch.testing.assert_close(values, 0.75 * net.state_dict()[name] + 0.25 * other.state_dict()[name])
    first = between(net, other, 0.0).state_dict()
    assert all(torch.equal(first[name], values) for name, values in net.state_dict().items())
