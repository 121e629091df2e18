"""Breath: the noise between the partials of a voice, read where nothing else hides it.

Breath is noise that comes with the voice's own tone. Read in frames and bands where the accompaniment is quiet, it is
the voice's; elsewhere it is anybody's, or what a model left of it.

Conventions: spectra are power, (frames, bins); noise is the mean power between the partials against that of the whole
band, in dB: 0 for noise alone, -10 to -30 for clear voices, the lower the band the less.

References
----------
.. [1] de Krom, "A cepstrum-based technique for determining a harmonics-to-noise ratio in speech signals", J. Speech
   Hear. Res. 36, 1993: the ratio by bands.
.. [2] Klatt & Klatt, "Analysis, synthesis, and perception of voice quality variations among female and male talkers",
   J. Acoust. Soc. Am. 87, 1990: breath replaces the upper partials by noise.
"""

import itertools
from typing import NamedTuple

import numpy as np

from riffscope.arrays import Float32s, Floats
from riffscope.dsp.decibels import power_db
from riffscope.dsp.partials import distance_to_partials, powers_at
from riffscope.dsp.stft import bin_frequencies_hz, window_length

# Frames of 93 ms resolve the partials of any voice.
LONG_S = 0.093
# Frames of 46 ms follow vibrato better, and suffice for all voices ...
SHORT_S = 0.046
# ... but those whose median pitch lies below this.
LOW_VOICE_HZ = 160.0
# Noise is read between the partials: farther from both than this share of their distance. Chosen by hand, not fitted.
BETWEEN = 0.35

# Breath rises from 300 Hz on and is full at 3 kHz; above 5 kHz all voices are noise by half.
EDGES_HZ = (1500.0, 2000.0, 2500.0, 3000.0, 4000.0, 5000.0)
# Here even breathy voices are nearly free of noise: more than `CLEAN_DB` is another voice, a room or a wrong pitch.
LOW_HZ = (300.0, 1000.0)
# A frame and band tells of the voice where the accompaniment between the partials lies so far below it, in dB, ...
HIDES_DB = -15.0
# ... where the voice is within so much of its loudest there, in dB, ...
SOFT_DB = -12.0
# ... and where it is clean below. A fit of 5 dB either way of the three tells breathy songs about as well.
CLEAN_DB = -15.0
# The lowest quarter of what is read counts: what else sounds can only add noise.
QUIETER_PERCENT = 25.0
# Less than so many readings of a band are none, so many are half as good as any number, and more than so many no
# better. All three chosen by hand.
MIN_READINGS, HALF_SURE, SURE = 8, 30, 120
# The pitch at which voices are compared.
USUAL_HZ = 200.0
# A band counts within so many standard deviations: far below, a model has taken the noise away; far above, it is not
# the voice's.
MAX_BEYOND = (-2.0, 3.0)

# Added to powers, so that silence has a level; far below any sound.
_TINY = 1e-12


class Noise(NamedTuple):
    """Noise by band.

    Attributes
    ----------
    db : float64 array, shape (bands,)
        NaN where it was not heard.
    readings : float64 array, shape (bands,)
        How many there were.
    """

    db: Floats
    readings: Floats


class Excess(NamedTuple):
    """Noise against that of clear voices.

    Attributes
    ----------
    by : float
        Standard deviations above clear voices, summed over bands as far as they are sure, divided by the root of their
        number and one; 0 where nothing was heard.
    sure : float
        The same sum of ones: 0 where nothing was heard, 2 where all bands were.
    """

    by: float
    sure: float


def frame_length(sample_rate_hz: int, f0_hz: Floats) -> int:
    """Return how many samples a frame has for a voice of some pitches (k,)."""
    return window_length(sample_rate_hz, about_s=LONG_S if np.median(f0_hz) < LOW_VOICE_HZ else SHORT_S)


def read_noise(
    voice: Float32s, accompaniment: Float32s | None, sample_rate_hz: int, times_s: Floats, f0_hz: Floats
) -> Noise:
    """Read the noise of a voice by band, where it is heard alone.

    Parameters
    ----------
    voice, accompaniment : float32 arrays, shape (n,)
        Without an accompaniment all frames count.
    sample_rate_hz : int
    times_s, f0_hz : float64 arrays, shape (k,)
        Moments in which the pitch is known.
    """
    n_fft = frame_length(sample_rate_hz, f0_hz)
    frequencies_hz = bin_frequencies_hz(sample_rate_hz, n_fft)
    frequencies_hz = frequencies_hz[: int(EDGES_HZ[-1] * n_fft / sample_rate_hz) + 1]
    between = distance_to_partials(f0_hz, frequencies_hz) > BETWEEN * f0_hz[:, np.newaxis]

    def powers(samples: Float32s) -> Floats:
        return powers_at(samples, sample_rate_hz, times_s, n_fft=n_fft, highest_hz=EDGES_HZ[-1]).astype(np.float64)

    sung = powers(voice)[:, : len(frequencies_hz)]
    played = None if accompaniment is None else powers(accompaniment)[:, : len(frequencies_hz)]

    def levels_db(power: Floats, low_hz: float, high_hz: float) -> tuple[Floats, Floats]:
        """Power of a band between the partials, and over all of it, in dB."""
        first, end = np.searchsorted(frequencies_hz, (low_hz, high_hz))
        aside = between[:, first:end]
        noise = np.where(aside, power[:, first:end], 0).sum(axis=1) / np.maximum(aside.sum(axis=1), 1)
        return power_db(noise + _TINY), power_db(power[:, first:end].mean(axis=1) + _TINY)

    low_noise, low_level = levels_db(sung, *LOW_HZ)
    clean = low_noise - low_level < CLEAN_DB
    found, readings = np.full(len(EDGES_HZ) - 1, np.nan), np.zeros(len(EDGES_HZ) - 1)
    for band, (low_hz, high_hz) in enumerate(itertools.pairwise(EDGES_HZ)):
        first, end = np.searchsorted(frequencies_hz, (low_hz, high_hz))
        if first == end:  # above half the sample rate
            continue
        noise, level = levels_db(sung, low_hz, high_hz)
        heard = clean & between[:, first:end].any(axis=1) & (level > np.percentile(level, 95) + SOFT_DB)
        if played is not None:
            heard &= levels_db(played, low_hz, high_hz)[0] - level < HIDES_DB
        readings[band] = heard.sum()
        if readings[band] >= MIN_READINGS:
            found[band] = np.percentile((noise - level)[heard], QUIETER_PERCENT)
    return Noise(db=found, readings=readings)


def excess(noise: Noise, f0_hz: Floats, *, usual: Floats, per_octave: Floats, spread: Floats) -> Excess:
    """Compare the noise of a voice with that of clear ones of its pitch.

    Parameters
    ----------
    noise : Noise
    f0_hz : float64 array, shape (k,)
        Pitches of the voice.
    usual, per_octave, spread : float64 arrays, shape (bands,)
        Noise of clear voices at 200 Hz in dB, how it changes with the octave, and its standard deviation.
    """
    expected = usual + per_octave * np.log2(np.median(f0_hz) / USUAL_HZ)
    heard = np.isfinite(noise.db)
    beyond = np.clip(np.where(heard, noise.db - expected, 0) / spread, *MAX_BEYOND)
    readings = np.where(heard, np.minimum(noise.readings, SURE), 0)
    sure = readings / (readings + HALF_SURE)
    scale = np.sqrt(heard.sum() + 1)
    return Excess(by=float((beyond * sure).sum() / scale), sure=float(sure.sum() / scale))
