"""Key: the tonic and mode of each part of the song, with the probability that they are right.

Conventions
-----------
Pitch classes are numbered from C, 0..11; keys 0..23, major first; probabilities are 0..1. Times are seconds from the
start of the file.

References
----------
`riffscope.dsp.tonality` hears notes and chords, weighs the keys and finds where they change; the papers stand there.
"""

from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from scipy.ndimage import uniform_filter1d

from riffscope.analyzers.structure import Structure
from riffscope.arrays import Floats, Ints
from riffscope.dsp.rhythm.bars import beat_means
from riffscope.dsp.tonality.chords import bar_means, chord_probabilities, cut_bars, note_shares
from riffscope.dsp.tonality.keys import PHRASE_BARS, KeyedBars, TonalBars, chord_fit, find_keys, sounding_bars
from riffscope.dsp.tonality.notes import held_frames, note_strengths
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import value
from riffscope.notes import MAJOR_TONICS, MINOR_TONICS, music_type
from riffscope.steps import analyzer
from riffscope.units import CENTS, NAME, PROBABILITY, SECONDS, Said
from riffscope.views.beat_track import BeatTrack
from riffscope.views.semitone_spectrogram import HOP_LENGTH, N_FFT, SemitoneSpectrogram
from riffscope.words import percent_of

Mode = Literal["major", "minor"]

# A gap of this length in which hardly anything has a pitch belongs to no key where one ends and another begins. Chosen,
# not fitted.
MIN_GAP_S = 4.0
# Hardly anything has a pitch where the harmonic part is softer than this share of its median: noise leaves a quarter.
PITCHED_SHARE = 0.4
# A chord or two are no key. Chosen, not fitted.
MIN_SONG_S = 3.0
# Drums alone reach a harmonic fraction of .16, noise and a robin .17, dense metal .21 at least: what lies below is not
# held long enough to have a pitch.
MIN_HARMONIC_FRACTION = 0.19
# No key is named where there is one with less than this probability, averaged over the song: of 251 songs with a key
# all are above, of 76 sounds without one (noise and drums not counted) one is.
MIN_KEYED = 0.25
# Where no beat is known, the music is read in steps of this length, of which a "bar" has four. Chosen, not fitted.
STEP_S = 0.5
STEPS_PER_BAR = 4

# Camelot's wheel: one step up is a fifth up; C major is 8B, its relative A minor 8A.
_CAMELOT_OF_C_MAJOR = 8


@value
class KeyName:
    """A tonic, spelled as musicians write it, and a mode."""

    tonic: str
    mode: Mode

    @property
    def in_words(self) -> str:
        """``C♯ minor``."""
        return f"{music_type(self.tonic)} {self.mode}"


# A key that is less likely than this is named beside the next one: all others together are likelier.
CERTAIN_ENOUGH = 0.5


def name_of_key(likeliest: KeyName, probability: float, second: KeyName | None) -> str:
    """Name a key with how likely it is: ``C♯ minor (71% likely; next best: E major)``.

    Where it is less likely than not, both are named as equals: ``C♯ minor or E major (C♯ minor is 34% likely)``.
    """
    likely = f"{percent_of(probability)} likely"
    if second is None:
        return f"{likeliest.in_words} ({likely})"
    if probability < CERTAIN_ENOUGH:
        return f"{likeliest.in_words} or {second.in_words} ({likeliest.in_words} is {likely})"
    return f"{likeliest.in_words} ({likely}; next best: {second.in_words})"


@value
class KeyPart:
    """A part of the song in one key.

    Attributes
    ----------
    confidence_fraction : float
        Probability that tonic and mode are right.
    """

    start_s: Annotated[float, SECONDS]
    end_s: Annotated[float, SECONDS]
    tonic: Annotated[str, NAME]
    mode: Annotated[Mode, NAME]
    confidence_fraction: Annotated[float, PROBABILITY]

    def __post_init__(self) -> None:
        if not 0 <= self.start_s < self.end_s:
            raise ValueError(f"a part runs forward in time, not from {self.start_s} to {self.end_s} s")

    @property
    def label(self) -> str:
        """Its key, as in ``C# minor``."""
        return f"{self.tonic} {self.mode}"


