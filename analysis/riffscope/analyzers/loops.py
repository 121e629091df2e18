"""Loops: is there a riff that comes round, how long is it, where does it sound, and how exactly does it repeat."""

from dataclasses import fields
from typing import Annotated

import numpy as np

from riffscope.arrays import Float32s, Floats, Ints
from riffscope.dsp.repetition.loops import (
    LoopPath,
    bar_similarity,
    cleanest_pass,
    continued,
    exactness,
    find_loops,
    own_similarity,
)
from riffscope.dsp.repetition.self_similarity import SelfSimilarity, beat_similarity, notes_on_own_scale, standing_out
from riffscope.dsp.rhythm.bars import beat_means
from riffscope.dsp.runs import runs
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Audio, Estimate, Span, VocalSource, value
from riffscope.steps import analyzer
from riffscope.units import BARS, BEATS, COUNT, FRACTION, PERCENT, PROBABILITY, SECONDS
from riffscope.views.accompaniment_spectrogram import AccompanimentSpectrogram
from riffscope.views.beat_track import BeatTrack
from riffscope.views.semitone_spectrogram import SemitoneSpectrogram
from riffscope.views.tatum_features import QUARTERS, quarter_edges

# Less of the sound than this holds where only drums play.
DRUMS_ALONE = 0.18
# Two bars played twice.
MIN_BARS = 4
# Every beat is compared with every other: this many take half a gigabyte, and last 25 minutes at 120 BPM.
MAX_BEATS = 3000
# Energy of the accompaniment against the mix: a voice alone leaves -43 dB or less, a band behind a loud voice -20 dB
# or more.
MIN_ACCOMPANIMENT = 1e-3
# The riff and the loops of other sections: hardly any song has more than two.
MAX_LOOPS = 3
# From here on a loop is one.
LIKELY = 0.5
# The range of the coverage takes in the bars outside that are half as alike as those within usually are, and leaves out
# those within that are a third as alike; and this much of the song, for beginnings and ends. It holds the truth for
# 91 % of 83 rendered songs. Where the loop itself is less than nine times in ten one, there may be none.
MAY_BELONG, MAY_NOT, EDGES_FRACTION, SURE = 0.5, 0.35, 0.03, 0.9
# The table of likeness is kept small: bars are joined beyond so many.
MAX_CELLS = 128


@value
class Loop:
    """Something that comes round.

    Attributes
    ----------
    period_s : float
        As long as so many bars last in the middle of the song's tempi.
    period_bars : float
    coverage_fraction : Estimate
        Share of the file in which it sounds.
    spans : tuple of Span
        Where it sounds.
    longest_gap_bars : float
        The longest stretch of the music without it.
    exactness_fraction : float
        What the better repeats share of the notes of a beat; 1 is the same sound, nothing else on top.
    example : Span
        The pass that is most like the others.
    passes : float
        How often it is heard, where it is not cut.
    probability : float
        That it is a loop, and not the most alike of what does not loop.
    """

    period_s: Annotated[float, SECONDS]
    period_beats: Annotated[int, BEATS]
    period_bars: Annotated[float, BARS]
    coverage_fraction: Annotated[Estimate, FRACTION]
    spans: tuple[Span, ...]
    longest_gap_bars: Annotated[float, BARS]
    exactness_fraction: Annotated[float, FRACTION]
    example: Span
    passes: Annotated[float, COUNT]
    probability: Annotated[float, PROBABILITY]


@value
class Loops(Loop):
    """The riff of a song, and what else loops.

    Attributes
    ----------
    others : tuple of Loop
        Loops of sections in which the riff does not sound.
    bar_starts_s : float64 array, shape (n_bars,)
    bar_place_index : int64 array, shape (n_bars,)
        Which bar of the riff each is, from 0, or would be if the riff went on.
    bar_similarity : float64 array, shape (n_bars,)
        How alike each is to the riff at its place, beyond chance: 0 not at all, 1 the same sound.
    self_similarity_percent : int64 array, shape (n_cells * n_cells,)
        How alike each two bars of the song are, beyond chance, row by row; cells hold as many bars as it takes to have
        128 at most.
    method : str
        What was listened to: beside the mix, the accompaniment where it was separated.
    """

    others: tuple[Loop, ...]
    bar_starts_s: Annotated[Floats, SECONDS]
    bar_place_index: Ints
    bar_similarity: Annotated[Floats, FRACTION]
    self_similarity_percent: Annotated[Ints, PERCENT]
    method: VocalSource

    @property
    def summary(self) -> str:
        """The result in one line."""
        coverage = self.coverage_fraction
        others = f"; {len(self.others)} other{'s' if len(self.others) > 1 else ''}" if self.others else ""
        length = f"{bars_in_words(self.period_bars)}, {SECONDS.format(self.period_s)}"
        return (
            f"a riff of {length}, in {FRACTION.format(coverage.value)} of the song, {COUNT.number(self.passes)} times "
            f"({PROBABILITY.format(self.probability)} sure){others}"
        )


