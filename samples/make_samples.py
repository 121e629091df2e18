"""Synthesise riffscope's three sample songs, each with its exact truth beside it.

* ``closet``: a looping guitar riff, a close and breathy voice of small range, wide layered "ooh"s; quiet, C minor,
  92 BPM.
* ``arena``: a wide, big voice in a hall, heavy bass, pumping four-on-the-floor; loud, D major, 126 BPM.
* ``closet-stripped``: the melody of ``closet`` with voice and guitar only; A minor, 80 BPM.

Every sound is computed here: plucked strings, a formant voice, drums and sawtooths; nothing is sampled. A score is
data, an instrument is a function from notes to sound, a song is a function from scores to a mix and its truth. Random
numbers are seeded, so the same songs and the same truth come out each time.

Usage::

    python samples/make_samples.py [--out DIR] [--only closet]
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy import ndimage, signal

Signal = NDArray[np.float64]
"""Sound: ``(n,)`` mono or ``(2, n)`` stereo, full scale 1.0."""

SAMPLE_RATE_HZ = 44_100
BEATS_PER_BAR = 4
CONCERT_PITCH_HZ = 440.0

# ---------------------------------------------------------------------------------------------------------------------
# Notes and time
# ---------------------------------------------------------------------------------------------------------------------

SEMITONE_OF_LETTER = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def midi_of(name: str) -> int:
    """Return the MIDI number of a note name: ``"A4"`` is 69, ``"Eb4"`` 63."""
    letter, accidental, octave = name[0], name[1:-1], int(name[-1])
    return SEMITONE_OF_LETTER[letter] + accidental.count("#") - accidental.count("b") + 12 * (octave + 1)


def hz_of(midi: Any) -> Any:
    """Return the frequency of a (fractional) MIDI number, for a number or an array."""
    return CONCERT_PITCH_HZ * 2.0 ** ((midi - 69.0) / 12.0)


def gain_of(level_db: float) -> float:
    """Return the amplitude factor of a level in decibels."""
    return float(10.0 ** (level_db / 20.0))


def sample_count(duration_s: float) -> int:
    """Return the number of samples in a duration."""
    return round(duration_s * SAMPLE_RATE_HZ)


def seconds(count: int) -> Signal:
    """Return the time of each of ``count`` samples, from 0."""
    return np.arange(count) / SAMPLE_RATE_HZ


@dataclass(frozen=True, kw_only=True)
class Clock:
    """A steady tempo: beat 0 is the first downbeat, ``first_beat_s`` into the file."""

    tempo_bpm: float
    first_beat_s: float

    @property
    def beat_s(self) -> float:
        """Length of a beat."""
        return 60.0 / self.tempo_bpm

    def time_s(self, beat: float) -> float:
        """Return when a beat sounds, in seconds from the start of the file."""
        return self.first_beat_s + beat * self.beat_s

    def span_s(self, start_beat: float, end_beat: float) -> tuple[float, float]:
        """Return the start and the end of a stretch of beats."""
        return self.time_s(start_beat), self.time_s(end_beat)


@dataclass(frozen=True, kw_only=True)
class Studio:
    """What all players of a song share: the tempo, the length of the tape, and one stream of chance."""

    clock: Clock
    duration_s: float
    rng: np.random.Generator

    def tape(self) -> Signal:
        """Return an empty mono tape of the song's length."""
        return np.zeros(sample_count(self.duration_s))

    def human_s(self, spread_s: float) -> float:
        """Return how late (or, negative, early) a player is this time: at most two standard deviations."""
        return float(np.clip(self.rng.normal(0.0, 1.0), -2.0, 2.0)) * spread_s


# ---------------------------------------------------------------------------------------------------------------------
# Tape: placing, panning, filtering
# ---------------------------------------------------------------------------------------------------------------------


def pan(mono: Signal, position: float) -> Signal:
    """Place a mono sound between left (-1) and right (+1) at constant power."""
    angle = (position + 1.0) * math.pi / 4.0
    return np.stack([math.cos(angle) * mono, math.sin(angle) * mono])


def place(tape: Signal, sound: Signal, start_s: float) -> None:
    """Add a sound to a tape (both mono or both stereo), cutting what runs past either end."""
    start = sample_count(start_s)
    skipped = max(0, -start)
    start = max(0, start)
    fitting = min(sound.shape[-1] - skipped, tape.shape[-1] - start)
    if fitting > 0:
        tape[..., start : start + fitting] += sound[..., skipped : skipped + fitting]


def filtered(sound: Signal, kind: str, cutoff_hz: float | tuple[float, float], *, order: int = 2) -> Signal:
    """Run a Butterworth filter forwards (no pre-echo, so onsets stay where they are)."""
    sections = signal.butter(order, cutoff_hz, kind, fs=SAMPLE_RATE_HZ, output="sos")
    return np.asarray(signal.sosfilt(sections, sound, axis=-1))


def smoothed(curve: Signal, width: int) -> Signal:
    """Smooth a control curve with a Hann window of ``width`` points; its ends are held."""
    if width < 3:
        return curve
    window = np.hanning(width + 2)[1:-1]
    return np.asarray(ndimage.convolve1d(curve, window / window.sum(), axis=0, mode="nearest"))


def faded(sound: Signal, *, attack_s: float = 0.0, release_s: float = 0.0) -> Signal:
    """Fade a sound in and out with quarter-sine slopes."""
    shape = np.ones(sound.shape[-1])
    if attack := min(sample_count(attack_s), shape.size):
        shape[:attack] *= np.sin(np.linspace(0.0, math.pi / 2.0, attack))
    if release := min(sample_count(release_s), shape.size):
        shape[-release:] *= np.cos(np.linspace(0.0, math.pi / 2.0, release))
    return sound * shape


def rms(sound: Signal) -> float:
    """Return the root mean square of a sound."""
    return float(np.sqrt(np.mean(np.square(sound))))


# ---------------------------------------------------------------------------------------------------------------------
# Guitar and bass: the plucked string
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class StringTone:
    """How a string is built and plucked."""

    decay_s: float
    """Time in which the fundamental falls by 60 dB."""
    damping: float
    """Weight of the delayed tap in the loop filter, 0..0.5: more is duller."""
    pick_position: float
    """Where it is plucked, as a fraction of its length from the bridge: that harmonic and its multiples are missing."""
    softness_hz: float
    """Corner of the low-pass made by the fingertip; a harder pluck raises it."""


NYLON_GUITAR = StringTone(decay_s=5.5, damping=0.16, pick_position=0.19, softness_hz=3200.0)
GENTLE_GUITAR = StringTone(decay_s=6.0, damping=0.20, pick_position=0.24, softness_hz=2400.0)
SOFT_BASS = StringTone(decay_s=2.2, damping=0.45, pick_position=0.31, softness_hz=320.0)


def vibrating_string(excitation: Signal, f0_hz: float, tone: StringTone) -> Signal:
    """Let a string loop ring: Karplus & Strong 1983 with the tuning of Jaffe & Smith 1983.

    The loop is a delay of whole samples, a two-tap low-pass that damps high harmonics first, and a first-order allpass
    for the fraction of a sample that is left; the three delays together are one period. The closed loop is one
    recursive filter.
    """
    period = SAMPLE_RATE_HZ / f0_hz
    omega = 2.0 * math.pi / period
    damping = tone.damping
    lowpass_delay = math.atan2(damping * math.sin(omega), 1.0 - damping + damping * math.cos(omega)) / omega
    whole = math.floor(
        period - lowpass_delay - 0.3
    )  # leaves the allpass 0.3..1.3 samples, where its phase is well behaved
    fraction = period - lowpass_delay - whole
    c = math.sin((1.0 - fraction) * omega / 2.0) / math.sin(
        (1.0 + fraction) * omega / 2.0
    )  # exact at f0: Jaffe & Smith eq. 16

    loop_gain = 10.0 ** (-3.0 / (tone.decay_s * f0_hz))  # 60 dB after decay_s
    loop_gain /= math.hypot(1.0 - damping + damping * math.cos(omega), damping * math.sin(omega))
    loop_gain = min(loop_gain, 0.99999)
    feedback = loop_gain * np.convolve([1.0 - damping, damping], [c, 1.0])
    denominator = np.zeros(whole + 3)
    denominator[:2] = [1.0, c]
    denominator[whole:] -= feedback
    return np.asarray(signal.lfilter([1.0, c], denominator, excitation))


def pluck(
    f0_hz: float, duration_s: float, tone: StringTone, rng: np.random.Generator, *, velocity: float = 0.7
) -> Signal:
    """Pluck one string.

    The fingertip's push is a short smooth pulse with a little noise; the reflection from the bridge, ``pick_position``
    of a period later, combs it (Jaffe & Smith 1983, on the pick's position). Two loops, 0.9 cents apart and decaying
    at different rates, stand for the two planes in which a string swings (Weinreich 1977).
    """
    period = SAMPLE_RATE_HZ / f0_hz
    push = np.hanning(max(5, round(0.0007 * SAMPLE_RATE_HZ)))  # 0.7 ms: a fingertip leaving the string
    burst = np.zeros(sample_count(duration_s))
    width = min(burst.size, round(period))
    burst[: min(push.size, burst.size)] += push[: burst.size]
    burst[:width] += 0.16 * rng.standard_normal(width) * np.linspace(1.0, 0.0, width)
    reflection_delay = max(1, round(tone.pick_position * period))
    comb = np.zeros(reflection_delay + 1)
    comb[[0, -1]] = [1.0, -0.92]
    burst = np.asarray(signal.lfilter(comb, [1.0], burst))
    burst = filtered(burst, "lowpass", tone.softness_hz * (0.45 + 0.8 * velocity), order=1)

    upright = vibrating_string(burst, f0_hz, replace(tone, decay_s=0.55 * tone.decay_s))
    sideways = vibrating_string(burst, f0_hz * 2.0 ** (0.9 / 1200.0), tone)
    return velocity * faded(0.6 * upright + 0.4 * sideways, release_s=min(0.06, duration_s / 3.0))


