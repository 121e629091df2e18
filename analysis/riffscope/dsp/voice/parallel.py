"""Parallel: whether other notes move with a lead, a third or a fifth from it, as close harmonies do.

An accompaniment holds its chords while a melody moves; harmonies sing the melody's rhythm at an interval of the scale.
So the partials that lie at an interval from the lead's pitch are compared with those that lie there from the pitch that
the lead has some other time, near by: what the chords hold is in both, what moves with the lead is in the first alone.

Conventions: power spectra are frames x bins, of which only ratios mean anything, with the lead's pitch in each frame.
Source: own. Thirds and fifths above, thirds and fourths below are the close position of a triad: Piston, "Harmony",
1941.
"""

import numpy as np
from scipy import ndimage

from riffscope.arrays import Float32s, Floats, Ints
from riffscope.dsp.decibels import power_db
from riffscope.dsp.partials import LOBE_BINS, PARTIAL_SHARE, strongest_of_three

# Intervals in semitones; a third is large or small as the scale has it, whichever is heard more.
THIRDS = ((3, 4), (-3, -4))
FIFTHS = ((7,), (-5,))
# So many partials of another note are looked for, from here to here: the accompaniment's basses lie below.
PARTIALS = 7
MIN_HZ, MAX_HZ = 150.0, 2000.0
# A partial stands out from its surroundings, 31 bins or some 330 Hz; no more than this, in dB, so that no single one
# decides. Chosen by hand: half as wide a surrounding tells less, twice as wide as much.
AROUND_BINS = 31
MOST_DB = 16.0
# The lead's pitch of these frames is compared, half a second to one and a half before and after: longer than a note,
# shorter than a chord or two. Chosen by hand: eight of them tell as much as six.
OTHER_FRAMES = (-28, -18, -9, 9, 18, 28)
# There the lead must sing another note than this, in semitones.
OTHER_NOTE = (0.8, 11.0)
# With fewer frames nothing is told.
MIN_FRAMES = 20
# Power counts no less than this: a digital silence has none.
_LEAST = 1e-9


def parallel_db(power: Float32s, f0_hz: Floats, *, bin_hz: float) -> float:
    """Return how far notes that move with a lead stand out, over a song, in dB: little or nothing for a lead alone.

    Parameters
    ----------
    power : float32 array, shape (k, bins)
        Power spectra of the frames in which the lead sings, 50 ms apart.
    f0_hz : float64 array, shape (k,)
        Its pitch.

    Returns
    -------
    float
        What a third stands out, above or below as it is more, and what a fifth above or a fourth below stands out,
        together.
    """
    if len(f0_hz) < MIN_FRAMES:
        return 0.0
    level = power_db(np.maximum(power, np.float32(_LEAST)))
    outstanding = (level - ndimage.uniform_filter1d(level, AROUND_BINS, axis=1)).clip(0, MOST_DB)
    frames = np.arange(len(f0_hz))
    others = (frames + np.array(OTHER_FRAMES)[:, np.newaxis]).clip(0, len(frames) - 1)
    apart = np.abs(12 * np.log2(f0_hz[others] / f0_hz))
    pitches_hz = np.concatenate([f0_hz[np.newaxis], f0_hz[others]])
    usable = np.concatenate([np.ones((1, len(frames)), np.bool_), (apart > OTHER_NOTE[0]) & (apart < OTHER_NOTE[1])])
    return sum(
        max(_moves_with_lead(outstanding, pitches_hz, usable, f0_hz, interval, bin_hz) for interval in intervals)
        for intervals in (THIRDS, FIFTHS)
    )


def _moves_with_lead(
    outstanding: Float32s,
    pitches_hz: Floats,
    usable: Floats,
    f0_hz: Floats,
    interval: tuple[int, ...],
    bin_hz: float,
) -> float:
    """Return how much more partials stand out at an interval from the lead's pitch than from its other pitches."""
    combs = np.stack([_comb(outstanding, pitches_hz, f0_hz, step, bin_hz) for step in interval])
    # Nan where there is no partial to look for.
    found = np.where(usable, np.fmax.reduce(combs, axis=0), np.nan)
    known = np.isfinite(found[1:])
    elsewhere = np.where(known, found[1:], 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    more = (found[0] - elsewhere)[known.any(axis=0) & np.isfinite(found[0])]
    return float(more.mean()) if len(more) >= MIN_FRAMES else 0.0


def _comb(outstanding: Float32s, pitches_hz: Floats, f0_hz: Floats, step: int, bin_hz: float) -> Floats:
    """Return how far the partials of notes so many semitones from some pitches stand out: (m, k), nan without any.

    Those near a partial of the lead, or of the pitch that the interval is taken from, are left out.
    """
    total, count = np.zeros(pitches_hz.shape), np.zeros(pitches_hz.shape)
    frames = np.arange(len(f0_hz))
    for partial in range(1, PARTIALS + 1):
        place_hz = pitches_hz * (partial * 2 ** (step / 12))
        close_hz = LOBE_BINS * bin_hz + PARTIAL_SHARE * place_hz
        counted = (place_hz > MIN_HZ) & (place_hz < MAX_HZ)
        for tone_hz in (f0_hz, pitches_hz):
            counted &= np.abs(place_hz - np.maximum(np.rint(place_hz / tone_hz), 1) * tone_hz) > close_hz
        bins: Ints = np.rint(place_hz / bin_hz).astype(np.int64).clip(1, outstanding.shape[1] - 2)
        total += np.where(counted, strongest_of_three(outstanding, frames, bins), 0)
        count += counted
    found: Floats = np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
    return found
