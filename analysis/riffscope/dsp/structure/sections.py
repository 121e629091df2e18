"""Label the sections of a song: a letter for the music, a prime for each variation of it.

Conventions
-----------
Sections are slices of bars; similarities are at most 1, distances 0 or more, both of shape (n_sections, n_sections).

References
----------
Own: average-linkage clustering of sections by harmony, then by timbre.
"""

import itertools

import numpy as np

from riffscope.arrays import Float32s, Floats, Ints
from riffscope.dsp.structure.boundaries import Bars, normalized_by_change, similarity

# Two sections with at least this mean similarity, bar for bar at the best alignment, are the same music. Right for 88 %
# of the pairs of sections of 140 rendered songs.
SAME_MUSIC = 0.17
# The threshold rises by this share of the song's median similarity: over a drone, any two bars are similar. From the
# same songs.
SAME_MUSIC_PER_SIMILARITY = 0.5
# Sections with the same letter are a variation where both differences together reach 1. This weighs the change of
# timbre, in units of the usual change from one bar to the next. Chosen on 75 songs.
TIMBRE_WEIGHT = 0.7
# This weighs the change of level above the bass, where voices come in. Chosen on the same songs.
MELODY_WEIGHT = 4.0
# A boundary between two sections with the same label and lower log-odds is a repeat within one section. Chosen, not
# fitted.
FAINT_ODDS = -1.25
# The same for two sections that do the same in the song as well. Chosen, not fitted.
FAINT_ODDS_ALIKE = -0.4
# Semitones above C2 from which notes are melody rather than bass.
ABOVE_BASS = 20


def label_sections(bars: Bars, edges: Ints) -> list[str]:
    """Label sections: the same letter where notes and chords return, a prime for each variation.

    Parameters
    ----------
    bars : Bars
        Of the whole song.
    edges : int64 array, shape (n_sections + 1,)
        The first bar of each section, and the number of bars.

    Returns
    -------
    list of str
        Letters in order of first appearance; the first variation of a letter has no prime.
    """
    sections = [slice(int(start), int(end)) for start, end in itertools.pairwise(edges)]
    similarities = similarity(bars.notes)
    usual = float(np.median(similarities[np.triu_indices(len(similarities), 1)]))
    same_music = SAME_MUSIC + SAME_MUSIC_PER_SIMILARITY * max(usual, 0.0)
    letters = _groups(1 - music_similarity(similarities, sections), apart=1 - same_music)
    differences = variation_distance(bars, sections)
    labels = [""] * len(sections)
    for letter in range(letters.max() + 1):
        members = np.flatnonzero(letters == letter)
        variations = _groups(differences[np.ix_(members, members)], apart=1.0)
        for member, variation in zip(members, variations, strict=True):
            labels[member] = _letter(letter) + "'" * int(variation)
    return labels


def join_repeats(edges: Ints, labels: list[str], odds: Floats, *, faint: float = FAINT_ODDS) -> tuple[Ints, list[str]]:
    """Join adjacent sections with the same label where the evidence for the boundary between them is faint.

    Parameters
    ----------
    edges : int64 array, shape (n_sections + 1,)
        As `label_sections` takes them.
    labels : list of str
        What it returns.
    odds : float64 array, shape (n_bars - 1,)
        Log-odds of a boundary at each inner downbeat.
    faint : float
        Log-odds below which evidence is faint.
    """
    inner = edges[1:-1]
    kept = [
        before != after or odds[bar - 1] >= faint
        for bar, before, after in zip(inner.tolist(), labels, labels[1:], strict=False)
    ]
    joined = np.concatenate([edges[:1], inner[np.array(kept, bool)], edges[-1:]])
    return joined, [labels[0], *itertools.compress(labels[1:], kept)]


def in_order(labels: list[str]) -> list[str]:
    """Rename letters in the order in which they appear; primes stay as they are."""
    kinds: dict[str, str] = {}
    for label in labels:
        kind = label.rstrip("'")
        kinds.setdefault(kind, _letter(len(kinds)))
    return [kinds[label.rstrip("'")] + "'" * (len(label) - len(label.rstrip("'"))) for label in labels]


def music_similarity(similarities: Float32s, sections: list[slice]) -> Floats:
    """Return the similarity of sections, at most 1, (n, n): that of their bars at the best alignment."""
    out = np.eye(len(sections))
    for (i, a), (j, b) in itertools.combinations(enumerate(sections), 2):
        out[i, j] = out[j, i] = _best_alignment(similarities[a, b])
    return out


def _best_alignment(similarities: Float32s) -> float:
    """Return the greatest mean of a diagonal: the shorter section slides along the longer."""
    wide = similarities if similarities.shape[0] <= similarities.shape[1] else similarities.T
    count = len(wide)
    return max(float(np.trace(wide[:, shift : shift + count])) / count for shift in range(wide.shape[1] - count + 1))


def variation_distance(bars: Bars, sections: list[slice]) -> Floats:
    """Return the distance of sections in timbre and in the level of the melody, (n, n); from 1 on it is a variation."""
    timbre = normalized_by_change(bars.bands.mean(axis=1))
    melody = np.sqrt((bars.notes[:, :, ABOVE_BASS:] ** 2).mean(axis=2)).mean(axis=1)
    timbres = np.stack([timbre[section].mean(axis=0) for section in sections])
    melodies = np.array([melody[section].mean() for section in sections]) / (melody.mean() + 1e-9)
    change = np.sqrt(((timbres[:, None] - timbres) ** 2).mean(axis=2))
    difference: Floats = TIMBRE_WEIGHT * change + MELODY_WEIGHT * np.abs(melodies[:, None] - melodies)
    return difference


def _groups(distance: Floats, *, apart: float) -> Ints:
    """Cluster by average linkage up to a distance of `apart`; number the clusters as they first appear: (n,)."""
    if len(distance) == 1:
        return np.zeros(1, np.int64)
    # Slow to import, and not needed to read an analysis.
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    tree = linkage(np.maximum(squareform(distance, checks=False), 0), "average")  # rounding may leave it below 0
    group = fcluster(tree, apart, "distance")
    _, first, inverse = np.unique(group, return_index=True, return_inverse=True)
    numbers: Ints = np.argsort(np.argsort(first))[inverse]
    return numbers


def _letter(number: int) -> str:
    """Return A to Z, then AA, AB ..."""
    high, low = divmod(number, 26)
    return (_letter(high - 1) if high else "") + chr(ord("A") + low)
