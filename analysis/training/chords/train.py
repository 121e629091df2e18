"""Trains the network on songs that `songs.py` made.

    python -m training.chords.train --songs SONGS --out net.pt --epochs 12

Every tenth song is kept out and tells how it goes. The weights that are kept are the running mean of the last few
hundred steps. Given the same songs, the same number of epochs and the same machine, a run gives the same weights.
"""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from riffscope.arrays import Float32s, Ints
from riffscope.chord_names import QUALITIES
from riffscope.dsp.tonality.chord_features import with_bars
from training.beats.songs import is_for_validation
from training.chords.export import load_net
from training.chords.net import ChordNet
from training.common.descent import Descent

CROP_STEPS = 160  # 80 beats
BATCH = 12
LEARNING_RATE, MIN_LEARNING_RATE = 3e-3, 3e-5
BASS_WEIGHT, NOTES_WEIGHT = 0.2, 0.5
# A chord's name is a matter of taste in so many cases.
SMOOTHING = 0.03
# Bars are counted from the wrong beat so often.
WRONG_BARS = 0.12
# Songs are moved by so many semitones.
MOST_MOVED = 6
NO_CHORD, IGNORED = 12 * len(QUALITIES), -1
SEED = 7


@dataclass(frozen=True, kw_only=True)
class Song:
    """Features, chords and basses of the half beats of one song."""

    features: npt.NDArray[np.float16]
    downbeats: Ints
    chord: Ints
    bass: Ints
    weight: float


def load_songs(folder: Path) -> tuple[list[Song], list[Song]]:
    """Return the songs to learn from and those to check with."""
    learn: list[Song] = []
    check: list[Song] = []
    for file in sorted(folder.glob("[0-9]*.npz")):
        if file.name.endswith(".part.npz"):
            continue
        with np.load(file) as kept:
            bass = kept["bass"].astype(np.int64)
            song = Song(
                features=kept["features"],
                downbeats=kept["downbeats"],
                chord=kept["chord"].astype(np.int64),
                bass=bass if kept["has_bass"] else np.full_like(bass, IGNORED),
                weight=float(kept["weight"]),
            )
        (check if is_for_validation(int(file.stem)) else learn).append(song)
    return learn, check


