"""Key: the tonic and mode that the song's pitches point to, and how sure that is."""

from typing import Annotated, Literal

import numpy as np

from riffscope.analyzers.structure import Structure
from riffscope.arrays import Floats, Ints
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import value
from riffscope.notes import MAJOR_TONICS, MINOR_TONICS
from riffscope.steps import analyzer
from riffscope.units import CENTS, NAME, PROBABILITY
from riffscope.views.beat_track import BeatTrack
from riffscope.views.semitone_spectrogram import SemitoneSpectrogram

Mode = Literal["major", "minor"]

MIN_SONG_S = 3.0

# How often each degree, from the tonic up in semitones, sounds in a major and in a minor piece: share of the segments
# of the Kostka-Payne corpus that hold it. Temperley, "Music and Probability", MIT Press 2007, table 6.1. On 54 test
# mixes they find more keys than Krumhansl's or Albrecht and Shanahan's: the leading note of minor counts.
DEGREES = {
    "major": (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400),
    "minor": (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330),
}

# Evidence becomes probabilities by a softmax of its weighted sum: the profile's correlation, and how much more of the
# bass is the tonic's where sections begin, and every fourth bar, than in the whole song. The weights of the latter are
# about half of what a conditional logit gives over 159 rendered mixes, whose phrases all begin on their bar lines: a
# weighted score of .83 there, .77 without, and .85 with all of it.
FIT, SECTIONS, PHRASES = 10.3, 3.6, 3.6
PHRASE_BARS = 4
# The bass is the strongest note within this many semitones from the lowest, C2; a note an octave above counts half, for
# small loudspeakers play that one alone.
BASS_SEMITONES, OCTAVE_SHARE = 20, 0.5

# Camelot's wheel: one step up is a fifth up; C major is 8B, its relative A minor 8A.
_CAMELOT_OF_C_MAJOR = 8


@value
class KeyName:
    """A tonic, spelled as musicians write it, and a mode."""

    tonic: str
    mode: Mode


@value
class Key:
    """The key of the whole song.

    Attributes
    ----------
    camelot : str
        The DJs' wheel: ``8A`` is A minor, ``8B`` C major.
    tuning_cents : float
        How far the song's pitch lies from A = 440 Hz, -50..50.
    confidence_fraction : float
        Probability that tonic and mode are right.
    minor_probability : float
        Probability that the mode is minor, whatever the tonic.
    """

    tonic: Annotated[str, NAME]
    mode: Annotated[Mode, NAME]
    camelot: Annotated[str, NAME, "Camelot code"]
    tuning_cents: Annotated[float, CENTS]
    confidence_fraction: Annotated[float, PROBABILITY]
    runner_up: KeyName
    minor_probability: Annotated[float, PROBABILITY]

    @property
    def summary(self) -> str:
        """The result in one line."""
        off = abs(self.tuning_cents) >= CENTS.same_within
        tuning = f", tuned {CENTS.format(self.tuning_cents, signed=True)} from A440" if off else ""
        return (
            f"{self.tonic} {self.mode} ({PROBABILITY.format(self.confidence_fraction)} sure; "
            f"else {self.runner_up.tonic} {self.runner_up.mode}), Camelot {self.camelot}{tuning}"
        )


@analyzer(version=2)
def measure_key(semitones: SemitoneSpectrogram, track: BeatTrack | None, structure: Structure | None) -> Key:
    """Find the key whose scale degrees the song's pitches fit best, and on whose tonic its phrases begin.

    Raises
    ------
    CannotMeasure
        The song is too short, or nothing in it has a pitch.
    """
    duration_s = len(semitones.magnitudes) / semitones.frame_rate_hz
    if duration_s < MIN_SONG_S:
        raise CannotMeasure(
            Absence.TOO_SHORT, f"{duration_s:.1f} s is too short to tell a key (needs {MIN_SONG_S:.0f} s)"
        )
    probability = key_probabilities(pitch_classes(semitones), _begun_on(semitones, track, structure))
    best, second = np.argsort(-probability, axis=None)[:2]
    first = _name(int(best))
    return Key(
        tonic=first.tonic,
        mode=first.mode,
        camelot=camelot(int(best) % 12, first.mode),
        tuning_cents=semitones.tuning_cents,
        confidence_fraction=float(probability.flat[best]),
        runner_up=_name(int(second)),
        minor_probability=float(probability[1].sum()),
    )


