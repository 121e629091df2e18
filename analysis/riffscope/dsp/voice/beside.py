"""Beside: how much of the sound beside a voice begins and ends with it, and how much lingers, as a room's does.

A second take of a voice, panned elsewhere, comes and goes with the first within some 20 ms. Reverberation comes later
and decays: its power follows the voice's by an exponential. Both are told by how the power beside the voice is best put
together from that of the voice, as it is and smeared by rooms of several lengths.

Conventions: sound is float32 (n,); powers are mean squares every 10 ms, (steps,), of which only ratios mean anything.

Source: own; non-negative least squares as in Lawson & Hanson, "Solving Least Squares Problems", 1974. That the tail of
a room decays exponentially: Polack, "La transmission de l'energie sonore dans les salles", 1988.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from riffscope import long_arrays
from riffscope.arrays import Floats, Mask
from riffscope.dsp.blocks import Channel, slices

# Powers are taken this often: shorter than any room, longer than a period of a low voice.
STEP_S = 0.01
# The sound is averaged down to about this rate, and differenced: what remains are some 500 to 2500 Hz, where the
# partials of voices are and basses are not. Chosen by hand, not fitted.
RATE_HZ = 5500
# Two takes of one voice begin up to this far apart. Chosen by hand, not fitted.
APART_S = 0.02
# The power of rooms decays by 1/e in these times: reverberation times of .3 to 2.3 s. The first of them is no longer
# than two takes are apart, and so counts as at once.
DECAYS_S = (0.02, 0.036, 0.07, 0.12, 0.17)
# A room is followed for this long. Chosen by hand, not fitted.
FOLLOWED_S = 0.8
# Moments count by how well the sound beside is known relative to itself: not below these shares of the voice's power,
# then and on the whole. Chosen by hand, not fitted.
FLOOR_THEN, FLOOR_OVERALL = 0.05, 0.02
# Moments 40 dB below the loud ones hold nothing of the voice. Chosen by hand, not fitted.
HEARD_SHARE, LOUD_PERCENTILE = 1e-4, 95
# With less than this the parts cannot be told. Chosen by hand, not fitted.
MIN_S = 2.0
# So many steps are summed up at a time, for memory.
_STEPS = 6000
# Shares of the power beside a voice are averaged over this long.
SMOOTHED_S = 1.0


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What the sound beside a voice is made of.

    Attributes
    ----------
    at_once : float
        Power beside the voice that begins and ends with it, as a share of the voice's.
    share_at_once : float64 array, shape (steps,)
        Share of the power beside the voice that no room explains, over a second around each step, 0..1.
    """

    at_once: float
    share_at_once: Floats


def powers_of(samples: Channel, sample_rate_hz: int) -> Floats:
    """Return the power of the middle frequencies every 10 ms: (n,) -> (steps,)."""
    fold = max(1, round(sample_rate_hz / RATE_HZ))
    # A product with a constant is several times as fast as a mean over so few.
    mean = np.full(fold, 1 / fold, np.float32)
    folded = long_arrays.empty((len(samples) // fold,))
    for part in slices(folded.size):
        folded[part] = samples[part.start * fold : part.stop * fold].reshape(-1, fold) @ mean
    steps = int(len(samples) / sample_rate_hz / STEP_S + 1e-6)
    edges = np.rint(np.arange(steps + 1) * STEP_S * sample_rate_hz / fold).astype(np.int64).clip(0, len(folded))
    powers = np.empty(steps)
    for first in range(0, steps, _STEPS):
        now = edges[first : first + _STEPS + 1]
        piece = folded[max(now[0] - 1, 0) : now[-1]]
        rises = np.diff(piece, prepend=0 if now[0] == 0 else np.empty(0, np.float32)).astype(np.float64)
        total = np.concatenate([[0.0], np.cumsum(rises**2)])
        powers[first : first + _STEPS] = np.diff(total[now - now[0]]) / np.maximum(np.diff(now), 1)
    return powers


def part_beside(voice: Floats, beside: Floats, heard: Mask) -> Beside | None:
    """Part the power beside a voice into what is at once with it and what lingers.

    Parameters
    ----------
    voice, beside : float64 arrays, shape (steps,)
        Powers of the voice from its own direction, and of all else.
    heard : bool array, shape (steps,)
        When the voice sings, or a room may answer it.

    Returns
    -------
    Beside or None
        None where too little is heard.
    """
    from scipy.optimize import nnls  # slow to import, and not needed to read an analysis

    loud = float(np.percentile(voice, LOUD_PERCENTILE)) if voice.size else 0.0
    used = heard & (voice + beside > HEARD_SHARE * loud)
    if used.sum() * STEP_S < MIN_S or loud == 0:
        return None
    # A room is as loud from the voice's own direction as beside it.
    direct = np.maximum(voice - beside, 0)
    apart = round(APART_S / STEP_S)
    smeared = [_smear(direct, decay_s) for decay_s in DECAYS_S]
    parts = np.stack([direct, np.roll(direct, apart), np.roll(direct, -apart), *smeared], axis=1)
    weight = 1 / (beside + FLOOR_OVERALL * voice[used].mean() + FLOOR_THEN * voice)
    shares, _ = nnls(parts[used] * weight[used, np.newaxis], (beside * weight)[used])
    fast = len(shares) - len(DECAYS_S) + 1
    lingering = parts[:, fast:] @ shares[fast:]
    size = round(SMOOTHED_S / STEP_S)
    rest, whole = (
        ndimage.uniform_filter1d(power * used, size, mode="constant") for power in (beside - lingering, beside)
    )
    share = np.divide(rest, whole, out=np.ones_like(whole), where=whole > 0)
    return Beside(at_once=float(shares[:fast].sum()), share_at_once=share.clip(0, 1))


def _smear(power: Floats, decay_s: float) -> Floats:
    """Return the power that a room makes of a sound: one that decays by 1/e in so many seconds."""
    kernel = np.exp(-np.arange(round(FOLLOWED_S / STEP_S)) * STEP_S / decay_s)
    smeared: Floats = np.convolve(power, kernel / kernel.sum())[: len(power)]
    return smeared
