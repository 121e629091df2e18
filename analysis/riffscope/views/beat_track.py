"""Beat track: the beats and downbeats of the song, and the other metrical levels that could be tapped.

Conventions
-----------
Beats are searched in frames of 20 ms and refined to the attack; times are seconds from the start of the file. Log-odds
are natural logarithms.

References
----------
The search is described in `riffscope.dsp.rhythm.beat_path`, where a beat is heard in `riffscope.dsp.rhythm.heard`,
where the tempo steps in `riffscope.dsp.rhythm.steady`, the choice of a level in `riffscope.dsp.rhythm.levels`, the bars
in `riffscope.dsp.rhythm.bars`.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from riffscope.arrays import Float32s, Floats, Ints, Mask
from riffscope.dsp.onsets import greatest_near, sounding_frames
from riffscope.dsp.rhythm.bars import GivenBars, bar_odds, find_bars, marks_bars, thirds_against_halves
from riffscope.dsp.rhythm.beat_path import BarPath, best_beats
from riffscope.dsp.rhythm.beat_times import refine_times
from riffscope.dsp.rhythm.heard import EVEN_LOG_ODDS, MIN_SILENCE_S, heard_stretches, silent_frames
from riffscope.dsp.rhythm.levels import LevelEvidence, RatedLevel, beats_right, level_weights
from riffscope.dsp.rhythm.steady import steady_stretches
from riffscope.dsp.rhythm.tempo import (
    SAME_TEMPO,
    TEMPOGRAM_STEP_S,
    autocorrelation_tempogram,
    prevailing_tempi,
    pulse_clarity,
    span_tempi,
)
from riffscope.dsp.runs import drop_short
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Settings, Span, value
from riffscope.steps import view
from riffscope.units import COUNT, PROBABILITY, SECONDS
from riffscope.views.beat_activation import BeatActivation
from riffscope.views.mono import Mono
from riffscope.views.onset_strength import OnsetStrength

# Four beats at 100 BPM: with fewer, nothing is known to repeat.
MIN_DURATION_S = 2.5
# The slowest and the fastest beat of the first search: slower ones are mostly bars, faster ones eighths. Chosen, not
# fitted.
MIN_BPM, MAX_BPM = 42.0, 232.0
# The slowest and the fastest of all levels. Chosen, not fitted.
SLOWEST_BPM, FASTEST_BPM = 35.0, 250.0
# A tempo that the user gave is kept within this ratio: players drift, and people tap in whole numbers.
GIVEN_WITHIN = 0.08
# Noise and speech reach a pulse clarity of .41 at most, 130 annotated songs .42 at least. Five songs lie below .5, and
# the beats of two of them are right.
MIN_PULSE_CLARITY = 0.42
# In a stretch of hardly any length, it has to exceed that by this much.
SHORT_CLARITY = 0.06
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
# The surest downbeats have these log-odds at least (9 : 1); less sure ones are often half bars.
SURE_DOWNBEAT_ODDS = 2.2
# They lie on a beat within so many frames, 60 ms.
ON_BEAT_FRAMES = 3
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
# Beside a beatless stretch of this length at either end of the song, beats are counted on through it, so that it has
# bars as well. A shorter one is an upbeat or a last chord that dies away.
MIN_BEATLESS_S = 8.0
# Where two stretches of a song can be counted at one tempo, they mostly are: its weight in log-odds. Chosen, not
# fitted.
SAME_TEMPO_BONUS = 3.0
# What is heard in a stretch of this length settles its level as in a whole song; a shorter one yields more to its
# neighbours. Chosen, not fitted.
SETTLED_S = 20.0
# After a gap, the first beat is searched for from so many beats before the one of the first search on. Chosen, not
# fitted.
AROUND_BEATS = 1.7
# The tempo beside a gap is that of so many beats.
BESIDE_GAP = 24
# A beat that goes on through a gap comes out within this share of a beat.
IN_STEP_BEATS = 0.08
# And is heard on its beats rather than between them: by these log-odds. In applause it is the same. Chosen, not fitted.
HEARD_ON_BEATS = 0.7
# Neighbouring stretches within this ratio of each other have one tempo.
ONE_TEMPO = 0.04


@value
class MeterPart:
    """A stretch of the song in one meter."""

    start_s: Annotated[float, SECONDS]
    end_s: Annotated[float, SECONDS]
    beats_per_bar: Annotated[int, COUNT]


@value
class BeatTrack:
    """The beats of a song.

    Attributes
    ----------
    times_s : float64 array, shape (n,)
        Increasing; n >= 2. Within `spans` each lies at the attack of the sound; elsewhere they are counted on, so that
        all of the song has beats and bars.
    downbeat_index : int64 array, shape (m,)
        Indexes into `times_s` of the beats that begin a bar.
    beats_per_bar : int
        In most bars: 2 (only where the beat divides into three), 3, 4, 5 or 7, or what the user gave.
    levels : tuple of RatedLevel
        The level of `times_s`, then the other metrical levels, the likelier first.
    confidence_fraction : float
        Probability that the beats are right, 0..1.
    spans : tuple of Span
        Where there is a beat; empty where there is one from the first to the last.
    meters : tuple of MeterPart
        Where the meter changes; empty where it does not.
    marks_bars : bool
        Whether anything marks a bar; the bars of equal clicks are only counted.
    bar_confidence_fraction : float
        Probability that the downbeats are right, 0..1.
    """

    times_s: Annotated[Floats, SECONDS]
    downbeat_index: Ints
    beats_per_bar: Annotated[int, COUNT]
    levels: tuple[RatedLevel, ...]
    confidence_fraction: Annotated[float, PROBABILITY]
    spans: tuple[Span, ...] = ()
    meters: tuple[MeterPart, ...] = ()
    marks_bars: bool = True
    bar_confidence_fraction: Annotated[float, PROBABILITY] = 1.0

    def __post_init__(self) -> None:
        if self.times_s.ndim != 1 or len(self.times_s) < 2 or not np.all(np.diff(self.times_s) > 0):
            raise ValueError("beats are at least two increasing times")
        if np.any((self.downbeat_index < 0) | (self.downbeat_index >= len(self.times_s))):
            raise ValueError("downbeats are indexes into the beats")

    @property
    def is_heard(self) -> Mask:
        """Which beats are heard, and not only counted on: (n,)."""
        if not self.spans:
            return np.ones(len(self.times_s), np.bool_)
        starts, ends = (np.array([getattr(span, end) for span in self.spans]) for end in ("start_s", "end_s"))
        within = (self.times_s[:, None] >= starts) & (self.times_s[:, None] < ends)
        heard: Mask = np.logical_or.reduce(within, axis=1)
        return heard


@view
def follow_beats(mono: Mono, activation: BeatActivation, onsets: OnsetStrength, settings: Settings) -> BeatTrack:
    """Track the beats and downbeats, and rate how likely each metrical level is.

    The song is divided where the beat stops and where the tempo jumps; each stretch is rated by itself, and the
    stretches settle on one tempo where they can. A tempo, meter or downbeat given by the user overrules what is heard.

    Raises
    ------
    CannotMeasure
        The sound lasts less than 2.5 s, or has no steady beat.
    """
    sound = _listen(mono, activation, onsets, settings)
    sounding_s = (sound.last + 1 - sound.first) / sound.rate_hz
    if sounding_s < MIN_DURATION_S:
        raise CannotMeasure(
            Absence.TOO_SHORT, f"{sounding_s:.1f} s is too short to find beats (needs {MIN_DURATION_S:g} s)"
        )
    main = sound.search(sound.usual_periods, sound.first, sound.last)
    reaches = _cut(sound, main, is_given=settings.tempo_bpm is not None)
    stretches = [stretch for reach in reaches if (stretch := _rate(sound, reach, main)) is not None]
    if not stretches:
        raise CannotMeasure(Absence.NO_BEAT, "no steady beat was found")
    stretches = _joined(sound, _agreed(_with_tempi_of_neighbours(sound, stretches), sound.rate_hz))
    runs = _runs(sound, stretches)
    frames = np.concatenate(runs)
    starts = np.cumsum([0, *(len(run) for run in runs[:-1])]).tolist()
    bars = _bars(sound, frames, starts, settings)
    times = [
        refine_times(
            mono.samples,
            sound.log_odds,
            run,
            sample_rate_hz=mono.sample_rate_hz,
            frame_rate_hz=sound.rate_hz,
        )
        for run in runs
    ]
    longest = max(stretches, key=lambda each: _lasting(stretches, each))
    return _counted_on(
        times,
        bars,
        sounding_s=(sound.first / sound.rate_hz, (sound.last + 1) / sound.rate_hz),
        levels=(
            (RatedLevel(bpm=longest.levels[0].bpm, weight_fraction=1.0),) if settings.tempo_bpm else longest.levels
        ),
        confidence=float(
            np.average([each.confidence for each in stretches], weights=[each.length for each in stretches])
        ),
        bar_confidence=_bar_confidence(sound, frames, bars, settings),
        is_marked=settings.beats_per_bar is not None or marks_bars(sound.downbeats_on(frames)),
    )


# -------------------------------------------------------------------------------------------------- what is listened to
@dataclass(frozen=True, kw_only=True)
class _Sound:
    """What beats are searched in: curves by frame, from the first to the last frame that sounds."""

    log_odds: Float32s
    beat_odds: Float32s
    downbeat_odds: Float32s
    envelope: Float32s
    bands: Float32s
    tempogram: Floats
    is_silent: Mask
    tempo_bpm: Floats
    tempo_logits: Float32s
    periods: Ints
    usual_periods: Ints
    first: int
    last: int
    rate_hz: float

    def search(self, periods: Ints, first: int, last: int) -> Ints:
        """Return the beats (frames) of the best path in some frames, less those at either end that are not heard."""
        allowed = periods[periods <= (last - first) // 2]
        if len(allowed) < 2:
            return np.zeros(0, np.int64)
        frames = best_beats(self.beat_odds + BEAT_REWARD, allowed, first_frame=first, last_frame=last).frames
        cut_off = first == 0 and frames < CUT_OFF_S * self.rate_hz
        heard = np.flatnonzero((greatest_near(self.envelope, frames) > MIN_END_STRENGTH) | cut_off)
        return frames[heard[0] : heard[-1] + 1] if heard.size else frames[:0]

    def tempogram_between(self, first: int, last: int) -> Floats:
        """Return the rows of the tempogram around some frames: (n_windows, n_lags)."""
        step = TEMPOGRAM_STEP_S * self.rate_hz
        begin, end = (round((frame - self.first) / step) for frame in (first, last))
        return self.tempogram[begin : max(end, begin + 1)]

    def tempo_log_probability(self, bpm: float, first: int, last: int) -> float:
        """Return the log-probability of a tempo in some frames, give or take a tenth of an octave."""
        begin = min(int(first / self.rate_hz), len(self.tempo_logits) - 1)
        logits = self.tempo_logits[begin : max(round(last / self.rate_hz), begin + 1)].mean(axis=0, dtype=np.float64)
        probability = np.exp(logits - logits.max())
        near = np.abs(np.log2(self.tempo_bpm / bpm)) < TEMPO_WITHIN_OCTAVES
        return float(np.log(probability[near].sum() / probability.sum() + MIN_TEMPO_PROBABILITY))

    def downbeats_on_beats(self, frames: Ints, first: int, last: int) -> float:
        """Return the share of the surest downbeats in some frames that lie on beats; 1 where there are hardly any."""
        odds = self.downbeat_odds[first : last + 1]
        inner = odds[1:-1]
        peaks = first + 1 + np.flatnonzero((inner > SURE_DOWNBEAT_ODDS) & (inner >= odds[:-2]) & (inner > odds[2:]))
        if len(peaks) < MIN_BEATS:
            return 1.0
        after = np.searchsorted(frames, peaks)
        nearest = np.minimum(
            np.abs(frames[np.minimum(after, len(frames) - 1)] - peaks), np.abs(frames[np.maximum(after - 1, 0)] - peaks)
        )
        return float((nearest <= ON_BEAT_FRAMES).mean())

    def downbeats_on(self, frames: Ints) -> Floats:
        """Return the log-odds of the downbeat curve on some beats."""
        return greatest_near(self.downbeat_odds, frames)


def _listen(mono: Mono, activation: BeatActivation, onsets: OnsetStrength, settings: Settings) -> _Sound:
    rate_hz = activation.frame_rate_hz
    hop_length = round(mono.sample_rate_hz / rate_hz)
    count = len(activation.probability)
    first, last = sounding_frames(mono.samples, hop_length=hop_length)
    last = min(last, count - 1)
    silent = silent_frames(mono.samples, hop_length=hop_length)[:count]
    silent = drop_short(np.pad(silent, (0, count - len(silent))), round(MIN_SILENCE_S * rate_hz))
    log_odds = _log_odds(activation.probability)
    periods = _periods(SLOWEST_BPM, FASTEST_BPM, rate_hz)
    usual = _periods(MIN_BPM, MAX_BPM, rate_hz)
    if settings.tempo_bpm is not None:
        slowest, fastest = settings.tempo_bpm / (1 + GIVEN_WITHIN), settings.tempo_bpm * (1 + GIVEN_WITHIN)
        periods = usual = _periods(slowest, fastest, rate_hz)
    return _Sound(
        log_odds=log_odds,
        beat_odds=_widened(log_odds),
        downbeat_odds=_log_odds(activation.downbeat_probability),
        envelope=activation.onset_envelope,
        bands=onsets.bands,
        tempogram=autocorrelation_tempogram(activation.onset_envelope[first : last + 1], frame_rate_hz=rate_hz),
        is_silent=silent,
        tempo_bpm=activation.tempo_bpm,
        tempo_logits=activation.tempo_logits,
        periods=periods,
        usual_periods=usual,
        first=first,
        last=last,
        rate_hz=rate_hz,
    )


def _periods(slowest_bpm: float, fastest_bpm: float, rate_hz: float) -> Ints:
    """Return the periods, in frames, of some tempi."""
    return np.arange(int(np.ceil(60 * rate_hz / fastest_bpm)), int(60 * rate_hz / slowest_bpm) + 1)


def _log_odds(probability: Float32s) -> Float32s:
    """Return log(p / (1 - p)) at each frame."""
    certain = np.clip(probability, 1e-5, 1 - 1e-5)
    odds: Float32s = np.log(certain / (1 - certain))
    return odds


def _widened(odds: Float32s) -> Float32s:
    """Return log-odds at each frame with peaks widened by a frame on either side."""
    spread = odds.copy()
    np.maximum(spread[1:], odds[:-1] - BESIDE_PEAK_COST, out=spread[1:])
    np.maximum(spread[:-1], odds[1:] - BESIDE_PEAK_COST, out=spread[:-1])
    return np.maximum(spread, np.float32(MIN_LOG_ODDS))


# ------------------------------------------------------------------------------------ stretches, and how to count them
@dataclass(frozen=True, kw_only=True)
class _Reach:
    """Frames in which a beat goes on at one tempo, and the number of the gaps before them."""

    first: int
    last: int
    run: int


@dataclass(frozen=True, kw_only=True)
class _Level:
    """One metrical level of a stretch: its beats, and the evidence for it."""

    frames: Ints
    evidence: LevelEvidence


@dataclass(frozen=True, kw_only=True)
class _Stretch:
    """A stretch of one tempo, and the levels it can be counted at: the chosen one first."""

    reach: _Reach
    ways: tuple[_Level, ...]
    weights: Floats

    @property
    def chosen(self) -> _Level:
        return self.ways[0]

    @property
    def length(self) -> int:
        return self.reach.last - self.reach.first

    @property
    def confidence(self) -> float:
        return beats_right(float(self.weights[0]), self.chosen.evidence.beat_log_odds)

    @property
    def levels(self) -> tuple[RatedLevel, ...]:
        return tuple(
            RatedLevel(bpm=round(way.evidence.bpm, 2), weight_fraction=round(float(weight), 3))
            for way, weight in zip(self.ways, self.weights, strict=True)
        )

    def counted(self, way: int) -> "_Stretch":
        """Return the stretch with another level chosen."""
        order = [way, *(k for k in range(len(self.ways)) if k != way)]
        return _Stretch(reach=self.reach, ways=tuple(self.ways[k] for k in order), weights=self.weights[order])


def _cut(sound: _Sound, main: Ints, *, is_given: bool) -> list[_Reach]:
    """Cut the song where no beat is heard and where the tempo steps: the frames of each stretch."""
    if len(main) < MIN_BEATS:
        return []
    times_s = main / sound.rate_hz
    # A tempo that the user gives is there wherever something sounds.
    odds = np.full(len(main), SURE_LOG_ODDS) if is_given else sound.beat_odds[main].astype(np.float64)
    runs = [
        (first, last)
        for first, last in heard_stretches(odds, times_s, sound.is_silent[main]).tolist()
        if last - first >= MIN_BEATS and (is_given or _is_steady(sound, main[first:last]))
    ]
    reaches: list[_Reach] = []
    for run, (first, last) in enumerate(_bridged(sound, main, runs)):
        beats = main[first:last]
        around = int(np.median(np.diff(beats)) * AROUND_BEATS)
        # Faint beats at either end are searched for once more: in all that sounds at the ends of the song.
        low = sound.first if first == 0 else int(beats[0]) - around
        high = sound.last if last == len(main) else int(beats[-1]) + around
        cuts = [int(beats[k]) - 1 for k in steady_stretches(times_s[first:last])[1:, 0].tolist()]
        edges = [low, *cuts, high]
        reaches += [_Reach(first=a, last=b, run=run) for a, b in itertools.pairwise(edges)]
    return reaches


def _rate(sound: _Sound, reach: _Reach, whole: Ints) -> _Stretch | None:
    """Find the beats of a stretch at each level it can be counted at; None where there are hardly any.

    The beats (frames) of the `whole` song are known already.
    """
    is_whole = (reach.first, reach.last) == (sound.first, sound.last)
    main = whole if is_whole else sound.search(sound.usual_periods, reach.first, reach.last)
    if len(main) < MIN_BEATS:
        return None
    tempogram = sound.tempogram_between(reach.first, reach.last)
    ways = [_level(sound, frames, reach, tempogram) for frames in [main, *_other_paths(sound, main, reach)]]
    return _weighed(reach, ways)


def _weighed(reach: _Reach, ways: Sequence[_Level]) -> _Stretch:
    """Weigh the ways to count a stretch, and drop those at the tempo of a likelier one."""
    weights = level_weights([way.evidence for way in ways])
    kept: list[int] = []
    for k in np.argsort(-weights).tolist():
        bpm = ways[k].evidence.bpm
        if all(abs(bpm / ways[other].evidence.bpm - 1) > SAME_TEMPO for other in kept):
            kept.append(k)
    chosen = [ways[k] for k in kept]
    return _Stretch(reach=reach, ways=tuple(chosen), weights=level_weights([way.evidence for way in chosen]))


def _with_tempi_of_neighbours(sound: _Sound, stretches: list[_Stretch]) -> list[_Stretch]:
    """Try the likeliest tempi of its neighbours in each stretch too: it may go on in one that is faint there."""
    out = []
    for k, stretch in enumerate(stretches):
        ways = list(stretch.ways)
        tempogram = sound.tempogram_between(stretch.reach.first, stretch.reach.last)
        for other in stretches[max(0, k - 1) : k] + stretches[k + 1 : k + 2]:
            bpm = other.chosen.evidence.bpm
            if any(abs(bpm / way.evidence.bpm - 1) <= SAME_TEMPO for way in ways):
                continue
            periods = _periods_near(sound, np.array([60 * sound.rate_hz / bpm]), SAME_TEMPO)
            frames = sound.search(periods, stretch.reach.first, stretch.reach.last)
            if len(frames) >= MIN_BEATS:
                ways.append(_level(sound, frames, stretch.reach, tempogram))
        out.append(_weighed(stretch.reach, ways))
    return out


def _bridged(sound: _Sound, main: Ints, runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join runs between which the beat goes on unheard: the tempo and the beat are the same again after the gap.

    And the sound agrees: it does not fall silent, and what there is of beats lies on those that are counted on.
    """
    out: list[tuple[int, int]] = []
    for first, last in runs:
        if out and _goes_on(sound, main[slice(*out[-1])], main[first:last]):
            out[-1] = (out[-1][0], last)
        else:
            out.append((first, last))
    return out


