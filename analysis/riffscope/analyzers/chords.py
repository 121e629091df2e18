"""Chords: what is played, beat by beat, and the rounds that they go in.

Conventions
-----------
Times are seconds from the start of the file. Labels are Harte's, spelled as the song's key is: ``C#:min7``,
``E:maj/3``, ``N`` where no chord sounds. Probabilities are 0..1.
"""

from typing import Annotated

import numpy as np

from riffscope.analyzers.key import Key
from riffscope.chord_names import QUALITIES, ChordName
from riffscope.dsp.rhythm.bars import beat_means
from riffscope.dsp.tonality.chords import chord_probabilities, note_shares
from riffscope.dsp.tonality.notes import note_strengths
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import value
from riffscope.notes import Spelling
from riffscope.steps import analyzer
from riffscope.units import BARS, CHORD, COUNT, NAME, PROBABILITY, SECONDS
from riffscope.views.beat_track import BeatTrack
from riffscope.views.semitone_spectrogram import HOP_LENGTH, N_FFT, SemitoneSpectrogram


@value
class ChordSpan:
    """A chord and where it sounds.

    Attributes
    ----------
    label : str
        In Harte's notation.
    probability : float
        That root, quality and bass are right.
    """

    start_s: Annotated[float, SECONDS]
    end_s: Annotated[float, SECONDS]
    label: Annotated[str, CHORD]
    probability: Annotated[float, PROBABILITY]


@value
class Progression:
    """A round of chords: what a section, or the riff, goes through again and again.

    Attributes
    ----------
    section : str
        The section's name, or ``riff``.
    labels : tuple of str
        The chords of one round in order, in Harte's notation.
    roman : tuple of str
        The same as degrees of the key: ``vi``, ``IV``, ``I``, ``V``.
    bars : tuple of float
        How long each lasts.
    period_bars : float
        Length of the round.
    rounds : float
        How often it goes round.
    start_s, end_s : float
        From where to where.
    """

    section: Annotated[str, NAME]
    labels: Annotated[tuple[str, ...], CHORD]
    roman: tuple[str, ...]
    bars: Annotated[tuple[float, ...], BARS]
    period_bars: Annotated[float, BARS]
    rounds: Annotated[float, COUNT]
    start_s: Annotated[float, SECONDS]
    end_s: Annotated[float, SECONDS]


@value
class Chords:
    """The chords of a song.

    Attributes
    ----------
    spans : tuple of ChordSpan
        One after the other, without gaps, from the first beat to the last.
    progressions : tuple of Progression
        Of each section in which the chords go round, and of the riff.
    vocabulary : tuple of str
        The qualities that are told apart.
    """

    spans: tuple[ChordSpan, ...]
    progressions: tuple[Progression, ...] = ()
    vocabulary: tuple[str, ...] = tuple(QUALITIES)

    @property
    def summary(self) -> str:
        """The result in one line."""
        return f"{len({span.label for span in self.spans})} chords"


@analyzer(version=1)
def measure_chords(
    semitones: SemitoneSpectrogram,
    track: BeatTrack,
    key: Key | None,
) -> Chords:
    """Name the chord of each bar.

    Raises
    ------
    CannotMeasure
        Nothing has a pitch.
    """
    edges_s = np.append(track.times_s, 2 * track.times_s[-1] - track.times_s[-2])
    spectra = beat_means(semitones.magnitudes, edges_s, frame_rate_hz=semitones.frame_rate_hz)
    rate_hz = round(semitones.frame_rate_hz * HOP_LENGTH)
    strength = note_strengths(spectra, lowest_midi=semitones.lowest_midi, sample_rate_hz=rate_hz, n_fft=N_FFT)
    if not strength.any():
        raise CannotMeasure(Absence.NO_PITCH, "nothing has a pitch")
    bars = np.unique(np.concatenate([[0], track.downbeat_index, [len(edges_s) - 1]])).astype(np.int64)
    probability = chord_probabilities(note_shares(strength), bars)
    spelling = Spelling.of_key(key.tonic, key.mode) if key else Spelling.SHARPS
    spans: list[ChordSpan] = []
    for row, begin, end in zip(probability, bars[:-1], bars[1:], strict=True):
        best = int(row.argmax())
        name = ChordName(root=best % 12, quality=("maj", "min", "dim")[best // 12])
        spans.append(
            ChordSpan(
                start_s=float(edges_s[begin]),
                end_s=float(edges_s[end]),
                label=name.harte(spelling),
                probability=float(row[best]),
            )
        )
    return Chords(spans=tuple(spans))