def crop(song: Song, steps: int, rng: np.random.Generator) -> tuple[Float32s, Ints, Ints]:
    """Cut so many half beats out of a song, in another key and recorded otherwise."""
    count = song.features.shape[2]
    first = int(rng.integers(0, max(1, count - steps)))
    features = song.features[:, :, first : first + steps].astype(np.float32)
    chord, bass = song.chord[first : first + steps], song.bass[first : first + steps]
    up = int(rng.integers(-MOST_MOVED, MOST_MOVED + 1))
    downbeats = song.downbeats - first
    if rng.random() < WRONG_BARS:
        downbeats = downbeats + int(rng.choice([-4, -2, 2, 4]))
    features = with_bars(moved(features, up), downbeats)
    triads = (chord >= 0) & (chord < NO_CHORD)
    chord = np.where(triads, chord // 12 * 12 + (chord + up) % 12, chord)
    bass = np.where(bass >= 0, (bass + up) % 12, bass)
    # Another equaliser, softer or louder instruments.
    notes = features.shape[1]
    gain = np.interp(np.arange(notes), np.linspace(0, notes - 1, 6), rng.normal(0, 0.2, 6))
    features *= np.exp(gain)[None, :, None].astype(np.float32)
    if rng.random() < 0.2:  # small loudspeakers have no bass
        features[:, : int(rng.integers(6, 24))] *= np.float32(rng.uniform(0, 0.6))
    if rng.random() < 0.15:
        features[int(rng.integers(len(features)))] *= np.float32(rng.uniform(0.5, 1.5))
    missing = steps - features.shape[2]
    if missing > 0:
        features = np.pad(features, ((0, 0), (0, 0), (0, missing)))
        chord, bass = (np.pad(row, (0, missing), constant_values=IGNORED) for row in (chord, bass))
    return features, chord, bass


def moved(features: Float32s, semitones: int) -> Float32s:
    """Move features (k, 72, n) up; what comes in at the end is empty."""
    out = np.zeros_like(features)
    if semitones >= 0:
        out[:, semitones:] = features[:, : features.shape[1] - semitones]
    else:
        out[:, :semitones] = features[:, -semitones:]
    return out


def chord_notes() -> Tensor:
    """Return the pitch classes of each chord: (133, 12), of none at the end."""
    table = torch.zeros(NO_CHORD + 1, 12)
    for place, intervals in enumerate(QUALITIES.values()):
        for root in range(12):
            table[12 * place + root, [(root + k) % 12 for k in intervals]] = 1
    return table


def loss_of(given: tuple[Tensor, Tensor, Tensor], chord: Tensor, bass: Tensor, weight: Tensor, notes: Tensor) -> Tensor:
    """Return the loss: cross-entropy of the chord and the bass, and of each pitch class."""
    said, low, heard = given
    of_chord = functional.cross_entropy(said, chord, ignore_index=IGNORED, label_smoothing=SMOOTHING, reduction="none")
    known = chord >= 0
    each = of_chord * weight[:, None]
    total = each.sum() / (known * weight[:, None]).sum().clamp(min=1)
    if (bass >= 0).any():
        total = total + BASS_WEIGHT * functional.cross_entropy(low, bass, ignore_index=IGNORED)
    wanted = notes[chord.clamp(min=0)].transpose(1, 2)
    of_notes = functional.binary_cross_entropy_with_logits(heard, wanted, reduction="none").mean(dim=1)
    return total + NOTES_WEIGHT * (of_notes * known * weight[:, None]).sum() / (known * weight[:, None]).sum().clamp(
        min=1
    )


def batches(songs: list[Song], rng: np.random.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
    """Go once through all songs in a new order."""
    order = rng.permutation(len(songs))
    for first in range(0, len(order) - BATCH + 1, BATCH):
        chosen = [songs[k] for k in order[first : first + BATCH]]
        cut = [crop(song, CROP_STEPS, rng) for song in chosen]
        features, chord, bass = (torch.from_numpy(np.stack([item[k] for item in cut])) for k in range(3))
        yield features, chord, bass, torch.tensor([song.weight for song in chosen])


@torch.no_grad()
def check_figures(net: ChordNet, songs: list[Song]) -> dict[str, float]:
    """Return the shares of half beats whose root, and whose root and third, are right, in songs that were kept out."""
    net.eval()
    notes, losses = chord_notes(), []
    right = {"root": [0, 0], "majmin": [0, 0], "name": [0, 0]}
    third = np.array([{4: 0, 3: 1}.get(intervals[1], 2) for intervals in QUALITIES.values()] + [3])
    for song in songs:
        if song.weight < 1:
            continue
        features = torch.from_numpy(with_bars(song.features.astype(np.float32), song.downbeats))[None]
        chord, bass = (torch.from_numpy(row)[None] for row in (song.chord, song.bass))
        given = net(features)
        losses.append(loss_of(given, chord, bass, torch.ones(1), notes).item())
        said = given[0][0].argmax(dim=0).numpy()
        named = (song.chord >= 0) & (song.chord < NO_CHORD)
        same_root = (said % 12 == song.chord % 12) & (said < NO_CHORD)
        plain = named & (third[song.chord // 12] < 2)
        for name, hit, of in (
            ("root", same_root, named),
            ("majmin", same_root & (third[said // 12] == third[song.chord // 12]), plain),
            ("name", said == song.chord, song.chord >= 0),
        ):
            right[name][0] += int((hit & of).sum())
            right[name][1] += int(of.sum())
    return {"loss": float(np.mean(losses))} | {name: hit / max(1, of) for name, (hit, of) in right.items()}


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--songs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--channels", type=int, default=40)
    parser.add_argument("--limit", type=int, help="learn from so many songs only")
    parser.add_argument("--threads", type=int, default=2, help="1 where the other cores are busy")
    parser.add_argument("--start", type=Path, help="weights to go on from")
    parser.add_argument("--rate", type=float, default=LEARNING_RATE, help="the learning rate at first")
    args = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(args.threads)
    rng = np.random.default_rng(SEED)
    learn, check = load_songs(args.songs)
    learn = learn[: args.limit]
    net = load_net(args.start) if args.start else ChordNet(channels=args.channels)
    notes = chord_notes()
    print(f"{len(learn)} songs, {sum(p.numel() for p in net.parameters())} parameters", flush=True)
    steps = args.epochs * (len(learn) // BATCH)
    descent = Descent(net, steps=steps, rate=args.rate, min_rate=MIN_LEARNING_RATE)
    mean, began = descent.mean, time.monotonic()
    history = []
    for epoch in range(args.epochs):
        net.train()
        seen = []
        for features, chord, bass, weight in batches(learn, rng):
            # Half precision where the processor has it: a third of the time, and no worse.
            with torch.autocast("cpu", dtype=torch.bfloat16):
                given = net(features)
            said, low, heard = (one.float() for one in given)
            loss = loss_of((said, low, heard), chord, bass, weight, notes)
            descent.step(loss)
            seen.append(loss.item())
        checked = check_figures(mean, check)
        history.append({"epoch": epoch + 1, "learnt": float(np.mean(seen))} | checked)
        told = ", ".join(f"{name} {value:.3f}" for name, value in checked.items())
        print(f"epoch {epoch + 1}: {np.mean(seen):.4f}; kept out: {told}; {time.monotonic() - began:.0f} s", flush=True)
        torch.save(mean.state_dict(), args.out)
        args.out.with_suffix(".json").write_text(json.dumps({"songs": len(learn), "history": history}))


if __name__ == "__main__":
    main()
