"""A composition played, sung, mixed and recorded: sound with the beats that it was played to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.beats import effects
from training.beats.composition import Chord, Composition, Note, PartName, held
from training.beats.drums import Hit, hire, play_song
from training.beats.fluidsynth import DRUM_CHANNEL, Sounding, Synthesizer
from training.beats.interruptions import (
    Interruption,
    applause,
    change_tempo,
    delay_s,
    draw_interruptions,
    fill,
    let_go,
)
from training.beats.kits import Kit, load_kits, play
from training.beats.tempo_map import draw_beat_times, place
from training.beats.voice import sing, talk

Float32s = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

SAMPLE_RATE_HZ = 22050
InSeconds = Callable[[Sequence[float]], Floats]
"""Places counted in beats -> seconds of the recording."""
# Debian's fluid-soundfont-gm, timgm6mb-soundfont and musescore-general-soundfont-small.
SOUNDFONTS = (
    Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"),
    Path("/usr/share/sounds/sf2/TimGM6mb.sf2"),
    Path("/usr/share/sounds/sf3/MuseScore_General_Lite.sf3"),
)
SECONDS = (42.0, 62.0)
USUAL_BPM = 116.0
# Slowest and fastest tempo, by the beats of a bar and the parts of a beat.
BEARABLE_BPM = {
    (2, 2): (58, 216), (4, 2): (58, 216), (3, 2): (62, 212), (5, 2): (72, 200), (7, 2): (76, 200), (2, 3): (40, 130),
    (4, 3): (45, 150),
}  # fmt: skip

# General MIDI programs, from 0, that play each part.
PROGRAMS: dict[PartName, tuple[int, ...]] = {
    "lead": (0, 4, 11, 12, 21, 22, 24, 25, 26, 27, 40, 52, 53, 54, 56, 57, 60, 61, 64, 65, 66, 68, 71, 73, 75, 80, 81,
             85),
    "second": (0, 4, 11, 12, 24, 25, 27, 40, 48, 61, 68, 71, 73, 80, 82),
    "comp": (0, 1, 2, 4, 5, 6, 7, 16, 17, 18, 21, 24, 25, 26, 27, 28, 46, 50, 61, 62, 80, 81, 90),
    "riff": (0, 4, 5, 7, 16, 24, 25, 26, 27, 27, 28, 28, 29, 30, 33, 36, 38, 39, 61, 62, 80, 81, 84, 87),
    "bass": (32, 33, 33, 34, 35, 36, 37, 38, 38, 39, 43, 58),
    "pad": (16, 19, 48, 49, 50, 51, 52, 88, 89, 90, 91, 92, 94, 95),
}  # fmt: skip
CHANNELS: dict[PartName, int] = {"lead": 0, "second": 1, "comp": 2, "riff": 3, "bass": 4, "pad": 5}
CLEAN_GUITARS = (25, 26, 27, 28)
# How loud a part may be against the others, as MIDI volume.
VOLUMES: dict[PartName, tuple[int, int]] = {
    "lead": (50, 115), "second": (40, 100), "comp": (50, 110), "riff": (60, 120), "bass": (60, 125), "pad": (30, 90),
}  # fmt: skip
# General MIDI percussion.
GM_DRUMS: dict[str, int] = {
    "kick": 36, "snare": 38, "side_stick": 37, "clap": 39, "closed_hat": 42, "pedal_hat": 44, "open_hat": 46,
    "ride": 51, "crash": 49, "low_tom": 45, "mid_tom": 47, "high_tom": 50, "shaker": 70, "cowbell": 56,
    "tambourine": 54, "conga": 63,
}  # fmt: skip
GM_KITS = (0, 0, 0, 8, 16, 24, 25, 32, 40)
VOCAL_RANGE_MIDI = (43, 76)
# How loud a singer is against the band, in decibels.
VOICE_DB = (-9.0, 5.0)


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A song as recorded, (n,) float32 at 22.05 kHz, and its beats in seconds with the places where bars begin.

    `kinds` says what kinds of song it is one of, for the figures. `chords` are those that sound, counted in beats,
    `played` the parts that the band plays; `band_fraction` is how much of each beat it is heard in beside the drums.
    """

    samples: Float32s
    beat_times_s: Floats
    is_downbeat: npt.NDArray[np.bool_]
    beats_per_bar: int
    bpm: float
    drummed: bool = False
    kinds: tuple[str, ...] = ()
    chords: tuple[Chord, ...] = ()
    played: frozenset[PartName] = frozenset()
    band_fraction: Floats = field(default_factory=lambda: np.zeros(0))


