"""Makes the songs that the chord network learns from, and keeps what it reads of them.

    python -m training.chords.songs --pop909 FOLDER --lead-sheets FOLDER --out SONGS --count 3600 --workers 2
    python -m training.chords.songs --pop909 FOLDER --lead-sheets FOLDER --out SONGS --count 3600 --sets SET SET

A song is one of POP909, a lead sheet, a riff or vamp of the beat network's composer, or drawn; it is arranged,
performed and recorded. Song k of a run depends on k alone, but for the phases that the synthesiser keeps from song to
song. Every tenth is for validation, and so is every tenth of POP909's songs and of the lead sheets: nothing of a
validation song was heard in training. Files that are there already are kept, so a run may be stopped and gone on with.

Sets that `benchmarks.mixes` rendered are read as riffscope reads songs, with its beats: as they are and with the vocals
separated, each twice, since there are few of them.
"""

import argparse
import itertools
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from benchmarks.items import Item, read_set
from riffscope.arrays import Float32s, Floats, Ints
from riffscope.chord_names import QUALITIES
from riffscope.dsp.tonality.chord_features import STEPS_PER_BEAT, chord_features, half_beats
from riffscope.load import load
from riffscope.model import Settings
from riffscope.song import make
from riffscope.views.accompaniment_spectrogram import AccompanimentSpectrogram
from riffscope.views.beat_track import BeatTrack
from riffscope.views.mono import MONO_RATE_HZ, Mono
from riffscope.views.semitone_spectrogram import N_FFT, SemitoneSpectrogram, gather_semitones
from training.beats.compose import compose
from training.beats.composition import Chord, Composition, Note, PartName, held
from training.beats.perform import Recording, Studio, record, record_without_beat
from training.beats.pop909 import read_chords, read_song, song_folders
from training.beats.songs import VALIDATION_EVERY, is_for_validation
from training.chords.arrange import arrange
from training.chords.lead_sheets import read_sheet, sheet_files
from training.chords.progressions import draw_progressions
from training.chords.qualities import read_harte

NAMES = tuple(QUALITIES)
TRIADS: dict[tuple[int, ...], str] = {(0, 4, 7): "maj", (0, 3, 7): "min", (0, 3, 6): "dim", (0, 4, 8): "aug"}
# Where songs come from.
SOURCES = {"pop909": 0.3, "lead sheet": 0.13, "riff": 0.3, "drawn": 0.27}
# Behind a riff: how often the bass doubles it, how often chords are held where there were none, and how softly.
BASS_DOUBLES, CHORDS_HELD, SOFTER = 0.4, 0.75, (0.45, 1.0)
CHORD_PARTS: tuple[PartName, ...] = ("comp", "pad")
# How loud a singer is against the band: as recorded, or what a separation leaves.
WITH_SINGER_DB, SEPARATED_DB = (-9.0, 5.0), (-40.0, -16.0)
SEPARATED = 0.6
# Beats are counted twice or half as fast as they should be so often: the tracker errs as well.
OTHER_LEVEL = 0.08
# Beats lie so far off, in seconds, as a standard deviation.
JITTER_S = 0.012
# Chords that only a riff and a bass imply teach so much less than those that are struck.
IMPLIED_WEIGHT = 0.25
# So many songs have no chord at all: talk, applause, noise.
WITHOUT_CHORDS = 0.03
# Where the drums play alone for most of a beat, it has no chord.
UNHEARD = 0.3
# Songs of rendered sets are numbered from here on, and counted so often.
RENDERED_FROM, RENDERED_TIMES = 90_000, 2
# Fewer struck half beats than this teach nothing.
MIN_STRUCK = 0.2
# Labels: the chord as root + 12 * quality, no chord, what counts for nothing.
NO_CHORD, IGNORED = 12 * len(QUALITIES), -1


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Where songs come from; files for training or for validation."""

    pop909: Sequence[Path]
    sheets: Sequence[Path]


@dataclass(frozen=True, kw_only=True)
class Job:
    """Which songs one process makes."""

    pop909: Path
    sheets: Path
    out: Path
    first: int
    count: int
    step: int


def draw_song(index: int, sources: Sources, rng: np.random.Generator) -> Composition:
    """Draw the music of song `index`, arranged."""
    kind = str(rng.choice(list(SOURCES), p=list(SOURCES.values())))
    if kind == "riff":
        return with_chords(named(compose(rng)), rng)
    if kind == "drawn":
        return arrange(draw_progressions(rng), rng)
    validation = is_for_validation(index)
    files = sources.pop909 if kind == "pop909" else sources.sheets
    allowed = [file for k, file in enumerate(files) if (k % VALIDATION_EVERY == 0) == validation]
    while True:
        try:
            file = allowed[int(rng.integers(len(allowed)))]
            song = read_pop(file) if kind == "pop909" else read_sheet(file)
        except ValueError:
            continue
        if kind == "pop909" and rng.random() < 0.45:  # another accompaniment than the piano's
            song = replace(song, parts={name: notes for name, notes in song.parts.items() if name == "lead"})
        return arrange(song, rng)


def named(song: Composition) -> Composition:
    """Name the triads of a song of the beat network's composer."""
    return replace(song, chords=tuple(replace(chord, quality=TRIADS.get(chord.intervals, "")) for chord in song.chords))


