"""Telling singing from instruments and from speech, by the way its pitch moves and how it stands in the mix."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from riffscope.dsp.runs import runs

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# Frames are 16 ms long. From one to the next, sung pitch moves a little all the time; keys and frets hold it to the
# cent. A change of more than the first figure is movement, more than the second a jump between sounds.
MOVES_SEMITONES, JUMPS_SEMITONES = 0.03, 0.8
FRAME_S = 0.016

# Below E3 few voices go, and all basses play.
LOW_MIDI = 52.0
# Logistic regression on 122 mixes and recordings whose sung frames are known, each counting the same
# (analysis/training/singing/fit.py). Left out in turn, four sets are told with an area under the curve of .99, .93, .90
# and .92, and two sets that it was not fitted on with .93 and .91. To ask for movement over the whole tone rather than
# within 90 ms gives .01 of it, the two terms of second order as much, the low pitch .005; slower averages, jumps, the
# length of tones and the distance from the song's register add nothing.
CUES = (
    "clear pitch",
    "living tone",
    "over backing",
    "below loudest",
    "over backing x below loudest",
    "below loudest squared",
    "below E3",
)
WEIGHTS = np.array([1.032, 3.239, 0.1316, 0.0092, 0.00639, -0.00324, -0.0904])
BIAS = -0.447


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


def singing_cues(midi: Floats, confidence: Floats, vocals_db: Floats, backing_db: Floats) -> Floats:
    """The cues of each frame, in the order of the weights: four arrays (n,) -> (n, 7).

    How clear one pitch is; how much it moves over the whole tone, since a tone is sung or played from end to end; how
    far the separated voice stands over the backing (dB, over 0.4 s); how far it lies below its own loudest (dB); their
    product and the square of the last, for to stand over the backing speaks for a voice near its loudest, and of an
    echo 20 dB below says only that the band pauses too; how far below E3 the pitch lies (semitones).
    """
    living = over_each_tone(living_share(midi, confidence), midi)
    over_backing = ndimage.uniform_filter1d(np.clip(vocals_db - backing_db, -30, 20), 25)
    below_loudest = np.clip(vocals_db - np.percentile(vocals_db, 98), -50, 0)
    low = np.maximum(LOW_MIDI - midi, 0)
    levels = (over_backing, below_loudest, over_backing * below_loudest, below_loudest**2)
    return np.stack([confidence, living, *levels, low], axis=1)


def singing_probability(cues: Floats) -> Floats:
    """Probability that someone sings in each frame: (n, 7) -> (n,)."""
    out: Floats = 1 / (1 + np.exp(-(cues @ WEIGHTS + BIAS)))
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
