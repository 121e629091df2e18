"""Loudness and true peak after ITU-R BS.1770-5, EBU R 128 and EBU Tech 3341 and 3342.

Conventions: sound is float32 (channels, n), full scale is 1. Powers are K-weighted mean squares, summed over the
channels with the standard's weights; loudness in LUFS is their level, differences of it are in LU.

All loudness is read from one series: the K-weighted power of the sound in hops of 10 ms. Meters that look only every
100 ms miss the loudest 400 ms of a short burst by up to 0.45 dB (Tech 3341 cases 13 and 14); windows that begin at
every hop do not.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.fft
from numpy.lib.stride_tricks import sliding_window_view

from riffscope.arrays import Complexes, Float32s, Floats, Mask
from riffscope.dsp.decibels import power_db
from riffscope.dsp.filtering import filtered_blocks, transform_length
from riffscope.dsp.speakers import loudness_weights
from riffscope.dsp.stft import bin_frequencies_hz

# A window begins every 10 ms; 400 ms, 100 ms and 3 s are whole numbers of hops.
HOPS_PER_S = 100

# BS.1770-5 Annex 1: the length of a gating block ...
MOMENTARY_S = 0.4
# ... how often one begins ...
STEP_S = 0.1
# ... the level below which a block is silence ...
ABSOLUTE_GATE_LUFS = -70.0
# ... and how far below the mean of the others it is left out as well.
RELATIVE_GATE_LU = -10.0
# The constant of eq. (2): a tone of 997 Hz at full scale in one channel reads -3.01 LUFS.
_OFFSET_LUFS = -0.691
# Tech 3342: longer windows ...
SHORT_TERM_S = 3.0
# ... a lower relative gate ...
RANGE_GATE_LU = -20.0
# ... and the two percentiles whose distance is the range.
RANGE_PERCENTILES = (10, 95)

# Samples that are squared at a time.
_BLOCK_SAMPLES = 1 << 16
# So far back the K-weighting reaches: what it remembers from longer ago is left out, and below -180 dB at every rate.
# The high pass at 38 Hz forgets as fast as exp(-t / 4.2 ms).
_REACH_S = 0.1
# What lies 280 dB below the loudest hop is what rounding leaves around sound, and taken for the silence that it is.
_SILENCE = 1e-28


# -------------------------------------------------------------------------------------------------------- K-weighting
# BS.1770-5 Annex 1 lists the two filters as coefficients for 48 kHz. These analogue prototypes give them back to the
# last digit listed (Brecht De Man, "Evaluation of implementations of the EBU R128 loudness measurement", AES 2018):
# the corner of the high shelf ...
_SHELF_HZ = 1681.974450955533
# ... its quality ...
_SHELF_Q = 0.7071752369554196
# ... its gain at high frequencies, 4 dB ...
_SHELF_GAIN = 10 ** (3.999843853973347 / 20)
# ... and at its corner, half as many dB ...
_SHELF_BAND_GAIN = _SHELF_GAIN**0.4996667741545416
# ... the corner of the high pass ...
_HIGH_PASS_HZ = 38.13547087602444
# ... and its quality.
_HIGH_PASS_Q = 0.5003270373238773
# The rate that the standard lists coefficients for.
_LISTED_RATE_HZ = 48000
# The tone at which the constant of eq. (2), -0.691, cancels the gain of the weighting.
_REFERENCE_HZ = 997.0
# Below this rate the bilinear transform squeezes the shelf audibly (at 8 kHz a 997 Hz tone reads 0.20 LU low) and the
# matched design is closer to the listed curve; above it the bilinear one is.
_MATCHED_BELOW_HZ = 32000


def k_weighting(sample_rate_hz: int) -> Floats:
    """Return the K-weighting filter for a sample rate: the listed one at 48 kHz, the same curve at any other rate.

    From 32 kHz up the curve is the listed one within 0.01 dB, at 8 kHz within 0.05 dB, at 4 kHz within 0.4 dB.

    Returns
    -------
    float64 array, shape (2, 6)
        Second-order sections b0 b1 b2 a0 a1 a2: the high shelf (stage 1) and the high pass (stage 2) of BS.1770-5
        Annex 1.
    """
    shelf = _matched_shelf(sample_rate_hz) if sample_rate_hz < _MATCHED_BELOW_HZ else _bilinear_shelf(sample_rate_hz)
    return np.array([shelf, _high_pass(sample_rate_hz)])


def _bilinear_shelf(sample_rate_hz: float) -> list[float]:
    K = math.tan(math.pi * _SHELF_HZ / sample_rate_hz)
    a0 = 1 + K / _SHELF_Q + K * K
    return [
        (_SHELF_GAIN + _SHELF_BAND_GAIN * K / _SHELF_Q + K * K) / a0,
        2 * (K * K - _SHELF_GAIN) / a0,
        (_SHELF_GAIN - _SHELF_BAND_GAIN * K / _SHELF_Q + K * K) / a0,
        1.0,
        2 * (K * K - 1) / a0,
        (1 - K / _SHELF_Q + K * K) / a0,
    ]


def _matched_shelf(sample_rate_hz: float) -> list[float]:
    """Poles by impulse invariance, zeros so that the gain is right at 0 Hz, 997 Hz and half the sample rate.

    M. Vicanek, "Matched Second Order Digital Filters" (2016), sections 3 and 4.
    """
    w0 = 2 * math.pi * _SHELF_HZ / sample_rate_hz
    decay = math.exp(-w0 / (2 * _SHELF_Q))
    a1 = -2 * decay * math.cos(w0 * math.sqrt(1 - 1 / (4 * _SHELF_Q**2)))
    a2 = decay**2
    at_zero, at_reference, at_half = _listed_shelf_power([0.0, _REFERENCE_HZ, sample_rate_hz / 2])
    A0, A1, A2 = (1 + a1 + a2) ** 2, (1 - a1 + a2) ** 2, -4 * a2
    B0, B1 = A0 * at_zero, A1 * at_half
    phi = math.sin(math.pi * _REFERENCE_HZ / sample_rate_hz) ** 2
    phi2 = 4 * phi * (1 - phi)
    B2 = (at_reference * (A0 * (1 - phi) + A1 * phi + A2 * phi2) - B0 * (1 - phi) - B1 * phi) / phi2
    mean = (math.sqrt(B0) + math.sqrt(B1)) / 2
    b0 = (mean + math.sqrt(mean**2 + B2)) / 2
    return [b0, (math.sqrt(B0) - math.sqrt(B1)) / 2, -B2 / (4 * b0), 1.0, a1, a2]


def _listed_shelf_power(frequencies_hz: list[float]) -> list[float]:
    gains = _gains(np.array([_bilinear_shelf(_LISTED_RATE_HZ)]), np.array(frequencies_hz), _LISTED_RATE_HZ)
    return [float(power) for power in np.abs(gains) ** 2]


def _high_pass(sample_rate_hz: float) -> list[float]:
    # The listed numerator is 1 -2 1, which makes the gain in the pass band 1.005 at 48 kHz; kept at other rates it
    # would grow to 1.03 at 8 kHz.
    gain = _high_pass_a0(_LISTED_RATE_HZ) / (a0 := _high_pass_a0(sample_rate_hz))
    K = math.tan(math.pi * _HIGH_PASS_HZ / sample_rate_hz)
    return [gain, -2 * gain, gain, 1.0, 2 * (K * K - 1) / a0, (1 - K / _HIGH_PASS_Q + K * K) / a0]


def _high_pass_a0(sample_rate_hz: float) -> float:
    K = math.tan(math.pi * _HIGH_PASS_HZ / sample_rate_hz)
    return 1 + K / _HIGH_PASS_Q + K * K


def k_weighting_power(frequencies_hz: Floats, sample_rate_hz: int) -> Float32s:
    """Return the power gain of the K-weighting at each frequency: (n,) -> (n,)."""
    gains = _gains(k_weighting(sample_rate_hz), frequencies_hz, sample_rate_hz)
    power: Float32s = np.square(np.abs(gains)).astype(np.float32)
    return power


def _gains(sections: Floats, frequencies_hz: Floats, sample_rate_hz: float) -> Complexes:
    """Return the complex gain of second-order sections, (k, 6), at each frequency: (n,) -> (n,)."""
    delays = np.exp(-2j * np.pi / sample_rate_hz * np.outer(np.arange(3), frequencies_hz))
    gains: Complexes = np.prod((sections[:, :3] @ delays) / (sections[:, 3:] @ delays), axis=0)
    return gains


# --------------------------------------------------------------------------------------------------- power over time
def hop_powers(samples: Float32s, sample_rate_hz: int, speakers: Sequence[str] = ()) -> Floats:
    """Return the K-weighted power of each hop of 10 ms, the channels weighted and summed.

    Parameters
    ----------
    samples : float32 array, shape (channels, n)
    sample_rate_hz : int
        Where 10 ms is no whole number of samples, hops begin at the nearest sample: no error adds up over windows.
    speakers : sequence of str
        What each channel is (`riffscope.dsp.speakers`); empty where that is not known.

    Returns
    -------
    float64 array, shape (hops,)
        Energy of each hop over its nominal length; 1 is full scale squared. What is left over at the end is left out.
    """
    channels, n = samples.shape
    hops = (HOPS_PER_S * n + HOPS_PER_S // 2 - 1) // sample_rate_hz
    edges = (np.arange(hops + 1) * sample_rate_hz + HOPS_PER_S // 2) // HOPS_PER_S
    energies = np.zeros(hops)
    reach = math.ceil(_REACH_S * sample_rate_hz)
    gains = _gains_within(reach, k_weighting(sample_rate_hz), sample_rate_hz)
    for channel, weight in zip(samples, loudness_weights(speakers, channels), strict=True):
        if weight == 0:
            continue
        begin = 0
        for block in filtered_blocks(channel[: edges[-1]], gains, reach=reach):
            end = begin + len(block)
            # A hop may begin in one block and end in the next.
            first, last = np.searchsorted(edges, begin, side="right") - 1, np.searchsorted(edges, end)
            starts = np.maximum(edges[first:last] - begin, 0)
            np.square(block, out=block)
            energies[first:last] += weight * np.add.reduceat(block, starts)
            begin = end
    energies[energies < _SILENCE * energies.max(initial=0)] = 0
    return energies * (HOPS_PER_S / sample_rate_hz)


def _gains_within(reach: int, sections: Floats, sample_rate_hz: int) -> Complexes:
    """Return the gains of second-order sections, (k, 6), whose responses end after so many samples: (bins,)."""
    n_fft = transform_length(reach)
    response = scipy.fft.irfft(_gains(sections, bin_frequencies_hz(sample_rate_hz, n_fft), sample_rate_hz))
    response[reach + 1 :] = 0
    gains: Complexes = scipy.fft.rfft(response)
    return gains


def window_powers(powers: Floats, window_s: float) -> Floats:
    """Return the mean power of every whole window: one begins at each hop.

    Parameters
    ----------
    powers : float64 array, shape (hops,)
        From `hop_powers`.
    window_s : float
        Length of a window, a whole number of hops.

    Returns
    -------
    float64 array, shape (hops - window + 1,)
        Empty where the sound is shorter than a window. Silence is exactly 0.
    """
    length = round(window_s * HOPS_PER_S)
    if len(powers) < length:
        return np.zeros(0)
    return np.convolve(powers, np.full(length, 1 / length), mode="valid")


def loudness_lufs(powers: npt.ArrayLike) -> Floats:
    """Return the loudness of each power, -inf where it is 0 (BS.1770-5 Annex 1, eq. 2); same shape."""
    levels: Floats = _OFFSET_LUFS + power_db(powers)
    return levels


def every_step(windows: Floats) -> Floats:
    """Return of the windows that begin at each hop those that begin each 0.1 s."""
    return windows[:: round(STEP_S * HOPS_PER_S)]


def above_absolute_gate(powers: Floats) -> Mask:
    """Tell which blocks are no silence: louder than -70 LUFS (BS.1770-5 Annex 1, eq. 5); (n,) -> (n,)."""
    return np.asarray(loudness_lufs(powers) > ABSOLUTE_GATE_LUFS)


def above_both_gates(powers: Floats) -> Mask:
    """Tell which blocks count for loudness (BS.1770-5 Annex 1, eqs. 5 to 7): (n,) -> (n,).

    They are louder than -70 LUFS, and than 10 LU below the mean power of all that are.
    """
    kept = above_absolute_gate(powers)
    if kept.any():
        kept &= loudness_lufs(powers) > loudness_lufs(powers[kept].mean()) + RELATIVE_GATE_LU
    return kept


def integrated_lufs(powers: Floats) -> float:
    """Return the gated loudness of the whole (BS.1770-5 Annex 1, eqs. 3 to 7).

    Blocks of 400 ms begin every 100 ms; an incomplete one at the end is not used. Those above both gates count.

    Parameters
    ----------
    powers : float64 array, shape (hops,)
        From `hop_powers`.

    Returns
    -------
    float
        In LUFS; -inf where no block is above -70 LUFS.
    """
    blocks = every_step(window_powers(powers, MOMENTARY_S))
    blocks = blocks[above_both_gates(blocks)]
    return float(loudness_lufs(blocks.mean())) if blocks.size else -math.inf


def range_lu(powers: Floats) -> float:
    """Return the loudness range (Tech 3342): how far the loud passages are above the quiet ones.

    Windows of 3 s begin every 0.1 s and lie wholly within the sound. Meters that space them otherwise, or pad the sound
    with silence, differ by up to 2.7 LU on real songs.

    Parameters
    ----------
    powers : float64 array, shape (hops,)
        From `hop_powers`.

    Returns
    -------
    float
        In LU; NaN where no window is above -70 LUFS.
    """
    windows = every_step(window_powers(powers, SHORT_TERM_S))
    windows = windows[loudness_lufs(windows) >= ABSOLUTE_GATE_LUFS]
    if windows.size == 0:
        return math.nan
    levels = loudness_lufs(windows)
    levels = np.sort(levels[levels >= loudness_lufs(windows.mean()) + RANGE_GATE_LU])
    # The listed program takes the nearest of the sorted levels and does not interpolate (Tech 3342, section 3).
    low, high = (levels[math.floor((levels.size - 1) * percent / 100 + 0.5)] for percent in RANGE_PERCENTILES)
    return float(high - low)


# -------------------------------------------------------------------------------------------------------------- peaks
class Peaks(NamedTuple):
    """The largest magnitudes of a sound; 1 is full scale.

    Attributes
    ----------
    sample : float
        Of the samples themselves.
    true : float
        Of the waveform that runs through them; at least `sample`.
    """

    sample: float
    true: float


# A windowed sinc of 32 taps ...
_HALF_TAPS = 16
# ... under a Kaiser window of this shape: its gain is within 0.05 dB up to 0.9 of half the sample rate.
_KAISER_BETA = 5.0
# Waveforms are interpolated by matrix products: each row is of 16 intervals (8 and 32 cost more) ...
_ROW = 16
# ... and takes 47 samples.
_ROW_SAMPLES = _ROW + 2 * _HALF_TAPS - 1
# Products of 64 rows stay below the size that BLAS shares out to threads, which took 2 to 100 times as long on a busy
# machine; 8 of them go in one call.
_ROWS = (8, 64)
# The samples that are looked at together.
_SEGMENT = math.prod(_ROWS) * _ROW


def oversampling_factor(sample_rate_hz: int) -> int:
    """Return how many times the true peak is oversampled: less at rates that are high already (BS.1770-5 Annex 2)."""
    return 4 if sample_rate_hz < 96000 else 2 if sample_rate_hz < 192000 else 1


def find_peaks(samples: Float32s, sample_rate_hz: int) -> Peaks:
    """Find the sample peak and the true peak (BS.1770-5 Annex 2: four times oversampled, at 96 kHz twice).

    Only the segments whose samples could bring the waveform above the largest value found so far are interpolated, the
    loudest first. Between the interpolated points a tone may rise higher still: by at most 0.17 dB at a quarter of the
    sample rate and 0.7 dB at half of it, about four times that where it is oversampled only twice.

    Parameters
    ----------
    samples : float32 array, shape (channels, n)
        Silence is taken to surround them.
    sample_rate_hz : int
    """
    levels = _segment_peaks(samples)
    sample_peak = float(levels.max())
    factor = oversampling_factor(sample_rate_hz)
    if factor == 1:
        return Peaks(sample_peak, sample_peak)
    phases = _interpolation_phases(factor)
    # No interpolated value exceeds the largest sample within reach times this.
    largest_gain = float(np.abs(phases).sum(axis=1).max())
    within_reach = levels.copy()
    np.maximum(within_reach[:, 1:], levels[:, :-1], out=within_reach[:, 1:])
    np.maximum(within_reach[:, :-1], levels[:, 1:], out=within_reach[:, :-1])

    matrix = _row_matrix(phases)
    padded = np.zeros(_SEGMENT + 2 * _HALF_TAPS - 1, dtype=np.float32)
    overlapping = sliding_window_view(padded, _ROW_SAMPLES)[::_ROW].reshape(*_ROWS, _ROW_SAMPLES)
    rows = np.empty((*_ROWS, _ROW_SAMPLES), dtype=np.float32)
    between = np.empty((*_ROWS, matrix.shape[1]), dtype=np.float32)
    peak = sample_peak
    for channel, segment in zip(*np.unravel_index(np.argsort(-within_reach, axis=None), levels.shape), strict=True):
        if within_reach[channel, segment] * largest_gain <= peak:
            break
        _cut(samples[channel], segment * _SEGMENT - _HALF_TAPS, into=padded)
        np.copyto(rows, overlapping)
        np.matmul(rows, matrix, out=between)
        peak = max(peak, float(between.max()), -float(between.min()))
    return Peaks(sample_peak, peak)


def _segment_peaks(samples: Float32s) -> Float32s:
    """Return the largest magnitude of each segment, shape (channels, segments)."""
    channels, n = samples.shape
    # One interval lies before the first sample, so there are n + 1.
    levels = np.zeros((channels, -(-(n + 1) // _SEGMENT)), dtype=np.float32)
    starts = np.arange(0, n, _SEGMENT)
    for channel, found in zip(samples, levels, strict=True):
        highest, lowest = np.maximum.reduceat(channel, starts), np.minimum.reduceat(channel, starts)
        found[: len(starts)] = np.maximum(highest, -lowest)
    return levels


def _interpolation_phases(factor: int) -> Floats:
    """Return the taps that interpolate at 1/factor, 2/factor ... of an interval, shape (factor - 1, 2 * _HALF_TAPS)."""
    fractions = np.arange(1, factor)[:, np.newaxis] / factor
    distances = np.arange(1 - _HALF_TAPS, 1 + _HALF_TAPS) - fractions
    window = np.i0(_KAISER_BETA * np.sqrt(1 - (distances / _HALF_TAPS) ** 2))
    taps = np.sinc(distances) * window
    return np.asarray(taps / taps.sum(axis=1, keepdims=True))


def _row_matrix(phases: Floats) -> Float32s:
    """Lay the phases out so that a row of samples times the matrix is every interpolated value of its 16 intervals."""
    taps = phases.shape[1]
    matrix = np.zeros((_ROW_SAMPLES, _ROW, len(phases)), dtype=np.float32)
    for interval in range(_ROW):
        matrix[interval : interval + taps, interval] = phases.T
    return matrix.reshape(_ROW_SAMPLES, -1)


def _cut(channel: Float32s, start: int, *, into: Float32s) -> None:
    """Copy samples from ``start`` on, with zeros where there are none."""
    into[:] = 0
    first, end = max(start, 0), min(start + len(into), len(channel))
    into[first - start : end - start] = channel[first:end]


def mean_square(samples: Float32s) -> float:
    """Return the unweighted mean power of all samples of all channels: (channels, n); 1 is full scale squared."""
    total = 0.0
    for channel in samples:
        for start in range(0, len(channel), _BLOCK_SAMPLES):
            block = channel[start : start + _BLOCK_SAMPLES]
            total += float(np.dot(block, block))
    return total / samples.size
