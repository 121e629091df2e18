"""Riff notes: the melody and the bass of one pass of the riff, read from all its passes behind the voice.

Conventions
-----------
Places and lengths are in beats; beat 0 is the first bar line of the riff. Where the music swings, notes are written
straight, and `swing_fraction` says where the off-beat eighth sounds. MIDI numbers are in the song's own tuning.

References
----------
`riffscope.dsp.repetition.riff_image` pictures what the passes share, the network of `riffscope.models.riff_net` reads
notes in it, `riffscope.dsp.repetition.riff_line` decides on them.
"""

import enum
from typing import Annotated

import numpy as np

from riffscope.analyzers.loops import LoopKind, Loops, bars_in_words
from riffscope.analyzers.tempo import Tempo
from riffscope.arrays import Float32s, Floats, Ints
from riffscope.dsp.onsets import greatest_near
from riffscope.dsp.repetition.riff_image import (
    CANDIDATES,
    MAX_PASSES,
    PATCH,
    TICKS,
    frame_times,
    pass_spectra,
    patches,
    picture,
    swing_of_grid,
)
from riffscope.dsp.repetition.riff_line import LineNote, choose_step, read_line, spread, sureness
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import value
from riffscope.models.riff_net import load_riff_reader
from riffscope.steps import analyzer
from riffscope.units import BEAT_POSITION, BEATS, COUNT, MIDI, NAME, PROBABILITY, Said
from riffscope.views.beat_track import BeatTrack
from riffscope.views.mono import Mono
from riffscope.views.onset_strength import OnsetStrength
from riffscope.views.semitone_spectrogram import SemitoneSpectrogram
from riffscope.views.stems import Stems
from riffscope.words import count, percent_of

# The longest passage that is written down as one line.
MAX_BARS = 16
# Slots that are read at a time: what is seen around their notes stays in the processor's cache.
BLOCK_FRAMES = 24
# A line that never rises above B2 and has no bass below it is a bass line itself. Chosen, not fitted.
BASS_BELOW_MIDI = 48
# Fewer notes are no line.
MIN_NOTES = 2


class RiffPart(enum.StrEnum):
    """Which part of the band plays a note. Its value is the JSON's ``part``."""

    MELODY = "melody"
    """The riff's own line; of power chords, the lowest note."""
    BASS = "bass"


@value
class RiffNote:
    """A note of the riff.

    Attributes
    ----------
    beat : float
        Where it begins, from the first bar line of the riff on.
    beats : float
        How long it lasts; the end is less certain than the beginning.
    midi : int
    probability : float
        That the riff has this note here.
    """

    beat: Annotated[float, BEATS]
    beats: Annotated[float, BEATS]
    midi: Annotated[int, MIDI]
    probability: Annotated[float, PROBABILITY]
    part: Annotated[RiffPart, NAME]


