"""Compute the self-similarity of a song's beats, beyond what chance gives: the matrix that loops are found in.

Conventions
-----------
Matrices are float32 of shape (n_beats, n_beats). Features are (n_beats, tatums, n_notes), notes low to high.

References
----------
Self-similarity matrices are Foote's [1]_; the measure and its chance level are our own.

.. [1] Foote, "Visualizing music and audio using self-similarity", ACM Multimedia 1999.
"""

import functools
import operator
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riffscope.arrays import Float32s, Floats, Ints
from riffscope.dsp.harmonic import median_of_five, presence
from riffscope.dsp.rhythm.bars import beat_means

# Semitones, in a window of one octave around each note, whose median is taken off the note: it removes what is left of
# broadband noise. Five samples of the octave are enough for a median.
NEIGHBOURS = (0, 3, 6, 9, 12)
# A note's own scale is this percentile of its strength, so that the bass does not decide alone. Chosen, not fitted.
STRONG_PERCENTILE = 95.0
# The common scale, for notes that are never strong, is this percentile of the strength of all notes. Chosen, not
# fitted.
COMMON_PERCENTILE = STRONG_PERCENTILE + 2
# Weight of a note's own scale against the common one. Chosen, not fitted.
OWN_SCALE = 0.7
# Strength is clipped at this multiple of a strong note. Chosen, not fitted.
MAX_STRENGTH = 2.0
# Chance is what two beats share when one of them is transposed or delayed: the same chords under other notes, or the
# same rhythm on other notes, are no riff. Transposed a fourth down and a minor third up, a scale keeps six and four of
# its notes. Each is compared in both directions.
TRANSPOSED_SEMITONES = (-5, 3)
# Delayed by a half, a whole and one and a half beats, a chord that is struck over and over meets itself.
DELAYED_TATUMS = (2, 4, 6)
# Chance is clipped here: where delayed or transposed copies share more, too little is left for a similarity.
MAX_CHANCE = 0.9
# A beat with less than this share of the median beat's strength counts as having that much: near-silent beats share
# little by nature. Chosen, not fitted.
NEAR_SILENT = 0.25
# The similarity of beats with less than this share of the median beat is lowered in proportion: between single drum
# beats, of which the harmonic mask leaves a little, nothing can be similar. Chosen, not fitted.
FULL = 0.7


@dataclass(frozen=True, kw_only=True)
class SelfSimilarity:
    """The self-similarity of a song's beats, each float32 of shape (n_beats, n_beats).

    Attributes
    ----------
    beyond_chance : array
        1 (the maximum): the same notes at the same moments. 0: no more than transposed and delayed copies share.
    shared : array
        Share of the quieter beat that the other beat contains as well, 0..1. What sounds on top of a riff in one pass
        does not count against it.
    """

    beyond_chance: Float32s
    shared: Float32s


def compare_beats(
    magnitudes: Float32s, tatum_edges_s: Floats, *, tatums_per_beat: int, frame_rate_hz: float
) -> SelfSimilarity:
    """Compute the self-similarity of the beats of a semitone spectrogram.

    Parameters
    ----------
    magnitudes : float32 array, shape (n_frames, n_notes)
    tatum_edges_s : float64 array, shape (n_beats * tatums_per_beat + 1,)
        Where tatums begin and the last ends.
    tatums_per_beat : int
    frame_rate_hz : float
        Frame k lies around k / `frame_rate_hz` seconds.
    """
    strength = beat_means(above_neighbours(magnitudes), tatum_edges_s, frame_rate_hz=frame_rate_hz)
    count = (len(tatum_edges_s) - 1) // tatums_per_beat
    return beat_similarity(notes_on_own_scale(strength.reshape(count, tatums_per_beat, -1)))


def most_similar(several: Sequence[SelfSimilarity]) -> SelfSimilarity:
    """Return the greatest similarity of each pair of beats, over the self-similarities of several sounds."""
    beyond_chance, shared = several[0].beyond_chance, several[0].shared
    for other in several[1:]:
        beyond_chance = np.maximum(beyond_chance, other.beyond_chance)
        shared = np.maximum(shared, other.shared)
    return SelfSimilarity(beyond_chance=beyond_chance, shared=shared)


def bar_similarity(similarity: Float32s, starts: Ints, length: int) -> Floats:
    """Average similarity over bars of `length` beats that begin at some beats: (n_bars, n_bars)."""
    last = len(similarity) - 1
    total = np.zeros((len(starts), len(starts)))
    for beat in range(length):
        here = np.minimum(starts + beat, last)
        total += similarity[np.ix_(here, here)]
    return total / length


