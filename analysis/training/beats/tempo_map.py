"""When beats come: tempi that keep, drift, change, slow down or breathe."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def draw_beat_times(beat_count: int, bpm: float, rng: np.random.Generator, *, bar_starts: Sequence[int]) -> Floats:
    """Return the times of beats 0 .. beat_count in seconds from the first, (beat_count + 1,).

    The tempo changes, if it does, at one of the beats `bar_starts`.
    """
    periods_s = np.full(beat_count, 60 / bpm)
    kind = str(
        rng.choice(
            ["steady", "human", "change", "ritardando", "rubato", "ramp"], p=(0.66, 0.16, 0.07, 0.03, 0.04, 0.04)
        )
    )
    if kind == "human":
        periods_s *= 1 + float(rng.uniform(0.005, 0.03)) * _wander(beat_count, 8, rng)
        periods_s *= 1 + rng.normal(0, 0.006, beat_count)
    elif kind == "change":
        somewhere = int(rng.integers(beat_count // 4, 3 * beat_count // 4))
        where = max((start for start in bar_starts if start <= somewhere), default=0)
        ratio = float(rng.uniform(0.72, 0.93)) if rng.random() < 0.5 else float(rng.uniform(1.08, 1.35))
        periods_s[where:] /= ratio
    elif kind == "ritardando":
        beats = min(beat_count // 3, int(rng.integers(4, 17)))
        periods_s[-beats:] *= np.linspace(1, float(rng.uniform(1.2, 1.7)), beats)
    elif kind == "rubato":
        periods_s *= np.exp(float(rng.uniform(0.06, 0.16)) * _wander(beat_count, 4, rng))
        periods_s *= 1 + rng.normal(0, 0.02, beat_count)
    elif kind == "ramp":
        periods_s *= np.linspace(1, float(rng.uniform(0.85, 1.18)), beat_count)
    return np.concatenate([[0.0], np.cumsum(periods_s)])


def _wander(count: int, smooth: int, rng: np.random.Generator) -> Floats:
    """Return a slow random curve within -1..1, (count,)."""
    walk = np.cumsum(rng.normal(0, 1, count + smooth))
    walk = np.convolve(walk, np.ones(smooth) / smooth, "same")[:count]
    walk -= np.linspace(walk[0], walk[-1], count)
    out: Floats = walk / (np.abs(walk).max() + 1e-9)
    return out


def place(beats: npt.ArrayLike, beat_times_s: Floats, *, swing: float, sixteenths: bool) -> Floats:
    """Return the seconds of places counted in beats.

    `swing` is where the offbeat falls in the beat (or, if `sixteenths`, in the eighth): .5 straight, .667 triplet.
    """
    counted = np.asarray(beats, np.float64)
    whole = np.floor(counted + 1e-6)
    rest = np.clip(counted - whole, 0, 1)
    unit = 0.5 if sixteenths else 1.0
    half = np.floor(rest / unit)
    inner = rest / unit - half
    swung = np.where(inner <= 0.5, inner * swing / 0.5, swing + (inner - 0.5) * (1 - swing) / 0.5)
    return np.interp(whole + unit * (half + swung), np.arange(len(beat_times_s)), beat_times_s)
