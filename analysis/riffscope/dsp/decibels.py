"""Decibels: ratios of power and of amplitude as levels, and back.

Conventions: a power is a mean square, and 1 is full scale squared; levels in dB are 10 log10 of a power or 20 log10 of
an amplitude; any shape.

Source: IEC 60027-3 (levels of field and power quantities).
"""

import numpy as np
import numpy.typing as npt

from riffscope.arrays import Floats

# The level of digital silence: below the noise of 16 bits (-98 dBFS), so that what sounds never reads lower.
SILENCE_DBFS = -100.0
# The same as a power.
_SILENCE_POWER = 1e-10


def power_db(power: npt.ArrayLike) -> Floats:
    """Return the level of a power, or of a ratio of powers, in dB; -inf where it is 0."""
    with np.errstate(divide="ignore"):
        level_db: Floats = 10 * np.log10(np.asarray(power, np.float64))
    return level_db


def amplitude_db(amplitude: npt.ArrayLike) -> Floats:
    """Return the level of an amplitude, or of a ratio of amplitudes, in dB; -inf where it is 0."""
    with np.errstate(divide="ignore"):
        level_db: Floats = 20 * np.log10(np.asarray(amplitude, np.float64))
    return level_db


def level_dbfs(power: Floats) -> Floats:
    """Return the level of a power that may be 0: silence is at -100 dBFS, and what is louder comes to it smoothly."""
    level: Floats = power_db(np.maximum(power, 0) + _SILENCE_POWER)
    return level


def db_to_power(level_db: float) -> float:
    """Return the ratio of powers of a level in dB."""
    return float(10 ** (level_db / 10))
