"""Where in the stereo picture a sound stands: its main direction, and what comes from elsewhere."""

import numpy as np

from riffscope.arrays import Float32s, Mask

# What lies 60 dB below the rest is rounding, or what coding left.
NOTHING = 1e-6


def in_one_place(channels: Float32s) -> bool:
    """Tell whether all channels (channels, n) are the same: mono, whatever the number of its channels."""
    if len(channels) == 1:
        return True
    apart = channels[0] - channels[1]
    return float(np.dot(apart, apart)) <= NOTHING * float(np.einsum("ij,ij->", channels, channels))


def main_and_beside(channels: Float32s, heard: Mask) -> tuple[Float32s, Float32s]:
    """Turn two channels to the direction that most of the energy comes from: (2, n) -> what does (n,), and the rest.

    Parameters
    ----------
    heard : mask, shape (steps,)
        Which of so many equal parts of the sound decide on the direction.

    Notes
    -----
    The two are the principal components of the channels. One voice, wherever it is panned, has nothing beside; the main
    direction of a voice in the middle is the middle. Two channels that share nothing turn into two of like energy.
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
    return channels[0] if in_one_place(channels) else main_and_beside(channels, heard)[0]
