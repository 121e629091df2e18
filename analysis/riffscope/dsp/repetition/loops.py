"""Loops: what comes round, after how many bars, and where in the song.

References
----------
.. [1] Rissanen, "Modeling by shortest data description", Automatica 14(5), 1978: a loop is the shorter description of
   what it covers, less one pass, which must be described itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from riffscope.arrays import Float32s, Floats, Ints, Mask
from riffscope.dsp.repetition.loop_path import OUTSIDE, best_paths, stretches

# Loops are whole bars.
PERIODS_BARS = (1, 2, 3, 4, 6, 8, 12, 16)
# Passes of a loop are alike by more than this beyond chance: those of a faint riff under a loud voice by .16, bars of
# music that loops nothing by .04 on average and the most alike of them by this. Found as well with .07 to .1.
CHANCE = 0.09
# A beat belongs to a loop from these shares of its usual likeness on; the better of the two is taken. The first lets
# passes in that a voice half hides, the second keeps out a second loop that shares its chords.
SHARES = (0.35, 0.65)
# Two passes in a row that are as alike as this are worth following through the song; so many such pairs at most, this
# many bars or a period apart.
SEED, SEEDS, SEEDS_APART_BARS = 0.09, 6, 4
# How often what belongs to a loop is gathered anew; most loops stay the same from the second time on.
ROUNDS = 5
# A shorter period must bring this share of what the longest way round brings, to be tried as the riff's own.
SHORTER_KEEPS = 0.85
# What one bar must lose of its likeness when the loop is halved (or thirded ...) before the longer one is right; with
# few passes to tell it by, more.
LOSES, LOSES_MORE = 0.35, 0.35
# A longer loop must itself come again: its passes are half as alike as those of the shorter one at least.
LONGER_KEEPS = 0.5
# Where a bar is alike by less than this, what it loses is measured against this.
FAINT = 0.08
# Stretches that begin on the same beat of the bar outvote the bar lines from this share on.
MOST = 2 / 3
# A chord that is held, or struck on every beat, comes round after any number of beats: its beats are as alike at other
# places of the loop as at the same (.9 for a drone with a pulse). Those of riffs are not (.06 at most on 43 songs),
# those of one power chord chugged through a bar are in part (.6).
STANDS_STILL = 0.75


@dataclass(frozen=True, kw_only=True)
class LoopPath:
    """A loop and its course through the song.

    Attributes
    ----------
    period : int
        In beats.
    places : int64 array, shape (n_beats,)
        Place of each beat in the period, `OUTSIDE` where the loop does not sound.
    stretches : int64 array, shape (k, 2)
        First and one-past-last beat of each stretch in which it runs on.
    similarity : float
        Mean likeness of the beats of whole passes to the same beats of the others, beyond chance.
    gain : float
        What the loop explains of the song: coverage x (likeness - chance) x (1 - 1 / passes), 0..1.
    passes : float
        How often it is heard, in runs of at least one pass.
    probability : float
        That it is a loop, and not the best of what chance offers, 0..1; 0 until that is asked.
    """

    period: int
    places: Ints
    stretches: Ints
    similarity: float
    gain: float
    passes: float
    probability: float = 0.0

    @property
    def inside(self) -> Mask:
        """Where it sounds, (n_beats,)."""
        inside: Mask = self.places != OUTSIDE
        return inside


def find_loop(similarity: Float32s, is_downbeat: Mask, beats_per_bar: int) -> LoopPath | None:
    """Find the loop that explains most of a song, in its shortest true period.

    Parameters
    ----------
    similarity : float32 array, shape (n_beats, n_beats)
        Likeness of beats beyond chance.
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
    """Find where something sounds that comes round every so many beats; None where nothing does."""
    paths = [
        _weigh(similarity, period, places, beats_per_bar)
        for places in _grow(similarity, period, is_downbeat, beats_per_bar)
    ]
    return max((path for path in paths if path is not None), key=lambda path: path.gain, default=None)


