"""Beats and downbeats: where a listener taps, and where bars begin.

Conventions
-----------
Beats are seconds from the start of the file, downbeats indexes into them. Probabilities are 0..1.

References
----------
The activation is `riffscope.views.beat_activation`, the search `riffscope.dsp.rhythm.beat_path`.
"""

from typing import Annotated

import numpy as np

from riffscope.arrays import Float32s, Floats, Ints
from riffscope.model import value
from riffscope.steps import analyzer
from riffscope.units import COUNT, PROBABILITY, SECONDS, STEP_SECONDS
from riffscope.views.beat_activation import BeatActivation
from riffscope.views.beat_track import BeatTrack


@value
class Beats:
    """Where the beats fall.

    Attributes
    ----------
    times_s : float64 array, shape (n,)
        Increasing, each at the attack of the sound on the beat.
    downbeat_index : int64 array, shape (m,)
        Indexes into `times_s` of the beats that begin a bar.
    beats_per_bar : int
        2 (only where the beat divides into three), 3 or 4.
    confidence_fraction : float
        Probability that the beats are right, 0..1.
    beat_probability, downbeat_probability : float64 array, shape (k,)
        The activation that the beats were found in: how likely a beat and a downbeat are, every `step_s` seconds.
    step_s : float
    """

    times_s: Annotated[Floats, SECONDS]
    downbeat_index: Ints
    beats_per_bar: Annotated[int, COUNT]
    confidence_fraction: Annotated[float, PROBABILITY]
    beat_probability: Annotated[Floats, PROBABILITY]
    downbeat_probability: Annotated[Floats, PROBABILITY]
    step_s: Annotated[float, STEP_SECONDS]

    def __post_init__(self) -> None:
        if self.beat_probability.shape != self.downbeat_probability.shape:
            raise ValueError("beat and downbeat probability have one value a step each")

    @property
    def summary(self) -> str:
        """The result in one line."""
        return (
            f"{self.times_s.size} beats, {self.downbeat_index.size} bars of {self.beats_per_bar}, "
            f"{PROBABILITY.format(self.confidence_fraction)} sure"
        )


@analyzer(version=2)
def report_beats(track: BeatTrack, activation: BeatActivation) -> Beats:
    """Return the beats of the likeliest metrical level, with their bars.

    Dynamic programming finds the best path through the beat activation of a network. Metrical level and meter are
    chosen by the evidence for each. 6/8 is counted in two.

    Raises
    ------
    CannotMeasure
        From `BeatTrack`: shorter than 2.5 s, silent, or without a steady beat.
    """
    return Beats(
        times_s=track.times_s,
        downbeat_index=track.downbeat_index,
        beats_per_bar=track.beats_per_bar,
        confidence_fraction=track.confidence_fraction,
        beat_probability=_to_hundredths(activation.probability),
        downbeat_probability=_to_hundredths(activation.downbeat_probability),
        step_s=1 / activation.frame_rate_hz,
    )


def _to_hundredths(probability: Float32s) -> Floats:
    """Round to what a figure can show, since a song has ten thousand of these numbers."""
    return probability.astype(np.float64).round(2)
