"""Loops: the riff of a song, how long it is, where it sounds, how exactly it repeats, and what else loops.

Conventions
-----------
Times are seconds from the start of the file, lengths are in seconds, beats and bars; ranges are 90% ranges.
Similarity is self-similarity beyond chance: 0 is the chance level, 1 the same sound.

References
----------
`riffscope.dsp.repetition` finds loops in beats; this module converts them to seconds and bars.
"""

import enum
import math
from dataclasses import fields
from typing import Annotated

import numpy as np

from riffscope.arrays import Float32s, Floats, Ints
from riffscope.dsp.repetition.loops import FoundLoop, find_loops
from riffscope.dsp.repetition.passes import cut_passes
from riffscope.dsp.repetition.self_similarity import bar_similarity, compare_beats, most_similar
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Audio, Estimate, Span, VocalSource, value
from riffscope.steps import analyzer
from riffscope.units import BARS, BEATS, COUNT, FRACTION, NAME, PERCENT, PROBABILITY, SECONDS, Said
from riffscope.views.accompaniment_spectrogram import AccompanimentSpectrogram
from riffscope.views.beat_track import BeatTrack
from riffscope.views.semitone_spectrogram import SemitoneSpectrogram
from riffscope.views.tatum_features import TATUMS_PER_BEAT, tatum_edges
from riffscope.words import bars_long, count, percent_of

# Only drums play where the harmonic part has a smaller share of the energy than this. See `SemitoneSpectrogram`.
MIN_HARMONIC_FRACTION = 0.18
# Two bars played twice.
MIN_BARS = 4
# Every beat is compared with every other: this many take half a gigabyte, and last 25 minutes at 120 BPM.
MAX_BEATS = 3000
# Energy of the accompaniment relative to the mix, -30 dB: a voice alone leaves -43 dB or less, a band behind a loud
# voice -20 dB or more.
MIN_ACCOMPANIMENT = 1e-3
# The riff and the loops of other sections: hardly any song has more than two.
MAX_LOOPS = 3
# A loop is reported from even odds on.
MIN_PROBABILITY = 0.5
# The upper end of the coverage includes bars outside with at least this share of the mean similarity of those inside.
# With the three constants below, the range holds the truth for 91 % of 83 rendered songs.
MAY_BELONG = 0.5
# The lower end leaves out bars inside with less than this share; from the same songs.
MAY_NOT_BELONG = 0.35
# Both ends move by this share of the file, for where the spans begin and end; from the same songs.
EDGES_FRACTION = 0.03
# Where a loop is less probable than this, the lower end is 0: there may be none.
SURE_PROBABILITY = 0.9
# The self-similarity matrix is kept small: bars are joined so that it has this many rows at most.
MAX_CELLS = 128
# Passes of one length differ by less: by what players drift. Chosen, not fitted.
SAME_LENGTH = 0.02
# Spans are rounded to a tenth of a millisecond: a pass that starts this close to a span's end starts there.
ROUNDING_S = 1e-3


class LoopKind(enum.StrEnum):
    """What it is that repeats. Its value is the JSON's ``kind``."""

    RIFF = "riff"
    """A figure: the same notes in the same rhythm."""
    CHORDS = "chords"
    """Chords that are held or strummed: the harmony comes round, whatever is played over it."""
    PASSAGE = "passage"
    """What repeats as a section does: after eight bars or more, and not pass after pass."""

    @property
    def noun(self) -> str:
        """What people call it."""
        return {LoopKind.RIFF: "riff", LoopKind.CHORDS: "chord loop", LoopKind.PASSAGE: "repeated passage"}[self]


