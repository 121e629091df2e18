"""Find what loops in a song: after how many beats it repeats, where it sounds, and how surely it is a loop.

`find_loops` is the way in. It searches paths through the self-similarity matrix and describes each in beats.

Conventions
-----------
Everything is in beats: periods, phases, stretches (first and one-past-last beat). Similarity is beyond chance: 0 is the
chance level, 1 the maximum. A phase is a beat's position in the period, from 0; a pass is one period that sounds.

References
----------
The search is our own. The gain follows the minimum description length [1]_: a loop is the shorter description of what
it covers, less one pass, which has to be described itself.

.. [1] Rissanen, "Modeling by shortest data description", Automatica 14(5), 1978.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from riffscope.arrays import Float32s, Floats, Ints, Mask
from riffscope.dsp.repetition.description_length import (
    comes_round_at_once,
    is_usual,
    settle_multiple,
    weigh,
    worth_of_beats,
)
from riffscope.dsp.repetition.loop_path import (
    CHANCE,
    OUTSIDE,
    LoopPath,
    best_paths,
    measure_path,
    similarity_to_loop,
)
from riffscope.dsp.repetition.passes import cut_passes
from riffscope.dsp.repetition.self_similarity import SelfSimilarity, bar_similarity, most_similar
from riffscope.dsp.runs import runs

# The longest period: a blues and a verse have fewer bars, and of longer sections a song repeats none often enough.
MAX_PERIOD_BARS = 16
# What repeats after this many bars or more, and less often than the rounds below, repeats as a section does.
PASSAGE_BARS = 8
ROUNDS_OF_LOOP = 3
# A passage counts this much of what it explains: what comes round within it is the riff where it explains nearly as
# much. .6 to .8 find the same riffs.
PASSAGE_COUNTS = 0.7
# Of two loops, that of a figure is the riff, even if chords or a passage sound longer, as long as it sounds so much of
# their time. Chosen, not fitted.
NO_FIGURE_COUNTS = 0.7
# So many periods are followed to the loops outside them ...
MAX_TRIED = 3
# ... of those that are worth this share of the best by themselves: two loops of one song may halve it. Chosen.
MIN_TRIED = 0.5
# Loops of up to so many bars are followed together, which takes a quarter of the time.
FOLLOWED_TOGETHER_BARS = (4, 9, MAX_PERIOD_BARS)
# A beat belongs to a loop from these shares of the loop's mean similarity on; both are tried, and the better is kept.
# The first admits passes half hidden by a voice, the second keeps out another loop with the same chords. Chosen, not
# fitted.
SHARES = (0.35, 0.65)
# The search starts from pairs of successive passes with at least this similarity: no less than `CHANCE`.
MIN_SEED = 0.09
# From this many pairs at most. Chosen, not fitted.
MAX_SEEDS = 6
# They lie at least this many bars, or a period, apart. Chosen, not fitted.
SEEDS_APART_BARS = 4
# The beats of a loop are gathered anew this many times at most; most loops stay the same from the second time on.
ROUNDS = 5
# The similarity of a beat that is not heard: staying in a loop through one costs more than to leave and enter it.
UNHEARD = -5.0
# Stretches that start on the same beat of the bar outvote the downbeats from this share on. Chosen, not fitted.
MAJORITY = 2 / 3
# A chord that is held, or struck on every beat, repeats after any number of beats: the similarity at other phases is
# nearly that at the same phase (.9 for a drone with a pulse). In riffs it is not (.06 at most in 43 songs), and in one
# power chord chugged through a bar in part (.6).
MAX_STATIC = 0.75
# Evidence for a riff is weighed by a logistic regression on the logarithm of evidence times similarity, with 205 riffs
# against 88 finds in songs that are through-composed and in random ones. This is where it gives even odds: less than
# that of the regression (.5), for of the riffs 5 have less than this, and 9 less than that.
EVEN_ODDS_AT = 0.33
# The slope is that of the regression.
EVIDENCE_SLOPE = 3.0
# Evidence for a rare number of bars counts this much: there are as many of them as of usual ones to find by chance, and
# they are true less often. Chosen among .4, .6 and 1.
RARE_EVIDENCE = 0.6
# Only similarity beyond this is evidence: chord vamps do not keep it up, or a long one would pass for a riff in the
# end.
EVIDENCE_FROM = 0.12
# A loop as still as this is one of chords: 4 % of 162 rendered riffs are, and 47 of 52 rounds of chords that are held,
# strummed or comped in one way.
CHORDS_STILLNESS = 0.65
# Copies of one sound share all: this keeps what they share by chance finite.
MIN_DIFFERENCE = 1e-3
# The similarity to bars at other phases is this quantile of the pairs: a loop may contain the same bar more than once.
OTHER_QUANTILE = 0.25
# With fewer pairs, it is unknown. Chosen, not fitted.
MIN_OTHERS = 8


@dataclass(frozen=True, kw_only=True)
class FoundLoop:
    """A loop, described in beats.

    Attributes
    ----------
    period : int
    inside : bool array, shape (n_beats,)
        Where it sounds.
    phases : int64 array, shape (n_beats,)
        Phase of each beat, from 0; where it does not sound, the phase if it went on.
    similarity : float64 array, shape (n_beats,)
        Similarity of each beat to the loop at its phase.
    cleanest : tuple of two int
        First and one-past-last beat of the pass that is most similar to the others.
    exactness : float
        Share of a beat's notes that its best repeat contains as well, 0..1; 1 is the same sound.
    passes : float
        How often it is heard, in stretches of one pass at least.
    probability : float
        Probability that it is a loop, and not the best that chance offers, 0..1.
    stillness : float
        How much of its notes sounds on in the next beat, or would return transposed or delayed, 0..1: little in a
        figure, much in chords.
    is_passage : bool
        It repeats as a section does.
    """

    period: int
    inside: Mask
    phases: Ints
    similarity: Floats
    cleanest: tuple[int, int]
    exactness: float
    passes: float
    probability: float
    stillness: float
    is_passage: bool

    @property
    def is_chords(self) -> bool:
        """Whether it is a round of chords, and no figure."""
        return self.stillness >= CHORDS_STILLNESS

    @property
    def spans(self) -> list[tuple[int, int]]:
        """First and one-past-last beat of each stretch in which it sounds."""
        return [(start, end) for start, end in runs(self.inside).tolist()]

    @property
    def longest_gap(self) -> int:
        """The longest stretch without it, in beats."""
        return max((end - start for start, end in runs(~self.inside).tolist()), default=0)

    @property
    def whole_passes(self) -> list[tuple[int, int]]:
        """First and one-past-last beat of each pass that is heard from its start to its end."""
        starts = np.flatnonzero(self.inside & (self.phases == 0)).tolist()
        one = np.arange(self.period)
        return [
            (start, end)
            for start in starts
            if (end := start + self.period) <= len(self.phases)
            and self.inside[start:end].all()
            and (self.phases[start:end] == one).all()
        ]

    def bar_starts(self, beats_per_bar: int) -> Ints:
        """Return the beats on which bars start, as the loop counts them: (n_bars,)."""
        return np.flatnonzero(self.phases % beats_per_bar == 0)


def find_loops(
    sounds: Sequence[SelfSimilarity],
    is_downbeat: Mask,
    beats_per_bar: int,
    *,
    max_loops: int,
    is_heard: Mask | None = None,
) -> list[FoundLoop]:
    """Find the loops that explain a song best together.

    Parameters
    ----------
    sounds : sequence of SelfSimilarity
        Of each sound that is listened to, such as the accompaniment and the mix. Loops are followed through the
        greatest similarity in any of them, but their probability is that in one of them: the better of two is higher by
        chance, too.
    is_downbeat : bool array, shape (n_beats,)
    beats_per_bar : int
    max_loops : int
    is_heard : bool array, shape (n_beats,)
        No loop sounds in beats that are not; None where all are.

    Returns
    -------
    list of FoundLoop
        The one that sounds longest first, chords and passages later; phases are counted from where it starts.
    """
    if is_heard is not None and not is_heard.all():
        sounds = [_only_heard(sound, is_heard) for sound in sounds]
    matrices = [sound.beyond_chance for sound in sounds]
    combined = most_similar(sounds)
    paths = find_loop_paths(combined.beyond_chance, is_downbeat, beats_per_bar, max_loops=max_loops)
    found = [
        _describe(
            start_at_downbeat(path, is_downbeat, beats_per_bar),
            combined,
            probability=max(riff_probability(path, matrix, beats_per_bar) for matrix in matrices),
            repeats_as_section=is_passage(path, beats_per_bar),
        )
        for path in paths
    ]
    return sorted(found, key=lambda loop: (-_beats_that_count(loop), int(np.argmax(loop.inside))))


def _only_heard(sound: SelfSimilarity, is_heard: Mask) -> SelfSimilarity:
    """Make beats that are not heard unlike all others."""
    both = is_heard[:, None] & is_heard
    return replace(sound, beyond_chance=np.where(both, sound.beyond_chance, UNHEARD).astype(np.float32))


def _beats_that_count(loop: FoundLoop) -> float:
    """Return in how many beats a loop sounds; fewer where it is no figure that repeats."""
    return float(loop.inside.sum()) * (NO_FIGURE_COUNTS if loop.is_passage or loop.is_chords else 1)


def _describe(path: LoopPath, combined: SelfSimilarity, *, probability: float, repeats_as_section: bool) -> FoundLoop:
    similarity = own_similarity(path, combined.beyond_chance)
    return FoundLoop(
        period=path.period,
        inside=path.inside,
        phases=continued(path),
        similarity=similarity,
        cleanest=cleanest_pass(path, similarity),
        exactness=exactness(path, combined.shared),
        passes=path.passes,
        probability=probability,
        stillness=stillness(path, combined),
        is_passage=repeats_as_section,
    )


# ----------------------------------------------------------------------------------------------------------- the search
def find_loop_paths(similarity: Float32s, is_downbeat: Mask, beats_per_bar: int, *, max_loops: int) -> list[LoopPath]:
    """Find the loops that explain a song best together: one, then what loops outside it.

    Of the periods that are worth most by themselves, the one is taken that is worth most with the loops outside it. A
    long round of two loops in turn would else pass for one.

    Parameters
    ----------
    similarity : float32 array, shape (n_beats, n_beats)
    is_downbeat : bool array, shape (n_beats,)
    beats_per_bar : int
    max_loops : int
    """
    song = _Bars(is_downbeat=is_downbeat, beats_per_bar=beats_per_bar)
    found = song.loops_in(similarity)
    first = song.ranked(found, similarity)
    chains = [
        song.continued([path], similarity, max_loops)
        for path, worth in first[:MAX_TRIED]
        if worth >= MIN_TRIED * first[0][1]
    ]
    if not chains:
        return []
    worth = worth_of_beats([*found, *itertools.chain(*chains)], beats_per_bar, len(similarity))
    best = max(chains, key=lambda chain: sum(max(song.weigh(path, similarity, worth), 0.0) for path in chain))
    periods = periods_tried(beats_per_bar)
    return [
        settle_multiple(path, similarity, periods, beats_per_bar)
        for path in best
        if static_share(path, similarity) < MAX_STATIC
    ]


@dataclass(frozen=True, kw_only=True)
class _Bars:
    """The bars of a song, to search loops in its self-similarity matrix."""

    is_downbeat: Mask
    beats_per_bar: int

    def loops_in(self, similarity: Float32s) -> list[LoopPath]:
        """Return the best loop of each period."""
        periods = [p for p in periods_tried(self.beats_per_bar) if 2 * p <= len(similarity)]
        return follow_loops(similarity, periods, self.is_downbeat, self.beats_per_bar)

    def weigh(self, path: LoopPath, similarity: Float32s, worth: Floats) -> float:
        """Return what a loop is worth; less where it is a passage."""
        length = weigh(path, similarity, worth, self.is_downbeat, self.beats_per_bar)
        return PASSAGE_COUNTS * length if is_passage(path, self.beats_per_bar) else length

    def ranked(self, paths: Sequence[LoopPath], similarity: Float32s) -> list[tuple[LoopPath, float]]:
        """Return the loops that are worth something, the best first, with their worth."""
        worth = worth_of_beats(paths, self.beats_per_bar, len(similarity))
        each = [(path, self.weigh(path, similarity, worth)) for path in paths]
        return sorted(((path, value) for path, value in each if value > 0), key=lambda pair: -pair[1])

    def continued(self, chain: list[LoopPath], similarity: Float32s, max_loops: int) -> list[LoopPath]:
        """Add the best loop outside those of a chain, and so on."""
        left = similarity.copy()
        while len(chain) < max_loops:
            left[chain[-1].inside] = 0
            left[:, chain[-1].inside] = 0
            ranked = self.ranked(self.loops_in(left), left)
            if not ranked:
                break
            chain = [*chain, ranked[0][0]]
        return chain


def periods_tried(beats_per_bar: int) -> list[int]:
    """Return the periods of loops in beats: half a bar, where it has whole beats, and 1 to 16 bars."""
    half = [beats_per_bar // 2] if beats_per_bar % 2 == 0 and beats_per_bar > 2 else []
    return [*half, *(bars * beats_per_bar for bars in range(1, MAX_PERIOD_BARS + 1))]


def is_passage(path: LoopPath, beats_per_bar: int) -> bool:
    """Return whether a loop repeats as a section does: after 8 bars or more, and seldom or never pass after pass."""
    if path.period < PASSAGE_BARS * beats_per_bar:
        return False
    return path.passes < ROUNDS_OF_LOOP - beats_per_bar / path.period or not comes_round_at_once(path, beats_per_bar)


def follow_loops(similarity: Float32s, periods: Sequence[int], is_downbeat: Mask, beats_per_bar: int) -> list[LoopPath]:
    """Find the best loop of each period; none where nothing repeats with it."""
    best: dict[int, LoopPath] = {}
    # Paths of about one period are followed together.
    for shortest, longest in itertools.pairwise((0, *(bars * beats_per_bar for bars in FOLLOWED_TOGETHER_BARS))):
        together = [period for period in periods if shortest < period <= longest]
        for period, phases in _grow(similarity, together, is_downbeat, beats_per_bar):
            path = measure_path(
                similarity, period, _from_bar_line(phases, period, is_downbeat, beats_per_bar), beats_per_bar
            )
            if path is not None and (period not in best or path.gain > best[period].gain):
                best[period] = path
    return [best[period] for period in sorted(best)]


def _grow(
    similarity: Float32s, periods: Sequence[int], is_downbeat: Mask, beats_per_bar: int
) -> list[tuple[int, Ints]]:
    """Start from the most similar pairs of successive passes, and gather the beats that are similar to them."""
    growing = [
        (period, share, _two_passes(seed, period, len(similarity)))
        for period in periods
        for seed in _seeds(similarity, period, beats_per_bar)
        for share in SHARES
    ]
    grown: list[tuple[int, Ints]] = []
    for _ in range(ROUNDS):
        if not growing:
            break
        lengths = np.array([period for period, _, _ in growing])
        gains = np.full((len(similarity), len(growing), lengths.max()), -np.inf, np.float32)
        for row, (period, share, phases) in enumerate(growing):
            to_loop = similarity_to_loop(similarity, phases, period)
            inside = np.flatnonzero(phases != OUTSIDE)
            usual = float(to_loop[inside, phases[inside]].mean())
            gains[:, row, :period] = to_loop - np.float32(max(CHANCE, share * usual))
        following: dict[tuple[int, float, bytes], Ints] = {}
        for (period, share, phases), regrown in zip(growing, best_paths(gains, is_downbeat, lengths), strict=True):
            if (regrown == phases).all():
                grown.append((period, regrown))
            elif (regrown != OUTSIDE).any():
                following[period, share, regrown.tobytes()] = regrown
        growing = [(period, share, phases) for (period, share, _), phases in following.items()]
    return [*grown, *((period, phases) for period, _, phases in growing)]


def _from_bar_line(phases: Ints, period: int, is_downbeat: Mask, beats_per_bar: int) -> Ints:
    """Count phases so that most downbeats begin a bar of the loop."""
    bar = min(beats_per_bar, period)
    inside = phases != OUTSIDE
    first = int(np.bincount(phases[inside & is_downbeat] % bar, minlength=bar).argmax())
    return np.where(inside, (phases - first) % period, OUTSIDE)


def _two_passes(seed: int, period: int, count: int) -> Ints:
    phases = np.full(count, OUTSIDE)
    phases[seed : seed + 2 * period] = np.arange(2 * period) % period
    return phases


def _seeds(similarity: Float32s, period: int, beats_per_bar: int) -> list[int]:
    """Return the beats at which the most similar pairs of successive passes start, apart from each other."""
    sums = np.concatenate([[0.0], np.cumsum(np.diagonal(similarity, period), dtype=np.float64)])
    pairs = (sums[period:] - sums[:-period]) / period
    apart = max(period, SEEDS_APART_BARS * beats_per_bar)
    seeds: list[int] = []
    while len(seeds) < MAX_SEEDS and pairs[seed := int(pairs.argmax())] >= MIN_SEED:
        seeds.append(seed)
        pairs[max(0, seed - apart) : seed + apart] = -1
    return seeds


def static_share(path: LoopPath, similarity: Float32s) -> float:
    """Return the mean similarity across phases as a share of that at the same phase: 1 for a held sound."""
    beats = np.flatnonzero(path.inside)
    phases = path.phases[beats]
    within = similarity[np.ix_(beats, beats)]
    same = phases[:, None] == phases
    other = float(within[~same].mean()) if not same.all() else 0.0
    np.fill_diagonal(same, False)
    return other / max(float(within[same].mean()), 1e-6) if same.any() else 0.0


# ------------------------------------------------------------------------------------------- the description of a loop
def riff_probability(path: LoopPath, similarity: Float32s, beats_per_bar: int) -> float:
    """Return the probability that a loop is one, and not the best that chance offers: 0..1.

    Only what beats share beyond bars at other phases counts, since those share a drone or the tone of the drums as
    well.
    """
    own = float(own_similarity(path, similarity)[path.inside].mean())
    beyond_others = own - max(similarity_to_other_bars(path, similarity, beats_per_bar), 0.0)
    repeated = repeats_that_count(path, beats_per_bar)
    evidence = max(beyond_others - EVIDENCE_FROM, 0.0) * repeated * max(own, 0.0)
    return float(1 / (1 + (EVEN_ODDS_AT / max(evidence, 1e-6)) ** EVIDENCE_SLOPE))


def repeats_that_count(path: LoopPath, beats_per_bar: int) -> float:
    """Return how many beats of a loop repeat those of the pass before, as far as they are evidence.

    Others do not count: chords that return here and there make many bars similar, but not pass after pass. Chance finds
    two passes that agree more easily than many, and there are more rare numbers of bars to find than true loops of
    them.
    """
    lengths = path.stretches[:, 1] - path.stretches[:, 0]
    repeated = float(np.maximum(lengths - path.period, 0).sum())
    usual = 1.0 if is_usual(path.period, beats_per_bar) else RARE_EVIDENCE
    return repeated * usual * math.sqrt(1 - 1 / path.passes)


def similarity_to_other_bars(path: LoopPath, similarity: Float32s, beats_per_bar: int) -> float:
    """Return the similarity of a loop's bars to bars at other phases and outside: the lower quartile.

    It is the lower quartile because a loop may contain the same bar more than once. 0 where there are too few other
    bars.
    """
    phases = continued(path)
    starts = np.flatnonzero(phases[: len(phases) - beats_per_bar + 1] % beats_per_bar == 0)
    bars = bar_similarity(similarity, starts, beats_per_bar)
    bar_phases, inside = phases[starts], path.inside[starts]
    other = (bar_phases[:, None] != bar_phases) | ~inside
    to_others = bars[inside][other[inside]]
    return float(np.quantile(to_others, OTHER_QUANTILE)) if to_others.size >= MIN_OTHERS else 0.0


def start_at_downbeat(path: LoopPath, is_downbeat: Mask, beats_per_bar: int) -> LoopPath:
    """Count the phases of a loop from its start.

    The start is a downbeat, unless most stretches start on one and the same other beat of the bar: then the downbeats
    are off. Among these, it is the phase at which most stretches start.
    """
    period = path.period
    first_phases = path.phases[path.stretches[:, 0]]
    bar = min(beats_per_bar, period)
    on_downbeat = np.bincount(path.phases[path.inside & is_downbeat] % bar, minlength=bar)
    first = np.bincount(first_phases % bar, minlength=bar)
    outvoted = first.max() >= MAJORITY * first.sum() and first.max() > 1
    beat = int(first.argmax() if outvoted else on_downbeat.argmax())
    starts = np.bincount(first_phases, minlength=period) * (np.arange(period) % bar == beat)
    if starts.any():
        start = int(starts.argmax())
    else:  # the first such beat that is heard
        inside = np.flatnonzero(path.inside & (path.phases % bar == beat))
        start = int(path.phases[inside[0]]) if inside.size else 0
    phases = np.where(path.inside, (path.phases - start) % period, OUTSIDE)
    return replace(path, phases=phases)


def continued(path: LoopPath) -> Ints:
    """Return the phase of each beat as if the loop always went on, counted on from each stretch: (n_beats,)."""
    beats = np.arange(len(path.phases))
    starts = path.stretches[:, 0]
    stretch = starts[np.maximum(np.searchsorted(starts, beats, side="right") - 1, 0)]
    phases: Ints = (path.phases[stretch] + beats - stretch) % path.period
    return phases


def own_similarity(path: LoopPath, similarity: Float32s) -> Floats:
    """Return the similarity of each beat to the loop at its phase, or at the phase if the loop went on: (n_beats,)."""
    to_loop = similarity_to_loop(similarity, path.phases, path.period)
    own: Floats = to_loop[np.arange(len(to_loop)), continued(path)].astype(np.float64)
    return own


def cleanest_pass(path: LoopPath, own: Floats) -> tuple[int, int]:
    """Return the first and one-past-last beat of the pass that is most similar to the others.

    Parameters
    ----------
    path : LoopPath
    own : float64 array, shape (n_beats,)
        Similarity of each beat to the loop at its phase.
    """
    period = path.period
    loop_starts = np.flatnonzero(path.phases == 0)
    passes = [
        (int(begin), int(end))
        for first, last in path.stretches.tolist()
        for begin, end in cut_passes(first, last, loop_starts).tolist()
    ]
    spans = [(begin, end) for begin, end in passes if end - begin == period and path.phases[begin] == 0]
    if not spans:  # every pass is cut short: any stretch of one period will do
        spans = [(start, start + period) for start, end in path.stretches.tolist() if end - start >= period]
    if not spans:
        start, end = max(path.stretches.tolist(), key=lambda run: run[1] - run[0])
        return start, end
    return max(spans, key=lambda span: float(own[span[0] : span[1]].mean()))


def exactness(path: LoopPath, shared: Float32s) -> float:
    """Return the share of a beat that its best repeat contains as well, for the median beat: 1 is the same sound.

    Parameters
    ----------
    path : LoopPath
    shared : float32 array, shape (n_beats, n_beats)
        From `SelfSimilarity`.
    """
    inside = np.flatnonzero(path.inside)
    phases = path.phases[inside]
    same = phases[:, None] == phases
    np.fill_diagonal(same, False)
    best = np.where(same, shared[np.ix_(inside, inside)], 0).max(axis=1)
    return float(np.clip(np.median(best), 0, 1))


def stillness(path: LoopPath, sounds: SelfSimilarity) -> float:
    """Return how little a loop moves, 0..1: the mean of two shares of its notes.

    One sounds in the next beat, too; the other is what its repeats share with it by chance: what they would share
    transposed or delayed.
    """
    inside = np.flatnonzero(path.inside)
    phases = path.phases[inside]
    same = phases[:, None] == phases
    np.fill_diagonal(same, False)
    before = inside[:-1][np.diff(inside) == 1]
    if not same.any() or not before.size:
        return 0.0
    shared, beyond = (
        float(part[np.ix_(inside, inside)][same].mean()) for part in (sounds.shared, sounds.beyond_chance)
    )
    by_chance = (shared - beyond) / max(1 - beyond, MIN_DIFFERENCE)
    sounds_on = float(sounds.shared[before, before + 1].mean())
    return float(np.clip((by_chance + sounds_on) / 2, 0, 1))
