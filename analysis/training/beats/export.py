"""Writes the trained network as two ONNX graphs: one over the spectrum, run in blocks, one over the whole song.

    python -m training.beats.export --weights net.pt --out analysis/riffscope/models/weights
    python -m training.beats.export --weights net.pt --first FOLDER --out analysis/riffscope/models/weights

The second line writes a network between the one that training went on from and the one it came to, which keeps more of
what the first could do [1]_.

References
----------
.. [1] Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper

from riffscope.dsp.rhythm.beat_features import HARMONIC_FEATURES
from riffscope.models.beat_net import CONTEXT_GRAPH, LOCAL_GRAPH
from riffscope.views.mel_spectrum import N_MELS
from training.beats.net import BeatNet

# How far from the first network to the new one [1]_. All of the way, a tenth of slow songs are counted twice as fast;
# half of it, none are, and bars of five and seven, fast waltzes and gaps are known all the same.
NEW_SHARE = 0.5
# ONNX 1.12, which every onnxruntime for Python 3.11 reads.
OPSET, IR_VERSION = 17, 8
# The tempo is told second by second.
FRAMES_A_SECOND = 50


class Graph:
    """Collects nodes and weights."""

    def __init__(self, weights: dict[str, torch.Tensor]) -> None:
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def apply(self, kind: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        """Add a node; returns the name of what it gives."""
        name = output or f"v{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, values: np.ndarray) -> str:
        """Add fixed values; returns their name."""
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(values, name))
        return name

    def weight(self, name: str) -> str:
        """Add trained values; returns their name."""
        return self.constant(self._weights[name].numpy().astype(np.float32))

    def convolve(self, at: str, layer: str, *, elu: bool, output: str | None = None, **attributes: Any) -> str:
        """Add a convolution with its bias."""
        weights = (self.weight(f"{layer}.weight"), self.weight(f"{layer}.bias"))
        given = self.apply("Conv", at, *weights, output=None if elu else output, **attributes)
        return self.apply("Elu", given, output=output) if elu else given

    def write(self, file: Path, inputs: dict[str, list[Any]], outputs: dict[str, list[Any]]) -> None:
        """Write the model, checked."""
        read, given = (
            [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name, shape in ends.items()]
            for ends in (inputs, outputs)
        )
        graph = helper.make_graph(self._nodes, file.stem, read, given, self._constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="riffscope")
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model)
        file.write_bytes(model.SerializeToString())


def write_graphs(net: BeatNet, folder: Path) -> None:
    """Write both graphs of a network."""
    weights = net.state_dict()
    channels, layers = net.curves.in_channels, len(net.merge)

    local = Graph(weights)
    x = local.apply("Unsqueeze", "mel", local.constant(np.array([1])))
    x = local.convolve(x, "low", elu=True, pads=[0, 1, 0, 1], strides=[3, 1])
    x = local.convolve(x, "middle", elu=True, pads=[0, 1, 0, 1], strides=[3, 1])
    x = local.convolve(x, "high", elu=True)
    local.apply("Squeeze", x, local.constant(np.array([2])), output="seen")
    local.write(folder / LOCAL_GRAPH, {"mel": [1, N_MELS, "n"]}, {"seen": [1, channels, "n"]})

    context = Graph(weights)
    change = context.convolve("change", "harmony", elu=True, pads=[2, 2])
    x = context.convolve(context.apply("Concat", "seen", change, axis=1), "join", elu=False)
    gathered = []
    for layer in range(layers):
        near, far = 2**layer, 2 ** (layer + 1)
        narrow = context.convolve(x, f"narrow.{layer}", elu=True, dilations=[near], pads=[2 * near] * 2)
        wide = context.convolve(x, f"wide.{layer}", elu=True, dilations=[far], pads=[2 * far] * 2)
        step = context.convolve(context.apply("Concat", narrow, wide, axis=1), f"merge.{layer}", elu=False)
        gathered.append(step)
        x = context.apply("Add", x, step)
    context.apply("Sigmoid", context.convolve(x, "curves", elu=False), output="curves")
    # The tempo is read from the mean over a stretch: what is linear may as well be read from every second before.
    each = context.apply(
        "Conv",
        context.apply("Elu", context.apply("Sum", *gathered)),
        context.constant(weights["tempo.weight"].numpy().astype(np.float32)[:, :, np.newaxis]),
        context.weight("tempo.bias"),
    )
    context.apply("AveragePool", each, kernel_shape=[FRAMES_A_SECOND], strides=[FRAMES_A_SECOND], output="tempo")
    context.write(
        folder / CONTEXT_GRAPH,
        {"seen": [1, channels, "n"], "change": [1, HARMONIC_FEATURES, "n"]},
        {"curves": [1, 2, "n"], "tempo": [1, net.tempo.out_features, "seconds"]},
    )


def read_graphs(folder: Path) -> dict[str, torch.Tensor]:
    """Return the weights of both graphs by their names in the network: what `write_graphs` wrote."""
    trained: list[list[torch.Tensor]] = []
    for name in (LOCAL_GRAPH, CONTEXT_GRAPH):
        graph = onnx.load(folder / name).graph
        constants = {constant.name: numpy_helper.to_array(constant).copy() for constant in graph.initializer}
        trained += [
            [torch.from_numpy(constants[given]) for given in node.input if given in constants]
            for node in graph.node
            if node.op_type in ("Conv", "Gemm")
        ]
    # Five layers lie before the pairs of dilated ones with their mergers, two behind them.
    layers = (len(trained) - 7) // 3
    names = ["low", "middle", "high", "harmony", "join"]
    names += [f"{part}.{layer}" for layer in range(layers) for part in ("narrow", "wide", "merge")]
    names += ["curves", "tempo"]
    # Older graphs read the tempo of the whole song, without a dimension of time.
    trained[-1][0] = trained[-1][0].reshape(trained[-1][0].shape[:2])
    return {
        f"{name}.{part}": values
        for name, pair in zip(names, trained, strict=True)
        for part, values in zip(("weight", "bias"), pair, strict=True)
    }


def load_net(source: Path) -> BeatNet:
    """Read trained weights from a file of `train.py` or a folder of graphs; the size of the network is theirs."""
    weights = read_graphs(source) if source.is_dir() else torch.load(source, weights_only=True)
    layers = sum(name.startswith("merge.") and name.endswith(".weight") for name in weights)
    net = BeatNet(channels=weights["curves.weight"].shape[1], layers=layers)
    net.load_state_dict(weights)
    return net.eval()


def between(first: BeatNet, new: BeatNet, new_share: float) -> BeatNet:
    """Return a network whose weights lie between those of two others: 0 the first, 1 the new one."""
    old, weights = first.state_dict(), new.state_dict()
    net = BeatNet(channels=new.curves.in_channels, layers=len(new.merge))
    net.load_state_dict({name: torch.lerp(old[name], weights[name], new_share) for name in weights})
    return net.eval()


def main() -> None:
    """Read the command line, write the graphs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--first", type=Path, help="the weights that training went on from")
    parser.add_argument("--new-share", type=float, default=NEW_SHARE, help="how far to go from them, 0..1")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    net = load_net(args.weights)
    write_graphs(between(load_net(args.first), net, args.new_share) if args.first else net, args.out)
    for name in (LOCAL_GRAPH, CONTEXT_GRAPH):
        print(f"{args.out / name}: {(args.out / name).stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
