"""Tells how well riffscope, with its trained weights or others, follows the songs that were kept out of training.

    python -m training.beats.evaluate --pop909 FOLDER --count 1500
    python -m training.beats.evaluate --pop909 FOLDER --count 1500 --weights OLD NEW

Makes every tenth song anew, analyses it as a user's file, and prints the usual figures: F-measure of beats and of
downbeats (within 70 ms), CMLt (correct metrical level, total), accuracy 1 and 2 of the tempo (within 4 %). `peaks_f`
and `downbeat_peaks_f` are those of the network without the decoder, of the peaks of its curves above .4.

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
from typing import Any
from unittest import mock

os.environ.setdefault("OMP_NUM_THREADS", "1")

import mir_eval
import numpy as np
import numpy.typing as npt
import soundfile

from riffscope import load
from riffscope.errors import CannotMeasure
from riffscope.model import Measured, Outcome, Settings
from riffscope.models.beat_net import beat_reader, load_beat_reader
from riffscope.song import make
from riffscope.views import beat_activation
from riffscope.views.beat_activation import BeatActivation, activate_beats
from riffscope.views.beat_track import BeatTrack, follow_beats
from riffscope.views.mel_spectrum import MelSpectrum
from riffscope.views.mono import Mono
from riffscope.views.onset_strength import OnsetStrength
from riffscope.views.semitone_spectrogram import SemitoneSpectrogram
from training.beats.perform import SAMPLE_RATE_HZ, Recording, Studio
from training.beats.pop909 import song_folders
from training.beats.songs import VALIDATION_EVERY, make_song

NEAR = 0.04
# A curve says that there is a beat where it peaks above this.
PEAK = 0.4
METRES = {2: "6/8", 3: "3/4", 4: "4/4 or 12/8", 5: "5/4", 7: "7/4"}
# What the network and the decoder read.
VIEWS = (Mono, MelSpectrum, SemitoneSpectrogram, OnsetStrength)
Figures = dict[str, float]


def scores(song: Recording, track: BeatTrack | None) -> Figures:
    """Compare what was found with what was played; nothing found counts as wrong."""
    if track is None or len(track.times_s) < 2:
        return dict.fromkeys(("beat_f", "cmlt", "downbeat_f", "tempo_acc1", "tempo_acc2"), 0.0)
    trim = mir_eval.beat.trim_beats  # the first 5 s do not count
    truth, found = trim(song.beat_times_s), trim(track.times_s[track.is_heard])
    bpm = track.levels[0].bpm

    def near(factors: tuple[float, ...]) -> float:
        return float(any(abs(bpm / (song.bpm * factor) - 1) <= NEAR for factor in factors))

    return {
        "beat_f": mir_eval.beat.f_measure(truth, found),
        "cmlt": mir_eval.beat.continuity(truth, found)[1],
        "downbeat_f": _downbeat_f(song, track.times_s[track.downbeat_index[track.is_heard[track.downbeat_index]]]),
        "tempo_acc1": near((1,)),
        "tempo_acc2": near((1, 2, 3, 1 / 2, 1 / 3)),
    }


def peak_scores(song: Recording, activation: BeatActivation) -> Figures:
    """Compare the peaks of the curves with what was played."""
    trim = mir_eval.beat.trim_beats
    beats, downbeats = (
        peaks_s(curve, frame_rate_hz=activation.frame_rate_hz)
        for curve in (activation.probability, activation.downbeat_probability)
    )
    return {
        "peaks_f": mir_eval.beat.f_measure(trim(song.beat_times_s), trim(beats)),
        "downbeat_peaks_f": _downbeat_f(song, downbeats),
    }


def peaks_s(curve: npt.NDArray[np.float32], *, frame_rate_hz: float) -> npt.NDArray[np.float64]:
    """Return the seconds at which a curve (n_frames,) peaks above `PEAK`."""
    inner = curve[1:-1]
    peaks = np.flatnonzero((inner > PEAK) & (inner >= curve[:-2]) & (inner > curve[2:])) + 1
    return peaks / frame_rate_hz


def _downbeat_f(song: Recording, found: npt.NDArray[np.float64]) -> float:
    """Return the F-measure of downbeats; where no click stands out, there is no telling which begins a bar."""
    if not song.is_downbeat.any():
        return float("nan")
    trim = mir_eval.beat.trim_beats
    return float(mir_eval.beat.f_measure(trim(song.beat_times_s[song.is_downbeat]), trim(found)))


def kinds_of(song: Recording) -> list[str]:
    """Return what kinds of song it is one of."""
    speed = "below 90 BPM" if song.bpm < 90 else "90 to 140 BPM" if song.bpm < 140 else "above 140 BPM"
    steady = "steady" if np.std(np.diff(song.beat_times_s)) < 0.01 * 60 / song.bpm else "with changing tempo"
    drums = "with drums" if song.drummed else "without drums"
    metre = METRES.get(song.beats_per_bar, "other")
    return ["all", metre, speed, steady, drums, *(f"({kind})" for kind in song.kinds)]


def score_song(
    index: int, folders: list[Path], studio: Studio, weights: list[Path | None]
) -> tuple[list[str], list[Figures]]:
    """Make and analyse one song: what kinds of song it is one of, and its scores with each of the weights."""
    song = make_song(index, folders, studio)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "song.wav"
        soundfile.write(file, song.samples, SAMPLE_RATE_HZ, subtype="FLOAT")
        outcomes = make(load(file), VIEWS, threads=1).outcomes
    mono, spectrum, semitones, onsets = (_measured(outcomes[kind]) for kind in VIEWS)
    figures: list[Figures] = []
    for place in weights:
        reader = beat_reader(place) if place else load_beat_reader()
        with mock.patch.object(beat_activation, "load_beat_reader", return_value=reader):
            activation = activate_beats(spectrum, semitones, onsets)
        try:
            track: BeatTrack | None = follow_beats(mono, activation, onsets, Settings())
        except CannotMeasure:
            track = None
        if len(song.beat_times_s):
            figures.append(scores(song, track) | peak_scores(song, activation))
        else:
            minutes = len(song.samples) / SAMPLE_RATE_HZ / 60
            peaks = peaks_s(activation.probability, frame_rate_hz=activation.frame_rate_hz)
            figures.append(
                {
                    "refused": float(track is None),
                    "confidence": getattr(track, "confidence_fraction", 0.0),
                    "peaks_per_minute": len(peaks) / minutes,
                }
            )
    return (kinds_of(song) if len(song.beat_times_s) else ["without a beat"]), figures


def _measured(outcome: Outcome) -> Any:
    if not isinstance(outcome, Measured):
        raise TypeError(f"a song that we made cannot be read: {outcome}")
    return outcome.value


def work(args: tuple[Path, int, int, int, list[Path | None]]) -> list[tuple[list[str], list[Figures]]]:
    """Score one process's share."""
    pop909, first, count, step, weights = args
    folders, studio = song_folders(pop909), Studio()
    return [score_song(index, folders, studio, weights) for index in range(first, count, step)]


