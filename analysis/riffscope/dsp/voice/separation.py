"""The voice out of a stereo mix by masking its spectrum, block by block: a long song needs no more memory for it."""

from collections.abc import Callable, Iterator

import numpy as np
import scipy.fft

from riffscope.arrays import Complex64s, Float32s
from riffscope.dsp.stft import hann

RATE_HZ = 44100
N_FFT, HOP_LENGTH = 4096, 1024  # 93 ms frames, one every 23 ms
BINS = 1024  # below 11 kHz; all that lies above is left to the backing
# Networks of this kind halve time six times, so they take multiples of 64 frames.
FRAMES_MULTIPLE = 64
# 512 frames (11.9 s) are what Spleeter was trained on. At the ends of a block the network is nearly blind: without
# overlap the voice is 1.7 dB worse there (SI-SDR within 0.3 s, mean of ten mixes; 4.8 dB in the worst). A cross-fade
# over 64 frames mends that for a seventh more work; 128 gain no more. Blocks of 1024 take 3 % less time, 130 MB more.
BLOCK_FRAMES, OVERLAP_FRAMES = 512, 64

Mask = Callable[[Float32s], Float32s]
"""Magnitudes (2, frames, BINS) -> how much of each belongs to the voice, 0..1, same shape; frames: a multiple of 64."""

# Four frames lie over each sample; their squared Hann windows sum to 3/2.
_FRAMES_OVER = N_FFT // HOP_LENGTH
_WINDOW = hann(N_FFT)
_WINDOW_OUT = _WINDOW / np.float32(1.5)


def take_voice(mix: Float32s, mask: Mask) -> Float32s:
    """Return the voice in a mix; what remains, ``mix - voice``, is the backing.

    Parameters
    ----------
    mix : float32 array, shape (2, n)
        At 44.1 kHz; any length.
    mask : callable
        Called with one block of at most 512 frames at a time.

    Returns
    -------
    float32 array, shape (2, n)
        Nothing in it above 11 kHz.
    """
    if mix.ndim != 2 or len(mix) != 2:
        raise ValueError(f"a mix has shape (2, n), not {mix.shape}")
    voice = np.zeros_like(mix, dtype=np.float32)
    n = mix.shape[1]
    begun = np.zeros((2, _FRAMES_OVER - 1, HOP_LENGTH), np.float32)  # samples that later frames add to
    for first, spectrum in _masked_blocks(mix, mask):
        frames = spectrum.shape[1]
        pieces = scipy.fft.irfft(spectrum, n=N_FFT, axis=2)
        pieces *= _WINDOW_OUT
        hops = np.pad(begun, ((0, 0), (0, frames), (0, 0)))
        for part in range(_FRAMES_OVER):
            hops[:, part : part + frames] += pieces[:, :, part * HOP_LENGTH : (part + 1) * HOP_LENGTH]
        begun = hops[:, frames:]
        begin = _first_sample(first)
        whole = hops[:, :frames].reshape(2, -1)[:, max(0, -begin) :]
        begin = max(0, begin)
        voice[:, begin : begin + whole.shape[1]] = whole[:, : n - begin]
    return voice


def _masked_blocks(mix: Float32s, mask: Mask) -> Iterator[tuple[int, Complex64s]]:
    """Give the spectrum of the voice, (2, frames, BINS), a block at a time, and the number of its first frame."""
    count = -(-mix.shape[1] // HOP_LENGTH) + _FRAMES_OVER - 1
    fade_in = ((np.arange(OVERLAP_FRAMES, dtype=np.float32) + 0.5) / OVERLAP_FRAMES)[:, np.newaxis]
    before: Complex64s | None = None  # what the last block made of the frames that this one begins with
    for first in range(0, max(1, count - OVERLAP_FRAMES), BLOCK_FRAMES - OVERLAP_FRAMES):
        spectrum = _spectrum(mix, first, min(BLOCK_FRAMES, count - first))
        frames = spectrum.shape[1]
        magnitudes = np.zeros((2, -(-frames // FRAMES_MULTIPLE) * FRAMES_MULTIPLE, BINS), np.float32)
        np.abs(spectrum, out=magnitudes[:, :frames])
        spectrum *= mask(magnitudes)[:, :frames]
        if before is not None:
            spectrum[:, :OVERLAP_FRAMES] = before + fade_in * (spectrum[:, :OVERLAP_FRAMES] - before)
        if first + frames < count:
            frames -= OVERLAP_FRAMES
            before = spectrum[:, frames:]
        yield first, spectrum[:, :frames]


def _spectrum(mix: Float32s, first: int, frames: int) -> Complex64s:
    """Return the lowest bins of consecutive frames, (2, frames, BINS); silence lies before the song and after it."""
    begin = _first_sample(first)
    end = begin + (frames - 1) * HOP_LENGTH + N_FFT
    piece = mix[:, max(0, begin) : end]
    piece = np.pad(piece, ((0, 0), (max(0, -begin), max(0, end - mix.shape[1]))))
    cut = np.lib.stride_tricks.sliding_window_view(piece, N_FFT, axis=1)[:, ::HOP_LENGTH]
    spectrum: Complex64s = scipy.fft.rfft(cut * _WINDOW, axis=2)[:, :, :BINS]
    return spectrum


def _first_sample(frame: int) -> int:
    """Where a frame begins: the first one ends with the first hop of the song."""
    return (frame - _FRAMES_OVER + 1) * HOP_LENGTH
