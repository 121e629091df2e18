"""Beating: how unevenly the partials of held notes swell and fade, each by itself, as those of two takes do.

Two takes of a note differ by some cents, and waver: each pair of partials beats at a rate of its own, some cycles a
second. One voice swells and fades with all its partials at once, but for what vowels and rooms do. That needs no
stereo.

Conventions: power spectra are frames x bins, 50 ms apart, of which only ratios mean anything; levels in dB.
Source: own; on beats, Helmholtz, "Die Lehre von den Tonempfindungen", 1863, part 2.
"""

import numpy as np

from riffscope.arrays import Float32s, Floats, Ints, Mask
from riffscope.dsp.decibels import power_db
from riffscope.dsp.partials import strongest_of_three

# Partials from here on, so many of them: the lowest bins hold the accompaniment's bass.
MIN_HZ, PARTIALS = 200.0, 10
# A note is held where its pitch keeps within this many semitones over five frames: a vibrato does.
HELD_SEMITONES = 0.8
# A partial counts where it stands this far above the accompaniment, in dB.
ABOVE_DB = 3.0
# With fewer held frames nothing is told.
MIN_FRAMES = 20
# What is taken then: the average of known songs with one voice.
UNKNOWN_DB = 2.8
# Power counts no less than this: a digital silence has none.
_LEAST = np.float32(1e-9)


def beating_db(power: Float32s, accompaniment: Float32s, f0_hz: Floats, span_index: Ints, *, bin_hz: float) -> float:
    """Return how far partials of held notes depart from a straight line over 100 ms, each by itself, in dB.

    Parameters
    ----------
    power, accompaniment : float32 arrays, shape (k, bins)
        Power spectra of the voices, and of all else.
    f0_hz : float64 array, shape (k,)
        The pitch.
    span_index : array, shape (k,)
        The number of the stretch that each frame is in; within one, frames follow each other.

    Returns
    -------
    float
        The median over partials and frames.
    """
    held = _held(f0_hz, span_index)
    if len(held) < MIN_FRAMES:
        return UNKNOWN_DB
    partials = np.arange(1, PARTIALS + 1)[:, np.newaxis]
    top = power.shape[1] - 2
    levels = []
    for step in (-1, 0, 1):
        bins = np.rint(partials * f0_hz[held + step] / bin_hz).astype(np.int64).clip(1, top)
        levels.append(_peak_db(power, held + step, bins))
    here = np.rint(partials * f0_hz[held] / bin_hz).astype(np.int64)
    counted = (
        (partials * f0_hz[held] > MIN_HZ)
        & (here < top)
        & (levels[1] > _peak_db(accompaniment, held, here.clip(1, top)) + ABOVE_DB)
    )
    bends = np.where(counted, levels[0] - 2 * levels[1] + levels[2], np.nan)
    several = counted.sum(axis=0) > 1
    if several.sum() < MIN_FRAMES:
        return UNKNOWN_DB
    bends = bends[:, several]
    # What all partials do at once is the voice's own swelling.
    return float(np.nanmedian(np.abs(bends - np.nanmedian(bends, axis=0))))


def _held(f0_hz: Floats, span_index: Ints) -> Ints:
    """Return the frames around which the pitch is held for five: (m,)."""
    if len(f0_hz) < 5:
        return np.zeros(0, np.int64)
    semitones = np.lib.stride_tricks.sliding_window_view(12 * np.log2(f0_hz), 5)
    steady: Mask = (np.ptp(semitones, axis=1) < HELD_SEMITONES) & (span_index[:-4] == span_index[4:])
    return np.flatnonzero(steady) + 2


def _peak_db(power: Float32s, frames: Ints, bins: Ints) -> Floats:
    """Return the level of the strongest of three bins: (m,) and (partials, m) -> (partials, m)."""
    level: Floats = power_db(np.maximum(strongest_of_three(power, frames, bins), _LEAST)).astype(np.float64)
    return level