@value
class Loop:
    """Something that repeats over and over.

    Attributes
    ----------
    period_s : float
        The median length of so many beats over the song; where it is always shorter or longer, over where it sounds.
    period_beats : int
    period_bars : float
    coverage_fraction : Estimate
        Share of the file in which it sounds.
    spans : tuple of Span
        Where it sounds.
    longest_gap_bars : float
        The longest stretch of the beats without it.
    exactness_fraction : float
        Share of a beat's notes that its best repeat contains as well; 1 is the same sound, with nothing on top.
    example : Span
        The cleanest pass: the one most similar to the others.
    passes : float
        How often it is heard, in stretches of one pass at least.
    probability : float
        Probability that it is a loop, and not the best that chance offers.
    kind : LoopKind
        What it is that repeats: a riff, chords, or a whole passage.
    whole_passes : tuple of Span
        Its passes from start to end, without those that are cut short; empty in older files.
    """

    period_s: Annotated[
        float,
        SECONDS,
        "length (seconds)",
        Said(one="The repeated pattern lasts {}", subject="the repeated pattern", more="longer", less="shorter"),
    ]
    period_beats: Annotated[
        int,
        BEATS,
        "length (beats)",
        Said(one="The repeated pattern lasts {}", subject="the repeated pattern", more="longer", less="shorter"),
    ]
    period_bars: Annotated[
        float,
        BARS,
        "length (bars)",
        Said(one="The repeated pattern lasts {}", subject="the repeated pattern", more="longer", less="shorter"),
    ]
    coverage_fraction: Annotated[
        Estimate,
        FRACTION,
        "share of the song",
        Said(
            one="The riff is heard in {} of {where}", subject="the share with the riff", more="larger", less="smaller"
        ),
    ]
    spans: tuple[Span, ...]
    longest_gap_bars: Annotated[
        float,
        BARS,
        "longest break",
        Said(
            one="The longest break in the riff lasts {}",
            subject="the longest break in the riff",
            more="longer",
            less="shorter",
        ),
    ]
    exactness_fraction: Annotated[
        float,
        FRACTION,
        "notes that its repeats share",
        Said(
            one="The repeats share {} of their sound",
            subject="the share of sound in common",
            more="larger",
            less="smaller",
        ),
    ]
    example: Span
    passes: Annotated[float, COUNT, "repeats", Said(one="The riff is heard {} times", subject="the number of repeats")]
    probability: Annotated[float, PROBABILITY, Said(one="The riff is {} certain")]
    kind: Annotated[LoopKind, NAME, "kind of loop"] = LoopKind.RIFF
    whole_passes: Annotated[tuple[Span, ...], "whole repeats"] = ()


@value
class RiffPass:
    """One pass of the riff: from where it starts, or from where it is first heard, to where it starts again or stops.

    Attributes
    ----------
    start_s, end_s : float
    similarity : float
        Mean similarity of its bars to the riff.
    is_whole : bool
        False where it is cut short at either end.
    """

    start_s: Annotated[float, SECONDS]
    end_s: Annotated[float, SECONDS]
    similarity: Annotated[float, FRACTION]
    is_whole: bool