def _goes_on(sound: _Sound, before: Ints, after: Ints) -> bool:
    """Return whether a beat (frames) goes on through the gap between two runs of it."""
    gap = slice(int(before[-1]), int(after[0]))
    lengths = [float(np.diff(beats).mean()) for beats in (before[-BESIDE_GAP:], after[:BESIDE_GAP])]
    counted = (gap.stop - gap.start) / float(np.mean(lengths))
    if sound.is_silent[gap].any() or abs(np.log(lengths[0] / lengths[1])) > np.log1p(SAME_TEMPO) or counted < 2:
        return False
    if abs(counted - round(counted)) > IN_STEP_BEATS:
        return False
    beats = np.linspace(gap.start, gap.stop, round(counted) + 1)
    on, off = (
        greatest_near(sound.log_odds, np.round(places).astype(np.int64)).mean()
        for places in (beats[1:-1], (beats[1:] + beats[:-1]) / 2)
    )
    return bool(on - off > HEARD_ON_BEATS)


def _is_steady(sound: _Sound, beats: Ints) -> bool:
    """Return whether some beats (frames), without a gap, are those of music rather than of talk or noise.

    A short stretch has to be clearer: the best of many lags is never 0, and the mean over few windows is uncertain.
    """
    first, last = int(beats[0]), int(beats[-1])
    lacking = max(0.0, 1 - (last - first) / (SETTLED_S * sound.rate_hz))
    clarity = pulse_clarity(sound.tempogram_between(first, last), frame_rate_hz=sound.rate_hz)
    strength = float(greatest_near(sound.envelope, beats).mean())
    is_sure = sound.beat_odds[beats].mean() > SURE_LOG_ODDS
    return clarity >= MIN_PULSE_CLARITY + (0 if is_sure else SHORT_CLARITY * lacking) and strength >= (
        MIN_SURE_BEAT_STRENGTH if is_sure else MIN_BEAT_STRENGTH
    )


