"""Make a test set of chords out of the lead sheets that no training hears, arranged and played otherwise than there.

    python -m training.chords.kept_out_sheets --lead-sheets FOLDER --out SET --count 30 --seed 0

Data
    OpenEWLD (MIT licence; songs in the public domain): popular songs of 1900 to 1950, rich in sevenths. Every tenth
    sheet is kept out of training; those are used here.
Method
    A tempo is drawn and drifts a little; half of the songs swing. Melody as written, chords in one of `MANNERS`, all
    through the song; the rest is that of `training.chords.kept_out`: half of the songs have a bass, half have drums,
    and the sound fonts are those that training does not know. A song without a bass has a left hand.
Writes
    ``manifest.json`` and, beside each sound, its beats and its truth, as `benchmarks.items` reads them. The chords are
    exact: what is written is what is played.
"""

import itertools
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from riffscope.arrays import Floats
from riffscope.notes import SHARPS
from training.beats.composition import Chord, Composition
from training.beats.songs import is_for_validation
from training.chords.kept_out import (
    BASS,
    LOWEST_BASS_MIDI,
    MELODY,
    PIANO,
    SECONDS,
    Event,
    Excerpt,
    drum_track,
    hire,
    read_command_line,
    write_manifest,
    write_note,
    write_song,
)
from training.chords.lead_sheets import read_sheet, sheet_files
from training.chords.qualities import DEGREES, HARTE

BPM = (80.0, 180.0)
DRIFT = 0.015
"""Standard deviation of the length of a beat against that of the song; it wanders, and comes back in some 20 beats."""
SWING = (0.58, 0.68)
"""Where the second eighth of a beat lies in songs that swing."""
HUMAN_S = 0.008
"""Standard deviation of onsets against the beat."""
MANNERS = ("held", "beats", "after", "offbeats", "broken")
"""Chords held; on each beat; on each beat but the first; between the beats; as eighths, up and down."""
LOWEST_CHORD_MIDI = (48, 60)
# What `mir_eval` reads in the place of shorthands that it does not know.
SPELT = {"add9": "maj(9)", "aug7": "aug(b7)"}
SHORTHANDS = {intervals: SPELT.get(name, name) for name, (intervals, _) in HARTE.items()}
BASS_DEGREES = {semitones: degree for degree, semitones in DEGREES.items()} | {1: "b2"}


@dataclass(frozen=True, kw_only=True)
class Performance:
    """A song with its places in time, played as often as makes an excerpt.

    Attributes
    ----------
    beats_s : array, shape (n + 1,)
        The beats of all rounds, and the end.
    offbeat : float
        Where the second eighth of a beat lies, .5 where it does not swing.
    """

    song: Composition
    rounds: int
    beats_s: Floats
    offbeat: float

    def time_s(self, beat: float) -> float:
        """Return when a place counted in beats comes."""
        whole = np.floor(beat)
        part = np.interp(beat - whole, [0, 0.5, 1], [0, self.offbeat, 1])
        return float(np.interp(whole + part, np.arange(len(self.beats_s)), self.beats_s))

    def chords(self) -> Iterator[Chord]:
        """Yield the chords of all rounds, in beats from the start of the first."""
        for first in range(0, self.rounds * self.song.beat_count, self.song.beat_count):
            for chord in self.song.chords:
                yield Chord(
                    start_beats=chord.start_beats + first,
                    end_beats=chord.end_beats + first,
                    root=chord.root,
                    intervals=chord.intervals,
                    bass=chord.bass,
                )


def label(chord: Chord) -> str:
    """Return a chord's name in Harte's notation, with all that it holds: ``F#:maj6/5``."""
    bass = f"/{BASS_DEGREES[chord.bass]}" if chord.bass else ""
    return f"{SHARPS[chord.root]}:{SHORTHANDS[chord.intervals]}{bass}"


def perform(song: Composition, rng: np.random.Generator) -> Performance:
    """Draw tempo, drift and swing."""
    beat_s = 60 / float(np.exp(rng.uniform(*np.log(BPM))))
    rounds = int(np.ceil(SECONDS[1] / (beat_s * song.beat_count)))
    drift = np.zeros(rounds * song.beat_count)
    for k in range(1, len(drift)):
        drift[k] = 0.95 * drift[k - 1] + rng.normal(0, DRIFT * np.sqrt(1 - 0.95**2))
    beats_s = np.concatenate([[0.0], np.cumsum(beat_s * (1 + drift))])
    offbeat = float(rng.uniform(*SWING)) if rng.random() < 0.5 else 0.5
    return Performance(song=song, rounds=rounds, beats_s=beats_s, offbeat=offbeat)