def above_neighbours(magnitudes: Float32s) -> Float32s:
    """Return the square root of how far each note exceeds the median of its octave: (n_frames, n_notes), same shape."""
    around = np.pad(magnitudes, ((0, 0), (6, 6)), mode="edge")
    median = median_of_five(*(around[:, k : k + magnitudes.shape[1]] for k in NEIGHBOURS))
    out: Float32s = np.sqrt(np.maximum(magnitudes - median, 0))
    return out


def notes_on_own_scale(strength: npt.NDArray[np.floating]) -> Float32s:
    """Scale the strength of notes (n_beats, tatums, n_notes) by each note's own: 1 is strong, 2 the maximum."""
    flat = strength.reshape(-1, strength.shape[-1])
    own = np.percentile(flat, STRONG_PERCENTILE, axis=0)
    common = np.percentile(flat, COMMON_PERCENTILE)
    scaled = strength / (OWN_SCALE * own + (1 - OWN_SCALE) * common + 1e-6)
    out: Float32s = np.minimum(scaled, MAX_STRENGTH).astype(np.float32)
    return out


def beat_similarity(strength: Float32s) -> SelfSimilarity:
    """Compare every two beats of a song.

    Parameters
    ----------
    strength : float32 array, shape (n_beats, tatums, n_notes)
        Strength of each note in each tatum, from `notes_on_own_scale`.
    """
    amount = strength.sum(axis=(1, 2))
    present = presence(strength)
    sounding, by_chance = _compare(present)
    onsets, onsets_by_chance = _compare(_onsets(present))
    # Sounding notes tell chords apart, onsets tell rhythms apart; a riff is both.
    beyond = (_beyond(sounding, by_chance) + _beyond(onsets, onsets_by_chance)) / 2
    weight = np.minimum(amount / (FULL * np.median(amount) + 1e-9), 1)
    return SelfSimilarity(beyond_chance=(beyond * weight[:, None] * weight).astype(np.float32), shared=sounding)


def _onsets(present: Float32s) -> Float32s:
    """Return how far each note rises above the mean of the two tatums before; same shape."""
    flat = present.reshape(-1, present.shape[-1])
    before = np.concatenate([flat[:1], flat[:1], flat])
    rise: Float32s = np.maximum(flat - (before[:-2] + before[1:-1]) / 2, 0).reshape(present.shape)
    return rise


def _compare(features: Float32s) -> tuple[Float32s, Float32s]:
    """Return the share that two beats have in common, and the share that they have by chance: twice (n, n)."""
    count = len(features)
    amount = features.sum(axis=(1, 2))
    size = np.minimum(amount[:, None], amount)
    size = np.maximum(size, NEAR_SILENT * np.median(amount) + np.float32(1e-9))
    flat = features.reshape(count, -1)

    def chance(copies: list[Float32s]) -> Float32s:
        common = functools.reduce(operator.iadd, (_overlap(flat, copy.reshape(count, -1)) for copy in copies))
        both: Float32s = ((common + common.T) / (2 * len(copies)) / size).astype(np.float32, copy=False)
        return both

    notes = features.reshape(-1, features.shape[-1])
    transposed = chance([np.roll(features, step, axis=2) for step in TRANSPOSED_SEMITONES])
    delayed = chance([np.roll(notes, step, axis=0) for step in DELAYED_TATUMS])
    similarity: Float32s = (_overlap(flat, flat) / size).astype(np.float32)
    return similarity, np.maximum(transposed, delayed)


def _overlap(a: Float32s, b: Float32s) -> Float32s:
    """Return the intersection of every two beats, the sum of minima: (n, k), (n, k) -> (n, n)."""
    a, b = np.ascontiguousarray(a), np.ascontiguousarray(b)
    smaller, out = np.empty_like(b), np.empty((len(a), len(b)), np.float32)
    for row, beat in enumerate(a):
        np.minimum(beat, b, out=smaller)
        np.einsum("ij->i", smaller, out=out[row])  # half the time of a sum
    return out


def _beyond(shared: Float32s, by_chance: Float32s) -> Float32s:
    """Correct a share for chance, as kappa does: 0 at the chance level, 1 at most."""
    expected = np.minimum(by_chance, np.float32(MAX_CHANCE))
    out: Float32s = (shared - expected) / (1 - expected)
    return out
