"""Chroma alignment: which stretch two songs share by their chroma, in whatever key and tempo.

Conventions: chroma are (beats, 12), C first; similarities are cosines, -1..1; a transposition is by how many semitones
the second song lies higher.

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

# A pair of beats speaks for an alignment as far as its similarity exceeds this. Chosen by hand, not fitted.
MIN_SIMILARITY = 0.3
# What it costs to count two beats of the one song against one of the other. Chosen by hand, not fitted.
SKIP_COST = 0.3
# The second-best alignment is looked for so many beats away from the best, or it would be the same one shifted a
# little. Chosen by hand, not fitted.
AWAY_BEATS = 3
# What the beats near the best alignment count then: less than any that is alike could.
_EXCLUDED = -2.0
# A beat that differs less than this from the whole song says nothing, and is not scaled up to say something.
_MIN_LENGTH = 1e-3


@dataclass(frozen=True, kw_only=True)
class ChromaMatch:
    """The best alignment of two chroma sequences.

    Attributes
    ----------
    score : float
        About a half for each beat that both songs share.
    transposition : int
        By how many semitones the second lies higher, -5..6.
    path : tuple of (int, int)
        Which beat of the first song goes with which of the second, in order.
    second_score : float
        Of the best alignment in the same key that keeps away from the path. It is as high as the first where both songs
        repeat the same chords.
    """

    score: float
    transposition: int
    path: tuple[tuple[int, int], ...]
    second_score: float


def stand_out(chroma: Floats) -> Floats:
    """Return how each beat differs from the mean of the song, scaled to length 1: (n, 12) -> (n, 12).

    What all beats of a song have in common, its key above all, makes no two songs versions of each other.
    """
    roots = np.sqrt(chroma)
    roots = roots - roots.mean(axis=1, keepdims=True)
    roots = roots - roots.mean(axis=0)
    lengths = np.linalg.norm(roots, axis=1, keepdims=True)
    out: Floats = roots / np.maximum(lengths, _MIN_LENGTH)
    return out


def best_chroma_match(first: Floats, second: Floats) -> ChromaMatch:
    """Find the stretch that two songs share most, from what `stand_out` gave: (n, 12) and (m, 12) [1]_ [2]_."""
    shift = int(_best_scores(first, second).argmax())
    turned = np.roll(second, -shift, axis=1)
    similarity = first @ turned.T - MIN_SIMILARITY
    score, path = _trace(similarity)
    for i, j in path:
        near_i, near_j = (slice(max(0, at - AWAY_BEATS), at + AWAY_BEATS + 1) for at in (i, j))
        similarity[near_i, near_j] = _EXCLUDED
    return ChromaMatch(
        score=score,
        transposition=(shift + 5) % 12 - 5,
        path=tuple(path),
        second_score=_trace(similarity)[0],
    )


def chance_chroma_score(first: Floats, second: Floats) -> float:
    """Return the best score that two songs reach by chance: against the second one backwards, upside down, and both.

    These have as many beats and as common chords as the song itself, but are another song.
    """
    mirrored = second[:, -np.arange(12) % 12]
    return max(float(_best_scores(first, other).max()) for other in (second[::-1], mirrored, mirrored[::-1]))


def _best_scores(first: Floats, second: Floats) -> Floats:
    """Return the score of the best alignment for each number of semitones that the second may lie higher: (12,)."""
    turned = np.stack([np.roll(second, -shift, axis=1) for shift in range(12)])
    best = np.zeros(12)
    for row in _rows(beat @ turned.transpose(0, 2, 1) - MIN_SIMILARITY for beat in first):
        np.maximum(best, row.max(axis=1), out=best)
    return best


def _rows(similarity: Iterator[Floats]) -> Iterator[Floats]:
    """Give the table of local alignments row by row, from rows of similarity (k, m): (k, m + 2), two of them zeros."""
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
    """Follow the best alignment in a table of similarity (n, m) back to where it begins."""
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
