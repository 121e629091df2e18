"""How alike two beats are beyond what chance gives: the table that loops are found in.

References
----------
.. [1] Foote, "Visualizing music and audio using self-similarity", ACM Multimedia 1999.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riffscope.arrays import Float32s
from riffscope.dsp.harmonic import median_of_five, presence

# A note stands out from the middle of five notes within half an octave on either side: what is left of broadband noise
# does not.
NEIGHBOURS = (0, 3, 6, 9, 12)
# Each note is measured by its own strong moments, so that the bass does not decide alone; notes that are never strong
# by those of the others.
STRONG_PERCENTILE, OWN_SCALE, LOUDEST = 95.0, 0.7, 2.0
# Chance is what the same beats share when one of them is transposed, and when it is played late: the same chords under
# other notes, or the same rhythm on other notes, are no riff. Transposed by a fourth down and a minor third up, where a
# scale keeps six and four of its notes; late by a half, a whole and one and a half beats, at which a chord struck over
# and over meets itself. Each is compared in both directions.
TRANSPOSED_SEMITONES, DELAYED_QUARTERS = (-5, 3), (2, 4, 6)
# Where copies share more than this, hardly anything is left to be alike in.
MAX_CHANCE = 0.9
# Beats that hold less than these shares of the song's median beat share little by nature.
NEAR_SILENT, FULL = 0.25, 0.7


@dataclass(frozen=True, kw_only=True)
class SelfSimilarity:
    """How alike the beats of a song are, each float32 of shape (n_beats, n_beats).

    Attributes
    ----------
    beyond_chance : array
        At most 1: the same notes at the same moments; 0: what transposed and delayed copies share as well.
    shared : array
        Share of the quieter beat that the other also holds, 0..1. What sounds on top of a riff in one pass does not
        count against it.
    """

    beyond_chance: Float32s
    shared: Float32s


def standing_out(energy: Float32s) -> Float32s:
    """Return the root of how far each note stands out from those around it: (n_frames, n_notes) -> the same shape."""
    around = np.pad(energy, ((0, 0), (6, 6)), mode="edge")
    middle = median_of_five(*(around[:, k : k + energy.shape[1]] for k in NEIGHBOURS))
    out: Float32s = np.sqrt(np.maximum(energy - middle, 0))
    return out


def notes_on_own_scale(strength: npt.NDArray[np.floating]) -> Float32s:
    """Bring the strength of notes (n_beats, quarters, n_notes) to each note's own scale: 1 is strong, 2 the most."""
    flat = strength.reshape(-1, strength.shape[-1])
    own = np.percentile(flat, STRONG_PERCENTILE, axis=0)
    common = np.percentile(flat, STRONG_PERCENTILE + 2)
    scaled = strength / (OWN_SCALE * own + (1 - OWN_SCALE) * common + 1e-6)
    out: Float32s = np.minimum(scaled, LOUDEST).astype(np.float32)
    return out


def beat_similarity(strength: Float32s) -> SelfSimilarity:
    """Compare all beats of a song.

    Parameters
    ----------
    strength : float32 array, shape (n_beats, quarters, n_notes)
        How strong each note is in each quarter of each beat, from `notes_on_own_scale`.
    """
    amount = strength.sum(axis=(1, 2))
    present = presence(strength)
    held, by_chance = _compare(present)
    begun, begun_by_chance = _compare(_beginning(present))
    # What is held tells chords apart, what begins tells rhythms apart; a riff is both.
    beyond = (_beyond(held, by_chance) + _beyond(begun, begun_by_chance)) / 2
    # Between lone drum beats, of which the mask leaves a little, there is nothing to be alike.
    weight = np.minimum(amount / (FULL * np.median(amount) + 1e-9), 1)
    return SelfSimilarity(beyond_chance=(beyond * weight[:, None] * weight).astype(np.float32), shared=held)


def _beginning(present: Float32s) -> Float32s:
    """Return how much each note rises above the mean of the two quarters of a beat before; same shape."""
    flat = present.reshape(-1, present.shape[-1])
    before = np.concatenate([flat[:1], flat[:1], flat])
    rise: Float32s = np.maximum(flat - (before[:-2] + before[1:-1]) / 2, 0).reshape(present.shape)
    return rise


def _compare(features: Float32s) -> tuple[Float32s, Float32s]:
    """Return the share that beats have in common, and the share that they have by chance, each (n, n)."""
    count = len(features)
    amount = features.sum(axis=(1, 2))
    size = np.minimum(amount[:, None], amount)
    size = np.maximum(size, NEAR_SILENT * np.median(amount) + np.float32(1e-9))
    flat = features.reshape(count, -1)

    def chance(copies: list[Float32s]) -> Float32s:
        common = np.sum([_overlap(flat, copy.reshape(count, -1)) for copy in copies], axis=0)
        both: Float32s = (common + common.T) / (2 * len(copies)) / size
        return both

    notes = features.reshape(-1, features.shape[-1])
    transposed = chance([np.roll(features, step, axis=2) for step in TRANSPOSED_SEMITONES])
    delayed = chance([np.roll(notes, step, axis=0) for step in DELAYED_QUARTERS])
    similarity: Float32s = (_overlap(flat, flat) / size).astype(np.float32)
    return similarity, np.maximum(transposed, delayed)


def _overlap(a: Float32s, b: Float32s) -> Float32s:
    """Return the sum of the smaller of each two features: (n, k), (n, k) -> (n, n)."""
    a, b = np.ascontiguousarray(a), np.ascontiguousarray(b)
    smaller, out = np.empty_like(b), np.empty((len(a), len(b)), np.float32)
    for row, beat in enumerate(a):
        np.minimum(beat, b, out=smaller)
        np.einsum("ij->i", smaller, out=out[row])  # half the time of a sum
    return out


def _beyond(shared: Float32s, by_chance: Float32s) -> Float32s:
    expected = np.minimum(by_chance, np.float32(MAX_CHANCE))
    out: Float32s = (shared - expected) / (1 - expected)
    return out
