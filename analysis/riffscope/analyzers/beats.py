"""Beats and downbeats: where a listener taps, and where the bars begin."""

from typing import Annotated

from riffscope.model import Floats, Ints, value
from riffscope.steps import analyzer
from riffscope.units import COUNT, PROBABILITY, SECONDS
from riffscope.views.beat_track import BeatTrack


@value
class Beats:
    """Where the beats fall.

    Attributes
    ----------
    times_s : float64 array, shape (n,)
        Increasing; each at the onset of the sound on the beat.
    downbeat_index : int64 array, shape (m,)
        Indexes into `times_s` of the beats that begin a bar.
    beats_per_bar : int
        3 or 4.
    confidence_fraction : float
        How often beats with such evidence are right, 0..1.
    """

    times_s: Annotated[Floats, SECONDS]
    downbeat_index: Ints
    beats_per_bar: Annotated[int, COUNT]
    confidence_fraction: Annotated[float, PROBABILITY]

    @property
    def summary(self) -> str:
        """The result in one line."""
        return (
            f"{self.times_s.size} beats, {self.downbeat_index.size} bars of {self.beats_per_bar}, "
            f"{PROBABILITY.format(self.confidence_fraction)} sure"
        )


@analyzer(version=1)
def report_beats(track: BeatTrack) -> Beats:
    """Give the beats of the likeliest metrical level, with the bars they fall into.

    Onsets in five bands are followed by dynamic programming; bar lines are voted for by changes of chord and bass, by
    kick and snare. Sixes are counted as threes.

    Raises
    ------
    CannotMeasure
        From `BeatTrack`: shorter than 3 s, silent, or without a steady beat.
    """
    return Beats(
        times_s=track.times_s,
        downbeat_index=track.downbeat_index,
        beats_per_bar=track.beats_per_bar,
        confidence_fraction=track.confidence_fraction,
    )
