"""Breath: the noise between the partials of a voice, read where nothing else hides it.

Breath is noise that comes with the voice's own tone. Read in frames and bands where the accompaniment is quiet, it is
the voice's; elsewhere it is anybody's, or what a model left of it.

Conventions: noise is the mean power between the partials against that on them, in dB: 0 for noise alone, -10 to -40
for clear voices, the lower the band the less.

References
----------
.. [1] de Krom, "A cepstrum-based technique for determining a harmonics-to-noise ratio in speech signals", J. Speech
   Hear. Res. 36, 1993: the ratio by bands.
.. [2] Klatt & Klatt, "Analysis, synthesis, and perception of voice quality variations among female and male talkers",
   J. Acoust. Soc. Am. 87, 1990: breath replaces the upper partials by noise.
"""

from typing import NamedTuple

import numpy as np

from riffscope.arrays import Float32s, Floats
from riffscope.dsp.blocks import Channel
from riffscope.dsp.decibels import power_db
from riffscope.dsp.voice.periods import PERIODS, SAMPLES, knots_at, powers_by_partial

# Breath rises from 300 Hz on and is full at 3 kHz; above 8 kHz the stems of a model have little of the voice.
EDGES_HZ = (300.0, 600.0, 1000.0, 1500.0, 2000.0, 2500.0, 3000.0, 4000.0, 5000.0, 6500.0, 8000.0)
# In the first band even breathy voices are nearly free of noise: what is there is another voice, a room or a wrong
# pitch, and it is in the other bands too. With the second it tells how loud the voice is ...
LOW_BANDS = 2
# ... and whether a frame is the voice's at all: with more noise than this, in dB, it is not.
CLEAN_DB = -3.0
# A frame and band tells of the voice where the accompaniment between the partials lies so far below them, in dB, ...
HIDES_DB = -15.0
# ... where the voice is within so much of its loudest there, in dB. A fit of 2 to 5 dB either way of the three tells
# breathy songs about as well.
SOFT_DB = -12.0
# The lowest quarter of what is read counts: what else sounds can only add noise.
QUIETER_PERCENT = 25.0
# Less than so many readings of a band are none, so many are half as good as any number, and more than so many no
# better. Twice the latter two tell a little less.
MIN_READINGS, HALF_SURE, SURE = 6, 10, 40
# The pitch at which voices are compared.
USUAL_HZ = 200.0
# A band counts within so many standard deviations: far below, a model has taken the noise away; far above, it is not
# the voice's.
MAX_BEYOND = (-2.0, 3.0)
# Levels against the low bands count within these limits, in dB: beyond them a band has no voice. Chosen by hand.
TILT_DB = (-60.0, 20.0)

# Added to powers, so that silence has a level; far below any sound.
_TINY = 1e-9


class Noise(NamedTuple):
    """Noise by band.

    Attributes
    ----------
    db : float64 array, shape (bands,)
        NaN where it was not heard.
    readings : float64 array, shape (bands,)
        How many there were.
    tilt_db : float64 array, shape (bands,)
        Level of the partials against those of the low bands, where the band is loud.
    """

    db: Floats
    readings: Floats
    tilt_db: Floats


class Excess(NamedTuple):
    """Noise against that of clear voices.

    Attributes
    ----------
    by : float
        Standard deviations above clear voices, summed over all bands but the first as far as they are sure, divided by
        the root of their number and one; 0 where nothing was heard.
    sure : float
        The same sum of ones: 0 where nothing was heard, about 2 where all bands were.
    low : float
        As `by`, of the first band alone.
    """

    by: float
    sure: float
    low: float


