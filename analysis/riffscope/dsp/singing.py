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

# Logistic regression on four cues; weights fitted on 80 mixes and recordings whose sung frames are known, each counting
# the same (analysis/training/singing/fit.py). Left out in turn, the three sets of mixes are told with an area under the
# curve of .98, .93 and .88; further cues (jumps, slower averages) add nothing.
CONFIDENCE_WEIGHT, LIVING_WEIGHT, OVER_BACKING_WEIGHT, BELOW_LOUDEST_WEIGHT, BIAS = 1.881, 2.087, 0.061, 0.019, -0.989


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


def singing_cues(midi: Floats, confidence: Floats, vocals_db: Floats, backing_db: Floats) -> Floats:
    """The four cues of each frame, in the order of the weights: four arrays (n,) -> (n, 4).

    How clear one pitch is; how much it moves; how far the separated voice stands over the backing (dB, over 0.4 s); how
    far it lies below its own loudest (dB).
    """
    over_backing = ndimage.uniform_filter1d(np.clip(vocals_db - backing_db, -30, 20), 25)
    below_loudest = np.clip(vocals_db - np.percentile(vocals_db, 98), -50, 0)
    return np.stack([confidence, living_share(midi, confidence), over_backing, below_loudest], axis=1)


def singing_probability(cues: Floats) -> Floats:
    """Probability that someone sings in each frame: (n, 4) -> (n,)."""
    weights = np.array([CONFIDENCE_WEIGHT, LIVING_WEIGHT, OVER_BACKING_WEIGHT, BELOW_LOUDEST_WEIGHT])
    out: Floats = 1 / (1 + np.exp(-(cues @ weights + BIAS)))
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