@value
class Loops(Loop):
    """The riff of a song, and what else loops.

    The riff is the loop that sounds longest; chords or a passage take its place only where no figure sounds nearly as
    long.

    Attributes
    ----------
    others : tuple of Loop
        Loops of sections in which the riff does not sound.
    bar_starts_s : float64 array, shape (n_bars,)
    bar_phase_index : int64 array, shape (n_bars,)
        Which bar of the riff each is, from 0; outside the riff, which it would be if the riff went on.
    bar_similarity : float64 array, shape (n_bars,)
        Similarity of each bar to the riff at its phase, 0..1.
    self_similarity_percent : int64 array, shape (n_cells * n_cells,)
        Self-similarity of the song's bars, row by row. Each cell joins as many bars as it takes to have 128 rows at
        most.
    method : VocalSource
        Which sound was compared: the mix, and the accompaniment where the vocals were separated.
    """

    others: Annotated[tuple[Loop, ...], "other loops"]
    bar_starts_s: Annotated[Floats, SECONDS]
    bar_phase_index: Annotated[Ints, "bar of the loop"]
    bar_similarity: Annotated[Floats, FRACTION]
    self_similarity_percent: Annotated[Ints, PERCENT]
    method: Annotated[VocalSource, "voice from"]

    def __post_init__(self) -> None:
        if not self.bar_starts_s.size == self.bar_phase_index.size == self.bar_similarity.size:
            raise ValueError("each bar has a start, a phase and a similarity")
        if math.isqrt(self.self_similarity_percent.size) ** 2 != self.self_similarity_percent.size:
            raise ValueError("self-similarity has as many rows as columns")

    @property
    def summary(self) -> str:
        """The result in one line."""
        others = f", and {count(len(self.others), 'other loop')}" if self.others else ""
        return (
            f"{bars_long(self.period_bars)} {self.kind.noun} ({SECONDS.format(self.period_s)}) heard "
            f"{COUNT.number(self.passes)} times in {FRACTION.format(self.coverage_fraction.value)} of the song "
            f"({percent_of(self.probability)} sure){others}"
        )

    @property
    def riff_passes(self) -> tuple[RiffPass, ...]:
        """The passes of the riff in order: its spans, cut where the riff starts anew."""
        starts_s = self.bar_starts_s[self.bar_phase_index == 0]
        return tuple(
            self._pass(start_s, end_s)
            for span in self.spans
            for start_s, end_s in cut_passes(span.start_s, span.end_s, starts_s, tolerance=ROUNDING_S).tolist()
        )

    def _pass(self, start_s: float, end_s: float) -> RiffPass:
        bars = self._bars_of_pass(start_s, end_s)
        return RiffPass(
            start_s=start_s,
            end_s=end_s,
            similarity=float(self.bar_similarity[bars].mean()) if self.bar_similarity.size else 0.0,
            is_whole=self._is_whole(bars, start_s, end_s),
        )

    def _bars_of_pass(self, start_s: float, end_s: float) -> slice:
        """Return the bars whose middles lie in a pass; the bar that it lies in, where there is none."""
        middles_s = (self.bar_edges_s[1:] + self.bar_edges_s[:-1]) / 2
        first, last = np.searchsorted(middles_s, [start_s, end_s]).tolist()
        if first == last:
            first = max(int(np.searchsorted(self.bar_starts_s, start_s, side="right")) - 1, 0)
            last = first + 1
        return slice(first, last)

    def _is_whole(self, bars: slice, start_s: float, end_s: float) -> bool:
        """Return whether a pass contains all bars of the riff, with a tolerance of half a beat at either end."""
        count = max(1, round(self.period_bars))
        edges_s = self.bar_edges_s[bars.start : bars.start + count + 1]
        phases = self.bar_phase_index[bars.start : bars.start + count]
        if len(edges_s) != count + 1 or not np.array_equal(phases, np.arange(count)):
            return False
        tolerance_s = (edges_s[-1] - edges_s[0]) / (2 * self.period_beats)
        return bool(start_s <= edges_s[0] + tolerance_s and end_s >= edges_s[-1] - tolerance_s)

    @property
    def bar_edges_s(self) -> Floats:
        """Where bars begin and the last ends, which is taken to last as long as the one before: (n_bars + 1,)."""
        starts_s = self.bar_starts_s
        bar_s = starts_s[-1] - starts_s[-2] if starts_s.size > 1 else self.period_s / max(self.period_bars, 1)
        return np.append(starts_s, starts_s[-1] + bar_s)