# Air and plate resonances of a classical guitar (Fletcher & Rossing, The Physics of Musical Instruments, ch. 9):
# frequency, ring time (to -60 dB) and strength.
BODY_MODES = (
    (98.0, 0.16, 0.020),
    (204.0, 0.14, 0.026),
    (288.0, 0.11, 0.014),
    (410.0, 0.09, 0.012),
    (620.0, 0.06, 0.010),
)


def guitar_body(strings: Signal) -> Signal:
    """Radiate a mono string sound through a guitar's body into two microphones that hear its modes differently."""
    t = seconds(sample_count(0.25))
    channels = []
    for side in (-1.0, 1.0):
        response = np.zeros(t.size)
        response[0] = 1.0
        for index, (mode_hz, ring_s, strength) in enumerate(BODY_MODES):
            phase = side * (0.35 + 0.3 * index)
            response += strength * np.exp(-6.9 * t / ring_s) * np.sin(2.0 * math.pi * mode_hz * t + phase)
        channels.append(signal.fftconvolve(strings, response)[: strings.size])
    return np.stack(channels)


@dataclass(frozen=True, kw_only=True)
class Plucked:
    """One plucked note of a part: when, how long it rings, which note, how hard."""

    beat: float
    beats: float
    midi: int
    velocity: float = 0.7


HUMAN_SPREAD_S = 0.0025
"""How unevenly good players of the closet songs keep time (standard deviation)."""


def play_strings(part: Iterable[Plucked], tone: StringTone, studio: Studio) -> Signal:
    """Play a part on one instrument, mono, with human timing and touch."""
    tape = studio.tape()
    for note in part:
        velocity = note.velocity * float(np.clip(studio.rng.normal(1.0, 0.06), 0.85, 1.15))
        length_s = note.beats * studio.clock.beat_s
        sound = pluck(float(hz_of(note.midi)), length_s, tone, studio.rng, velocity=velocity)
        place(tape, sound, studio.clock.time_s(note.beat) + studio.human_s(HUMAN_SPREAD_S))
    return tape


# ---------------------------------------------------------------------------------------------------------------------
# The voice
# ---------------------------------------------------------------------------------------------------------------------

# Formants F1, F2, F3 in Hz of adult women (Peterson & Barney 1952, table II); "oh" is not in their table and was set
# between "aw" and "oo".
VOWELS_HZ = {
    "ee": (310.0, 2790.0, 3310.0),
    "ih": (430.0, 2480.0, 3070.0),
    "eh": (610.0, 2330.0, 2990.0),
    "ae": (860.0, 2050.0, 2850.0),
    "ah": (850.0, 1220.0, 2810.0),
    "aw": (590.0, 920.0, 2710.0),
    "oh": (480.0, 900.0, 2690.0),
    "oo": (370.0, 950.0, 2670.0),
    "uh": (760.0, 1400.0, 2780.0),
    "er": (500.0, 1640.0, 1960.0),
}
DIPHTHONGS = {"ai": ("ah", "ih"), "ei": ("eh", "ee"), "ou": ("oh", "oo"), "ow": ("ah", "oo")}

# Formants above the third do little for the vowel and much for the timbre: without them all is dull above 4 kHz.
UPPER_FORMANTS_HZ = (4200.0, 5100.0, 6200.0, 7400.0, 8700.0)
BANDWIDTHS_HZ = (80.0, 100.0, 150.0, 220.0, 280.0, 400.0, 550.0, 700.0)


@dataclass(frozen=True)
class Consonant:
    """A consonant before a vowel: where the tongue is, how much voice, and which noise."""

    duration_s: float
    formants_hz: tuple[float, float, float] | None = None
    noise_hz: tuple[float, float] | None = None
    noise_gain: float = 0.0
    voicing: float = 0.0
    closure_s: float = 0.0
    """Silence of a stop before its burst."""
    aspiration: float = 0.0
    """Breath through the vocal tract, as in h and after p, t, k."""


# Loci and bands after Klatt 1980, whose consonants are a man's, raised by about 17 % for a woman.
CONSONANTS = {
    "m": Consonant(0.070, (290.0, 1100.0, 2400.0), voicing=0.40),
    "n": Consonant(0.065, (290.0, 1700.0, 2700.0), voicing=0.40),
    "l": Consonant(0.060, (370.0, 1250.0, 3200.0), voicing=0.60),
    "r": Consonant(0.060, (400.0, 1300.0, 1750.0), voicing=0.65),
    "w": Consonant(0.065, (330.0, 750.0, 2500.0), voicing=0.60),
    "v": Consonant(0.055, (300.0, 1250.0, 2500.0), (3000.0, 9000.0), 0.03, voicing=0.45),
    "z": Consonant(0.070, (300.0, 1700.0, 2900.0), (5200.0, 11000.0), 0.20, voicing=0.35),
    "dh": Consonant(0.045, (330.0, 1500.0, 2900.0), (4000.0, 9000.0), 0.03, voicing=0.45),
    "h": Consonant(0.070, aspiration=1.0),
    "f": Consonant(0.090, (400.0, 1250.0, 2500.0), (2500.0, 10000.0), 0.15),
    "s": Consonant(0.105, (400.0, 1700.0, 2900.0), (5400.0, 11500.0), 0.45),
    "t": Consonant(0.085, (380.0, 1900.0, 3000.0), (3500.0, 9000.0), 0.60, closure_s=0.045, aspiration=0.6),
    "k": Consonant(0.090, (380.0, 1900.0, 2500.0), (1500.0, 4500.0), 0.60, closure_s=0.045, aspiration=0.7),
    "d": Consonant(0.055, (300.0, 1850.0, 3000.0), (3000.0, 8000.0), 0.25, closure_s=0.040, voicing=0.20),
    "g": Consonant(0.060, (300.0, 1900.0, 2500.0), (1500.0, 4000.0), 0.25, closure_s=0.040, voicing=0.20),
    "b": Consonant(0.055, (300.0, 1000.0, 2400.0), (500.0, 2500.0), 0.20, closure_s=0.040, voicing=0.20),
}
NO_CONSONANT = Consonant(0.0)


@dataclass(frozen=True, kw_only=True)
class Singer:
    """A voice and its manner."""

    open_fraction: float
    """Part of each cycle in which the glottis is open: .5 pressed, .8 breathy (Klatt & Klatt 1990)."""
    breath_db: float
    """Level of the aspiration noise against the glottal source."""
    air_db: float
    """Level of the turbulence above 3 kHz against the voice: the nearness of the microphone."""
    soft_tilt_hz: float
    """Corner of the source's low-pass at low effort."""
    loud_tilt_hz: float
    """The same at full effort."""
    vibrato_cents: float
    vibrato_hz: float
    vibrato_delay_s: float
    """Time into a note before its vibrato begins."""
    glide_s: float
    """Width of the portamento between two notes."""
    scoop_semitones: float
    """How far below its first note a phrase begins."""
    tract_scale: float = 1.0
    """Formant frequencies against those of the tables: a shorter tract is above 1."""
    ring: float = 0.0
    """How closely the 3rd to 5th formants cluster near 3 kHz, 0..1: the singer's formant (Sundberg 1974)."""
    consonants: float = 1.0
    """Strength of consonants' noises and of breaths between phrases."""
    jitter_fraction: float = 0.004
    drift_cents: float = 15.0
    flutter_cents: float = 18.0
    """How far the pitch strays from the note, slowly and at 5 to 10 Hz: nobody holds one still (Sundberg, "The Science
    of the Singing Voice", 1987)."""
    shimmer_fraction: float = 0.03


