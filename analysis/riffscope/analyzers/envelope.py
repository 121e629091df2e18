"""Envelope: the outline of the waveform, for drawing it without the audio."""

from typing import Annotated

import numpy as np

from riffscope.arrays import Floats
from riffscope.model import Audio, value
from riffscope.steps import analyzer
from riffscope.units import AMPLITUDE, STEP_SECONDS

STEP_S = 0.1


@value
class Envelope:
    """How large the waveform is over time.

    Attributes
    ----------
    peak, rms : arrays, shape (n,)
        The largest sample of any channel and the root mean square over all channels, full scale 1; each over `step_s`.
    """

    peak: Annotated[Floats, AMPLITUDE]
    rms: Annotated[Floats, AMPLITUDE]
    step_s: Annotated[float, STEP_SECONDS]


@analyzer(version=1)
def outline(audio: Audio) -> Envelope:
    """Outline the waveform in steps of 100 ms; the last step may be shorter."""
    count = audio.samples.shape[1]
    edges = np.rint(np.arange(int(np.ceil(audio.duration_s / STEP_S))) * STEP_S * audio.sample_rate_hz).astype(int)
    edges = edges[edges < count]
    lengths = np.diff(edges, append=count)
    peak = np.zeros(edges.size)
    power = np.zeros(edges.size)
    for channel in audio.samples:
        peak = np.maximum(peak, np.maximum.reduceat(channel, edges))
        peak = np.maximum(peak, -np.minimum.reduceat(channel, edges))
        power += np.add.reduceat(np.square(channel), edges, dtype=np.float64) / lengths
    return Envelope(peak=peak, rms=np.sqrt(power / len(audio.samples)), step_s=STEP_S)
