"""Keys, scales and chords. Pitches are MIDI numbers; degrees of a scale count from 0, the tonic, on over octaves."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchmarks.arrays import Floats

Mode = Literal["major", "minor"]
NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
SCALES: dict[Mode, tuple[int, ...]] = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
TRIADS = {(4, 7): "maj", (3, 7): "min", (3, 6): "dim"}
HIGHEST_MIDI = 127
A4_MIDI = 69
A4_HZ = 440


def hz_to_midi(pitch_hz: Floats) -> Floats:
    """Return pitches as MIDI numbers with their fractions, NaN where there is no pitch (0 Hz): (n,)."""
    midi: Floats = np.where(pitch_hz > 0, A4_MIDI + 12 * np.log2(np.maximum(pitch_hz, 1) / A4_HZ), np.nan)
    return midi


@dataclass(frozen=True, kw_only=True)
class Key:
    """Tonic, as a pitch class, and mode."""

    tonic: int
    mode: Mode

    @property
    def scale(self) -> tuple[int, ...]:
        """Semitones of the degrees above the tonic."""
        return SCALES[self.mode]

    @property
    def relative_degree(self) -> int:
        """The degree on which the relative key has its tonic."""
        return 5 if self.mode == "major" else 2

    def pitch(self, degree: int, base: int) -> int:
        """Return the MIDI number of a degree, counted from the tonic at or above the C at `base`."""
        octave, step = divmod(degree, 7)
        return base + self.tonic + 12 * octave + self.scale[step]

    def holds(self, midi: int) -> bool:
        """Tell whether a pitch belongs to the scale."""
        return (midi - self.tonic) % 12 in self.scale

    def moved(self, midi: int, steps: int) -> int:
        """Return the pitch so many steps of the scale from one that belongs to it."""
        ladder = [each for each in range(HIGHEST_MIDI + 1) if self.holds(each)]
        return ladder[min(max(ladder.index(midi) + steps, 0), len(ladder) - 1)]

    def chord_label(self, root: int) -> str:
        """Return the triad on a degree in Harte's notation."""
        low = self.scale[root % 7]
        third, fifth = ((self.scale[(root + step) % 7] - low) % 12 for step in (2, 4))
        return f"{NAMES[(self.tonic + low) % 12]}:{TRIADS[third, fifth]}"
