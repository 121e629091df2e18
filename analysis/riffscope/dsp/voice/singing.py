"""Telling singing from instruments and from speech, by the way its pitch moves and how it stands in the mix."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from riffscope.arrays import Floats, Ints, Mask
from riffscope.dsp.runs import runs

# Frames are 16 ms long. From one to the next, sung pitch moves a little all the time; keys and frets hold it to the
# cent. A change of more than the first figure is movement, more than the second a jump between sounds.
MOVES_SEMITONES, JUMPS_SEMITONES = 0.03, 0.8
FRAME_S = 0.016

# Below E3 few voices go, and all basses play.
LOW_MIDI = 52.0


class Judgement(NamedTuple):
    """How much each cue of `singing_cues` speaks for singing: a logistic regression."""

    weights: Floats
    bias: float


# Fitted on 122 mixes and recordings whose sung frames are known, each counting the same
# (analysis/training/voice/singing.py); the cues in the order of CUES, then SEPARATED_CUES. Left out in turn, four sets
# are told with an area under the curve of .99, .96, .94 and .92 where the vocals were separated, and of .97, .89, .90
# and .91 in the mix; three sets that it was not fitted on with .94, .93 and .92, and .94, .90 and .90. The level of the
# tone is worth .01 to .04 of it. Slower averages, jumps, the length of tones and the distance from the song's register
# add nothing; how much of the tone was not held before and after adds .002, and takes quick instruments for voices.
CUES = ("clear pitch", "living tone", "below E3", "tone below its loudest")
SEPARATED_CUES = ("over accompaniment", "below loudest", "over accompaniment x below loudest", "below loudest squared")
IN_MIX = Judgement(np.array([0.2156, 5.112, -0.1665, 0.169]), -0.689)
SEPARATED = Judgement(np.array([0.155, 2.881, -0.1431, 0.1371, 0.1227, -0.0452, 0.00399, -0.00279]), 1.094)


def living_share(midi: Floats, confidence: Floats) -> Floats:
    """Share of the steps within 90 ms of each frame in which a clear pitch moves, 0..1: two arrays (n,) -> (n,)."""
    clear = (confidence > 0.5) & (np.concatenate([[0.0], confidence[:-1]]) > 0.5)
    moving = clear & moves(midi)
    over = ndimage.uniform_filter1d(np.stack([moving, clear]).astype(np.float64), 11, axis=1)
    share: Floats = over[0] / (over[1] + 0.15)  # few clear steps say little
    return share


def moves(midi: Floats) -> Mask:
    """Tell in which frames the pitch has moved as within a tone, not jumped: (n,) -> (n,)."""
    change = np.abs(np.diff(midi, prepend=midi[:1]))
    found: Mask = (change > MOVES_SEMITONES) & (change < JUMPS_SEMITONES)
    return found


def over_each_tone(cue: Floats, midi: Floats) -> Floats:
    """Mean of a cue over the tone that each frame belongs to, from one jump of the pitch to the next: (n,) -> (n,)."""
    tone = np.cumsum(np.abs(np.diff(midi, prepend=midi[:1])) >= JUMPS_SEMITONES)
    mean: Floats = (np.bincount(tone, cue) / np.bincount(tone))[tone]
    return mean


def singing_cues(midi: Floats, confidence: Floats, tone_db: Floats) -> Floats:
    """The cues of each frame that can be heard in any mix: three arrays (n,) -> (n, 4).

    How clear one pitch is; how much it moves over the whole tone, since a tone is sung or played from end to end; how
    far below E3 the pitch lies (semitones); how far the tone lies below the loudest tones of the song (dB), for the
    voice leads.
    """
    living = over_each_tone(living_share(midi, confidence), midi)
    return np.stack([confidence, living, np.maximum(LOW_MIDI - midi, 0), _below_loudest(tone_db)], axis=1)


def separated_cues(vocals_db: Floats, accompaniment_db: Floats) -> Floats:
    """The cues of each frame where the vocals were separated: two arrays (n,) -> (n, 4).

    How far the voice stands over the accompaniment (dB, over 0.4 s); how far it lies below its own loudest (dB); their
    product and the square of the last, for to stand over the accompaniment speaks for a voice near its loudest, and of
    an echo 20 dB below says only that the band pauses too.
    """
    over_accompaniment = ndimage.uniform_filter1d(np.clip(vocals_db - accompaniment_db, -30, 20), 25)
    below = _below_loudest(vocals_db)
    return np.stack([over_accompaniment, below, over_accompaniment * below, below**2], axis=1)


def _below_loudest(level_db: Floats) -> Floats:
    below: Floats = np.clip(level_db - np.percentile(level_db, 98), -50, 0)
    return below


def singing_probability(cues: Floats, judgement: Judgement) -> Floats:
    """Probability that someone sings in each frame: (n, k) -> (n,)."""
    out: Floats = 1 / (1 + np.exp(-(cues @ judgement.weights + judgement.bias)))
    return out


def held_stretches(midi: Floats, *, within_semitones: float = 1.0) -> Ints:
    """Cut a contour into stretches that stay within a semitone from end to end: (n,), NaN where unvoiced -> (k, 2)."""
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
    """Share of voiced frames in stretches of at least ``shortest`` frames held within a semitone, 0..1."""
    voiced = int(np.isfinite(midi).sum())
    lengths = np.diff(held_stretches(midi), axis=1)
    return float(lengths[lengths >= shortest].sum()) / voiced if voiced else 0.0


def mean_movement(midi: Floats) -> float:
    """Mean speed of the pitch within tones, semitones a second: (n,), NaN where unvoiced; 0 where nothing is voiced."""
    change = np.abs(np.diff(midi))
    within = change[np.isfinite(change) & (change < 2)]
    return float(within.mean()) / FRAME_S if within.size else 0.0
