"""Chroma: the share of each pitch class, beat by beat.

Conventions
-----------
Pitch classes are numbered from C, in the song's own tuning; shares are 0..1, shape (n, 12).

References
----------
Bartsch & Wakefield, "To catch a chorus: using chroma-based representations for audio thumbnailing", WASPAA 2001: chroma
averaged over beats.
"""

from typing import Annotated

import numpy as np

from riffscope.arrays import Floats
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import value
from riffscope.steps import analyzer
from riffscope.units import FRACTION, SECONDS
from riffscope.views.beat_track import BeatTrack
from riffscope.views.semitone_spectrogram import SemitoneSpectrogram

# As for the key: a chord or two are no harmony. Chosen, not fitted.
MIN_DURATION_S = 3.0
# Length of a step in songs without a beat: a beat at 120 BPM. Chosen, not fitted.
STEP_S = 0.5
# A thousandth is less than anyone can hear, and keeps the JSON small.
DECIMALS = 3


@value
class Chroma:
    """The pitch classes of each beat, or of each half second where there is no beat.

    Attributes
    ----------
    times_s : array, shape (n,)
        Start of each; it lasts until the next.
    pitch_class_fraction : array, shape (n, 12)
        Share of each pitch class, from C, in the song's own tuning. A row sums to 1, or to less where it is quiet.
    """

    times_s: Annotated[Floats, SECONDS]
    pitch_class_fraction: Annotated[Floats, FRACTION]

    def __post_init__(self) -> None:
        if self.pitch_class_fraction.shape != (self.times_s.size, 12):
            raise ValueError("each beat has a share for each of twelve pitch classes")

    @property
    def summary(self) -> str:
        """The result in one line."""
        return f"strength of the 12 pitch classes in {self.times_s.size} beats"


@analyzer(version=1)
def measure_chroma(semitones: SemitoneSpectrogram, track: BeatTrack | None) -> Chroma:
    """Average the strength of each pitch class over each beat, from the harmonic part of the sound.

    Raises
    ------
    CannotMeasure
        The song is shorter than 3 s, or nothing in it has a pitch.
    """
    frames = semitones.chroma()
    duration_s = len(frames) / semitones.frame_rate_hz
    if duration_s < MIN_DURATION_S:
        raise CannotMeasure(
            Absence.TOO_SHORT, f"{duration_s:.1f} s is too short to measure harmony (needs {MIN_DURATION_S:.0f} s)"
        )
    edges_s = np.arange(0.0, duration_s, STEP_S) if track is None else track.times_s
    edges, first = np.unique(np.round(edges_s * semitones.frame_rate_hz).astype(np.int64), return_index=True)
    inside = edges < len(frames)
    edges, edges_s = edges[inside], edges_s[first][inside]
    lengths = np.diff(np.append(edges, len(frames)))
    # After the last beat, the sound of one beat counts at most.
    lengths[-1] = min(lengths[-1], int(np.median(lengths)))
    sums = np.add.reduceat(frames[: edges[-1] + lengths[-1]], edges, axis=0, dtype=np.float64)
    return Chroma(times_s=edges_s, pitch_class_fraction=np.round(sums / lengths[:, np.newaxis], DECIMALS))
