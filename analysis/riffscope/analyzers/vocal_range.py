"""Vocal range: the span of notes a singer actually holds, and the tessitura, where the voice spends its time.

Conventions: pitches in MIDI semitones, A4 = 69, where A4 = 440 Hz; percentiles are of sung time. Source: percentiles of
time are common in studies of tessitura; which ones, and the ranges of the ends (`riffscope.dsp.voice.range_ends`), are
our own.
"""

import itertools
import math
from collections.abc import Mapping
from typing import Annotated

import numpy as np

from riffscope.analyzers.vocal_pitch import STEP_S, VocalPitch
from riffscope.arrays import Floats, Mask
from riffscope.dsp.pitch import hz_to_midi
from riffscope.dsp.voice.range_ends import END_PERCENT, EndModel, end_signs
from riffscope.dsp.voice.singing import held_stretches
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Estimate, Span, VocalSource, value
from riffscope.notes import Spelling, music_type
from riffscope.steps import analyzer
from riffscope.units import FRACTION, MIDI, NOTE, SECONDS, SEMITONES, Said

# Less certain singing than this gives no range. Chosen by hand, not fitted.
MIN_SUNG_S = 1.0
# A melody's notes hang together. Notes a fourth or more away from all others ...
DETACHED_SEMITONES = 5.0
# ... in less than a fifth of the sung time are another instrument, a bass below or a lead above, until shown otherwise:
# left out of the value ...
DETACHED_SHARE = 0.2
# ... unless they lie within an octave of the rest, and are surer to be sung than it by so much. Of the groups that
# would move an end of 221 songs, 3 of the 5 that were the singer's are kept so, and none of 17 others. All four chosen
# by hand, not fitted.
NEAR_SEMITONES, SURER_BY = 12.0, 0.01
# How far inwards, and how far outwards, the truth about an end may lie, nine times in ten ...
INWARDS = EndModel(np.array([0.1577, 0.1198, 0.1537, 0.6289, 1.0787, 0.055, -1.1821, 0.2915, -0.205]), -1.8318)
OUTWARDS = EndModel(np.array([-0.0044, 0.2636, 0.1585, 0.0546, 0.0496, 0.048, 7.8103, 2.6288, 7.112]), -3.9049)
# ... and how much wider they are made for the ranges of both ends, and of the span, to hold nine truths in ten of songs
# not seen. On 221 mixes and recordings, held back in turn, both hold .90, with an interval score of 11.5: 8.4 without
# the three songs in which another voice or a bass was followed more than an octave away.
ENDS_WIDER, SPAN_WIDER = 1.307, 1.796
# No end is known more closely, in semitones: vibrato and scoops blur it.
CLOSEST_SEMITONES = 0.15
# An end this near to the end of what is looked for may be only where the looking ends ...
NEAR_LIMIT_SEMITONES = 1.0
# ... and its range goes on for an octave there.
BEYOND_LIMIT_SEMITONES = 12.0
# A note is held while the pitch stays this close to its centre.
HELD_SEMITONES = 0.5
# And it is sustained, so that one can listen to it, when it is held for this long. Chosen by hand, not fitted.
SUSTAINED_S = 0.1
# A melodic move of up to a whole tone is a step, a wider one a leap.
STEP_SEMITONES = 2
# With fewer moves the share of steps means little. Chosen by hand, not fitted.
MIN_MOVES = 8
# Some moves are misread, and others missed: so much of their share for a doubt of 1 about what is certainly sung, and
# one move more. So the range holds nine in ten of 162 songs whose moves are known: .05 to .1 wide either way where the
# voice is clear, .25 where it is not.
MISREAD_PER_DOUBT = 0.9


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
    stepwise_fraction : Estimate or None
        Share of melodic moves of at most 2 semitones; None where there are too few moves to say.
    histogram : tuple of SungPitch
        Sung seconds by semitone, without gaps from lowest to highest.
    method : VocalSource
        What was listened to.
    """

    lowest_midi: Annotated[
        Estimate,
        MIDI,
        "low end",
        Said(one="The low end of the vocal range is {}", subject="the low end of the vocal range"),
    ]
    highest_midi: Annotated[
        Estimate,
        MIDI,
        "high end",
        Said(one="The high end of the vocal range is {}", subject="the high end of the vocal range"),
    ]
    span_semitones: Annotated[
        Estimate, SEMITONES, Said(one="The voice spans {}", subject="the vocal range", more="wider", less="narrower")
    ]
    lowest_note: Annotated[str, NOTE, "lowest note"]
    highest_note: Annotated[str, NOTE, "highest note"]
    lowest_sustained: SustainedNote | None
    highest_sustained: SustainedNote | None
    tessitura_low_midi: Annotated[
        float,
        MIDI,
        "tessitura, low end",
        Said(one="The low end of the tessitura is {}", subject="the low end of the tessitura"),
    ]
    tessitura_high_midi: Annotated[
        float,
        MIDI,
        "tessitura, high end",
        Said(one="The high end of the tessitura is {}", subject="the high end of the tessitura"),
    ]
    tessitura_semitones: Annotated[
        float,
        SEMITONES,
        "tessitura (middle 80%)",
        Said(one="The middle 80% of the singing spans {}", subject="the tessitura", more="wider", less="narrower"),
    ]
    iqr_semitones: Annotated[
        float,
        SEMITONES,
        "middle 50%",
        Said(
            one="The middle half of the singing spans {}",
            subject="the middle half of the singing",
            more="wider",
            less="narrower",
        ),
    ]
    median_midi: Annotated[float, MIDI, Said(one="The median sung pitch is {}", subject="the median sung pitch")]
    stepwise_fraction: (
        Annotated[
            Estimate,
            FRACTION,
            "steps",
            Said(
                one="{} of the melody's moves are steps",
                subject="the share of steps",
                more="larger",
                less="smaller",
            ),
        ]
        | None
    )
    sung_s: Annotated[
        float,
        SECONDS,
        Said(one="{} of clear singing were measured", subject="the measured singing", more="longer", less="shorter"),
    ]
    histogram: tuple[SungPitch, ...]
    method: Annotated[VocalSource, "voice from"]

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
            f"{music_type(self.lowest_note)} to {music_type(self.highest_note)}: {SEMITONES.format(span.value)} "
            f"(90% range {SEMITONES.number(span.low)} to {SEMITONES.number(span.high)}); "
            f"the middle 80% spans {SEMITONES.format(self.tessitura_semitones)}"
        )


@analyzer(version=5)
def measure_vocal_range(pitch: VocalPitch) -> VocalRange:
    """Measure the sung range from those frames of the pitch contour that are certainly sung.

    Raises
    ------
    CannotMeasure
        Less than a second of it is certain.
    """
    midi = pitch.midi
    certain = (pitch.certain == 1) & pitch.sung
    if certain.sum() * STEP_S < MIN_SUNG_S:
        raise CannotMeasure(
            Absence.TOO_LITTLE,
            f"only {certain.sum() * STEP_S:.1f} s of clear singing were found (needs {SECONDS.given(MIN_SUNG_S)})",
        )
    melody = leave_out_detached(midi[certain], pitch.voiced_probability[certain])
    p10, p25, p50, p75, p90 = (float(p) for p in np.percentile(melody, [10, 25, 50, 75, 90]))
    lowest, highest, span = find_ends(pitch, melody, certain)
    in_melody = (midi >= melody[0] - HELD_SEMITONES) & (midi <= melody[-1] + HELD_SEMITONES)
    # Extremes must be certain throughout; for the moves from note to note the whole sung line counts.
    extremes = held_notes(np.where(certain & in_melody, midi, np.nan))
    line = held_notes(np.where(in_melody, midi, np.nan))
    return VocalRange(
        lowest_midi=lowest,
        highest_midi=highest,
        span_semitones=span,
        lowest_note=Spelling.SHARPS.note(lowest.value),
        highest_note=Spelling.SHARPS.note(highest.value),
        lowest_sustained=min(extremes, key=lambda note: note.midi, default=None),
        highest_sustained=max(extremes, key=lambda note: note.midi, default=None),
        tessitura_low_midi=p10,
        tessitura_high_midi=p90,
        tessitura_semitones=p90 - p10,
        iqr_semitones=p75 - p25,
        median_midi=p50,
        stepwise_fraction=stepwise_fraction(line, doubt=1 - float(pitch.voiced_probability[certain].mean())),
        sung_s=float(pitch.sung.sum() * STEP_S),
        histogram=_histogram(melody),
        method=pitch.method,
    )


def signs_of_ends(pitch: VocalPitch, melody: Floats, certain: Mask) -> tuple[Floats, Floats]:
    """Return what tells whether the lowest and the highest end of a melody are right, (9,) each."""
    low, high = (
        end_signs(melody, pitch.midi, pitch.voiced_probability, certain, highest=highest) for highest in (False, True)
    )
    return low, high


def find_ends(pitch: VocalPitch, melody: Floats, certain: Mask) -> tuple[Estimate, Estimate, Estimate]:
    """Return the lowest and the highest note and the span between them, each with its range.

    Parameters
    ----------
    pitch : VocalPitch
    melody : array, shape (m,)
        The certain pitches that belong to the melody, sorted.
    certain : mask, shape (n,)
        The frames of the contour that they were taken from.
    """
    low, high = (float(end) for end in np.percentile(melody, [END_PERCENT, 100 - END_PERCENT]))
    (low_in, low_out), (high_in, high_out) = (
        [max(model.reach_semitones(each), CLOSEST_SEMITONES) for model in (INWARDS, OUTWARDS)]
        for each in signs_of_ends(pitch, melody, certain)
    )
    span_in, span_out = SPAN_WIDER * math.hypot(low_in, high_in), SPAN_WIDER * math.hypot(low_out, high_out)
    lowest, highest = hz_to_midi(pitch.reach_hz).tolist()
    below = BEYOND_LIMIT_SEMITONES if low < lowest + NEAR_LIMIT_SEMITONES else 0.0
    above = BEYOND_LIMIT_SEMITONES if high > highest - NEAR_LIMIT_SEMITONES else 0.0
    return (
        Estimate(value=low, low=low - ENDS_WIDER * low_out - below, high=low + ENDS_WIDER * low_in),
        Estimate(value=high, low=high - ENDS_WIDER * high_in, high=high + ENDS_WIDER * high_out + above),
        Estimate(value=high - low, low=max(high - low - span_in, 0.0), high=high - low + span_out + below + above),
    )


def leave_out_detached(midi: Floats, probability: Floats) -> Floats:
    """Cut off groups of notes at both ends that are detached from the melody: pitches (n,) -> sorted (m,).

    Parameters
    ----------
    midi : array, shape (n,)
        Pitches of frames, in any order.
    probability : array, shape (n,)
        That each of them is sung: a group that is surer than the rest is the singer's.
    """
    order = np.argsort(midi)
    ordered, sung = midi[order], probability[order]
    first, last = 0, ordered.size
    for place in np.flatnonzero(np.diff(ordered) >= DETACHED_SEMITONES) + 1:
        below, above = sung[:place], sung[place:]
        near = ordered[place] - ordered[place - 1] <= NEAR_SEMITONES
        if below.size < DETACHED_SHARE * ordered.size:
            if not (near and below.mean() > above.mean() + SURER_BY):
                first = max(first, int(place))
        elif above.size < DETACHED_SHARE * ordered.size and not (near and above.mean() > below.mean() + SURER_BY):
            last = min(last, int(place))
    return ordered[first:last]


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


def stepwise_fraction(notes: list[SustainedNote], *, doubt: float) -> Estimate | None:
    """Share of moves from one held note to another within 2 semitones; repeated notes are no moves.

    Parameters
    ----------
    notes : list of SustainedNote
    doubt : float
        How unsure it is that what is certain is sung, 0..1: the range is the wider for it.
    """
    moves = [abs(round(b.midi) - round(a.midi)) for a, b in itertools.pairwise(notes)]
    moves = [move for move in moves if move > 0]
    if len(moves) < MIN_MOVES:
        return None
    share = sum(move <= STEP_SEMITONES for move in moves) / len(moves)
    unsure = math.hypot(MISREAD_PER_DOUBT * doubt, 1 / len(moves))
    return Estimate(value=share, low=max(share - unsure, 0.0), high=min(share + unsure, 1.0))


def _histogram(midi: Floats) -> tuple[SungPitch, ...]:
    """Count the sung time on each semitone: pitches (n,), one each 10 ms."""
    nearest = np.rint(midi).astype(int)
    counts = np.bincount(nearest - nearest.min())
    lowest = int(nearest.min())
    return tuple(SungPitch(midi=lowest + i, seconds=round(float(n * STEP_S), 3)) for i, n in enumerate(counts))