@analyzer(version=1)
def find_riff(
    track: BeatTrack, accompaniment: AccompanimentSpectrogram, semitones: SemitoneSpectrogram, audio: Audio
) -> Loops:
    """Find the riff: what comes round most of all, the same notes at the same moments, every so many bars.

    Each beat is compared with every other by what is held and what begins on it, beyond what transposed and delayed
    copies of the song share: the same chords or the same rhythm alone are no riff. Where the voice was taken out, both
    the mix and the accompaniment are listened to, and the better likeness counts: a voice hides notes in the one, and
    the model takes some out of the other.

    Raises
    ------
    CannotMeasure
        Nothing comes round, or only drums do. From `BeatTrack`: too short, silent, or without a steady beat.

    Notes
    -----
    Periods are 1, 2, 3, 4, 6, 8, 12 or 16 bars. Chords that come round under ever new lines are no riff, nor is a chord
    that is held or struck on every beat. A riff of one bar in short choruses may be missed.
    """
    count, beats_per_bar = len(track.times_s), track.beats_per_bar
    if count < MIN_BARS * beats_per_bar:
        raise CannotMeasure(Absence.TOO_SHORT, f"too few bars to tell what comes round (needs {MIN_BARS})")
    if count > MAX_BEATS:
        raise CannotMeasure(
            Absence.TOO_LONG, f"too long to compare every beat with every other (at most {MAX_BEATS} beats)"
        )
    is_downbeat = np.zeros(count, bool)
    is_downbeat[track.downbeat_index] = True
    heard = _listened_to(accompaniment.semitones, semitones)
    listened = [_compare_beats(track.times_s, sound) for sound in heard]
    found = find_loops([one.beyond_chance for one in listened], is_downbeat, beats_per_bar, most=MAX_LOOPS)
    loops = [path for path in found if path.probability >= LIKELY]
    _check_for_a_riff(found, loops, heard[0], beats_per_bar)
    similarity = _better(listened)
    starts = _bar_starts(loops[0], beats_per_bar)
    riff, *others = (_describe(path, track, similarity, audio.duration_s) for path in loops)
    return Loops(
        **{field.name: getattr(riff, field.name) for field in fields(riff)},
        others=tuple(others),
        bar_starts_s=track.times_s[starts],
        bar_place_index=continued(loops[0])[starts] // beats_per_bar,
        bar_similarity=_by_bar(own_similarity(loops[0], similarity.beyond_chance), starts),
        self_similarity_percent=_table(similarity.beyond_chance, starts, beats_per_bar),
        method=accompaniment.method if len(heard) > 1 else VocalSource.MIX,
    )


def _listened_to(accompaniment: SemitoneSpectrogram | None, mix: SemitoneSpectrogram) -> list[SemitoneSpectrogram]:
    """Return the accompaniment, where it is more than what the model leaves of a voice, and the mix."""
    if accompaniment is None:
        return [mix]
    level, of_all = (float(np.einsum("ij,ij->", sound.magnitudes, sound.magnitudes)) for sound in (accompaniment, mix))
    return [accompaniment, mix] if level >= MIN_ACCOMPANIMENT * of_all else [mix]


def _compare_beats(times_s: Floats, semitones: SemitoneSpectrogram) -> SelfSimilarity:
    strength = beat_means(
        standing_out(semitones.magnitudes), quarter_edges(times_s), frame_rate_hz=semitones.frame_rate_hz
    )
    return beat_similarity(notes_on_own_scale(strength.reshape(len(times_s), QUARTERS, -1)))


def _better(listened: list[SelfSimilarity]) -> SelfSimilarity:
    beyond_chance, shared = listened[0].beyond_chance, listened[0].shared
    for other in listened[1:]:
        beyond_chance = np.maximum(beyond_chance, other.beyond_chance)
        shared = np.maximum(shared, other.shared)
    return SelfSimilarity(beyond_chance=beyond_chance, shared=shared)