class Studio:
    """Sound fonts and drum kits, read once."""

    def __init__(self) -> None:
        self.synthesizers = [Synthesizer(font, sample_rate_hz=SAMPLE_RATE_HZ) for font in SOUNDFONTS]
        self.kits: list[Kit] = load_kits(sample_rate_hz=SAMPLE_RATE_HZ)


def draw_tempo(song: Composition, rng: np.random.Generator) -> float:
    """Draw a tempo that the music can bear, in beats per minute.

    References
    ----------
    van Noorden & Moelants, "Resonance in the perception of musical pulse", J. New Music Research, 1999.
    """
    if song.natural_bpm is not None:
        bpm = song.natural_bpm * float(np.exp(rng.uniform(np.log(0.75), np.log(1.4))))
        return float(np.clip(bpm, 54, 214))
    if song.bpm_range is not None:
        return float(np.exp(rng.uniform(*np.log(song.bpm_range))))
    slowest, fastest = BEARABLE_BPM[song.beats_per_bar, song.division]
    if rng.random() < 0.5:
        return float(np.exp(rng.uniform(np.log(slowest), np.log(fastest))))
    # Where music allows two tempi, people count the one nearer to two beats a second.
    usual = USUAL_BPM if song.division == 2 else USUAL_BPM / 1.5
    return float(np.clip(usual * np.exp(rng.normal(0, 0.28)), slowest, fastest))