def _grow(similarity: Float32s, period: int, is_downbeat: Mask, beats_per_bar: int) -> list[Ints]:
    """Start from the pairs of passes in a row that are most alike, and gather what is like them."""
    seeds = _seeds(similarity, period, beats_per_bar)
    if not seeds:
        return []
    growing = np.full((len(seeds) * len(SHARES), len(similarity)), OUTSIDE)
    for row, places in enumerate(growing):
        seed = seeds[row // len(SHARES)]
        places[seed : seed + 2 * period] = np.arange(2 * period) % period
    shares = np.tile(SHARES, len(seeds))
    grown: list[Ints] = []
    for _ in range(ROUNDS):
        gains = np.empty((len(similarity), len(growing), period), np.float32)
        for row, (places, share) in enumerate(zip(growing, shares, strict=True)):
            to_others = similarity_to_loop(similarity, places, period)
            inside = np.flatnonzero(places != OUTSIDE)
            usual = float(to_others[inside, places[inside]].mean())
            gains[:, row] = to_others - np.float32(max(CHANCE, share * usual))
        regrown = best_paths(gains, is_downbeat)
        settled = (regrown == growing).all(axis=1)
        empty = (regrown == OUTSIDE).all(axis=1)
        grown.extend(regrown[settled & ~empty])
        growing, shares = regrown[~settled & ~empty], shares[~settled & ~empty]
        if not len(growing):
            return grown
    return [*grown, *growing]


def _seeds(similarity: Float32s, period: int, beats_per_bar: int) -> list[int]:
    """Return the beats from which on two passes in a row are most alike, apart from each other."""
    sums = np.concatenate([[0.0], np.cumsum(np.diagonal(similarity, period), dtype=np.float64)])
    pairs = (sums[period:] - sums[:-period]) / period
    apart = max(period, SEEDS_APART_BARS * beats_per_bar)
    seeds: list[int] = []
    while len(seeds) < SEEDS and pairs[seed := int(pairs.argmax())] >= SEED:
        seeds.append(seed)
        pairs[max(0, seed - apart) : seed + apart] = -1
    return seeds


def similarity_to_loop(similarity: Float32s, places: Ints, period: int) -> Float32s:
    """Return how alike each beat is to the beats at each place of a loop, other than itself: (n_beats, period)."""
    member = np.zeros((len(similarity), period), np.float32)
    inside = np.flatnonzero(places != OUTSIDE)
    member[inside, places[inside]] = 1
    others = member.sum(axis=0) - member
    total = similarity @ member - member * similarity.diagonal()[:, None]
    mean: Float32s = np.where(others > 0, total / np.maximum(others, 1), 0).astype(np.float32)
    return mean


def _weigh(similarity: Float32s, period: int, places: Ints, beats_per_bar: int) -> LoopPath | None:
    """Measure a loop's course; None where it is no loop: less than two passes in runs of one pass or more."""
    runs = stretches(places, period)
    lengths = runs[:, 1] - runs[:, 0] if len(runs) else np.zeros(0, np.int64)
    # Of long passes the first or the last bar may be cut.
    cut = beats_per_bar if period > 2 * beats_per_bar else 0
    whole = runs[lengths >= period - cut]
    beats = np.concatenate([np.arange(start, end) for start, end in whole]) if len(whole) else np.zeros(0, np.int64)
    if len(beats) < 2 * period - cut:
        return None
    own = similarity_to_loop(similarity, places, period)[beats, places[beats]]
    gain = float((own - CHANCE).sum()) * max(1 - period / len(beats), 0) / len(similarity)
    if gain <= 0:
        return None
    return LoopPath(
        period=period,
        places=places,
        stretches=runs,
        similarity=float(own.mean()),
        gain=gain,
        passes=len(beats) / period,
    )


# --------------------------------------------------------------------------------------------------- the right multiple
def _shortest_true(similarity: Float32s, longest: LoopPath, found: dict[int, LoopPath], beats_per_bar: int) -> int:
    """Return the shortest part of a loop's period that explains as much and that no multiple of it beats."""
    for period in sorted(p for p in found if p < longest.period and longest.period % p == 0):
        if found[period].gain < SHORTER_KEEPS * longest.gain:
            continue
        multiples = [p for p in found if p > period and p % period == 0 and (p <= 4 * period or p == longest.period)]
        if not any(_beaten(similarity, longest, period, p // period, beats_per_bar) for p in multiples):
            return period
    return longest.period


def _longer(similarity: Float32s, path: LoopPath, found: dict[int, LoopPath], beats_per_bar: int) -> int | None:
    """Return twice, three or four times a loop's period, where that is its true one."""
    for times in (2, 3, 4):
        longer = found.get(path.period * times)
        if longer is not None and _beaten(similarity, path, path.period, times, beats_per_bar):
            return longer.period if longer.similarity >= LONGER_KEEPS * path.similarity else None
    return None


def _beaten(similarity: Float32s, path: LoopPath, period: int, times: int, beats_per_bar: int) -> bool:
    """Tell whether a loop of so many periods is heard where one period is claimed."""
    loss, passes = loss_by_shortening(similarity, path, period, times, beats_per_bar)
    return passes >= (2 if times == 2 else 3) and loss > LOSES + LOSES_MORE / np.sqrt(passes)


def loss_by_shortening(
    similarity: Float32s, path: LoopPath, period: int, times: int, beats_per_bar: int
) -> tuple[float, float]:
    """Return how much likeness the bar that suffers most loses where a loop of `times` periods is cut to one.

    For each beat: mean likeness to the passes that both loops call the same, less that to the passes that only the
    short loop calls the same; averaged bar by bar, in shares of the former.

    Returns
    -------
    The greatest loss, about 0..1, and the number of passes it is told by.
    """
    beats = np.concatenate([np.arange(start, end) for start, end in path.stretches])
    within = similarity[np.ix_(beats, beats)]
    places = _unfold(within, path, period, times)
    same = places[:, None] == places
    other = ~same & ((places % period)[:, None] == places % period)
    np.fill_diagonal(same, False)
    same_count, other_count = same.sum(axis=1), other.sum(axis=1)
    told = (same_count > 0) & (other_count > 0)
    to_same = (within * same).sum(axis=1) / np.maximum(same_count, 1)
    loss = to_same - (within * other).sum(axis=1) / np.maximum(other_count, 1)
    bar = min(beats_per_bar, period)
    # The halves of a doubled loop lose together, so they are pooled.
    bars = (places % period if times == 2 else places) // bar
    greatest, passes = 0.0, 0.0
    for number in np.unique(bars[told]):
        here = told & (bars == number)
        if here.sum() < 2 * bar:
            continue
        share = float(loss[here].mean() / max(to_same[here].mean(), FAINT))
        if share > greatest:
            greatest, passes = share, float(here.sum() / bar)
    return greatest, passes


def _unfold(within: Float32s, path: LoopPath, period: int, times: int) -> Ints:
    """Count a loop's beats (n,) through `times` periods: stretch by stretch, as it fits those before best."""
    places = np.empty(len(within), np.int64)
    first = 0
    for start, end in path.stretches:
        length = end - start
        steps = int(path.places[start]) % period + np.arange(length)
        fits = []
        for turn in range(times if first else 1):
            same = ((steps + turn * period) % (times * period))[:, None] == places[:first]
            fits.append(float(within[first : first + length, :first][same].mean()) if same.any() else 0.0)
        places[first : first + length] = (steps + int(np.argmax(fits)) * period) % (times * period)
        first += length
    return places


def find_loops(heard: Sequence[Float32s], is_downbeat: Mask, beats_per_bar: int, *, most: int) -> list[LoopPath]:
    """Find the loop that explains most of a song, then what loops where it does not sound, `most` loops at most.

    Parameters
    ----------
    heard : sequence of float32 arrays, shape (n_beats, n_beats)
        Likeness beyond chance in each way of listening, such as to the mix and to the backing. Loops are followed where
        they are most alike in any, but must convince in one of them: the better of two is more alike by chance, too.
    is_downbeat : bool array, shape (n_beats,)
    beats_per_bar : int
    most : int

    Returns
    -------
    list of Course
        Counted from where they begin, with their probabilities.
    """
    loops: list[LoopPath] = []
    left: Float32s = np.max(heard, axis=0)
    while len(loops) < most and (path := find_loop(left, is_downbeat, beats_per_bar)) is not None:
        if stands_still(path, left) < STANDS_STILL:
            probability = max(riff_probability(path, similarity, beats_per_bar) for similarity in heard)
            loops.append(replace(start_at(path, is_downbeat, beats_per_bar), probability=probability))
        left[path.inside] = 0
        left[:, path.inside] = 0
    return loops


def stands_still(path: LoopPath, similarity: Float32s) -> float:
    """Return how alike beats at different places of a loop are, in shares of those at the same: 1 for a held sound."""
    beats = np.flatnonzero(path.inside)
    places = path.places[beats]
    within = similarity[np.ix_(beats, beats)]
    same = places[:, None] == places
    other = float(within[~same].mean()) if not same.all() else 0.0
    np.fill_diagonal(same, False)
    return other / max(float(within[same].mean()), 1e-6) if same.any() else 0.0


# ----------------------------------------------------------------------------------------------- what is said of a loop
# Odds of a riff against music that loops nothing, from a logistic regression on the logarithm of evidence x likeness of
# 85 riffs and 60 finds in through-composed songs, stretches of such and chord vamps, on beats true and tracked; the
# slope is gentler by a third than that, for the two hardly overlap. Evidence counts from a likeness that chord vamps do
# not keep up, or a long one would be a riff in the end.
EVIDENCE_FROM, EVEN_AT, SLOPE = 0.12, 0.33, 5.0
# Bars at other places are told from the loop's by the least alike quarter of their pairs, of so many at least.
LOWER_QUARTER, MIN_OTHERS = 0.25, 8


def riff_probability(path: LoopPath, similarity: Float32s, beats_per_bar: int) -> float:
    """Return how probable it is that a loop is one, and not the best of what chance offers: 0..1.

    Only beats that follow upon the same place of the pass before are evidence: chords that come back here and there
    make the bars of many a song alike, but not pass after pass. And only what they share beyond bars at other places,
    of which the tone of the drums is a part, and a drone.
    """
    lengths = path.stretches[:, 1] - path.stretches[:, 0]
    repeated = int(np.maximum(lengths - path.period, 0).sum())
    own = float(own_similarity(path, similarity)[path.inside].mean())
    beyond_others = own - max(similarity_to_other_bars(path, similarity, beats_per_bar), 0.0)
    evidence = max(beyond_others - EVIDENCE_FROM, 0.0) * repeated * max(own, 0.0)
    return float(1 / (1 + (EVEN_AT / max(evidence, 1e-6)) ** SLOPE))


def similarity_to_other_bars(path: LoopPath, similarity: Float32s, beats_per_bar: int) -> float:
    """Return how alike a loop's bars are to the bars at its other places and outside, in the least alike quarter.

    The least alike, because a loop may hold one bar more than once. 0 where there are too few other bars to tell.
    """
    places = continued(path)
    starts = np.flatnonzero(places[: len(places) - beats_per_bar + 1] % beats_per_bar == 0)
    bars = bar_similarity(similarity, starts, beats_per_bar)
    bar_places, inside = places[starts], path.inside[starts]
    other = (bar_places[:, None] != bar_places) | ~inside
    to_others = bars[inside][other[inside]]
    return float(np.quantile(to_others, LOWER_QUARTER)) if to_others.size >= MIN_OTHERS else 0.0


def bar_similarity(similarity: Float32s, starts: Ints, length: int) -> Floats:
    """Average the likeness of beats over stretches of so many that begin at some of them: (n_starts, n_starts)."""
    last = len(similarity) - 1
    total = np.zeros((len(starts), len(starts)))
    for beat in range(length):
        here = np.minimum(starts + beat, last)
        total += similarity[np.ix_(here, here)]
    return total / length


def start_at(path: LoopPath, is_downbeat: Mask, beats_per_bar: int) -> LoopPath:
    """Count a loop's places from where it begins.

    That is on a bar line, unless most stretches in which it sounds begin on one and the same other beat of the bar:
    then the bar lines are off; and where most of those stretches begin.
    """
    period = path.period
    first_places = path.places[path.stretches[:, 0]]
    bar = min(beats_per_bar, period)
    on_line = np.bincount(path.places[path.inside & is_downbeat] % bar, minlength=bar)
    begins = np.bincount(first_places % bar, minlength=bar)
    beat = int(begins.argmax() if begins.max() >= MOST * begins.sum() and begins.max() > 1 else on_line.argmax())
    starts = np.bincount(first_places, minlength=period) * (np.arange(period) % bar == beat)
    if starts.any():
        start = int(starts.argmax())
    else:  # the first such beat that is heard
        inside = np.flatnonzero(path.inside & (path.places % bar == beat))
        start = int(path.places[inside[0]]) if inside.size else 0
    places = np.where(path.inside, (path.places - start) % period, OUTSIDE)
    return replace(path, places=places)


def continued(path: LoopPath) -> Ints:
    """Return the place of each beat were the loop never interrupted, counted on and back from the first: (n_beats,)."""
    beats = np.arange(len(path.places))
    starts = path.stretches[:, 0]
    stretch = starts[np.maximum(np.searchsorted(starts, beats, side="right") - 1, 0)]
    places: Ints = (path.places[stretch] + beats - stretch) % path.period
    return places


def own_similarity(path: LoopPath, similarity: Float32s) -> Floats:
    """Return how alike each beat is to the loop at its place, or at the place that it would have: (n_beats,)."""
    to_loop = similarity_to_loop(similarity, path.places, path.period)
    own: Floats = to_loop[np.arange(len(to_loop)), continued(path)].astype(np.float64)
    return own


def cleanest_pass(path: LoopPath, own: Floats) -> tuple[int, int]:
    """Return first and one-past-last beat of the pass that is most like the others.

    Parameters
    ----------
    path : Course
    own : float64 array, shape (n_beats,)
        Likeness of each beat to the loop at its place.
    """
    period = path.period
    spans = [
        (beat, beat + period)
        for start, end in path.stretches.tolist()
        for beat in range(start, end - period + 1)
        if path.places[beat] == 0
    ]
    if not spans:  # each pass from the loop's start on is cut: any stretch of one period
        spans = [(start, start + period) for start, end in path.stretches.tolist() if end - start >= period]
    if not spans:
        start, end = max(path.stretches.tolist(), key=lambda run: run[1] - run[0])
        return start, end
    return max(spans, key=lambda span: float(own[span[0] : span[1]].mean()))


def exactness(path: LoopPath, shared: Float32s) -> float:
    """Return the share of a beat that its best repeat holds as well, for the middle beat: 1 is the same sound.

    Parameters
    ----------
    path : Course
    shared : float32 array, shape (n_beats, n_beats)
        From `riffscope.dsp.repetition.self_similarity.SelfSimilarity`.
    """
    inside = np.flatnonzero(path.inside)
    places = path.places[inside]
    same = places[:, None] == places
    np.fill_diagonal(same, False)
    best = np.where(same, shared[np.ix_(inside, inside)], 0).max(axis=1)
    return float(np.clip(np.median(best), 0, 1))
