"""Which stretch two successions of chroma share, in whatever key and tempo, and whether any other is as alike.

References
----------
.. [1] Serra, Serra & Andrzejak, "Cross recurrence quantification for cover song identification", New J. Physics 11,
   093017, 2009: the longest alignment of two chroma sequences, whose tempo may change by up to two, tells versions.
.. [2] Serra, Gomez & Herrera, "Transposing chroma representations to a common key", IEEE CS Conf. on the use of
   symbols to represent music and multimedia objects, 2008.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from riffscope.arrays import Floats

# Two beats speak for an alignment as far as their likeness, -1..1, exceeds the first figure; to count two beats of the
# one song against one of the other costs the second.
UNLIKE, SKIP_COST = 0.3, 0.3
# An alignment is another one where it keeps so many beats away from the best.
APART_BEATS = 3


@dataclass(frozen=True, kw_only=True)
class ChromaMatch:
    """The best alignment of two successions of chroma.

    Attributes
    ----------
    score : float
        About half of one for each beat that both have in common.
    transposition : int
        By how many semitones the second lies higher, -5..6.
    path : tuple of (int, int)
        Which beat of the first goes with which of the second, in order.
    second_score : float
        Of the best alignment in the same key that keeps away from the path: as high as the first where both songs go
        round the same chords.
    """

    score: float
    transposition: int
    path: tuple[tuple[int, int], ...]
    second_score: float


def stand_out(chroma: Floats) -> Floats:
    """Leave of each beat what sets it off from the whole song, at length 1: (n, 12) -> (n, 12).

    What all of the song has, its key above all, makes no two songs the same.
    """
    roots = np.sqrt(chroma)
    roots = roots - roots.mean(axis=1, keepdims=True)
    roots = roots - roots.mean(axis=0)
    lengths = np.linalg.norm(roots, axis=1, keepdims=True)
    out: Floats = roots / np.maximum(lengths, 1e-3)
    return out


def best_chroma_match(first: Floats, second: Floats) -> ChromaMatch:
    """Find the stretch that two successions of what stands out, (n, 12) and (m, 12), share most [1]_ [2]_."""
    shift = int(_best_scores(first, second).argmax())
    turned = np.roll(second, -shift, axis=1)
    similarity = first @ turned.T - UNLIKE
    score, path = _trace(similarity)
    for i, j in path:
        similarity[max(0, i - APART_BEATS) : i + APART_BEATS + 1, max(0, j - APART_BEATS) : j + APART_BEATS + 1] = -2
    return ChromaMatch(
        score=score,
        transposition=(shift + 5) % 12 - 5,
        path=tuple(path),
        second_score=_trace(similarity)[0],
    )


def chance_chroma_score(first: Floats, second: Floats) -> float:
    """Return the best score against the second backwards, upside down, and both: the same chords, another song."""
    mirrored = second[:, -np.arange(12) % 12]
    return max(float(_best_scores(first, other).max()) for other in (second[::-1], mirrored, mirrored[::-1]))


def _best_scores(first: Floats, second: Floats) -> Floats:
    """Return the score of the best alignment for each number of semitones that the second may lie higher: (12,)."""
    turned = np.stack([np.roll(second, -shift, axis=1) for shift in range(12)])
    best = np.zeros(12)
    for row in _rows(beat @ turned.transpose(0, 2, 1) - UNLIKE for beat in first):
        np.maximum(best, row.max(axis=1), out=best)
    return best


def _rows(similarity: Iterator[Floats]) -> Iterator[Floats]:
    """Give the table of local alignments row by row, from rows of likeness (k, m): (k, m + 2), two of them zeros."""
    before: Floats | None = None
    last: Floats | None = None
    for row in similarity:
        shape = (row.shape[0], row.shape[1] + 2)
        before, last = (np.zeros(shape) if table is None else table for table in (before, last))
        goes_on = np.maximum(last[:, 1:-1], np.maximum(before[:, 1:-1], last[:, :-2]) - SKIP_COST)
        here = np.zeros(shape)
        here[:, 2:] = np.maximum(row + goes_on, 0)
        yield here
        before, last = last, here


def _trace(similarity: Floats) -> tuple[float, list[tuple[int, int]]]:
    """Follow the best alignment in a table of likeness (n, m) back to where it begins."""
    rows = [row[0] for row in _rows(row[np.newaxis] for row in similarity)]
    table = np.stack([np.zeros_like(rows[0]), np.zeros_like(rows[0]), *rows])
    i, j = (int(place) for place in np.unravel_index(int(table.argmax()), table.shape))
    score, path = float(table[i, j]), []
    while table[i, j] > 0:
        path.append((i - 2, j - 2))
        steps = (
            (table[i - 1, j - 1], (i - 1, j - 1)),
            (table[i - 2, j - 1] - SKIP_COST, (i - 2, j - 1)),
            (table[i - 1, j - 2] - SKIP_COST, (i - 1, j - 2)),
        )
        best, (i, j) = max(steps)
        if best <= 0:
            break
    return score, path[::-1]
