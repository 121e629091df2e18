"""Tempo: the prevailing tempo, the other metrical levels, drift and swing.

Conventions
-----------
Tempi are in BPM; ranges are 90% ranges. A position in the beat is 0 on it and 1 on the next.

References
----------
Own: the slope of the tracked beats. Metrical levels are rated by `riffscope.dsp.rhythm.levels`.
"""

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated

import numpy as np

from riffscope.arrays import Floats
from riffscope.dsp.rhythm.levels import RatedLevel
from riffscope.dsp.rhythm.steady import steady_stretches
from riffscope.dsp.rhythm.tempo import SAME_TEMPO, offbeat_position, prevailing_tempi, span_tempi
from riffscope.dsp.runs import runs
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Estimate, Settings, value
from riffscope.steps import analyzer
from riffscope.units import BEAT_POSITION, BPM, PERCENT, PROBABILITY, SECONDS, Said, clock
from riffscope.views.beat_track import BeatTrack
from riffscope.views.onset_strength import OnsetStrength
from riffscope.words import joined, percent_of

# Beats can be tracked in less, but a steady tempo cannot be measured. Chosen, not fitted.
MIN_DURATION_S = 3.0
# Where other metrical levels are likely, the range includes them until their weights sum to this: right nine times in
# ten.
RANGE_WEIGHT = 0.9
# Beats are placed within 5 ms: over the eight beats that a tempo is measured on, .1 % at 100 BPM and .2 % at 200.
PRECISION = 0.002
# Offbeats are found in the bands of hi-hats, guitars and voices: the slow attack of the kick would make them seem
# early.
OFFBEAT_BANDS = slice(2, 5)
# Drift is what nine in ten stretches of eight beats stay within.
DRIFT_QUANTILE = 0.9
# Other levels are named in the summary from this weight on. Chosen, not fitted.
MIN_NAMED_WEIGHT = 0.1
# Levels are multiples of each other, and each is heard to within so much. Chosen.
MULTIPLES, SAME_COUNT = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 2, 2.0, 3.0, 4.0), 0.02


@value
class MetricalLevel:
    """A tempo at which the beat can be tapped, and how likely it is meant: the weights of one song sum to 1."""

    bpm: Annotated[float, BPM]
    weight_fraction: Annotated[float, PROBABILITY]

    def __post_init__(self) -> None:
        if self.bpm <= 0 or not 0 <= self.weight_fraction <= 1:
            raise ValueError(f"a level has a positive tempo and a weight in 0..1: {self.bpm}, {self.weight_fraction}")


@value
class TempoPart:
    """A stretch of the song with one tempo.

    Attributes
    ----------
    bpm : Estimate
        Its range holds nine tenths of what is played in it.
    """

    start_s: Annotated[float, SECONDS]
    end_s: Annotated[float, SECONDS]
    bpm: Annotated[Estimate, BPM]


@value
class Tempo:
    """The tempo of a song.

    Attributes
    ----------
    bpm : Estimate
        The prevailing tempo: where the tempo changes, that of the longer part.
    alternatives_bpm : tuple of MetricalLevel
        The other metrical levels of the same beat (half, double ...), the likelier first.
    drift_percent : float
        Nine in ten stretches of eight beats stay within this of the tempo of their part.
    swing_fraction : float or None
        Where the offbeat falls between two beats: .50 straight, .667 triplet. None where no offbeats are played.
    parts : tuple of TempoPart
        Where the tempo is steady: a step or a gap parts two. What is between them has no beat.
    given : tuple of str
        ``tempo`` where the user gave it, and only its fine value was measured.
    """

    bpm: Annotated[Estimate, BPM, Said(one="The tempo is {}", subject="the tempo", more="faster", less="slower")]
    alternatives_bpm: Annotated[tuple[MetricalLevel, ...], "other tempi"]
    drift_percent: Annotated[
        float, PERCENT, Said(one="The tempo drifts by {}", subject="the tempo drift", more="larger", less="smaller")
    ]
    swing_fraction: (
        Annotated[
            float, BEAT_POSITION, Said(one="Offbeats fall at {}", subject="the offbeat", more="later", less="earlier")
        ]
        | None
    )
    parts: tuple[TempoPart, ...] = ()
    given: Annotated[tuple[str, ...], "given by you"] = ()

    def other_counts(self, min_weight: float) -> tuple[MetricalLevel, ...]:
        """Return what the beat can also be counted at, as people are told it: the likely levels, else half or double.

        Half or double is always among what is told: whoever counts so is not wrong. Each level was heard on its own,
        so 183.2 may stand beside 92.0; it is told as the multiple that it is, 184.0.
        """
        octaves = [level for level in self.alternatives_bpm if _is_octave(level.bpm / self.bpm.value)]
        return self.likely_counts(min_weight) or self._told(octaves[:1] or self.alternatives_bpm[:1])

    def likely_counts(self, min_weight: float) -> tuple[MetricalLevel, ...]:
        """Return those of what the beat can also be counted at that are this likely, as people are told them."""
        return self._told(level for level in self.alternatives_bpm if level.weight_fraction >= min_weight)

    def _told(self, levels: Iterable[MetricalLevel]) -> tuple[MetricalLevel, ...]:
        return tuple(replace(level, bpm=_as_multiple(level.bpm, self.bpm.value)) for level in levels)

    @property
    def summary(self) -> str:
        """The result in one line."""
        others = [
            f"{BPM.number(level.bpm)}"
            + (f" ({percent_of(level.weight_fraction)} likely)" if level.weight_fraction >= MIN_NAMED_WEIGHT else "")
            for level in self.other_counts(MIN_NAMED_WEIGHT)
        ]
        counted = f", or counted at {joined(others, 'or')}" if others else ""
        if len(self.parts) > 1:
            parts = ", ".join(f"{BPM.number(part.bpm.value)} from {clock(part.start_s)}" for part in self.parts)
            counted += f"; in parts: {parts}"
        given = ", as given" if self.given else ""
        return f"{BPM.format(self.bpm.value)}{given}{counted}; drifts by {PERCENT.format(self.drift_percent)}"


