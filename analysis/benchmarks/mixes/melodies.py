"""Melodies: on-beat phrases in the key, the gaps between them, and voices that fill the gaps."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.arrays import Floats
from benchmarks.mixes.composing import Piece
from benchmarks.mixes.spec import Spec

GAP_S = 1.2
SHORTEST_S = 0.06
SILENT_PHRASE = 0.14
FAST_BPM = 130


@dataclass(frozen=True, kw_only=True)
class Sung:
    """A note of a melody."""

    start_s: float
    end_s: float
    midi: int


Line = Sequence[Sung]


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A rest between two notes."""

    start_s: float
    end_s: float


def write_melody(spec: Spec, lowest_midi: int, highest_midi: int, piece: Piece, rng: np.random.Generator) -> Line:
    """Write phrases with breaths between them over all sections in which someone sings or leads."""
    pool = [midi for midi in range(lowest_midi, highest_midi + 1) if spec.key.holds(midi)]
    notes: list[Sung] = []
    for section, (start_s, _) in zip(spec.sections, piece.written.sections_s, strict=True):
        if section.sung and (spec.arrangement != "none" or spec.lead):
            first_beat = int(np.argmin(np.abs(piece.clock.beats_s - start_s)))
            notes += _write_phrases(spec, pool, first_beat, section.bars * spec.meter, piece, rng)
    if len(notes) > 8:  # both ends of the range sound, so that the truth is what was drawn
        for place, index in enumerate(sorted(rng.choice(len(notes), 6, replace=False))):
            note = notes[index]
            midi = pool[0] if place % 2 else pool[-1]
            notes[index] = Sung(start_s=note.start_s, end_s=note.end_s, midi=midi)
    return _one_after_another(notes)


def _write_phrases(
    spec: Spec, pool: Sequence[int], first_beat: int, beats: int, piece: Piece, rng: np.random.Generator
) -> list[Sung]:
    """Write the phrases of a section."""
    in_threes, meter = spec.in_threes, spec.meter
    lengths = np.array([1, 1, 2, 3, 3, 4, 6]) / 3 if in_threes else np.array([0.5, 0.5, 0.5, 1, 1, 1.5, 2])
    phrase_beats = (4 if in_threes else 2) * meter
    seconds = piece.clock.seconds
    notes: list[Sung] = []
    beat = 0.0
    place = int(rng.integers(len(pool) // 4, 3 * len(pool) // 4 + 1))
    while beat < beats - 1:
        breath = rng.choice([1, 4 / 3, 2] if in_threes else [1, 1.5, 2])
        end = min(beat + phrase_beats - breath, beats - 0.25)
        if rng.random() < SILENT_PHRASE:
            beat += phrase_beats
            continue
        beat += rng.choice([0, 0, 1 / 3, 1] if in_threes else [0, 0, 0.5, 1])
        while beat < end - 0.2:
            length = float(rng.choice(lengths)) * (2 if spec.bpm > FAST_BPM else 1)
            length = min(length, max(lengths[0], end - beat))
            place = int(np.clip(place + rng.choice([-3, -2, -1, -1, 0, 1, 1, 2, 4]), 0, len(pool) - 1))
            notes.append(
                Sung(
                    start_s=float(seconds(first_beat + beat) + rng.normal(0, 0.012)),
                    end_s=seconds(first_beat + beat + length) - 0.015,
                    midi=pool[place],
                )
            )
            beat += length
        beat = float(np.ceil(beat / meter - 1e-6) * meter if rng.random() < 0.7 else beat + 1)
    return notes


def _one_after_another(notes: Line) -> Line:
    """End each note before the next begins, and leave out what is then too short to hear."""
    ends_s = [
        min(note.end_s, after.start_s - 0.005) if after else note.end_s
        for note, after in itertools.zip_longest(notes, notes[1:])
        if note
    ]
    trimmed = [
        Sung(start_s=max(0.0, note.start_s), end_s=end_s, midi=note.midi)
        for note, end_s in zip(notes, ends_s, strict=True)
    ]
    return [note for note in trimmed if note.end_s - note.start_s > SHORTEST_S]


def gaps_of(notes: Line) -> list[Gap]:
    """Return the rests of at least 1.2 s between the notes of a line."""
    pairs = itertools.pairwise(notes)
    return [
        Gap(start_s=before.end_s, end_s=after.start_s)
        for before, after in pairs
        if after.start_s - before.end_s >= GAP_S
    ]


def write_oohs(spec: Spec, lead: Line, piece: Piece, rng: np.random.Generator) -> list[Line]:
    """Write three held tones of the chord into most gaps of the lead: one line for each voice."""
    singer = spec.singer
    middle = int(np.clip(np.mean([singer.lowest_midi, singer.highest_midi]), 50, 70))
    bars_s: Floats = piece.clock.beats_s[:: spec.meter]
    roots = piece.written.roots
    voices: list[list[Sung]] = [[], [], []]
    for gap in gaps_of(lead):
        if rng.random() < 0.12:
            continue
        start_s = gap.start_s + 0.12
        end_s = min(gap.end_s - 0.12, gap.start_s + 9)
        cuts_s = [start_s, *(float(bar_s) for bar_s in bars_s if start_s + 0.4 < bar_s < end_s - 0.4), end_s]
        for begin_s, stop_s in itertools.pairwise(cuts_s):
            bar = int(np.clip(np.searchsorted(bars_s, begin_s + 0.05) - 1, 0, len(roots) - 1))
            for voice, step in zip(voices, (0, 2, 4), strict=True):
                pitch = spec.key.pitch((roots[bar] or 0) + step, 0)
                midi = middle - 6 + (pitch - middle + 6) % 12
                voice.append(Sung(start_s=begin_s, end_s=stop_s - 0.02, midi=midi))
    return list(voices)
