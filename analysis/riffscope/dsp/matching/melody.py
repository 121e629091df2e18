"""Melody alignment: which stretch two melodies share, in whatever key and tempo, and what they would share by chance.

Conventions: a melody is a row of notes, MIDI semitones and lengths in beats; a transposition is by how many semitones
the second melody lies higher; scores are about 1 for each note in common. The weights of pairs are our own.

References
----------
.. [1] Smith & Waterman, "Identification of common molecular subsequences", J. Molecular Biology 147(1), 1981: the best
   local alignment of two sequences.
.. [2] van Kranenburg, Volk & Wiering, "A comparison between global and local features for computational classification
   of folk song melodies", J. New Music Research 42(1), 2013: alignment of notes tells melodies best.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from riffscope.arrays import Floats, Ints

# What a pair of notes adds to an alignment where both have the same pitch ...
SAME = 1.0
# ... more where they also last about as long, in beats ...
AS_LONG = 0.4
# ... which means that one is at most 1.5 times as long as the other (so many powers of two) ...
AS_LONG_OCTAVES = 0.6
# ... where they are a semitone apart, as much as pitch tracking errs ...
NEAR = -0.2
# ... and where they are farther apart.
OTHER = -1.2
# What a note costs that only one melody has. The six were chosen by hand, not fitted.
GAP = 0.7
# What unrelated melodies of 30 to 400 notes share by chance: 4 to 14.
USUAL_BY_CHANCE = 8.0
# Keys lie up to an octave and a half apart, between a bass and a soprano.
MAX_SEMITONES = 18
# All transpositions that are tried.
SHIFTS = np.arange(-MAX_SEMITONES, MAX_SEMITONES + 1)


@dataclass(frozen=True, kw_only=True)
class Melody:
    """Notes in order.

    Attributes
    ----------
    midi : int64 array, shape (n,)
    length : float64 array, shape (n,)
        From the beginning of each note to that of the next: in beats, or in seconds where there is no beat.
    """

    midi: Ints
    length: Floats

    def __len__(self) -> int:
        return len(self.midi)


@dataclass(frozen=True, kw_only=True)
class Match:
    """The best alignment of two melodies.

    Attributes
    ----------
    score : float
        About one for each note that both share.
    transposition : int
        By how many semitones the second lies higher.
    first, second : (int, int)
        First and one-past-last note of the stretch in each.
    common : int
        How many notes of it are the same.
    """

    score: float
    transposition: int
    first: tuple[int, int]
    second: tuple[int, int]
    common: int


def best_match(first: Melody, second: Melody) -> Match:
    """Find the stretch that two melodies share most [1]_ [2]_; both have at least one note."""
    shift = int(SHIFTS[_scores(first, second).argmax()])
    rows = [row[0] for row in _rows(first, second, np.array([shift]))]
    return _trace(first, second, shift, np.stack(rows))


def best_score(first: Melody, second: Melody) -> float:
    """Return the score of the best match alone."""
    return float(_scores(first, second).max())


def chance_score(first: Melody, second: Melody) -> float:
    """Return the best score that two melodies reach by chance: against the second backwards, upside down, and both.

    These have the same notes, steps and rhythms as the melody itself, but are another one. Never less than is usual.
    """
    mirrored = int(second.midi.min() + second.midi.max()) - second.midi
    backwards = Melody(midi=second.midi[::-1], length=second.length[::-1])
    upside_down = Melody(midi=mirrored, length=second.length)
    both = Melody(midi=mirrored[::-1], length=second.length[::-1])
    return max(USUAL_BY_CHANCE, *(best_score(first, other) for other in (backwards, upside_down, both)))


def _pairs(first: Melody, second: Melody, shifts: Ints, note: int) -> Floats:
    """Return what each note of the second melody adds, paired with one of the first, by transposition: (k, m)."""
    off = np.abs(second.midi - first.midi[note] - shifts[:, None])
    as_long = np.abs(np.log2(second.length / first.length[note])) < AS_LONG_OCTAVES
    return np.where(off == 0, SAME + AS_LONG * as_long, np.where(off == 1, NEAR, OTHER))


def _scores(first: Melody, second: Melody) -> Floats:
    """Return the score of the best alignment at each of `SHIFTS`."""
    best = np.zeros(len(SHIFTS))
    for row in _rows(first, second, SHIFTS):
        np.maximum(best, row.max(axis=1), out=best)
    return best


def _rows(first: Melody, second: Melody, shifts: Ints) -> Iterator[Floats]:
    """Give the table of local alignments at some transpositions row by row, the first of zeros: (k, m + 1) each."""
    along = GAP * np.arange(len(second) + 1)
    row = np.zeros((len(shifts), len(second) + 1))
    yield row
    for note in range(len(first)):
        here = np.maximum(row - GAP, 0)
        here[:, 1:] = np.maximum(here[:, 1:], row[:, :-1] + _pairs(first, second, shifts, note))
        # Notes that only the second melody has, any number of them.
        row = np.maximum.accumulate(here + along, axis=1) - along
        yield row


def _trace(first: Melody, second: Melody, shift: int, table: Floats) -> Match:
    """Follow the best alignment back to where it begins."""
    i, j = (int(place) for place in np.unravel_index(int(table.argmax()), table.shape))
    end, score, common = (i, j), float(table[i, j]), 0
    while table[i, j] > 0:
        pair = float(_pairs(first, second, np.array([shift]), i - 1)[0, j - 1])
        if np.isclose(table[i, j], table[i - 1, j - 1] + pair):
            common += pair >= SAME
            i, j = i - 1, j - 1
        elif np.isclose(table[i, j], table[i - 1, j] - GAP):
            i -= 1
        else:
            j -= 1
    return Match(score=score, transposition=shift, first=(i, end[0]), second=(j, end[1]), common=common)
