"""Sounds without a key, made from scratch: what songs are told from where no key is to be named.

    (imported by training.key.fit)

Constants
    None: this makes data.
Data
    Tone clusters, twelve-tone rows, chords and six-note chords drawn by lot, chromatic scales, the whole-tone scale and
    sirens that glide over a third to two octaves, 30 s each. Speech is not made, but may be given as songs of a set
    labelled ``negative``.
Method
    Tones with eight falling harmonics, drawn anew for each seed.
Prints
    Nothing.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from riffscope.arrays import Floats

RATE_HZ = 22050
LENGTH_S = 30.0
HARMONICS = 8
FADE = 200

Chords = Sequence[tuple[Sequence[int], float]]
"""MIDI notes and how long they last in seconds."""


def keyless_sounds(seed: int) -> Iterator[tuple[str, Floats]]:
    """Yield the name of each kind of sound and its samples at 22.05 kHz, (n,)."""
    random = np.random.default_rng([seed, 24])
    for name, draw in KINDS.items():
        yield name, _play(draw(random))
    yield "siren", _siren(random)


def _clusters(random: np.random.Generator) -> Chords:
    wide, length_s = int(random.integers(3, 7)), float(random.uniform(0.4, 1.5))
    return [(range(low, low + wide), length_s) for low in random.integers(40, 76, round(LENGTH_S / length_s))]


def _six_notes(random: np.random.Generator) -> Chords:
    count = int(random.integers(4, 7))
    return [(random.choice(np.arange(40, 84), count, replace=False).tolist(), 0.8) for _ in range(38)]


def _rows(random: np.random.Generator) -> Chords:
    return [([48 + note + 12 * int(random.integers(3))], 0.3) for _ in range(8) for note in random.permutation(12)]


def _two_rows(random: np.random.Generator) -> Chords:
    rows = (zip(random.permutation(12), random.permutation(12), strict=True) for _ in range(6))
    return [([36 + low, 60 + high], 0.4) for row in rows for low, high in row]


def _triads(random: np.random.Generator) -> Chords:
    roots = random.integers(60, 72, 30).tolist()
    return [([root, root + int(random.integers(3, 5)), root + 7, root - 12], 1.0) for root in roots]


def _chromatic(random: np.random.Generator) -> Chords:
    turn = int(random.integers(13, 25))
    return [([48 + step % turn], 0.25) for step in range(120)]


def _whole_tones(random: np.random.Generator) -> Chords:
    steps = random.integers(0, 6, (60, 2))
    return [([60 + 2 * high, 48 + 2 * low], 0.5) for high, low in steps.tolist()]


KINDS: dict[str, Callable[[np.random.Generator], Chords]] = {
    "clusters": _clusters,
    "six notes": _six_notes,
    "rows": _rows,
    "two rows": _two_rows,
    "triads": _triads,
    "chromatic": _chromatic,
    "whole tones": _whole_tones,
}


def _play(chords: Chords) -> Floats:
    return np.concatenate([_chord(notes, round(length_s * RATE_HZ)) for notes, length_s in chords])


def _chord(notes: Sequence[int], count: int) -> Floats:
    at = np.arange(count)
    shape = np.minimum(np.minimum(at / FADE, 1), (count - at) / FADE)
    return shape * sum((_tone(np.full(count, 440 * 2 ** ((note - 69) / 12))) for note in notes), np.zeros(count))


def _siren(random: np.random.Generator) -> Floats:
    middle_hz, octaves, per_s = random.uniform(300, 900), random.uniform(0.3, 0.9), random.uniform(0.1, 1)
    time_s = np.arange(round(LENGTH_S * RATE_HZ)) / RATE_HZ
    return _tone(middle_hz * 2 ** (octaves * np.sin(2 * np.pi * per_s * time_s)))


def _tone(f0_hz: Floats) -> Floats:
    phase = 2 * np.pi * np.cumsum(f0_hz) / RATE_HZ
    partials = [np.where(k * f0_hz < 0.45 * RATE_HZ, np.sin(k * phase) / k, 0) for k in range(1, HARMONICS + 1)]
    tone: Floats = 0.08 * np.sum(partials, axis=0)
    return tone
