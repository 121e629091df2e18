"""Panning: the main direction of a stereo sound, and what comes from beside it.

Conventions: sound is float32 (channels, n); directions are rotations of the two channels against each other, so that
main and beside together have the energy of both channels.

Source: own; the principal component analysis of two channels, over all frequencies at once.
"""

import numpy as np

from riffscope.arrays import Float32s, Mask

# A difference of the channels 60 dB below the sound is rounding, or what a codec left: the sound is mono.
MONO_BELOW = 1e-6


def is_mono(channels: Float32s) -> bool:
    """Tell whether the first two channels of (channels, n) are the same, or there is but one."""
    if len(channels) == 1:
        return True
    difference = channels[0] - channels[1]
    return float(np.dot(difference, difference)) <= MONO_BELOW * float(np.einsum("ij,ij->", channels, channels))


def main_and_beside(channels: Float32s, heard: Mask) -> tuple[Float32s, Float32s]:
    """Split two channels into what comes from their main direction and the rest: (2, n) -> (n,) and (n,).

    Parameters
    ----------
    channels : float32 array, shape (2, n)
    heard : mask, shape (steps,)
        Which of so many equal parts of the sound decide on the direction.

    Notes
    -----
    The two are the principal components of the channels. One voice, wherever it is panned, has nothing beside; the main
    direction of a voice in the centre is the centre. Two channels that share nothing become two of like energy.
    """
    steps = len(heard)
    length = channels.shape[1] // steps if steps else 0
    parts = channels[:, : steps * length].reshape(2, steps, length)
    left, right = parts[0][heard], parts[1][heard]
    across = float(np.einsum("ij,ij->", left, right))
    difference = float(np.einsum("ij,ij->", left, left)) - float(np.einsum("ij,ij->", right, right))
    angle = 0.5 * np.arctan2(2 * across, difference)
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return cos * channels[0] + sin * channels[1], cos * channels[1] - sin * channels[0]


def main_direction(channels: Float32s, heard: Mask) -> Float32s:
    """Return what comes from the main direction, as of `main_and_beside`: (1 or 2, n) -> (n,)."""
    return channels[0] if is_mono(channels) else main_and_beside(channels, heard)[0]