def pitch_classes(semitones: SemitoneSpectrogram) -> Floats:
    """Return how much of the song each pitch class sounds, from C: shape (12,), sum 1.

    Raises
    ------
    CannotMeasure
        No energy remains once the percussion is masked.
    """
    classes = semitones.chroma().mean(axis=0, dtype=np.float64)
    return np.asarray(classes / classes.sum(), dtype=np.float64)


def _begun_on(semitones: SemitoneSpectrogram, track: BeatTrack | None, structure: Structure | None) -> Floats:
    """Return how much more of the bass each pitch class is where phrases begin than elsewhere, weighted: (12,)."""
    if track is None or structure is None or len(track.downbeat_index) <= PHRASE_BARS:
        return np.zeros(12)
    note, weight = bass_line(semitones)
    whole = _shares(note, weight)
    lines_s = track.times_s[track.downbeat_index]
    bar_s, beat_s = float(np.median(np.diff(lines_s))), float(np.median(np.diff(track.times_s)))

    def begins(times_s: Floats, length_s: float) -> Floats:
        starts = np.round(times_s * semitones.frame_rate_hz).astype(np.int64)
        ends = np.round((times_s + length_s) * semitones.frame_rate_hz).astype(np.int64)
        heard = [_shares(note[i:j], weight[i:j]) for i, j in zip(starts, ends, strict=True)]
        return np.asarray(np.mean([one for one in heard if one.any()] or [whole], axis=0) - whole)

    sections_s = np.array([section.start_s for section in structure.sections])
    return SECTIONS * begins(sections_s, bar_s) + PHRASES * begins(lines_s[::PHRASE_BARS], beat_s)


def bass_line(semitones: SemitoneSpectrogram) -> tuple[Ints, Floats]:
    """Return each frame's bass, from C, and how much it stands out of the song's, 0..1: twice (n_frames,)."""
    notes = np.sqrt(semitones.magnitudes)
    strength = notes[:, :BASS_SEMITONES] + OCTAVE_SHARE * notes[:, 12 : 12 + BASS_SEMITONES]
    greatest = strength.max(axis=1).astype(np.float64)
    classes: Ints = (strength.argmax(axis=1) + semitones.lowest_midi) % 12
    return classes, greatest / (greatest + float(np.median(greatest)) + 1e-9)


def _shares(note: Ints, weight: Floats) -> Floats:
    """Share of each pitch class (12,) in some frames; nothing where nothing sounds."""
    total: Floats = np.bincount(note, weights=weight, minlength=12).astype(np.float64)
    return total / max(float(total.sum()), 1e-9)


def key_probabilities(classes: Floats, begun_on: Floats | None = None) -> Floats:
    """Return each key's probability: shape (2, 12), major first, from C.

    Parameters
    ----------
    classes : float64 array, shape (12,)
        Share of each pitch class.
    begun_on : float64 array, shape (12,), optional
        What else speaks for each tonic, on the scale of log-odds.
    """
    profiles = [[np.roll(degrees, tonic) for tonic in range(12)] for degrees in DEGREES.values()]
    evidence = FIT * np.array([[_correlation(classes, profile) for profile in row] for row in profiles])
    if begun_on is not None:
        evidence += begun_on
    odds = np.exp(evidence - evidence.max())
    return np.asarray(odds / odds.sum())


def camelot(tonic: int, mode: Mode) -> str:
    """Return the place on Camelot's wheel: tonic in semitones from C."""
    major = tonic if mode == "major" else (tonic + 3) % 12
    hour = (_CAMELOT_OF_C_MAJOR + 7 * major - 1) % 12 + 1
    return f"{hour}{'B' if mode == 'major' else 'A'}"


def _name(index: int) -> KeyName:
    mode: Mode = "major" if index < 12 else "minor"
    return KeyName(tonic=(MAJOR_TONICS if mode == "major" else MINOR_TONICS)[index % 12], mode=mode)


def _correlation(a: Floats, b: Floats) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else 0.0
