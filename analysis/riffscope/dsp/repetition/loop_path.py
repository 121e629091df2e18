"""Follow one loop through a song: the phase of each beat, or that it lies outside, and how well its passes agree.

Conventions
-----------
Phases are whole beats, 0 to period - 1; `OUTSIDE` marks beats in which the loop does not sound. Gains and costs are in
units of self-similarity beyond chance.

References
----------
Own: dynamic programming (Viterbi) over the phases and one state outside.
"""

from dataclasses import dataclass

import numpy as np

from riffscope.arrays import Float32s, Floats, Ints, Mask

# Passes of a loop are more similar than this: those of a faint riff under a loud voice .16, bars of music that loops
# nothing .04 on average, and the most similar of them this. Loops are found as well with .07 to .1.
CHANCE = 0.09

# Cost of entering a loop on a downbeat, and of leaving it there: what one bar of a faint riff gains. Chosen, not
# fitted.
ENTER = 0.6
# On any other beat it costs this many times as much. Chosen, not fitted.
OFF_DOWNBEAT = 1.5
# A jump within a loop costs this many times as much as entering it: half as much again as leaving and entering.
# Otherwise a loop of three bars would be found in one of four, by skipping the fourth.
JUMP = 3.0
# The phase of beats in which the loop does not sound.
OUTSIDE = -1


@dataclass(frozen=True, kw_only=True)
class LoopPath:
    """A loop as a path through the song.

    Attributes
    ----------
    period : int
    phases : int64 array, shape (n_beats,)
        Phase of each beat, `OUTSIDE` where the loop does not sound.
    stretches : int64 array, shape (k, 2)
        First and one-past-last beat of each stretch of successive phases.
    whole : int64 array, shape (j, 2)
        Those of them that hold a pass at least.
    own : float64 array, shape (n_beats,)
        Similarity of the beats of `whole` to the same phase of the other passes; 0 elsewhere.
    gain : float
        How much of the song it explains: coverage x (similarity - chance) x (1 - 1 / passes), 0..1.
    """

    period: int
    phases: Ints
    stretches: Ints
    whole: Ints
    own: Floats
    gain: float

    @property
    def inside(self) -> Mask:
        """Where it sounds, (n_beats,)."""
        inside: Mask = self.phases != OUTSIDE
        return inside

    @property
    def beats(self) -> Ints:
        """The beats of its stretches of one pass at least."""
        return np.concatenate([np.arange(start, end) for start, end in self.whole])

    @property
    def passes(self) -> float:
        """How often it is heard, in stretches of one pass at least."""
        return float((self.whole[:, 1] - self.whole[:, 0]).sum() / self.period)


def measure_path(similarity: Float32s, period: int, phases: Ints, beats_per_bar: int) -> LoopPath | None:
    """Measure a path; None where it is no loop: with less than two passes in stretches of one pass at least.

    Parameters
    ----------
    similarity : float32 array, shape (n_beats, n_beats)
    period : int
    phases : int64 array, shape (n_beats,)
    beats_per_bar : int
    """
    found = stretches(phases, period)
    # Of long passes, the first or the last bar may be cut.
    cut = beats_per_bar if period > 2 * beats_per_bar else 0
    whole = found[found[:, 1] - found[:, 0] >= period - cut]
    count = int((whole[:, 1] - whole[:, 0]).sum())
    if count < 2 * period - cut:
        return None
    beats = np.concatenate([np.arange(start, end) for start, end in whole])
    own = np.zeros(len(similarity))
    own[beats] = similarity_to_loop(similarity, phases, period)[beats, phases[beats]]
    gain = float((own[beats] - CHANCE).sum()) * max(1 - period / count, 0) / len(similarity)
    if gain <= 0:
        return None
    return LoopPath(period=period, phases=phases, stretches=found, whole=whole, own=own, gain=gain)


