"""Makes the songs that the network learns from, and keeps what it reads of them.

    python -m training.beats.songs --pop909 FOLDER --out SONGS --count 3000 --workers 2

A song is composed by us or taken from POP909, performed and recorded. Song k of a run depends on k alone, but for the
phases that the synthesiser keeps from song to song. Every tenth is for validation, and so is every tenth of POP909's
compositions: nothing of a validation song was heard in training. Files that are there already are kept, so a run may be
stopped and gone on with.
"""

import argparse
import multiprocessing
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from training.beats.compose import compose
from training.beats.composition import Composition
from training.beats.features import read_features
from training.beats.perform import SAMPLE_RATE_HZ, Recording, Studio, record, record_metronome, record_without_beat
from training.beats.pop909 import count_twice_as_fast, read_song, song_folders

VALIDATION_EVERY = 10
WITHOUT_BEAT, METRONOME = 0.03, 0.02
OWN_COMPOSITION = 0.68
# Slow pop of POP909 that is counted in eighths becomes fast music: so often, below so many BPM.
TWICE_AS_FAST, TWICE_BELOW_BPM = 0.45, 98.0


@dataclass(frozen=True, kw_only=True)
class Job:
    """Which songs one process makes."""

    pop909: Path
    out: Path
    first: int
    count: int
    step: int
    keep_audio: bool


def is_for_validation(index: int) -> bool:
    """Tell whether song `index` is kept out of training."""
    return index % VALIDATION_EVERY == 0


def draw_composition(index: int, folders: list[Path], rng: np.random.Generator) -> Composition:
    """Draw the music of song `index`."""
    if rng.random() < OWN_COMPOSITION:
        return compose(rng)
    validation = is_for_validation(index)
    allowed = [folder for k, folder in enumerate(folders) if (k % VALIDATION_EVERY == 0) == validation]
    while True:
        try:
            song = read_song(allowed[int(rng.integers(len(allowed)))])
        except ValueError:
            continue
        slow = song.natural_bpm is not None and song.natural_bpm < TWICE_BELOW_BPM
        return count_twice_as_fast(song) if slow and rng.random() < TWICE_AS_FAST else song


def make_song(index: int, folders: list[Path], studio: Studio) -> Recording:
    """Compose, perform and record song `index`."""
    rng = np.random.default_rng([index, 909])
    kind = rng.random()
    if kind < WITHOUT_BEAT:
        return record_without_beat(rng, studio)
    if kind < WITHOUT_BEAT + METRONOME:
        return record_metronome(rng)
    return record(draw_composition(index, folders, rng), studio, rng)


def keep(song: Recording, file: Path) -> None:
    """Write the features and the beats of a song, whole or not at all."""
    mel, change = read_features(song.samples)
    part = file.with_suffix(".part.npz")
    np.savez(
        part,
        mel=mel.astype(np.float16),
        change=change.astype(np.float16),
        beat_times_s=song.beat_times_s,
        is_downbeat=song.is_downbeat,
        beats_per_bar=song.beats_per_bar,
        bpm=song.bpm,
        drummed=song.drummed,
        kinds=np.array(song.kinds),
    )
    part.replace(file)


def work(job: Job) -> None:
    """Make one process's share of the songs."""
    studio, folders = Studio(), song_folders(job.pop909)
    began = time.monotonic()
    for done, index in enumerate(range(job.first, job.count, job.step)):
        file = job.out / f"{index:05d}.npz"
        if file.exists():
            continue
        song = make_song(index, folders, studio)
        keep(song, file)
        if job.keep_audio:
            import soundfile

            soundfile.write(file.with_suffix(".wav"), song.samples, SAMPLE_RATE_HZ)
        if done % 50 == 49:
            print(f"{index} of {job.count}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def main() -> None:
    """Read the command line and share the work out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pop909", type=Path, required=True, help="the data set's folder, with 001 to 909 in it")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep-audio", action="store_true", help="also write the songs, to listen to")
    args = parser.parse_args()
    song_folders(args.pop909)
    args.out.mkdir(parents=True, exist_ok=True)
    jobs = [
        Job(pop909=args.pop909, out=args.out, first=k, count=args.count, step=args.workers, keep_audio=args.keep_audio)
        for k in range(args.workers)
    ]
    with multiprocessing.get_context("spawn").Pool(args.workers) as pool:
        pool.map(work, jobs, chunksize=1)


if __name__ == "__main__":
    main()
