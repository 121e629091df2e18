"""Extract the sound of a loop: one pass, with what the other passes do not share attenuated, cut to repeat seamlessly.

Conventions
-----------
Sound is float32 of shape (channels, n); positions are samples, spectra are (frames, bins).

References
----------
The median over repeats is REPET [1]_. Attenuating a single pass by the others, and the cut, are our own.

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

# Length of a frame: as long as those of the mel spectrogram, which separates bass notes. Chosen, not fitted.
FRAME_S = 0.093
# Beats are found within some 20 ms of the sound, and players are early or late by as much.
MAX_SHIFT_S = 0.04
# A bin that exceeds the median of the other passes by this factor (9.5 dB), and that of its neighbours in time and
# frequency, does not belong to the loop. Passes that are played, not copied, differ by less; with half of it, more of
# the loop was lost than gained.
ABOVE_OTHERS = 3.0
# Passes whose waveforms correlate by this are copies of one recording. Chosen, not fitted.
MIN_COPY_AGREEMENT = 0.7
# Three copies outvote what lies over one of them.
MIN_COPIES = 3
# Frames of all passes that are held in memory together.
BLOCK_FRAMES = 64
# Length of the crossfade from the end to the start. Chosen, not fitted.
FADE_S = 0.01
# At an attack, the power in this time grows ...
ATTACK_S = 0.01
# ... by this factor at least, 6 dB, over that in the same time before. Chosen, not fitted.
ATTACK_RATIO = 4.0
# The cut lies this far before the attack. Chosen, not fitted.
BEFORE_ATTACK_S = 0.002


@dataclass(frozen=True, kw_only=True)
class Take:
    """One pass of a loop, as sound.

    Attributes
    ----------
    edges : float64 array, shape (n_beats + 1,)
        Where each beat begins and the last ends, in samples.
    agreement : float
        Normalised correlation of its waveform with that of the pass it was aligned to, -1..1.
    """

    edges: Floats
    agreement: float = 1.0


def align(samples: Float32s, takes: Sequence[Take], reference: int, *, sample_rate_hz: int) -> list[Take]:
    """Shift passes so that they align with one of them, by 40 ms at most.

    Parameters
    ----------
    samples : float32 array, shape (n,)
    takes : sequence of Take
    reference : int
        Index of the pass that the others are aligned to.
    """
    reach = int(MAX_SHIFT_S * sample_rate_hz)
    chosen = takes[reference]
    return [take if take is chosen else _aligned(samples, chosen.edges, take.edges, reach) for take in takes]


def _aligned(samples: Float32s, edges: Floats, others: Floats, reach: int) -> Take:
    """Shift a pass by the lag with the greatest cross-correlation, summed over its beats."""
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
        # Half whitened: bass alone correlates as well a period later, and noise alone not at all.
        whitened += product / np.sqrt(np.abs(product) + 1e-12)
    lag = int(np.argmax(_around_zero(scipy.fft.irfft(whitened, size), reach))) - reach
    common = _around_zero(scipy.fft.irfft(cross, size), reach)[lag + reach]
    return Take(edges=others + lag, agreement=float(common / np.sqrt(energies.prod() + 1e-24)))


def _around_zero(circular: Float32s, reach: int) -> Float32s:
    """Return lags -reach to reach of a circular correlation."""
    return np.concatenate([circular[-reach:], circular[: reach + 1]])


def _cut(samples: Float32s, start: int, length: int) -> Float32s:
    """Return `length` samples from `start` on, zeros where there are none."""
    out = np.zeros(length, np.float32)
    first, last = max(0, start), min(len(samples), start + length)
    if last > first:
        out[first - start : last - start] = samples[first:last]
    return out


def common_sound(
    samples: Float32s, takes: Sequence[Take], reference: int, *, margin: int, sample_rate_hz: int
) -> Float32s:
    """Return one pass with what the others do not share attenuated.

    Where three or more passes are copies of one recording, each bin of the spectrum is their median [1]_. Otherwise it
    is that of the pass itself, attenuated where it stands out above the others.

    Parameters
    ----------
    samples : float32 array, shape (channels, n)
    takes : sequence of Take
        Aligned; a single one is returned as it is.
    reference : int
        Index of the pass to return.
    margin : int
        How many samples before and after it to return as well.

    Returns
    -------
    float32 array, shape (channels, 2 * margin + length of the pass)
    """
    edges = takes[reference].edges
    start = round(edges[0]) - margin
    length = round(edges[-1]) + margin - start
    if len(takes) == 1:
        return np.stack([_cut(channel, start, length) for channel in samples])
    copies = [take for take in takes if take.agreement >= MIN_COPY_AGREEMENT]
    if len(copies) < MIN_COPIES:
        copies = []
    n_fft = window_length(sample_rate_hz, about_s=FRAME_S)
    hop = n_fft // FRAMES_OVER
    window = hann(n_fft)
    centres = start + hop * np.arange(-FRAMES_OVER, length // hop + FRAMES_OVER + 1)
    used = copies or [takes[reference], *(take for index, take in enumerate(takes) if index != reference)]
    rows = np.round([_follow(centres, edges, take.edges) for take in used]).astype(np.int64)
    out = np.zeros((len(samples), length), np.float32)
    begin = int(centres[0]) - n_fft // 2 - start
    for channel, sound in enumerate(samples):
        for first in range(0, len(centres), BLOCK_FRAMES):
            last = min(first + BLOCK_FRAMES, len(centres))
            # One frame more on either side, for the neighbours in time.
            low, high = max(0, first - 1), min(len(centres), last + 1)
            spectra = np.stack([_spectra(sound, row[low:high], window) for row in rows])
            common = _median(spectra) if copies else _attenuated(spectra[0], spectra[1:])
            overlap_add(common[first - low : last - low], out[channel], begin + first * hop, n_fft=n_fft)
    return out


def _follow(at: npt.NDArray[np.int64], edges: Floats, others: Floats) -> Floats:
    """Map positions (n,) of one pass to those of another, beat by beat; outside, at the same distance from its edge."""
    inside = np.interp(at, edges, others)
    before, after = np.minimum(at - edges[0], 0), np.maximum(at - edges[-1], 0)
    followed: Floats = inside + before + after
    return followed


def _spectra(sound: Float32s, centres: npt.NDArray[np.int64], window: Float32s) -> Complex64s:
    frames = np.stack([_cut(sound, int(centre) - len(window) // 2, len(window)) for centre in centres])
    """Return the spectra (n, bins) of frames around some samples (n,)."""
    spectra: Complex64s = scipy.fft.rfft(frames * window, axis=1)
    return spectra


def _median(spectra: Complex64s) -> Complex64s:
    """Return the median of copies, of real and imaginary parts separately: (k, frames, bins) -> (frames, bins)."""
    median: Complex64s = np.median(spectra.real, axis=0) + np.complex64(1j) * np.median(spectra.imag, axis=0)
    return median


def _attenuated(spectrum: Complex64s, others: Complex64s) -> Complex64s:
    """Attenuate a spectrum (frames, bins) where it stands out above the median of others (k, frames, bins)."""
    middle = (len(others) - 1) // 2  # of two passes the softer, since a voice may lie over the other
    usual = np.partition(np.abs(others), middle, axis=0)[middle]
    allowed = ABOVE_OTHERS * scipy.ndimage.maximum_filter(usual, size=3)
    gain = np.minimum(1, allowed / (np.abs(spectrum) + 1e-12)).astype(np.float32)
    attenuated: Complex64s = spectrum * gain
    return attenuated


def cut_seamlessly(sound: Float32s, margin: int, *, sample_rate_hz: int) -> Float32s:
    """Cut a pass so that it repeats seamlessly: just before an attack near its start, with a crossfade at the end.

    Parameters
    ----------
    sound : float32 array, shape (channels, 2 * margin + n)
        A pass with `margin` samples of sound before and after it.
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
    # Both are the same music one pass apart, so amplitudes are faded, not powers.
    rising = np.linspace(0, 1, fade, dtype=np.float32)
    out[:, -fade:] = out[:, -fade:] * (1 - rising) + sound[:, start - fade : start] * rising
    return out


def _to_attack(sound: Float32s, at: int, sample_rate_hz: int) -> int:
    """Return the distance in samples from a downbeat to just before the strongest attack around it; 0 without one."""
    reach, span = int(MAX_SHIFT_S * sample_rate_hz), int(ATTACK_S * sample_rate_hz)
    power = np.concatenate([[0.0], np.cumsum(np.square(sound, dtype=np.float64).sum(axis=0))])
    near = at + np.arange(-reach, reach + 1)
    before, after = power[near] - power[near - span], power[near + span] - power[near]
    growth = after / (before + 1e-3 * after.max() + 1e-12)
    best = int(growth.argmax())
    return best - reach - int(BEFORE_ATTACK_S * sample_rate_hz) if growth[best] >= ATTACK_RATIO else 0