def _is_octave(ratio: float) -> bool:
    return min(abs(2 * ratio - 1), abs(ratio / 2 - 1)) < SAME_COUNT


def _as_multiple(bpm: float, of_bpm: float) -> float:
    """Return a level as the multiple of the tempo that it is; as it was heard where it is none."""
    near = min(MULTIPLES, key=lambda multiple: abs(math.log(bpm / (of_bpm * multiple))))
    return of_bpm * near if abs(bpm / (of_bpm * near) - 1) < SAME_COUNT else bpm


@analyzer(version=3)
def measure_tempo(track: BeatTrack, onsets: OnsetStrength, settings: Settings) -> Tempo:
    """Measure the tempo of the beats, separately for each part with its own tempo.

    It is the slope of the beat times rather than a lag in frames, so 112 BPM reads 112.0. Where the beat may as well be
    counted at another metrical level, the range includes that. Beats that are only counted through a gap are left out.

    Raises
    ------
    CannotMeasure
        The song is shorter than 3 s. From `BeatTrack`: silent, or without a steady beat.
    """
    duration_s = onsets.bands.shape[1] / onsets.frame_rate_hz
    if duration_s < MIN_DURATION_S:
        raise CannotMeasure(
            Absence.TOO_SHORT, f"{duration_s:.1f} s is too short to find a tempo (needs {MIN_DURATION_S:.0f} s)"
        )
    parts = _steady_parts(track)
    tempi = [span_tempi(times_s) for times_s in parts]
    groups = [prevailing_tempi(each) for each in tempi]
    usual = [float(np.median(group)) for group in groups]
    longest = _longest(parts, usual)
    group_bpm = np.concatenate(
        [group for group, bpm in zip(groups, usual, strict=True) if abs(bpm / usual[longest] - 1) <= SAME_TEMPO]
    )
    strays = np.concatenate([np.abs(each / bpm - 1) for each, bpm in zip(tempi, usual, strict=True)])
    swing = offbeat_position(onsets.bands[OFFBEAT_BANDS].mean(axis=0), parts, frame_rate_hz=onsets.frame_rate_hz)
    return Tempo(
        bpm=_with_range(float(np.median(group_bpm)), group_bpm, track.levels),
        alternatives_bpm=tuple(
            MetricalLevel(bpm=level.bpm, weight_fraction=level.weight_fraction) for level in track.levels[1:]
        ),
        drift_percent=round(100 * float(np.quantile(strays, DRIFT_QUANTILE)), 2),
        swing_fraction=None if swing is None else round(swing, 3),
        parts=tuple(
            TempoPart(
                start_s=round(float(times_s[0]), 4),
                end_s=round(float(times_s[-1]), 4),
                bpm=_with_range(bpm, each, ()),
            )
            for times_s, bpm, each in zip(parts, usual, tempi, strict=True)
        ),
        given=("tempo",) if settings.tempo_bpm is not None else (),
    )


def _steady_parts(track: BeatTrack) -> list[Floats]:
    """Return the beats of each stretch of one tempo; a beat in which the tempo steps is in both."""
    times_s = track.times_s
    stretches = [times_s[first:last] for first, last in runs(track.is_heard).tolist()] or [times_s]
    stretches = [stretch for stretch in stretches if len(stretch) > 1] or stretches
    return [stretch[first : last + 1] for stretch in stretches for first, last in steady_stretches(stretch).tolist()]


def _longest(parts: list[Floats], usual_bpm: list[float]) -> int:
    """Return the part whose tempo the song has for longest: parts with the same tempo count together."""
    lengths_s = np.array([times_s[-1] - times_s[0] for times_s in parts])
    bpm = np.array(usual_bpm)
    together = np.array([lengths_s[np.abs(bpm / own - 1) <= SAME_TEMPO].sum() for own in usual_bpm])
    return int(np.lexsort((lengths_s, together))[-1])


def _with_range(bpm: float, group_bpm: Floats, levels: tuple[RatedLevel, ...]) -> Estimate:
    """Return the tempo; its range holds nine tenths of the prevailing tempi, and of the weight of all levels."""
    low, high = np.quantile(group_bpm, [0.05, 0.95])
    low, high = min(low, bpm * (1 - PRECISION)), max(high, bpm * (1 + PRECISION))
    weight = levels[0].weight_fraction if levels else 1.0
    for level in levels[1:]:
        if weight >= RANGE_WEIGHT:
            break
        weight += level.weight_fraction
        low, high = min(low, level.bpm), max(high, level.bpm)
    return Estimate(value=round(bpm, 2), low=round(low, 2), high=round(high, 2))