def _other_paths(sound: _Sound, main: Ints, reach: _Reach) -> list[Ints]:
    """Return the beats (frames) of the best path at each other metrical level."""
    lengths = np.percentile(np.diff(main), [FAST_PERCENTILE, 50, SLOW_PERCENTILE])
    paths = []
    for ratio in LEVEL_RATIOS:
        subset = _periods_near(sound, lengths[[0, 2]] / ratio, LEVEL_TOLERANCE)
        if len(subset) >= 2 and sound.periods[0] <= lengths[1] / ratio <= sound.periods[-1]:
            paths.append(sound.search(subset, reach.first, reach.last))
    return [path for path in paths if len(path) >= MIN_BEATS]


def _periods_near(sound: _Sound, lengths: Floats, tolerance: float) -> Ints:
    """Return the periods from the shortest to the longest of some lengths of a beat, and a little beyond."""
    shortest = lengths.min() * (1 - tolerance) - 0.5
    longest = lengths.max() * (1 + tolerance) + 0.5
    near: Ints = sound.periods[(sound.periods >= shortest) & (sound.periods <= longest)]
    return near


def _level(sound: _Sound, frames: Ints, reach: _Reach, tempogram: Floats) -> _Level:
    """Gather the evidence for one way to count a stretch."""
    bpm = float(np.median(prevailing_tempi(span_tempi(frames / sound.rate_hz))))
    period = round(60 * sound.rate_hz / bpm)
    return _Level(
        frames=frames,
        evidence=LevelEvidence(
            bpm=bpm,
            beat_log_odds=float(sound.beat_odds[frames].mean()),
            bar_log_probability=_bars(sound, frames, [0], None).total / len(frames),
            autocorrelation=float(tempogram[:, period - 1 : period + 2].max(axis=1).mean()),
            tempo_log_probability=sound.tempo_log_probability(bpm, reach.first, reach.last),
            downbeats_on_beats=sound.downbeats_on_beats(frames, reach.first, reach.last),
        ),
    )


