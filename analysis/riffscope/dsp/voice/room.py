"""Room: how the sound of a voice lives on around it, and after its notes.

A room answers late and from all sides. What comes from beside the voice's own direction is compared with the voice a
little earlier and a little later: a second singer, or a voice that is panned wide, is as like the one as the other, for
nothing but an answer comes later than its cause. The accompaniment has no phase in common with the voice and cancels
out. In one channel there is no beside, and the level of the partials that have just ended has to do.

Conventions: spectra are complex64 or power, (frames, bins), of Hann frames of 46 ms, 23 ms apart, between `LOWEST_HZ`
and `HIGHEST_HZ`; lags are counted in frames; levels in dB of power.

References
----------
.. [1] Allen, Berkley & Blauert, "Multimicrophone signal-processing technique to remove room reverberation from speech
   signals", J. Acoust. Soc. Am. 62, 1977: reverberation is what two channels do not share.
.. [2] Nakatani et al., "Speech dereverberation based on variance-normalized delayed linear prediction", IEEE Trans.
   Audio Speech Lang. Process. 18, 2010: late reverberation is predicted, bin by bin, from earlier frames.

The comparison of earlier and later is our own.
"""

from typing import NamedTuple

import numpy as np
import scipy.fft
from scipy import ndimage

from riffscope.arrays import Complex64s, Float32s, Floats, Mask
from riffscope.dsp.blocks import Channel
from riffscope.dsp.decibels import power_db
from riffscope.dsp.partials import near_partials
from riffscope.dsp.stft import bin_frequencies_hz, hann, window_length

FRAME_S = 0.046
# Where voices have their strongest partials. Chosen by hand, not fitted.
LOWEST_HZ, HIGHEST_HZ = 150.0, 4000.0

# The answer of a room is looked for between 0.07 s, when a frame no longer overlaps the other, and 0.56 s, when a short
# room is silent. With up to 0.26 s alone, as many rooms are told.
LAGS = np.arange(3, 25)
# Each bin is divided by its own level over half a second, so that no drum and no loud word outweighs the rest.
LEVEL_FRAMES = 21
# 90 dB below the loudest a bin is silent.
SILENT = 1e-9

# The tails of notes are read 0.12, 0.19 and 0.23 s after a partial sounded.
TAIL_LAGS = (5, 8, 10)
# So many bins that were on a partial then, and no longer are, make a reading ...
MIN_BINS = 4
# ... as long as they did not belong to the softest: this share of the readings is left out.
SOFTEST = 0.3
# With fewer readings, those of five notes or so, nothing is said. All chosen by hand, not fitted.
MIN_READINGS = 40


class Tails(NamedTuple):
    """How far the partials of a voice have fallen 0.1 to 0.2 s later, in dB: the lowest tenth and quarter of readings.

    The lowest, since what else sounds there can only add to it.
    """

    tenth: float
    quarter: float