def means(rows: list[Figures]) -> Figures:
    """Return the mean of each figure over the songs that have it."""
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    return {
        name: float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")
        for name, values in columns.items()
    } | {"songs": len(rows)}


def main() -> None:
    """Read the command line, score, print a table for each of the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pop909", type=Path, required=True)
    parser.add_argument("--count", type=int, default=1500, help="songs of which every tenth is scored")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--weights", type=Path, nargs="+", help="folders of graphs to compare, other than the package's"
    )
    parser.add_argument("--json", type=Path, help="also write the figures here")
    args = parser.parse_args()
    weights: list[Path | None] = args.weights or [None]
    step = VALIDATION_EVERY * args.workers
    shares = [(args.pop909, VALIDATION_EVERY * k, args.count, step, weights) for k in range(args.workers)]
    with multiprocessing.get_context("spawn").Pool(args.workers) as pool:
        results = [result for share in pool.map(work, shares, chunksize=1) for result in share]
    tables: dict[str, dict[str, Figures]] = {}
    for place, folder in enumerate(weights):
        by_kind: dict[str, list[Figures]] = defaultdict(list)
        for kinds, figures in results:
            for kind in kinds:
                by_kind[kind].append(figures[place])
        table = {kind: means(rows) for kind, rows in sorted(by_kind.items())}
        tables[str(folder or "package")] = table
        print(folder or "the package's weights")
        for kind, row in table.items():
            print(f"{kind:24}" + "  ".join(f"{name} {value:.3f}" for name, value in row.items()))
    if args.json:
        args.json.write_text(json.dumps(tables, indent=1))


if __name__ == "__main__":
    main()
