"""Make a set of songs out of POP909, as the scripts here read it, and count its chords.

    python -m training.key.pop909 --pop909 FOLDER --out SET --count 120

Constants
    ``USUAL_CHORDS`` of `riffscope.dsp.tonality.keys` are six tenths of the counts that this prints, rounded.
Data
    POP909 (MIT licence), with its ``key_audio.txt``, ``chord_midi.txt`` and ``beat_midi.txt``. A program found the keys
    in the recordings that its piano arrangements follow: relative keys are sometimes taken for each other.
Method
    The MIDI files are rendered by fluidsynth as they are; a third of the songs change key.
Prints
    The share of each triad's time, by the semitones of its root from the tonic, in songs that keep their key.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from riffscope.arrays import Floats
from riffscope.notes import pitch_class
from training.beats.perform import SOUNDFONTS
from training.beats.pop909 import read_chords, song_folders

QUALITIES = {"maj": 0, "min": 1, "dim": 2, "hdim": 2}
RATE_HZ = 22050
CHANGING = 3
"""One song in so many changes key."""


def key_parts(folder: Path) -> list[tuple[float, float, str, str]]:
    """Return start and end in seconds, tonic and mode of each part of a song."""
    parts = []
    for line in (folder / "key_audio.txt").read_text().splitlines():
        start, end, name = line.split()
        tonic, _, mode = name.partition(":")
        parts.append((float(start), float(end), tonic, "minor" if mode == "min" else "major"))
    return parts


def chord_spans(folder: Path) -> list[tuple[float, float, str]]:
    """Return start and end in seconds and the triad of each chord: ``C#:min``."""
    spans = []
    for start_s, end_s, name in read_chords(folder):
        if name == "N":
            continue
        root, _, rest = name.partition(":")
        quality = next((short for short in ("min", "dim", "hdim") if rest.startswith(short)), "maj")
        spans.append((start_s, end_s, f"{root.split('/')[0]}:{quality.removeprefix('h')}"))
    return spans


def usual_chords(folders: Sequence[Path]) -> dict[str, Floats]:
    """Count the chords of the songs in one key: by mode, the share of each triad's time (3, 12)."""
    shares = {"major": np.zeros((3, 12)), "minor": np.zeros((3, 12))}
    for folder in folders:
        parts = key_parts(folder)
        if len(parts) > 1:
            continue
        for start_s, end_s, name in chord_spans(folder):
            root, _, quality = name.partition(":")
            degree = (pitch_class(root) - pitch_class(parts[0][2])) % 12
            shares[parts[0][3]][QUALITIES[quality], degree] += end_s - start_s
    return {mode: share / max(float(share.sum()), 1e-9) for mode, share in shares.items()}


def choose(folders: Sequence[Path], count: int) -> list[Path]:
    """Choose so many songs by lot, the same each time."""
    random = np.random.default_rng(0)
    changing = [folder for folder in folders if len(key_parts(folder)) > 1]
    staying = [folder for folder in folders if len(key_parts(folder)) == 1]
    chosen = []
    for group, wanted in ((changing, count // CHANGING), (staying, count - count // CHANGING)):
        chosen += [group[i] for i in random.permutation(len(group))[:wanted]]
    return chosen


def describe(folder: Path) -> dict[str, object]:
    """Return a song as a manifest names it: a key where it has one, its parts and its chords."""
    parts = [
        {"start_s": start_s, "end_s": end_s, "tonic": tonic, "mode": mode}
        for start_s, end_s, tonic, mode in key_parts(folder)
    ]
    chords = [{"start": start_s, "end": end_s, "label": name} for start_s, end_s, name in chord_spans(folder)]
    kinds = ["key", "key_parts", "chords"] if len(parts) == 1 else ["key_parts", "chords"]
    return {
        "file": f"{folder.name}.wav",
        "duration_s": chords[-1]["end"],
        "annotation_types": kinds,
        "truth": {"key": parts[0], "key_parts": parts, "chords": chords},
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, count, and render."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pop909", type=Path, required=True, help="the data set's folder, with 001 to 909 in it")
    parser.add_argument("--out", type=Path, required=True, help="the new set's folder")
    parser.add_argument("--count", type=int, default=120)
    options = parser.parse_args(arguments)
    folders = song_folders(options.pop909)
    for mode, shares in usual_chords(folders).items():
        print(mode)
        for row in shares:
            print("   ", ", ".join(f"{share:.3f}" for share in row))
    options.out.mkdir(parents=True, exist_ok=True)
    chosen = choose(folders, options.count)
    for folder in chosen:
        file = options.out / f"{folder.name}.wav"
        midi = folder / f"{folder.name}.mid"
        command = ["fluidsynth", "-ni", "-q", "-g", "0.5", "-r", str(RATE_HZ), "-F", file, SOUNDFONTS[0], midi]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    items = [describe(folder) for folder in chosen]
    (options.out / "manifest.json").write_text(json.dumps({"items": items}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
