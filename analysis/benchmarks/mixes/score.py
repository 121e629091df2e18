"""The score: notes in seconds on the channels of a band."""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from benchmarks.mixes.timing import Clock

SHORTEST_S = 0.04
VELOCITY_SD = 6
SOFTEST, LOUDEST = 12, 127


class Channel(IntEnum):
    """MIDI channels, from 0."""

    RIFF = 0
    BASS = 1
    PAD = 2
    COMP = 3
    LEAD = 4
    DRUMS = 9


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """What a channel plays with: General MIDI program, volume and place (0 left, 127 right)."""

    program: int
    volume: int
    pan: int


@dataclass(frozen=True, kw_only=True)
class Played:
    """A note as played."""

    channel: Channel
    start_s: float
    end_s: float
    midi: int
    velocity: int


@dataclass(kw_only=True)
class Score:
    """All that the band plays, in the order in which it was written.

    Attributes
    ----------
    jitter_s : float
        Standard deviation of the players' timing.
    """

    clock: Clock
    jitter_s: float
    rng: np.random.Generator
    notes: list[Played] = field(default_factory=list)

    def play(
        self, channel: Channel, beat: float, beats: float, midi: int, velocity: float, *, looseness: float = 1.0
    ) -> None:
        """Play a note at a place counted in beats, as exactly as a player would."""
        start_s = self.clock.seconds(beat) + self.rng.normal(0, self.jitter_s * looseness)
        end_s = max(start_s + SHORTEST_S, self.clock.seconds(beat + beats))
        self.play_at(channel, start_s, end_s, midi, velocity)

    def play_at(self, channel: Channel, start_s: float, end_s: float, midi: int, velocity: float) -> None:
        """Play a note from one time to another."""
        self.notes.append(
            Played(
                channel=channel,
                start_s=max(0.0, start_s),
                end_s=end_s,
                midi=int(np.clip(midi, 0, 127)),
                velocity=int(np.clip(velocity + self.rng.normal(0, VELOCITY_SD), SOFTEST, LOUDEST)),
            )
        )