@value
class RiffNotes:
    """One pass of the riff as notes, transcribed from all its passes.

    Attributes
    ----------
    period_beats : int
        The length of the pass.
    beats_per_bar : int
    steps_per_beat : int
        The grid: 4 for sixteenths, 6 for triplets and their halves.
    swing_fraction : float or None
        Where in the beat off-beat eighths sound that are written straight; None where nothing swings.
    passes : int
        How many passes it was transcribed from.
    kind : LoopKind
        What it is that repeats; of chords and of a passage, the line that stands out is written.
    notes : tuple of RiffNote
        The riff's own line, one note at a time.
    bass_notes : tuple of RiffNote
        The bass line under it; empty where there is none, or where the riff is the bass line itself.
    """

    period_beats: Annotated[
        int,
        BEATS,
        "length",
        Said(one="The written pattern lasts {}", subject="the written pattern", more="longer", less="shorter"),
    ]
    beats_per_bar: Annotated[int, COUNT, Said(one="Bars of the pattern have {} beats")]
    steps_per_beat: Annotated[int, COUNT, Said(one="The pattern divides the beat into {}")]
    swing_fraction: (
        Annotated[
            float,
            BEAT_POSITION,
            Said(
                one="Offbeats of the pattern fall at {}",
                subject="the offbeat of the pattern",
                more="later",
                less="earlier",
            ),
        ]
        | None
    )
    passes: Annotated[int, COUNT, "repeats read", Said(one="The pattern was read from {} repeats")]
    kind: Annotated[LoopKind, NAME, "kind of loop"]
    notes: tuple[RiffNote, ...]
    bass_notes: tuple[RiffNote, ...] = ()

    @property
    def is_compound(self) -> bool:
        """Whether beats divide into three by the meter itself: bars of two that do not swing are 6/8."""
        return self.beats_per_bar == 2 and self.swing_fraction is None

    @property
    def is_bass_line(self) -> bool:
        """Whether the riff is a bass line itself."""
        return any(note.part is RiffPart.BASS for note in self.notes)

    @property
    def mean_probability(self) -> float:
        """How sure the notes of the line are on average, 0..1."""
        return float(np.mean([note.probability for note in self.notes])) if self.notes else 0.0

    @property
    def lowest_midi(self) -> int:
        """The lowest note of the line."""
        return min(note.midi for note in self.notes)

    @property
    def highest_midi(self) -> int:
        """The highest note of the line."""
        return max(note.midi for note in self.notes)

    @property
    def summary(self) -> str:
        """The result in one line."""
        bass = f" and {count(len(self.bass_notes), 'bass note')}" if self.bass_notes else ""
        return (
            f"{count(len(self.notes), 'note')} over {count(self.highest_midi - self.lowest_midi, 'semitone')}{bass}, "
            f"read from {count(self.passes, 'repeat')} ({percent_of(self.mean_probability)} sure on average)"
        )


@analyzer(version=1, heavy=True)
def transcribe_riff(
    loops: Loops,
    track: BeatTrack,
    stems: Stems,
    mono: Mono,
    semitones: SemitoneSpectrogram,
    onsets: OnsetStrength,
    tempo: Tempo | None,
) -> RiffNotes:
    """Transcribe the riff: overlay its repeats, keep what they share, and read the notes in that.

    The repeats are compared twelve times a beat. Anything that differs between them drops out: remains of the voice, a
    lead, drum fills. A neural network trained on rendered songs separates the riff's own line and the bass from pads,
    chords and drums.

    Raises
    ------
    CannotMeasure
        What repeats is longer than 16 bars, or holds no line. From `Loops`: nothing repeats.

    Notes
    -----
    Line and bass are written one note at a time. Where chords are strummed without a melody, the line is the part of
    them that stands out.
    """
    if loops.period_bars > MAX_BARS:
        raise CannotMeasure(
            Absence.TOO_LONG,
            f"the {loops.kind.noun} lasts {bars_in_words(loops.period_bars)}, too long to write out (limit {MAX_BARS})",
        )
    starts = _starts(loops, track)
    swing = _swing(track, onsets, tempo)
    times_s = frame_times(track.times_s, spread(starts, MAX_PASSES), loops.period_beats, swing=swing)
    heard = _heard(loops, stems, mono)
    tuning_semitones = semitones.tuning_cents / 100
    spectra = pass_spectra(heard.samples, heard.sample_rate_hz, times_s, tuning_semitones=tuning_semitones)
    is_compound = track.beats_per_bar == 2 and swing is None
    step, line, bass = read_pass(spectra, sample_rate_hz=heard.sample_rate_hz, is_compound=is_compound)
    if len(line) < MIN_NOTES:
        line, bass = bass, []
    if len(line) < MIN_NOTES:
        raise CannotMeasure(Absence.NO_PITCH, f"no line of notes was found in the {loops.kind.noun}")
    is_bass = not bass and max(note.midi for note in line) < BASS_BELOW_MIDI
    return RiffNotes(
        period_beats=loops.period_beats,
        beats_per_bar=track.beats_per_bar,
        steps_per_beat=TICKS // step,
        swing_fraction=None if swing is None else round(swing, 3),
        passes=len(starts),
        kind=loops.kind,
        notes=_in_beats(line, RiffPart.BASS if is_bass else RiffPart.MELODY),
        bass_notes=_in_beats(bass, RiffPart.BASS),
    )