def record(
    song: Composition,
    studio: Studio,
    rng: np.random.Generator,
    *,
    interrupted: bool = True,
    voice_db: tuple[float, float] = VOICE_DB,
) -> Recording:
    """Play a stretch of some 50 s of a composition and record it; a singer is so loud against the band."""
    bpm = draw_tempo(song, rng)
    wanted = int(rng.uniform(*SECONDS) * bpm / 60)
    song = _cut(song, wanted, rng)
    stops = draw_interruptions(song, rng) if interrupted else ()
    song = let_go(song, stops)
    played_s = change_tempo(draw_beat_times(song.beat_count, bpm, rng, bar_starts=song.bar_starts), stops)
    lead_in_s = float(rng.uniform(0.05, 1.2)) + (float(rng.uniform(0.5, 3)) if rng.random() < 0.1 else 0)
    played_s = played_s + lead_in_s
    swing, sixteenths = _draw_swing(song, bpm, rng)

    def seconds(beats: Sequence[float]) -> Floats:
        late_s = delay_s(beats, stops, song.beat_count)
        return place(beats, played_s, swing=swing, sixteenths=sixteenths) + late_s

    beat_times_s = played_s + delay_s(np.arange(song.beat_count + 1), stops, song.beat_count)
    ends_s = float(rng.uniform(0.2, 2.0)) + sum(stop.seconds for stop in stops if stop.beat == song.beat_count)
    length = int((beat_times_s[-1] + ends_s) * SAMPLE_RATE_HZ)
    jitter_s = float(rng.choice([0.0, 0.003, 0.007, 0.012]))
    played, shift = _choose_parts(song, rng)
    band = _play_band(song, played, seconds, jitter_s, studio, rng, length)
    electronic = rng.random() < 0.3
    drummed = rng.random() < 0.72 if song.drummed is None else song.drummed
    heard = np.ones(length, np.float32)
    if drummed and rng.random() < 0.2:
        heard = _pauses(song, beat_times_s, rng, length)
        band *= heard
    if drummed:
        strokes = play_song(song, hire(song, bpm, rng), rng)
        drums = _play_drums(strokes, seconds, 0.6 * jitter_s, studio, rng, length)
        if electronic and rng.random() < 0.5:
            band = effects.pumping(band, beat_times_s, rng, sample_rate_hz=SAMPLE_RATE_HZ)
        if rng.random() < 0.3:
            drums = effects.room(drums, rng, sample_rate_hz=SAMPLE_RATE_HZ)
        band = effects.at_level(band, -20) + effects.at_level(drums, -20 + float(rng.uniform(-9, 7)))
    band = effects.at_level(band, -20)
    voice = _sing_along(song, seconds, rng, length)
    if voice is not None:
        if rng.random() < 0.6:
            voice = effects.room(voice, rng, sample_rate_hz=SAMPLE_RATE_HZ)
        band = band + effects.at_level(voice, -20 + float(rng.uniform(*voice_db)))
    for stop in stops:
        # What follows an interruption is late by it; what ends a song begins where the last beat is.
        begin_s = float(beat_times_s[stop.beat]) - (stop.seconds if stop.beat < song.beat_count else -0.3)
        _interrupt(band, stop, max(0, int(begin_s * SAMPLE_RATE_HZ)), studio, rng)
    if rng.random() < 0.4:
        band = effects.room(band, rng, sample_rate_hz=SAMPLE_RATE_HZ)
    samples = effects.master(
        effects.equaliser(band, rng, sample_rate_hz=SAMPLE_RATE_HZ), rng, sample_rate_hz=SAMPLE_RATE_HZ
    )
    is_downbeat = np.zeros(song.beat_count + 1, bool)
    is_downbeat[list(song.bar_starts)] = True
    is_downbeat[-1] = song.ends_with_its_bar
    return Recording(
        samples=samples,
        beat_times_s=beat_times_s,
        is_downbeat=is_downbeat,
        beats_per_bar=song.beats_per_bar,
        bpm=float(60 / np.median(np.diff(beat_times_s))),
        drummed=drummed,
        kinds=(song.kind, *(["interrupted"] if stops else [])),
        chords=tuple(replace(chord, root=(chord.root + shift) % 12) for chord in song.chords),
        played=frozenset(played),
        band_fraction=_by_beat(heard, beat_times_s),
    )


def _by_beat(gain: Float32s, beat_times_s: Floats) -> Floats:
    """Average a gain over each beat."""
    edges = np.clip(np.round(beat_times_s * SAMPLE_RATE_HZ).astype(int), 0, len(gain))
    sums = np.concatenate([[0.0], np.cumsum(gain, dtype=np.float64)])
    means: Floats = np.diff(sums[edges]) / np.maximum(np.diff(edges), 1)
    return means


def _interrupt(band: Float32s, stop: Interruption, begin: int, studio: Studio, rng: np.random.Generator) -> None:
    """Add what is heard in an interruption that begins at a sample; what was played there dies away under it."""
    synthesizer = studio.synthesizers[int(rng.integers(len(studio.synthesizers)))]
    length = min(int(stop.seconds * SAMPLE_RATE_HZ), len(band) - begin)
    meanwhile = fill(stop.filling, length, synthesizer, rng, sample_rate_hz=SAMPLE_RATE_HZ)
    band[begin : begin + length] += effects.at_level(meanwhile, -20 + float(rng.uniform(-14, 3)))


