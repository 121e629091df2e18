"""How held notes move between two beats: what tells a gain that dips on each beat from notes that are struck and fade.

A side chain lowers everything that sounds within milliseconds of the beat, and lets it rise again over the next third
of a beat. Notes of their own accord only fade: held notes that get louder without being struck, at the same place of
beat after beat, are the sign of it. So the slopes of partials are read away from all onsets, compared with those of
partials that were struck as long ago, and averaged by their place in the beat.

Conventions
-----------
Times are in seconds, levels in dB, slopes in dB a second. Levels are (n_frames, n_bins); frame k lies around
k x `HOP_LENGTH` / `RATE_HZ` seconds. A place in the beat is counted in twelfths: 0 on it, 6 halfway to the next.

References
----------
Own. The constants without a word of their own were tried on 198 rendered backings, each with and without pumping of 3
to 10 dB, and on 88 rendered songs.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import maximum_filter1d

from riffscope.arrays import Float32s, Floats, Ints, Mask
from riffscope.dsp.stft import lowest_bins

# The rate at which sound is read: no partial above 1.2 kHz is used, and those up to 4 kHz tell no more.
RATE_HZ = 2750
# 93 ms: in 46 ms, neighbouring partials beat.
N_FFT = 256
# A frame every 23 ms; twice as many tell no more.
HOP_LENGTH = 64
# The bass is ducked like the rest, and is held where chords are not: without what lies below 130 Hz, fewer are found.
MIN_HZ = 60.0
MAX_HZ = 1200.0
# A twelfth divides a beat into halves, thirds and quarters.
PLACES = 12
# A partial sounds within this of the loud level; 34 to 50 dB do as well.
SOUNDS_DB = 40.0
# The loud level: in one frame of ten the loudest partial exceeds it. Chosen, not fitted.
LOUD_PERCENTILE = 90
# A partial that gains so much in 47 ms is struck; 9 dB do as well.
STRUCK_DB = 6.0
# The slope of a frame next to an onset, in time or in frequency, is the onset's.
ONSET_FRAMES = 1
# Steeper slopes, in dB a second, are notes that begin or end; 65 does as well, 100 less so.
MAX_SLOPE = 70.0
# Notes fade the faster the sooner after they are struck: slopes are compared within these ages, in frames.
AGES = (3, 4, 6, 9, 14, 30)
# A stretch of the beat in which hardly anything is held tells nothing: so small a share of all that is held counts as
# much as what is held there. Chosen, not fitted.
FEW_SHARE = 1e-3
# The stretches of the beat whose slopes are told apart: the rise after it, its middle, the fade before the next, and
# the fall on that, which the window hears early. The twelfth on the beat itself adds nothing to them.
SLOPE_STRETCHES = ((1, 2, 3), (4, 5, 6), (8, 9, 10), (11,))
# The level is lowest here.
DUCKED_PLACES = (1, 2)
# A partial sounds through the beat where it is there so long before it, so long after it and so long after it, in
# beats, and is not struck between the first and the last of these. Chosen, not fitted.
THROUGH = (-0.12, 0.14, 0.36)
# The window hears a beat from this many frames before it.
WINDOW_FRAMES = 2
# It dips where it is softer after the beat than before by more than the first, and has regained more than that at the
# end, in dB. What falls or rises by more than the second is another note. Chosen, not fitted.
FALLS_DB = (1.0, 14.0)
REGAINS_DB = (0.5, 12.0)
# The same is read at these other places between two beats, where a gain that dips on the beat makes no dip.
ELSEWHERE = (1 / 3, 1 / 2, 2 / 3)
# Besides those that sound through a beat, so many more are thought to, none of which dips. Chosen, not fitted.
FEW_THROUGH = 0.3


@dataclass(frozen=True, kw_only=True)
class PumpingCues:
    """What tells a song that pumps.

    Attributes
    ----------
    slopes : float64 array, shape (4,)
        Mean slope of held partials in each of `SLOPE_STRETCHES`, against partials of their age, in dB a second.
    ducked_db : float
        Mean level just after the beat against that over the beat.
    held : float
        How many partials are held at once, on average.
    dipping_share : float
        Share of the partials that sound through the beat and dip after it, beyond the share that does so elsewhere
        between two beats; -1..1.
    """

    slopes: Floats
    ducked_db: float
    held: float
    dipping_share: float


def pumping_cues(samples: Float32s, beats_s: Floats) -> PumpingCues:
    """Read how held partials and the level move between beats.

    Parameters
    ----------
    samples : float32 array, shape (n,)
        At `RATE_HZ`; not silent.
    beats_s : float64 array, shape (n_beats,)
        Two at least.
    """
    first, last = (round(edge_hz * N_FFT / RATE_HZ) for edge_hz in (MIN_HZ, MAX_HZ))
    level_db = lowest_bins(samples, n_fft=N_FFT, hop_length=HOP_LENGTH, bins=last)[:, first:].copy()
    np.log10(np.maximum(level_db, 1e-6 * level_db.max(), out=level_db), out=level_db)
    level_db *= 20
    loud_db = float(np.percentile(level_db.max(axis=1), LOUD_PERCENTILE))
    floor_db = loud_db - SOUNDS_DB
    rise_db = np.zeros_like(level_db)
    rise_db[1:-1] = level_db[2:] - level_db[:-2]
    per_s = RATE_HZ / HOP_LENGTH / 2
    held = _is_held(level_db, rise_db, floor_db) & (np.abs(rise_db) * per_s < MAX_SLOPE)
    frames, position = _positions(np.arange(len(level_db)) * HOP_LENGTH / RATE_HZ, beats_s)
    places = np.minimum((position * PLACES).astype(np.int64), PLACES - 1)
    row, at = np.nonzero(held[frames])
    of = frames[row], at
    counts, excess = _by_place(rise_db[of] * per_s, _ages(rise_db, of), places[row])
    lengths = np.bincount(places, minlength=PLACES)
    sounding_db = np.maximum(level_db[frames], floor_db).mean(axis=1)
    level = np.bincount(places, weights=sounding_db, minlength=PLACES) / np.maximum(lengths, 1)
    few = FEW_SHARE * counts.sum() + 1e-9
    return PumpingCues(
        slopes=np.array([excess[list(at)].sum() / (counts[list(at)].sum() + few) for at in SLOPE_STRETCHES]),
        ducked_db=float(level[list(DUCKED_PLACES)].mean() - level.mean()),
        held=float(counts.sum() / max(int(lengths.sum()), 1)),
        dipping_share=_dipping_share(level_db, rise_db, floor_db, beats_s),
    )


def _by_place(slopes: Float32s, ages: Ints, places: Ints) -> tuple[Ints, Floats]:
    """Count held cells by place, and sum how far their slopes exceed those of their age.

    Parameters
    ----------
    slopes, ages, places : arrays, shape (n_cells,)

    Returns
    -------
    counts, excess : arrays, shape (12,)
    """
    shape = (len(AGES) + 1, PLACES)
    cell = ages * PLACES + places
    counts = np.bincount(cell, minlength=shape[0] * PLACES).reshape(shape)
    sums = np.bincount(cell, weights=slopes, minlength=shape[0] * PLACES).reshape(shape)
    of_age = sums.sum(axis=1, keepdims=True) / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return counts.sum(axis=0), (sums - of_age * counts).sum(axis=0)


def _ages(rise_db: Float32s, of: tuple[Ints, Ints]) -> Ints:
    """Tell how long ago some cells were struck, as a number of `AGES` that have gone by.

    Parameters
    ----------
    rise_db : float32 array, shape (n_frames, n_bins)
    of : int64 arrays, shape (n_cells,)
        The frames and the bins of the cells.

    Returns
    -------
    int64 array, shape (n_cells,)
    """
    frame = np.arange(len(rise_db), dtype=np.int32)[:, None]
    last = np.where(_struck(rise_db), frame, np.int32(-max(AGES)))
    np.maximum.accumulate(last, axis=0, out=last)
    return np.searchsorted(AGES, of[0] - last[of], side="right")


def _is_held(level_db: Float32s, rise_db: Float32s, floor_db: float) -> Mask:
    """Mark the partials that sound and are not being struck: (n_frames, n_bins)."""
    near_onset = maximum_filter1d(_struck(rise_db).view(np.uint8), 2 * ONSET_FRAMES + 1, axis=0) > 0
    held: Mask = _partials(level_db, floor_db) & ~near_onset
    held[[0, -1]] = False
    return held


def _struck(rise_db: Float32s) -> Mask:
    """Mark where a partial is struck, or one beside it: (n_frames, n_bins)."""
    struck: Mask = maximum_filter1d((rise_db > STRUCK_DB).view(np.uint8), 3, axis=1) > 0
    return struck


def _partials(level_db: Float32s, floor_db: float) -> Mask:
    """Mark the peaks of each frame that sound: (n_frames, n_bins)."""
    partials: Mask = np.zeros(level_db.shape, np.bool_)
    middle = level_db[:, 1:-1]
    partials[:, 1:-1] = (middle > level_db[:, :-2]) & (middle >= level_db[:, 2:]) & (middle > floor_db)
    return partials


def _dipping_share(level_db: Float32s, rise_db: Float32s, floor_db: float, beats_s: Floats) -> float:
    """Return which share of what sounds through the beat dips after it, beyond the share elsewhere between beats."""
    partials = _partials(level_db, floor_db)
    near = maximum_filter1d(partials.view(np.uint8), 3, axis=1) > 0
    strikes = np.cumsum(_struck(rise_db), axis=0, dtype=np.int32)
    lengths_s = np.diff(beats_s)
    frame_s = HOP_LENGTH / RATE_HZ

    def count(place: float) -> tuple[int, int]:
        at_s = beats_s[:-1] + place * lengths_s
        before, after, end = (np.round((at_s + by * lengths_s) / frame_s).astype(np.int64) for by in THROUGH)
        before = np.minimum(before, np.round(at_s / frame_s).astype(np.int64) - WINDOW_FRAMES)
        inside = (before > 0) & (end < len(level_db))
        before, after, end = before[inside], after[inside], end[inside]
        fall_db, regain_db = level_db[before] - level_db[after], level_db[end] - level_db[after]
        through = partials[before] & near[after] & near[end] & (strikes[end] == strikes[before - 1])
        through &= (fall_db < FALLS_DB[1]) & (regain_db < REGAINS_DB[1])
        dips = through & (fall_db > FALLS_DB[0]) & (regain_db > REGAINS_DB[0])
        return int(through.sum()), int(dips.sum())

    few = FEW_THROUGH * len(lengths_s)
    here, *others = (count(place) for place in (0.0, *ELSEWHERE))
    elsewhere = [sum(counts) for counts in zip(*others, strict=True)]
    return float(here[1] / (here[0] + few) - elsewhere[1] / (elsewhere[0] + len(others) * few))


def _positions(times_s: Floats, beats_s: Floats) -> tuple[Ints, Floats]:
    """Return which of some times (n,) lie between beats, and where between two each of those lies, 0..1."""
    beat = np.searchsorted(beats_s, times_s, side="right") - 1
    inside = np.flatnonzero((beat >= 0) & (beat < len(beats_s) - 1))
    of = beat[inside]
    position: Floats = (times_s[inside] - beats_s[of]) / (beats_s[of + 1] - beats_s[of])
    return inside, position
