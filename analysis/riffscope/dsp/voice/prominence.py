"""Prominence: how loud a voice of known pitch is against what plays with it.

Conventions: sound is float32 (channels, n), powers are summed over channels and not weighted, readings are ratios of
power in dB, at most `MAX_DB` either way. Each reading errs in a way of its own: what a model takes for accompaniment is
missing from the stems, what plays the voice's own notes is added to its partials.

Source: own.
"""

import functools
import itertools
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from riffscope.arrays import Floats
from riffscope.dsp.blocks import Channel
from riffscope.dsp.decibels import power_db
from riffscope.dsp.partials import near_partials, power_of, spectra_at
from riffscope.dsp.stft import bin_frequencies_hz, window_length

# Frames of 93 ms resolve the partials of any voice.
FRAME_S = 0.093
# The voice on its partials is told from the rest octave by octave, each with its own level between the partials. Chosen
# by hand, not fitted.
VOICE_EDGES_HZ = (80.0, 150.0, 300.0, 600.0, 1200.0, 2500.0, 5000.0)
# What the rest has on the partials is scaled up from what it has between them. The partials count for this share of a
# band at most, so that the scale stays finite.
MAX_SHARE = 0.95
# A voice 40 dB above the rest is as good as alone, 40 dB below it as good as absent. Chosen by hand.
MAX_DB = 40.0


class Prominence(NamedTuple):
    """Readings of how loud a voice is, in dB.

    Attributes
    ----------
    stems : float or None
        Separated vocals against accompaniment; None where nothing was separated.
    partials : float
        What stands out of the mix on the partials, against the rest of the mix.
    backing : float
        The same against the accompaniment without what stands out of it on the partials, which is voice that was left
        there; where nothing was separated, as `partials`.
    typical : float
        As `partials`, with the median frame for all: notes that an instrument doubles do not count.
    frame : float
        The median of the ratios of single frames.
    """

    stems: float | None
    partials: float
    backing: float
    typical: float
    frame: float


def read_prominence(
    vocals: Iterable[Channel],
    accompaniment: Iterable[Channel] | None,
    sample_rate_hz: int,
    times_s: Floats,
    f0_hz: Floats,
) -> Prominence:
    """Read the level of a voice at some moments.

    Parameters
    ----------
    vocals : channels, shape (n,)
        One after another; the mix, where there is no accompaniment.
    accompaniment : as many channels of the same length, or None
    sample_rate_hz : int
    times_s, f0_hz : float64 arrays, shape (k,)
        Moments in which someone sings, and the voice's pitch at each.
    """
    n_fft = window_length(sample_rate_hz, about_s=FRAME_S)
    whole, played, sung = np.zeros((3, len(times_s), n_fft // 2 + 1))  # of all channels together
    spectra = functools.partial(spectra_at, sample_rate_hz=sample_rate_hz, times_s=times_s, n_fft=n_fft)
    if accompaniment is None:
        for channel in vocals:
            whole += np.concatenate([power_of(block) for block in spectra(channel)])
    else:
        for voice_alone, other in zip(vocals, accompaniment, strict=True):
            first = 0
            for ours, theirs in zip(spectra(voice_alone), spectra(other), strict=True):
                rows = slice(first, first + len(ours))
                whole[rows] += power_of(ours + theirs)  # the spectrum of a sum is the sum of the spectra
                played[rows] += power_of(theirs)
                sung[rows] += power_of(ours)
                first = rows.stop
    tone = tone_powers(whole, f0_hz, sample_rate_hz)
    total = whole.sum(axis=1)
    voice = float(np.maximum(tone.sum(axis=0), 0).sum())
    each = np.maximum(tone, 0).sum(axis=1)
    typical = float(np.median(each))
    partials = ratio_db(voice, float(total.sum()) - voice)
    frame = np.median([ratio_db(part, other) for part, other in zip(each, total - each, strict=True)])
    stems, backing = None, partials
    if accompaniment is not None:
        left = float(np.maximum(tone_powers(played, f0_hz, sample_rate_hz).sum(axis=0), 0).sum())
        stems = ratio_db(float(sung.sum()), float(played.sum()))
        backing = ratio_db(voice, float(played.sum()) - left)
    return Prominence(
        stems=stems,
        partials=partials,
        backing=backing,
        typical=ratio_db(typical, float(total.mean()) - typical),
        frame=float(frame),
    )


def tone_powers(power: Floats, f0_hz: Floats, sample_rate_hz: int) -> Floats:
    """Return what stands out on the partials of a tone, by band: (k, bins) and (k,) -> (k, bands).

    The rest has as much on each bin of the partials as on each bin between them: the mean over all moments, for in a
    single frame few bins lie between. It may come out negative.
    """
    frequencies_hz = _frequencies_hz(sample_rate_hz)
    bin_hz = float(frequencies_hz[1])
    bands = []
    for low_hz, high_hz in itertools.pairwise(VOICE_EDGES_HZ):
        first, end = np.searchsorted(frequencies_hz, (low_hz, high_hz))
        near = near_partials(f0_hz, frequencies_hz[first:end], bin_hz=bin_hz)
        share = min(float(near.sum()) / max(near.size, 1), MAX_SHARE)
        on = np.where(near, power[:, first:end], 0).sum(axis=1)
        bands.append(on - (power[:, first:end].sum(axis=1) - on) * share / (1 - share))
    stacked: Floats = np.stack(bands, axis=1)
    return stacked


def ratio_db(part: float, other: float) -> float:
    """Return a ratio of powers in dB, within `MAX_DB` either way."""
    if part <= 0 or other <= 0:
        return MAX_DB if part > 0 else -MAX_DB
    return min(max(float(power_db(part / other)), -MAX_DB), MAX_DB)


def _frequencies_hz(sample_rate_hz: int) -> Floats:
    return bin_frequencies_hz(sample_rate_hz, window_length(sample_rate_hz, about_s=FRAME_S))