CLOSE_SINGER = Singer(
    open_fraction=0.74, breath_db=-17.0, air_db=-27.0, soft_tilt_hz=1400.0, loud_tilt_hz=3600.0,
    vibrato_cents=14.0, vibrato_hz=5.2, vibrato_delay_s=0.35, glide_s=0.085, scoop_semitones=0.6,
)  # fmt: skip
ARENA_SINGER = Singer(
    open_fraction=0.58, breath_db=-36.0, air_db=-42.0, soft_tilt_hz=2600.0, loud_tilt_hz=8000.0,
    vibrato_cents=48.0, vibrato_hz=5.7, vibrato_delay_s=0.12, glide_s=0.075, scoop_semitones=0.9,
    tract_scale=0.96, ring=0.7,
)  # fmt: skip
OOH_SINGER = Singer(
    open_fraction=0.76, breath_db=-20.0, air_db=-34.0, soft_tilt_hz=700.0, loud_tilt_hz=1300.0,
    vibrato_cents=18.0, vibrato_hz=5.0, vibrato_delay_s=0.25, glide_s=0.12, scoop_semitones=0.4, consonants=0.4,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Sung:
    """One written note for a voice. The vowel begins on the beat; its consonant comes before."""

    beat: float
    beats: float
    midi: float
    vowel: str
    onset: str = ""
    coda: str = ""


def read_melody(*lines: tuple[float, str]) -> list[Sung]:
    """Read a vocal score: lines that start on a beat, of words ``onset-vowel-coda:note:beats`` one after the other."""
    notes: list[Sung] = []
    for start_beat, words in lines:
        beat = start_beat
        for word in words.split():
            syllable, name, length = word.split(":")
            sounds = syllable.split("-")
            onset = sounds.pop(0) if sounds[0] in CONSONANTS else ""
            vowel, coda = (*sounds, "")[:2]
            beats, midi = float(length), midi_of(name)
            notes.append(Sung(beat=beat, beats=beats, midi=midi, vowel=vowel, onset=onset, coda=coda))
            beat += beats
    return notes


@dataclass(frozen=True, kw_only=True)
class TimedNote:
    """A sung note in seconds: from the vowel's start to where its sound ends or the next consonant begins."""

    start_s: float
    end_s: float
    midi: float
    onset: Consonant
    vowels_hz: tuple[tuple[float, float, float], tuple[float, float, float]]
    coda: Consonant | None

    @property
    def consonant_start_s(self) -> float:
        """When the consonant before the vowel begins."""
        return self.start_s - self.onset.duration_s


RELEASE_S = 0.07
"""Time in which the voice dies away at the end of a phrase."""
PHRASE_GAP_S = 0.10
"""Notes closer than this are sung in one breath."""


def time_notes(score: Sequence[Sung], clock: Clock) -> list[TimedNote]:
    """Put a vocal score on the clock, making room for each consonant at the end of the note before it."""
    timed: list[TimedNote] = []
    for index, note in enumerate(score):
        start_s, end_s = clock.span_s(note.beat, note.beat + note.beats)
        following = score[index + 1] if index + 1 < len(score) else None
        if following is not None and clock.time_s(following.beat) - end_s < PHRASE_GAP_S:
            end_s = clock.time_s(following.beat) - CONSONANTS.get(following.onset, NO_CONSONANT).duration_s
        first, last = DIPHTHONGS.get(note.vowel, (note.vowel, note.vowel))
        timed.append(
            TimedNote(
                start_s=start_s,
                end_s=end_s,
                midi=float(note.midi),
                onset=CONSONANTS.get(note.onset, NO_CONSONANT),
                vowels_hz=(VOWELS_HZ[first], VOWELS_HZ[last]),
                coda=CONSONANTS[note.coda] if note.coda else None,
            )
        )
    return timed


def phrases_of(notes: Sequence[TimedNote]) -> list[list[TimedNote]]:
    """Group notes that are sung in one breath."""
    phrases: list[list[TimedNote]] = []
    for note in notes:
        if phrases and note.consonant_start_s - phrases[-1][-1].end_s < PHRASE_GAP_S:
            phrases[-1].append(note)
        else:
            phrases.append([note])
    return phrases


CONTROL_HZ = 1000
"""Rate of the curves that steer the voice: pitch, formants, loudness."""


@dataclass(frozen=True, kw_only=True)
class Gesture:
    """The curves that steer one phrase, at ``CONTROL_HZ`` from ``start_s``."""

    start_s: float
    midi: Signal
    voicing: Signal
    """Strength of the glottal source, 0..1."""
    aspiration: Signal
    """Extra breath, 0..1."""
    effort: Signal
    """Vocal effort, 0..1: louder and brighter."""
    formants_hz: Signal
    """Shape ``(n, 3)``."""


def slow_noise(count: int, cutoff_hz: float, rng: np.random.Generator) -> Signal:
    """Return unit-variance noise at ``CONTROL_HZ`` that moves no faster than ``cutoff_hz``."""
    noise = smoothed(rng.standard_normal(count + 2), max(3, round(CONTROL_HZ / cutoff_hz)))[:count]
    return noise / max(1e-9, float(noise.std()))


def pitch_curve(phrase: Sequence[TimedNote], t: Signal, singer: Singer, rng: np.random.Generator) -> Signal:
    """Sing the notes of a phrase: scoop into the first, glide between them, late vibrato, slow drift. MIDI numbers."""
    starts = np.array([note.start_s for note in phrase])
    # A glide is under way before the vowel: by the vowel's start most of it is done, as singers do.
    index = np.clip(np.searchsorted(starts - 0.3 * singer.glide_s, t, side="right") - 1, 0, len(phrase) - 1)
    curve = smoothed(np.array([note.midi for note in phrase])[index], round(singer.glide_s * CONTROL_HZ))
    curve -= singer.scoop_semitones * np.exp(-np.maximum(0.0, t - phrase[0].consonant_start_s) / 0.05)

    into_note_s = t - starts[index]
    is_long = np.array([note.end_s - note.start_s > singer.vibrato_delay_s + 0.25 for note in phrase])[index]
    swell = np.clip((into_note_s - singer.vibrato_delay_s) / 0.2, 0.0, 1.0) * is_long
    rate_hz = singer.vibrato_hz * (1.0 + 0.04 * slow_noise(t.size, 2.0, rng))
    vibrato = np.sin(2.0 * math.pi * np.cumsum(rate_hz) / CONTROL_HZ + rng.uniform(0.0, 2.0 * math.pi))
    curve += singer.vibrato_cents / 100.0 * smoothed(swell, 120) * vibrato
    drift, flutter = slow_noise(t.size, 2.5, rng), slow_noise(t.size, 11.0, rng)
    return curve + (singer.drift_cents * drift + singer.flutter_cents * flutter) / 100.0


def formant_curve(phrase: Sequence[TimedNote], t: Signal, singer: Singer) -> Signal:
    """Move F1..F3 from consonant to vowel to consonant; shape ``(n, 3)``."""
    times: list[float] = []
    targets: list[tuple[float, float, float]] = []

    def reach(time_s: float, target_hz: tuple[float, float, float]) -> None:
        times.append(max(time_s, times[-1] + 1e-4) if times else time_s)
        targets.append(target_hz)

    for note in phrase:
        first, last = note.vowels_hz
        length_s = note.end_s - note.start_s
        if note.onset.formants_hz is not None:
            reach(note.consonant_start_s + 0.5 * note.onset.duration_s, note.onset.formants_hz)
        reach(note.start_s + min(0.035, 0.25 * length_s), first)
        reach(note.start_s + 0.55 * length_s, first)
        reach(note.start_s + 0.9 * length_s, last)
        if note.coda is not None and note.coda.formants_hz is not None:
            reach(note.end_s - 0.02, note.coda.formants_hz)
    curve = np.stack([np.interp(t, times, [target[i] for target in targets]) for i in range(3)], axis=1)
    return smoothed(curve * singer.tract_scale, 28)  # 28 ms: the tongue's own sluggishness


def gesture_of(phrase: Sequence[TimedNote], singer: Singer, rng: np.random.Generator) -> Gesture:
    """Work out everything a singer does in one phrase."""
    start_s = phrase[0].consonant_start_s - 0.05
    t = start_s + np.arange(round((phrase[-1].end_s + RELEASE_S + 0.08 - start_s) * CONTROL_HZ)) / CONTROL_HZ
    voicing = np.where((t >= phrase[0].consonant_start_s) & (t <= phrase[-1].end_s), 1.0, 0.0)
    aspiration = np.zeros(t.size)
    level = np.zeros(t.size)
    for index, note in enumerate(phrase):
        consonant = (t >= note.consonant_start_s) & (t < note.start_s)
        voicing[consonant] = note.onset.voicing
        breathing = (t >= note.consonant_start_s + note.onset.closure_s) & (t < note.start_s + 0.015)
        aspiration[breathing] = note.onset.aspiration
        if note.coda is not None:
            closing_s = min(0.09, 0.3 * (note.end_s - note.start_s))
            voicing[(t > note.end_s - closing_s) & (t <= note.end_s)] = note.coda.voicing
        arc = math.sin(math.pi * (index + 0.7) / (len(phrase) + 0.4))  # a phrase swells and falls
        level[t >= note.consonant_start_s] = 0.35 + 0.3 * arc + 0.025 * (note.midi - phrase[0].midi)
    fade = np.clip((phrase[-1].end_s + RELEASE_S - t) / RELEASE_S, 0.0, 1.0)
    voicing[t > phrase[-1].end_s] = 1.0 if phrase[-1].coda is None else phrase[-1].coda.voicing
    voicing = smoothed(voicing * fade, 25)
    return Gesture(
        start_s=start_s,
        midi=pitch_curve(phrase, t, singer, rng),
        voicing=voicing,
        aspiration=smoothed(aspiration, 20),
        effort=np.clip(smoothed(level, 90) + 0.04 * slow_noise(t.size, 4.0, rng), 0.1, 1.0),
        formants_hz=formant_curve(phrase, t, singer),
    )


OVERSAMPLING = 4
"""The glottal pulse has a corner at closure; at 4 times the rate, what its overtones fold back is out of hearing."""


def glottal_source(f0_hz: Signal, singer: Singer, rng: np.random.Generator) -> tuple[Signal, Signal]:
    """Return the derivative of the glottal flow and the flow itself (0..1) for a pitch at the sample rate.

    The pulse is that of KLGLOTT88 (Klatt & Klatt 1990), a cubic after Rosenberg (1971): while the glottis is open,
    flow = 27/4 (x^2 - x^3), x from 0 to 1. Lips radiate its derivative. Each cycle's length and strength waver:
    jitter and shimmer.
    """
    wander = filtered(rng.standard_normal(f0_hz.size), "lowpass", 120.0)  # about as fast as the cycles themselves
    f0_hz = f0_hz * (1.0 + singer.jitter_fraction * wander / wander.std())
    fine_f0_hz = np.interp(np.arange(f0_hz.size * OVERSAMPLING) / OVERSAMPLING, np.arange(f0_hz.size), f0_hz)
    cycles = np.cumsum(fine_f0_hz) / (SAMPLE_RATE_HZ * OVERSAMPLING)
    cycle = np.floor(cycles).astype(np.int64)
    x = (cycles - cycle) / singer.open_fraction
    is_open = x < 1.0
    strength = 1.0 + singer.shimmer_fraction * rng.standard_normal(int(cycle[-1]) + 2)[cycle]
    slope = np.where(is_open, (2.0 * x - 3.0 * x**2) * strength, 0.0)
    flow = np.where(is_open, 6.75 * (x**2 - x**3), 0.0)[::OVERSAMPLING]
    return np.asarray(signal.resample_poly(slope, 1, OVERSAMPLING))[: f0_hz.size], flow


TRACT_BLOCK = 64
"""Samples for which the vocal tract stands still: 1.5 ms."""


def vocal_tract(source: Signal, formants_hz: Signal, bandwidths_hz: Signal) -> Signal:
    """Filter a source through a cascade of moving resonators of unit gain at 0 Hz (Klatt 1980, equations 1 and 2).

    ``formants_hz`` and ``bandwidths_hz`` have the shape ``(blocks, formants)``: a row for each ``TRACT_BLOCK`` samples.
    """
    radius = np.exp(-math.pi * bandwidths_hz / SAMPLE_RATE_HZ)
    b = 2.0 * radius * np.cos(2.0 * math.pi * formants_hz / SAMPLE_RATE_HZ)
    c = -(radius**2)
    sections = np.zeros((*formants_hz.shape, 6))
    sections[..., 0] = 1.0 - b - c
    sections[..., 3] = 1.0
    sections[..., 4] = -b
    sections[..., 5] = -c
    state = np.zeros((formants_hz.shape[1], 2))
    output = np.empty(source.size)
    for block, start in enumerate(range(0, source.size, TRACT_BLOCK)):
        stop = start + TRACT_BLOCK
        output[start:stop], state = signal.sosfilt(sections[block], source[start:stop], zi=state)
    return output


def resonances(gesture: Gesture, singer: Singer, count: int) -> tuple[Signal, Signal]:
    """Return all formants and bandwidths of a phrase, block by block.

    Singers open the jaw so that F1 stays above a high note (Sundberg 1975); a ringing voice draws F3..F5 together.
    """
    at = (np.arange(math.ceil(count / TRACT_BLOCK)) + 0.5) * TRACT_BLOCK / SAMPLE_RATE_HZ * CONTROL_HZ
    grid = np.arange(gesture.midi.size)
    low = np.stack([np.interp(at, grid, gesture.formants_hz[:, i]) for i in range(3)], axis=1)
    f0_hz = hz_of(np.interp(at, grid, gesture.midi))
    low[:, 0] = np.maximum(low[:, 0], 1.04 * f0_hz)
    low[:, 1] = np.maximum(low[:, 1], low[:, 0] + 300.0)
    low[:, 2] = np.maximum(low[:, 2], low[:, 1] + 400.0)
    upper = np.tile(np.array(UPPER_FORMANTS_HZ) * singer.tract_scale, (at.size, 1))
    for column, cluster_hz in enumerate((3250.0, 3700.0)):
        upper[:, column] += singer.ring * (cluster_hz - upper[:, column])
    low[:, 2] += singer.ring * (2850.0 - low[:, 2])
    low[:, 2] = np.maximum(low[:, 2], low[:, 1] + 250.0)
    formants_hz = np.concatenate([low, upper], axis=1)
    widening = 1.0 + max(0.0, singer.open_fraction - 0.6)  # an open glottis damps the tract
    bandwidths_hz = np.tile(np.array(BANDWIDTHS_HZ) * widening, (at.size, 1))
    bandwidths_hz[:, 0] = np.maximum(bandwidths_hz[:, 0], 0.14 * f0_hz)  # keeps a lone harmonic on F1 from whistling
    return formants_hz, bandwidths_hz


def sing_phrase(gesture: Gesture, singer: Singer, rng: np.random.Generator) -> tuple[Signal, Signal]:
    """Sing one phrase; returns the sound and the glottal flow that gates its breath."""
    count = sample_count(gesture.midi.size / CONTROL_HZ)
    at = seconds(count) * CONTROL_HZ
    grid = np.arange(gesture.midi.size)
    f0_hz = hz_of(np.interp(at, grid, gesture.midi))
    voicing = np.interp(at, grid, gesture.voicing)
    effort = np.interp(at, grid, gesture.effort)
    slope, flow = glottal_source(f0_hz, singer, rng)
    soft = filtered(slope, "lowpass", singer.soft_tilt_hz, order=1)
    loud = filtered(slope, "lowpass", singer.loud_tilt_hz, order=1)
    voice = (soft + (loud - soft) * effort) * voicing * (0.5 + effort)

    breath = rng.standard_normal(count) * gain_of(singer.breath_db) * 0.35
    breath *= (0.25 + 0.75 * flow) * voicing + 2.5 * np.interp(at, grid, gesture.aspiration)
    formants_hz, bandwidths_hz = resonances(gesture, singer, count)
    return vocal_tract(voice + breath, formants_hz, bandwidths_hz), flow * voicing


def consonant_noises(phrase: Sequence[TimedNote], rng: np.random.Generator) -> Iterable[tuple[float, Signal]]:
    """Yield the hiss or burst of each consonant of a phrase with its time."""
    for note in phrase:
        onset = note.onset
        if onset.noise_hz is None:
            continue
        is_stop = onset.closure_s > 0.0
        length_s = 0.022 if is_stop else onset.duration_s + 0.015
        noise = filtered(rng.standard_normal(sample_count(length_s)), "bandpass", onset.noise_hz)
        shaped = faded(noise, attack_s=0.001 if is_stop else 0.04, release_s=0.6 * length_s)
        yield note.consonant_start_s + onset.closure_s, onset.noise_gain * shaped


def inhale(length_s: float, rng: np.random.Generator) -> Signal:
    """Return a breath taken through an open mouth: noise with two broad resonances, swelling to its end."""
    noise = rng.standard_normal(sample_count(length_s))
    dark = filtered(noise, "bandpass", (900.0, 2300.0), order=1)
    bright = filtered(noise, "bandpass", (3500.0, 7500.0), order=1)
    return faded(dark + 0.5 * bright, attack_s=0.75 * length_s, release_s=0.2 * length_s)


def levelled(sound: Signal, reference_rms: float, *, ratio: float) -> Signal:
    """Even out a voice as a compressor does: levels above or below the reference move towards it by ``ratio``."""
    envelope = np.sqrt(smoothed(np.square(sound)[::32], round(0.08 * SAMPLE_RATE_HZ / 32)))
    envelope = np.maximum(envelope, 0.15 * reference_rms)
    gain = (envelope / reference_rms) ** (1.0 / ratio - 1.0)
    return sound * np.interp(np.arange(sound.size), np.arange(gain.size) * 32, gain)


@dataclass(frozen=True, kw_only=True)
class Take:
    """A sung part: its sound (mono, RMS 1 while sung), its notes, and its pitch as it was synthesised."""

    sound: Signal
    notes: list[TimedNote]
    frames_s: Signal
    frames_midi: Signal
    """Pitch every 10 ms at ``frames_s``, only where the glottis sounds, without jitter."""
    spans_s: list[tuple[float, float]]
    """The phrases, consonants and dying away included."""


def sing(score: Sequence[Sung], singer: Singer, studio: Studio) -> Take:
    """Sing a part by rule: source, tract, consonants, and a breath before each phrase."""
    rng = studio.rng
    voice, flow, noise = studio.tape(), studio.tape(), studio.tape()
    notes = time_notes(score, studio.clock)
    frames_s, frames_midi, spans_s = [], [], []
    breath_from_s = studio.clock.first_beat_s
    for phrase in phrases_of(notes):
        gesture = gesture_of(phrase, singer, rng)
        sound, phrase_flow = sing_phrase(gesture, singer, rng)
        place(voice, sound, gesture.start_s)
        place(flow, phrase_flow, gesture.start_s)
        for time_s, hiss in consonant_noises(phrase, rng):
            place(noise, singer.consonants * hiss, time_s)
        room_s = phrase[0].consonant_start_s - breath_from_s
        if room_s > 0.25:
            length_s = min(0.45, room_s - 0.1)
            place(
                noise, 0.10 * singer.consonants * inhale(length_s, rng), phrase[0].consonant_start_s - length_s - 0.03
            )
        breath_from_s = phrase[-1].end_s + RELEASE_S

        t = gesture.start_s + np.arange(gesture.midi.size) / CONTROL_HZ
        on_grid = np.arange(math.ceil(t[0] * 100.0), math.floor(t[-1] * 100.0) + 1) / 100.0
        sounding = np.interp(on_grid, t, gesture.voicing) > 0.1
        frames_s.append(on_grid[sounding])
        frames_midi.append(np.interp(on_grid, t, gesture.midi)[sounding])
        spans_s.append((phrase[0].consonant_start_s, phrase[-1].end_s + RELEASE_S))
    voice /= rms(voice[flow > 0.02])
    voice = levelled(voice, 1.0, ratio=1.8)
    air = filtered(rng.standard_normal(flow.size), "bandpass", (3000.0, 12000.0)) * flow * gain_of(singer.air_db) * 4.0
    return Take(
        sound=voice + air + noise,
        notes=notes,
        frames_s=np.concatenate(frames_s),
        frames_midi=np.concatenate(frames_midi),
        spans_s=spans_s,
    )


OohChord = tuple[float, float, str, tuple[str, str, str]]
"""A chord for the layered voices: beat, beats, vowel, and its three notes from the lowest."""


def sing_oohs(chords: Sequence[OohChord], studio: Studio) -> Signal:
    """Layer a wide choir, in stereo: each note sung on either side, by singers of their own tuning, time and size."""
    rng = studio.rng
    tape = pan(studio.tape(), 0.0)
    for part in range(3):
        for side in (-1.0, 1.0):
            detune_semitones = side * rng.uniform(0.05, 0.14)
            score = [
                Sung(beat=beat, beats=beats, midi=midi_of(notes[part]) + detune_semitones, vowel=vowel)
                for beat, beats, vowel, notes in chords
            ]
            person = replace(
                OOH_SINGER,
                tract_scale=float(rng.uniform(0.93, 1.08)),
                vibrato_hz=float(rng.uniform(4.6, 5.6)),
                vibrato_cents=float(rng.uniform(12.0, 24.0)),
            )
            late_s = float(rng.uniform(-0.02, 0.05))
            late = replace(studio.clock, first_beat_s=studio.clock.first_beat_s + late_s)
            take = sing(score, person, replace(studio, clock=late))
            place(tape, pan(take.sound, side * (0.6 + 0.15 * part)), 0.0)
    return tape


def layer_spans(chords: Sequence[OohChord], clock: Clock) -> list[tuple[float, float]]:
    """Return the spans in which the layered voices sound; chords that follow each other are one span."""
    spans: list[tuple[float, float]] = []
    for beat, beats, *_ in chords:
        start_s, end_s = clock.span_s(beat, beat + beats)
        if spans and start_s - spans[-1][1] < PHRASE_GAP_S:
            start_s = spans.pop()[0]
        spans.append((start_s, end_s))
    return spans


# ---------------------------------------------------------------------------------------------------------------------
# Drums
# ---------------------------------------------------------------------------------------------------------------------


def swept_tone(from_hz: float, to_hz: float, sweep_s: float, decay_s: float) -> Signal:
    """Return a sine that falls from one frequency to another while it dies away: a drum skin as its tension relaxes."""
    t = seconds(sample_count(1.6 * decay_s))
    f_hz = to_hz + (from_hz - to_hz) * np.exp(-t / sweep_s)
    return faded(np.sin(2.0 * math.pi * np.cumsum(f_hz) / SAMPLE_RATE_HZ) * np.exp(-4.0 * t / decay_s), release_s=0.02)


def hit_noise(band_hz: tuple[float, float], attack_s: float, decay_s: float, rng: np.random.Generator) -> Signal:
    """Return a struck noise: a band of noise with a short rise and an exponential fall."""
    t = seconds(sample_count(1.8 * decay_s))
    noise = filtered(rng.standard_normal(t.size), "bandpass", band_hz) * np.exp(-4.0 * t / decay_s)
    return faded(noise, attack_s=attack_s, release_s=0.2 * decay_s)


def soft_kick(rng: np.random.Generator) -> Signal:
    """Return a kick played with a felt beater."""
    body = swept_tone(105.0, 52.0, 0.03, 0.26)
    place(body, 0.05 * hit_noise((300.0, 1800.0), 0.0005, 0.012, rng), 0.0)
    return body


def hard_kick(rng: np.random.Generator) -> Signal:
    """Return a dance kick: a deep sweep, driven, with a click at its front."""
    body = np.tanh(2.2 * swept_tone(230.0, 47.0, 0.022, 0.34))
    place(body, 0.35 * hit_noise((2000.0, 9000.0), 0.0003, 0.010, rng), 0.0)
    return body


def brush(rng: np.random.Generator) -> Signal:
    """Return a brush tapped on a snare drum."""
    return hit_noise((900.0, 7000.0), 0.003, 0.16, rng)


def shaker(rng: np.random.Generator) -> Signal:
    """Return one stroke of a shaker."""
    return hit_noise((5500.0, 12000.0), 0.005, 0.055, rng)


def snare(rng: np.random.Generator) -> Signal:
    """Return a snare drum: two modes of its skin (Fletcher & Rossing, ch. 18) and the rattle of its wires."""
    wires = hit_noise((1200.0, 9000.0), 0.0005, 0.20, rng)
    for mode_hz, strength in ((185.0, 0.7), (330.0, 0.4)):
        place(wires, strength * swept_tone(1.25 * mode_hz, mode_hz, 0.01, 0.14), 0.0)
    return wires


def clap(rng: np.random.Generator) -> Signal:
    """Return a hand clap: three hands within 20 ms, then the room."""
    sound = hit_noise((900.0, 6000.0), 0.0005, 0.20, rng) * 0.7
    for late_s in (0.0, 0.009, 0.019):
        place(sound, hit_noise((900.0, 5000.0), 0.0003, 0.012, rng), late_s)
    return sound


# The six square waves of the TR-808's cymbals in Hz (Werner, Abel & Smith 2014): without a common fundamental they
# sound of metal.
METAL_HZ = (205.3, 304.4, 369.6, 522.7, 540.0, 800.0)


def cymbal(decay_s: float, rng: np.random.Generator) -> Signal:
    """Return a hi-hat (short) or crash (long): six square waves and noise through a high-pass."""
    t = seconds(sample_count(1.6 * decay_s))
    metal = sum(np.sign(np.sin(2.0 * math.pi * f_hz * t + rng.uniform(0.0, 6.28))) for f_hz in METAL_HZ)
    sound = filtered(0.4 * np.asarray(metal) + rng.standard_normal(t.size), "bandpass", (6500.0, 15000.0), order=3)
    return faded(sound * np.exp(-4.0 * t / decay_s), attack_s=0.0005, release_s=0.1 * decay_s)


Hit = tuple[float, float]
"""A drum stroke: beat, velocity."""


def play_drum(
    drum: Callable[[np.random.Generator], Signal], hits: Iterable[Hit], studio: Studio, *, spread_s: float = 0.0
) -> Signal:
    """Play strokes on one drum, mono; ``spread_s`` is the standard deviation of the player's timing."""
    tape = studio.tape()
    for beat, velocity in hits:
        place(tape, velocity * drum(studio.rng), studio.clock.time_s(beat) + studio.human_s(spread_s))
    return tape


# ---------------------------------------------------------------------------------------------------------------------
# Synthesizers
# ---------------------------------------------------------------------------------------------------------------------


def sawtooth(f0_hz: float, count: int, phase: float) -> Signal:
    """Return a sawtooth with its step rounded by PolyBLEP against aliasing (Valimaki & Huovilainen 2007)."""
    step = f0_hz / SAMPLE_RATE_HZ
    x: Signal = phase + step * np.arange(count, dtype=np.float64)
    x -= np.floor(x)
    saw = 2.0 * x - 1.0
    after = x < step
    saw[after] -= 2.0 * (x[after] / step) - (x[after] / step) ** 2 - 1.0
    before = x > 1.0 - step
    saw[before] -= ((x[before] - 1.0) / step) ** 2 + 2.0 * (x[before] - 1.0) / step + 1.0
    return saw


# Detuning of the JP-8000's seven oscillators, as fractions of its range (Szabo 2010, "How to emulate the Super Saw").
SUPERSAW_DETUNE = (-0.1100, -0.0629, -0.0195, 0.0, 0.0199, 0.0622, 0.1075)


def supersaw(f0_hz: float, duration_s: float, rng: np.random.Generator) -> Signal:
    """Return seven detuned sawtooths spread from left to right, 14 cents each way: one note of a wide stereo pad."""
    count = sample_count(duration_s)
    tape = np.zeros((2, count))
    for index, detune in enumerate(SUPERSAW_DETUNE):
        saw = sawtooth(f0_hz * (1.0 + 0.075 * detune), count, float(rng.uniform()))
        tape += pan(saw, (index - 3) / 3.0 * (-1.0) ** index * 0.9)
    return faded(tape / 7.0**0.5, attack_s=0.004, release_s=0.03)


def synth_bass(f0_hz: float, duration_s: float) -> Signal:
    """Return a bass note: a sine at the fundamental under a sawtooth with a low-pass, driven together."""
    count = sample_count(duration_s)
    sub = np.sin(2.0 * math.pi * f0_hz * seconds(count))
    growl = filtered(sawtooth(f0_hz, count, 0.5), "lowpass", 260.0)
    return faded(np.tanh(1.3 * sub + 0.55 * growl), attack_s=0.004, release_s=0.02)


def pumping(kick_beats: Iterable[float], studio: Studio, *, depth: float, recovery_s: float) -> Signal:
    """Return the gain of a compressor keyed by the kick: down at each stroke, back within ``recovery_s``."""
    gain = studio.tape() + 1.0
    shape = 1.0 - depth * (1.0 - np.linspace(0.0, 1.0, sample_count(recovery_s))) ** 2
    for beat in kick_beats:
        start = sample_count(studio.clock.time_s(beat))
        fitting = min(shape.size, gain.size - start)
        gain[start : start + fitting] = shape[:fitting]
    return smoothed(gain, sample_count(0.003))


# ---------------------------------------------------------------------------------------------------------------------
# Room, mixing desk, mastering
# ---------------------------------------------------------------------------------------------------------------------


def room_impulse(reverb_s: float, predelay_s: float, rng: np.random.Generator) -> Signal:
    """Return a stereo room: noise that decays exponentially, the highs faster (Moorer 1979), after a few early echoes.

    The left and right noises are independent, so the room is as wide as it can be. Its energy is 1 in each channel.
    """
    t = seconds(sample_count(1.1 * reverb_s))
    impulse = np.zeros((2, t.size))
    for band_hz, share in (((120.0, 900.0), 1.1), ((900.0, 3500.0), 0.9), ((3500.0, 11000.0), 0.5)):
        noise = filtered(rng.standard_normal((2, t.size)), "bandpass", band_hz, order=1)
        impulse += noise * np.exp(-6.9 * t / (share * reverb_s))
    for _ in range(8):
        impulse[rng.integers(2), sample_count(float(rng.uniform(0.0, 0.05)))] += rng.choice((-4.0, 4.0))
    impulse = faded(impulse, release_s=0.2 * reverb_s)
    impulse /= np.sqrt(np.sum(np.square(impulse), axis=1, keepdims=True))
    return np.pad(impulse, ((0, 0), (sample_count(predelay_s), 0)))


def in_room(stereo: Signal, impulse: Signal) -> Signal:
    """Return the reverberation alone of a sound sent into a room, as long as the sound."""
    send = stereo.sum(axis=0) * 0.5
    return np.asarray(signal.fftconvolve(send[np.newaxis], impulse, axes=1))[:, : stereo.shape[1]]


def balanced(stem: Signal, level_db: float) -> Signal:
    """Set a stem's level: the RMS of its sounding 50 ms blocks (within 25 dB of the loudest), in dB re full scale."""
    mono = stem if stem.ndim == 1 else np.sqrt(np.sum(np.square(stem), axis=0))
    width = sample_count(0.05)
    blocks = np.square(mono[: mono.size // width * width]).reshape(-1, width).mean(axis=1)
    sounding = blocks[blocks > blocks.max() * 10.0**-2.5]
    return stem * (gain_of(level_db) / math.sqrt(float(sounding.mean())))


def saturated(stereo: Signal, drive: float) -> Signal:
    """Bend peaks gently, as a console's output stage does."""
    return np.tanh(drive * stereo) / drive


def k_weighting() -> Signal:
    """Return the two filters of ITU-R BS.1770-4, annex 1, as sections for this rate, from their analogue form."""
    k, q = math.tan(math.pi * 1681.974450955533 / SAMPLE_RATE_HZ), 0.7071752369554196
    high = 10.0 ** (3.999843853973347 / 20.0)
    band = high**0.4996667741545416
    shelf = [high + band * k / q + k**2, 2.0 * (k**2 - high), high - band * k / q + k**2]
    shelf += [1.0 + k / q + k**2, 2.0 * (k**2 - 1.0), 1.0 - k / q + k**2]
    k, q = math.tan(math.pi * 38.13547087602444 / SAMPLE_RATE_HZ), 0.5003270373238773
    scale = 1.0 + k / q + k**2  # the standard leaves the high-pass at this gain
    high_pass = [scale, -2.0 * scale, scale, scale, 2.0 * (k**2 - 1.0), 1.0 - k / q + k**2]
    return np.array([np.divide(section, section[3]) for section in (shelf, high_pass)])


def integrated_lufs(stereo: Signal) -> float:
    """Measure the gated loudness of a stereo mix (ITU-R BS.1770-4, equations 2 to 7)."""
    weighted = np.asarray(signal.sosfilt(k_weighting(), stereo, axis=1))
    step = sample_count(0.1)
    steps = np.square(weighted[:, : stereo.shape[1] // step * step]).reshape(2, -1, step).mean(axis=2).sum(axis=0)
    power = np.convolve(steps, np.full(4, 0.25), mode="valid")  # 400 ms blocks, 75 % overlap
    power = power[-0.691 + 10.0 * np.log10(power + 1e-20) > -70.0]
    gate = power.mean() * 0.1  # 10 LU below the mean of what passed the absolute gate
    return float(-0.691 + 10.0 * math.log10(power[power > gate].mean()))


LIMITER_BLOCK = 32


def limited(stereo: Signal, ceiling_dbtp: float, *, release_s: float = 0.06) -> Signal:
    """Hold true peaks under a ceiling: a look-ahead limiter that sees four points per sample.

    The gain is found per block of 0.7 ms, held over its neighbours so that the slope between blocks stays below it,
    released exponentially, and rounded by a mean over minima, which can only lower it.
    """
    count = stereo.shape[1]
    padded = np.pad(stereo, ((0, 0), (0, -count % LIMITER_BLOCK)))
    fine = np.abs(signal.resample_poly(padded, 4, 1, axis=1)).max(axis=0)
    peaks = fine.reshape(-1, 4 * LIMITER_BLOCK).max(axis=1)
    needed = ndimage.minimum_filter1d(np.minimum(1.0, gain_of(ceiling_dbtp) / np.maximum(peaks, 1e-9)), 3)
    recovery = 1.0 - math.exp(-LIMITER_BLOCK / (release_s * SAMPLE_RATE_HZ))
    gain, gains = 1.0, np.empty(needed.size)
    for block, most in enumerate(needed.tolist()):
        gain = min(most, gain + recovery * (1.0 - gain))
        gains[block] = gain
    rounded = ndimage.uniform_filter1d(ndimage.minimum_filter1d(gains, 5), 5)
    centres = (np.arange(rounded.size) + 0.5) * LIMITER_BLOCK
    curve: Signal = np.interp(np.arange(count), centres, rounded)
    return stereo * curve


CEILING_DBTP = -1.6
"""Ceiling before encoding: Ogg Vorbis at these rates lifts true peaks by up to about 1 dB."""


def mastered(mix: Signal, target_lufs: float, *, drive: float) -> Signal:
    """Bring a mix to a loudness: saturation, then limiting, with the gain found by four corrections."""
    mix = filtered(mix, "highpass", 24.0)
    gain_db = target_lufs - integrated_lufs(mix)
    master = mix
    for _ in range(4):
        master = limited(saturated(mix * gain_of(gain_db), drive), CEILING_DBTP)
        gain_db += target_lufs - integrated_lufs(master)
    return master


# ---------------------------------------------------------------------------------------------------------------------
# Truth
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Song:
    """A finished song and what is true of it."""

    title: str
    sound: Signal
    truth: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the score says of a song; the rest of the truth follows from it."""

    title: str
    clock: Clock
    last_beat: int
    """The last beat on which something sounds."""
    tonic: str
    mode: str
    sections: Sequence[tuple[str, int]]
    """Label and first beat; the last one ends with the file."""
    riff_beats: tuple[float, float] | None
    """First and end beat of the looping riff."""
    loudness_lufs: float


RIFF_BARS = 2


def span_of(span_s: tuple[float, float]) -> list[float]:
    """Return a span as JSON shows it."""
    return [round(span_s[0], 4), round(span_s[1], 4)]


def riff_truth(facts: Facts, duration_s: float) -> dict[str, Any]:
    """State where the riff loops."""
    if facts.riff_beats is None:
        return {"present": False, "period_bars": None, "period_s": None, "spans": [], "coverage_of_file": 0.0}
    start_s, end_s = facts.clock.span_s(*facts.riff_beats)
    return {
        "present": True,
        "period_bars": RIFF_BARS,
        "period_s": round(RIFF_BARS * BEATS_PER_BAR * facts.clock.beat_s, 4),
        "spans": [span_of((start_s, end_s))],
        "coverage_of_file": round((end_s - start_s) / duration_s, 4),
    }


def vocal_truth(lead: Take) -> dict[str, Any]:
    """State what was sung: notes as written, percentiles of the pitch as it sounded."""
    low, middle, high = np.percentile(lead.frames_midi, [2.0, 50.0, 98.0])
    return {
        "notes": [
            {"start_s": round(note.start_s, 4), "end_s": round(note.end_s, 4), "midi": note.midi} for note in lead.notes
        ],
        "p2_midi": round(float(low), 4),
        "p98_midi": round(float(high), 4),
        "median_midi": round(float(middle), 4),
        "spans": [span_of(span) for span in lead.spans_s],
    }


def section_truth(facts: Facts, duration_s: float) -> list[dict[str, Any]]:
    """State where each section starts and ends."""
    starts_s = [facts.clock.time_s(beat) for _, beat in facts.sections]
    return [
        {"start_s": round(start_s, 4), "end_s": round(end_s, 4), "label": label}
        for (label, _), start_s, end_s in zip(facts.sections, starts_s, [*starts_s[1:], duration_s], strict=True)
    ]


def finish(facts: Facts, lead: Take, layers_s: Iterable[tuple[float, float]], sound: Signal) -> Song:
    """Put a song's truth beside its sound."""
    clock, duration_s = facts.clock, sound.shape[1] / SAMPLE_RATE_HZ
    beats_s = [round(clock.time_s(beat), 4) for beat in range(facts.last_beat + 1)]
    truth = {
        "title": facts.title,
        "duration_s": round(duration_s, 4),
        "tempo": {"bpm": clock.tempo_bpm, "meter": f"{BEATS_PER_BAR}/4"},
        "beats_s": beats_s,
        "downbeats_s": beats_s[::BEATS_PER_BAR],
        "key": {"tonic": facts.tonic, "mode": facts.mode},
        "riff": riff_truth(facts, duration_s),
        "sections": section_truth(facts, duration_s),
        "vocal": vocal_truth(lead),
        "layers": [span_of(span_s) for span_s in layers_s],
        "loudness_target_lufs": facts.loudness_lufs,
    }
    return Song(title=facts.title, sound=sound, truth=truth)


# ---------------------------------------------------------------------------------------------------------------------
# Song 1 and 3: Closet, and Closet stripped back
# ---------------------------------------------------------------------------------------------------------------------

CLOSET_SECTIONS = (("intro", 0), ("verse", 16), ("chorus", 32), ("verse", 48), ("outro", 64))
CLOSET_BAND_BEATS = (16, 64)
"""Drums and bass play from here to here."""
CLOSET_LAST_BEAT = 72
PREAMPLIFIER_NOISE_DB = -84.0

# Beat, beats it rings, note, velocity. Bar 1 is C minor; bar 2 is A flat, then the seventh chord of G over D: the
# way back to C.
CLOSET_RIFF = (
    (0.0, 3.0, "C3", 0.70),
    (0.0, 1.0, "Eb4", 0.70),
    (0.5, 2.0, "G3", 0.45),
    (1.0, 1.5, "C4", 0.55),
    (1.0, 0.5, "Eb4", 0.70),
    (1.5, 1.5, "D4", 0.65),
    (2.0, 2.0, "Eb3", 0.55),
    (2.0, 1.5, "C4", 0.70),
    (2.5, 1.5, "G3", 0.55),
    (3.0, 1.0, "C4", 0.50),
    (3.0, 0.75, "Eb4", 0.70),
    (3.5, 1.0, "G3", 0.50),
    (3.75, 1.0, "D4", 0.55),
    (4.0, 2.0, "Ab2", 0.70),
    (4.0, 1.0, "C4", 0.65),
    (4.5, 1.5, "Eb3", 0.55),
    (5.0, 1.0, "Ab3", 0.50),
    (5.0, 1.0, "C4", 0.70),
    (5.5, 0.25, "Eb4", 0.65),
    (5.75, 1.25, "D4", 0.55),
    (6.0, 2.0, "D3", 0.65),
    (6.0, 1.5, "F3", 0.50),
    (6.0, 1.0, "B3", 0.60),
    (6.5, 1.5, "G3", 0.45),
    (7.0, 1.0, "B3", 0.55),
    (7.0, 1.0, "F4", 0.60),
    (7.5, 0.5, "G3", 0.55),
)
STRIPPED_RIFF_BEATS = (0.0, 1.0, 1.5, 2.0, 3.0, 4.0, 4.5, 5.0, 6.0, 6.5, 7.0)
CLOSET_LAST_CHORD = ("C3", "G3", "C4", "Eb4", "G4")

CLOSET_BASS = (
    (0.0, 1.4, "C2", 0.8),
    (1.5, 0.5, "C2", 0.5),
    (2.5, 1.4, "C2", 0.7),
    (4.0, 1.4, "Ab1", 0.8),
    (5.5, 0.5, "Ab1", 0.5),
    (6.0, 1.4, "G1", 0.8),
    (7.5, 0.5, "G1", 0.6),
)

# Low light, no sound, I keep in, night / we hide below the city light, moon / stay close to me, let it go / stay
# close to me, we were one, no / warm in the fading day we lie low / no name, no face to follow, my room / stay close
# to me, oh
CLOSET_MELODY = read_melody(
    (16.0, "l-ou:C4:.5 l-ai:C4:.5 n-ou:D4:.5 s-ow-n:Eb4:1 ai:D4:.5 k-ee:C4:.5 ih-n:C4:.5 n-ai:G3:1.5"),
    (24.0, "w-ee:Eb4:.5 h-ai:Eb4:.5 b-ih:D4:.5 l-ou:C4:1 dh-uh:D4:.5 s-ih:C4:.5 t-ee:C4:.5 l-ai:C4:1"),
    (29.0, "m-oo-n:B3:2"),
    (32.0, "s-ei:Eb4:1.5 k-ou:D4:.5 s-oo:C4:1.5 m-ee:D4:.5 l-eh:Eb4:1 t-ih:C4:1 g-ou:B3:1.5"),
    (40.0, "s-ei:Eb4:1.5 k-ou:D4:.5 s-oo:C4:1.5 m-ee:Bb3:.5 w-ee:Ab3:1 w-er:C4:.5 w-uh-n:B3:.5 n-ou:G3:1.5"),
    (48.0, "w-aw-m:C4:.5 ih-n:C4:.5 dh-uh:D4:.5 f-ei:Eb4:1 d-ih-n:D4:.5 d-ei:C4:1 w-ee:Bb3:.5 l-ai:Ab3:1"),
    (53.5, "l-ou:G3:1"),
    (56.0, "n-ou:Eb4:.5 n-ei-m:Eb4:.5 n-ou:D4:.5 f-ei:C4:1 t-uh:D4:.5 f-aw:Eb4:.5 l-ou:D4:.5 m-ai:C4:1"),
    (61.0, "r-oo-m:B3:2"),
    (64.0, "s-ei:Eb4:1.5 k-ou:D4:.5 s-oo:C4:1 m-ee:B3:.5 ou:C4:2.5"),
)

# In the gaps of the lead and under the whole chorus.
CLOSET_OOHS: tuple[OohChord, ...] = (
    (22.0, 1.9, "oo", ("B3", "D4", "G4")),
    (32.0, 3.95, "oo", ("C4", "Eb4", "G4")),
    (36.0, 1.95, "ah", ("C4", "Eb4", "Ab4")),
    (38.0, 1.95, "ah", ("B3", "D4", "G4")),
    (40.0, 3.95, "oo", ("C4", "Eb4", "G4")),
    (44.0, 1.95, "ah", ("C4", "Eb4", "Ab4")),
    (46.0, 1.95, "ah", ("B3", "D4", "G4")),
    (54.5, 1.4, "oo", ("B3", "D4", "G4")),
    (68.5, 1.45, "oo", ("C4", "Eb4", "Ab4")),
    (70.0, 1.95, "oo", ("B3", "D4", "G4")),
    (72.0, 4.0, "oo", ("C4", "Eb4", "G4")),
)


def loop(
    pattern: Sequence[tuple[float, float, str, float]], start_beat: int, end_beat: int, *, transpose: int = 0
) -> list[Plucked]:
    """Repeat a two-bar pattern from one beat to another."""
    return [
        Plucked(beat=turn + beat, beats=beats, midi=midi_of(note) + transpose, velocity=velocity)
        for turn in range(start_beat, end_beat, RIFF_BARS * BEATS_PER_BAR)
        for beat, beats, note, velocity in pattern
    ]


def last_chord(beat: float, *, transpose: int = 0) -> list[Plucked]:
    """Strum the closing chord from its lowest string, which is on the beat."""
    return [
        Plucked(beat=beat + 0.035 * string, beats=5.5, midi=midi_of(name) + transpose, velocity=0.75 - 0.05 * string)
        for string, name in enumerate(CLOSET_LAST_CHORD)
    ]


def closet_drums(studio: Studio) -> Signal:
    """Play the soft kit from the first verse to the outro."""
    bars = range(*CLOSET_BAND_BEATS, BEATS_PER_BAR)
    thumps = [(bar + beat, velocity) for bar in bars for beat, velocity in ((0.0, 1.0), (1.5, 0.4), (2.0, 0.9))]
    taps = [(bar + beat, 1.0) for bar in bars for beat in (1.0, 3.0)]
    strokes = [(bar + 0.5 * eighth, (0.55, 0.9)[eighth % 2]) for bar in bars for eighth in range(2 * BEATS_PER_BAR)]
    return (
        pan(balanced(play_drum(soft_kick, thumps, studio, spread_s=HUMAN_SPREAD_S), -24.0), 0.0)
        + pan(balanced(play_drum(brush, taps, studio, spread_s=HUMAN_SPREAD_S), -35.0), 0.15)
        + pan(balanced(play_drum(shaker, strokes, studio, spread_s=HUMAN_SPREAD_S), -40.0), -0.35)
    )


def make_closet() -> Song:
    """Record "Closet"."""
    clock = Clock(tempo_bpm=92.0, first_beat_s=0.35)
    studio = Studio(clock=clock, duration_s=clock.time_s(CLOSET_LAST_BEAT) + 3.8, rng=np.random.default_rng(1))
    riff = [*loop(CLOSET_RIFF, 0, CLOSET_LAST_BEAT), *last_chord(CLOSET_LAST_BEAT)]
    guitar = balanced(guitar_body(play_strings(riff, NYLON_GUITAR, studio)), -27.0)
    bass = balanced(play_strings(loop(CLOSET_BASS, *CLOSET_BAND_BEATS), SOFT_BASS, studio), -32.0)
    lead = sing(CLOSET_MELODY, CLOSE_SINGER, studio)
    voice = pan(balanced(lead.sound, -20.0), 0.0)
    oohs = balanced(sing_oohs(CLOSET_OOHS, studio), -31.0)

    closet = room_impulse(0.5, 0.004, studio.rng)
    plate = room_impulse(1.6, 0.02, studio.rng)
    mix = voice + guitar + oohs + pan(bass, 0.0) + closet_drums(studio)
    mix += 0.10 * in_room(voice, closet) + 0.22 * in_room(guitar, closet) + 0.35 * in_room(oohs, plate)
    mix += gain_of(PREAMPLIFIER_NOISE_DB) * studio.rng.standard_normal(mix.shape)
    facts = Facts(
        title="Closet",
        clock=clock,
        last_beat=CLOSET_LAST_BEAT,
        tonic="C",
        mode="minor",
        sections=CLOSET_SECTIONS,
        riff_beats=(0.0, CLOSET_LAST_BEAT),
        loudness_lufs=-20.0,
    )
    master = mastered(faded(mix, release_s=0.8), facts.loudness_lufs, drive=0.7)
    return finish(facts, lead, layer_spans(CLOSET_OOHS, clock), master)


def make_closet_stripped() -> Song:
    """Record "Closet" again with voice and guitar only: a minor third lower, slower, the introduction cut by half."""
    transpose, cut_beats = -3, 8
    last_beat = CLOSET_LAST_BEAT - cut_beats
    clock = Clock(tempo_bpm=80.0, first_beat_s=0.45)
    studio = Studio(clock=clock, duration_s=clock.time_s(last_beat) + 4.2, rng=np.random.default_rng(3))
    sparse = [
        (beat, 1.3 * beats, note, 0.75 * v) for beat, beats, note, v in CLOSET_RIFF if beat in STRIPPED_RIFF_BEATS
    ]
    riff = [*loop(sparse, 0, last_beat, transpose=transpose), *last_chord(last_beat, transpose=transpose)]
    guitar = balanced(guitar_body(play_strings(riff, GENTLE_GUITAR, studio)), -28.0)
    melody = [replace(note, beat=note.beat - cut_beats, midi=note.midi + transpose) for note in CLOSET_MELODY]
    lead = sing(melody, CLOSE_SINGER, studio)
    voice = pan(balanced(lead.sound, -20.0), 0.0)

    room = room_impulse(0.7, 0.006, studio.rng)
    mix = voice + guitar + 0.14 * in_room(voice, room) + 0.25 * in_room(guitar, room)
    mix += gain_of(PREAMPLIFIER_NOISE_DB) * studio.rng.standard_normal(mix.shape)
    facts = Facts(
        title="Closet (stripped back)",
        clock=clock,
        last_beat=last_beat,
        tonic="A",
        mode="minor",
        sections=[(label, max(0, beat - cut_beats)) for label, beat in CLOSET_SECTIONS],
        riff_beats=(0.0, last_beat),
        loudness_lufs=-20.0,
    )
    return finish(facts, lead, [], mastered(faded(mix, release_s=0.8), facts.loudness_lufs, drive=0.7))


# ---------------------------------------------------------------------------------------------------------------------
# Song 2: Arena
# ---------------------------------------------------------------------------------------------------------------------

# One chord a bar: bass note, then the pad's notes. No two sections share a progression and none repeats inside one.
D, A, G = ("D2", "D4 F#4 A4 D5"), ("A1", "C#4 E4 A4 E5"), ("G1", "D4 G4 B4 D5")
BM, EM, F_SHARP_M = ("B1", "D4 F#4 B4 D5"), ("E1", "E4 G4 B4 E5"), ("F#1", "C#4 F#4 A4 E5")
A_OVER_C_SHARP, D_OVER_F_SHARP = ("C#2", "C#4 E4 A4 E5"), ("F#1", "D4 F#4 A4 D5")
ARENA_CHORDS = {
    "intro": (D, BM, G, A),
    "verse": (D, EM, F_SHARP_M, G, BM, A_OVER_C_SHARP, G, A),
    "bridge": (EM, BM, G, A),
    "chorus": (D, A, BM, F_SHARP_M, G, D_OVER_F_SHARP, EM, A),
    "outro": (G, A_OVER_C_SHARP, D),
}
ARENA_BRIGHTNESS = {"intro": 0.35, "verse": 0.12, "bridge": 0.45, "chorus": 1.0, "outro": 0.7}

# We were standing on the edge / of the night, and the city was a river of light / and now we rise / we fall, we fly,
# never low / how to go / fire in the sky / burning wide, loud / we will never fall / into the night / oh
ARENA_MELODY = read_melody(
    (16.0, "w-ee:A3:1 w-er:A3:1 s-ae-n:D4:1 d-ih-n:D4:1 aw-n:E4:1.5 dh-ee:D4:.5 eh:B3:1.5"),
    (24.0, "aw-v:A3:.5 dh-uh:A3:.5 n-ai:C#4:2"),
    (29.0, "ae-n:G3:1 dh-uh:A3:1 s-ih:B3:1 t-ee:D4:2 w-aw:C#4:1 z-uh:B3:1"),
    (36.0, "r-ih:A3:1.5 v-er:B3:.5 aw-v:C#4:1 l-ai:E4:1 ai:D4:2.5"),
    (46.0, "ae-n:E4:1 n-ow:E4:1 w-ee:G4:1.5 r-ai:F#4:.5 z-ah:E4:1.5"),
    (52.0, "w-ee:F#4:1.5 f-aw:E4:.5 w-ee:D4:1 f-ai:F#4:1 n-eh:G4:1 v-er:A4:1 l-ou:B4:1.5"),
    (60.0, "h-ow:A4:1.5 t-oo:C#5:.5 g-ou:E5:1.5"),
    (64.0, "f-ai:F#5:3 er:E5:1 ih-n:E5:1 dh-uh:C#5:1 s-ai:A4:1.5"),
    (73.0, "b-er:B4:1 n-ih-n:C#5:1 w-ai:D5:1 l-ow:C#5:2.5"),
    (80.0, "w-ee:B4:1 w-ih-l:D5:1 n-eh:G5:2 v-er:F#5:2 f-aw:D5:1.5"),
    (88.0, "ih-n:E5:1 t-oo:D5:1 dh-uh:B4:1 n-ai:C#5:1 ai:E5:3"),
    (96.0, "ou:D5:1.5 ou:B4:.5 ou:G4:1.5"),
    (100.0, "ou:A4:1 ou:C#5:1 ah:E5:2 ah:F#5:4"),
)


def arena_sections() -> dict[str, range]:
    """Return the beats of each section."""
    sections: dict[str, range] = {}
    beat = 0
    for label, chords in ARENA_CHORDS.items():
        sections[label] = range(beat, beat + BEATS_PER_BAR * len(chords))
        beat = sections[label].stop
    return sections


def arena_drums(studio: Studio) -> Signal:
    """Play four-on-the-floor with claps, a snare, hats and crashes."""
    sections = arena_sections()
    last_beat = sections["outro"].stop

    def each(step: int, offset: float, velocity: float, labels: str) -> list[Hit]:
        return [(beat + offset, velocity) for label in labels.split() for beat in sections[label][::step]]

    def closed_hat(rng: np.random.Generator) -> Signal:
        return cymbal(0.05, rng)

    def open_hat(rng: np.random.Generator) -> Signal:
        return cymbal(0.22, rng)

    def crash(rng: np.random.Generator) -> Signal:
        return cymbal(1.8, rng)

    kicks = [(float(beat), 1.0) for beat in range(last_beat + 1)]
    claps = each(2, 1.0, 1.0, "verse bridge chorus outro")
    roll = [(sections["bridge"].stop - 4 + 0.25 * i, 0.25 + 0.05 * i) for i in range(15)]
    snares = [*each(2, 1.0, 1.0, "chorus outro"), *roll]
    closed = [hit for offset in (0.25, 0.75) for hit in each(1, offset, 0.4, "chorus")]
    closed += each(1, 0.0, 0.35, "verse bridge chorus outro")
    opened = each(1, 0.5, 1.0, "verse bridge chorus outro")
    crashes = [(float(beats.start), 1.0) for beats in sections.values()] + [(float(last_beat), 1.0)]
    return (
        pan(balanced(play_drum(hard_kick, kicks, studio), -13.0), 0.0)
        + pan(balanced(play_drum(clap, claps, studio), -25.0), 0.1)
        + pan(balanced(play_drum(snare, snares, studio), -26.0), -0.1)
        + pan(balanced(play_drum(closed_hat, closed, studio), -37.0), 0.35)
        + pan(balanced(play_drum(open_hat, opened, studio), -33.0), -0.3)
        + pan(balanced(play_drum(crash, crashes, studio), -31.0), 0.2)
    )


def arena_pads(studio: Studio) -> Signal:
    """Play a supersaw chord in each bar, brighter as the song rises, and a last chord of D."""
    clock = studio.clock
    bars = [(label, chord) for label, chords in ARENA_CHORDS.items() for chord in chords]
    dark, bright = pan(studio.tape(), 0.0), pan(studio.tape(), 0.0)
    for bar, (label, (_, notes)) in enumerate([*bars, ("outro", D)]):
        brightness = ARENA_BRIGHTNESS[label]
        for note in notes.split():
            sound = supersaw(float(hz_of(midi_of(note))), BEATS_PER_BAR * clock.beat_s, studio.rng)
            place(dark, sound * (1.0 - 0.6 * brightness), clock.time_s(bar * BEATS_PER_BAR))
            place(bright, sound * brightness, clock.time_s(bar * BEATS_PER_BAR))
    pads = filtered(dark, "lowpass", 900.0) + filtered(bright, "lowpass", 9000.0, order=1)
    return filtered(pads, "highpass", 250.0)  # room for the bass


def arena_bass(studio: Studio) -> Signal:
    """Play the chords' bass notes in eighths, and a last long D."""
    clock = studio.clock
    tape = studio.tape()
    roots_hz = [float(hz_of(midi_of(root))) for chords in ARENA_CHORDS.values() for root, _ in chords]
    for bar, root_hz in enumerate(roots_hz):
        for eighth in range(2 * BEATS_PER_BAR):
            place(tape, synth_bass(root_hz, 0.46 * clock.beat_s), clock.time_s(bar * BEATS_PER_BAR + 0.5 * eighth))
    place(tape, synth_bass(float(hz_of(midi_of(D[0]))), 2.0), clock.time_s(len(roots_hz) * BEATS_PER_BAR))
    return tape


def make_arena() -> Song:
    """Record "Arena"."""
    sections = arena_sections()
    last_beat = sections["outro"].stop
    clock = Clock(tempo_bpm=126.0, first_beat_s=0.5)
    studio = Studio(clock=clock, duration_s=clock.time_s(last_beat) + 4.0, rng=np.random.default_rng(2))
    lead = sing(ARENA_MELODY, ARENA_SINGER, studio)
    voice = pan(balanced(lead.sound, -14.2), 0.0)
    pads = balanced(arena_pads(studio), -21.0)
    bass = pan(balanced(arena_bass(studio), -13.5), 0.0)

    pump = pumping(range(last_beat + 1), studio, depth=0.75, recovery_s=0.36)
    hall = room_impulse(2.6, 0.045, studio.rng)
    mix = voice + arena_drums(studio) + (bass + pads + 0.20 * in_room(pads, hall)) * pump
    mix += 0.40 * in_room(voice, hall) * (0.4 + 0.6 * pump)
    facts = Facts(
        title="Arena",
        clock=clock,
        last_beat=last_beat,
        tonic="D",
        mode="major",
        sections=[(label, beats.start) for label, beats in sections.items()],
        riff_beats=None,
        loudness_lufs=-8.0,
    )
    return finish(facts, lead, [], mastered(faded(mix, release_s=1.0), facts.loudness_lufs, drive=1.4))


# ---------------------------------------------------------------------------------------------------------------------
# Files
# ---------------------------------------------------------------------------------------------------------------------

SONGS: dict[str, Callable[[], Song]] = {
    "closet": make_closet,
    "arena": make_arena,
    "closet-stripped": make_closet_stripped,
}
VORBIS_COMPRESSION = 0.5
"""libsndfile's scale, 0 (largest file) to 1: about 170 kbit/s here."""
WRITE_BLOCK = 65_536
"""Frames per write: libsndfile 1.2.2 overruns its stack when a long Ogg Vorbis is written in one call."""


def write_ogg(path: Path, song: Song) -> None:
    """Write a song as tagged Ogg Vorbis, beside its place and then renamed."""
    partial = path.with_suffix(".partial")
    frames = song.sound.T.astype(np.float32)
    with soundfile.SoundFile(
        partial, "w", SAMPLE_RATE_HZ, 2, format="OGG", subtype="VORBIS", compression_level=VORBIS_COMPRESSION
    ) as file:
        file.title, file.artist, file.date = song.title, "riffscope", "2026"
        for start in range(0, len(frames), WRITE_BLOCK):
            file.write(frames[start : start + WRITE_BLOCK])
    partial.replace(path)


def write_truth(path: Path, song: Song) -> None:
    """Write a song's truth as strict JSON, beside its place and then renamed."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(song.truth, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    partial.replace(path)


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the songs that are asked for."""
    parser = argparse.ArgumentParser(description="Synthesise riffscope's sample songs and their truth.")
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parent, metavar="DIR", help="where to write (default: here)"
    )
    parser.add_argument("--only", choices=sorted(SONGS), help="make one song")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    for stem, make in SONGS.items():
        if options.only in (None, stem):
            song = make()
            write_ogg(options.out / f"{stem}.ogg", song)
            write_truth(options.out / f"{stem}.truth.json", song)
            print(f"{stem}: {song.truth['duration_s']:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
