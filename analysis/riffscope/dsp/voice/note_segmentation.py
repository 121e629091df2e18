"""Note segmentation: a sung pitch contour cut into notes, with their vibrato; what slides lies between them.

Conventions: contours are pitches in semitones (A4 = 69) at a constant step, 10 ms by default, NaN where nobody sings;
times in seconds from the contour's first frame. Source: own, by dynamic programming over piecewise constant contours.
"""

import itertools
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from riffscope.arrays import Floats
from riffscope.dsp.runs import fill_gaps, runs

# A contour is cut into two notes where that brings it nearer to them by this many semitones x frames of 10 ms. A change
# of one semitone becomes a note of its own when it is held for 50 ms, one there and back when it is held for 100 ms.
# Half a wave of vibrato, a semitone wide and 90 ms long, saves less than two cuts cost. On three songs with charted
# notes 4 to 6 find the most.
CUT_COST = 5.0
# A frame farther than this from its note costs no more: an overtone or another instrument for a moment. Chosen by hand.
MAX_SEMITONES = 2.0
# A frame counts for less where the pitch slides faster than this, both at the moment and over a wave of vibrato:
# vibrato is fast at the moment only, and in a quick run of notes the pitch stands still at moments. Chosen by hand, not
# fitted.
SLIDE_SEMITONES_PER_S = 6.0
# How steeply the weight falls around that speed. Chosen by hand, not fitted.
SLIDE_EXPONENT = 4
# The moment over which a slope is taken: four frames.
MOMENT_S = 0.04
# One wave of vibrato, which singers make 5 to 6 times a second.
WAVE_S = 0.18
# Voice and tracking fail for so long within a syllable; a consonant between two takes longer.
BRIDGED_S = 0.02
# What is shorter is no note: a click, a scoop, the end of a breath.
MIN_NOTE_S = 0.06


class SungNote(NamedTuple):
    """A note of a contour.

    Attributes
    ----------
    start_s, end_s : float
    midi : int
        The note that it is, A4 = 69, where A4 is tuned as the song is.
    pitch_midi : float
        What was sung, where A4 = 440 Hz: the median of its frames.
    """

    start_s: float
    end_s: float
    midi: int
    pitch_midi: float


def sung_notes(midi: Floats, *, step_s: float = 0.01, tuning_semitones: float = 0.0) -> list[SungNote]:
    """Cut a contour into notes.

    The notes are those from which the contour strays least, where each further note has a cost. They are found for a
    whole phrase at once, by dynamic programming.

    Parameters
    ----------
    midi : array, shape (n,)
        Pitch in semitones, NaN where nobody sings.
    step_s : float
        Time from frame to frame.
    tuning_semitones : float
        How far the song's notes lie above those of A4 = 440 Hz.

    Returns
    -------
    list of SungNote
        In order, without overlap; none shorter than 60 ms.
    """
    sung = np.isfinite(midi)
    if not sung.any():
        return []
    bridged = fill_gaps(sung, round(BRIDGED_S / step_s))
    frames = np.arange(midi.size)
    contour = np.interp(frames, frames[sung], midi[sung]) - tuning_semitones
    notes = []
    for first, last in runs(bridged).tolist():
        phrase = contour[first:last]
        for start, end, note in _steps(phrase, _weights(phrase, step_s), CUT_COST * 0.01 / step_s):
            if (end - start) * step_s >= MIN_NOTE_S - 1e-9:
                pitch_midi = round(float(np.median(phrase[start:end])) + tuning_semitones, 3)
                start_s, end_s = (round((first + frame) * step_s, 3) for frame in (start, end))
                notes.append(SungNote(start_s, end_s, note, pitch_midi))
    return notes


def _weights(contour: Floats, step_s: float) -> Floats:
    """Return how much each frame counts, 0..1: little where the pitch slides; (n,) -> (n,)."""
    moment, wave = (_speed(contour, window_s, step_s) for window_s in (MOMENT_S, WAVE_S))
    sliding = np.where(moment * wave > 0, np.minimum(np.abs(moment), np.abs(wave)), 0.0)
    weights: Floats = 1 / (1 + (sliding / SLIDE_SEMITONES_PER_S) ** SLIDE_EXPONENT)
    return weights


def _speed(contour: Floats, window_s: float, step_s: float) -> Floats:
    """Return the slope of the contour, smoothed over a window, in semitones a second: (n,) -> (n,)."""
    smooth = ndimage.uniform_filter1d(contour, max(1, round(window_s / step_s)), mode="nearest")
    if smooth.size < 2:
        return np.zeros_like(smooth)
    slope: Floats = np.gradient(smooth, step_s)
    return slope


def _steps(contour: Floats, weights: Floats, cut_cost: float) -> list[tuple[int, int, int]]:
    """Fit a row of constant whole semitones to a contour (n,): first frame, one past the last, and the semitone."""
    lowest, highest = int(np.floor(contour.min())), int(np.ceil(contour.max()))
    semitones = np.arange(lowest, highest + 1)
    strays = np.minimum(np.abs(contour[:, None] - semitones), MAX_SEMITONES) * weights[:, None]
    costs = np.empty_like(strays)
    costs[0] = strays[0]
    for before, stray, cost in zip(costs, strays[1:], costs[1:], strict=False):
        np.minimum(before, np.minimum.reduce(before) + cut_cost, out=cost)
        np.add(cost, stray, out=cost)
    best = costs.argmin(axis=1)
    cut = costs[np.arange(len(costs)), best][:, None] + cut_cost < costs
    path = np.empty(len(strays), np.int64)
    end, note = len(path), int(best[-1])
    while True:
        cuts = np.flatnonzero(cut[: end - 1, note])
        start = int(cuts[-1]) + 1 if cuts.size else 0
        path[start:end] = note
        if start == 0:
            break
        end, note = start, int(best[start - 1])
    edges = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]
    return [(start, end, lowest + int(path[start])) for start, end in itertools.pairwise(edges)]