def _starts(loops: Loops, track: BeatTrack) -> Ints:
    """Return the beats with which whole passes begin; where none is whole, that of the cleanest: (n_passes,)."""
    spans = loops.whole_passes or (loops.example,)
    starts = np.array([np.abs(track.times_s - span.start_s).argmin() for span in spans], np.int64)
    within = starts[starts + loops.period_beats <= len(track.times_s)]
    return within if within.size else starts[:1]


def _swing(track: BeatTrack, onsets: OnsetStrength, tempo: Tempo | None) -> float | None:
    """Return where off-beat eighths lie, where they swing and are no triplets."""
    offbeat = None if tempo is None else tempo.swing_fraction
    if offbeat is None:
        return None
    beats_s = np.diff(track.times_s)
    strength = onsets.bands.sum(axis=0)[np.newaxis]
    at = [
        greatest_near(strength, np.rint((track.times_s[:-1] + place * beats_s) * onsets.frame_rate_hz).astype(np.int64))
        for place in (1 / 3, 1 / 2, offbeat)
    ]
    return swing_of_grid(offbeat, np.array([one.mean() for one in at]), beats_per_bar=track.beats_per_bar)


def _heard(loops: Loops, stems: Stems, mono: Mono) -> Mono:
    """Return the accompaniment, where the riff was found in it as well, and the mix elsewhere."""
    if not stems.method.separated or not loops.method.separated:
        return mono
    samples = stems.accompaniment_downmix_at(mono.sample_rate_hz)
    return Mono(samples=samples, sample_rate_hz=mono.sample_rate_hz)


def read_pass(
    spectra: Float32s, *, sample_rate_hz: int, is_compound: bool
) -> tuple[int, list[LineNote], list[LineNote]]:
    """Read the notes of one pass in the spectra of all: the step of their grid in frames, the line, the bass.

    Parameters
    ----------
    spectra : float32 array, shape (n_passes, 12 + n_frames + 12, 84, 2)
        As `riffscope.dsp.repetition.riff_image.pass_spectra` returns them.
    is_compound : bool
        The meter itself divides beats into three.
    """
    images = picture(spectra, sample_rate_hz=sample_rate_hz)
    probability = sureness(read_log_odds(images), len(spectra))
    step = choose_step(probability, is_compound=is_compound)
    strength = np.expm1(images[2, TICKS:-TICKS])
    line, bass = (read_line(probability[:, :, part], strength, step=step) for part in (0, 1))
    return step, line, bass


def read_log_odds(images: Float32s) -> Floats:
    """Return the log-odds that line and bass begin each note in each frame of the pass: (n_frames, 65, 2).

    Parameters
    ----------
    images : float32 array, shape (3, 12 + n_frames + 12, 84)
    """
    read = load_riff_reader()
    frames = np.arange(TICKS, images.shape[1] - TICKS)
    out = np.empty((len(frames), CANDIDATES, 2))
    for first in range(0, len(frames), BLOCK_FRAMES):
        block = frames[first : first + BLOCK_FRAMES]
        log_odds = read(patches(images, block).reshape(PATCH, -1))
        out[first : first + len(block)] = np.moveaxis(log_odds.reshape(2, len(block), CANDIDATES), 0, 2)
    return out


def _in_beats(line: list[LineNote], part: RiffPart) -> tuple[RiffNote, ...]:
    return tuple(
        RiffNote(
            beat=round(note.start / TICKS, 4),
            beats=round(note.ticks / TICKS, 4),
            midi=note.midi,
            probability=round(note.probability, 3),
            part=part,
        )
        for note in line
    )
