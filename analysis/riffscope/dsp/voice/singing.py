"""Voicing: how likely each frame of a pitch track is sung, rather than played or spoken.

Conventions: pitch in semitones (A4 = 69) and confidence 0..1, one a frame of 16 ms, (n,); levels in dB; cues are
(frames, cues), and a logistic regression turns them into a probability.

Source: own, fitted by ``analysis/training/voice/singing.py``.
"""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from riffscope.arrays import Floats, Ints, Mask
from riffscope.dsp.runs import runs

# That of the pitch track: 256 samples at 16 kHz.
FRAME_S = 0.016

# From frame to frame sung pitch moves a little all the time; keys and frets hold it to the cent. A change of more than
# this, 3 cents, is movement. Chosen by hand, not fitted.
MOVES_SEMITONES = 0.03
# A change of more than this is a jump from one tone to another. Chosen by hand, not fitted.
JUMPS_SEMITONES = 0.8
# A frame with a higher confidence than this has a clear pitch. Chosen by hand, not fitted.
CLEAR_CONFIDENCE = 0.5
# Micro-modulation is a share of the steps within 90 ms to either side. Chosen by hand, not fitted.
MICRO_MODULATION_FRAMES = 11
# Added to the share of clear steps that it is taken of: where few steps are clear, they say little. Chosen by hand.
FEW_CLEAR = 0.15
# How far the vocals stand over the accompaniment is averaged over 0.4 s ...
OVER_ACCOMPANIMENT_FRAMES = 25
# ... and matters no more beyond these limits, in dB. Both chosen by hand, not fitted.
OVER_ACCOMPANIMENT_DB = (-30.0, 20.0)
# The loudest of a song is this percentile of its frames, so that one accent does not set it.
LOUDEST_PERCENTILE = 98
# How far below the loudest still matters, in dB. Chosen by hand, not fitted.
MAX_BELOW_LOUDEST_DB = 50.0
# E3: few voices go below it, and all basses play there.
LOW_MIDI = 52.0
# Where a voice was found to go lower than any that is looked for, nothing is too low for it.
NO_LOWER_MIDI = 0.0
# A change of more semitones than this between two frames is another tone, or an octave error, and no movement.
MAX_MOVEMENT_SEMITONES = 2.0


class VoicingModel(NamedTuple):
    """How much each cue speaks for singing: a logistic regression.

    Attributes
    ----------
    weights : array, shape (k,)
        In the order of the cues.
    bias : float
        The log odds where all cues are 0.
    """

    weights: Floats
    bias: float


# The cues that any mix gives, in the order of `singing_cues` ...
CUES = ("clear pitch", "micro-modulation", "below E3", "tone below its loudest")
# ... and those that separated vocals add, in the order of `separated_cues`. Slower averages, jumps, the length of tones
# and the distance from the song's register add nothing; how much of the tone was not held before and after adds .002,
# and takes quick instruments for voices. The level of the tone is worth .01 to .04 of the areas below.
SEPARATED_CUES = ("over accompaniment", "below loudest", "over accompaniment x below loudest", "below loudest squared")
# Both were fitted on 122 mixes and recordings whose sung frames are known, each counting the same
# (analysis/training/voice/singing.py). For a mix, four sets that are left out in turn are told with an area under the
# ROC curve of .97, .89, .90 and .91, and three sets that it was not fitted on with .94, .90 and .90.
IN_MIX = VoicingModel(np.array([0.2156, 5.112, -0.1665, 0.169]), -0.689)
# For separated vocals, the same sets are told with .99, .96, .94 and .92, and with .94, .93 and .92.
SEPARATED = VoicingModel(np.array([0.155, 2.881, -0.1431, 0.1371, 0.1227, -0.0452, 0.00399, -0.00279]), 1.094)


def micro_modulation(midi: Floats, confidence: Floats) -> Floats:
    """Share of the steps within 90 ms of each frame in which a clear pitch moves, 0..1: two arrays (n,) -> (n,).

    A voice is never quite still: it glides, wavers and jitters by a few cents from frame to frame.
    """
    clear = (confidence > CLEAR_CONFIDENCE) & (np.concatenate([[0.0], confidence[:-1]]) > CLEAR_CONFIDENCE)
    moving = clear & moves(midi)
    over = ndimage.uniform_filter1d(np.stack([moving, clear]).astype(np.float64), MICRO_MODULATION_FRAMES, axis=1)
    share: Floats = over[0] / (over[1] + FEW_CLEAR)
    return share


