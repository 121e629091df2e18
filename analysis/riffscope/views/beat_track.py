"""The beat as followed through the song: where it falls, where bars begin, and how else it could be counted."""

from typing import Annotated

import numpy as np

from riffscope.dsp import bars
from riffscope.dsp.beat_path import BeatRow, best_beats, tempo_change_cost
from riffscope.dsp.beat_times import sharpen
from riffscope.dsp.onsets import sounding_frames
from riffscope.dsp.tempo import (
    SAME_TEMPO,
    TEMPOGRAM_STEP_S,
    autocorrelation_tempogram,
    period_strength,
    prevailing_tempi,
    pulse_clarity,
    span_tempi,
    tempo_preference,
)
from riffscope.errors import CannotMeasure
from riffscope.model import Float32s, Floats, Ints, value
from riffscope.steps import view
from riffscope.units import BPM, COUNT, PROBABILITY, SECONDS
from riffscope.views.beat_curve import BeatCurve
from riffscope.views.mono import Mono
from riffscope.views.onset_strength import OnsetStrength
from riffscope.views.semitones import Semitones

SHORTEST_S = 3.0  # five beats at 100 BPM: with fewer, nothing is known to repeat
SLOWEST_BPM, FASTEST_BPM = 42.0, 232.0
# Noise and speech reach a pulse clarity of .41 at most, 130 annotated songs .42 at least; of the five songs below .5
# the beats are right on two.
CLEAR_PULSE, SURELY_CLEAR_PULSE = 0.42, 0.5
# On its beats a song's pulse reaches .77 at least; the best row through a held tone with vibrato, .6 at most.
BEAT_SOUNDS = 0.65
# How the likelihood of beats, the tempo's evidence and its preference are weighed against each other. Balanced on 130
# songs of 60 to 210 BPM: the right level on 82 % of them, and on 74 % or more with any one a tenth higher or lower;
# on 30 rendered songs that were not looked at, 73 %.
BEAT_WEIGHT, BEAT_REWARD = 0.5, 3.25
TEMPO_SHOWS, TEMPO_PREFERRED = 14.4, 2.4  # for each second
# A tempo that shows throughout the song is likelier at each moment too.
WHOLE_SONG = 0.7
STEADINESS = 80.0
# The ways to count that people and machines confuse.
RATIOS = (2.0, 0.5, 1.5, 2 / 3, 3.0, 1 / 3)
# A row that is better by 1 for each second of the song is exp(0.9) times as likely to be the right level: maximum
# likelihood on the same songs.
LEVEL_SCALE = 0.9
# Beats are right (F > .8) on 92 % of songs with a level of weight .99 and on 65 % with one of .5: logistic regression.
CONFIDENCE_BASE, CONFIDENCE_SLOPE = 0.61, 0.39


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
        3 or 4.
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
def follow_beats(mono: Mono, curve: BeatCurve, onsets: OnsetStrength, semitones: Semitones) -> BeatTrack:
    """Find the beats, the other ways to count them, and the bar lines.

    Raises
    ------
    CannotMeasure
        The sound lasts less than 3 s, or holds no steady beat.
    """
    hop_length = round(mono.sample_rate_hz / curve.frame_rate_hz)
    first, last = sounding_frames(mono.samples, hop_length=hop_length)
    sounding_s = (last + 1 - first) / curve.frame_rate_hz
    if sounding_s < SHORTEST_S:
        raise CannotMeasure(f"{sounding_s:.1f} s is too short to find beats (needs {SHORTEST_S:.0f} s)")
    clarity = _pulse_clarity(curve, first, last)
    rows = _rows_by_level(curve, first, last)
    if clarity < CLEAR_PULSE or curve.pulse[rows[0].frames].mean() < BEAT_SOUNDS:
        raise CannotMeasure("no steady beat")
    levels = _weigh_levels(rows, sounding_s, curve.frame_rate_hz)
    times_s = sharpen(
        mono.samples,
        curve.pulse,
        rows[0].frames,
        sample_rate_hz=mono.sample_rate_hz,
        frame_rate_hz=curve.frame_rate_hz,
    )
    cues = bars.bar_cues(
        semitones.energy,
        strength_at(onsets, times_s),
        times_s,
        frame_rate_hz=semitones.frame_rate_hz,
    )
    beats_per_bar = bars.choose_metre(cues)
    return BeatTrack(
        times_s=times_s,
        downbeat_index=bars.place_bar_lines(cues.votes, beats_per_bar=beats_per_bar),
        beats_per_bar=beats_per_bar,
        levels=levels,
        confidence_fraction=_confidence(levels[0].weight_fraction, clarity),
    )


