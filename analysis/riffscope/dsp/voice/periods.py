"""Periods: spectra of a voice in frames that follow its pitch, so that every partial falls on a bin of its own.

A frame holds so many periods of the voice, however long they are, and its samples lie closer where the pitch is higher.
What has the voice's pitch is then a tone that does not move, and vibrato and glides smear nothing; what has not is
smeared the more.

Conventions: moments in seconds from the start of the sound; powers are squared magnitudes, not scaled, so only ratios
of them mean anything.

References
----------
.. [1] Kawahara, Masuda-Katsuse & de Cheveigné, "Restructuring speech representations using a pitch-adaptive
   time-frequency smoothing and an instantaneous-frequency-based F0 extraction", Speech Communication 27, 1999: time
   warped until the pitch stands still.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import scipy.fft

from riffscope.arrays import Float32s, Floats
from riffscope.dsp.blocks import Channel
from riffscope.dsp.stft import hann

# As many periods resolve the partials: the Hann window reaches a quarter of the way to the next one.
PERIODS = 8
# With so many samples a period shows 128 partials: of a voice at 80 Hz as far as 10 kHz.
SAMPLES = 256
# From this to that of the bins from one partial to the next, they belong to neither.
FIRST_BETWEEN, LAST_BETWEEN = 3, 5

# The pitch is followed from knot to knot, straight between them: eight a period, for speed.
_KNOTS = 64
# Frames at a time, few enough to stay in the processor's cache.
_FRAMES = 64
# They lie within so many seconds, for memory: what lies between the first and the last is read as well.
_REACH_S = 30.0


class Periods(NamedTuple):
    """Power by partial.

    Attributes
    ----------
    on, between : float32 arrays, shape (k, partials)
        Mean power of the bins on each partial, and of those between it and its neighbours: as much, for noise.
    """

    on: Float32s
    between: Float32s


def knots_at(f0_hz: Floats, step_s: float, times_s: Floats) -> Floats:
    """Return when the voice is how many periods away from some moments.

    Parameters
    ----------
    f0_hz : float64 array, shape (steps,)
        Pitch of the whole sound; NaN or 0 where there is none.
    step_s : float
    times_s : float64 array, shape (k,)

    Returns
    -------
    float64 array, shape (k, 65)
        Moments from four periods before to four after.
    """
    has_pitch = np.flatnonzero(np.nan_to_num(f0_hz) > 0)
    steps = np.arange(len(f0_hz))
    # Where there is no pitch, the nearest goes on.
    after = np.searchsorted(has_pitch, steps).clip(0, len(has_pitch) - 1)
    before = (after - 1).clip(0)
    nearest = np.where(steps - has_pitch[before] < has_pitch[after] - steps, has_pitch[before], has_pitch[after])
    held_hz = np.pad(f0_hz[nearest], 1, mode="edge")
    smooth_hz = 0.25 * held_hz[:-2] + 0.5 * held_hz[1:-1] + 0.25 * held_hz[2:]
    periods = np.concatenate([[0.0], np.cumsum((smooth_hz[1:] + smooth_hz[:-1]) / 2 * step_s)])
    at = np.interp(times_s, steps * step_s, periods)
    away = np.linspace(-PERIODS / 2, PERIODS / 2, _KNOTS + 1)
    knots: Floats = np.interp(at[:, np.newaxis] + away, periods, steps * step_s)
    return knots


def powers_by_partial(
    sounds: Sequence[Channel], sample_rate_hz: int, knots_s: Floats, *, partials: int
) -> list[Periods]:
    """Return the power on and between the partials of a voice, in each of several sounds.

    Parameters
    ----------
    sounds : sequence of channels, shape (n,)
    sample_rate_hz : int
    knots_s : float64 array, shape (k, 65)
        As `knots_at` has them.
    partials : int
        How many, from the first on; 127 at most.
    """
    length = PERIODS * SAMPLES
    window = hann(length)
    within = np.arange(length // _KNOTS) / (length // _KNOTS)
    empty = (len(knots_s), partials)
    found = [Periods(on=np.empty(empty, np.float32), between=np.empty(empty, np.float32)) for _ in sounds]
    for rows in _neighbours(knots_s):
        knots = (knots_s[rows] * sample_rate_hz).clip(0, len(sounds[0]) - 2)
        start, step = knots[:, :-1, np.newaxis], np.diff(knots, axis=1)[:, :, np.newaxis]
        places = (start + step * within).reshape(len(knots), length)
        before = places.astype(np.int32)
        share = (places - before).astype(np.float32)
        # Moments follow each other: what is read is about the part of the sound that these frames are in.
        lowest, highest = int(before.min()), int(before.max())
        before -= lowest
        after = before + 1
        for sound, periods in zip(sounds, found, strict=True):
            piece = sound[lowest : highest + 2]
            frames = piece[before]
            frames += share * (piece[after] - frames)
            frames *= window
            spectra = scipy.fft.rfft(frames, axis=1)[:, : PERIODS * (partials + 1)]
            power = (spectra.real**2 + spectra.imag**2).reshape(len(knots), partials + 1, PERIODS)
            periods.on[rows] = (power[:, :-1, -1] + power[:, 1:, 0] + power[:, 1:, 1]) / 3
            middle = power[:, :, FIRST_BETWEEN : LAST_BETWEEN + 1].mean(axis=2)
            periods.between[rows] = (middle[:, :-1] + middle[:, 1:]) / 2
    return found


def _neighbours(knots_s: Floats) -> Iterator[slice]:
    """Give frames, (k, 65) of moments that follow each other, a few at a time that lie near each other."""
    first = 0
    while first < len(knots_s):
        ends_s = knots_s[first : first + _FRAMES, -1]
        count = max(1, int(np.searchsorted(ends_s, knots_s[first, 0] + _REACH_S)))
        yield slice(first, first + count)
        first += count
