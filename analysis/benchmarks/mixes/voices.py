"""The singers of a song: a lead, and what is sung beside it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.arrays import Floats, Mask
from benchmarks.mixes.composing import Piece
from benchmarks.mixes.effects import amplitude
from benchmarks.mixes.melodies import Line, Sung, write_melody, write_oohs
from benchmarks.mixes.singing import HOP_S, Voice, read_voice, sing
from benchmarks.mixes.soundfont import RATE_HZ, Stereo
from benchmarks.mixes.spec import Spec

LATEST_S = 0.03


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one singer has to sing: kind, place (-1 left .. 1 right), level against the lead."""

    kind: str
    pan: float
    level_db: float
    notes: Line
    held: bool = False
    detune_cents: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A part as sung; pitch (k,) in hertz at 5 ms, 0 where it is silent."""

    part: Part
    pitch_hz: Floats


@dataclass(frozen=True, kw_only=True)
class Choir:
    """All voices of a song, the lead first.

    Attributes
    ----------
    stereo : ndarray
        (n, 2), dry, with the lead at an RMS of 1 while it sings.
    front : ndarray
        The lead and its doubles alone, (n,).
    """

    stereo: Stereo
    front: Floats
    layers: tuple[Layer, ...]

    @property
    def lead(self) -> Layer:
        """The lead."""
        return self.layers[0]


def sing_song(spec: Spec, piece: Piece, *, length_s: float, voices: Path, rng: np.random.Generator) -> Choir:
    """Write and sing all parts of a song; `voices` is the folder of recorded solo voices."""
    voice = read_voice(voices / f"{spec.singer.source}.wav")
    parts = write_parts(spec, piece, rng)
    count = int(length_s * RATE_HZ)
    stereo, front = np.zeros((count, 2)), np.zeros(count)
    layers = []
    for part in parts:
        samples, pitch_hz = _sing_part(part, spec, voice, length_s, rng)
        samples = samples * amplitude(part.level_db)
        angle = (part.pan + 1) * np.pi / 4
        stereo += samples[:, None] * np.sqrt(2) * np.array([np.cos(angle), np.sin(angle)])
        if part.kind in {"lead", "double"}:
            front += samples
        layers.append(Layer(part=part, pitch_hz=pitch_hz))
    return Choir(stereo=stereo, front=front, layers=tuple(layers))


def _sing_part(
    part: Part, spec: Spec, voice: Voice, length_s: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Sing a part at an RMS of 1 while it sounds."""
    take = sing(
        part.notes,
        length_s=length_s,
        singer=spec.singer,
        voice=voice,
        rng=rng,
        held=part.held,
        detune_cents=part.detune_cents,
    )
    count = int(length_s * RATE_HZ)
    samples = np.pad(take.samples, (0, max(0, count - len(take.samples))))[:count]
    sounding = samples_of(take.pitch_hz > 0, count)
    if sounding.any():
        samples = samples / max(1e-9, np.sqrt((samples[sounding] ** 2).mean()))
    return samples, take.pitch_hz


def samples_of(frames: Mask, count: int) -> Mask:
    """Return frames of 5 ms as samples, (count,) bool."""
    return np.pad(np.repeat(frames, int(HOP_S * RATE_HZ)), (0, count))[:count]


def write_parts(spec: Spec, piece: Piece, rng: np.random.Generator) -> list[Part]:
    """Write what each singer sings, the lead first."""
    singer = spec.singer
    lead = write_melody(spec, singer.lowest_midi, singer.highest_midi, piece, rng)
    alone = Part(kind="lead", pan=0.0, level_db=0.0, notes=lead)
    match spec.arrangement:
        case "doubled":
            return _doubled(lead, rng)
        case "panned_harmonies" | "mono_stack":
            return [alone, *_harmonies(spec, lead, piece, rng)]
        case "oohs_in_gaps":
            width, level_db = float(rng.uniform(0.3, 0.9)), float(rng.uniform(-9, -4))
            lines = write_oohs(spec, lead, piece, rng)
            return [
                alone,
                *(
                    Part(kind="oohs", pan=side * width, level_db=level_db, notes=line, held=True)
                    for side, line in zip((-1, 0, 1), lines, strict=True)
                ),
            ]
        case _:
            return [alone]


def _doubled(lead: Line, rng: np.random.Generator) -> list[Part]:
    """Return two takes left and right, or a lead with a double on either side."""
    width = float(rng.uniform(0.6, 1.0))
    if rng.random() < 0.5:
        first = Part(kind="lead", pan=-width, level_db=0.0, notes=lead)
        return [first, _double(lead, width, 0.0, rng)]
    level_db = float(rng.uniform(-9, -4))
    alone = Part(kind="lead", pan=0.0, level_db=0.0, notes=lead)
    return [alone, *(_double(lead, side * width, level_db, rng) for side in (-1, 1))]


def _double(lead: Line, pan: float, level_db: float, rng: np.random.Generator) -> Part:
    notes = _sung_again(lead, 0.012, rng)
    return Part(kind="double", pan=pan, level_db=level_db, notes=notes, detune_cents=float(rng.normal(0, 6)))


def _harmonies(spec: Spec, lead: Line, piece: Piece, rng: np.random.Generator) -> list[Part]:
    """Return two harmonies to the choruses, or to everything: wide apart, or from where the lead is."""
    chorus_s = [
        span_s
        for section, span_s in zip(spec.sections, piece.written.sections_s, strict=True)
        if section.sung and (section.name in {"chorus", "b"} or spec.singer.harmony_everywhere)
    ]
    among = [note for note in lead if any(start_s - 0.1 <= note.start_s < end_s for start_s, end_s in chorus_s)] or lead
    if spec.arrangement == "panned_harmonies":
        width, level_db = float(rng.uniform(0.6, 1.0)), float(rng.uniform(-10, -5))
    else:
        width, level_db = 0.0, float(rng.uniform(-7, -3))
    steps = (int(rng.choice([2, -2])), int(rng.choice([4, -3])))
    parts = []
    for side, step in zip((-1, 1), steps, strict=True):
        moved = [Sung(start_s=note.start_s, end_s=note.end_s, midi=spec.key.moved(note.midi, step)) for note in among]
        notes = _sung_again(moved, 0.010, rng)
        parts.append(Part(kind="harmony", pan=side * width, level_db=level_db, notes=notes))
    return parts


def _sung_again(notes: Line, spread_s: float, rng: np.random.Generator) -> Line:
    """Return a line as another take has it: a little earlier or later."""
    again = []
    for note in notes:
        late_s = float(np.clip(rng.normal(0.004, spread_s), -LATEST_S, LATEST_S))
        again.append(Sung(start_s=max(0.0, note.start_s + late_s), end_s=note.end_s + late_s, midi=note.midi))
    return again
