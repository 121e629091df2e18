"""Short-time Fourier transform: magnitudes frame by frame, and sound from spectra by overlap-add.

Conventions: a frame has ``n_fft`` samples, an even number, under a periodic Hann window, and 1 + n_fft // 2 bins; bin k
lies at k x sample rate / n_fft. Frames of `magnitude_blocks` are centred: frame k lies around sample k x hop_length.
Arrays are frames x bins, so that the bins of a frame lie side by side in memory, and come in blocks that keep memory
small and the processor's cache warm.

References
----------
Griffin & Lim, "Signal estimation from modified short-time Fourier transform", IEEE Trans. Acoustics, Speech, and Signal
Processing 32(2), 1984: weighted overlap-add, eq. 6.
"""

from collections.abc import Iterator
from functools import cache

import numpy as np
import scipy.fft
import scipy.sparse

from riffscope import long_arrays
from riffscope.arrays import Complex64s, Float32s, Floats
from riffscope.dsp.blocks import Channel

# 128 frames of 2048 float32 samples are 1 MB: they stay in the cache while they are windowed and transformed.
_BLOCK_SAMPLES = 128 * 2048
# How many frames lie over each sample where spectra are changed and put together again: 75 % overlap, the usual choice
# for a Hann window on both sides, not fitted.
FRAMES_OVER = 4
# What the squares of so many overlapping periodic Hann windows add up to, at every sample.
_SUM_OF_SQUARES = 1.5
# The mean square of a Hann window.
_HANN_MEAN_SQUARE = 3 / 8


def hann(n_fft: int) -> Float32s:
    """Return the periodic Hann window, (n_fft,)."""
    window: Float32s = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)).astype(np.float32)
    return window


def window_length(sample_rate_hz: int, *, about_s: float) -> int:
    """Return the power of two nearest to so many seconds, in samples."""
    return int(2 ** max(round(float(np.log2(about_s * sample_rate_hz))), 4))


