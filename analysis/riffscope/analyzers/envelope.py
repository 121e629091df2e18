"""Envelope: peak and RMS of the waveform over time, so that it can be drawn without the audio.

Conventions
-----------
Amplitudes are relative to full scale, 1; step k begins at k * `step_s` seconds. Own.
"""

from typing import Annotated

import numpy as np

from riffscope.arrays import Floats
from riffscope.model import Audio, value
from riffscope.steps import analyzer
from riffscope.units import AMPLITUDE, STEP_SECONDS

# A song of four minutes has 2,400 steps: more than a figure has pixels across. Chosen, not fitted.
STEP_S = 0.1
# 10 s: few enough to be squared in little memory, and in the processor's cache.
_STEPS_AT_A_TIME = 100


@value
class Envelope:
    """Peak and RMS of the waveform over time.

    Attributes
    ----------
    peak, rms : arrays, shape (n,)
        The greatest magnitude in any channel, and the root mean square over all channels, of each step.
    step_s : float
    """

    peak: Annotated[Floats, AMPLITUDE, "peak level"]
    rms: Annotated[Floats, AMPLITUDE, "RMS level"]
    step_s: Annotated[float, STEP_SECONDS, "time step"]


@analyzer(version=1)
def outline(audio: Audio) -> Envelope:
    """Measure peak and RMS in steps of 100 ms; the last step may be shorter."""
    count = audio.samples.shape[1]
    edges = np.rint(np.arange(int(np.ceil(audio.duration_s / STEP_S))) * STEP_S * audio.sample_rate_hz).astype(int)
    edges = edges[edges < count]
    lengths = np.diff(edges, append=count)
    peak = np.zeros(edges.size)
    power = np.zeros(edges.size)
    for first in range(0, edges.size, _STEPS_AT_A_TIME):
        now = slice(first, first + _STEPS_AT_A_TIME)
        within = edges[now] - edges[first]
        for channel in audio.samples[:, edges[first] : edges[first] + lengths[now].sum()]:
            peak[now] = np.maximum(peak[now], np.maximum.reduceat(channel, within))
            peak[now] = np.maximum(peak[now], -np.minimum.reduceat(channel, within))
            power[now] += np.add.reduceat(np.square(channel), within, dtype=np.float64) / lengths[now]
    return Envelope(peak=peak, rms=np.sqrt(power / len(audio.samples)), step_s=STEP_S)
