"""Tempo: how fast the beat goes, how else it could be counted, how steady it is and whether it swings."""

from typing import Annotated

import numpy as np

from riffscope.arrays import Floats
from riffscope.dsp.rhythm.tempo import offbeat_place, prevailing_tempi, span_tempi
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Estimate, value
from riffscope.steps import analyzer
from riffscope.units import BEAT_POSITION, BPM, PERCENT, PROBABILITY
from riffscope.views.beat_track import BeatTrack, MetricalLevel
from riffscope.views.onset_strength import OnsetStrength

MIN_DURATION_S = 3.0  # beats may be told in less, a steady rate may not
# Where the beat may be counted at other levels too, the range holds as many as it takes to be right nine times in ten.
SURE = 0.9
# Beats are placed within 5 ms: over the eight beats that a tempo is read from, 0.1 % at 100 BPM and 0.2 % at 200.
PRECISION = 0.002
# Offbeats are played by hi-hats, guitars and voices. The kick's slow attack on the beat would make them seem early.
OFFBEAT_BANDS = slice(2, 5)
# Drift is told for nine in ten stretches of eight beats.
STRETCHES = 0.9
# Other levels are named in one line from this weight on.
WORTH_SAYING = 0.1


@value
class Tempo:
    """The tempo of a song.

    Attributes
    ----------
    bpm : Estimate
        The prevailing tempo: where the tempo changes, that of the longer part.
    alternatives_bpm : tuple of MetricalLevel
        The other ways to count the same beat (half, double ...), the likelier first.
    drift_percent : float
        Nine in ten stretches of eight beats keep within this of the prevailing tempo.
    swing_fraction : float or None
        Where the offbeat falls between two beats: .50 straight, .667 triplet. None where nothing sounds there.
    """

    bpm: Annotated[Estimate, BPM]
    alternatives_bpm: tuple[MetricalLevel, ...]
    drift_percent: Annotated[float, PERCENT]
    swing_fraction: Annotated[float, BEAT_POSITION] | None

    @property
    def summary(self) -> str:
        """The result in one line."""
        bpm = self.bpm
        others = " or ".join(
            f"{BPM.number(level.bpm)} ({PROBABILITY.format(level.weight_fraction)})"
            for level in self.alternatives_bpm
            if level.weight_fraction >= WORTH_SAYING
        )
        counted = f", may be counted as {others}" if others else ""
        return f"{BPM.format(bpm.value)}{counted}; drifts by {PERCENT.format(self.drift_percent)}"


@analyzer(version=2)
def measure_tempo(track: BeatTrack, onsets: OnsetStrength) -> Tempo:
    """Measure the tempo of the tracked beats.

    The number comes from the slope of the beat times, not from a lag, so 112 reads 112.0. Where the beat could as well
    be counted at half or twice the speed, the range reaches there.

    Raises
    ------
    CannotMeasure
        The song is shorter than 3 s. From `BeatTrack`: silent, or without a steady beat.
    """
    duration_s = onsets.bands.shape[1] / onsets.frame_rate_hz
    if duration_s < MIN_DURATION_S:
        raise CannotMeasure(
            Absence.TOO_SHORT, f"{duration_s:.1f} s is too short to tell a tempo (needs {MIN_DURATION_S:.0f} s)"
        )
    tempi_bpm = span_tempi(track.times_s)
    group_bpm = prevailing_tempi(tempi_bpm)
    bpm = float(np.median(group_bpm))
    strays = np.abs(tempi_bpm / bpm - 1)
    swing = offbeat_place(onsets.bands[OFFBEAT_BANDS].mean(axis=0), track.times_s, frame_rate_hz=onsets.frame_rate_hz)
    return Tempo(
        bpm=_with_range(bpm, group_bpm, track.levels),
        alternatives_bpm=track.levels[1:],
        drift_percent=round(100 * float(np.quantile(strays, STRETCHES)), 2),
        swing_fraction=None if swing is None else round(swing, 3),
    )


def _with_range(bpm: float, group_bpm: Floats, levels: tuple[MetricalLevel, ...]) -> Estimate:
    """Hold nine tenths of the prevailing tempi, and the levels it takes to reach nine tenths of the weight."""
    low, high = np.quantile(group_bpm, [0.05, 0.95])
    low, high = min(low, bpm * (1 - PRECISION)), max(high, bpm * (1 + PRECISION))
    weight = levels[0].weight_fraction
    for level in levels[1:]:
        if weight >= SURE:
            break
        weight += level.weight_fraction
        low, high = min(low, level.bpm), max(high, level.bpm)
    return Estimate(value=round(bpm, 2), low=round(low, 2), high=round(high, 2))
