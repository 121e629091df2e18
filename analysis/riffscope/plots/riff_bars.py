"""The bars of a riff as figures lay them out, from the kept analysis: their edges, and the repeat that each is in."""

import math
from dataclasses import dataclass

import numpy as np

from riffscope.analyzers.loops import Loops
from riffscope.arrays import Floats, Ints, Mask
from riffscope.errors import Absence, NotMeasured

# Colours reach to the most similar bar, rounded up to such a step.
STEP_FRACTION = 0.1


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """One repeat of the riff, whole or in part.

    Attributes
    ----------
    start_s, end_s : float
        From the first to the end of the last of its bars in which the riff sounds.
    similarity : float
        Mean similarity of these bars to the riff, 0..1.
    """

    start_s: float
    end_s: float
    similarity: float


def bar_edges_s(loops: Loops, duration_s: float) -> Floats:
    """Return where bars begin and the last ends, which is taken to be as long as the one before: (n_bars + 1,)."""
    starts_s = loops.bar_starts_s
    if not starts_s.size:
        raise NotMeasured("loops", Absence.EMPTY, "they hold no bars")
    last_s = 2 * starts_s[-1] - starts_s[-2] if starts_s.size > 1 else duration_s
    return np.append(starts_s, min(last_s, duration_s))


def sounding_bars(loops: Loops, edges_s: Floats) -> Mask:
    """Tell in which bars the riff sounds, by their middles: (n_bars,)."""
    middles_s = (edges_s[1:] + edges_s[:-1]) / 2
    inside = [(middles_s >= span.start_s) & (middles_s < span.end_s) for span in loops.spans]
    sounding: Mask = np.any(inside, axis=0) if inside else np.zeros(middles_s.size, bool)
    return sounding


def repeat_numbers(loops: Loops) -> Ints:
    """Number the repeats that bars belong to, from 0; one begins wherever the places start anew: (n_bars,)."""
    anew = np.diff(loops.bar_place_index) <= 0
    return np.concatenate([[0], np.cumsum(anew)]).astype(np.int64)


def repeats(loops: Loops, duration_s: float) -> list[Repeat]:
    """Return the repeats of the riff that sound, whole or in part, from the kept bars."""
    edges_s = bar_edges_s(loops, duration_s)
    sounding, numbers = sounding_bars(loops, edges_s), repeat_numbers(loops)
    out = []
    for number in np.unique(numbers[sounding]):
        bars = np.flatnonzero(sounding & (numbers == number))
        similarity = float(loops.bar_similarity[bars].mean())
        out.append(Repeat(start_s=float(edges_s[bars[0]]), end_s=float(edges_s[bars[-1] + 1]), similarity=similarity))
    return out


def max_similarity(loops: Loops) -> float:
    """Return the similarity that is drawn darkest: that of the most similar bar, rounded up to ten percent."""
    return max(STEP_FRACTION, STEP_FRACTION * math.ceil(float(loops.bar_similarity.max()) / STEP_FRACTION - 1e-6))
