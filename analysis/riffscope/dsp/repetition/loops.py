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

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from riffscope.arrays import Float32s, Floats, Ints, Mask
from riffscope.dsp.repetition.loop_path import OUTSIDE, best_paths, stretches
from riffscope.dsp.repetition.passes import cut_passes
from riffscope.dsp.repetition.self_similarity import SelfSimilarity, bar_similarity, most_similar
from riffscope.dsp.runs import runs

# Loops last whole bars.
PERIODS_BARS = (1, 2, 3, 4, 6, 8, 12, 16)
# Passes of a loop are more similar than this: those of a faint riff under a loud voice .16, bars of music that loops
# nothing .04 on average, and the most similar of them this. Loops are found as well with .07 to .1.
CHANCE = 0.09
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
# A shorter period is tried where it keeps this share of the longest period's gain. Chosen, not fitted.
SHORTER_KEEPS = 0.85
# A longer period is right where halving it (or taking a third ...) costs one bar more than this share of its
# similarity. Chosen, not fitted.
MIN_LOSS = 0.35
# With few passes it must cost more: this, divided by the square root of their number, is added. Chosen, not fitted.
MIN_LOSS_FEW = 0.35
# A longer loop must itself repeat: its passes keep at least this share of the shorter loop's similarity. Chosen, not
# fitted.
LONGER_KEEPS = 0.5
# The loss of a bar with less similarity than this is relative to this. Chosen, not fitted.
FAINT = 0.08
# Stretches that start on the same beat of the bar outvote the downbeats from this share on. Chosen, not fitted.
MAJORITY = 2 / 3
# A chord that is held, or struck on every beat, repeats after any number of beats: the similarity at other phases is
# nearly that at the same phase (.9 for a drone with a pulse). In riffs it is not (.06 at most in 43 songs), and in one
# power chord chugged through a bar in part (.6).
MAX_STATIC = 0.75
# Evidence for a riff is weighed by a logistic regression on the logarithm of evidence times similarity, with 85 riffs
# against 60 finds in through-composed songs, stretches of such and chord vamps, on true and on tracked beats. This is
# where it gives even odds.
EVEN_ODDS_AT = 0.33
# The slope is gentler by a third than that of the regression, since both sets hardly overlap.
EVIDENCE_SLOPE = 5.0
# Only similarity beyond this is evidence: chord vamps do not keep it up, or a long one would pass for a riff in the
# end.
EVIDENCE_FROM = 0.12
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
    """

    period: int
    inside: Mask
    phases: Ints
    similarity: Floats
    cleanest: tuple[int, int]
    exactness: float
    passes: float
    probability: float

    @property
    def spans(self) -> list[tuple[int, int]]:
        """First and one-past-last beat of each stretch in which it sounds."""
        return [(start, end) for start, end in runs(self.inside).tolist()]

    @property
    def longest_gap(self) -> int:
        """The longest stretch without it, in beats."""
        return max((end - start for start, end in runs(~self.inside).tolist()), default=0)

    def bar_starts(self, beats_per_bar: int) -> Ints:
        """Return the beats on which bars start, as the loop counts them: (n_bars,)."""
        return np.flatnonzero(self.phases % beats_per_bar == 0)


@dataclass(frozen=True, kw_only=True)
class LoopPath:
    """A loop as a path through the song.

    Attributes
    ----------
    period : int
    phases : int64 array, shape (n_beats,)
        Phase of each beat, `OUTSIDE` where the loop does not sound.
    stretches : int64 array, shape (k, 2)
        First and one-past-last beat of each stretch of successive phases.
    similarity : float
        Mean similarity of the beats of whole passes to the same phase of the other passes.
    gain : float
        How much of the song it explains: coverage x (similarity - chance) x (1 - 1 / passes), 0..1.
    passes : float
        How often it is heard, in stretches of one pass at least.
    """

    period: int
    phases: Ints
    stretches: Ints
    similarity: float
    gain: float
    passes: float

    @property
    def inside(self) -> Mask:
        """Where it sounds, (n_beats,)."""
        inside: Mask = self.phases != OUTSIDE
        return inside


def find_loops(
    sounds: Sequence[SelfSimilarity], is_downbeat: Mask, beats_per_bar: int, *, max_loops: int
) -> list[FoundLoop]:
    """Find the loop that explains most of a song, then what loops where that one does not sound.

    Parameters
    ----------
    sounds : sequence of SelfSimilarity
        Of each sound that is listened to, such as the accompaniment and the mix. Loops are followed through the
        greatest similarity in any of them, but their probability is that in one of them: the better of two is higher by
        chance, too.
    is_downbeat : bool array, shape (n_beats,)
    beats_per_bar : int
    max_loops : int

    Returns
    -------
    list of FoundLoop
        The one that explains most first; phases are counted from where it starts.
    """
    matrices = [sound.beyond_chance for sound in sounds]
    combined = most_similar(sounds)
    return [
        _describe(
            start_at_downbeat(path, is_downbeat, beats_per_bar),
            combined,
            probability=max(riff_probability(path, matrix, beats_per_bar) for matrix in matrices),
        )
        for path in find_loop_paths(combined.beyond_chance, is_downbeat, beats_per_bar, max_loops=max_loops)
    ]


def _describe(path: LoopPath, combined: SelfSimilarity, *, probability: float) -> FoundLoop:
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
    )


# ----------------------------------------------------------------------------------------------------------- the search
def find_loop_paths(similarity: Float32s, is_downbeat: Mask, beats_per_bar: int, *, max_loops: int) -> list[LoopPath]:
    """Find the loop that explains most of a song, then what loops outside it: paths, the first explains most.

    Parameters
    ----------
    similarity : float32 array, shape (n_beats, n_beats)
    is_downbeat : bool array, shape (n_beats,)
    beats_per_bar : int
    max_loops : int
    """
    loops: list[LoopPath] = []
    left = similarity.copy()
    while len(loops) < max_loops and (path := find_loop_path(left, is_downbeat, beats_per_bar)) is not None:
        if static_share(path, left) < MAX_STATIC:
            loops.append(path)
        left[path.inside] = 0
        left[:, path.inside] = 0
    return loops


def find_loop_path(similarity: Float32s, is_downbeat: Mask, beats_per_bar: int) -> LoopPath | None:
    """Find the loop that explains most of a song, in its shortest true period; None where nothing loops.

    Parameters
    ----------
    similarity : float32 array, shape (n_beats, n_beats)
    is_downbeat : bool array, shape (n_beats,)
    beats_per_bar : int
    """
    periods = [bars * beats_per_bar for bars in PERIODS_BARS if 2 * bars * beats_per_bar <= len(similarity)]
    found = {p: path for p in periods if (path := follow_loop(similarity, p, is_downbeat, beats_per_bar)) is not None}
    if not found:
        return None
    longest = max(found.values(), key=lambda path: path.gain)
    period = _shortest_true(similarity, longest, found, beats_per_bar)
    while (longer := _longer(similarity, found[period], found, beats_per_bar)) is not None:
        period = longer
    return found[period]


def follow_loop(similarity: Float32s, period: int, is_downbeat: Mask, beats_per_bar: int) -> LoopPath | None:
    """Find the best loop of one period; None where nothing repeats with it."""
    paths = [
        _measure(similarity, period, phases, beats_per_bar)
        for phases in _grow(similarity, period, is_downbeat, beats_per_bar)
    ]
    return max((path for path in paths if path is not None), key=lambda path: path.gain, default=None)


def _grow(similarity: Float32s, period: int, is_downbeat: Mask, beats_per_bar: int) -> list[Ints]:
    """Start from the most similar pairs of successive passes, and gather the beats that are similar to them."""
    seeds = _seeds(similarity, period, beats_per_bar)
    if not seeds:
        return []
    growing = np.full((len(seeds) * len(SHARES), len(similarity)), OUTSIDE)
    for row, phases in enumerate(growing):
        seed = seeds[row // len(SHARES)]
        phases[seed : seed + 2 * period] = np.arange(2 * period) % period
    shares = np.tile(SHARES, len(seeds))
    grown: list[Ints] = []
    for _ in range(ROUNDS):
        gains = np.empty((len(similarity), len(growing), period), np.float32)
        for row, (phases, share) in enumerate(zip(growing, shares, strict=True)):
            to_loop = similarity_to_loop(similarity, phases, period)
            inside = np.flatnonzero(phases != OUTSIDE)
            usual = float(to_loop[inside, phases[inside]].mean())
            gains[:, row] = to_loop - np.float32(max(CHANCE, share * usual))
        regrown = best_paths(gains, is_downbeat)
        settled = (regrown == growing).all(axis=1)
        empty = (regrown == OUTSIDE).all(axis=1)
        grown.extend(regrown[settled & ~empty])
        growing, shares = regrown[~settled & ~empty], shares[~settled & ~empty]
        if not len(growing):
            return grown
    return [*grown, *growing]


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


def similarity_to_loop(similarity: Float32s, phases: Ints, period: int) -> Float32s:
    """Return the mean similarity of each beat to the other beats at each phase of a loop: (n_beats, period)."""
    member = np.zeros((len(similarity), period), np.float32)
    inside = np.flatnonzero(phases != OUTSIDE)
    member[inside, phases[inside]] = 1
    others = member.sum(axis=0) - member
    total = similarity @ member - member * similarity.diagonal()[:, None]
    mean: Float32s = np.where(others > 0, total / np.maximum(others, 1), 0).astype(np.float32)
    return mean


def _measure(similarity: Float32s, period: int, phases: Ints, beats_per_bar: int) -> LoopPath | None:
    """Measure a path; None where it is no loop: with less than two passes in stretches of one pass at least."""
    found = stretches(phases, period)
    lengths = found[:, 1] - found[:, 0] if len(found) else np.zeros(0, np.int64)
    # Of long passes, the first or the last bar may be cut.
    cut = beats_per_bar if period > 2 * beats_per_bar else 0
    whole = found[lengths >= period - cut]
    beats = np.concatenate([np.arange(start, end) for start, end in whole]) if len(whole) else np.zeros(0, np.int64)
    if len(beats) < 2 * period - cut:
        return None
    own = similarity_to_loop(similarity, phases, period)[beats, phases[beats]]
    gain = float((own - CHANCE).sum()) * max(1 - period / len(beats), 0) / len(similarity)
    if gain <= 0:
        return None
    return LoopPath(
        period=period,
        phases=phases,
        stretches=found,
        similarity=float(own.mean()),
        gain=gain,
        passes=len(beats) / period,
    )


# --------------------------------------------------------------------------------------------------- the right multiple
def _shortest_true(similarity: Float32s, longest: LoopPath, found: dict[int, LoopPath], beats_per_bar: int) -> int:
    """Return the shortest divisor of a loop's period that explains as much, and of which no multiple is better."""
    for period in sorted(p for p in found if p < longest.period and longest.period % p == 0):
        if found[period].gain < SHORTER_KEEPS * longest.gain:
            continue
        multiples = [p for p in found if p > period and p % period == 0 and (p <= 4 * period or p == longest.period)]
        if not any(_beaten(similarity, longest, period, p // period, beats_per_bar) for p in multiples):
            return period
    return longest.period


def _longer(similarity: Float32s, path: LoopPath, found: dict[int, LoopPath], beats_per_bar: int) -> int | None:
    """Return two, three or four times a loop's period where that is the true one."""
    for times in (2, 3, 4):
        longer = found.get(path.period * times)
        if longer is not None and _beaten(similarity, path, path.period, times, beats_per_bar):
            return longer.period if longer.similarity >= LONGER_KEEPS * path.similarity else None
    return None


def _beaten(similarity: Float32s, path: LoopPath, period: int, times: int, beats_per_bar: int) -> bool:
    """Return whether the true loop lasts `times` periods rather than one."""
    loss, passes = loss_by_shortening(similarity, path, period, times, beats_per_bar)
    return passes >= (2 if times == 2 else 3) and loss > MIN_LOSS + MIN_LOSS_FEW / np.sqrt(passes)


def loss_by_shortening(
    similarity: Float32s, path: LoopPath, period: int, times: int, beats_per_bar: int
) -> tuple[float, float]:
    """Return how much similarity the worst bar loses where a loop of `times` periods is shortened to one.

    For each beat, it is the mean similarity to beats at its phase of the long loop, less that to beats at its phase of
    the short loop alone; averaged over each bar, as a share of the former.

    Returns
    -------
    loss : float
        The greatest loss of a bar, about 0..1.
    passes : float
        How many passes it is measured on.
    """
    beats = np.concatenate([np.arange(start, end) for start, end in path.stretches])
    within = similarity[np.ix_(beats, beats)]
    phases = _unfold(within, path, period, times)
    same = phases[:, None] == phases
    other = ~same & ((phases % period)[:, None] == phases % period)
    np.fill_diagonal(same, False)
    same_count, other_count = same.sum(axis=1), other.sum(axis=1)
    comparable = (same_count > 0) & (other_count > 0)
    to_same = (within * same).sum(axis=1) / np.maximum(same_count, 1)
    loss = to_same - (within * other).sum(axis=1) / np.maximum(other_count, 1)
    bar = min(beats_per_bar, period)
    # Both halves of a doubled loop lose the same, so they are pooled.
    bars = (phases % period if times == 2 else phases) // bar
    greatest, passes = 0.0, 0.0
    for number in np.unique(bars[comparable]):
        here = comparable & (bars == number)
        if here.sum() < 2 * bar:
            continue
        share = float(loss[here].mean() / max(to_same[here].mean(), FAINT))
        if share > greatest:
            greatest, passes = share, float(here.sum() / bar)
    return greatest, passes


def _unfold(within: Float32s, path: LoopPath, period: int, times: int) -> Ints:
    """Return the phases of a loop's beats (n,) in `times` periods: each stretch as it fits those before best."""
    phases = np.empty(len(within), np.int64)
    first = 0
    for start, end in path.stretches:
        length = end - start
        steps = int(path.phases[start]) % period + np.arange(length)
        fits = []
        for turn in range(times if first else 1):
            same = ((steps + turn * period) % (times * period))[:, None] == phases[:first]
            fits.append(float(within[first : first + length, :first][same].mean()) if same.any() else 0.0)
        phases[first : first + length] = (steps + int(np.argmax(fits)) * period) % (times * period)
        first += length
    return phases


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

    Only beats that repeat those of the pass before count: chords that return here and there make many bars similar, but
    not pass after pass. Only what they share beyond bars at other phases counts, since those share a drone or the tone
    of the drums as well.
    """
    lengths = path.stretches[:, 1] - path.stretches[:, 0]
    repeated = int(np.maximum(lengths - path.period, 0).sum())
    own = float(own_similarity(path, similarity)[path.inside].mean())
    beyond_others = own - max(similarity_to_other_bars(path, similarity, beats_per_bar), 0.0)
    evidence = max(beyond_others - EVIDENCE_FROM, 0.0) * repeated * max(own, 0.0)
    return float(1 / (1 + (EVEN_ODDS_AT / max(evidence, 1e-6)) ** EVIDENCE_SLOPE))


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