def with_chords(song: Composition, rng: np.random.Generator) -> Composition:
    """Let someone hold or strike the chords behind a riff, more softly than it; the bass may double it.

    A line that wanders, and a bass that goes with it, tell little of the chord that is played behind them.
    """
    parts: dict[PartName, list[Note]] = dict(song.parts)
    if parts.get("riff") and rng.random() < BASS_DOUBLES:
        parts["bass"] = [replace(note, midi=24 + note.midi % 12 + 12 * (note.midi % 12 < 4)) for note in parts["riff"]]
    if not parts.get("comp") and not parts.get("pad") and rng.random() < CHORDS_HELD:
        parts["pad"] = held(song.chords, base=48, accent=0.6)
    softer = float(rng.uniform(*SOFTER))
    for role in CHORD_PARTS:
        parts[role] = [replace(note, accent=softer * note.accent) for note in parts.get(role, [])]
    return replace(song, parts=parts)


def read_pop(folder: Path) -> Composition:
    """Read a song of POP909 with all that its chords are called."""
    song = read_song(folder)
    rows = np.loadtxt(folder / "beat_midi.txt")
    count = np.arange(len(rows)) - np.flatnonzero(rows[:, 2] == 1)[0]
    chords = []
    for start_s, end_s, label in read_chords(folder):
        chord = read_harte(label)
        start, end = (float(np.interp(at, rows[:, 0], count)) for at in (start_s, end_s))
        if chord is not None and end > max(start, 0.0):
            chords.append(
                Chord(
                    start_beats=max(start, 0.0),
                    end_beats=end,
                    root=chord.root,
                    intervals=chord.intervals,
                    quality=chord.quality,
                    bass=chord.bass,
                )
            )
    return replace(song, chords=tuple(chords), kind="pop909")


def labels(song: Recording, beats: int) -> tuple[Ints, Ints]:
    """Return the chord and the bass's pitch class of each half beat, -1 where nobody can say."""
    chord_at = np.full(STEPS_PER_BEAT * beats, NO_CHORD)
    bass_at = np.full(STEPS_PER_BEAT * beats, IGNORED)
    for chord in song.chords:
        begin, end = (round(STEPS_PER_BEAT * at) for at in (chord.start_beats, chord.end_beats))
        known = chord.quality in NAMES
        chord_at[begin:end] = chord.root + 12 * NAMES.index(chord.quality) if known else IGNORED
        bass_at[begin:end] = (chord.root + chord.bass) % 12 if known else IGNORED
    if song.band_fraction.size:
        unheard = np.repeat(song.band_fraction[:beats], STEPS_PER_BEAT) < UNHEARD
        chord_at[unheard], bass_at[unheard] = NO_CHORD, IGNORED
    return chord_at, bass_at


def counted(beats_s: Floats, rng: np.random.Generator) -> tuple[Floats, float]:
    """Return the beats as a tracker may have them, and how many of them make a true one."""
    found = beats_s + rng.normal(0, JITTER_S, len(beats_s))
    found = np.maximum.accumulate(np.maximum(found, 0)) + 1e-4 * np.arange(len(found))
    draw = rng.random()
    if draw < OTHER_LEVEL / 2:
        return found[::2], 0.5
    if draw < OTHER_LEVEL:
        halves = np.interp(np.arange(2 * len(found) - 1) / 2, np.arange(len(found)), found)
        return halves, 2.0
    return found, 1.0


def keep(song: Recording, file: Path, rng: np.random.Generator) -> None:
    """Write the features and the chords of a song, whole or not at all."""
    mono = Mono(samples=song.samples, sample_rate_hz=MONO_RATE_HZ)
    semitones = gather_semitones(mono)
    beats_s, per_beat = counted(song.beat_times_s, rng)
    read = features_of(semitones, half_beats(beats_s)[:-STEPS_PER_BEAT])  # the last beat only ends the song
    chord_at, bass_at = labels(song, len(song.beat_times_s) - 1)
    # The label of a step is that of its middle.
    middle = np.floor((np.arange(read.shape[2]) + 0.5) / per_beat).astype(int)
    middle = np.clip(middle, 0, len(chord_at) - 1)
    struck = "no beat" in song.kinds or bool(song.played & {"comp", "pad"}) or "drawn, power" in song.kinds
    _write(
        file,
        features=read.astype(np.float16),
        chord=chord_at[middle].astype(np.int16),
        bass=bass_at[middle].astype(np.int16),
        downbeats=np.round(STEPS_PER_BEAT * per_beat * np.flatnonzero(song.is_downbeat)).astype(np.int64),
        weight=np.float32(1.0 if struck else IMPLIED_WEIGHT),
        has_bass="bass" in song.played,
        kinds=np.array(song.kinds),
    )


