"""Scores networks on songs that were kept out of training.

    python -m training.chords.evaluate --songs SONGS [--weights FOLDER ...]

Reads the validation songs that `songs.py` made, with the beats that it kept: what is scored is the network and the
path, not the beat tracker. A chord's root, its root and third, and its name are right or not half beat by half beat;
bass is whether its pitch class is the likeliest. Sums by kind of song.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import log_softmax

from riffscope.analyzers.chords import FAMILIES, NONE
from riffscope.arrays import Floats, Ints
from riffscope.chord_names import QUALITIES
from riffscope.dsp.tonality.chord_features import STEPS_PER_BEAT, with_bars
from riffscope.dsp.tonality.chord_path import change_costs, follow_chords
from riffscope.models.chord_net import ChordReader, chord_reader, load_chord_reader
from training.beats.songs import is_for_validation

THIRDS = np.array([{4: 0, 3: 1}.get(intervals[1], 2) for intervals in QUALITIES.values()])


def read_chords(read: ChordReader, kept: Any) -> tuple[Ints, Floats, Ints]:
    """Return the path through a song's chords, the probability of each step's, and the likeliest basses."""
    chord, bass = read(with_bars(kept["features"].astype(np.float32), kept["downbeats"]))
    evidence = log_softmax(chord.T.astype(np.float64), axis=1)
    costs = change_costs(len(evidence), kept["downbeats"], steps_per_beat=STEPS_PER_BEAT)
    usual = np.full(evidence.shape, -np.log(NONE + 1))
    path, probability = follow_chords(evidence, costs, usual)
    families = np.append(FAMILIES, len(FAMILIES))
    roots = np.arange(NONE + 1) % 12
    same = (families[np.arange(NONE + 1) // 12][:, None] == families[np.arange(NONE + 1) // 12][None]) & (
        roots[:, None] == roots[None]
    )
    sure = (probability * same[path]).sum(axis=1)
    return path, sure, bass.argmax(axis=0)


def score(path: Ints, sure: Floats, bass: Ints, kept: Any) -> dict[str, tuple[float, float]]:
    """Return, for each figure, the sum over the half beats that count, and how many those are."""
    chord, low = kept["chord"].astype(np.int64), kept["bass"].astype(np.int64)
    named = (chord >= 0) & (chord < NONE)
    same_root = (path % 12 == chord % 12) & (path < NONE)
    third = THIRDS[np.minimum(chord, NONE - 1) // 12]
    plain = named & (third < 2)
    right = same_root & (THIRDS[np.minimum(path, NONE - 1) // 12] == third)
    with_bass = (low >= 0) & bool(kept["has_bass"])
    return {
        "root": (float((same_root & named).sum()), float(named.sum())),
        "majmin": (float((right & plain).sum()), float(plain.sum())),
        "name": (float(((path == chord) & (chord >= 0)).sum()), float((chord >= 0).sum())),
        "bass": (float(((bass == low) & with_bass).sum()), float(with_bass.sum())),
        "brier": (float((((sure - right) ** 2) * plain).sum()), float(plain.sum())),
        "confidence": (float((sure * plain).sum()), float(plain.sum())),
    }


def kind_of(kept: Any) -> str:
    """Return what kind of song it is, and whether its chords are struck."""
    kind = str(kept["kinds"][0])
    kind = kind if kind.startswith(("drawn", "pop909", "lead sheet", "no beat")) else "riff"
    return kind if float(kept["weight"]) == 1 else f"{kind}, chords implied"


def main() -> None:
    """Read the command line, score, print a table for each of the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--songs", type=Path, required=True)
    parser.add_argument("--weights", type=Path, nargs="+", help="folders of graphs, other than the package's")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    args = parser.parse_args()
    files = [file for file in sorted(args.songs.glob("[0-9]*.npz")) if is_for_validation(int(file.name[:5]))]
    tables = {}
    for folder in args.weights or [None]:
        read = chord_reader(folder) if folder else load_chord_reader()
        sums: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
        songs: dict[str, int] = defaultdict(int)
        for file in files:
            with np.load(file) as kept:
                figures = score(*read_chords(read, kept), kept)
                kinds = [kind_of(kept)] + (["all"] if float(kept["weight"]) == 1 else [])
            for kind in kinds:
                songs[kind] += 1
                for name, (right, of) in figures.items():
                    sums[kind][name][0] += right
                    sums[kind][name][1] += of
        table = {
            kind: {name: right / of if of else None for name, (right, of) in row.items()} | {"songs": songs[kind]}
            for kind, row in sorted(sums.items())
        }
        tables[str(folder or "package")] = table
        print(folder or "the package's weights")
        for kind, figures_of in table.items():
            told = "  ".join(
                f"{name} {'   -' if value is None else f'{value:.3f}'}" for name, value in figures_of.items()
            )
            print(f"{kind:32}{told}")
    if args.json:
        args.json.write_text(json.dumps(tables, indent=1))


if __name__ == "__main__":
    main()
