"""Trains the network on songs that `songs.py` made.

    python -m training.beats.train --songs SONGS --out net.pt --epochs 18
    python -m training.beats.train --songs SONGS --out net.pt --epochs 14 --start FOLDER --rate 1.5e-3

Every tenth song is kept out and tells how it goes. The weights that are kept are the running mean of the last few
hundred steps. Given the same songs, the same number of epochs and the same machine, a run gives the same weights. The
second line goes on from a network that has learnt before, more gently.
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

from riffscope.models.beat_net import TEMPO_CLASSES
from training.beats.export import load_net
from training.beats.net import BeatNet, tempo_class
from training.beats.songs import is_for_validation
from training.common.descent import Descent

Float32s = npt.NDArray[np.float32]

FRAME_RATE_HZ = 50
CROP_FRAMES = 2000  # 40 s
# So many batches are of clips, which a network that only ever saw long songs would misread.
CLIPS, CLIP_FRAMES = 0.08, (125, 800)
# So many crops begin where the song does: bars are counted from there.
FROM_START = 0.2
BATCH = 6
LEARNING_RATE, MIN_LEARNING_RATE = 2.5e-3, 3e-5
# Beats are rare among frames, downbeats rarer.
BEAT_POS_WEIGHT, DOWNBEAT_POS_WEIGHT = 4.0, 10.0
TEMPO_WEIGHT = 0.1
SEED = 7


@dataclass(frozen=True, kw_only=True)
class Song:
    """Features and beats of one song; times in frames."""

    mel: npt.NDArray[np.float16]
    change: npt.NDArray[np.float16]
    beats: npt.NDArray[np.float64]
    downbeats: npt.NDArray[np.float64]


def load_songs(folder: Path) -> tuple[list[Song], list[Song]]:
    """Return the songs to learn from and those to check with."""
    learn: list[Song] = []
    check: list[Song] = []
    for file in sorted(folder.glob("[0-9]*.npz")):
        if file.name.endswith(".part.npz"):
            continue
        with np.load(file) as kept:
            beats = kept["beat_times_s"] * FRAME_RATE_HZ
            song = Song(
                mel=kept["mel"], change=kept["change"], beats=beats, downbeats=beats[kept["is_downbeat"].astype(bool)]
            )
        (check if is_for_validation(int(file.stem)) else learn).append(song)
    return learn, check


def targets(song: Song, first: float, stretch: float, frames: int) -> Float32s:
    """Return the wanted curves (2, frames): 1 at a beat, half of it a frame before and after."""
    out = np.zeros((2, frames), np.float32)
    for row, times in enumerate((song.beats, song.downbeats)):
        places = np.round((times - first) * stretch).astype(int)
        for offset, height in ((-1, 0.5), (1, 0.5), (0, 1.0)):
            inside = places + offset
            inside = inside[(inside >= 0) & (inside < frames)]
            out[row, inside] = np.maximum(out[row, inside], height)
    return out


def crop(song: Song, frames: int, rng: np.random.Generator) -> tuple[Float32s, Float32s, Float32s, float]:
    """Cut so many frames out of a song, played at another speed and recorded otherwise.

    Returns the mel spectrum, the change, the wanted curves and the tempo in BPM (0 without beats).
    """
    stretch = float(np.exp(rng.uniform(-0.12, 0.12))) if rng.random() < 0.5 else 1.0
    total = song.mel.shape[1]
    needed = frames / stretch
    first = 0.0 if rng.random() < FROM_START else float(rng.integers(0, max(1, int(total - needed))))
    at = first + np.arange(frames) / stretch
    mel, change = _sampled(song.mel, at), _sampled(song.change, at)
    beyond = at > total - 1
    if beyond.any():
        mel[:, beyond] = mel.min()
        change[:, beyond] = 0
    # Another equaliser, another tuning, a hole in the spectrum, a fader that moves.
    bands = len(mel)
    mel += np.interp(np.arange(bands), np.linspace(0, bands - 1, 6), rng.normal(0, 0.35, 6))[:, None].astype(np.float32)
    mel = np.roll(mel, int(rng.integers(-3, 4)), axis=0)
    if rng.random() < 0.3:
        low = int(rng.integers(0, bands - 10))
        mel[low : low + int(rng.integers(4, 16))] = mel.mean()
    if rng.random() < 0.3:
        mel += np.interp(np.arange(frames), np.linspace(0, frames, 5), rng.normal(0, 0.3, 5)).astype(np.float32)
    if rng.random() < 0.12:
        change[:] = 0
    beats = song.beats[(song.beats >= first) & (song.beats < first + needed)]
    bpm = 60 * FRAME_RATE_HZ / float(np.median(np.diff(beats))) * (1 / stretch) if len(beats) > 3 else 0.0
    return mel, change, targets(song, first, stretch, frames), bpm


def _sampled(features: npt.NDArray[np.float16], at: npt.NDArray[np.float64]) -> Float32s:
    """Read features (k, n) between frames."""
    left = np.clip(at.astype(np.int64), 0, features.shape[1] - 2)
    part = np.clip(at - left, 0, 1).astype(np.float32)
    low, high = features[:, left].astype(np.float32), features[:, left + 1].astype(np.float32)
    return low + part * (high - low)


def tempo_targets(bpm: Tensor) -> Tensor:
    """Return the wanted distribution over tempo classes, (batch, 64): a bell of one class's width.

    The outermost classes stand for what lies beyond them, too.
    """
    wanted = tempo_class(bpm.clamp(min=1)).clamp(0, TEMPO_CLASSES - 1)
    places = torch.arange(TEMPO_CLASSES)[None] - wanted[:, None]
    bell = torch.exp(-0.5 * places**2)
    return bell / bell.sum(dim=1, keepdim=True).clamp(min=1e-6)


def loss_of(curves: Tensor, tempo: Tensor, wanted: Tensor, bpm: Tensor) -> Tensor:
    """Return the loss: cross-entropy of the curves, and of the tempo where there is one."""
    weights = torch.tensor([[BEAT_POS_WEIGHT], [DOWNBEAT_POS_WEIGHT]])
    of_curves = functional.binary_cross_entropy_with_logits(curves, wanted, pos_weight=weights)
    known = bpm > 0
    of_tempo = functional.cross_entropy(tempo[known], tempo_targets(bpm[known])) if known.any() else tempo.sum() * 0
    return of_curves + TEMPO_WEIGHT * of_tempo


def batches(songs: list[Song], rng: np.random.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
    """Go once through all songs in a new order."""
    order = rng.permutation(len(songs))
    for first in range(0, len(order) - BATCH + 1, BATCH):
        frames = int(rng.integers(*CLIP_FRAMES)) if rng.random() < CLIPS else CROP_FRAMES
        cut = [crop(songs[k], frames, rng) for k in order[first : first + BATCH]]
        mel, change, wanted = (torch.from_numpy(np.stack([item[k] for item in cut])) for k in range(3))
        yield mel, change, wanted, torch.tensor([item[3] for item in cut], dtype=torch.float32)


@torch.no_grad()
def check_loss(net: BeatNet, songs: list[Song]) -> tuple[float, float]:
    """Return the loss and the share of tempi within 4 % on songs that were kept out."""
    net.eval()
    losses, right = [], []
    for song in songs:
        mel = torch.from_numpy(song.mel.astype(np.float32))[None]
        change = torch.from_numpy(song.change.astype(np.float32))[None]
        wanted = torch.from_numpy(targets(song, 0.0, 1.0, mel.shape[2]))[None]
        bpm = 60 * FRAME_RATE_HZ / float(np.median(np.diff(song.beats))) if len(song.beats) > 8 else 0.0
        curves, tempo = net(mel, change)
        losses.append(loss_of(curves, tempo, wanted, torch.tensor([bpm])).item())
        if bpm:
            right.append(abs(float(tempo_class(torch.tensor(bpm))) - int(tempo.argmax())) < 1.5)
    return float(np.mean(losses)), float(np.mean(right))


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--songs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=18)
    parser.add_argument("--channels", type=int, default=44)
    parser.add_argument("--layers", type=int, default=9)
    parser.add_argument("--limit", type=int, help="learn from so many songs only")
    parser.add_argument(
        "--threads", type=int, default=2, help="1 where the other cores are busy: threads wait for each other"
    )
    parser.add_argument("--start", type=Path, help="weights to go on from: a file of this script or a folder of graphs")
    parser.add_argument("--rate", type=float, default=LEARNING_RATE, help="the learning rate at first")
    args = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(args.threads)
    rng = np.random.default_rng(SEED)
    learn, check = load_songs(args.songs)
    learn, check = learn[: args.limit], check[:100]
    net = load_net(args.start) if args.start else BeatNet(channels=args.channels, layers=args.layers)
    print(f"{len(learn)} songs, {sum(p.numel() for p in net.parameters())} parameters", flush=True)
    steps = args.epochs * (len(learn) // BATCH)
    descent = Descent(net, steps=steps, rate=args.rate, min_rate=MIN_LEARNING_RATE)
    mean, began = descent.mean, time.monotonic()
    history = []
    for epoch in range(args.epochs):
        net.train()
        seen = []
        for mel, change, wanted, bpm in batches(learn, rng):
            # Half precision where the processor has it: a third of the time, and no worse.
            with torch.autocast("cpu", dtype=torch.bfloat16):
                curves, tempo = net(mel, change)
            loss = loss_of(curves.float(), tempo.float(), wanted, bpm)
            descent.step(loss)
            seen.append(loss.item())
        checked, tempo_right = check_loss(mean, check)
        history.append({"epoch": epoch + 1, "learnt": float(np.mean(seen)), "checked": checked, "tempo": tempo_right})
        print(
            f"epoch {epoch + 1}: loss {np.mean(seen):.4f}, on songs kept out {checked:.4f}, their tempo "
            f"{tempo_right:.2f}; {time.monotonic() - began:.0f} s",
            flush=True,
        )
        torch.save(mean.state_dict(), args.out)
        args.out.with_suffix(".json").write_text(json.dumps({"songs": len(learn), "history": history}))


if __name__ == "__main__":
    main()