@analyzer(version=2)
def find_riff(
    track: BeatTrack, accompaniment: AccompanimentSpectrogram, semitones: SemitoneSpectrogram, audio: Audio
) -> Loops:
    """Find the riff: the same notes with the same timing, repeated at a fixed interval through much of the song.

    Each beat is compared with every other by the notes that sound and start in it. The similarity that a transposed or
    delayed copy of the song would reach is taken off, so the same chords or the same rhythm alone do not count as a
    riff. Where the vocals were separated, both the full mix and the accompaniment are compared and the closer match
    counts: a voice hides notes in the mix, and separation removes some from the accompaniment.

    Raises
    ------
    CannotMeasure
        Nothing repeats, or only drums do. From `BeatTrack`: too short, silent, or without a steady beat.

    Notes
    -----
    Lengths of half a bar and of 1 to 16 bars are tried; the one that describes the song's bars most briefly wins
    (`riffscope.dsp.repetition.description_length`). Chords that repeat under changing melodies are not a riff, nor is a
    chord that is held or struck on every beat. A one-bar riff in short choruses may be missed.
    """
    count, beats_per_bar = len(track.times_s), track.beats_per_bar
    if count < MIN_BARS * beats_per_bar:
        raise CannotMeasure(Absence.TOO_SHORT, f"there are too few bars to find a riff (needs {MIN_BARS})")
    if count > MAX_BEATS:
        raise CannotMeasure(Absence.TOO_LONG, f"the song is too long to search for a riff (at most {MAX_BEATS} beats)")
    is_downbeat = np.zeros(count, bool)
    is_downbeat[track.downbeat_index] = True
    spectrograms = _compared(accompaniment.semitones, semitones)
    edges_s = tatum_edges(track.times_s)
    sounds = [
        compare_beats(one.magnitudes, edges_s, tatums_per_beat=TATUMS_PER_BEAT, frame_rate_hz=one.frame_rate_hz)
        for one in spectrograms
    ]
    found = find_loops(sounds, is_downbeat, beats_per_bar, max_loops=MAX_LOOPS, is_heard=track.is_heard)
    loops = [loop for loop in found if loop.probability >= MIN_PROBABILITY]
    _check_for_a_riff(found, loops, spectrograms[0], beats_per_bar)
    starts = loops[0].bar_starts(beats_per_bar)
    beat_edges_s = np.minimum(edges_s[::TATUMS_PER_BEAT], audio.duration_s)
    riff, *others = (_in_seconds(loop, beat_edges_s, audio.duration_s, beats_per_bar) for loop in loops)
    return Loops(
        **{field.name: getattr(riff, field.name) for field in fields(riff)},
        others=tuple(others),
        bar_starts_s=track.times_s[starts],
        bar_phase_index=loops[0].phases[starts] // beats_per_bar,
        bar_similarity=_by_bar(loops[0].similarity, starts),
        self_similarity_percent=_matrix(most_similar(sounds).beyond_chance, starts, beats_per_bar),
        method=accompaniment.method if len(spectrograms) > 1 else VocalSource.MIX,
    )


def _compared(accompaniment: SemitoneSpectrogram | None, mix: SemitoneSpectrogram) -> list[SemitoneSpectrogram]:
    """Return the accompaniment, where it is more than what the separation leaves of a voice, and the mix."""
    if accompaniment is None:
        return [mix]
    level, of_all = (float(np.einsum("ij,ij->", sound.magnitudes, sound.magnitudes)) for sound in (accompaniment, mix))
    return [accompaniment, mix] if level >= MIN_ACCOMPANIMENT * of_all else [mix]


def _check_for_a_riff(
    found: list[FoundLoop], loops: list[FoundLoop], compared: SemitoneSpectrogram, beats_per_bar: int
) -> None:
    """Refuse drums alone, and what is no more similar than chance makes it."""
    if compared.harmonic_fraction < MIN_HARMONIC_FRACTION:
        every = f" and repeat every {bars_in_words(found[0].period / beats_per_bar)}" if loops else ""
        raise CannotMeasure(Absence.NO_RIFF, f"no repeating riff was found: only drums play{every}")
    if not loops:
        best = max((loop.probability for loop in found), default=0.0)
        raise CannotMeasure(Absence.NO_RIFF, f"no repeating riff was found ({percent_of(1 - best)} sure)")