@value
class Key:
    """The key of the song, by part.

    All fields but the tuning and the parts are those of the longest part.

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
    parts : tuple of KeyPart
        One where the key never changes; in order of time, pauses between them left out. Empty in analyses made before
        version 3.
    """

    tonic: Annotated[str, NAME]
    mode: Annotated[Mode, NAME]
    camelot: Annotated[str, NAME, "Camelot code"]
    tuning_cents: Annotated[
        float, CENTS, Said(one="The tuning is {} from A = 440 Hz", subject="the tuning", signed=True)
    ]
    confidence_fraction: Annotated[float, PROBABILITY, Said(one="The key is {} certain")]
    runner_up: KeyName
    minor_probability: Annotated[float, PROBABILITY, Said(one="A minor key is {} likely")]
    parts: tuple[KeyPart, ...] = ()

    @property
    def name(self) -> KeyName:
        """Its tonic and mode."""
        return KeyName(tonic=self.tonic, mode=self.mode)

    @property
    def summary(self) -> str:
        """The result in one line."""
        off = abs(self.tuning_cents) >= CENTS.same_within
        tuning = f", tuned {CENTS.format(self.tuning_cents, signed=True)} from A440" if off else ""
        changes = f", {len(self.parts)} parts" if len(self.parts) > 1 else ""
        told = name_of_key(self.name, self.confidence_fraction, self.runner_up)
        return f"{told}, Camelot {self.camelot}{changes}{tuning}"


@analyzer(version=3)
def measure_key(semitones: SemitoneSpectrogram, track: BeatTrack | None, structure: Structure | None) -> Key:
    """Find the key that best fits the song's notes and chords, and the chords on which sections and phrases begin.

    Where another key fits better for long enough, a key change is reported: at a bar line, preferably at the start of a
    section. Modes are called major or minor by their third: dorian counts as minor, mixolydian as major.

    Raises
    ------
    CannotMeasure
        The song is shorter than 3 s, nothing in it has a pitch, or no key explains it.

    Notes
    -----
    A change to the relative key, which has the same notes, is rarely found, nor is a change of fewer than about eight
    bars. Without a beat, key changes are placed to the nearest two seconds.
    """
    duration_s = len(semitones.magnitudes) / semitones.frame_rate_hz
    if duration_s < MIN_SONG_S:
        raise CannotMeasure(
            Absence.TOO_SHORT, f"{duration_s:.1f} s is too short to find a key (needs {MIN_SONG_S:.0f} s)"
        )
    if semitones.harmonic_fraction < MIN_HARMONIC_FRACTION:
        raise CannotMeasure(Absence.NO_PITCH, "no key was found: no pitch is held long enough")
    edges_s, bars = _cut_into_bars(track, duration_s)
    found = find_keys(_read_bars(semitones, edges_s, bars, structure))
    if not found:
        raise CannotMeasure(Absence.NO_PITCH, "no pitched sound was found")
    bars_s = np.clip(edges_s[bars], 0.0, duration_s)
    lengths_s = [float(bars_s[part.end] - bars_s[part.begin]) for part in found]
    if np.average([part.keyed for part in found], weights=lengths_s) < MIN_KEYED:
        raise CannotMeasure(Absence.NO_KEY, "no key was found: the notes and chords fit no major or minor key")
    parts = _apart([_as_part(part, bars_s) for part in found], semitones)
    longest = found[int(np.argmax([part.end_s - part.start_s for part in parts]))]
    name, second = (_name(int(key)) for key in np.argsort(-longest.probability)[:2])
    return Key(
        tonic=name.tonic,
        mode=name.mode,
        camelot=camelot(longest.key % 12, name.mode),
        tuning_cents=semitones.tuning_cents,
        confidence_fraction=_confidence(longest),
        runner_up=second,
        minor_probability=float(longest.probability[12:].sum()),
        parts=parts,
    )


def _cut_into_bars(track: BeatTrack | None, duration_s: float) -> tuple[Floats, Ints]:
    """Return where the beats of the whole song begin and the last ends, and the indexes at which bars do.

    The beats go on to the start and the end of the file. Without beats the song is cut into even steps.
    """
    if track is None:
        edges_s = np.append(np.arange(0.0, duration_s - STEP_S / 2, STEP_S), duration_s)
        return edges_s, _with_ends(np.arange(0, len(edges_s) - 1, STEPS_PER_BAR), len(edges_s) - 1)
    beat_s = float(np.median(np.diff(track.times_s)))
    before_s = np.arange(track.times_s[0] - beat_s, -beat_s / 2, -beat_s)[::-1]
    after_s = np.arange(track.times_s[-1] + beat_s, max(duration_s, track.times_s[-1] + 1.5 * beat_s), beat_s)
    edges_s = np.concatenate([before_s, track.times_s, after_s])
    downbeats = track.downbeat_index + len(before_s)
    last = len(edges_s) - 1
    if not downbeats.size:
        return edges_s, _with_ends(np.arange(0, last, track.beats_per_bar), last)
    earlier = np.arange(downbeats[0], 0, -track.beats_per_bar)[:0:-1]
    later = np.arange(downbeats[-1] + track.beats_per_bar, last, track.beats_per_bar)
    return edges_s, _with_ends(np.concatenate([earlier, downbeats, later]), last)