def _agreed(stretches: list[_Stretch], rate_hz: float) -> list[_Stretch]:
    """Choose a level for each stretch, so that neighbours have one tempo where they can: the best path over all."""
    if len(stretches) == 1:
        return stretches
    totals: list[Floats] = []
    came_from: list[Ints] = []
    for k, stretch in enumerate(stretches):
        settled = min(stretch.length / (SETTLED_S * rate_hz), 1.0)
        own = settled * np.log(np.maximum(stretch.weights, 1e-6))
        if k == 0:
            totals.append(own)
            came_from.append(np.zeros(len(own), np.int64))
            continue
        before, here = (np.array([way.evidence.bpm for way in each.ways]) for each in (stretches[k - 1], stretch))
        same = np.abs(np.log(here[:, None] / before)) < np.log1p(ONE_TEMPO)
        reached = totals[-1] + SAME_TEMPO_BONUS * same
        came_from.append(reached.argmax(axis=1))
        totals.append(reached.max(axis=1) + own)
    way = int(totals[-1].argmax())
    out = []
    for stretch, back in zip(reversed(stretches), reversed(came_from), strict=True):
        out.append(stretch.counted(way))
        way = int(back[way])
    return out[::-1]


def _joined(sound: _Sound, stretches: list[_Stretch]) -> list[_Stretch]:
    """Join neighbours that turned out to have one tempo: what seemed a step was another level."""
    joined: list[_Stretch] = []
    for stretch in stretches:
        before = joined[-1] if joined else None
        if before is not None and before.reach.run == stretch.reach.run:
            a, b = before.chosen.evidence.bpm, stretch.chosen.evidence.bpm
            if abs(np.log(a / b)) < np.log1p(ONE_TEMPO):
                reach = _Reach(first=before.reach.first, last=stretch.reach.last, run=stretch.reach.run)
                longer = max((before, stretch), key=lambda each: each.length)
                periods = _periods_near(sound, 60 * sound.rate_hz / np.array([a, b]), LEVEL_TOLERANCE)
                frames = sound.search(periods, reach.first, reach.last)
                if len(frames) >= MIN_BEATS:
                    way = _level(sound, frames, reach, sound.tempogram_between(reach.first, reach.last))
                    joined[-1] = _Stretch(reach=reach, ways=(way, *longer.ways[1:]), weights=longer.weights)
                    continue
        joined.append(stretch)
    return joined


