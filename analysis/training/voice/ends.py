"""How far the ends of a singer's range are known (`riffscope.analyzers.vocal_range`).

Constants
    ``INNER_PERCENT`` and ``OUTER_PERCENT``: between which percentiles of sure singing the truth of an end lies, and
    ``MARGIN_SEMITONES`` either way.
Data
    Songs whose 2nd and 98th percentile of the sung pitch are known to the octave.
Method
    For each of some pairs of percentiles the margin is the conformal one: the least that holds nine in ten ends of the
    range, also for songs not seen. Of the pairs whose margin is at least 0, the one with the narrowest ranges is taken.
Prints
    ``ends covered`` and ``span covered``: how often the range of an end, and of the span, holds the truth, aimed at .9;
    ``width``: of the range of an end in semitones, the less the better.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from riffscope.analyzers import vocal_range
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.arrays import Floats, Ints
from riffscope.model import Separator, VocalSource
from training.common.constants import Constants, tried
from training.common.features import run
from training.common.fitting import CannotFit, conformal_margin
from training.common.report import Figures
from training.common.songs import Song, range_of

NAMES = ("INNER_PERCENT", "OUTER_PERCENT", "MARGIN_SEMITONES")
INNER, OUTER = (5.0, 10.0, 15.0, 20.0), (0.1, 0.5, 1.0)


@dataclass(frozen=True, kw_only=True)
class Sung:
    """What is sure of a song's singing.

    Attributes
    ----------
    f0_hz, certain : arrays, shape (n,)
        As in `VocalPitch`, every 10 ms.
    truth : float64 array, shape (2,)
        Lowest and highest, in MIDI numbers.
    """

    f0_hz: Floats
    certain: Ints
    truth: Floats


def read(song: Song, separator: Separator) -> Sung | None:
    """Gather the sung pitch of a song."""
    truth = range_of(song.item)
    if truth is None:
        return None
    pitch = run(song, [VocalPitch, VocalRange], separator=separator)
    pitch[VocalRange]  # where there is no range there is nothing to fit
    return Sung(f0_hz=pitch[VocalPitch].f0_hz, certain=pitch[VocalPitch].certain, truth=np.array(truth))


def found(song: Sung, constants: Constants) -> VocalRange:
    """Measure the range under some constants."""
    blank = np.zeros(song.f0_hz.size)
    pitch = VocalPitch(
        times_s=blank, f0_hz=song.f0_hz, voiced_probability=blank, certain=song.certain, method=VocalSource.MIX
    )
    with tried(vocal_range, constants):
        return vocal_range.measure_vocal_range(pitch)


def learn(songs: Sequence[Sung]) -> Constants:
    """Fit percentiles and margin."""
    best: dict[str, float] = {}
    least = np.inf
    for inner, outer in itertools.product(INNER, OUTER):
        bare = {"INNER_PERCENT": inner, "OUTER_PERCENT": outer, "MARGIN_SEMITONES": 0.0}
        ranges = [found(song, bare) for song in songs]
        ends = [(one.lowest_midi, one.highest_midi) for one in ranges]
        misses = [
            max(end.low - truth, truth - end.high)
            for both, song in zip(ends, songs, strict=True)
            for end, truth in zip(both, song.truth.tolist(), strict=True)
        ]
        margin = max(conformal_margin(np.array(misses)), 0.0)
        width = float(np.mean([end.high - end.low for both in ends for end in both])) + 2 * margin
        if width < least:
            best, least = bare | {"MARGIN_SEMITONES": round(margin, 3)}, width
    if not best:
        raise CannotFit("no song")
    return best


def judge(song: Sung, constants: Constants) -> Figures:
    """Judge the ranges given for a song."""
    measured = found(song, constants)
    low, high = song.truth.tolist()
    ends = ((measured.lowest_midi, low), (measured.highest_midi, high))
    return {
        "ends covered": float(np.mean([end.low <= truth <= end.high for end, truth in ends])),
        "span covered": float(measured.span_semitones.low <= high - low <= measured.span_semitones.high),
        "width": float(np.mean([end.high - end.low for end, _ in ends])),
    }
