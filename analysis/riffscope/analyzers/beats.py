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
from riffscope.model import Settings, Span, value
from riffscope.steps import analyzer
from riffscope.units import COUNT, PROBABILITY, SECONDS, STEP_SECONDS, Said
from riffscope.views.beat_activation import BeatActivation
from riffscope.views.beat_track import BeatTrack, MeterPart
from riffscope.words import percent_of

# Where nothing marks a bar, beats are counted in fours.
UNMARKED = 4
# No meter that is counted has more.
MOST_BEATS = 32
# Beats farther apart than so many usual ones have a gap between them.
GAP_BEATS = 1.8
# How long a beat is beside a gap: the median of so many on either side.
BESIDE_GAP = 8


@value
class Beats:
    """Where the beats fall.

    Attributes
    ----------
    times_s : float64 array, shape (n,)
        Increasing, each at the attack of the sound on the beat.
    downbeat_index : int64 array, shape (m,)
        Indexes into `times_s` of the beats that begin a bar; empty where nothing marks a bar.
    beats_per_bar : int or None
        In most bars: 2 (only where the beat divides into three), 3, 4, 5 or 7. None where nothing marks a bar.
    confidence_fraction : float
        Probability that the beats are right, 0..1.
    spans : tuple of Span
        Where there is a beat; outside them there is none.
    bar_confidence_fraction : float or None
        Probability that the downbeats are right, 0..1. None where there are no bars, and in older analyses.
    meter_parts : tuple of MeterPart
        Where the meter changes; empty where it does not.
    given : tuple of str
        What the user gave, and was not measured: ``tempo``, ``meter``, ``downbeat``.
    beat_probability, downbeat_probability : float64 array, shape (k,)
        The activation that the beats were found in: how likely a beat and a downbeat are, every `step_s` seconds.
    step_s : float
    """

    times_s: Annotated[Floats, SECONDS]
    downbeat_index: Annotated[Ints, "beats that begin a bar"]
    beats_per_bar: (
        Annotated[int, COUNT, Said(one="Most bars have {} beats", subject="the number of beats in a bar")] | None
    )
    confidence_fraction: Annotated[float, PROBABILITY, Said(one="The beats are {} certain")]
    beat_probability: Annotated[Floats, PROBABILITY]
    downbeat_probability: Annotated[Floats, PROBABILITY]
    step_s: Annotated[float, STEP_SECONDS, "time step"]
    spans: tuple[Span, ...] = ()
    bar_confidence_fraction: Annotated[float, PROBABILITY, Said(one="The downbeats are {} certain")] | None = None
    meter_parts: tuple[MeterPart, ...] = ()
    given: Annotated[tuple[str, ...], "given by you"] = ()

    def __post_init__(self) -> None:
        if self.beat_probability.shape != self.downbeat_probability.shape:
            raise ValueError("beat and downbeat probability have one value a step each")
        index = self.downbeat_index
        if index.size and not 0 <= index.min() <= index.max() < self.times_s.size:
            raise ValueError(f"a bar begins on one of {self.times_s.size} beats, not on beat {index.max()}")
        if np.any(np.diff(index) <= 0) or not 1 <= self.counted_per_bar <= MOST_BEATS:
            raise ValueError(f"bars follow each other, and have 1 to {MOST_BEATS} beats")

    @property
    def summary(self) -> str:
        """The result in one line."""
        sizes: list[int | None] = [part.beats_per_bar for part in self.meter_parts]
        of = ", then ".join(str(size) for size in sizes or [self.beats_per_bar])
        bars = ", no bars found" if self.beats_per_bar is None else f" in {self.downbeat_index.size} bars of {of}"
        return f"{self.times_s.size} beats{bars} ({percent_of(self.confidence_fraction)} sure)"

    @property
    def counted_per_bar(self) -> int:
        """How many beats are counted to a bar where a program must count: fours where nothing marks a bar."""
        return UNMARKED if self.beats_per_bar is None else self.beats_per_bar

    @property
    def numbers(self) -> Ints:
        """The number of each beat from 0, counting on at the tempo where no beat is heard: (n,)."""
        steps = np.diff(self.times_s)
        counted = np.ones(steps.size, np.int64)
        for k in np.flatnonzero(steps > GAP_BEATS * np.median(steps) if steps.size else steps).tolist():
            beside = np.concatenate([steps[max(0, k - BESIDE_GAP) : k], steps[k + 1 : k + 1 + BESIDE_GAP]])
            counted[k] = max(1, round(float(steps[k] / np.median(beside)))) if beside.size else 1
        return np.concatenate([[0], np.cumsum(counted)]) if self.times_s.size else np.zeros(0, np.int64)


@analyzer(version=3)
def report_beats(track: BeatTrack, activation: BeatActivation, settings: Settings) -> Beats:
    """Find the beats at the likeliest metrical level, and group them into bars.

    A neural network estimates how likely a beat is at each moment, and dynamic programming finds the best path through
    that. Metrical level and meter are chosen by the evidence for each, and both may change within a song. 6/8 is
    counted in two. Silence, applause and free playing have no beats; even clicks without accents have no downbeats.

    Raises
    ------
    CannotMeasure
        From `BeatTrack`: shorter than 2.5 s, silent, or without a steady beat.
    """
    is_heard = track.is_heard
    is_downbeat = np.zeros(len(track.times_s), np.bool_)
    is_downbeat[track.downbeat_index] = track.marks_bars
    given = {"tempo": settings.tempo_bpm, "meter": settings.beats_per_bar, "downbeat": settings.downbeat_s}
    return Beats(
        times_s=track.times_s[is_heard],
        downbeat_index=np.flatnonzero(is_downbeat[is_heard]),
        beats_per_bar=track.beats_per_bar if track.marks_bars else None,
        confidence_fraction=track.confidence_fraction,
        spans=track.spans,
        bar_confidence_fraction=track.bar_confidence_fraction if track.marks_bars else None,
        meter_parts=track.meters if track.marks_bars else (),
        given=tuple(name for name, chosen in given.items() if chosen is not None),
        beat_probability=_to_hundredths(activation.probability),
        downbeat_probability=_to_hundredths(activation.downbeat_probability),
        step_s=1 / activation.frame_rate_hz,
    )


def _to_hundredths(probability: Float32s) -> Floats:
    """Round to what a figure can show, since a song has ten thousand of these numbers."""
    return probability.astype(np.float64).round(2)