def _lasting(stretches: list[_Stretch], like: _Stretch) -> tuple[int, int]:
    """Return for how many frames the song has the tempo of a stretch, and the length of that one."""
    bpm = like.chosen.evidence.bpm
    same = [each.length for each in stretches if abs(each.chosen.evidence.bpm / bpm - 1) < SAME_TEMPO]
    return sum(same), like.length


def _runs(sound: _Sound, stretches: list[_Stretch]) -> list[Ints]:
    """Return the beats (frames) from gap to gap. Where two stretches meet, a beat that both found counts once."""
    runs: list[list[Ints]] = []
    number = -1
    for stretch in stretches:
        frames = stretch.chosen.frames
        if stretch.reach.run != number:
            runs.append([frames])
            number = stretch.reach.run
            continue
        least = int(np.diff(frames).min()) // 2 if len(frames) > 1 else 1
        runs[-1].append(frames[frames > runs[-1][-1][-1] + least])
    beats = [np.concatenate(run) for run in runs]
    return [
        _without_unheard_ends(sound, run, at_start=k == 0, at_end=k == len(beats) - 1) for k, run in enumerate(beats)
    ]


def _without_unheard_ends(sound: _Sound, frames: Ints, *, at_start: bool, at_end: bool) -> Ints:
    """Drop beats that run over into a gap; where the song begins and ends, the search has seen to that."""
    heard = np.flatnonzero(sound.beat_odds[frames] > EVEN_LOG_ODDS)
    if not heard.size:
        return frames
    return frames[0 if at_start else heard[0] : len(frames) if at_end else heard[-1] + 1]


