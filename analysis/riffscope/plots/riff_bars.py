"""The bars of a riff as figures lay them out, from the kept analysis: their edges, and the pass that each is in."""

import math

import numpy as np

from riffscope.analyzers.loops import Loops, RiffPass
from riffscope.arrays import Floats, Ints, Mask
from riffscope.errors import Absence, NotMeasured

# Colours reach to the most similar bar, rounded up to such a step.
STEP_FRACTION = 0.1
# The end of the last beat often leaves a sliver of a pass, which would be drawn as a spike.
MIN_PASS_BARS = 0.5


def bar_edges_s(loops: Loops, duration_s: float) -> Floats:
    """Return where bars begin and the last ends, at the latest with the song: (n_bars + 1,)."""
    if not loops.bar_starts_s.size:
        raise NotMeasured("loops", Absence.EMPTY, "they hold no bars")
    edges_s = loops.bar_edges_s
    edges_s[-1] = min(edges_s[-1], duration_s) if loops.bar_starts_s.size > 1 else duration_s
    return edges_s


def sounding_bars(loops: Loops, edges_s: Floats) -> Mask:
    """Tell in which bars the riff sounds, by their middles: (n_bars,)."""
    middles_s = (edges_s[1:] + edges_s[:-1]) / 2
    inside = [(middles_s >= span.start_s) & (middles_s < span.end_s) for span in loops.spans]
    sounding: Mask = np.any(inside, axis=0) if inside else np.zeros(middles_s.size, bool)
    return sounding


def pass_numbers(loops: Loops) -> Ints:
    """Number the passes that bars belong to, from 0; one begins wherever the phases start anew: (n_bars,)."""
    anew = np.diff(loops.bar_phase_index) <= 0
    return np.concatenate([[0], np.cumsum(anew)]).astype(np.int64)


def sounding_passes(loops: Loops) -> tuple[RiffPass, ...]:
    """Return the passes of the riff, whole or in part, that sound for at least half a bar: shorter ones are slivers."""
    if not loops.bar_starts_s.size:
        raise NotMeasured("loops", Absence.EMPTY, "they hold no bars")
    min_s = MIN_PASS_BARS * loops.period_s / max(loops.period_bars, 1)
    return tuple(one for one in loops.riff_passes if one.end_s - one.start_s >= min_s)


def max_similarity(loops: Loops) -> float:
    """Return the similarity that is drawn darkest: that of the most similar bar, rounded up to ten percent."""
    return max(STEP_FRACTION, STEP_FRACTION * math.ceil(float(loops.bar_similarity.max()) / STEP_FRACTION - 1e-6))
