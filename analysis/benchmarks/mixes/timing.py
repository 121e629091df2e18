"""When beats come, and where a place counted in beats lies in seconds."""

from dataclasses import dataclass

import numpy as np

from benchmarks.arrays import Floats

LEAD_IN_S = 0.35  # before beat 1
RELEASE_S = 1.5  # after the last beat
STRAIGHT = 0.5
ROUNDING_BEATS = 1e-9


@dataclass(frozen=True, kw_only=True)
class Change:
    """Another tempo from a bar on."""

    bar: int
    bpm: float

    def written(self) -> list[str | float]:
        """Return the plan as the truth has it."""
        return ["change", self.bar, self.bpm]


@dataclass(frozen=True, kw_only=True)
class Drift:
    """A tempo that wanders by so many percent."""

    percent: float

    def written(self) -> list[str | float]:
        """Return the plan as the truth has it."""
        return ["drift", self.percent]


@dataclass(frozen=True, kw_only=True)
class Ritardando:
    """The last bars slow down to a fraction of the tempo."""

    bars: int
    to_fraction: float

    def written(self) -> list[str | float]:
        """Return the plan as the truth has it."""
        return ["rit", self.bars, self.to_fraction]


Plan = Change | Drift | Ritardando | None
"""None: one steady tempo."""


def beat_times(beat_count: int, bpm: float, plan: Plan, *, meter: int, rng: np.random.Generator) -> Floats:
    """Return the times of beats 0 .. beat_count in seconds of the music, (beat_count + 1,)."""
    periods_s = np.full(beat_count, 60.0 / bpm)
    match plan:
        case Change(bar=bar, bpm=other_bpm):
            periods_s[bar * meter :] = 60.0 / other_bpm
        case Drift(percent=percent):
            periods_s *= 1 - _wander(beat_count, rng) * percent / 100.0
        case Ritardando(bars=bars, to_fraction=to_fraction):
            periods_s[-bars * meter :] *= np.linspace(1, 1 / to_fraction, bars * meter)
        case None:
            pass
    return LEAD_IN_S + np.concatenate([[0], np.cumsum(periods_s)])


def _wander(count: int, rng: np.random.Generator) -> Floats:
    """Return a slow random curve within -1..1 that begins and ends at 0, (count,)."""
    walk = np.cumsum(rng.normal(0, 1, count))
    walk = np.convolve(np.pad(walk, 4, mode="edge"), np.ones(8) / 8, "same")[4:-4]
    walk -= np.linspace(walk[0], walk[-1], count)
    curve: Floats = walk / max(1e-9, np.abs(walk).max())
    return curve


@dataclass(frozen=True, kw_only=True)
class Clock:
    """The beats of a song in seconds, and its swing: where the off-beat eighth lies in the beat (.5 straight)."""

    beats_s: Floats
    swing: float

    def seconds(self, beat: float) -> float:
        """Return the time of a place counted in beats."""
        whole = int(np.floor(beat + ROUNDING_BEATS))
        part = beat - whole
        if part <= STRAIGHT:
            part = part * self.swing / STRAIGHT
        else:
            part = self.swing + (part - STRAIGHT) * (1 - self.swing) / STRAIGHT
        whole = min(whole, len(self.beats_s) - 2)
        return float(self.beats_s[whole] + part * (self.beats_s[whole + 1] - self.beats_s[whole]))
