"""Tells how well riffscope, with its trained weights, follows the songs that were kept out of training.

    python -m training.beats.evaluate --pop909 FOLDER --count 1500

Makes every tenth song anew, analyses it as a user's file, and prints the usual figures: F-measure of beats and of
downbeats (within 70 ms), CMLt (correct metrical level, total), accuracy 1 and 2 of the tempo (within 4 %).

References
----------
Davies, Degara & Plumbley, "Evaluation methods for musical audio beat tracking algorithms", 2009.
"""

import argparse
import json
import multiprocessing
import os
import tempfile
from collections import defaultdict
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import mir_eval
import numpy as np
import soundfile

from riffscope import load
from riffscope.model import Measured
from riffscope.song import make
from riffscope.views.beat_track import BeatTrack
from training.beats.perform import SAMPLE_RATE_HZ, Recording, Studio
from training.beats.pop909 import song_folders
from training.beats.songs import VALIDATION_EVERY, make_song

NEAR = 0.04
FIGURES = ("beat_f", "cmlt", "downbeat_f", "tempo_acc1", "tempo_acc2")


def scores(song: Recording, track: BeatTrack | None) -> dict[str, float]:
    """Compare what was found with what was played; nothing found counts as wrong."""
    if track is None or len(track.times_s) < 2:
        return dict.fromkeys(FIGURES, 0.0)
    trim = mir_eval.beat.trim_beats  # the first 5 s do not count
    truth, found = trim(song.beat_times_s), trim(track.times_s)
    bpm = track.levels[0].bpm

    def near(factors: tuple[float, ...]) -> float:
        return float(any(abs(bpm / (song.bpm * factor) - 1) <= NEAR for factor in factors))

    return {
        "beat_f": mir_eval.beat.f_measure(truth, found),
        "cmlt": mir_eval.beat.continuity(truth, found)[1],
        # Where no click stands out, there is no telling which begins a bar.
        "downbeat_f": mir_eval.beat.f_measure(
            trim(song.beat_times_s[song.is_downbeat]), trim(track.times_s[track.downbeat_index])
        )
        if song.is_downbeat.any()
        else float("nan"),
        "tempo_acc1": near((1,)),
        "tempo_acc2": near((1, 2, 3, 1 / 2, 1 / 3)),
    }


def score_song(index: int, folders: list[Path], studio: Studio) -> tuple[list[str], dict[str, float]]:
    """Make and analyse one song: what kinds of song it is one of, and its scores."""
    song = make_song(index, folders, studio)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "song.wav"
        soundfile.write(file, song.samples, SAMPLE_RATE_HZ, subtype="FLOAT")
        outcome = make(load(file), [BeatTrack], threads=1).outcomes[BeatTrack]
    track = outcome.value if isinstance(outcome, Measured) else None
    if not len(song.beat_times_s):
        return ["without a beat"], {
            "refused": float(track is None),
            "confidence": getattr(track, "confidence_fraction", 0.0),
        }
    metre = {2: "6/8", 3: "3/4", 4: "4/4 or 12/8"}.get(song.beats_per_bar, "other")
    speed = "below 90 BPM" if song.bpm < 90 else "90 to 140 BPM" if song.bpm < 140 else "above 140 BPM"
    steady = "steady" if np.std(np.diff(song.beat_times_s)) < 0.01 * 60 / song.bpm else "with changing tempo"
    kinds = ["all", metre, speed, steady, "with drums" if song.drummed else "without drums"]
    return kinds, scores(song, track)


def work(args: tuple[Path, int, int, int]) -> list[tuple[list[str], dict[str, float]]]:
    """Score one process's share."""
    pop909, first, count, step = args
    folders, studio = song_folders(pop909), Studio()
    return [score_song(index, folders, studio) for index in range(first, count, step)]


def main() -> None:
    """Read the command line, score, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pop909", type=Path, required=True)
    parser.add_argument("--count", type=int, default=1500, help="songs of which every tenth is scored")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    args = parser.parse_args()
    step = VALIDATION_EVERY * args.workers
    shares = [(args.pop909, VALIDATION_EVERY * k, args.count, step) for k in range(args.workers)]
    with multiprocessing.get_context("spawn").Pool(args.workers) as pool:
        results = [result for share in pool.map(work, shares, chunksize=1) for result in share]
    by_kind: dict[str, list[dict[str, float]]] = defaultdict(list)
    for kinds, figures in results:
        for kind in kinds:
            by_kind[kind].append(figures)
    means = {
        kind: {name: float(np.nanmean([row[name] for row in rows])) for name in rows[0]} | {"songs": len(rows)}
        for kind, rows in by_kind.items()
    }
    for kind, figures in means.items():
        print(f"{kind:22}" + "  ".join(f"{name} {value:.3f}" for name, value in figures.items()))
    if args.json:
        args.json.write_text(json.dumps(means, indent=1))


if __name__ == "__main__":
    main()
