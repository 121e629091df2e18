"""Cut a row of beats where the tempo steps from one value to another.

Conventions
-----------
Times are seconds; stretches are (n, 2) indexes into the beats, from the first to the last, which two stretches share.

References
----------
Own. That players drift and composers step is why a change is asked to be done within two beats.
"""

import numpy as np

from riffscope.arrays import Floats, Ints

# Two bars of four: the tempo on either side of a change is measured over so many beats.
SPAN_BEATS = 8
# This far on either side the change is done: a ritardando takes longer.
WITHIN_BEATS = 1
# Tempi differ by this ratio at least: players who mean to keep one stay within 3 %.
MIN_STEP = 0.04
# Farther from the change the tempi differ hardly more than next to it: in an accelerando they would differ 2.6 times
# as much.
MAX_FARTHER = 1.6
# The tempo within a first or last phrase changes by no more than this share of the step.
STEADY_SHARE = 0.3
# A stretch has so many beats at least: one phrase. With fewer, a slip of the beats would be a tempo.
MIN_STRETCH_BEATS = 12


def steady_stretches(times_s: Floats) -> Ints:
    """Return the stretches of one tempo, which may drift: (n_stretches, 2).

    Parameters
    ----------
    times_s : float64 array, shape (n,)
        The beats, without a gap; n >= 2.
    """
    cuts: list[int] = []
    steps = _steps(times_s)
    while steps.size and steps.max() > 0:
        cut = int(steps.argmax())
        cuts.append(cut)
        steps[max(0, cut - MIN_STRETCH_BEATS + 1) : cut + MIN_STRETCH_BEATS] = 0
    edges: Ints = np.array([0, *sorted(cuts), len(times_s) - 1], np.int64)
    return np.stack([edges[:-1], edges[1:]], axis=1)


def _steps(times_s: Floats) -> Floats:
    """Return by how much the tempo steps at each beat, as a log ratio; 0 where it does not: (n,)."""
    count = len(times_s)
    out = np.zeros(count)
    for beat in range(MIN_STRETCH_BEATS, count - MIN_STRETCH_BEATS):
        near_before, far_before = beat - WITHIN_BEATS, max(0, beat - WITHIN_BEATS - SPAN_BEATS)
        near_after, far_after = beat + WITHIN_BEATS, min(count - 1, beat + WITHIN_BEATS + SPAN_BEATS)
        near = _log_ratio(times_s, (far_before, near_before), (near_after, far_after))
        if abs(near) < np.log1p(MIN_STEP):
            continue
        farther_before, farther_after = max(0, far_before - SPAN_BEATS), min(count - 1, far_after + SPAN_BEATS)
        if far_before - farther_before < SPAN_BEATS // 2 or farther_after - far_after < SPAN_BEATS // 2:
            # The first or the last phrase of the song, and no ritardando: it has one tempo.
            short = (0, near_before) if beat <= count // 2 else (near_after, count - 1)
            middle = sum(short) // 2
            if abs(_log_ratio(times_s, (short[0], middle), (middle, short[1]))) < STEADY_SHARE * abs(near):
                out[beat] = abs(near)
            continue
        far = _log_ratio(times_s, (farther_before, far_before), (far_after, farther_after))
        if abs(near) / MAX_FARTHER < far * np.sign(near) < MAX_FARTHER * abs(near):
            out[beat] = abs(near)
    return out


def _log_ratio(times_s: Floats, before: tuple[int, int], after: tuple[int, int]) -> float:
    """Return the log of the ratio of the mean beat lengths between two pairs of beats."""
    (a, b), (c, d) = before, after
    return float(np.log((times_s[d] - times_s[c]) / (d - c)) - np.log((times_s[b] - times_s[a]) / (b - a)))
