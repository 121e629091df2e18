"""Downmix: all channels as one or as two, by what they are, unless they cancel each other.

Conventions: sound is float32 (channels, n); what each channel is, is named as in `riffscope.dsp.speakers`, and empty
where that is not known. Source: ITU-R BS.775-4; own where channels cancel each other.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from riffscope import long_arrays
from riffscope.arrays import Float32s, Floats
from riffscope.dsp.blocks import slices
from riffscope.dsp.decibels import db_to_power
from riffscope.dsp.speakers import mono_weights, stereo_weights

# A downmix this far below what its loudest channel would be on both sides has cancelled itself: for stereo, below the
# louder channel; ordinary wide stereo loses 3 to 6 dB.
CANCELLED_DB = 15.0


def downmix(channels: Float32s, speakers: Sequence[str] = ()) -> Float32s:
    """Mix channels (channels, n) down to one (n,); where they cancel each other, the loudest one stands for all."""
    only: Float32s = channels[0]
    return only if len(channels) == 1 else weighted_sum(downmix_weights(channels, speakers), channels)


def weighted_sum(weights: Float32s, channels: Float32s) -> Float32s:
    """Add up channels (channels, n), each times its weight: (channels,) gives one, (n,), and (m, channels) gives m."""
    mixed = long_arrays.empty((*weights.shape[:-1], channels.shape[1]))
    for part in slices(channels.shape[1]):
        np.matmul(weights, channels[:, part], out=mixed[..., part])
    return mixed


def mean_of(channels: Float32s) -> Float32s:
    """Average channels, (channels, n), to one: (1, n)."""
    mean = long_arrays.empty((1, channels.shape[1]))
    for part in slices(mean.size):
        np.mean(channels[:, part], axis=0, out=mean[0, part])
    return mean


def downmix_to_stereo(channels: Float32s, speakers: Sequence[str] = ()) -> Float32s:
    """Mix channels (channels, n) down to left and right (2, n)."""
    return weighted_sum(stereo_weights(speakers, len(channels)), channels)


def downmix_weights(channels: Float32s, speakers: Sequence[str] = ()) -> Float32s:
    """Return how much of each channel, (channels, n), goes into the downmix: (channels,), with a sum of 1."""
    return _weights_for(_products(channels), speakers)


def weights_for_blocks(blocks: Iterable[Float32s], speakers: Sequence[str] = ()) -> Float32s:
    """Return the same of sound that comes in blocks, (channels, k) each."""
    return _weights_for(_products_in(blocks), speakers)


def _weights_for(products: Floats, speakers: Sequence[str]) -> Float32s:
    """Return the weights of channels from their products with each other, (channels, channels)."""
    weights = mono_weights(speakers, len(products))
    if _cancel(products, weights):
        loudest = _powers(products, weights).argmax()
        weights = np.zeros_like(weights)
        weights[loudest] = 1
    return weights


def cancels(channels: Float32s, speakers: Sequence[str] = ()) -> bool:
    """Tell whether the channels, (channels, n), cancel each other in the downmix: antiphase stereo does."""
    return _cancel(_products(channels), mono_weights(speakers, len(channels)))


def _products(channels: Float32s) -> Floats:
    """Return the products of all channels, (channels, n), with each other: (channels, channels)."""
    return _products_in(channels[:, part] for part in slices(channels.shape[1]))


def _products_in(blocks: Iterable[Float32s]) -> Floats:
    products: Floats = np.sum([block @ block.T for block in blocks], axis=0, dtype=np.float64)
    return products


def _powers(products: Floats, weights: Float32s) -> Floats:
    """Return the energy of each channel in the downmix, (channels,)."""
    powers: Floats = weights.astype(np.float64) ** 2 * products.diagonal()
    return powers


def _cancel(products: Floats, weights: Float32s) -> bool:
    # A sound on both sides has four times the energy that it has on one.
    loudest = 4 * float(_powers(products, weights).max())
    return loudest > 0 and float(weights @ products @ weights) < loudest * db_to_power(-CANCELLED_DB)
