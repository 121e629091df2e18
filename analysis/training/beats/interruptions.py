"""Stretches without a beat in and around a song: silence, applause, talk, held chords, notes in free time.

No beat is counted there. What comes after begins with a bar, at the same tempo or another one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.signal import fftconvolve

from training.beats import effects
from training.beats.composition import Composition
from training.beats.fluidsynth import Sounding, Synthesizer
from training.beats.voice import talk

Float32s = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Filling = Literal["silence", "applause", "talk", "chords", "free notes"]

# So many songs stop on the way, begin with something that has no beat, or end with it.
INSIDE, BEFORE, AFTER = 0.13, 0.07, 0.05
# The longest time from the end of one stretch of beats to the beginning of the next, and the shortest.
SECONDS = (2.0, 15.0)
# A song goes on at another tempo so often.
OTHER_TEMPO = 0.35
FILLINGS: dict[Filling, float] = {"silence": 0.34, "applause": 0.26, "talk": 0.18, "chords": 0.12, "free notes": 0.1}
# What is held or played freely: pianos, guitars, organs, strings, synthetic pads.
PROGRAMS = (0, 4, 16, 19, 24, 25, 27, 46, 48, 49, 50, 52, 88, 89, 91, 94)
# A note that is held when a song stops is let go so many beats before the next would come.
LET_GO_BEATS = 0.02


@dataclass(frozen=True, kw_only=True)
class Interruption:
    """So many seconds before a beat: 0 is the first of the song, the count of beats its end.

    `tempo_ratio` is how much faster the song is from there on.
    """

    beat: int
    seconds: float
    filling: Filling
    tempo_ratio: float = 1.0


def draw_interruptions(song: Composition, rng: np.random.Generator) -> tuple[Interruption, ...]:
    """Draw where a song is interrupted, mostly nowhere; always at a bar line, and rather where a section begins."""
    places: list[int] = []
    if rng.random() < INSIDE:
        sections = [song.bar_starts[bar] for bar in song.section_starts]
        choice = sections if len(sections) > 2 and rng.random() < 0.7 else list(song.bar_starts)
        inside = [start for start in choice if 8 <= start <= song.beat_count - 8]
        if inside:
            count = min(len(inside), int(rng.choice([1, 1, 2])))
            places += sorted(int(place) for place in rng.choice(inside, count, replace=False))
    if rng.random() < BEFORE:
        places.insert(0, 0)
    if rng.random() < AFTER:
        places.append(song.beat_count)
    fillings = list(FILLINGS)
    return tuple(
        Interruption(
            beat=place,
            seconds=float(np.exp(rng.uniform(*np.log(SECONDS)))),
            filling=fillings[int(rng.choice(len(fillings), p=list(FILLINGS.values())))],
            tempo_ratio=float(np.exp(rng.uniform(-0.3, 0.3)))
            if 0 < place < song.beat_count and rng.random() < OTHER_TEMPO
            else 1.0,
        )
        for place in places
    )


def let_go(song: Composition, interruptions: Sequence[Interruption]) -> Composition:
    """Return the song with the notes ended that would sound into an interruption."""
    stops = np.array([stop.beat for stop in interruptions if 0 < stop.beat < song.beat_count], np.float64)
    if not stops.size:
        return song

    def end(start: float, length: float) -> float:
        later = stops[stops > start + LET_GO_BEATS]
        return min(length, float(later[0]) - LET_GO_BEATS - start) if later.size else length

    return replace(
        song,
        parts={
            role: [replace(note, length_beats=end(note.start_beats, note.length_beats)) for note in notes]
            for role, notes in song.parts.items()
        },
        chords=tuple(
            replace(chord, end_beats=chord.start_beats + end(chord.start_beats, chord.end_beats - chord.start_beats))
            for chord in song.chords
        ),
    )


def change_tempo(beat_times_s: Floats, interruptions: Sequence[Interruption]) -> Floats:
    """Return the times of beats (n,) with the tempo changed from each interruption on; the first stays."""
    periods_s = np.diff(beat_times_s)
    for stop in interruptions:
        periods_s[stop.beat :] /= stop.tempo_ratio
    out: Floats = beat_times_s[0] + np.concatenate([[0.0], np.cumsum(periods_s)])
    return out


def delay_s(beats: npt.ArrayLike, interruptions: Sequence[Interruption], beat_count: int) -> Floats:
    """Return how much later places counted in beats (n,) come for the interruptions before them."""
    whole = np.floor(np.asarray(beats, np.float64) + 1e-6)
    late = np.zeros(whole.shape)
    for stop in interruptions:
        if stop.beat < beat_count:  # the end of the song comes before what follows it
            late += np.where(whole >= stop.beat, stop.seconds, 0.0)
    return late


def fill(
    filling: Filling, length: int, synthesizer: Synthesizer, rng: np.random.Generator, *, sample_rate_hz: int
) -> Float32s:
    """Return what is heard meanwhile, (length,), faded in and out."""
    samples = np.zeros(length, np.float32)
    if filling == "silence" or length < sample_rate_hz:
        return samples
    if filling == "applause":
        samples = applause(length, rng, sample_rate_hz=sample_rate_hz)
    elif filling == "talk":
        samples = talk(length, rng)[:length]
    else:
        samples = synthesizer.render(
            _free_notes(length / sample_rate_hz, rng, held=filling == "chords"),
            programs={0: int(rng.choice(PROGRAMS))},
            volumes={},
            length_samples=length,
        )
    edge = min(length // 4, int(float(rng.uniform(0.05, 0.8)) * sample_rate_hz))
    ramp = np.ones(length, np.float32)
    ramp[:edge] = np.linspace(0, 1, edge)
    ramp[length - edge :] = np.linspace(1, 0, edge)
    return samples * ramp


def applause(length: int, rng: np.random.Generator, *, sample_rate_hz: int) -> Float32s:
    """Return many hands clapping, (length,): claps of eight kinds at random times, and a murmur of voices."""
    swell = np.interp(np.arange(length), np.linspace(0, length, 8), rng.uniform(0.3, 1, 8))
    claps_hz = float(np.exp(rng.uniform(np.log(15), np.log(400))))
    samples: Floats = np.zeros(length)
    for _ in range(8):
        struck = np.where(rng.random(length) < claps_hz / 8 / sample_rate_hz * swell, rng.uniform(0.2, 1, length), 0.0)
        count = int(float(rng.uniform(0.006, 0.03)) * sample_rate_hz)
        burst = (rng.normal(0, 1, count) * np.exp(-5 * np.arange(count) / count)).astype(np.float32)
        low_hz = float(rng.uniform(500, 1800))
        clap = effects.filtered(burst, "highpass", low_hz, sample_rate_hz=sample_rate_hz)
        samples += fftconvolve(struck, clap)[:length]
    murmur = effects.filtered(
        rng.normal(0, 1, length).astype(np.float32),
        "lowpass",
        float(rng.uniform(700, 3000)),
        sample_rate_hz=sample_rate_hz,
    )
    cheering = effects.at_level((murmur * swell).astype(np.float32), -20 + float(rng.uniform(-20, -2)))
    return effects.at_level(samples.astype(np.float32), -20) + cheering


def _free_notes(seconds: float, rng: np.random.Generator, *, held: bool) -> list[Sounding]:
    """Return chords held for some seconds each, or single notes at times that nobody could tap to."""
    notes: list[Sounding] = []
    at_s = float(rng.uniform(0, 0.8))
    low = int(rng.integers(40, 56))
    while at_s < seconds - 0.5:
        lasts_s = float(rng.uniform(1.8, 6) if held else rng.gamma(2, 0.25) + 0.12)
        root = low + int(rng.integers(12))
        pitches = [root, root + int(rng.choice([3, 4])), root + 7, root + 12] if held else [root + 12]
        notes += [
            Sounding(
                start_s=at_s + (0.03 * place if held else 0),
                end_s=min(at_s + 1.1 * lasts_s, seconds),
                channel=0,
                midi=midi,
                velocity=int(rng.integers(45, 100)),
            )
            for place, midi in enumerate(pitches)
        ]
        at_s += lasts_s
    return notes