def _check_for_a_riff(
    found: list[LoopPath], loops: list[LoopPath], heard: SemitoneSpectrogram, beats_per_bar: int
) -> None:
    """Refuse drums alone, and what is no more alike than chance has it."""
    if heard.held_fraction < DRUMS_ALONE:
        every = f", and they come round every {bars_in_words(found[0].period / beats_per_bar)}" if loops else ""
        raise CannotMeasure(Absence.NO_RIFF, f"no riff: only drums play{every}")
    if not loops:
        best = max((path.probability for path in found), default=0.0)
        raise CannotMeasure(Absence.NO_RIFF, f"no riff: nothing comes round ({PROBABILITY.format(1 - best)} sure)")


def _describe(path: LoopPath, track: BeatTrack, similarity: SelfSimilarity, duration_s: float) -> Loop:
    """Say in seconds and bars what was found in beats."""
    edges_s = np.minimum(quarter_edges(track.times_s)[::QUARTERS], duration_s)
    beats_per_bar = track.beats_per_bar
    spans = tuple(_span(edges_s, start, end) for start, end in runs(path.inside).tolist())
    own = own_similarity(path, similarity.beyond_chance)
    return Loop(
        period_s=round(_period_s(path.period, edges_s), 4),
        period_beats=path.period,
        period_bars=path.period / beats_per_bar,
        coverage_fraction=_coverage(path, own, edges_s, duration_s, beats_per_bar),
        spans=spans,
        longest_gap_bars=max((int(end - start) for start, end in runs(~path.inside)), default=0) / beats_per_bar,
        exactness_fraction=round(exactness(path, similarity.shared), 3),
        example=_span(edges_s, *cleanest_pass(path, own)),
        passes=round(path.passes, 1),
        probability=round(path.probability, 3),
    )


def _period_s(period: int, edges_s: Floats) -> float:
    """Return how long so many beats last in the middle of all places of the song, one that is played.

    Where the tempo changes, a mean would be heard nowhere, and the same riff at both tempi has two lengths.
    """
    return float(np.quantile(edges_s[period:] - edges_s[:-period], 0.5, method="lower"))


def _span(edges_s: Floats, start: int, end: int) -> Span:
    return Span(start_s=round(float(edges_s[start]), 4), end_s=round(float(edges_s[end]), 4))


def _coverage(path: LoopPath, own: Floats, edges_s: Floats, duration_s: float, beats_per_bar: int) -> Estimate:
    """Measure the share of the file in which a loop sounds, from the likeness of each beat at its place."""
    starts = _bar_starts(path, beats_per_bar)
    by_bar = _by_bar(own, starts)
    within = path.inside[starts]
    shares = np.diff(np.append(edges_s[starts], edges_s[-1])) / duration_s
    usual = float(by_bar[within].mean()) if within.any() else 0.0
    value = float(np.diff(edges_s)[path.inside].sum() / duration_s)
    more = float(shares[~within & (by_bar >= MAY_BELONG * usual)].sum())
    less = float(shares[within & (by_bar < MAY_NOT * usual)].sum())
    low = max(value - less - EDGES_FRACTION, 0.0) if path.probability >= SURE else 0.0
    return Estimate(value=min(value, 1.0), low=low, high=min(value + more + EDGES_FRACTION, 1.0))


def _bar_starts(path: LoopPath, beats_per_bar: int) -> Ints:
    """Return the beats on which bars begin, as the loop counts them: (n_bars,)."""
    return np.flatnonzero(continued(path) % beats_per_bar == 0)


def _by_bar(own: Floats, starts: Ints) -> Floats:
    """Average over the bars that begin at some beats, the last to the end: (n_beats,) -> (n_bars,), 0..1."""
    lengths = np.diff(np.append(starts, len(own)))
    mean: Floats = np.clip(np.add.reduceat(own, starts) / lengths, 0, 1).round(3)
    return mean


def _table(similarity: Float32s, starts: Ints, beats_per_bar: int) -> Ints:
    """Average the likeness of beats at equal places over groups of bars: (n_cells * n_cells,), in percent."""
    joined = -(-len(starts) // MAX_CELLS)
    cells = bar_similarity(similarity, starts[::joined], joined * beats_per_bar)
    percent: Ints = np.round(100 * np.clip(cells, 0, 1)).astype(np.int64).ravel()
    return percent


def bars_in_words(count: float) -> str:
    """Say how long a loop is: ``4 bars``."""
    return "1 bar" if count == 1 else f"{count:g} bars"
