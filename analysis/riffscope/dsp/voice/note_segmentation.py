"""From a sung pitch contour to notes: what holds is a note, vibrato belongs to it, what slides lies between."""

import itertools
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from riffscope.arrays import Floats
from riffscope.dsp.runs import fill_gaps, runs

# A contour is cut into notes where that explains it better, by this many semitones x frames of 10 ms: a step of one
# semitone is a step when it is held for 50 ms, one there and back when it is held for 100 ms. Half a wave of vibrato, a
# semitone wide and 90 ms long, saves less than two cuts cost. On three songs with charted notes 4 to 6 find the most.
CUT_COST = 5.0
# Farther than this from the note is no worse: an overtone or another instrument for a moment.
MAX_SEMITONES = 2.0
# Where the pitch slides faster than this, both at the moment and over a wave of vibrato, it counts for less: vibrato is
# fast at the moment only, and in a quick run of notes the pitch stands still at moments.
SLIDE_SEMITONES_PER_S = 6.0
MOMENT_S, WAVE_S = 0.04, 0.18
# Voice and tracking fail for so long within a syllable; a consonant between two takes longer.
BRIDGED_S = 0.02
# Less is no note: a click, a scoop, the end of a breath.
MIN_NOTE_S = 0.06


class SungNote(NamedTuple):
    """A note of a contour.

    Attributes
    ----------
    start_s, end_s : float
    midi : int
        The note that it is, A4 = 69, where A4 is tuned as the song is.
    pitch_midi : float
        What was sung, above A4 = 440 Hz: the middle of its frames.
    """

    start_s: float
    end_s: float
    midi: int
    pitch_midi: float


def sung_notes(midi: Floats, *, step_s: float = 0.01, tuning_semitones: float = 0.0) -> list[SungNote]:
    """Divide a contour into notes.

    The notes are those from which the contour strays least, when each costs something: found for all of a phrase at
    once, by dynamic programming.

    Parameters
    ----------
    midi : array, shape (n,)
        Pitch in semitones, NaN where no one sings.
    step_s : float
        From frame to frame.
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
    """Say how much each frame tells of the note, 0..1: little where the pitch slides."""
    moment, wave = (_speed(contour, window_s, step_s) for window_s in (MOMENT_S, WAVE_S))
    sliding = np.where(moment * wave > 0, np.minimum(np.abs(moment), np.abs(wave)), 0.0)
    weights: Floats = 1 / (1 + (sliding / SLIDE_SEMITONES_PER_S) ** 4)
    return weights


def _speed(contour: Floats, window_s: float, step_s: float) -> Floats:
    """Slope of the contour, smoothed over a window, in semitones a second: (n,) -> (n,)."""
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
    came_from = np.empty(strays.shape, np.int64)
    cost = strays[0]
    stay = np.arange(semitones.size)
    for i in range(1, len(strays)):
        best = int(cost.argmin())
        cut = cost[best] + cut_cost < cost
        came_from[i] = np.where(cut, best, stay)
        cost = np.where(cut, cost[best] + cut_cost, cost) + strays[i]
    path = np.empty(len(strays), np.int64)
    path[-1] = cost.argmin()
    for i in range(len(strays) - 1, 0, -1):
        path[i - 1] = came_from[i, path[i]]
    edges = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]
    return [(start, end, lowest + int(path[start])) for start, end in itertools.pairwise(edges)]
