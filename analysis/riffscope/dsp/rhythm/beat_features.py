"""What a network for beats reads: the mel spectrum on its own scale, and how much the harmony changes.

References
----------
.. [1] Böck & Davies, "Deconstruct, analyse, reconstruct: how to improve tempo, beat, and downbeat estimation",
   ISMIR 2020.
.. [2] Durand, Bello, David & Richard, "Robust downbeat tracking using an ensemble of convolutional networks", IEEE/ACM
   TASLP 25(1), 2017: harmonic input tells bar lines where the drums do not.
"""

import numpy as np
import numpy.typing as npt

from riffscope.arrays import Float32s
from riffscope.dsp.onsets import compress

# Harmony before a moment against harmony after it, over so much time: from one fast beat to a bar.
CHANGE_OVER_S = (0.2, 0.4, 0.8, 1.6)
PITCH_CLASSES = 12
# The lowest 20 semitones from C2 up are where the bass plays.
BASS_NOTES = 20
HARMONIC_FEATURES = 2 * len(CHANGE_OVER_S)


def scaled_mel(magnitudes: Float32s) -> Float32s:
    """Bring a mel spectrum (n_bands, n_frames) to mean 0 and deviation 1 in log magnitude; gain does not matter."""
    compressed = compress(magnitudes)
    scaled: Float32s = (compressed - compressed.mean()) / (compressed.std() + np.float32(1e-3))
    return scaled


def harmonic_change(notes: Float32s, *, frame_rate_hz: float, at_s: npt.ArrayLike) -> Float32s:
    """Return how unlike the harmony before and after some moments is.

    Parameters
    ----------
    notes : float32 array, shape (n_frames, n_notes)
        Held sound by semitone from C up.
    frame_rate_hz : float
        Frame k lies around k / `frame_rate_hz` seconds.
    at_s : array, shape (n,)
        The moments.

    Returns
    -------
    float32 array, shape (8, n)
        Cosine distances, 0..1: of all notes folded into an octave and then of the bass, each over .2, .4, .8 and 1.6 s.
        0 where nothing sounds on either side.
    """
    # The root keeps one loud note from being all there is.
    soft = np.sqrt(notes)
    chroma = np.stack([soft[:, k::PITCH_CLASSES].sum(axis=1) for k in range(PITCH_CLASSES)], axis=1)
    moments = np.asarray(at_s, np.float64) * frame_rate_hz
    rows = []
    for features in (chroma, soft[:, :BASS_NOTES]):
        sums = np.concatenate([np.zeros((1, features.shape[1])), np.cumsum(features, axis=0, dtype=np.float64)])
        distances = (_distance(sums, round(change_s * frame_rate_hz)) for change_s in CHANGE_OVER_S)
        rows += [np.interp(moments, np.arange(len(features)), distance) for distance in distances]
    return np.array(rows, np.float32)


def _distance(sums: npt.NDArray[np.float64], width: int) -> npt.NDArray[np.float64]:
    """Cosine distance between the sums over `width` frames before each frame and over as many from it on."""
    count = len(sums) - 1
    here = np.arange(count)
    past = sums[here] - sums[np.maximum(here - width, 0)]
    coming = sums[np.minimum(here + width, count)] - sums[here]
    lengths = np.linalg.norm(past, axis=1) * np.linalg.norm(coming, axis=1)
    alike = np.einsum("ij,ij->i", past, coming) / np.maximum(lengths, 1e-12)
    return np.where(lengths > 1e-9, 1 - alike, 0.0)
