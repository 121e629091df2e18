"""The beat as followed through the song: where it falls, where bars begin, and how else it could be counted."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from riffscope.arrays import Float32s, Floats, Ints
from riffscope.dsp.onsets import greatest_near, sounding_frames
from riffscope.dsp.rhythm.bars import find_bars, thirds_against_halves
from riffscope.dsp.rhythm.beat_path import BarPath, best_beats
from riffscope.dsp.rhythm.beat_times import sharpen
from riffscope.dsp.rhythm.levels import LevelEvidence, beats_right, level_weights
from riffscope.dsp.rhythm.tempo import (
    SAME_TEMPO,
    autocorrelation_tempogram,
    prevailing_tempi,
    pulse_clarity,
    span_tempi,
)
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import value
from riffscope.steps import view
from riffscope.units import BPM, COUNT, PROBABILITY, SECONDS
from riffscope.views.beat_activation import BeatActivation
from riffscope.views.mono import Mono
from riffscope.views.onset_strength import OnsetStrength

MIN_DURATION_S = 2.5  # four beats at 100 BPM: with fewer, nothing is known to repeat
MIN_BPM, MAX_BPM = 42.0, 232.0
# Noise and speech reach a pulse clarity of .41 at most, 130 annotated songs .42 at least; of the five songs below .5
# the beats are right on two.
CLEAR_PULSE = 0.42
# On its beats a song's pulse reaches .77 at least; the best row through a held tone with vibrato, .6 at most.
BEAT_SOUNDS = 0.65
# Where the network is surer of the beats than this (e : 1; of speech, noise and free singing it never is), softer beats
# will do: chords may change with hardly an onset.
CLEARLY_HEARD, SOFT_BEAT_SOUNDS = 1.0, 0.4
# The curve is never surer than this that there is no beat: one beat in sixty lies where it shows none.
MIN_ODDS = -4.5
# A beat one frame beside the summit of the curve is as good as one on it, but for so much.
BESIDE = 0.5
# What each beat counts for, so that a level is not left for a slower one where the curve is weak for a while. The same
# levels are found with 1.5 to 2.
BEAT_REWARD = 1.75
# The network's tempi lie 3 % apart, and it is rarely surer than two or three of them. What is left to a tempo of which
# it hears nothing.
TEMPO_WITHIN_OCTAVES, MIN_TEMPO_PROBABILITY = 0.1, 0.01
# Something begins on the first and on the last beat, a fifth of an ordinary onset at least: the network expects another
# beat where the last chord has just died away. A clip that is cut out of music sounds from its first frame on, though,
# and what began with it cannot be told for so long.
END_SOUNDS = 0.2
UNHEARD_S = 0.15
# The ways to count that people and machines confuse.
RATIOS = (2.0, 0.5, 1.5, 2 / 3, 3.0, 1 / 3)


@value
class MetricalLevel:
    """A rate at which the beat can be counted, and how much speaks for it (the weights of one song sum to 1)."""

    bpm: Annotated[float, BPM]
    weight_fraction: Annotated[float, PROBABILITY]

    def __post_init__(self) -> None:
        if self.bpm <= 0 or not 0 <= self.weight_fraction <= 1:
            raise ValueError(f"a level has a positive tempo and a weight in 0..1: {self.bpm}, {self.weight_fraction}")


@value
class BeatTrack:
    """The beats of a song.

    Attributes
    ----------
    times_s : float64 array, shape (n,)
        Increasing; at the onset of the sound, n >= 2.
    downbeat_index : int64 array, shape (m,)
        Which of them begin a bar.
    beats_per_bar : int
        2, 3 or 4.
    levels : tuple of MetricalLevel
        The level that `times_s` follows first, then the other ways to count, the likelier first.
    confidence_fraction : float
        How often beats with such evidence are right, 0..1.
    """

    times_s: Annotated[Floats, SECONDS]
    downbeat_index: Ints
    beats_per_bar: Annotated[int, COUNT]
    levels: tuple[MetricalLevel, ...]
    confidence_fraction: Annotated[float, PROBABILITY]

    def __post_init__(self) -> None:
        if self.times_s.ndim != 1 or len(self.times_s) < 2 or not np.all(np.diff(self.times_s) > 0):
            raise ValueError("beats are at least two increasing times")
        if np.any((self.downbeat_index < 0) | (self.downbeat_index >= len(self.times_s))):
            raise ValueError("downbeats are indexes into the beats")


@view
def follow_beats(mono: Mono, curve: BeatActivation, onsets: OnsetStrength) -> BeatTrack:
    """Find the beats, the other ways to count them, and the bar lines.

    Raises
    ------
    CannotMeasure
        The sound lasts less than 2.5 s, or holds no steady beat.
    """
    rate_hz = curve.frame_rate_hz
    first, last = sounding_frames(mono.samples, hop_length=round(mono.sample_rate_hz / rate_hz))
    last = min(last, len(curve.probability) - 1)
    sounding_s = (last + 1 - first) / rate_hz
    if sounding_s < MIN_DURATION_S:
        raise CannotMeasure(
            Absence.TOO_SHORT, f"{sounding_s:.1f} s is too short to find beats (needs {MIN_DURATION_S:g} s)"
        )
    tempogram = autocorrelation_tempogram(curve.pulse[first : last + 1], frame_rate_hz=rate_hz)
    beat_odds = _beat_odds(curve)
    rows = _rows_by_level(curve, beat_odds, first, last)
    if (
        not rows
        or pulse_clarity(tempogram, frame_rate_hz=rate_hz) < CLEAR_PULSE
        or greatest_near(curve.pulse, rows[0]).mean() < _must_sound(beat_odds[rows[0]])
    ):
        raise CannotMeasure(Absence.NO_BEAT, "no steady beat")
    counted = _distinct([_count(frames, curve, beat_odds, onsets, tempogram) for frames in rows])
    weights = level_weights([level.evidence for level in counted])
    best = counted[0]
    times_s = sharpen(
        mono.samples,
        _log_odds(curve.probability),
        best.frames,
        sample_rate_hz=mono.sample_rate_hz,
        frame_rate_hz=rate_hz,
    )
    return BeatTrack(
        times_s=times_s,
        downbeat_index=best.bars.lines,
        beats_per_bar=best.bars.beats_per_bar,
        levels=tuple(
            MetricalLevel(bpm=round(level.evidence.bpm, 2), weight_fraction=round(float(weight), 3))
            for level, weight in zip(counted, weights, strict=True)
        ),
        confidence_fraction=round(beats_right(float(weights[0]), best.evidence.beats_heard), 3),
    )


@dataclass(frozen=True, kw_only=True)
class _Level:
    """One way to count: its beats, the bars that they fall into, and what speaks for it."""

    frames: Ints
    bars: BarPath
    evidence: LevelEvidence


def _must_sound(heard: Float32s) -> float:
    """Return how strongly a pulse must sound on beats that are heard so (log-odds on each)."""
    return SOFT_BEAT_SOUNDS if heard.mean() > CLEARLY_HEARD else BEAT_SOUNDS


def _log_odds(probability: Float32s) -> Float32s:
    """log(p / (1 - p)) at each frame."""
    certain = np.clip(probability, 1e-5, 1 - 1e-5)
    odds: Float32s = np.log(certain / (1 - certain))
    return odds


def _beat_odds(curve: BeatActivation) -> Float32s:
    """Return the log-odds of a beat at each frame, or nearly those of the frames beside it."""
    odds = _log_odds(curve.probability)
    spread = odds.copy()
    np.maximum(spread[1:], odds[:-1] - BESIDE, out=spread[1:])
    np.maximum(spread[:-1], odds[1:] - BESIDE, out=spread[:-1])
    return np.maximum(spread, np.float32(MIN_ODDS))


def _rows_by_level(curve: BeatActivation, beat_odds: Float32s, first: int, last: int) -> list[Ints]:
    """Return the frames of the best row of beats of all, and of the best at each level that it may be confused with."""
    rate_hz = curve.frame_rate_hz
    longest = min(int(60 * rate_hz / MIN_BPM), (last - first) // 2)
    periods = np.arange(int(np.ceil(60 * rate_hz / MAX_BPM)), longest + 1)
    odds = beat_odds + BEAT_REWARD

    def search(subset: Ints) -> Ints:
        frames = best_beats(odds, subset, first_frame=first, last_frame=last).frames
        cut_off = first == 0 and frames < UNHEARD_S * rate_hz
        heard = np.flatnonzero((greatest_near(curve.pulse, frames) > END_SOUNDS) | cut_off)
        return frames[heard[0] : heard[-1] + 1] if heard.size else frames[:0]

    main = search(periods)
    if len(main) < 4:
        return []
    rows = [main]
    slow, usual, fast = np.percentile(np.diff(main), [95, 50, 5])
    for ratio in RATIOS:
        subset = periods[(periods >= fast / ratio * 0.94 - 0.5) & (periods <= slow / ratio * 1.06 + 0.5)]
        if len(subset) >= 2 and periods[0] <= usual / ratio <= periods[-1]:
            rows.append(search(subset))
    return [row for row in rows if len(row) >= 4]


def _count(
    frames: Ints, curve: BeatActivation, beat_odds: Float32s, onsets: OnsetStrength, tempogram: Floats
) -> _Level:
    """Find the bars that a row of beats falls into, and gather what speaks for counting so."""
    rate_hz = curve.frame_rate_hz
    times_s = frames / rate_hz
    bpm = float(np.median(prevailing_tempi(span_tempi(times_s))))
    bars = find_bars(
        greatest_near(_log_odds(curve.downbeat_probability), frames),
        greatest_near(onsets.bands, frames),
        thirds=thirds_against_halves(onsets.bands.mean(axis=0), frames),
    )
    period = round(60 * rate_hz / bpm)
    return _Level(
        frames=frames,
        bars=bars,
        evidence=LevelEvidence(
            bpm=bpm,
            beats_heard=float(beat_odds[frames].mean()),
            bars_heard=bars.total / len(frames),
            repeats=float(tempogram[:, period - 1 : period + 2].max(axis=1).mean()),
            tempo_heard=_tempo_heard(curve, bpm),
        ),
    )


def _tempo_heard(curve: BeatActivation, bpm: float) -> float:
    """Return the log-probability of a tempo, give or take a tenth of an octave."""
    near = np.abs(np.log2(curve.tempo_bpm / bpm)) < TEMPO_WITHIN_OCTAVES
    return float(np.log(curve.tempo_probability[near].sum() + MIN_TEMPO_PROBABILITY))


def _distinct(levels: list[_Level]) -> list[_Level]:
    """Order the ways to count, the likeliest first, and leave out what goes at the tempo of a likelier one."""
    weights = level_weights([level.evidence for level in levels])
    kept: list[_Level] = []
    for level in (levels[k] for k in np.argsort(-weights)):
        if all(abs(level.evidence.bpm / other.evidence.bpm - 1) > SAME_TEMPO for other in kept):
            kept.append(level)
    return kept
