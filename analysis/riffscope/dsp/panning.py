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


def main_angle(channels: Float32s, heard: Mask) -> float:
    """Return the main direction of two channels, (2, n), as an angle in radians: their first principal component.

    Parameters
    ----------
    channels : float32 array, shape (2, n)
    heard : mask, shape (steps,)
        Which of so many equal parts of the sound decide on the direction.
    """
    steps = len(heard)
    length = channels.shape[1] // steps if steps else 0
    parts = channels[:, : steps * length].reshape(2, steps, length)
    left, right = parts[0][heard], parts[1][heard]
    across = float(np.einsum("ij,ij->", left, right))
    difference = float(np.einsum("ij,ij->", left, left)) - float(np.einsum("ij,ij->", right, right))
    return 0.5 * float(np.arctan2(2 * across, difference))


def along(channels: Float32s, angle: float) -> Float32s:
    """Return what comes from a direction, (2, n) -> (n,)."""
    main: Float32s = np.float32(np.cos(angle)) * channels[0] + np.float32(np.sin(angle)) * channels[1]
    return main


def beside(channels: Float32s, angle: float) -> Float32s:
    """Return what comes from beside a direction, (2, n) -> (n,)."""
    rest: Float32s = np.float32(np.cos(angle)) * channels[1] - np.float32(np.sin(angle)) * channels[0]
    return rest


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
    angle = main_angle(channels, heard)
    return along(channels, angle), beside(channels, angle)
