"""Centre extraction: what is panned to the middle of a stereo mix, where lead singers stand; and partial whitening.

Conventions: float32 sound at 16 kHz, (channels, n) or (n,); both functions keep its length and its timing.

References
----------
.. [1] Avendano, "Frequency-domain source identification and manipulation in stereo mixes for enhancement, suppression
   and re-panning applications", WASPAA 2003: its similarity, here of what is in phase.

The whitening is our own: the long-term average spectrum flattened by half, by one linear-phase filter for all the song.
"""

from collections.abc import Iterator

import numpy as np
import scipy.fft
import scipy.ndimage

from riffscope.arrays import Complex64s, Float32s
from riffscope.dsp.blocks import slices
from riffscope.dsp.filtering import filter_evenly
from riffscope.dsp.stft import FRAMES_OVER, hann, magnitude_blocks, overlap_add

# 128 ms at 16 kHz: long enough to separate the partials of neighbouring notes of a low voice.
N_FFT = 2048
# 32 ms.
HOP_LENGTH = N_FFT // FRAMES_OVER
# 256 frames of two channels are 4 MB of spectra; chosen for memory, of no effect on the sound.
_BLOCK_FRAMES = 256

# What is panned elsewhere is kept this loud (-14 dB), so that a lead that was doubled and panned wide is still heard.
# With the centre alone such a lead's pitch is right in 78 % of its frames, with a fifth of the rest in 82 %; single
# leads lose nothing.
KEPT = 0.2
# A centre with less than this share of the energy (-40 dB) is none: one channel is the other with its sign turned.
NO_CENTRE = 1e-4
# Keeps the similarity of silent bins at 0; of no effect on any that sound.
_TINY = 1e-12

# By how much of its level in dB the average spectrum is flattened. It falls by 40 dB from its bass to 5 kHz, and a
# pitch detector follows the loudest. Flattened further, the pitch is right a little less often.
FLATTENED = 0.5
# The average spectrum is smoothed over 41 bins, some 320 Hz: a few partials, so that a held note is not filtered out.
# Chosen by hand, not fitted.
SMOOTH_BINS = 41
# No bin is raised by more than one that lies 60 dB below the loudest is.
MIN_SPECTRUM = 1e-3


def extract_centre(channels: Float32s) -> Float32s:
    """Extract the centre of a mix (1 or 2, n) as one channel (n,); of a single channel all is centre.

    Each bin of the downmix is weighted by how alike it is in both channels, 0..1, squared [1]_.
    """
    if len(channels) == 1:
        only: Float32s = channels[0]
        return only
    power = np.einsum("ij,ij->i", channels, channels)
    in_common = sum(float(np.square(channels[:, part].mean(axis=0)).sum()) for part in slices(channels.shape[1]))
    if in_common <= NO_CENTRE * power.sum():
        loudest: Float32s = channels[power.argmax()]
        return loudest
    centre = np.zeros(channels.shape[1], np.float32)
    for start, spectra in _blocks(channels):
        overlap_add(spectra.mean(axis=0) * _weight(*spectra), centre, start, n_fft=N_FFT)
    return centre


def _weight(left: Complex64s, right: Complex64s) -> Float32s:
    """Return how much of each bin is kept: two spectra (frames, bins) -> (frames, bins), KEPT..1."""
    both = (left * right.conj()).real
    each = left.real**2 + left.imag**2 + right.real**2 + right.imag**2
    similarity = 2 * np.maximum(both, 0) / (each + np.float32(_TINY))
    weight: Float32s = np.maximum(similarity * similarity, np.float32(KEPT))
    return weight


def _blocks(channels: Float32s) -> Iterator[tuple[int, Complex64s]]:
    """Give spectra (2, frames, bins) of consecutive frames, and the sample at which the first begins.

    Three hops of silence surround the sound, so that four frames lie over every sample of it.
    """
    length = channels.shape[1]
    hops = -(-length // HOP_LENGTH) + FRAMES_OVER - 1
    window = hann(N_FFT)
    for first in range(0, hops, _BLOCK_FRAMES):
        count = min(_BLOCK_FRAMES, hops - first)
        begin = (first - FRAMES_OVER + 1) * HOP_LENGTH
        end = begin + (count - 1) * HOP_LENGTH + N_FFT
        piece = np.pad(channels[:, max(0, begin) : end], ((0, 0), (max(0, -begin), max(0, end - length))))
        frames = np.lib.stride_tricks.sliding_window_view(piece, N_FFT, axis=1)[:, ::HOP_LENGTH]
        yield begin, scipy.fft.rfft(frames * window, axis=2)


def whiten(samples: Float32s) -> Float32s:
    """Flatten the average spectrum of a sound (n,) by half: same shape, and as loud as before.

    With it the likeliest pitch is right in 71 % of the sung frames of ten duets, and in 84 and 86 % of those of two
    sets of mixes; without it in 69, 83 and 85 %.
    """
    spectrum = np.zeros(N_FFT // 2 + 1)
    for block in magnitude_blocks(samples, n_fft=N_FFT, hop_length=HOP_LENGTH):
        spectrum += block.sum(axis=0)
    spectrum = scipy.ndimage.uniform_filter1d(spectrum, SMOOTH_BINS)
    if spectrum.max() == 0:
        return samples
    gains = np.maximum(spectrum / spectrum.max(), MIN_SPECTRUM) ** -FLATTENED
    # One sample shorter than the frame, so that it is as long before its peak as after it: no delay.
    response = (np.roll(scipy.fft.irfft(gains), N_FFT // 2) * hann(N_FFT))[1:]
    whitened = filter_evenly(samples, response)
    before, after = float(np.dot(samples, samples)), float(np.dot(whitened, whitened))
    level: Float32s = (whitened * np.sqrt(before / max(after, 1e-20))).astype(np.float32)
    return level
