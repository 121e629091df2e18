"""The middle of the stereo picture, where lead singers stand, and a sound whose loud registers are evened out."""

from collections.abc import Iterator

import numpy as np
import scipy.fft
import scipy.ndimage
import scipy.signal

from riffscope.arrays import Complex64s, Float32s
from riffscope.dsp.stft import hann, magnitude_blocks

# 128 ms at 16 kHz: long enough to part the partials of neighbouring notes of a low voice.
N_FFT, HOP_LENGTH = 2048, 512
_BLOCK_FRAMES = 256
_FRAMES_OVER = N_FFT // HOP_LENGTH

# What stands elsewhere is kept this loud (-14 dB): a lead sung twice and panned wide is still heard. From the middle
# alone such a lead's pitch is right in 78 % of its frames, with a fifth of the rest in 82 %; single leads lose nothing.
KEPT = 0.2
# A middle this far below the whole is no middle: one channel is the other upside down.
NO_MIDDLE = 1e-4

# The average spectrum is flattened by half (in dB), in steps of some 320 Hz. A band's average falls by 40 dB from its
# bass to 5 kHz, and a pitch detector follows the loudest.
FLATTENED, SMOOTH_BINS = 0.5, 41
# Nothing is raised by more than a bin 60 dB below the loudest is.
MIN_SPECTRUM = 1e-3


def extract_centre(channels: Float32s) -> Float32s:
    """Take what stands in the middle out of a mix (1 or 2, n), as one channel (n,); a single channel is all middle.

    Each bin of the sum of both channels is weighed by how alike it is in both, 0..1, squared.

    References
    ----------
    Avendano, "Frequency-domain source identification and manipulation in stereo mixes for enhancement, suppression and
    re-panning applications", WASPAA 2003 (its similarity, here of what is in phase).
    """
    if len(channels) == 1:
        only: Float32s = channels[0]
        return only
    power = np.einsum("ij,ij->i", channels, channels)
    if np.square(channels.mean(axis=0)).sum() <= NO_MIDDLE * power.sum():
        loudest: Float32s = channels[power.argmax()]
        return loudest
    length = channels.shape[1]
    out = np.zeros(length + 3 * N_FFT, np.float32)
    window = hann(N_FFT) / np.float32(1.5)
    for begin, spectra in _blocks(channels):
        pieces = scipy.fft.irfft(spectra.mean(axis=0) * _weight(*spectra), n=N_FFT, axis=1) * window
        hops = pieces.reshape(len(pieces), _FRAMES_OVER, HOP_LENGTH)
        for part in range(_FRAMES_OVER):
            first = begin + part * HOP_LENGTH
            out[first : first + len(pieces) * HOP_LENGTH] += hops[:, part].ravel()
    return out[N_FFT - HOP_LENGTH :][:length]


def _weight(left: Complex64s, right: Complex64s) -> Float32s:
    both = (left * right.conj()).real
    each = left.real**2 + left.imag**2 + right.real**2 + right.imag**2
    alike = 2 * np.maximum(both, 0) / (each + np.float32(1e-12))
    weight: Float32s = np.maximum(alike * alike, np.float32(KEPT))
    return weight


def _blocks(channels: Float32s) -> Iterator[tuple[int, Complex64s]]:
    """Give spectra (2, frames, bins) of consecutive frames, and where the first lies; three hops of silence surround.

    So four frames lie over every sample, and their squared windows sum to 3/2.
    """
    length = channels.shape[1]
    hops = -(-length // HOP_LENGTH) + _FRAMES_OVER - 1
    padded = np.pad(channels, ((0, 0), (N_FFT - HOP_LENGTH, hops * HOP_LENGTH - length)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT, axis=1)[:, ::HOP_LENGTH]
    window = hann(N_FFT)
    for first in range(0, hops, _BLOCK_FRAMES):
        yield first * HOP_LENGTH, scipy.fft.rfft(frames[:, first : min(first + _BLOCK_FRAMES, hops)] * window, axis=2)


def whiten(samples: Float32s) -> Float32s:
    """Flatten the average spectrum of a sound (n,) by half: same shape, and as loud as before.

    The likeliest pitch is right in 71 % of the sung frames of ten duets and in 84 and 86 % of two sets of mixes;
    without it in 69, 83 and 85 %. Flattened further it is right a little less often.
    """
    spectrum = np.zeros(N_FFT // 2 + 1)
    for block in magnitude_blocks(samples, n_fft=N_FFT, hop_length=HOP_LENGTH):
        spectrum += block.sum(axis=0)
    spectrum = scipy.ndimage.uniform_filter1d(spectrum, SMOOTH_BINS)
    if spectrum.max() == 0:
        return samples
    gains = np.maximum(spectrum / spectrum.max(), MIN_SPECTRUM) ** -FLATTENED
    response = (np.roll(scipy.fft.irfft(gains), N_FFT // 2) * hann(N_FFT))[1:]  # as long before its peak as after it
    evened = scipy.signal.oaconvolve(samples, response.astype(np.float32), mode="same")
    before, after = float(np.dot(samples, samples)), float(np.dot(evened, evened))
    level: Float32s = (evened * np.sqrt(before / max(after, 1e-20))).astype(np.float32)
    return level
