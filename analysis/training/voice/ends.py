"""How far the ends of a singer's range are known (`riffscope.analyzers.vocal_range`).

Constants
    ``INWARDS`` and ``OUTWARDS``: the weights and the bias of how far the truth may lie from an end; ``ENDS_WIDER`` and
    ``SPAN_WIDER``: how much wider the ranges are made so that they hold in songs not seen.
Data
    Songs whose 2nd and 98th percentile of the sung pitch are known to the octave; both ends of each.
Method
    Quantile regression [1]_ of the distance inwards, and of that outwards: softplus of a linear function of the signs
    of an end (`riffscope.dsp.voice.range_ends`), with a ridge. Then the least factors with which nine in ten ends,
    and of the spans, of songs that are held back in turn lie within (conformal [2]_).
Prints
    ``ends covered`` and ``span covered``: how often the range of an end, and of the span, holds the truth, aimed at .9;
    ``width``: of the span's range in semitones; ``interval score``: its width, and 20 times by how much it misses [3]_.
    Less is better in the last two.

References
----------
.. [1] Koenker & Bassett, "Regression quantiles", Econometrica 46(1), 1978.
.. [2] Romano, Patterson & Candès, "Conformalized quantile regression", NeurIPS 2019.
.. [3] Gneiting & Raftery, "Strictly proper scoring rules, prediction, and estimation", JASA 102, 2007.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from riffscope.analyzers import vocal_range
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.arrays import Floats
from riffscope.choices import Separator
from riffscope.dsp.voice.range_ends import END_PERCENT, EndModel
from training.common.constants import Constants, number
from training.common.features import run
from training.common.fitting import CannotFit, conformal_margin
from training.common.report import Figures
from training.common.songs import Song, range_of

WAYS = ("INWARDS", "OUTWARDS")
QUANTILE, RIDGE = 0.9, 0.01
# The factors are found on songs that are held back, a fifth at a time.
PARTS = 5


@dataclass(frozen=True, kw_only=True)
class Sung:
    """The ends of a song's range, the lowest and the highest.

    Attributes
    ----------
    signs : float64 array, shape (2, 9)
        As of `end_signs`.
    found, truth : float64 arrays, shape (2,)
        In MIDI numbers.
    """

    signs: Floats
    found: Floats
    truth: Floats

    def distances(self) -> Floats:
        """How far inwards, and outwards, the truth lies from each end: (2 ways, 2 ends), in semitones."""
        inwards = (self.truth - self.found) * np.array([1.0, -1.0])
        both: Floats = np.maximum(np.stack([inwards, -inwards]), 0.0)
        return both


def read(song: Song, separator: Separator) -> Sung | None:
    """Gather the ends of a song's range."""
    truth = range_of(song.item)
    if truth is None:
        return None
    made = run(song, [VocalPitch, VocalRange], separator=separator)
    made[VocalRange]  # where there is no range there is nothing to fit
    return sung_of(made[VocalPitch], truth)


def sung_of(pitch: VocalPitch, truth: tuple[float, float]) -> Sung:
    """Return the ends of the range of a pitch contour, and what they should be."""
    certain = (pitch.certain == 1) & pitch.sung
    melody = vocal_range.leave_out_detached(pitch.midi[certain], pitch.voiced_probability[certain])
    signs = vocal_range.signs_of_ends(pitch, melody, certain)
    found = np.percentile(melody, [END_PERCENT, 100 - END_PERCENT])
    return Sung(signs=np.stack(signs), found=np.asarray(found), truth=np.array(truth))


def today() -> Constants:
    """Return the package's constants."""
    models = {
        way: (*model.weights.tolist(), model.bias)
        for way, model in zip(WAYS, (vocal_range.INWARDS, vocal_range.OUTWARDS), strict=True)
    }
    return models | {"ENDS_WIDER": vocal_range.ENDS_WIDER, "SPAN_WIDER": vocal_range.SPAN_WIDER}


def learn(songs: Sequence[Sung]) -> Constants:
    """Fit the models on all songs, and the factors on songs that are held back."""
    if len(songs) < 2 * PARTS:
        raise CannotFit(f"{len(songs)} songs are too few")
    ends, spans = [], []
    for part in range(PARTS):
        models = _models([song for index, song in enumerate(songs) if index % PARTS != part])
        for song in songs[part::PARTS]:
            reach, missed = _reaches(song, models), song.distances()
            ends += (missed / reach).max(axis=0).tolist()
            by = float((song.truth - song.found) @ np.array([-1.0, 1.0]))
            spans.append(max(-by, 0) / np.hypot(*reach[0]) if by < 0 else by / np.hypot(*reach[1]))
    factors = {
        "ENDS_WIDER": round(conformal_margin(np.array(ends)), 3),
        "SPAN_WIDER": round(conformal_margin(np.array(spans)), 3),
    }
    return _models(songs) | factors


def _models(songs: Sequence[Sung]) -> dict[str, float | tuple[float, ...]]:
    signs = np.concatenate([song.signs for song in songs])
    distances = np.concatenate([song.distances() for song in songs], axis=1)
    return {way: _quantile_regression(signs, distance) for way, distance in zip(WAYS, distances, strict=True)}


def _quantile_regression(signs: Floats, distance: Floats) -> tuple[float, ...]:
    """Return weights and bias of the softplus that nine in ten distances stay below."""
    mean, scale = signs.mean(axis=0), signs.std(axis=0) + 1e-9
    scaled = np.column_stack([(signs - mean) / scale, np.ones(len(signs))])

    def loss(weights: Floats) -> tuple[float, Floats]:
        linear = scaled @ weights
        short = distance - np.logaddexp(0.0, linear)
        slope = np.where(short > 0, -QUANTILE, 1 - QUANTILE) * expit(linear)
        pinball = np.where(short > 0, QUANTILE * short, (QUANTILE - 1) * short).mean()
        held = np.append(weights[:-1], 0.0)
        return float(pinball + RIDGE * held @ held), scaled.T @ slope / len(signs) + 2 * RIDGE * held

    start = np.append(np.zeros(signs.shape[1]), -2.0)
    found = minimize(loss, start, jac=True, method="L-BFGS-B").x
    weights = found[:-1] / scale
    return (*weights.tolist(), float(found[-1] - weights @ mean))


def _reaches(song: Sung, constants: Constants) -> Floats:
    """Return how far the truth may lie: (2 ways, 2 ends)."""
    models = [EndModel(np.array(constants[way])[:-1], float(np.array(constants[way])[-1])) for way in WAYS]
    reach = [[model.reach_semitones(signs) for signs in song.signs] for model in models]
    at_least: Floats = np.maximum(np.array(reach), vocal_range.CLOSEST_SEMITONES)
    return at_least


def judge(song: Sung, constants: Constants) -> Figures:
    """Judge the ranges given for a song."""
    reach, missed = _reaches(song, constants), song.distances()
    ends = missed <= number(constants, "ENDS_WIDER") * reach
    inwards, outwards = number(constants, "SPAN_WIDER") * np.hypot(reach[:, 0], reach[:, 1])
    found, truth = float(np.diff(song.found)[0]), float(np.diff(song.truth)[0])
    low, high = max(found - inwards, 0.0), found + outwards
    missed_by = max(low - truth, truth - high, 0.0)
    return {
        "ends covered": float(ends.all(axis=0).mean()),
        "span covered": float(missed_by == 0),
        "width": high - low,
        "interval score": high - low + 20 * missed_by,
    }
