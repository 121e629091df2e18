"""Compare loops of any period by description length: what each explains of a song, less what it costs to write down.

`weigh` gives what one loop is worth. A period that is too short explains less, since some bars of its round do not
come again; a multiple of the right one explains no more and has more bars to write.

Conventions
-----------
Lengths are in beats of self-similarity beyond chance: a beat that is explained counts as much as its repeats share. A
round is one pass of the loop, cut into bars as the loop counts them; the unit is half a bar where the period is that
short.

References
----------
The principle is minimum description length [1]_; the terms and their constants are our own.

.. [1] Rissanen, "Modeling by shortest data description", Automatica 14(5), 1978.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from riffscope.arrays import Float32s, Floats, Ints, Mask
from riffscope.dsp.repetition.loop_path import CHANCE, ENTER, JUMP, OFF_DOWNBEAT, OUTSIDE, LoopPath, measure_path

# A bar is the same bar, varied, where it keeps this share of the similarity that its best repeats have; another bar
# keeps less, and is told in part. .65 to .75 find the same periods in 174 rendered songs and 59 rounds of chords.
SAME_BAR = 0.7
# A bar of the round that another bar of it tells still costs this share of a bar that is new: which one it is has to be
# written. Less makes long periods of short ones, more the reverse; .25 to .45 on the same songs.
TOLD_BAR = 0.35
# Most loops have one of these numbers of bars; another costs this many bars more, as what is rare has a longer code.
USUAL_BARS = (1, 2, 3, 4, 6, 8, 12, 16)
RARE_COSTS = 1.0
# To start costs entering the loop and leaving it, and half as much again in mid-bar; a jump costs what it costs a path.
# In bars of four beats; in proportion in others, since these are what a bar of a faint riff gains.
START = 2 * ENTER
# A longer round has to gain more than this, in bars for each of its bars, divided by the number of its passes: with two
# or three, bars of one riff differ by chance. Of the multiples of periods found in the same songs, 5 of 6 true ones
# gain more, and 1 of 392 false ones.
GAIN_BY_CHANCE = 0.75
# Multiples that are compared with a period on the same music: of more, each has too few other parts.
MULTIPLES = (2, 3, 4)
# Beats that nothing explains are worth this, so that shares of them can be taken.
LEAST_WORTH = 1e-3


def worth_of_beats(paths: Iterable[LoopPath], beats_per_bar: int, count: int) -> Floats:
    """Return how much can be explained of each beat: the most that one of some loops does. (n_beats,), above 0."""
    worth = np.full(count, LEAST_WORTH)
    for path in paths:
        np.maximum(worth, _explained(path, beats_per_bar), out=worth)
    return worth


def weigh(path: LoopPath, similarity: Float32s, worth: Floats, is_downbeat: Mask, beats_per_bar: int) -> float:
    """Return by how much a loop shortens the description of a song; negative where it costs more than it explains.

    Parameters
    ----------
    path : LoopPath
    similarity : float32 array, shape (n_beats, n_beats)
    worth : float64 array, shape (n_beats,)
        From `worth_of_beats`, over all loops that are compared.
    is_downbeat : bool array, shape (n_beats,)
    beats_per_bar : int
    """
    beats = path.beats
    explained = np.minimum(_explained(path, beats_per_bar)[beats] / SAME_BAR, worth[beats])
    starts = path.whole[:, 0]
    jumps = np.isin(starts, path.stretches[:, 1])
    costs = np.where(jumps, JUMP * ENTER, START) * np.where(is_downbeat[starts], 1, OFF_DOWNBEAT) * beats_per_bar / 4
    rare = 0.0 if is_usual(path.period, beats_per_bar) else RARE_COSTS * beats_per_bar * worth[beats].mean()
    return float(explained.sum() - _cost_of_round(path, similarity, worth, beats_per_bar) - costs.sum() - rare)


def is_usual(period: int, beats_per_bar: int) -> bool:
    """Return whether a period lasts one of the numbers of bars that most loops do."""
    return period / beats_per_bar in USUAL_BARS


def _explained(path: LoopPath, beats_per_bar: int) -> Floats:
    """Return the similarity beyond `CHANCE` of each beat to its repeats, averaged over its bar: (n_beats,)."""
    beats = path.beats
    bar = min(beats_per_bar, path.period)
    begins = (path.phases[beats] % bar == 0) | (np.diff(beats, prepend=-2) != 1)
    first = np.flatnonzero(begins)
    lengths = np.diff(np.append(first, len(beats)))
    means = np.add.reduceat(path.own[beats] - CHANCE, first) / lengths
    out = np.zeros(len(path.own))
    out[beats] = np.repeat(means, lengths)
    return out


def _cost_of_round(path: LoopPath, similarity: Float32s, worth: Floats, beats_per_bar: int) -> float:
    """Return what it costs to write one round."""
    bar = min(beats_per_bar, path.period)
    beats = path.beats
    phases = path.phases[beats]
    total, pairs = _pairs_of_bars(similarity, beats, phases, path.period, bar)
    passes = np.bincount(phases // bar, minlength=path.period // bar) / bar
    each = np.bincount(phases // bar, worth[beats], minlength=path.period // bar) / np.maximum(passes, 1)
    return _cost_of_bars(each, total, pairs)


def _pairs_of_bars(similarity: Float32s, beats: Ints, phases: Ints, period: int, bar: int) -> tuple[Floats, Floats]:
    """Sum up the similarity of each two bars of a round, and count the pairs of beats: twice (n_bars, n_bars).

    On the diagonal are the repeats of a bar, without the bar itself.
    """
    member = np.zeros((len(beats), period), np.float32)
    member[np.arange(len(beats)), phases] = 1
    within = similarity[np.ix_(beats, beats)]
    np.fill_diagonal(within, 0)
    count = member.sum(axis=0, dtype=np.float64)
    shape = (period // bar, bar, period // bar, bar)
    total = member.T @ (within @ member)
    pairs = np.outer(count, count) - np.diag(count)
    return (
        np.einsum("ikjk->ij", total.reshape(shape)).astype(np.float64),
        np.einsum("ikjk->ij", pairs.reshape(shape)),
    )


def _cost_of_bars(worth: Floats, total: Floats, pairs: Floats) -> float:
    """Return what it costs to write bars: each what it is worth (n,), less what another bar tells of it."""
    told = _told_by_another(total / np.maximum(pairs, 1), first=int(worth.argmax()))
    return float(np.maximum(worth * (1 - told), TOLD_BAR * worth.mean()).sum())


def _told_by_another(bars: Floats, *, first: int) -> Floats:
    """Return how much of each bar of a round is told by one that is written before it, 0..1: (k,), 0 for the first.

    Bars are written in the order in which they are told best.
    """
    beyond = bars - CHANCE
    own = np.maximum(beyond.diagonal(), LEAST_WORTH)
    alike = np.clip(beyond / np.minimum(own[:, None], own) / SAME_BAR, 0, 1)
    told, best = np.zeros(len(bars)), alike[first].copy()
    best[first] = -1
    for _ in range(len(bars) - 1):
        following = int(best.argmax())
        told[following] = best[following]
        best = np.where(best < 0, -1, np.maximum(best, alike[following]))
        best[following] = -1
    return told


def settle_multiple(path: LoopPath, similarity: Float32s, periods: Sequence[int], beats_per_bar: int) -> LoopPath:
    """Return a loop in the right multiple of its period, on the same beats.

    Parameters
    ----------
    path : LoopPath
    similarity : float32 array, shape (n_beats, n_beats)
    periods : sequence of int
        Those that it may have.
    beats_per_bar : int
    """
    for shorter in sorted(path.period // times for times in MULTIPLES if path.period / times in periods):
        folded = measure_path(similarity, shorter, _folded(path.phases, shorter), beats_per_bar)
        if folded is not None and _gain_by_lengthening(folded, similarity, path.period, beats_per_bar)[0] <= 0:
            path = folded
            break
    while True:
        longer = [times * path.period for times in MULTIPLES if times * path.period in periods]
        gains = [_gain_by_lengthening(path, similarity, period, beats_per_bar) for period in longer]
        if not gains or (best := max(gains, key=lambda each: each[0]))[0] <= 0:
            return path
        unfolded = measure_path(similarity, longer[gains.index(best)], best[1], beats_per_bar)
        if unfolded is None or not comes_round_at_once(unfolded, beats_per_bar):
            return path
        path = unfolded


def _gain_by_lengthening(path: LoopPath, similarity: Float32s, period: int, beats_per_bar: int) -> tuple[float, Ints]:
    """Return by how much the description of a loop's beats shortens if its round lasts a multiple of its period.

    A bar of the long round is told by its own repeats. One of the short round is told by the bars at its place of the
    other parts of the long round alone: its own repeats would tell it either way, and hide that the others do not.

    Returns
    -------
    gain : float
        In bars for each bar of the long round, less what chance gains with so few passes.
    phases : int64 array, shape (n_beats,)
        In the long round.
    """
    phases = _unfolded(path, similarity, period)
    beats = np.flatnonzero(phases != OUTSIDE)
    bar = min(beats_per_bar, path.period)
    total, pairs = _pairs_of_bars(similarity, beats, phases[beats], period, bar)
    bars, short = period // bar, path.period // bar
    place = np.arange(bars) % short
    others = (place[:, None] == place) & ~np.eye(bars, dtype=bool)
    told_by_others = (pairs * others).sum(axis=1)
    if pairs.diagonal().min() == 0 or told_by_others.min() == 0:
        return -1.0, phases
    own = np.maximum(total.diagonal() / pairs.diagonal() - CHANCE, LEAST_WORTH)
    to_others = (total * others).sum(axis=1) / told_by_others - CHANCE
    lost = np.bincount(phases[beats] // bar, minlength=bars) * (own - np.clip(to_others / SAME_BAR, 0, own))
    together = (times := bars // short, short, times, short)
    folded = total.reshape(together).sum(axis=(0, 2)), pairs.reshape(together).sum(axis=(0, 2))
    long_cost = _cost_of_bars(own, total, pairs)
    short_cost = _cost_of_bars(own.reshape(times, short).mean(axis=0), *folded)
    gain = (lost.sum() / bar - long_cost + short_cost) / own.mean() / bars
    return float(gain - GAIN_BY_CHANCE * period / len(beats)), phases


def comes_round_at_once(path: LoopPath, beats_per_bar: int) -> bool:
    """Return whether two passes of a loop follow each other somewhere; a bar may be cut."""
    return bool((path.whole[:, 1] - path.whole[:, 0]).max() >= 2 * path.period - beats_per_bar)


def _folded(phases: Ints, period: int) -> Ints:
    """Return the phases in a period that divides theirs."""
    return np.where(phases == OUTSIDE, OUTSIDE, phases % period)


def _unfolded(path: LoopPath, similarity: Float32s, period: int) -> Ints:
    """Return the phases of a loop's whole passes in a multiple of its period: each stretch as it fits those before."""
    phases = np.full(len(path.phases), OUTSIDE)
    for start, end in path.whole.tolist():
        steps = path.phases[start] + np.arange(end - start)
        before = np.flatnonzero(phases != OUTSIDE)
        turns = [(steps + turn) % period for turn in range(0, period, path.period)]
        fits = [_mean_where(similarity[start:end, before], turn[:, None] == phases[before]) for turn in turns]
        phases[start:end] = turns[int(np.argmax(fits))]
    return phases


def _mean_where(values: Float32s, where: Mask) -> float:
    return float(values[where].mean()) if where.any() else 0.0
