"""The sound of a loop: one pass of it, what the other passes do not share taken down, cut to go round.

References
----------
.. [1] Rafii & Pardo, "REpeating Pattern Extraction Technique (REPET): a simple method for music/voice separation", IEEE
   Trans. Audio, Speech, and Language Processing 21(1), 2013: what repeats is the median over repeats, bin by bin.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.fft
import scipy.ndimage

from riffscope.arrays import Complex64s, Float32s, Floats
from riffscope.dsp.stft import FRAMES_OVER, hann, overlap_add, window_length

FRAME_S = 0.093  # length of a frame
# Beats are found within some 20 ms of the sound; players are early or late by as much.
MAX_SHIFT_S = 0.04
# What stands higher than this above the median of the other passes (9.5 dB), also a frame and a bin beside, is not the
# loop's: passes that are played, not copied, differ by less, and more was lost of the loop than gained with half of it.
ABOVE_OTHERS = 3.0
# Waveforms of which so much agrees are one recording, copied; three of them outvote what lies over one.
COPIED, MIN_COPIES = 0.7, 3
# Frames of all passes that are held at a time.
BLOCK_FRAMES = 64
# A cut is faded over so long; an attack is one where sound grows by so much (6 dB) within 10 ms.
FADE_S, ATTACK_S, BEFORE_ATTACK_S, ATTACK_RATIO = 0.01, 0.01, 0.002, 4.0


@dataclass(frozen=True, kw_only=True)
class Pass:
    """One pass of a loop.

    Attributes
    ----------
    edges : float64 array, shape (n_beats + 1,)
        Where each beat begins and the last ends, in samples.
    agreement : float
        Normalised correlation of its waveform with that of the pass it was aligned to, -1..1.
    """

    edges: Floats
    agreement: float = 1.0


def align(samples: Float32s, passes: Sequence[Pass], reference: int, *, sample_rate_hz: int) -> list[Pass]:
    """Move passes to where they sound like one of them, by 40 ms at most.

    Parameters
    ----------
    samples : float32 array, shape (n,)
    passes : sequence of Pass
    reference : int
        The one that the others are compared with.
    """
    reach = int(MAX_SHIFT_S * sample_rate_hz)
    chosen = passes[reference]
    return [one if one is chosen else _aligned(samples, chosen.edges, one.edges, reach) for one in passes]


def _aligned(samples: Float32s, edges: Floats, others: Floats, reach: int) -> Pass:
    """Move a pass by what its beats together say."""
    length = int(np.diff(edges).max()) + 2 * reach
    size: int = scipy.fft.next_fast_len(length + reach, real=True)
    cross = np.zeros(size // 2 + 1, np.complex64)
    whitened = np.zeros_like(cross)
    energies = np.zeros(2)
    for here, there in zip(edges[:-1], others[:-1], strict=True):
        pair = [_cut(samples, round(at) - reach, length) for at in (here, there)]
        energies += [float(piece @ piece) for piece in pair]
        a, b = (scipy.fft.rfft(piece, size) for piece in pair)
        product = b * np.conj(a)
        cross += product
        # Half whitened: bass alone would be as alike a period later, noise alone never.
        whitened += product / np.sqrt(np.abs(product) + 1e-12)
    lag = int(np.argmax(_around_zero(scipy.fft.irfft(whitened, size), reach))) - reach
    common = _around_zero(scipy.fft.irfft(cross, size), reach)[lag + reach]
    return Pass(edges=others + lag, agreement=float(common / np.sqrt(energies.prod() + 1e-24)))


def _around_zero(circular: Float32s, reach: int) -> Float32s:
    return np.concatenate([circular[-reach:], circular[: reach + 1]])


def _cut(samples: Float32s, start: int, length: int) -> Float32s:
    """Return so many samples from a place on, zeros where there are none."""
    out = np.zeros(length, np.float32)
    first, last = max(0, start), min(len(samples), start + length)
    if last > first:
        out[first - start : last - start] = samples[first:last]
    return out


def common_sound(
    samples: Float32s, passes: Sequence[Pass], reference: int, *, margin: int, sample_rate_hz: int
) -> Float32s:
    """Return one pass with what the others do not share taken down.

    Where three or more passes are copies of one recording, each bin of the spectrum is their median. Otherwise the bins
    of the pass itself are kept, those lowered that stand out above the others.

    Parameters
    ----------
    samples : float32 array, shape (channels, n)
    passes : sequence of Pass
        Aligned; with a single one, it is returned as it is.
    reference : int
        The pass to return.
    margin : int
        Samples to return before and after it, too.

    Returns
    -------
    float32 array, shape (channels, 2 * margin + length of the pass)
    """
    edges = passes[reference].edges
    start = round(edges[0]) - margin
    length = round(edges[-1]) + margin - start
    if len(passes) == 1:
        return np.stack([_cut(channel, start, length) for channel in samples])
    copies = [one for one in passes if one.agreement >= COPIED]
    if len(copies) < MIN_COPIES:
        copies = []
    n_fft = window_length(sample_rate_hz, about_s=FRAME_S)
    hop = n_fft // FRAMES_OVER
    window = hann(n_fft)
    centres = start + hop * np.arange(-FRAMES_OVER, length // hop + FRAMES_OVER + 1)
    heard = copies or [passes[reference], *(one for place, one in enumerate(passes) if place != reference)]
    places = np.round([_follow(centres, edges, one.edges) for one in heard]).astype(np.int64)
    out = np.zeros((len(samples), length), np.float32)
    begin = int(centres[0]) - n_fft // 2 - start
    for channel, sound in enumerate(samples):
        for first in range(0, len(centres), BLOCK_FRAMES):
            last = min(first + BLOCK_FRAMES, len(centres))
            # One frame more on either side, for what stands beside.
            low, high = max(0, first - 1), min(len(centres), last + 1)
            spectra = np.stack([_spectra(sound, row[low:high], window) for row in places])
            common = _median(spectra) if copies else _lowered(spectra[0], spectra[1:])
            overlap_add(common[first - low : last - low], out[channel], begin + first * hop, n_fft=n_fft)
    return out


def _follow(at: npt.NDArray[np.int64], edges: Floats, others: Floats) -> Floats:
    """Return the places of another pass that are as far into their beats; as far beyond it outside."""
    inside = np.interp(at, edges, others)
    before, after = np.minimum(at - edges[0], 0), np.maximum(at - edges[-1], 0)
    followed: Floats = inside + before + after
    return followed


def _spectra(sound: Float32s, centres: npt.NDArray[np.int64], window: Float32s) -> Complex64s:
    frames = np.stack([_cut(sound, int(centre) - len(window) // 2, len(window)) for centre in centres])
    spectra: Complex64s = scipy.fft.rfft(frames * window, axis=1)
    return spectra


def _median(spectra: Complex64s) -> Complex64s:
    """Return the median of copies, real and imaginary part by themselves: (k, frames, bins) -> (frames, bins)."""
    middle: Complex64s = np.median(spectra.real, axis=0) + np.complex64(1j) * np.median(spectra.imag, axis=0)
    return middle


def _lowered(spectrum: Complex64s, others: Complex64s) -> Complex64s:
    """Lower what stands out of a pass: its spectrum (frames, bins), those of the others (k, frames, bins)."""
    middle = (len(others) - 1) // 2  # of two passes the softer: a voice may lie over the other
    usual = np.partition(np.abs(others), middle, axis=0)[middle]
    allowed = ABOVE_OTHERS * scipy.ndimage.maximum_filter(usual, size=3)
    gain = np.minimum(1, allowed / (np.abs(spectrum) + 1e-12)).astype(np.float32)
    lowered: Complex64s = spectrum * gain
    return lowered


def go_round(sound: Float32s, margin: int, *, sample_rate_hz: int) -> Float32s:
    """Cut a pass so that it can be played over and over: before an attack near its start, the end led over into it.

    Parameters
    ----------
    sound : float32 array, shape (channels, 2 * margin + n)
        A pass between the sound before and after it.
    margin : int
        At least 60 ms.

    Returns
    -------
    float32 array, shape (channels, n)
    """
    length = sound.shape[1] - 2 * margin
    start = margin + _to_attack(sound, margin, sample_rate_hz)
    fade = int(FADE_S * sample_rate_hz)
    out = sound[:, start : start + length].copy()
    # Both are the same music a pass apart, so their waveforms, not their powers, add up.
    rising = np.linspace(0, 1, fade, dtype=np.float32)
    out[:, -fade:] = out[:, -fade:] * (1 - rising) + sound[:, start - fade : start] * rising
    return out


def _to_attack(sound: Float32s, at: int, sample_rate_hz: int) -> int:
    """Return how many samples to go from a bar line to just before the attack that is nearest to it in effect; or 0."""
    reach, span = int(MAX_SHIFT_S * sample_rate_hz), int(ATTACK_S * sample_rate_hz)
    power = np.concatenate([[0.0], np.cumsum(np.square(sound, dtype=np.float64).sum(axis=0))])
    places = at + np.arange(-reach, reach + 1)
    before, after = power[places] - power[places - span], power[places + span] - power[places]
    growth = after / (before + 1e-3 * after.max() + 1e-12)
    best = int(growth.argmax())
    return best - reach - int(BEFORE_ATTACK_S * sample_rate_hz) if growth[best] >= ATTACK_RATIO else 0