def strength_at(onsets: OnsetStrength, times_s: Floats) -> Floats:
    """Return the onset strength of each band at some times, give or take 20 ms: (5, n)."""
    frames = np.clip(np.round(times_s * onsets.frame_rate_hz).astype(np.int64), 1, onsets.bands.shape[1] - 2)
    near = np.stack([onsets.bands[:, frames + k] for k in (-1, 0, 1)])
    strongest: Floats = near.max(axis=0).astype(np.float64)
    return strongest


def _pulse_clarity(curve: BeatCurve, first: int, last: int) -> float:
    """Return the clarity of the pulse while the music sounds."""
    tempogram = autocorrelation_tempogram(curve.pulse[first : last + 1], frame_rate_hz=curve.frame_rate_hz)
    return pulse_clarity(tempogram, frame_rate_hz=curve.frame_rate_hz)


def _confidence(weight: float, clarity: float) -> float:
    """Return how often beats of such weight are right; half as often if the pulse is hardly clearer than in speech."""
    sure = np.clip(weight, 0.001, 0.999)
    odds = np.log(sure / (1 - sure))
    confidence = 1 / (1 + np.exp(-(CONFIDENCE_BASE + CONFIDENCE_SLOPE * odds)))
    return round(float(confidence * np.interp(clarity, [CLEAR_PULSE, SURELY_CLEAR_PULSE], [0.5, 1.0])), 3)


def _rows_by_level(curve: BeatCurve, first: int, last: int) -> list[BeatRow]:
    """Return the best row of beats of all, then the best at each of the levels that it may be confused with."""
    rate_hz = curve.frame_rate_hz
    periods = np.arange(int(np.ceil(60 * rate_hz / FASTEST_BPM)), int(60 * rate_hz / SLOWEST_BPM) + 1)
    odds = BEAT_WEIGHT * np.log(curve.probability / (1 - curve.probability)) + BEAT_REWARD
    weights = _tempo_evidence(curve, periods)

    def search(chosen: Ints) -> BeatRow:
        subset = periods[chosen]
        return best_beats(
            odds,
            subset,
            period_log_weight=weights[:, chosen],
            change=tempo_change_cost(subset, steadiness=STEADINESS),
            first_frame=first,
            last_frame=last,
        )

    main = search(np.arange(len(periods)))
    if len(main.frames) < 4:
        raise CannotMeasure("no steady beat")
    rows = [main]
    slow, fast = np.percentile(np.diff(main.frames), [95, 5])
    for ratio in RATIOS:
        chosen = np.flatnonzero((periods >= fast / ratio * 0.94 - 0.5) & (periods <= slow / ratio * 1.06 + 0.5))
        if len(chosen) >= 2 and periods[0] <= np.median(np.diff(main.frames)) / ratio <= periods[-1]:
            rows.append(search(chosen))
    return [row for row in rows if len(row.frames) >= 4]


def _tempo_evidence(curve: BeatCurve, periods: Ints) -> Float32s:
    """Return what speaks for each period at each frame, (n_frames, n_periods): 0 for the best, less for the others."""
    rate_hz = curve.frame_rate_hz
    shown = period_strength(autocorrelation_tempogram(curve.pulse, frame_rate_hz=rate_hz), periods)
    shown += WHOLE_SONG * shown.mean(axis=0)
    shown /= shown.max(axis=1, keepdims=True) + 1e-9
    evidence = TEMPO_SHOWS * shown + TEMPO_PREFERRED * tempo_preference(60 * rate_hz / periods)
    evidence = (evidence - evidence.max(axis=1, keepdims=True)) / rate_hz
    window = np.arange(len(curve.pulse)) // round(TEMPOGRAM_STEP_S * rate_hz)
    by_frame: Float32s = evidence.astype(np.float32)[np.minimum(window, len(evidence) - 1)]
    return by_frame


def _weigh_levels(rows: list[BeatRow], sounding_s: float, frame_rate_hz: float) -> tuple[MetricalLevel, ...]:
    """Return the level of the first row, then the other levels, the likelier first."""
    tempi_bpm: list[float] = []
    totals: list[float] = []
    for row in rows:
        bpm = float(np.median(prevailing_tempi(span_tempi(row.frames / frame_rate_hz))))
        # Where the tempo changes, two searches may end at one level.
        if all(abs(bpm / other - 1) > SAME_TEMPO for other in tempi_bpm):
            tempi_bpm.append(bpm)
            totals.append(row.total / sounding_s)
    weights = np.exp(LEVEL_SCALE * (np.array(totals) - max(totals)))
    weights /= weights.sum()
    levels = [
        MetricalLevel(bpm=round(bpm, 2), weight_fraction=round(float(weight), 3))
        for bpm, weight in zip(tempi_bpm, weights, strict=True)
    ]
    return (levels[0], *sorted(levels[1:], key=lambda level: -level.weight_fraction))