def _with_ends(starts: Ints, last: int) -> Ints:
    """Return the edges of bars that begin at `starts`, from the first beat on and up to the last."""
    inner = starts[(starts > 0) & (starts < last)]
    edges: Ints = np.unique(np.concatenate([[0], inner, [last]])).astype(np.int64)
    return edges


def _read_bars(semitones: SemitoneSpectrogram, edges_s: Floats, bars: Ints, structure: Structure | None) -> TonalBars:
    """Read the notes and chords of each bar, and which begin sections and phrases."""
    spectra = beat_means(semitones.magnitudes, edges_s, frame_rate_hz=semitones.frame_rate_hz)
    strength = note_strengths(
        spectra,
        lowest_midi=semitones.lowest_midi,
        sample_rate_hz=round(semitones.frame_rate_hz * HOP_LENGTH),
        n_fft=N_FFT,
    )
    shares = note_shares(strength)
    bars_s = edges_s[bars]
    held = beat_means(
        held_frames(semitones.magnitudes, frame_rate_hz=semitones.frame_rate_hz),
        bars_s,
        frame_rate_hz=semitones.frame_rate_hz,
    )
    edges, firsts = cut_bars(bars, edges_s)
    pieces = chord_probabilities(shares, edges)
    chords = bar_means(pieces, firsts)
    begins_section, begins_phrase = np.zeros((2, len(chords)), np.bool_)
    if structure is not None:
        starts_s = np.array([section.start_s for section in structure.sections])
        starts = np.abs(bars_s[:-1] - starts_s[:, None]).argmin(axis=1)
        begins_section[starts] = True
        for begin, end in zip(starts, [*starts[1:], len(chords)], strict=True):
            begins_phrase[begin:end:PHRASE_BARS] = True
    return TonalBars(
        chords=chords,
        openings=pieces[firsts[:-1]],
        chord_fit=bar_means(chord_fit(pieces), firsts),
        held=held[:, 0] / np.maximum(held[:, 1], 1e-12),
        length_s=np.diff(bars_s),
        classes=bar_means(shares.sum(axis=1), bars),
        sounding=sounding_bars(chords, bar_means(strength.sum(axis=1, keepdims=True), bars)[:, 0]),
        begins_section=begins_section,
        begins_phrase=begins_phrase,
    )


def _confidence(part: KeyedBars) -> float:
    """Return the probability that a part has a key and that it is the named one."""
    return part.keyed * float(part.probability.max())


def _as_part(part: KeyedBars, bars_s: Floats) -> KeyPart:
    name = _name(part.key)
    return KeyPart(
        start_s=float(bars_s[part.begin]),
        end_s=float(bars_s[part.end]),
        tonic=name.tonic,
        mode=name.mode,
        confidence_fraction=_confidence(part),
    )


def _apart(parts: list[KeyPart], semitones: SemitoneSpectrogram) -> tuple[KeyPart, ...]:
    """Let two keys that meet where hardly anything has a pitch end before it and begin after it."""
    rate_hz = semitones.frame_rate_hz
    level = uniform_filter1d(semitones.magnitudes.sum(axis=1, dtype=np.float64), round(rate_hz), mode="nearest")
    pitched = level >= PITCHED_SHARE * np.median(level)
    for k in range(len(parts) - 1):
        meet = round(parts[k].end_s * rate_hz)
        # A boundary lies on a bar line, which may lie a little beyond the gap.
        first = max(0, meet - round(MIN_GAP_S * rate_hz))
        near = first + np.flatnonzero(~pitched[first : meet + round(MIN_GAP_S * rate_hz)])
        if not near.size:
            continue
        inside = int(near[np.abs(near - meet).argmin()])
        before, after = np.flatnonzero(pitched[:inside]), inside + np.flatnonzero(pitched[inside:])
        if not before.size or not after.size or after[0] - before[-1] < MIN_GAP_S * rate_hz:
            continue
        end_s, start_s = float((before[-1] + 1) / rate_hz), float(after[0] / rate_hz)
        if parts[k].start_s < end_s and start_s < parts[k + 1].end_s:
            parts[k] = replace(parts[k], end_s=end_s)
            parts[k + 1] = replace(parts[k + 1], start_s=start_s)
    return tuple(parts)


def camelot(tonic: int, mode: Mode) -> str:
    """Return the Camelot code of a key; the tonic is in semitones from C."""
    major = tonic if mode == "major" else (tonic + 3) % 12
    hour = (_CAMELOT_OF_C_MAJOR + 7 * major - 1) % 12 + 1
    return f"{hour}{'B' if mode == 'major' else 'A'}"


def _name(index: int) -> KeyName:
    mode: Mode = "major" if index < 12 else "minor"
    return KeyName(tonic=(MAJOR_TONICS if mode == "major" else MINOR_TONICS)[index % 12], mode=mode)
