"""Magnitude spectra, frame by frame, in blocks that keep memory small and the processor's cache warm."""

from collections.abc import Iterator

import numpy as np
import scipy.fft
import scipy.sparse

from riffscope.arrays import Float32s

# 128 frames of 2048 float32 samples are 1 MB: they stay in the cache while they are windowed and transformed.
_BLOCK_SAMPLES = 128 * 2048


def hann(n_fft: int) -> Float32s:
    """Return the periodic Hann window, (n_fft,): four to a frame's length, its squares sum to 3/2."""
    window: Float32s = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)).astype(np.float32)
    return window


def window_length(sample_rate_hz: int, *, about_s: float) -> int:
    """Return the power of two nearest to so many seconds, in samples."""
    return int(2 ** max(round(float(np.log2(about_s * sample_rate_hz))), 4))


def frame_count(sample_count: int, *, hop_length: int) -> int:
    """Return how many centred frames there are: frame k lies around sample k x hop_length."""
    return 1 + sample_count // hop_length


def magnitude_blocks(samples: Float32s, *, n_fft: int, hop_length: int) -> Iterator[Float32s]:
    """Give the magnitude spectrum of consecutive frames, a block at a time.

    Parameters
    ----------
    samples : float32 array, shape (n,)
        Zeros stand before the first and after the last, so that frames are centred.
    n_fft : int
        Length of the frame and of its periodic Hann window, in samples; even.
    hop_length : int
        Samples from one frame to the next.

    Yields
    ------
    float32 array, shape (frames in this block, 1 + n_fft // 2)
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
        yield np.abs(scipy.fft.rfft(cut * window, axis=1))


def filtered_stft(samples: Float32s, filters: Float32s, *, n_fft: int, hop_length: int) -> Float32s:
    """Return filters (n_filters, 1 + n_fft // 2) applied to the magnitudes, (n_filters, n_frames), in little memory.

    Filters may leave out the highest bins: (n_filters, k) reads the lowest k.
    """
    out = np.empty((len(filters), frame_count(len(samples), hop_length=hop_length)), np.float32)
    # Filters are mostly zeros, and a sparse product stays in one thread. BLAS spreads so small a product over all
    # processors, whose waiting for each other costs up to 30 times the work when something else runs too.
    sparse = scipy.sparse.csr_array(filters)
    first = 0
    for block in magnitude_blocks(samples, n_fft=n_fft, hop_length=hop_length):
        out[:, first : first + len(block)] = sparse @ np.ascontiguousarray(block[:, : filters.shape[1]].T)
        first += len(block)
    return out