# ---------------------------------------------------------------------------------------------------------------- bars
def _bars(sound: _Sound, frames: Ints, starts: Sequence[int], settings: Settings | None) -> BarPath:
    """Find the bars; without settings, those of one meter that speak for a level."""
    known = settings or Settings()
    downbeat = None
    if known.downbeat_s is not None:
        downbeat = int(np.abs(frames / sound.rate_hz - known.downbeat_s).argmin())
    return find_bars(
        sound.downbeats_on(frames),
        greatest_near(sound.bands, frames),
        thirds=thirds_against_halves(sound.bands.mean(axis=0), frames),
        starts=starts,
        given=GivenBars(beats_per_bar=known.beats_per_bar, downbeat=downbeat),
        may_change=settings is not None,
    )


def _bar_confidence(sound: _Sound, frames: Ints, bars: BarPath, settings: Settings) -> float:
    if settings.downbeat_s is not None:
        return 1.0
    return 1 / (1 + float(np.exp(-bar_odds(sound.downbeats_on(frames), bars))))


def _counted_on(
    runs: list[Floats],
    bars: BarPath,
    *,
    sounding_s: tuple[float, float],
    levels: tuple[RatedLevel, ...],
    confidence: float,
    bar_confidence: float,
    is_marked: bool,
) -> BeatTrack:
    """Put the beats together, and count on where none is heard, so that all of the song has beats and bars."""
    lengths = [float(np.median(np.diff(run))) for run in runs]
    times_s, is_heard, spans = [], [], []
    for k, (run, length) in enumerate(zip(runs, lengths, strict=True)):
        if k == 0:
            since, between = sounding_s[0], length
            count = int((run[0] - since) / length) if run[0] - since >= MIN_BEATLESS_S else 0
            added = run[0] - length * np.arange(count, 0, -1)
        else:
            since, between = float(runs[k - 1][-1]), (length + lengths[k - 1]) / 2
            added = np.linspace(since, run[0], max(round((run[0] - since) / between), 1) + 1)[1:-1]
        times_s += [added, run]
        is_heard += [np.zeros(len(added), np.bool_), np.ones(len(run), np.bool_)]
        spans.append(Span(start_s=float(run[0]), end_s=float(run[-1]) + length))
    spans = [
        Span(start_s=span.start_s, end_s=min(span.end_s, float(following[0]) if len(following) else span.end_s))
        for span, following in zip(spans, [*times_s[2::2], ()], strict=True)
    ]
    left_s = sounding_s[1] - float(runs[-1][-1])
    if left_s >= MIN_BEATLESS_S + lengths[-1]:
        added = runs[-1][-1] + lengths[-1] * np.arange(1, int(left_s / lengths[-1]) + 1)
        times_s.append(added)
        is_heard.append(np.zeros(len(added), np.bool_))
    every_s, heard = np.concatenate(times_s), np.flatnonzero(np.concatenate(is_heard))
    return BeatTrack(
        times_s=every_s,
        downbeat_index=_bars_counted_on(len(every_s), heard, bars),
        beats_per_bar=bars.beats_per_bar,
        levels=levels,
        confidence_fraction=round(confidence, 3),
        spans=tuple(spans),
        meters=_meter_parts(every_s[heard], bars.beats_per_bar_at, spans[-1].end_s),
        marks_bars=is_marked,
        bar_confidence_fraction=round(bar_confidence, 3),
    )