def make_song(index: int, sources: Sources, studio: Studio, rng: np.random.Generator) -> Recording:
    """Draw, perform and record song `index`."""
    if rng.random() < WITHOUT_CHORDS:
        return without_chords(studio, rng)
    voice_db = SEPARATED_DB if rng.random() < SEPARATED else WITH_SINGER_DB
    return record(draw_song(index, sources, rng), studio, rng, interrupted=False, voice_db=voice_db)


def without_chords(studio: Studio, rng: np.random.Generator) -> Recording:
    """Record talk, applause or noise, cut into beats of any length."""
    while True:
        song = record_without_beat(rng, studio)
        if not {"random notes", "drone"} & set(song.kinds):
            break
    beat_s = float(rng.uniform(0.35, 0.8))
    return replace(song, beat_times_s=np.arange(0.1, len(song.samples) / MONO_RATE_HZ - beat_s, beat_s))


def keep_rendered(items: Sequence[Item], out: Path) -> None:
    """Write the features and the chords of rendered songs, those that someone strikes."""
    numbers = (number for number in itertools.count(RENDERED_FROM) if not is_for_validation(number))
    for item in items:
        chords = item.whole_truth().get("chords") or []
        made = make(load(item.path), [BeatTrack, SemitoneSpectrogram, AccompanimentSpectrogram], settings=Settings())
        track, heard = made.get(BeatTrack), made.get(AccompanimentSpectrogram)
        if track is None or heard is None or not chords:
            continue
        edges_s = half_beats(track.times_s)
        chord_at = np.full(len(edges_s) - 1, NO_CHORD)
        for chord in chords:
            first, last = np.searchsorted((edges_s[:-1] + edges_s[1:]) / 2, [chord["start"], chord["end"]])
            known = read_harte(chord["label"]) if chord["struck"] else None
            chord_at[first:last] = known.root + 12 * NAMES.index(known.quality) if known else IGNORED
        if np.mean(chord_at >= 0) < MIN_STRUCK:
            continue
        for semitones in (heard.semitones or made[SemitoneSpectrogram], made[SemitoneSpectrogram]):
            read = features_of(semitones, edges_s)
            for _ in range(RENDERED_TIMES):
                _write(
                    out / f"{next(numbers):05d}.npz",
                    features=read.astype(np.float16),
                    chord=chord_at.astype(np.int16),
                    bass=np.full(len(chord_at), IGNORED, np.int16),
                    downbeats=STEPS_PER_BEAT * track.downbeat_index,
                    weight=np.float32(1.0),
                    has_bass=False,
                    kinds=np.array(["rendered mix"]),
                )


def features_of(semitones: SemitoneSpectrogram, edges_s: Floats) -> Float32s:
    """Return what the network reads of a song between some moments, but for the bars."""
    return chord_features(
        semitones.magnitudes,
        edges_s,
        frame_rate_hz=semitones.frame_rate_hz,
        lowest_midi=semitones.lowest_midi,
        sample_rate_hz=MONO_RATE_HZ,
        n_fft=N_FFT,
    )


def _write(file: Path, **arrays: Any) -> None:
    """Write a file whole or not at all."""
    part = file.with_suffix(".part.npz")
    np.savez(part, **arrays)
    part.replace(file)


def work(job: Job) -> None:
    """Make one process's share of the songs."""
    studio = Studio()
    sources = Sources(pop909=song_folders(job.pop909), sheets=sheet_files(job.sheets))
    began = time.monotonic()
    for done, index in enumerate(range(job.first, job.count, job.step)):
        file = job.out / f"{index:05d}.npz"
        if file.exists():
            continue
        rng = np.random.default_rng([index, 133])
        keep(make_song(index, sources, studio, rng), file, rng)
        if done % 50 == 49:
            print(f"{index} of {job.count}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def main() -> None:
    """Read the command line and share the work out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pop909", type=Path, required=True, help="the data set's folder, with 001 to 909 in it")
    parser.add_argument("--lead-sheets", type=Path, required=True, help="OpenEWLD's folder, with its *.mxl")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--sets", type=Path, nargs="*", default=[], help="rendered sets to read as well")
    args = parser.parse_args()
    song_folders(args.pop909)
    sheet_files(args.lead_sheets)
    args.out.mkdir(parents=True, exist_ok=True)
    jobs = [
        Job(pop909=args.pop909, sheets=args.lead_sheets, out=args.out, first=k, count=args.count, step=args.workers)
        for k in range(args.workers)
    ]
    with multiprocessing.get_context("spawn").Pool(args.workers) as pool:
        pool.map(work, jobs, chunksize=1)
    keep_rendered([item for folder in args.sets for item in read_set(folder)], args.out)


if __name__ == "__main__":
    main()
