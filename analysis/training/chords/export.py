"""Writes the trained network as an ONNX graph.

python -m training.chords.export --weights net.pt --out analysis/riffscope/models/weights
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from riffscope.chord_names import QUALITIES
from riffscope.dsp.tonality.chord_features import NOTES, PICTURES
from riffscope.models.chord_net import CHORD_GRAPH
from training.beats.export import Graph
from training.chords.net import CLASSES_OF_PITCH, OCTAVES, ChordNet


def write_graph(net: ChordNet, folder: Path) -> None:
    """Write the graph of a network: features (1, 3, 72, n) -> logits of chord (1, 133, n) and bass (1, 12, n)."""
    graph = Graph(net.state_dict())

    def circled(x: str) -> str:
        first = graph.apply(
            "Slice",
            x,
            *(graph.constant(np.array([value], np.int64)) for value in (0, CLASSES_OF_PITCH - 1, 2)),
        )
        return graph.apply("Concat", x, first, axis=2)

    def shaped(x: str, *shape: int, output: str | None = None) -> str:
        return graph.apply("Reshape", x, graph.constant(np.array(shape, np.int64)), output=output)

    x = shaped("features", 1, PICTURES * OCTAVES, CLASSES_OF_PITCH, -1)
    x = graph.convolve(circled(x), "first", elu=True)
    for block, dilation in enumerate(net.dilations):
        step = graph.convolve(circled(x), f"round.{block}", elu=True)
        step = graph.convolve(
            step, f"along.{block}", elu=True, dilations=[1, dilation], pads=[0, 2 * dilation, 0, 2 * dilation]
        )
        x = graph.apply("Add", x, graph.convolve(step, f"merge.{block}", elu=False))
    x = graph.apply("Elu", x)
    around = circled(x)
    chord = shaped(graph.convolve(around, "chord", elu=False), 1, len(QUALITIES) * CLASSES_OF_PITCH, -1)
    middle = graph.apply("ReduceMean", x, axes=[2], keepdims=0)
    none = graph.convolve(middle, "none", elu=False)
    graph.apply("Concat", chord, none, axis=1, output="chord")
    shaped(graph.convolve(around, "bass", elu=False), 1, CLASSES_OF_PITCH, -1, output="bass")
    graph.write(
        folder / CHORD_GRAPH,
        {"features": [1, PICTURES, NOTES, "n"]},
        {"chord": [1, len(QUALITIES) * CLASSES_OF_PITCH + 1, "n"], "bass": [1, CLASSES_OF_PITCH, "n"]},
    )


def load_net(file: Path) -> ChordNet:
    """Read trained weights; the width of the network is theirs."""
    weights = torch.load(file, weights_only=True)
    net = ChordNet(channels=weights["first.weight"].shape[0])
    net.load_state_dict(weights)
    return net.eval()


def main() -> None:
    """Read the command line, write the graph."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    write_graph(load_net(args.weights), args.out)
    print(f"{args.out / CHORD_GRAPH}: {(args.out / CHORD_GRAPH).stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