def _bars_counted_on(count: int, heard: Ints, bars: BarPath) -> Ints:
    """Return the downbeats among all beats: in a gap bars go on as before it, at the start as after it."""
    downbeats = heard[bars.downbeats]
    if not downbeats.size:
        return downbeats
    size = bars.beats_per_bar
    is_heard = np.zeros(count, np.bool_)
    is_heard[heard] = True
    counted = [np.arange(downbeats[0] % size, downbeats[0], size)]
    for here, following in itertools.pairwise([*downbeats.tolist(), count]):
        counted.append(np.arange(here + size, following, size))
    added = np.concatenate(counted)
    both: Ints = np.union1d(downbeats, added[~is_heard[added]])
    return both


def _meter_parts(heard_s: Floats, meter_at: Ints, end_s: float) -> tuple[MeterPart, ...]:
    """Return where the meter changes; nothing where it does not. A part ends with its beats."""
    changes = np.flatnonzero(np.diff(meter_at)) + 1
    if not changes.size:
        return ()
    parts = []
    for first, following in itertools.pairwise([0, *changes.tolist(), len(heard_s)]):
        beats_s = heard_s[first:following]
        beat_s = float(np.median(np.diff(beats_s))) if len(beats_s) > 1 else 0.0
        next_s = float(heard_s[following]) if following < len(heard_s) else end_s
        ends_s = min(next_s, float(beats_s[-1]) + beat_s) if next_s - beats_s[-1] > 2 * beat_s else next_s
        parts.append(MeterPart(start_s=float(beats_s[0]), end_s=ends_s, beats_per_bar=int(meter_at[first])))
    return tuple(parts)