def record_without_beat(rng: np.random.Generator, studio: Studio) -> Recording:
    """Record what has no beat: talk, applause, noise that swells, notes at random, held chords."""
    length = int(rng.uniform(30, 50) * SAMPLE_RATE_HZ)
    kind = str(rng.choice(["talk", "applause", "noise", "random notes", "drone"], p=(0.34, 0.1, 0.13, 0.28, 0.15)))
    seconds = length / SAMPLE_RATE_HZ
    samples = np.zeros(length, np.float32)
    if kind == "talk":
        samples = talk(length, rng)
    if kind == "applause":
        samples = applause(length, rng, sample_rate_hz=SAMPLE_RATE_HZ)
    if kind in ("random notes", "drone"):
        rate_hz = float(rng.uniform(0.7, 6)) if kind == "random notes" else 0.2
        starts_s = np.cumsum(rng.exponential(1 / rate_hz, int(seconds * rate_hz)))
        held_s = 1 / rate_hz if kind == "random notes" else 9.0
        notes = [
            Sounding(
                start_s=float(start_s),
                end_s=float(start_s + held_s * rng.uniform(0.5, 1.5)),
                channel=int(rng.integers(3)),
                midi=int(rng.integers(36, 84)),
                velocity=int(rng.integers(40, 110)),
            )
            for start_s in starts_s
            if start_s < seconds - 1
        ]
        programs = {channel: int(rng.choice(PROGRAMS["pad" if kind == "drone" else "comp"])) for channel in range(3)}
        synthesizer = studio.synthesizers[int(rng.integers(len(studio.synthesizers)))]
        samples = synthesizer.render(notes, programs=programs, volumes={}, length_samples=length)
    if kind == "noise" or rng.random() < 0.3:
        swell = np.interp(np.arange(length), np.linspace(0, length, 12), rng.uniform(0.1, 1, 12))
        noise = effects.filtered(
            rng.normal(0, 1, length).astype(np.float32),
            "lowpass",
            float(rng.uniform(300, 8000)),
            sample_rate_hz=SAMPLE_RATE_HZ,
        )
        samples = effects.at_level(samples, -20) + effects.at_level((noise * swell).astype(np.float32), -32)
    samples = effects.master(samples.astype(np.float32), rng, sample_rate_hz=SAMPLE_RATE_HZ)
    return Recording(
        samples=samples,
        beat_times_s=np.zeros(0),
        is_downbeat=np.zeros(0, bool),
        beats_per_bar=0,
        bpm=0.0,
        kinds=("no beat", kind),
    )


def _cut(song: Composition, beats: int, rng: np.random.Generator) -> Composition:
    """Cut so many beats out of a song; mostly from a bar line on."""
    beats = min(beats, song.beat_count)
    first = int(rng.integers(0, song.beat_count - beats + 1))
    if rng.random() < 0.85:
        first = max(start for start in song.bar_starts if start <= first)
    last = min(first + beats, song.beat_count)

    def inside(start: float) -> bool:
        return first - 1e-6 <= start < last

    parts = {
        name: [
            replace(note, start_beats=max(0.0, note.start_beats - first)) for note in notes if inside(note.start_beats)
        ]
        for name, notes in song.parts.items()
    }
    bars = [k for k, start in enumerate(song.bar_starts) if first <= start < last]
    if not bars:
        return _cut(song, beats, rng)
    chords = [chord for chord in song.chords if chord.end_beats > first and chord.start_beats < last]
    return Composition(
        beat_count=last - first,
        bar_starts=tuple(song.bar_starts[k] - first for k in bars),
        division=song.division,
        bar_groups=tuple(song.bar_groups[k] for k in bars) if song.bar_groups else (),
        section_starts=tuple(k - bars[0] for k in song.section_starts if k in bars),
        parts=parts,
        chords=tuple(
            replace(
                chord,
                start_beats=max(0.0, chord.start_beats - first),
                end_beats=min(chord.end_beats, last) - first,
            )
            for chord in chords
        ),
        natural_bpm=song.natural_bpm,
        bpm_range=song.bpm_range,
        drummed=song.drummed,
        kind=song.kind,
        amplified=song.amplified,
    )