def read_noise(
    voice: Channel,
    accompaniment: Channel | None,
    sample_rate_hz: int,
    times_s: Floats,
    f0_hz: Floats,
    *,
    step_s: float,
) -> Noise:
    """Read the noise of a voice by band, where it is heard alone.

    Parameters
    ----------
    voice, accompaniment : Channel, shape (n,)
        Without an accompaniment all frames count.
    sample_rate_hz : int
    times_s : float64 array, shape (k,)
        Moments in which the pitch is known.
    f0_hz : float64 array, shape (steps,)
        Pitch of the whole sound; NaN or 0 where there is none.
    step_s : float
    """
    knots_s = knots_at(f0_hz, step_s, times_s)
    pitch_hz = PERIODS / (knots_s[:, -1] - knots_s[:, 0]).clip(1e-3)
    partials = min(int(EDGES_HZ[-1] / pitch_hz.min()) + 1, SAMPLES // 2 - 1)
    sounds = [voice] if accompaniment is None else [voice, accompaniment]
    sung, *played = powers_by_partial(sounds, sample_rate_hz, knots_s, partials=partials)
    # Which partials a band has: from the last one below its lower edge on to the last one below its upper edge.
    edges_hz = np.minimum(EDGES_HZ, sample_rate_hz / 2)
    ends = np.floor(edges_hz / pitch_hz[:, np.newaxis]).astype(np.int64).clip(0, partials)
    counts = np.diff(ends, axis=1)

    def by_band_db(powers: Float32s) -> Floats:
        so_far = np.pad(np.cumsum(powers, axis=1, dtype=np.float64), ((0, 0), (1, 0)))
        sums = np.diff(np.take_along_axis(so_far, ends, axis=1), axis=1)
        return power_db(np.maximum(sums, 0) / np.maximum(counts, 1) + _TINY)

    level, noise = by_band_db(sung.on), by_band_db(sung.between)
    low_level, low_noise = (power_db(np.power(10, each[:, :LOW_BANDS] / 10).sum(axis=1)) for each in (level, noise))
    told = np.broadcast_to((low_noise - low_level < CLEAN_DB)[:, np.newaxis], level.shape)
    for other in played:
        told = told & (by_band_db(other.between) - level < HIDES_DB)
    bands = len(EDGES_HZ) - 1
    found, readings, tilt = np.full(bands, np.nan), np.zeros(bands), np.full(bands, TILT_DB[0])
    for band in range(bands):
        has = counts[:, band] > 0
        if not has.any():
            continue
        loud = has & (level[:, band] > np.percentile(level[has, band], 95) + SOFT_DB)
        tilt[band] = np.median((level[:, band] - low_level)[loud])
        heard = told[:, band] & loud
        readings[band] = heard.sum()
        if readings[band] >= MIN_READINGS:
            found[band] = np.percentile((noise - level)[heard, band], QUIETER_PERCENT)
    return Noise(db=found, readings=readings, tilt_db=tilt.clip(*TILT_DB))


def excess(
    noise: Noise, f0_hz: Floats, *, usual: Floats, per_octave: Floats, per_tilt: Floats, spread: Floats
) -> Excess:
    """Compare the noise of a voice with that of clear ones of its pitch and tilt.

    Parameters
    ----------
    noise : Noise
    f0_hz : float64 array, shape (k,)
        Pitches of the voice.
    usual, per_octave, per_tilt, spread : float64 arrays, shape (bands,)
        Noise of clear voices at 200 Hz whose band is as loud as the low ones, in dB, how it changes with the octave and
        with each dB of tilt, and its standard deviation.
    """
    expected = usual + per_octave * np.log2(np.median(f0_hz) / USUAL_HZ) + per_tilt * noise.tilt_db
    heard = np.isfinite(noise.db)
    readings = np.where(heard, np.minimum(noise.readings, SURE), 0)
    sure = readings / (readings + HALF_SURE)
    beyond = np.clip(np.where(heard, noise.db - expected, 0) / spread, *MAX_BEYOND) * sure
    scale = np.sqrt(heard[1:].sum() + 1)
    return Excess(by=float(beyond[1:].sum() / scale), sure=float(sure[1:].sum() / scale), low=float(beyond[0]))