def moves(midi: Floats) -> Mask:
    """Tell in which frames the pitch has moved as within a tone, not jumped: (n,) -> (n,)."""
    change = np.abs(np.diff(midi, prepend=midi[:1]))
    found: Mask = (change > MOVES_SEMITONES) & (change < JUMPS_SEMITONES)
    return found


def over_each_tone(cue: Floats, midi: Floats) -> Floats:
    """Return a cue's mean over the tone that each frame is in, from one jump of the pitch to the next: (n,) -> (n,)."""
    tone = np.cumsum(np.abs(np.diff(midi, prepend=midi[:1])) >= JUMPS_SEMITONES)
    mean: Floats = (np.bincount(tone, cue) / np.bincount(tone))[tone]
    return mean


def singing_cues(midi: Floats, confidence: Floats, tone_db: Floats, *, low_midi: float = LOW_MIDI) -> Floats:
    """Return the cues of each frame that any mix gives, in the order of `CUES`: three arrays (n,) -> (n, 4).

    How clear the pitch is, 0..1; its micro-modulation over the whole tone, 0..1, since a tone is sung or played from
    end to end; how far below E3, or `low_midi`, it lies, in semitones; how far the tone lies below the loudest tones of
    the song, in dB, 0 or less, since the voice leads.
    """
    modulation = over_each_tone(micro_modulation(midi, confidence), midi)
    return np.stack([confidence, modulation, np.maximum(low_midi - midi, 0), _below_loudest(tone_db)], axis=1)


def separated_cues(vocals_db: Floats, accompaniment_db: Floats) -> Floats:
    """Return the cues that separated vocals add, in the order of `SEPARATED_CUES`: two arrays (n,) -> (n, 4).

    How far the vocals stand over the accompaniment (dB, averaged over 0.4 s); how far they lie below their own loudest
    (dB, 0 or less); the product of both, and the square of the second. Standing over the accompaniment speaks for a
    voice only near its loudest: of an echo 20 dB below it says no more than that the band pauses too.
    """
    over = np.clip(vocals_db - accompaniment_db, *OVER_ACCOMPANIMENT_DB)
    over_accompaniment = ndimage.uniform_filter1d(over, OVER_ACCOMPANIMENT_FRAMES)
    below = _below_loudest(vocals_db)
    return np.stack([over_accompaniment, below, over_accompaniment * below, below**2], axis=1)


def _below_loudest(level_db: Floats) -> Floats:
    loudest_db = np.percentile(level_db, LOUDEST_PERCENTILE)
    below: Floats = np.clip(level_db - loudest_db, -MAX_BELOW_LOUDEST_DB, 0)
    return below


def singing_probability(cues: Floats, model: VoicingModel) -> Floats:
    """Return the probability that someone sings in each frame: (n, k) -> (n,)."""
    out: Floats = 1 / (1 + np.exp(-(cues @ model.weights + model.bias)))
    return out


def held_stretches(midi: Floats, *, within_semitones: float = 1.0) -> Ints:
    """Cut a contour (n,), NaN where unvoiced, into stretches that stay within so many semitones from end to end.

    Returns
    -------
    int64 array, shape (k, 2)
        First and one-past-last frame of each.
    """
    cut = []
    contour = midi.tolist()
    for start, end in runs(np.isfinite(midi)).tolist():
        first, low, high = start, contour[start], contour[start]
        for i in range(start + 1, end):
            pitch = contour[i]
            low, high = min(low, pitch), max(high, pitch)
            if high - low >= within_semitones:
                cut.append((first, i))
                first, low, high = i, pitch, pitch
        cut.append((first, end))
    return np.array(cut, dtype=np.int64).reshape(-1, 2)


def held_share(midi: Floats, *, shortest: int) -> float:
    """Return the share of voiced frames in stretches of at least ``shortest`` frames held within a semitone, 0..1."""
    voiced = int(np.isfinite(midi).sum())
    lengths = np.diff(held_stretches(midi), axis=1)
    return float(lengths[lengths >= shortest].sum()) / voiced if voiced else 0.0


def mean_movement(midi: Floats) -> float:
    """Return the mean speed of the pitch within tones, in semitones a second; 0 where nothing is voiced.

    A contour is (n,) of frames 16 ms apart, NaN where unvoiced.
    """
    change = np.abs(np.diff(midi))
    within = change[np.isfinite(change) & (change < MAX_MOVEMENT_SEMITONES)]
    return float(within.mean()) / FRAME_S if within.size else 0.0