def cut(played: Performance, rng: np.random.Generator) -> Excerpt:
    """Choose a piece between two bar lines by lot."""
    count = played.song.beat_count
    bars = [start + k * count for k in range(played.rounds) for start in played.song.bar_starts]
    bars_s = played.beats_s[[*bars, len(played.beats_s) - 1]]
    pairs = [(a, b) for a, b in itertools.combinations(bars_s, 2) if SECONDS[0] <= b - a <= SECONDS[1]]
    start_s, end_s = pairs[int(rng.integers(len(pairs)))]
    chords: list[tuple[float, float, str]] = []
    last_s = float(start_s)
    for chord in played.chords():
        begins = max(float(start_s), played.time_s(chord.start_beats))
        ends = min(float(end_s), played.time_s(chord.end_beats))
        if ends - begins < 0.01:
            continue
        if begins - last_s > 0.01:
            chords.append((last_s, begins, "N"))
        chords.append((begins, ends, label(chord)))
        last_s = ends
    if end_s - last_s > 0.01:
        chords.append((last_s, float(end_s), "N"))
    beats_s = played.beats_s
    return Excerpt(
        start_s=float(start_s),
        end_s=float(end_s),
        beats_s=beats_s[(beats_s >= start_s) & (beats_s <= end_s)],
        downbeats_s=bars_s[(bars_s >= start_s) & (bars_s < end_s)],
        chords=chords,
    )


def melody(played: Performance) -> Iterator[tuple[int, int, float, float]]:
    """Yield channel, pitch, start and end in beats of the tune's notes."""
    for first in range(0, played.rounds * played.song.beat_count, played.song.beat_count):
        for note in played.song.parts["lead"]:
            start = note.start_beats + first
            yield MELODY, note.midi, start, start + 0.95 * note.length_beats


def accompaniment(
    played: Performance, rng: np.random.Generator, *, has_bass: bool
) -> Iterator[tuple[int, int, float, float]]:
    """Yield channel, pitch, start and end in beats of chords and bass."""
    manner = str(rng.choice(MANNERS))
    low = int(rng.integers(*LOWEST_CHORD_MIDI))
    for chord in played.chords():
        voices = sorted(low + (chord.root + k - low) % 12 for k in chord.intervals)
        lowest = LOWEST_BASS_MIDI + (chord.root + chord.bass - LOWEST_BASS_MIDI) % 12
        below, channel = (lowest, BASS) if has_bass else (lowest + 12, PIANO)
        yield channel, below, chord.start_beats, chord.end_beats - 0.1
        for start, end, struck in struck_in(manner, chord, len(voices)):
            for voice in struck:
                yield PIANO, voices[voice], start, end


def struck_in(manner: str, chord: Chord, count: int) -> Iterator[tuple[float, float, Sequence[int]]]:
    """Yield when some of a chord's voices sound, in beats, and which."""
    everyone, start, end = range(count), chord.start_beats, chord.end_beats
    steps = [start, *np.arange(np.floor(start) + 1, end - 0.01)]
    if manner == "beats":
        yield from ((at, min(end, at + 0.8), everyone) for at in steps)
    elif manner == "after" and len(steps) > 1:
        yield from ((at, min(end, at + 0.6), everyone) for at in steps[1:])
    elif manner == "offbeats":
        yield from ((at + 0.5, min(end, at + 0.9), everyone) for at in steps if at + 0.6 < end)
    elif manner == "broken":
        ladder = [*everyone, *range(count - 2, 0, -1)]
        for k, at in enumerate(np.arange(start, end - 0.01, 0.5)):
            yield float(at), end, (ladder[k % len(ladder)],)
    else:
        yield start, end - 0.1, everyone


def make_song(file: Path, name: str, place: int, seed: int, out: Path) -> dict[str, Any]:
    """Write one song with its beats and its truth, and return its entry in the manifest.

    Raises
    ------
    ValueError
        The sheet cannot be read (see `training.chords.lead_sheets.read_sheet`).
    """
    rng = np.random.default_rng([seed, place, len(file.name)])
    played = perform(read_sheet(file), rng)
    excerpt = cut(played, rng)
    band = hire(place, rng)
    events: list[Event] = []
    notes = itertools.chain(melody(played), accompaniment(played, rng, has_bass=band.has_bass))
    for channel, pitch, start, end in notes:
        start_s, end_s = played.time_s(start), min(excerpt.end_s, played.time_s(end))
        if excerpt.start_s - 1e-6 <= start_s < end_s - 0.03:
            late_s = max(excerpt.start_s, start_s + float(np.clip(rng.normal(0, HUMAN_S), -0.02, 0.02)))
            events += write_note(channel, pitch, int(rng.integers(60, 100)), late_s, end_s)
    if band.has_drums:
        events += drum_track(excerpt, rng, offbeat=played.offbeat)
    item = write_song(out / name, excerpt, events, band, rng)
    return item | {"source_repo": "OpenEWLD", "source_path": file.stem, "licence": "MIT; the song: public domain"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, and make the set."""
    about = "OpenEWLD's folder, with its *.mxl"
    options = read_command_line(__doc__, arguments, source="--lead-sheets", about=about, count=30)
    kept_out = [(k, file) for k, file in enumerate(sheet_files(options.lead_sheets)) if is_for_validation(k)]
    items: list[dict[str, Any]] = []
    for choice in np.random.default_rng(options.seed).permutation(len(kept_out)):
        k, file = kept_out[choice]
        try:
            items.append(make_song(file, f"sheet{k:03d}", len(items), options.seed, options.out))
        except ValueError as why:
            print(why, file=sys.stderr)
        if len(items) == options.count:
            break
    write_manifest(options.out, items, f"training.chords.kept_out_sheets --seed {options.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
