"""Vocal notes: the sung melody as notes, cut from the pitch contour, and where on the song's beats each begins.

Conventions: times in seconds from the start of the file; pitches in MIDI semitones, A4 = 69; places in beats from the
song's first beat on. Source: the contour of `vocal_pitch`; the notes by dynamic programming over it
(`riffscope.dsp.voice.note_segmentation`).
"""

from typing import Annotated

import numpy as np

from riffscope.analyzers.vocal_pitch import CLAIMED, STEP_S, VocalPitch
from riffscope.arrays import Floats
from riffscope.dsp.voice.note_segmentation import sung_notes
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Span, value
from riffscope.steps import analyzer
from riffscope.units import BEATS, MIDI
from riffscope.views.beat_track import BeatTrack
from riffscope.views.semitone_spectrogram import SemitoneSpectrogram
from riffscope.words import count


@value
class VocalNote(Span):
    """A sung note.

    Attributes
    ----------
    midi : int
        The note that it is, where A4 is tuned as the song is.
    pitch_midi : float
        What was sung, where A4 = 440 Hz: the median of its frames.
    beat : float or None
        Where it begins, in beats from the song's first one; None where the song has no beat.
    """

    midi: Annotated[int, MIDI]
    pitch_midi: Annotated[float, MIDI]
    beat: Annotated[float, BEATS] | None


@value
class VocalNotes:
    """The notes of the lead voice that are claimed as sung, in order and without overlap."""

    notes: tuple[VocalNote, ...]

    @property
    def summary(self) -> str:
        """The result in one line."""
        return count(len(self.notes), "note")


@analyzer(version=1)
def measure_vocal_notes(
    pitch: VocalPitch, semitones: SemitoneSpectrogram | None, track: BeatTrack | None
) -> VocalNotes:
    """Divide the sung pitch into notes, in the song's own tuning, and place them in beats where there are any.

    Notes that are probably not sung are left out.

    Raises
    ------
    CannotMeasure
        No note is held for 60 ms. From `VocalPitch`: nobody sings.

    Notes
    -----
    Notes are read from the pitch alone, so a note repeated without a break counts as one.
    """
    tuning_semitones = 0.0 if semitones is None else semitones.tuning_cents / 100
    return notes_of_contour(pitch, tuning_semitones=tuning_semitones, beats_s=_from_first_heard(track))


def _from_first_heard(track: BeatTrack | None) -> Floats | None:
    """Return the beats from the first that is heard on, counted through gaps: (n,)."""
    return None if track is None else track.times_s[int(track.is_heard.argmax()) :]


def notes_of_contour(pitch: VocalPitch, *, tuning_semitones: float, beats_s: Floats | None) -> VocalNotes:
    """Cut a contour into notes, given how far the song is tuned above A4 = 440 Hz and its beats (m,)."""
    found = sung_notes(pitch.midi, step_s=STEP_S, tuning_semitones=tuning_semitones)
    edges_s = pitch.times_s - STEP_S / 2
    likely = [note for note in found if _likely(pitch, *np.searchsorted(edges_s, note[:2]))]
    if not likely:
        raise CannotMeasure(Absence.TOO_LITTLE, "no sung note is held long enough")
    starts_s = np.array([note.start_s for note in likely])
    beats = [None] * len(likely) if beats_s is None else beat_places(starts_s, beats_s).round(3).tolist()
    return VocalNotes(
        notes=tuple(VocalNote(**note._asdict(), beat=beat) for note, beat in zip(likely, beats, strict=True))
    )


def _likely(pitch: VocalPitch, first: int, last: int) -> bool:
    return bool(np.median(pitch.voiced_probability[first:last]) > CLAIMED)


def beat_places(times_s: Floats, beats_s: Floats) -> Floats:
    """Return where moments lie between beats, (n,) and (m,) -> (n,): 1.5 lies half way from the second to the third.

    Before the first beat and after the last, the beat goes on at its median rate.
    """
    period_s = float(np.median(np.diff(beats_s)))
    outside = np.minimum(times_s - beats_s[0], 0) + np.maximum(times_s - beats_s[-1], 0)
    places: Floats = np.interp(times_s, beats_s, np.arange(len(beats_s))) + outside / period_s
    return places
