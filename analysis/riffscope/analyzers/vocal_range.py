"""Vocal range: the span of notes a singer actually holds, and the tessitura, where the voice spends its time.

Conventions: pitches in MIDI semitones, A4 = 69, where A4 = 440 Hz; percentiles are of sung time. Source: percentiles of
time are common in studies of tessitura; which ones, and the ranges of the ends, are our own.
"""

import itertools
from collections.abc import Mapping
from typing import Annotated

import numpy as np

from riffscope.analyzers.vocal_pitch import STEP_S, VocalPitch
from riffscope.arrays import Floats
from riffscope.dsp.voice.singing import held_stretches
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Estimate, Span, VocalSource, value
from riffscope.notes import Spelling
from riffscope.steps import analyzer
from riffscope.units import FRACTION, MIDI, NOTE, SECONDS, SEMITONES

# Less certain singing than this gives no range. Chosen by hand, not fitted.
MIN_SUNG_S = 1.0
# A melody's notes hang together. Notes a fourth or more away from all others ...
DETACHED_SEMITONES = 5.0
# ... in less than a fifth of the sung time are another instrument, a bass below or a lead above, until shown otherwise:
# left out of the value, kept in its range. Both chosen by hand, not fitted.
DETACHED_SHARE = 0.2
# The truth about an end lies between the edge of the middle 80 % of sung time ...
INNER_PERCENT = 10.0
# ... and the last half per cent ...
OUTER_PERCENT = 0.5
# ... with a semitone more either way: so nine times in ten on 162 songs and mixes with known voices.
MARGIN_SEMITONES = 1.0
# A note is held while the pitch stays this close to its centre.
HELD_SEMITONES = 0.5
# And it is sustained, so that one can listen to it, when it is held for this long. Chosen by hand, not fitted.
SUSTAINED_S = 0.1
# A melodic move of up to a whole tone is a step, a wider one a leap.
STEP_SEMITONES = 2
# With fewer moves the share of steps means little. Chosen by hand, not fitted.
MIN_MOVES = 8


@value
class SustainedNote(Span):
    """A note held for at least 100 ms: where to listen."""

    note: Annotated[str, NOTE]
    midi: Annotated[float, MIDI]


@value
class SungPitch:
    """How long one semitone was sung."""

    midi: Annotated[int, MIDI]
    seconds: Annotated[float, SECONDS]


@value
class VocalRange:
    """Lowest and highest sung notes, the distance between them, and where the voice spends its time.

    Attributes
    ----------
    lowest_midi, highest_midi : Estimate
        2nd and 98th percentile of sung time, so that one slipped frame does not stretch the range.
    lowest_note, highest_note : str
        The nearest notes to these two. Notes are named with sharps here, and as the key has them in an analysis.
    lowest_sustained, highest_sustained : SustainedNote or None
        The extreme notes held for at least 100 ms; None where no note is held.
    tessitura_low_midi, tessitura_high_midi : float
        10th and 90th percentile: the middle 80 % of sung time.
    stepwise_fraction : float or None
        Share of melodic moves of at most 2 semitones; None where there are too few moves to say.
    histogram : tuple of SungPitch
        Sung seconds by semitone, without gaps from lowest to highest.
    method : VocalSource
        What was listened to.
    """

    lowest_midi: Annotated[Estimate, MIDI]
    highest_midi: Annotated[Estimate, MIDI]
    span_semitones: Annotated[Estimate, SEMITONES]
    lowest_note: Annotated[str, NOTE, "lowest note"]
    highest_note: Annotated[str, NOTE, "highest note"]
    lowest_sustained: SustainedNote | None
    highest_sustained: SustainedNote | None
    tessitura_low_midi: Annotated[float, MIDI, "tessitura, low end"]
    tessitura_high_midi: Annotated[float, MIDI, "tessitura, high end"]
    tessitura_semitones: Annotated[float, SEMITONES, "tessitura (middle 80%)"]
    iqr_semitones: Annotated[float, SEMITONES, "middle 50%"]
    median_midi: Annotated[float, MIDI]
    stepwise_fraction: Annotated[float, FRACTION] | None
    sung_s: Annotated[float, SECONDS]
    histogram: tuple[SungPitch, ...]
    method: VocalSource

    @property
    def where(self) -> Mapping[str, tuple[Span, ...]]:
        """Where to listen for the extremes."""
        low, high = (
            () if end is None else (Span(start_s=end.start_s, end_s=end.end_s),)
            for end in (self.lowest_sustained, self.highest_sustained)
        )
        return {"span_semitones": (*low, *high), "lowest_midi": low, "highest_midi": high}

    @property
    def summary(self) -> str:
        """The result in one line."""
        span = self.span_semitones
        return (
            f"{self.lowest_note} to {self.highest_note}: {SEMITONES.format(span.value)} "
            f"({SEMITONES.number(span.low)} to {SEMITONES.number(span.high)}); "
            f"the middle 80% within {SEMITONES.format(self.tessitura_semitones)}"
        )


