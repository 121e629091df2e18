"""Chord progressions: the round that some chords go in, how long it is, and the degrees of a key.

Conventions
-----------
Time is counted in cells: halves of bars where a bar can be halved, whole bars elsewhere. A chord has a place, in which
its sevenths, its inversions and the plain triad are one: 0..11 the roots of chords with a major third from C up,
12..23 with a minor third, 24..35 with neither (suspended, power chords), 36 where no chord sounds.

References
----------
The round is the one with the shortest description: the chords of one round, and what it gets wrong (Rissanen,
"Modeling by shortest data description", Automatica 14, 1978; for repeats in music, Meredith, Lemström & Wiggins 2002).
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from riffscope.arrays import Floats, Ints

PLACES = 37
NO_PLACE = 36
# Costs are in chords: to describe one chord more costs 1. Those below were chosen, not fitted, but for this one.
# A bar that goes otherwise than the round. With one chord in ten replaced by another, 89 % of the sections of 144
# rendered songs have their true round, or none where there is none. At 2, three times as many sections without a round
# are given one; at 3, more rounds are missed.
ASTRAY_COST = 2.5
# Where it does, this share of that counts whatever the chord's probability, the rest as it compares with that of the
# other chords: probabilities are about exact names, and a song whose chords are all unsure may still go round.
SURELY_SHARE = 0.5
MAX_RELATIVE = 1.5
# A chord that changes within a bar costs so much more than one at the bar line.
MIDBAR_COST = 0.3
# A third where the round has none, or none where it has one: the same place, but not quite.
OPEN_COST = 0.3
# The other third: more often misheard than meant.
OTHER_THIRD_COST = 0.5
# Other sections, or the turnaround of the last pass, lead elsewhere: the last bars of a section weigh half ...
TURNAROUND_WEIGHT = 0.5
# ... but no more than a quarter of it, two bars at most.
TURNAROUND_SHARE, TURNAROUND_BARS = 0.25, 2
# A section that enters the round elsewhere than its fellows do.
SHIFT_COST = 1.5
# Two sections share a round where it costs no more than this, in addition, to say where they go otherwise: less than a
# bar of another chord that is heard for certain.
JOIN_ERRORS = 1.5
# What is played so often goes round: where less of the second round is left, it may be no more than the last chord,
# which is the first one in most songs.
MIN_ROUNDS = 1.5
# The longest round: a twelve-bar blues is one, and so are two lines of a hymn.
LONGEST_BARS = 16


@dataclass(frozen=True, kw_only=True)
class Piece:
    """The chords of a stretch, cell by cell from a bar line on.

    Attributes
    ----------
    places : int64 array, shape (n,)
    weights : float64 array, shape (n,)
        How sure each is, 0..1.
    """

    places: Ints
    weights: Floats


@dataclass(frozen=True, kw_only=True)
class Round:
    """A round of chords that some stretches go through.

    Attributes
    ----------
    places : int64 array, shape (period,)
        Cell by cell.
    shifts : tuple of int
        In which cell of the round each stretch begins.
    chords : float
        What its chords cost to describe: one each, a little more within a bar.
    errors : float
        What it costs to say where the stretches go otherwise, in chords.
    agreement : float
        Share of the stretches, by how sure their chords are, that goes as the round does.
    """

    places: Ints
    shifts: tuple[int, ...]
    chords: float
    errors: float
    agreement: float

    @property
    def changes(self) -> Ints:
        """The cells at which its chord changes; the first cell where it never does."""
        return changes_of(self.places)


def changes_of(places: Ints) -> Ints:
    """Return the cells of a round at which its chord changes, the first after the last; cell 0 where none does."""
    found: Ints = np.flatnonzero(places != np.roll(places, 1))
    return found if found.size else np.zeros(1, np.int64)


def astray() -> Floats:
    """Return how wrong one place is where the round has another: (37, 37), 0 for the same, 1 for another chord."""
    cost = 1.0 - np.eye(PLACES)
    for root in range(12):
        for third in (root, root + 12):
            cost[third, root + 24] = cost[root + 24, third] = OPEN_COST
        cost[root, root + 12] = cost[root + 12, root] = OTHER_THIRD_COST
    out: Floats = cost
    return out


_ASTRAY = astray()


def find_round(pieces: Sequence[Piece], *, cells_per_bar: int, periods: Sequence[int] = ()) -> Round:
    """Find the round that describes some stretches of the same music in the fewest chords.

    Where nothing goes round, that is as long as the longest of them: their chords in order.

    Parameters
    ----------
    pieces : sequence of Piece
        One at least, of one cell at least.
    cells_per_bar : int
        1 or 2.
    periods : sequence of int, optional
        How many cells it may last; by default whole bars, so that the longest stretch has `MIN_ROUNDS`, or all of it.
    """
    bars = -(-max(len(piece.places) for piece in pieces) // cells_per_bar)
    rounds = range(1, min(int(bars / MIN_ROUNDS), LONGEST_BARS) + 1)
    tried = periods or [cells_per_bar * count for count in dict.fromkeys([*rounds, bars])]
    found = [fit_round(pieces, period=period, cells_per_bar=cells_per_bar) for period in tried]
    # Of equals the shortest.
    return min(found, key=lambda one: round(one.chords + one.errors, 6))


def join_alike(groups: Sequence[Sequence[Piece]], *, cells_per_bar: int) -> list[tuple[tuple[int, ...], Round]]:
    """Find the rounds of groups of stretches, one for several groups where one describes them nearly as well.

    Returns
    -------
    list of (tuple of int, Round)
        Which groups share a round, and the round, whose shifts are those of their stretches in that order.
    """
    found: list[tuple[tuple[int, ...], Round]] = [
        ((k,), find_round(pieces, cells_per_bar=cells_per_bar)) for k, pieces in enumerate(groups)
    ]
    while len(found) > 1:
        joint = []
        for (one, first), (other, second) in itertools.combinations(found, 2):
            both = tuple(sorted((*one, *other)))
            pieces = [piece for k in both for piece in groups[k]]
            periods = sorted({len(first.places), len(second.places)})
            shared = find_round(pieces, cells_per_bar=cells_per_bar, periods=periods)
            more = shared.errors - first.errors - second.errors
            if more <= JOIN_ERRORS and shared.chords + more < first.chords + second.chords:
                joint.append((more, both, one, other, shared))
        if not joint:
            break
        _, both, one, other, shared = min(joint, key=lambda way: way[0])
        found = [(of, is_) for of, is_ in found if of not in (one, other)] + [(both, shared)]
    return found


def fit_round(pieces: Sequence[Piece], *, period: int, cells_per_bar: int) -> Round:
    """Find the best round of so many cells."""
    order = sorted(range(len(pieces)), key=lambda k: -len(pieces[k].places))
    # A chord without a third is none of the round's unless it was heard: it would stand for major and minor alike.
    heard = np.unique(np.concatenate([piece.places for piece in pieces]))
    sure = np.concatenate([piece.weights for piece in pieces]).mean()
    costs = [_cell_costs(piece, float(sure), period, cells_per_bar) for piece in pieces]
    shifts = [0] * len(pieces)
    total = np.zeros((period, PLACES))
    for k in order:
        folded = _fold(costs[k], period)
        if total.any() and period > cells_per_bar:
            places, _ = _cheapest(total, heard, cells_per_bar)
            ways = range(0, period, cells_per_bar)
            priced = [
                float(np.roll(folded, way, axis=0)[np.arange(period), places].sum()) + SHIFT_COST * (way > 0)
                for way in ways
            ]
            shifts[k] = ways[int(np.argmin(priced))]
        total += np.roll(folded, shifts[k], axis=0)
    places, cost = _cheapest(total, heard, cells_per_bar)
    wrong = float(total[np.arange(period), places].sum())
    return Round(
        places=places,
        shifts=tuple(shifts),
        chords=cost - wrong,
        errors=wrong + SHIFT_COST * sum(shift > 0 for shift in shifts),
        agreement=agreement(pieces, places, shifts),
    )


def agreement(pieces: Sequence[Piece], places: Ints, shifts: Sequence[int]) -> float:
    """Return the share of some stretches that goes as a round does, by how sure their chords are.

    A chord with the other third counts half.
    """
    right = whole = 0.0
    for piece, shift in zip(pieces, shifts, strict=True):
        expected = places[(np.arange(len(piece.places)) + shift) % len(places)]
        right += float(piece.weights @ (1 - _ASTRAY[piece.places, expected]))
        whole += float(piece.weights.sum())
    return right / whole if whole > 0 else 0.0


def same_round(first: Sequence[int], second: Sequence[int]) -> bool:
    """Tell whether two rounds have the same places in the same order, whichever comes first and however long it lasts.

    Parameters
    ----------
    first, second : sequence of int
        The place of each chord; the same place twice in a row counts once.
    """
    one, other = (_once_each(np.asarray(places, np.int64)) for places in (first, second))
    return len(one) == len(other) and any(
        bool((_ASTRAY[np.roll(one, shift), other] <= OPEN_COST).all()) for shift in range(len(one))
    )


def transposed(places: Sequence[int], semitones: int) -> list[int]:
    """Return places moved up by so many semitones."""
    return [place if place == NO_PLACE else (place + semitones) % 12 + place // 12 * 12 for place in places]


def alike(first: int, second: int) -> bool:
    """Tell whether two places are the same, or one of them the same root with no third."""
    return bool(_ASTRAY[first, second] <= OPEN_COST)


def _once_each(places: Ints) -> Ints:
    return places[changes_of(places)] if places.size else places


def _cell_costs(piece: Piece, sure: float, period: int, cells_per_bar: int) -> Floats:
    """Return what each place would cost in each cell: (n, 37)."""
    relative = piece.weights / sure if sure > 0 else np.ones(len(piece.weights))
    weights = (SURELY_SHARE + (1 - SURELY_SHARE) * np.minimum(relative, MAX_RELATIVE)) / cells_per_bar * ASTRAY_COST
    last = round(min(TURNAROUND_BARS, TURNAROUND_SHARE * len(weights) / cells_per_bar) * cells_per_bar)
    # Two passes that differ are no round with a turnaround.
    weights[max(2 * period, len(weights) - last) :] *= TURNAROUND_WEIGHT
    out: Floats = weights[:, None] * _ASTRAY[piece.places]
    return out


def _fold(costs: Floats, period: int) -> Floats:
    """Add up the cells that fall on the same cell of a round: (period, 37)."""
    whole = np.zeros((-(-len(costs) // period) * period, PLACES))
    whole[: len(costs)] = costs
    out: Floats = whole.reshape(-1, period, PLACES).sum(axis=0)
    return out


def _cheapest(costs: Floats, heard: Ints, cells_per_bar: int) -> tuple[Ints, float]:
    """Find the cheapest round of some places, and its cost with that of its chords: a path that ends where it began.

    Viterbi's search, for each place that the first cell may have. A round has one chord at least, so one change at
    least is paid for, if only into the same place.
    """
    local = costs[:, heard]
    period, states = local.shape
    change = [1.0 + (MIDBAR_COST if cell % cells_per_bar else 0.0) for cell in range(period)]
    same = np.arange(states)
    # Row s, column k: paths from state s in the first cell to k; `held` is those that never changed, `paid` all others.
    held, paid = local[0].copy(), np.full((states, states), np.inf)
    came = np.zeros((period, states, states), np.int64)
    since_start = np.zeros((period, states), np.bool_)
    for cell in range(1, period):
        from_any = paid.copy()
        since_start[cell] = held <= paid[same, same]
        from_any[same, same] = np.minimum(paid[same, same], held)
        source = from_any.argmin(axis=1)
        moved = from_any[same, source] + change[cell]
        stays = paid <= moved[:, None]
        came[cell] = np.where(stays, -1, source[:, None])
        paid = np.where(stays, paid, moved[:, None]) + local[cell]
        held = held + local[cell]
    # The change into the first cell.
    closing = paid + change[0] * (1 - np.eye(states))
    lone = held + change[0]
    first, last = divmod(int(closing.argmin()), states)
    path = np.full(period, last, np.int64)
    if lone.min() <= closing[first, last]:
        path[:] = int(lone.argmin())
        return heard[path], float(lone.min())
    for cell in range(period - 1, 0, -1):
        before = came[cell, first, path[cell]]
        path[cell - 1] = path[cell] if before < 0 else before
        if before == first and since_start[cell, first]:
            path[:cell] = first
            break
    return heard[path], float(closing[first, last])
