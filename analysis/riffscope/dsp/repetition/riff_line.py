"""Decide on the notes of one pass of a riff: on which grid they lie, which sound, and how long.

Conventions
-----------
Frames are twelfths of a beat, notes count from C1 (MIDI 24), as in `riffscope.dsp.repetition.riff_image`. A line has
one note at a time; of a power chord it has the lowest.

References
----------
Own.
"""

from dataclasses import dataclass

import numpy as np

from riffscope.arrays import Float32s, Floats, Ints
from riffscope.dsp.repetition.riff_image import TICKS
from riffscope.dsp.tonality.notes import LOWEST_NOTE

# A note is told from this probability on. The F-measure of rendered songs held out is the same from .35 to .45.
MIN_PROBABILITY = 0.4
# What makes a probability of the network's log-odds: it is too sure of songs that it was not trained on, and the surer,
# the fewer the passes. Logistic regression on the notes that are told in a set held out from the training, by
# analysis/training/riff/notes.py.
SURE_SLOPE = 0.57
SURE_PER_DOUBLING = 0.13
SURE_BASE = -0.15
# The bass counts half as much as the line where the grid is chosen: it often repeats one note in eighths.
BASS_SHARE = 0.5
# Thirds of the beat take the place of sixteenths where this many times as much begins on them, and one note more: a
# riff in eighths lies on either grid. Chosen, not fitted.
CLEARLY, ONE_NOTE = 1.25, 0.5
# A note has ended where its strength has fallen below this share of what it was. Chosen, not fitted.
ENDED_SHARE = 0.2
# A pause shorter than this part of a beat is articulation and no rest. Chosen, not fitted.
LEGATO_BEATS = 0.3


@dataclass(frozen=True, kw_only=True)
class LineNote:
    """A note of a line: frame in which it begins, length in frames, MIDI number, probability."""

    start: int
    ticks: int
    midi: int
    probability: float


def sureness(log_odds: Floats, passes: int) -> Floats:
    """Return the probability of notes, given the network's log-odds and how many passes it saw; same shape."""
    probability: Floats = 1 / (1 + np.exp(-(SURE_SLOPE * log_odds + SURE_PER_DOUBLING * np.log2(passes) + SURE_BASE)))
    return probability


def choose_step(probability: Floats, *, is_compound: bool) -> int:
    """Return the step of the grid in frames: 3 for sixteenths; 2 for thirds and sixths of the beat.

    Parameters
    ----------
    probability : float64 array, shape (n_frames, 65, 2)
        That the line, or the bass, begins a note; the first frame is a beat.
    is_compound : bool
        The meter itself divides beats into three.
    """
    if is_compound:
        return 2
    begins = np.maximum(probability - MIN_PROBABILITY, 0).max(axis=1) @ [1.0, BASS_SHARE]
    within = begins.reshape(-1, TICKS).sum(axis=0)
    return 2 if within[[4, 8]].sum() > CLEARLY * within[[3, 9]].sum() + ONE_NOTE else 3


def read_line(probability: Floats, strength: Float32s, *, step: int) -> list[LineNote]:
    """Return the notes of a line in order, one at a time.

    Parameters
    ----------
    probability : float64 array, shape (n_frames, 65)
        That the line begins a note.
    strength : float32 array, shape (n_frames, 84)
        Of each note in each frame.
    step : int
        Frames from one place of the grid to the next.
    """
    places = np.arange(0, len(probability), step)
    best = probability[places].argmax(axis=1)
    likely = probability[places, best]
    kept = likely >= MIN_PROBABILITY
    starts, notes = places[kept], best[kept]
    ends = np.append(starts, len(probability))[1:]
    return [
        LineNote(
            start=int(start),
            ticks=_length(strength[start:end, note], int(start), step),
            midi=LOWEST_NOTE + int(note),
            probability=float(chance),
        )
        for start, end, note, chance in zip(starts, ends, notes, likely[kept], strict=True)
    ]


def _length(strength: Floats | Float32s, start: int, step: int) -> int:
    """Return how long a note lasts, given its strength until the next note begins.

    A short note ends on its grid, a longer one on an eighth or, where beats divide into three, on a beat: ends are less
    certain than beginnings, and nobody writes them finer.
    """
    whole = len(strength)
    loudest = int(strength[: TICKS // 2].argmax())
    faded = np.flatnonzero(strength[loudest:] < ENDED_SHARE * strength[loudest])
    if not faded.size:
        return whole
    ticks = loudest + int(faded[0])
    coarse = TICKS // 2 if step == 3 else TICKS
    unit = coarse if ticks >= coarse else step
    end = max(unit * round((start + ticks) / unit), start + step)
    return whole if whole - (end - start) < LEGATO_BEATS * TICKS else end - start


def spread(starts: Ints, count: int) -> Ints:
    """Choose so many of some starts, from the first to the last and evenly between; all where there are no more."""
    if len(starts) <= count:
        return starts
    return starts[np.round(np.linspace(0, len(starts) - 1, count)).astype(np.int64)]