def similarity_to_loop(similarity: Float32s, phases: Ints, period: int) -> Float32s:
    """Return the mean similarity of each beat to the other beats at each phase of a loop: (n_beats, period).

    The similarity is symmetric. 0 where there is no other beat.
    """
    inside = np.flatnonzero(phases != OUTSIDE)
    by_phase = inside[np.argsort(phases[inside], kind="stable")]
    present, first = np.unique(phases[by_phase], return_index=True)
    total = np.zeros((period, len(similarity)), np.float32)
    if len(inside):
        total[present] = np.add.reduceat(similarity[by_phase], first, axis=0)
    others = np.repeat(np.bincount(phases[inside], minlength=period)[:, None], len(similarity), axis=1)
    total[phases[inside], inside] -= similarity[inside, inside]
    others[phases[inside], inside] -= 1
    mean: Float32s = (total / np.maximum(others, 1)).T.astype(np.float32)
    return mean


def best_paths(gains: Float32s, is_downbeat: Mask, periods: Ints) -> Ints:
    """Return the phase of each beat, `OUTSIDE` where the loop does not sound: (n_paths, n_beats).

    Parameters
    ----------
    gains : float32 array, shape (n_beats, n_paths, longest period)
        The gain of each beat at each phase, minus infinity at those that a path does not have; the paths are
        independent of each other.
    is_downbeat : bool array, shape (n_beats,)
    periods : int64 array, shape (n_paths,)

    Notes
    -----
    Dynamic programming over period + 1 states: successive phases cost nothing, all other transitions do.
    """
    count, paths, longest = gains.shape
    rows = np.arange(paths)
    inside = np.full((paths, longest), -np.inf, np.float32)
    followed = np.empty_like(inside)
    outside = np.zeros(paths, np.float32)
    followed_on = np.empty((count, paths, longest), bool)
    # The totals before each beat: outside, and of the best phase.
    outsides, tops = np.empty((2, count, paths), np.float32)
    bests = np.empty((count, paths), np.int64)
    costs = np.where(is_downbeat, ENTER, ENTER * OFF_DOWNBEAT)
    for beat, cost in enumerate(costs.tolist()):
        best = inside.argmax(axis=1, out=bests[beat])
        outsides[beat] = outside
        tops[beat] = top = inside[rows, best]
        elsewhere = np.maximum(outside - cost, top - JUMP * cost)[:, None]
        followed[:, 1:], followed[:, 0] = inside[:, :-1], inside[rows, periods - 1]
        np.greater_equal(followed, elsewhere, out=followed_on[beat])
        outside = np.maximum(outside, top - cost)
        np.maximum(followed, elsewhere, out=inside)
        inside += gains[beat]
    # The state before: the phase before, `OUTSIDE`, or the phase of a jump.
    to_enter, to_jump = (each.astype(np.float32)[:, None] for each in (costs, JUMP * costs))
    entered_from = np.where(outsides - to_enter >= tops - to_jump, OUTSIDE, bests)
    left_from = np.where(outsides >= tops - to_enter, OUTSIDE, bests)
    best = inside.argmax(axis=1)
    phase = np.where(outside >= inside[rows, best] - ENTER, OUTSIDE, best)
    phases = np.empty((count, paths), np.int64)
    for beat in range(count - 1, -1, -1):
        phases[beat] = phase
        before = np.where(followed_on[beat, rows, phase], (phase - 1) % periods, entered_from[beat])
        phase = np.where(phase == OUTSIDE, left_from[beat], before)
    return phases.T


def stretches(phases: Ints, period: int) -> Ints:
    """Return first and one-past-last beat of each stretch of successive phases: (n_beats,) -> (k, 2)."""
    inside = phases != OUTSIDE
    follows = np.zeros(len(phases), bool)
    follows[1:] = inside[1:] & inside[:-1] & (phases[1:] == (phases[:-1] + 1) % period)
    starts = np.flatnonzero(inside & ~follows)
    ends = np.flatnonzero(inside & ~np.append(follows[1:], False)) + 1
    found: Ints = np.stack([starts, ends], axis=1)
    return found