def frame_times_s(count: int, sample_rate_hz: int) -> Floats:
    """Return the middle of each frame, from the start of the sound, (count,)."""
    n_fft = window_length(sample_rate_hz, about_s=FRAME_S)
    times_s: Floats = (np.arange(count) * (n_fft // 2) + n_fft / 2) / sample_rate_hz
    return times_s


def spectra_of(samples: Channel, sample_rate_hz: int) -> Complex64s:
    """Return the spectra of a sound (n,): (frames, bins)."""
    n_fft = window_length(sample_rate_hz, about_s=FRAME_S)
    bins = _bins(sample_rate_hz)
    if len(samples) < n_fft:
        return np.zeros((0, bins.stop - bins.start), np.complex64)
    hop_length = n_fft // 2
    count = 1 + (len(samples) - n_fft) // hop_length
    out = np.empty((count, bins.stop - bins.start), np.complex64)
    window = hann(n_fft)
    for first in range(0, count, 64):
        last = min(first + 64, count)
        piece = samples[first * hop_length : (last - 1) * hop_length + n_fft]
        frames = np.lib.stride_tricks.sliding_window_view(piece, n_fft)[::hop_length]
        out[first:last] = scipy.fft.rfft(frames * window, axis=1)[:, bins]
    return out


def partials_at(f0_hz: Floats, sample_rate_hz: int) -> Mask:
    """Tell which bins belong to the voice's partials: pitch (frames,), NaN where nobody sings -> (frames, bins)."""
    n_fft = window_length(sample_rate_hz, about_s=FRAME_S)
    frequencies_hz = bin_frequencies_hz(sample_rate_hz, n_fft)[_bins(sample_rate_hz)]
    sung = np.isfinite(f0_hz)
    on = np.zeros((len(f0_hz), len(frequencies_hz)), np.bool_)
    on[sung] = near_partials(f0_hz[sung], frequencies_hz, bin_hz=sample_rate_hz / n_fft)
    return on


def answer_db(voice: Complex64s, beside: Complex64s, on: Mask) -> float:
    """Measure how much more alike what comes from beside is to the earlier voice than to the later one.

    Parameters
    ----------
    voice, beside : complex64 arrays, shape (frames, bins)
        What comes from the voice's direction, and from beside it.
    on : mask, shape (frames, bins)
        The partials of the voice; all else of it is left out.

    Returns
    -------
    float
        Squared correlation over bins and lags, earlier against later, in dB: near 0 (-0.6 to 0.5 in 26 rendered songs)
        without a room, 1 to 10 with one. 0 where nothing can be compared.
    """
    cause, effect = _levelled(np.where(on, voice, 0)), _levelled(beside)
    length = scipy.fft.next_fast_len(len(cause) + int(LAGS[-1]) + 1)
    spectrum = scipy.fft.fft(effect, length, axis=0) * scipy.fft.fft(cause, length, axis=0).conj()
    alike = np.square(np.abs(scipy.fft.ifft(spectrum, axis=0))).sum(axis=1, dtype=np.float64)
    earlier, later = float(alike[LAGS].sum()), float(alike[-LAGS].sum())
    return float(power_db(earlier / later)) if earlier > 0 and later > 0 else 0.0


def read_tails(voice: Complex64s, on: Mask) -> Tails | None:
    """Read the level of partials that have ended, against what it was; None where too few end."""
    power = np.square(voice.real) + np.square(voice.imag)
    around = ndimage.binary_dilation(on, np.ones((3, 1)))
    read = [falls for lag in TAIL_LAGS if len(falls := _falls_db(power, on, around, lag)) >= MIN_READINGS]
    if not read:
        return None
    tenth, quarter = np.mean([np.percentile(falls, (10, 25)) for falls in read], axis=0)
    return Tails(tenth=float(tenth), quarter=float(quarter))


def _falls_db(power: Float32s, on: Mask, around: Mask, lag: int) -> Floats:
    """Return the power of partials so many frames after they sounded, where they no longer do, against it, in dB."""
    if len(power) <= lag:
        return np.zeros(0)
    ended = on[:-lag] & ~around[lag:]
    then = np.where(ended, power[:-lag], 0).sum(axis=1, dtype=np.float64)
    now = np.where(ended, power[lag:], 0).sum(axis=1, dtype=np.float64)
    heard = (ended.sum(axis=1) >= MIN_BINS) & (then > 0)
    if not heard.any():
        return np.zeros(0)
    heard &= then > np.quantile(then[heard], SOFTEST)
    falls: Floats = power_db(now[heard] / then[heard] + 1e-6)
    return falls


def _levelled(spectra: Complex64s) -> Complex64s:
    power = np.square(spectra.real) + np.square(spectra.imag)
    level = ndimage.uniform_filter1d(power, LEVEL_FRAMES, axis=0) + np.float32(SILENT) * power.max(initial=0)
    levelled: Complex64s = spectra / np.sqrt(np.maximum(level, np.finfo(np.float32).tiny))
    return levelled


def _bins(sample_rate_hz: int) -> slice:
    n_fft = window_length(sample_rate_hz, about_s=FRAME_S)
    first, end = (int(hz / sample_rate_hz * n_fft) for hz in (LOWEST_HZ, HIGHEST_HZ))
    return slice(first, min(end, n_fft // 2))
