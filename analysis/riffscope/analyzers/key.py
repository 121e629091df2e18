"""Key: the tonic and mode of the whole song, with the probability that they are right.

Conventions
-----------
Pitch classes are numbered from C, 0..11; probabilities are 0..1. Arrays of keys have shape (2, 12), major first.

References
----------
.. [1] Temperley, "Music and Probability", MIT Press 2007, table 6.1: the profiles.
.. [2] Krumhansl, "Cognitive Foundations of Musical Pitch", Oxford University Press 1990: keys by correlation with
   profiles.

That phrases and sections begin on the tonic's bass is our own cue.
"""

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

# A chord or two are no key. Chosen, not fitted.
MIN_SONG_S = 3.0

# How often each degree, in semitones from the tonic up, sounds in a major and in a minor piece: the share of segments
# of the Kostka-Payne corpus that contain it [1]_. On 54 test mixes these profiles find more keys than Krumhansl's or
# Albrecht and Shanahan's, since they count the leading note of minor.
DEGREES = {
    "major": (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400),
    "minor": (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330),
}

# Evidence becomes probabilities by a softmax of its weighted sum (a conditional logit). This is the weight of the
# correlation with the profile.
PROFILE_WEIGHT = 10.3
# The weight of how much more often the bass plays the tonic where sections begin than in the whole song. It is about
# half of what a conditional logit gives over 159 rendered mixes, since all phrases of those begin on downbeats. The
# weighted key score there is .83, against .77 without this evidence and .85 with its full weight.
SECTION_WEIGHT = 3.6
# The same for every fourth bar, halved for the same reason.
PHRASE_WEIGHT = 3.6
# Most phrases last four bars.
PHRASE_BARS = 4
# The bass is the strongest note within this many semitones of the lowest, C2. Chosen, not fitted.
BASS_SEMITONES = 20
# A note an octave above counts half as much: small loudspeakers play only that one. Chosen, not fitted.
OCTAVE_SHARE = 0.5

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
    runner_up : KeyName
        The second most likely key.
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
    """Find the key whose profile fits the song's pitch classes best, and on whose tonic its phrases begin.

    Raises
    ------
    CannotMeasure
        The song is shorter than 3 s, or nothing in it has a pitch.
    """
    duration_s = len(semitones.magnitudes) / semitones.frame_rate_hz
    if duration_s < MIN_SONG_S:
        raise CannotMeasure(
            Absence.TOO_SHORT, f"{duration_s:.1f} s is too short to tell a key (needs {MIN_SONG_S:.0f} s)"
        )
    probability = key_probabilities(pitch_classes(semitones), _evidence_of_phrases(semitones, track, structure))
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
    """Return the share of each pitch class in the song, from C: (12,), summing to 1.

    Raises
    ------
    CannotMeasure
        The harmonic part is empty.
    """
    classes = semitones.chroma().mean(axis=0, dtype=np.float64)
    return np.asarray(classes / classes.sum(), dtype=np.float64)


def _evidence_of_phrases(
    semitones: SemitoneSpectrogram, track: BeatTrack | None, structure: Structure | None
) -> Floats:
    """Return the log-odds for each tonic from the bass where sections and phrases begin: (12,), 0 where unknown."""
    if track is None or structure is None or len(track.downbeat_index) <= PHRASE_BARS:
        return np.zeros(12)
    note, weight = bass_line(semitones)
    whole = _shares(note, weight)
    downbeats_s = track.times_s[track.downbeat_index]
    bar_s, beat_s = float(np.median(np.diff(downbeats_s))), float(np.median(np.diff(track.times_s)))

    def excess(times_s: Floats, length_s: float) -> Floats:
        """Return the shares in the first `length_s` from some times on, less those in the whole song."""
        starts = np.round(times_s * semitones.frame_rate_hz).astype(np.int64)
        ends = np.round((times_s + length_s) * semitones.frame_rate_hz).astype(np.int64)
        shares = [_shares(note[i:j], weight[i:j]) for i, j in zip(starts, ends, strict=True)]
        return np.asarray(np.mean([share for share in shares if share.any()] or [whole], axis=0) - whole)

    sections_s = np.array([section.start_s for section in structure.sections])
    return SECTION_WEIGHT * excess(sections_s, bar_s) + PHRASE_WEIGHT * excess(downbeats_s[::PHRASE_BARS], beat_s)


def bass_line(semitones: SemitoneSpectrogram) -> tuple[Ints, Floats]:
    """Return the pitch class of the bass in each frame, from C, and its strength, 0..1: twice (n_frames,)."""
    notes = np.sqrt(semitones.magnitudes)
    strength = notes[:, :BASS_SEMITONES] + OCTAVE_SHARE * notes[:, 12 : 12 + BASS_SEMITONES]
    greatest = strength.max(axis=1).astype(np.float64)
    classes: Ints = (strength.argmax(axis=1) + semitones.lowest_midi) % 12
    return classes, greatest / (greatest + float(np.median(greatest)) + 1e-9)


def _shares(note: Ints, weight: Floats) -> Floats:
    """Return the share of each pitch class in some frames: (12,), all 0 where nothing sounds."""
    total: Floats = np.bincount(note, weights=weight, minlength=12).astype(np.float64)
    return total / max(float(total.sum()), 1e-9)


def key_probabilities(classes: Floats, tonic_log_odds: Floats | None = None) -> Floats:
    """Return the probability of each key: shape (2, 12), major first, from C [2]_.

    Parameters
    ----------
    classes : float64 array, shape (12,)
        Share of each pitch class.
    tonic_log_odds : float64 array, shape (12,), optional
        Other evidence for each tonic.
    """
    profiles = [[np.roll(degrees, tonic) for tonic in range(12)] for degrees in DEGREES.values()]
    evidence = PROFILE_WEIGHT * np.array([[_correlation(classes, profile) for profile in row] for row in profiles])
    if tonic_log_odds is not None:
        evidence += tonic_log_odds
    odds = np.exp(evidence - evidence.max())
    return np.asarray(odds / odds.sum())


def camelot(tonic: int, mode: Mode) -> str:
    """Return the Camelot code of a key; the tonic is in semitones from C."""
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