def _in_seconds(loop: FoundLoop, edges_s: Floats, duration_s: float, beats_per_bar: int) -> Loop:
    """Convert a loop from beats to seconds and bars. Beats begin, and the last ends, at `edges_s`: (n_beats + 1,)."""
    return Loop(
        period_s=round(_period_s(loop, edges_s), 4),
        period_beats=loop.period,
        period_bars=loop.period / beats_per_bar,
        coverage_fraction=_coverage(loop, edges_s, duration_s, beats_per_bar),
        spans=tuple(_span(edges_s, start, end) for start, end in loop.spans),
        longest_gap_bars=loop.longest_gap / beats_per_bar,
        exactness_fraction=round(loop.exactness, 3),
        example=_span(edges_s, *loop.cleanest),
        passes=round(loop.passes, 1),
        probability=round(loop.probability, 3),
        kind=_kind(loop),
        whole_passes=tuple(_span(edges_s, start, end) for start, end in loop.whole_passes),
    )


def _kind(loop: FoundLoop) -> LoopKind:
    if loop.is_passage:
        return LoopKind.PASSAGE
    return LoopKind.CHORDS if loop.is_chords else LoopKind.RIFF


def _period_s(loop: FoundLoop, edges_s: Floats) -> float:
    """Return the median length of so many beats over the song, or over the loop where it is always shorter or longer.

    It is a length that is played: where the tempo changes, the mean would be heard nowhere.
    """
    lengths = edges_s[loop.period :] - edges_s[: -loop.period]
    sounds = np.concatenate([[0], np.cumsum(loop.inside)])
    within = sounds[loop.period :] - sounds[: -loop.period] == loop.period
    usual = float(np.quantile(lengths, 0.5, method="lower"))
    if not within.any():
        return usual
    low, high = lengths[within].min() * (1 - SAME_LENGTH), lengths[within].max() * (1 + SAME_LENGTH)
    if low <= usual <= high:
        return usual
    return float(np.quantile(lengths[within], 0.5, method="lower"))


def _span(edges_s: Floats, start: int, end: int) -> Span:
    return Span(start_s=round(float(edges_s[start]), 4), end_s=round(float(edges_s[end]), 4))


def _coverage(loop: FoundLoop, edges_s: Floats, duration_s: float, beats_per_bar: int) -> Estimate:
    """Measure the share of the file in which a loop sounds; its range depends on the similarity of each bar."""
    starts = loop.bar_starts(beats_per_bar)
    by_bar = _by_bar(loop.similarity, starts)
    within = loop.inside[starts]
    shares = np.diff(np.append(edges_s[starts], edges_s[-1])) / duration_s
    usual = float(by_bar[within].mean()) if within.any() else 0.0
    value = float(np.diff(edges_s)[loop.inside].sum() / duration_s)
    more = float(shares[~within & (by_bar >= MAY_BELONG * usual)].sum())
    less = float(shares[within & (by_bar < MAY_NOT_BELONG * usual)].sum())
    low = max(value - less - EDGES_FRACTION, 0.0) if loop.probability >= SURE_PROBABILITY else 0.0
    return Estimate(value=min(value, 1.0), low=low, high=min(value + more + EDGES_FRACTION, 1.0))


def _by_bar(similarity: Floats, starts: Ints) -> Floats:
    """Average over the bars that start at some beats, the last to the end: (n_beats,) -> (n_bars,), 0..1."""
    lengths = np.diff(np.append(starts, len(similarity)))
    mean: Floats = np.clip(np.add.reduceat(similarity, starts) / lengths, 0, 1).round(3)
    return mean


def _matrix(similarity: Float32s, starts: Ints, beats_per_bar: int) -> Ints:
    """Average the self-similarity of beats over groups of bars: (n_cells * n_cells,), in percent."""
    joined = -(-len(starts) // MAX_CELLS)
    cells = bar_similarity(similarity, starts[::joined], joined * beats_per_bar)
    percent: Ints = np.round(100 * np.clip(cells, 0, 1)).astype(np.int64).ravel()
    return percent


def bars_in_words(count: float) -> str:
    """Say how long a loop is: ``4 bars``."""
    return {0.5: "half a bar", 1: "1 bar"}.get(count, f"{count:g} bars")
