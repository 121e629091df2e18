"""Features that the beat network reads: a normalised mel spectrogram, and how much the harmony changes.

Conventions
-----------
Frame k lies around k / `frame_rate_hz` seconds. Changing a constant here means training the network anew: its weights
fit these features only.

References
----------
.. [1] Böck & Davies, "Deconstruct, analyse, reconstruct: how to improve tempo, beat, and downbeat estimation",
   ISMIR 2020.
.. [2] Durand, Bello, David & Richard, "Robust downbeat tracking using an ensemble of convolutional networks", IEEE/ACM
   TASLP 25(1), 2017: harmonic features find downbeats where the drums do not.
"""

import numpy as np
import numpy.typing as npt

from riffscope.arrays import Float32s
from riffscope.dsp.onsets import compress

# Harmony is compared over windows of these lengths on either side of a moment: from one fast beat to a bar.
CHANGE_OVER_S = (0.2, 0.4, 0.8, 1.6)
# Semitones of an octave.
PITCH_CLASSES = 12
# The bass plays in the lowest 20 semitones from C2 up.
BASS_NOTES = 20
# One for each window, of all notes and of the bass.
HARMONIC_FEATURES = 2 * len(CHANGE_OVER_S)


def scaled_mel(magnitudes: Float32s) -> Float32s:
    """Normalise a mel spectrogram (n_bands, n_frames) to mean 0 and deviation 1 in log magnitude, at any gain."""
    compressed = compress(magnitudes)
    scaled: Float32s = (compressed - compressed.mean()) / (compressed.std() + np.float32(1e-3))
    return scaled


def harmonic_change(notes: Float32s, *, frame_rate_hz: float, at_s: npt.ArrayLike) -> Float32s:
    """Return how much the harmony changes at some moments: the distance between what sounds before and after.

    Parameters
    ----------
    notes : float32 array, shape (n_frames, n_notes)
        Magnitude of the harmonic part by semitone, from C up.
    frame_rate_hz : float
        Frame k lies around k / `frame_rate_hz` seconds.
    at_s : array, shape (n,)
        The moments.

    Returns
    -------
    float32 array, shape (8, n)
        Cosine distances, 0..1: of all notes folded into an octave and then of the bass, each over .2, .4, .8 and 1.6 s.
        0 where nothing sounds on one of the sides.
    """
    # The square root keeps one loud note from outweighing all others.
    compressed = np.sqrt(notes)
    chroma = np.stack([compressed[:, k::PITCH_CLASSES].sum(axis=1) for k in range(PITCH_CLASSES)], axis=1)
    moments = np.asarray(at_s, np.float64) * frame_rate_hz
    rows = []
    for features in (chroma, compressed[:, :BASS_NOTES]):
        sums = np.concatenate([np.zeros((1, features.shape[1])), np.cumsum(features, axis=0, dtype=np.float64)])
        distances = (_distance(sums, round(change_s * frame_rate_hz)) for change_s in CHANGE_OVER_S)
        rows += [np.interp(moments, np.arange(len(features)), distance) for distance in distances]
    return np.array(rows, np.float32)


def _distance(sums: npt.NDArray[np.float64], width: int) -> npt.NDArray[np.float64]:
    """Return the cosine distance between the `width` frames before each frame and those from it on: (n_frames,).

    `sums` are cumulative sums of features, shape (n_frames + 1, k).
    """
    count = len(sums) - 1
    here = np.arange(count)
    before = sums[here] - sums[np.maximum(here - width, 0)]
    after = sums[np.minimum(here + width, count)] - sums[here]
    lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    similarity = np.einsum("ij,ij->i", before, after) / np.maximum(lengths, 1e-12)
    return np.where(lengths > 1e-9, 1 - similarity, 0.0)
