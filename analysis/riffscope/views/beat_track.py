"""Beat track: the beats and downbeats of the song, and the other metrical levels that could be tapped.

Conventions
-----------
Beats are searched in frames of 20 ms and refined to the attack; times are seconds from the start of the file. Log-odds
are natural logarithms.

References
----------
The search is described in `riffscope.dsp.rhythm.beat_path`, the choice of a level in `riffscope.dsp.rhythm.levels`.
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from riffscope.arrays import Float32s, Floats, Ints
from riffscope.dsp.onsets import greatest_near, sounding_frames
from riffscope.dsp.rhythm.bars import find_bars, thirds_against_halves
from riffscope.dsp.rhythm.beat_path import BarPath, best_beats
from riffscope.dsp.rhythm.beat_times import refine_times
from riffscope.dsp.rhythm.levels import LevelEvidence, RatedLevel, beats_right, level_weights
from riffscope.dsp.rhythm.tempo import (
    SAME_TEMPO,
    autocorrelation_tempogram,
    prevailing_tempi,
    pulse_clarity,
    span_tempi,
)
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Span, value
from riffscope.steps import view
from riffscope.units import COUNT, PROBABILITY, SECONDS
from riffscope.views.beat_activation import BeatActivation
from riffscope.views.mono import Mono
from riffscope.views.onset_strength import OnsetStrength

# Four beats at 100 BPM: with fewer, nothing is known to repeat.
MIN_DURATION_S = 2.5
# The slowest beat that is searched for: slower ones are bars or half notes. Chosen, not fitted.
MIN_BPM = 42.0
# The fastest: faster ones are eighths. Chosen, not fitted.
MAX_BPM = 232.0
# Noise and speech reach a pulse clarity of .41 at most, 130 annotated songs .42 at least. Five songs lie below .5, and
# the beats of two of them are right.
MIN_PULSE_CLARITY = 0.42
# The onset envelope on the beats averages .77 or more in songs; on the best path through a held tone with vibrato, .6.
MIN_BEAT_STRENGTH = 0.65
# Where the network is sure of the beats, this is enough: chords may change with hardly an onset.
MIN_SURE_BEAT_STRENGTH = 0.4
# It is sure where the mean log-odds exceed this (e : 1); in speech, noise and free singing they never do.
SURE_LOG_ODDS = 1.0
# Log-odds of a beat never count below this, since one beat in sixty lies where the activation shows none.
MIN_LOG_ODDS = -4.5
# A beat one frame beside the activation's peak counts as one on it, less this. Chosen, not fitted.
BESIDE_PEAK_COST = 0.5
# Added for each beat, so that the search does not change to a slower level where the activation is weak for a while.
# The same levels are found with 1.5 to 2.
BEAT_REWARD = 1.75
# The network's tempi lie 3 % apart, and it gives weight to two or three of them: their probabilities are summed this
# far on either side.
TEMPO_WITHIN_OCTAVES = 0.1
# Left to a tempo to which the network gives no probability. Chosen, not fitted.
MIN_TEMPO_PROBABILITY = 0.01
# The onset envelope on the first and the last beat exceeds this, a fifth of an ordinary onset: the network expects one
# more beat where the last chord has just died away.
MIN_END_STRENGTH = 0.2
# Beats in the first .15 s of a file that starts with sound are kept anyway: a clip cut out of music hides what began
# with it.
CUT_OFF_S = 0.15
# A path with fewer beats is none: nothing is known to repeat.
MIN_BEATS = 4
# Ratios between the metrical levels that people and machines confuse.
LEVEL_RATIOS = (2.0, 0.5, 1.5, 2 / 3, 3.0, 1 / 3)
# A level is searched among the periods of the best path times its ratio, from this percentile of them ...
FAST_PERCENTILE = 5
# ... to this one, so that the other level may change tempo as the song does. Chosen, not fitted.
SLOW_PERCENTILE = 95
# That range is widened by this ratio and half a frame on either side, for beats are rounded to frames. Chosen, not
# fitted.
LEVEL_TOLERANCE = 0.06


@value
class BeatTrack:
    """The beats of a song.

    Attributes
    ----------
    times_s : float64 array, shape (n,)
        Increasing, each at the attack of the sound; n >= 2. Outside `spans` they are counted on, not heard.
    downbeat_index : int64 array, shape (m,)
        Indexes into `times_s` of the beats that begin a bar.
    beats_per_bar : int
        2, 3 or 4.
    levels : tuple of RatedLevel
        The level of `times_s`, then the other metrical levels, the likelier first.
    confidence_fraction : float
        Probability that the beats are right, 0..1.
    spans : tuple of Span
        Where there is a beat; empty where there is one from the first to the last.
    """

    times_s: Annotated[Floats, SECONDS]
    downbeat_index: Ints
    beats_per_bar: Annotated[int, COUNT]
    levels: tuple[RatedLevel, ...]
    confidence_fraction: Annotated[float, PROBABILITY]
    spans: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        if self.times_s.ndim != 1 or len(self.times_s) < 2 or not np.all(np.diff(self.times_s) > 0):
            raise ValueError("beats are at least two increasing times")
        if np.any((self.downbeat_index < 0) | (self.downbeat_index >= len(self.times_s))):
            raise ValueError("downbeats are indexes into the beats")


@view
def follow_beats(mono: Mono, activation: BeatActivation, onsets: OnsetStrength) -> BeatTrack:
    """Track the beats and downbeats, and rate the metrical levels.

    Raises
    ------
    CannotMeasure
        The sound lasts less than 2.5 s, or has no steady beat.
    """
    rate_hz = activation.frame_rate_hz
    first, last = sounding_frames(mono.samples, hop_length=round(mono.sample_rate_hz / rate_hz))
    last = min(last, len(activation.probability) - 1)
    sounding_s = (last + 1 - first) / rate_hz
    if sounding_s < MIN_DURATION_S:
        raise CannotMeasure(
            Absence.TOO_SHORT, f"{sounding_s:.1f} s is too short to find beats (needs {MIN_DURATION_S:g} s)"
        )
    tempogram = autocorrelation_tempogram(activation.onset_envelope[first : last + 1], frame_rate_hz=rate_hz)
    beat_odds = _beat_odds(activation)
    paths = _paths_by_level(activation, beat_odds, first, last)
    if (
        not paths
        or pulse_clarity(tempogram, frame_rate_hz=rate_hz) < MIN_PULSE_CLARITY
        or greatest_near(activation.onset_envelope, paths[0]).mean() < _min_strength(beat_odds[paths[0]])
    ):
        raise CannotMeasure(Absence.NO_BEAT, "no steady beat")
    levels = _distinct([_level(frames, activation, beat_odds, onsets, tempogram) for frames in paths])
    weights = level_weights([level.evidence for level in levels])
    best = levels[0]
    times_s = refine_times(
        mono.samples,
        _log_odds(activation.probability),
        best.frames,
        sample_rate_hz=mono.sample_rate_hz,
        frame_rate_hz=rate_hz,
    )
    return BeatTrack(
        times_s=times_s,
        downbeat_index=best.bars.downbeats,
        beats_per_bar=best.bars.beats_per_bar,
        levels=tuple(
            RatedLevel(bpm=round(level.evidence.bpm, 2), weight_fraction=round(float(weight), 3))
            for level, weight in zip(levels, weights, strict=True)
        ),
        confidence_fraction=round(beats_right(float(weights[0]), best.evidence.beat_log_odds), 3),
    )


@dataclass(frozen=True, kw_only=True)
class _Level:
    """One metrical level: its beats, their bars, and the evidence for it."""

    frames: Ints
    bars: BarPath
    evidence: LevelEvidence


def _min_strength(log_odds: Float32s) -> float:
    """Return how strong the onset envelope must be on beats with such log-odds (n,)."""
    return MIN_SURE_BEAT_STRENGTH if log_odds.mean() > SURE_LOG_ODDS else MIN_BEAT_STRENGTH


def _log_odds(probability: Float32s) -> Float32s:
    """Return log(p / (1 - p)) at each frame."""
    certain = np.clip(probability, 1e-5, 1 - 1e-5)
    odds: Float32s = np.log(certain / (1 - certain))
    return odds


def _beat_odds(activation: BeatActivation) -> Float32s:
    """Return the log-odds of a beat at each frame, with peaks widened by a frame on either side."""
    odds = _log_odds(activation.probability)
    spread = odds.copy()
    np.maximum(spread[1:], odds[:-1] - BESIDE_PEAK_COST, out=spread[1:])
    np.maximum(spread[:-1], odds[1:] - BESIDE_PEAK_COST, out=spread[:-1])
    return np.maximum(spread, np.float32(MIN_LOG_ODDS))


def _paths_by_level(activation: BeatActivation, beat_odds: Float32s, first: int, last: int) -> list[Ints]:
    """Return the beats (frames) of the best path, then those of the best path at each other metrical level."""
    rate_hz = activation.frame_rate_hz
    longest = min(int(60 * rate_hz / MIN_BPM), (last - first) // 2)
    periods = np.arange(int(np.ceil(60 * rate_hz / MAX_BPM)), longest + 1)
    odds = beat_odds + BEAT_REWARD

    def search(subset: Ints) -> Ints:
        frames = best_beats(odds, subset, first_frame=first, last_frame=last).frames
        cut_off = first == 0 and frames < CUT_OFF_S * rate_hz
        heard = np.flatnonzero((greatest_near(activation.onset_envelope, frames) > MIN_END_STRENGTH) | cut_off)
        return frames[heard[0] : heard[-1] + 1] if heard.size else frames[:0]

    main = search(periods)
    if len(main) < MIN_BEATS:
        return []
    paths = [main]
    slow, usual, fast = np.percentile(np.diff(main), [SLOW_PERCENTILE, 50, FAST_PERCENTILE])
    for ratio in LEVEL_RATIOS:
        shortest = fast / ratio * (1 - LEVEL_TOLERANCE) - 0.5
        subset = periods[(periods >= shortest) & (periods <= slow / ratio * (1 + LEVEL_TOLERANCE) + 0.5)]
        if len(subset) >= 2 and periods[0] <= usual / ratio <= periods[-1]:
            paths.append(search(subset))
    return [path for path in paths if len(path) >= MIN_BEATS]


def _level(
    frames: Ints, activation: BeatActivation, beat_odds: Float32s, onsets: OnsetStrength, tempogram: Floats
) -> _Level:
    """Find the bars of a path of beats, and gather the evidence for its metrical level."""
    rate_hz = activation.frame_rate_hz
    times_s = frames / rate_hz
    bpm = float(np.median(prevailing_tempi(span_tempi(times_s))))
    bars = find_bars(
        greatest_near(_log_odds(activation.downbeat_probability), frames),
        greatest_near(onsets.bands, frames),
        thirds=thirds_against_halves(onsets.bands.mean(axis=0), frames),
    )
    period = round(60 * rate_hz / bpm)
    return _Level(
        frames=frames,
        bars=bars,
        evidence=LevelEvidence(
            bpm=bpm,
            beat_log_odds=float(beat_odds[frames].mean()),
            bar_log_probability=bars.total / len(frames),
            autocorrelation=float(tempogram[:, period - 1 : period + 2].max(axis=1).mean()),
            tempo_log_probability=_tempo_log_probability(activation, bpm),
        ),
    )


def _tempo_log_probability(activation: BeatActivation, bpm: float) -> float:
    """Return the log-probability of a tempo, give or take a tenth of an octave."""
    near = np.abs(np.log2(activation.tempo_bpm / bpm)) < TEMPO_WITHIN_OCTAVES
    return float(np.log(activation.tempo_probability[near].sum() + MIN_TEMPO_PROBABILITY))


def _distinct(levels: list[_Level]) -> list[_Level]:
    """Sort the levels, the likeliest first, and drop those at the tempo of a likelier one."""
    weights = level_weights([level.evidence for level in levels])
    kept: list[_Level] = []
    for level in (levels[k] for k in np.argsort(-weights)):
        if all(abs(level.evidence.bpm / other.evidence.bpm - 1) > SAME_TEMPO for other in kept):
            kept.append(level)
    return kept
