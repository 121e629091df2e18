"""Downmix: all channels as one or as two, by what they are, unless they cancel each other.

Conventions: sound is float32 (channels, n); what each channel is, is named as in `riffscope.dsp.speakers`, and empty
where that is not known. Source: ITU-R BS.775-4; own where channels cancel each other.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from riffscope.arrays import Float32s, Floats
from riffscope.dsp.blocks import slices
from riffscope.dsp.decibels import db_to_power
from riffscope.dsp.speakers import mono_weights, stereo_weights

# A downmix this far below what its loudest channel would be on both sides has cancelled itself: for stereo, below the
# louder channel; ordinary wide stereo loses 3 to 6 dB.
CANCELLED_DB = 15.0


def downmix(channels: Float32s, speakers: Sequence[str] = ()) -> Float32s:
    """Mix channels (channels, n) down to one (n,); where they cancel each other, the loudest one stands for all."""
    mixed: Float32s = channels[0] if len(channels) == 1 else downmix_weights(channels, speakers) @ channels
    return mixed


def downmix_to_stereo(channels: Float32s, speakers: Sequence[str] = ()) -> Float32s:
    """Mix channels (channels, n) down to left and right (2, n)."""
    weights = stereo_weights(speakers, len(channels))
    mixed = np.empty((2, channels.shape[1]), np.float32)
    for part in slices(channels.shape[1]):
        np.matmul(weights, channels[:, part], out=mixed[:, part])
    return mixed


def downmix_weights(channels: Float32s, speakers: Sequence[str] = ()) -> Float32s:
    """Return how much of each channel, (channels, n), goes into the downmix: (channels,), with a sum of 1."""
    return _weights_for(channels @ channels.T, speakers)


def weights_for_blocks(blocks: Iterable[Float32s], speakers: Sequence[str] = ()) -> Float32s:
    """Return the same of sound that comes in blocks, (channels, k) each."""
    products: Floats = np.sum([block @ block.T for block in blocks], axis=0, dtype=np.float64)
    return _weights_for(products, speakers)


def _weights_for(products: Float32s | Floats, speakers: Sequence[str]) -> Float32s:
    """Return the weights of channels from their products with each other, (channels, channels)."""
    weights = mono_weights(speakers, len(products))
    if _cancel(products, weights):
        loudest = _powers(products, weights).argmax()
        weights = np.zeros_like(weights)
        weights[loudest] = 1
    return weights


def cancels(channels: Float32s, speakers: Sequence[str] = ()) -> bool:
    """Tell whether the channels, (channels, n), cancel each other in the downmix: antiphase stereo does."""
    return _cancel(channels @ channels.T, mono_weights(speakers, len(channels)))


def _powers(products: Float32s | Floats, weights: Float32s) -> Floats:
    """Return the energy of each channel in the downmix, (channels,)."""
    powers: Floats = weights.astype(np.float64) ** 2 * products.diagonal()
    return powers


def _cancel(products: Float32s | Floats, weights: Float32s) -> bool:
    # A sound on both sides has four times the energy that it has on one.
    loudest = 4 * float(_powers(products, weights).max())
    return loudest > 0 and float(weights @ products @ weights) < loudest * db_to_power(-CANCELLED_DB)