def _pauses(song: Composition, beat_times_s: Floats, rng: np.random.Generator, length: int) -> Float32s:
    """Return a gain (length,) that lets the drums play alone: in breaks of some bars, or throughout."""
    gain: Float32s = np.ones(length, np.float32)
    if rng.random() < 0.15:
        return gain * 0
    for _ in range(int(rng.integers(1, 4))):
        bar = int(rng.integers(len(song.bar_starts)))
        until = min(bar + int(rng.choice([1, 2, 4, 8])), len(song.bar_starts) - 1)
        start_s, end_s = (float(beat_times_s[song.bar_starts[k]]) - 0.02 for k in (bar, until))
        gain[int(max(0.0, start_s) * SAMPLE_RATE_HZ) : int(max(0.0, end_s) * SAMPLE_RATE_HZ)] = 0
    smooth = SAMPLE_RATE_HZ // 50
    out: Float32s = np.convolve(gain, np.ones(smooth, np.float32) / smooth, "same").astype(np.float32, copy=False)
    return out


def record_metronome(rng: np.random.Generator) -> Recording:
    """Record clicks: of one kind, or with another one on the first of each bar."""
    beats_per_bar = int(rng.choice([2, 3, 4, 4, 5, 7], p=(0.2, 0.2, 0.24, 0.2, 0.1, 0.06)))
    bpm = float(np.exp(rng.uniform(np.log(50), np.log(240))))
    beat_times_s = float(rng.uniform(0.1, 1.5)) + draw_beat_times(
        int(45 * bpm / 60), bpm, rng, bar_starts=range(0, int(45 * bpm / 60), beats_per_bar)
    )
    is_downbeat = np.arange(len(beat_times_s)) % beats_per_bar == 0
    accented = bool(rng.random() < 0.6)
    length = int((beat_times_s[-1] + 0.5) * SAMPLE_RATE_HZ)
    samples = np.zeros(length, np.float32)
    hertz = float(rng.uniform(300, 4000))
    decay_s = float(rng.uniform(0.003, 0.06))
    times_s = np.arange(int(6 * decay_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    for time_s, first in zip(beat_times_s, is_downbeat, strict=True):
        pitch = hertz * (1.5 if first and accented else 1)
        click = np.sin(2 * np.pi * pitch * times_s) * np.exp(-times_s / decay_s)
        begin = int(time_s * SAMPLE_RATE_HZ)
        samples[begin : begin + len(click)] += click[: length - begin].astype(np.float32)
    return Recording(
        samples=effects.master(samples, rng, sample_rate_hz=SAMPLE_RATE_HZ),
        beat_times_s=beat_times_s,
        # Where no click stands out, nobody can tell a downbeat.
        is_downbeat=is_downbeat & accented,
        beats_per_bar=beats_per_bar,
        bpm=bpm,
        kinds=("clicks",),
    )


def _draw_swing(song: Composition, bpm: float, rng: np.random.Generator) -> tuple[float, bool]:
    if song.division == 3 or rng.random() > 0.22:
        return 0.5, False
    if bpm < 110 and rng.random() < 0.5:
        return float(rng.uniform(0.54, 0.66)), True
    return float(rng.uniform(0.56, 0.68)), False


def _choose_parts(song: Composition, rng: np.random.Generator) -> tuple[dict[PartName, list[Note]], int]:
    """Leave parts out, and write bass, pads and chugging guitars from the chords where the song has none.

    Returns the parts, moved by so many semitones, and how many those are.
    """
    leave = {"lead": 0.3, "second": 0.3, "comp": 0.15, "riff": 0.05, "bass": 0.08, "pad": 0.15}
    parts = {name: notes for name, notes in song.parts.items() if notes and rng.random() > leave[name]}
    if not parts:
        parts = dict(song.parts)
    if "bass" not in song.parts and rng.random() < 0.82:
        parts["bass"] = _bass_from_chords(song, rng)
    if "pad" not in song.parts and rng.random() < 0.3:
        parts["pad"] = held(song.chords, base=48, accent=0.55)
    if "riff" not in song.parts and rng.random() < 0.3:
        parts["riff"] = _chug_from_chords(song, rng)
    shift = int(rng.integers(-5, 6))
    moved = {
        name: [replace(note, midi=int(np.clip(note.midi + shift, 21, 108))) for note in notes]
        for name, notes in parts.items()
    }
    return moved, shift


def _bass_from_chords(song: Composition, rng: np.random.Generator) -> list[Note]:
    style = str(rng.choice(["hold", "beats", "eighths", "mixed", "root and fifth"]))
    notes = []
    for chord in song.chords:
        midi = 28 + (chord.root - 28) % 12
        if style == "hold":
            length = max(0.2, chord.end_beats - chord.start_beats - 0.05)
            notes.append(Note(start_beats=chord.start_beats, length_beats=length, midi=midi, accent=0.85))
            continue
        step = 0.5 if style == "eighths" or (style == "mixed" and rng.random() < 0.5) else 1.0
        for k, start in enumerate(np.arange(round(chord.start_beats * 2) / 2, chord.end_beats - 0.1, step)):
            fifth = 7 if style == "root and fifth" and k % 2 else 0
            notes.append(
                Note(
                    start_beats=float(start),
                    length_beats=0.85 * step,
                    midi=midi + fifth,
                    accent=float(rng.uniform(0.65, 0.9)),
                )
            )
    return notes


def _chug_from_chords(song: Composition, rng: np.random.Generator) -> list[Note]:
    """Power chords in eighths or sixteenths with a rhythm of their own, which each chord begins anew."""
    step = float(rng.choice([0.5, 0.5, 0.25]))
    pattern = rng.random(round(4 / step)) < float(rng.choice([0.6, 0.8, 1.0]))
    pattern[0] = True
    notes = []
    for chord in song.chords:
        for k, start in enumerate(np.arange(round(chord.start_beats * 4) / 4, chord.end_beats - 0.1, step)):
            if pattern[k % len(pattern)]:
                length = step * float(rng.choice([0.5, 0.9]))
                accent = 0.9 if start % 1 == 0 else 0.75
                notes += [
                    Note(
                        start_beats=float(start),
                        length_beats=length,
                        midi=40 + (chord.root - 40) % 12 + interval,
                        accent=accent,
                    )
                    for interval in (0, 7, 12)
                ]
    return notes


def _play_band(
    song: Composition,
    parts: dict[PartName, list[Note]],
    seconds: InSeconds,
    jitter_s: float,
    studio: Studio,
    rng: np.random.Generator,
    length: int,
) -> Float32s:
    """Render all parts; guitars that are to be distorted go through an amplifier of their own."""
    synthesizer = studio.synthesizers[int(rng.choice(len(studio.synthesizers), p=(0.4, 0.2, 0.4)))]
    programs, volumes = {}, {}
    sounding: dict[bool, list[Sounding]] = {False: [], True: []}
    for name, notes in parts.items():
        channel = CHANNELS[name]
        amplified = name in ("riff", "comp") and rng.random() < (0.45 if name == "riff" else 0.12)
        amplified = amplified or name in song.amplified
        program = int(rng.choice(CLEAN_GUITARS if amplified else PROGRAMS[name]))
        programs[channel] = program
        volumes[channel] = int(rng.integers(*VOLUMES[name]))
        # Power chords: what is distorted carries a fifth, and hardly ever more.
        extra = (0, 7, 12) if amplified and name == "riff" and (rng.random() < 0.7 or name in song.amplified) else (0,)
        starts_s = seconds([note.start_beats for note in notes])
        ends_s = seconds([note.start_beats + note.length_beats for note in notes])
        late_s = float(rng.normal(0, 0.006)) if jitter_s else 0.0
        for note, start_s, end_s in zip(notes, starts_s, ends_s, strict=True):
            begin_s = max(0.0, float(start_s) + late_s + float(rng.normal(0, jitter_s)))
            velocity = int(np.clip(127 * note.accent * rng.uniform(0.85, 1.05), 15, 127))
            sounding[amplified] += [
                Sounding(
                    start_s=begin_s,
                    end_s=max(begin_s + 0.05, float(end_s)),
                    channel=channel,
                    midi=min(108, note.midi + k),
                    velocity=velocity,
                )
                for k in extra
            ]
    stems = [
        synthesizer.render(notes, programs=programs, volumes=volumes, length_samples=length) if notes else None
        for notes in (sounding[False], sounding[True])
    ]
    clean, guitars = stems
    if guitars is None:
        return clean if clean is not None else np.zeros(length, np.float32)
    guitars = effects.amplifier(guitars, rng, sample_rate_hz=SAMPLE_RATE_HZ)
    if clean is None:
        return guitars
    return effects.at_level(clean, -20) + effects.at_level(guitars, -20 + float(rng.uniform(-5, 8)))


def _play_drums(
    strokes: list[Hit],
    seconds: InSeconds,
    jitter_s: float,
    studio: Studio,
    rng: np.random.Generator,
    length: int,
) -> Float32s:
    """Play on a recorded kit, or on a sound font's."""
    times_s = seconds([stroke.beat for stroke in strokes])
    times_s = np.maximum(0.0, times_s + rng.normal(0, jitter_s, len(times_s))) if len(strokes) else times_s
    if rng.random() < 0.6:
        kit = studio.kits[int(rng.integers(len(studio.kits)))].draw(rng)
        hits = [(float(t), stroke.role, stroke.velocity) for t, stroke in zip(times_s, strokes, strict=True)]
        return play(kit, hits, length, rng, tuning_semitones=float(rng.choice([0, 0, -2, -1, 1, 2])))
    synthesizer = studio.synthesizers[int(rng.integers(len(studio.synthesizers)))]
    notes = [
        Sounding(
            start_s=float(t),
            end_s=float(t) + 0.15,
            channel=DRUM_CHANNEL,
            midi=GM_DRUMS[stroke.role],
            velocity=int(np.clip(127 * stroke.velocity * rng.uniform(0.85, 1.05), 10, 127)),
        )
        for t, stroke in zip(times_s, strokes, strict=True)
    ]
    return synthesizer.render(
        notes, programs={DRUM_CHANNEL: int(rng.choice(GM_KITS))}, volumes={}, length_samples=length
    )


def _sing_along(song: Composition, seconds: InSeconds, rng: np.random.Generator, length: int) -> Float32s | None:
    """Sing the melody, talk over the music, or leave it without a voice."""
    kind = rng.random()
    if kind < 0.05:
        return talk(length, rng)
    tune = song.parts.get("lead") or song.parts.get("second") or []
    if kind > 0.55 or not tune:
        return None
    shift = 12 * int(rng.integers(-1, 1))
    notes: list[tuple[float, float, int]] = []
    starts_s = seconds([note.start_beats for note in tune])
    ends_s = seconds([note.start_beats + note.length_beats for note in tune])
    lag_s = float(rng.uniform(-0.02, 0.05))
    for note, start_s, end_s in sorted(zip(tune, starts_s, ends_s, strict=True), key=lambda item: float(item[1])):
        midi = note.midi + shift
        while midi > VOCAL_RANGE_MIDI[1]:
            midi -= 12
        while midi < VOCAL_RANGE_MIDI[0]:
            midi += 12
        start = max(0.0, float(start_s) + lag_s)
        if notes and start < notes[-1][1]:
            notes[-1] = (notes[-1][0], start, notes[-1][2])
        notes.append((start, max(start + 0.08, float(end_s)), midi))
    return sing([note for note in notes if note[1] - note[0] > 0.04], length, rng)