@analyzer(version=4)
def measure_vocal_range(pitch: VocalPitch) -> VocalRange:
    """Measure the sung range from the certain frames of the pitch contour.

    Raises
    ------
    CannotMeasure
        Less than a second of it is certain.
    """
    midi = pitch.midi
    certain = (pitch.certain == 1) & pitch.sung
    if certain.sum() * STEP_S < MIN_SUNG_S:
        raise CannotMeasure(
            Absence.TOO_LITTLE, f"{certain.sum() * STEP_S:.1f} s of sure singing is too little for a range"
        )
    everything = np.sort(midi[certain])
    melody = leave_out_detached(everything)
    p2, p10, p25, p50, p75, p90, p98 = (float(p) for p in np.percentile(melody, [2, 10, 25, 50, 75, 90, 98]))
    inner_low, inner_high = np.percentile(melody, [INNER_PERCENT, 100 - INNER_PERCENT])
    outer_low, outer_high = np.percentile(everything, [OUTER_PERCENT, 100 - OUTER_PERCENT])
    in_melody = (midi >= melody[0] - HELD_SEMITONES) & (midi <= melody[-1] + HELD_SEMITONES)
    # Extremes must be certain throughout; for the moves from note to note the whole sung line counts.
    extremes = held_notes(np.where(certain & in_melody, midi, np.nan))
    line = held_notes(np.where(in_melody, midi, np.nan))
    return VocalRange(
        lowest_midi=_estimate(p2, outer_low - MARGIN_SEMITONES, inner_low + MARGIN_SEMITONES),
        highest_midi=_estimate(p98, inner_high - MARGIN_SEMITONES, outer_high + MARGIN_SEMITONES),
        span_semitones=_estimate(
            p98 - p2,
            max(0.0, inner_high - inner_low - MARGIN_SEMITONES),
            outer_high - outer_low + MARGIN_SEMITONES,
        ),
        lowest_note=Spelling.SHARPS.note(p2),
        highest_note=Spelling.SHARPS.note(p98),
        lowest_sustained=min(extremes, key=lambda note: note.midi, default=None),
        highest_sustained=max(extremes, key=lambda note: note.midi, default=None),
        tessitura_low_midi=p10,
        tessitura_high_midi=p90,
        tessitura_semitones=p90 - p10,
        iqr_semitones=p75 - p25,
        median_midi=p50,
        stepwise_fraction=stepwise_fraction(line),
        sung_s=float(pitch.sung.sum() * STEP_S),
        histogram=_histogram(melody),
        method=pitch.method,
    )


def leave_out_detached(midi: Floats) -> Floats:
    """Cut off groups of notes at both ends that are detached from the melody: sorted pitches (n,) -> (m,)."""
    first, last = 0, midi.size
    for gap in np.flatnonzero(np.diff(midi) >= DETACHED_SEMITONES) + 1:
        if gap < DETACHED_SHARE * midi.size:
            first = max(first, int(gap))
        elif midi.size - gap < DETACHED_SHARE * midi.size:
            last = min(last, int(gap))
    return midi[first:last]


def held_notes(midi: Floats) -> list[SustainedNote]:
    """Split a contour (n,), NaN where unsung, into notes held for at least 100 ms within a semitone from end to end."""
    notes = []
    for start, end in held_stretches(midi, within_semitones=2 * HELD_SEMITONES).tolist():
        if (end - start) * STEP_S >= SUSTAINED_S:
            middle = float(np.median(midi[start:end]))
            notes.append(
                SustainedNote(
                    start_s=round(start * STEP_S, 3),
                    end_s=round(end * STEP_S, 3),
                    note=Spelling.SHARPS.note(middle),
                    midi=middle,
                )
            )
    return notes


def stepwise_fraction(notes: list[SustainedNote]) -> float | None:
    """Share of moves from one held note to another within 2 semitones; repeated notes are no moves."""
    moves = [abs(round(b.midi) - round(a.midi)) for a, b in itertools.pairwise(notes)]
    moves = [move for move in moves if move > 0]
    return sum(move <= STEP_SEMITONES for move in moves) / len(moves) if len(moves) >= MIN_MOVES else None


def _histogram(midi: Floats) -> tuple[SungPitch, ...]:
    """Count the sung time on each semitone: pitches (n,), one each 10 ms."""
    nearest = np.rint(midi).astype(int)
    counts = np.bincount(nearest - nearest.min())
    lowest = int(nearest.min())
    return tuple(SungPitch(midi=lowest + i, seconds=round(float(n * STEP_S), 3)) for i, n in enumerate(counts))


def _estimate(middle: float, low: float, high: float) -> Estimate:
    return Estimate(value=middle, low=min(low, middle), high=max(high, middle))
