"""How likely a beat is at each moment: all that the search for the beats knows of the sound."""

from typing import Annotated

import numpy as np

from riffscope.dsp.onsets import on_own_scale
from riffscope.model import Float32s, value
from riffscope.steps import view
from riffscope.units import HZ, PROBABILITY
from riffscope.views.onset_strength import OnsetStrength

# The kick carries the beat in most music; the other bands count alike.
BAND_WEIGHTS = np.array([1.3, 1.0, 0.8, 0.8, 0.8], np.float32)
# A fifth of an ordinary onset.
SMALLEST_PULSE = 0.2
# An onset three times the ordinary is as good as a beat, nothing at all as good as none.
STRONG_ONSET = 3.2
LEAST, MOST = 0.02, 0.98


@value
class BeatCurve:
    """How likely a beat is at each moment.

    Attributes
    ----------
    probability : float32 array, shape (n_frames,)
        Between 0 and 1, both excluded.
    pulse : float32 array, shape (n_frames,)
        What tempo is read from: onset strength of all bands together, about 1 at an ordinary onset.
    frame_rate_hz : float
        Frame k lies around k / `frame_rate_hz` seconds.
    """

    probability: Annotated[Float32s, PROBABILITY]
    pulse: Float32s
    frame_rate_hz: Annotated[float, HZ]


@view
def expect_beats(onsets: OnsetStrength) -> BeatCurve:
    """Take strong onsets for beats; in which places they fall is left to the search."""
    mixed = (BAND_WEIGHTS[:, None] * onsets.bands).sum(axis=0) / BAND_WEIGHTS.sum()
    pulse = on_own_scale(mixed, frame_rate_hz=onsets.frame_rate_hz, smallest=SMALLEST_PULSE)
    return BeatCurve(
        probability=np.clip(pulse / np.float32(STRONG_ONSET), LEAST, MOST),
        pulse=pulse,
        frame_rate_hz=onsets.frame_rate_hz,
    )