def bin_frequencies_hz(sample_rate_hz: int, n_fft: int) -> Floats:
    """Return the frequency of each bin in Hz, (1 + n_fft // 2,)."""
    frequencies_hz: Floats = np.arange(1 + n_fft // 2) * sample_rate_hz / n_fft
    return frequencies_hz


def power_scale(n_fft: int) -> np.float32:
    """Return the factor that turns squared magnitudes into power, so that the bins of a full-scale sine sum to 1/2.

    By Parseval's theorem, counting both halves of the spectrum and the mean square of the window.
    """
    return np.float32(2 / (n_fft * n_fft * _HANN_MEAN_SQUARE))


def frame_count(sample_count: int, *, hop_length: int) -> int:
    """Return how many centred frames there are: frame k lies around sample k x hop_length."""
    return 1 + sample_count // hop_length


def spectrum_blocks(samples: Channel, *, n_fft: int, hop_length: int) -> Iterator[Complex64s]:
    """Give the spectrum of consecutive frames, a block at a time.

    Parameters
    ----------
    samples : Channel, shape (n,)
        Zeros stand before the first and after the last, so that frames are centred.
    n_fft : int
        Length of the frame and of its periodic Hann window, in samples; even.
    hop_length : int
        Samples from one frame to the next.

    Yields
    ------
    complex64 array, shape (frames in this block, 1 + n_fft // 2)
        Time first: a frame's bins lie side by side in memory.
    """
    count = frame_count(len(samples), hop_length=hop_length)
    window = hann(n_fft)
    per_block = max(1, _BLOCK_SAMPLES // n_fft)
    for first in range(0, count, per_block):
        frames = min(per_block, count - first)
        begin = first * hop_length - n_fft // 2
        end = begin + (frames - 1) * hop_length + n_fft
        piece = samples[max(0, begin) : max(0, end)]
        if begin < 0 or end > len(samples):
            piece = np.pad(piece, (max(0, -begin), max(0, end - max(len(samples), begin))))
        cut = np.lib.stride_tricks.sliding_window_view(piece, n_fft)[::hop_length]
        spectra: Complex64s = scipy.fft.rfft(cut * window, axis=1)
        yield spectra


def magnitude_blocks(samples: Channel, *, n_fft: int, hop_length: int, bins: int | None = None) -> Iterator[Float32s]:
    """Give the magnitudes of what `spectrum_blocks` gives, of so many of the lowest bins or of all: (frames, bins)."""
    for spectra in spectrum_blocks(samples, n_fft=n_fft, hop_length=hop_length):
        yield np.abs(spectra[:, :bins])


def lowest_bins(samples: Float32s, *, n_fft: int, hop_length: int, bins: int) -> Float32s:
    """Return the lowest bins of the magnitude spectrum as `magnitude_blocks` gives it: (n,) -> (frames, bins)."""
    out = long_arrays.empty((frame_count(len(samples), hop_length=hop_length), bins))
    first = 0
    for block in magnitude_blocks(samples, n_fft=n_fft, hop_length=hop_length, bins=bins):
        out[first : first + len(block)] = block
        first += len(block)
    return out


def filtered_stft(samples: Float32s, filters: Float32s, *, n_fft: int, hop_length: int) -> Float32s:
    """Return filters (n_filters, 1 + n_fft // 2) applied to the magnitudes, (n_filters, n_frames), in little memory.

    Filters may leave out the highest bins: (n_filters, k) reads the lowest k.
    """
    out = np.empty((len(filters), frame_count(len(samples), hop_length=hop_length)), np.float32)
    # Filters are mostly zeros, and a sparse product stays in one thread. BLAS spreads so small a product over all
    # processors, whose waiting for each other costs up to 30 times the work when something else runs too.
    sparse = scipy.sparse.csr_array(filters)
    first = 0
    for block in magnitude_blocks(samples, n_fft=n_fft, hop_length=hop_length, bins=filters.shape[1]):
        out[:, first : first + len(block)] = sparse @ np.ascontiguousarray(block.T)
        first += len(block)
    return out


def overlap_add(spectra: Complex64s, onto: Float32s, start: int, *, n_fft: int) -> None:
    """Add the sound of consecutive frames to `onto`, in place: the inverse STFT by weighted overlap-add.

    Once all frames of a Hann-windowed STFT were added that lie over a sample, it is what it was before the transform.

    Parameters
    ----------
    spectra : complex64 array, shape (..., frames, bins)
        Of frames `n_fft` / 4 samples apart; bins that are left out at the top count as zeros.
    onto : float32 array, shape (..., n)
        What lies outside of it is dropped.
    start : int
        Where the first frame begins in `onto`; may lie before it.
    n_fft : int
        A multiple of 4.
    """
    hop_length, before = n_fft // FRAMES_OVER, FRAMES_OVER - 1
    frames = spectra.shape[-2]
    hops = frames + before
    per_block = max(1, _BLOCK_SAMPLES // n_fft)
    # Some hops at a time, each with the frames that begin before it and reach into it.
    pieces = np.zeros((*onto.shape[:-1], before + per_block, n_fft), np.float32)
    for done in range(0, hops, per_block):
        count, found = min(per_block, hops - done), spectra[..., done : done + per_block, :]
        pieces[..., :before, :] = pieces[..., per_block:, :]
        pieces[..., before:, :] = 0
        if found.shape[-2]:
            sounding = pieces[..., before : before + found.shape[-2], :]
            np.multiply(scipy.fft.irfft(found, n=n_fft, axis=-1), _synthesis_window(n_fft), out=sounding)
        begin = start + done * hop_length
        first, last = max(begin, 0), min(begin + count * hop_length, onto.shape[-1])
        if last <= first:
            continue
        for part in range(FRAMES_OVER):
            # The same quarter of every frame: side by side they are sound without overlap.
            quarter = pieces[..., before - part : before - part + count, part * hop_length : (part + 1) * hop_length]
            sound = quarter.reshape(*onto.shape[:-1], count * hop_length)
            onto[..., first:last] += sound[..., first - begin : last - begin]


@cache
def _synthesis_window(n_fft: int) -> Float32s:
    window: Float32s = hann(n_fft) / np.float32(_SUM_OF_SQUARES)
    window.flags.writeable = False
    return window
