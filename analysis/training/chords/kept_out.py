"""Make a test set of chords out of the songs of POP909 that no training hears, played on other instruments.

    python -m training.chords.kept_out --pop909 FOLDER --out SET --count 45 --seed 0

Data
    POP909 (MIT licence). Every tenth song is kept out of training (`training.beats.songs.is_for_validation`); those
    are used here, in sound fonts that training does not know. The chords and beats are the data set's own, which a
    program read from the MIDI files: chords are uncertain where the piano plays little, and ``N`` means that the
    program found none, so it does not count as struck.
Method
    An excerpt of `SECONDS` between two bar lines. Melody, bridge and piano sound as they are, on instruments drawn by
    lot. Half of the songs have a bass, which plays the bass notes of the chords; half have drums. Then a little of what
    mastering does. Of one seed, the same songs always come out the same.
Needs
    fluidsynth, timidity and ffmpeg; Debian's csound-soundfont, opl3-soundfont and freepats.
Writes
    ``manifest.json`` and, beside each sound, its beats and its truth, as `benchmarks.items` reads them.
"""

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mido
import mir_eval
import numpy as np
import soundfile
from scipy import signal

from benchmarks.mixes.effects import add_room, amplitude, at_loudness, write_vorbis
from benchmarks.mixes.soundfont import RATE_HZ, Stereo
from benchmarks.mixes.spec import Reverb
from riffscope.arrays import Floats
from training.beats.pop909 import song_folders
from training.beats.songs import is_for_validation

SECONDS = (60.0, 90.0)
RELEASE_S, FADE_S = 2.0, 1.0
EARLY_S = 0.02
"""A note that sounds this much before the first bar line belongs to it."""
SILENCE_S = (0.1, 0.8)
LOUDNESS_LUFS = (-18.0, -9.0)
TICKS_PER_BEAT, TICKS_PER_S = 4800, 9600  # at the 120 beats a minute that a file has without a tempo
VOLUME, PAN, PEDAL = 7, 10, 64

FLUIDSYNTH = ("fluidsynth", "-ni", "-q", "-R", "0", "-C", "0", "-r", str(RATE_HZ), "-g", "0.4", "-T", "wav", "-F")
FREEPATS = Path("/etc/timidity/freepats.cfg")
SOUNDS = (Path("/usr/share/sounds/sf2/sf_GMbank.sf2"), Path("/usr/share/sounds/sf2/OPL-3_FM_128M.sf2"), FREEPATS)
"""Sampled, synthesized by frequency modulation, and sampled by others; songs take them in turn."""

MELODY, BRIDGE, PIANO, BASS, DRUMS = 0, 1, 2, 3, 9
"""MIDI channels; the first three are those of POP909's files."""
# General MIDI programs, from 0, that all three of `SOUNDS` have: pianos, guitars, organs, strings, winds, synths.
PROGRAMS = {
    MELODY: (0, 5, 21, 24, 26, 27, 29, 40, 53, 56, 60, 65, 66, 68, 71, 73, 75, 80),
    BRIDGE: (0, 4, 8, 15, 24, 25, 27, 46, 48, 53, 71, 73, 80, 95),
    PIANO: (0, 0, 1, 4, 5, 6, 16, 19, 21, 24, 25, 26, 27, 30, 46, 48, 61, 88, 94),
    BASS: (32, 33, 34, 35, 36, 38),
}
HELD_BY_PEDAL = range(8)
"""The pedal is the pianos'; others do not hear it."""
VOLUMES = {MELODY: (70, 120), BRIDGE: (50, 90), PIANO: (80, 115), BASS: (80, 120), DRUMS: (60, 110)}
LOWEST_BASS_MIDI = 28
BASS_STEPS = {"held": 4.0, "beats": 1.0, "octaves": 1.0, "eighths": 0.5}
"""Manners of playing the bass, and how many beats go by from note to note, if the chord stays."""
KICK, SNARE, HAT, RIDE, TAMBOURINE = 36, 38, 42, 51, 54
GROOVES = (
    ((KICK, (0, 2)), (SNARE, (1, 3)), (HAT, (0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5))),
    ((KICK, (0, 1.5, 2.5)), (SNARE, (1, 3)), (HAT, (0, 1, 2, 3))),
    ((KICK, (0, 1, 2, 3)), (SNARE, (1, 3)), (HAT, (0.5, 1.5, 2.5, 3.5))),
    ((KICK, (0, 2.75)), (SNARE, (2,)), (RIDE, (0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5)), (TAMBOURINE, (1, 3))),
)
"""What sounds in which beats of a bar, from 0."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something a MIDI channel does, at a time in seconds: a note's start or end, or a controller."""

    time_s: float
    message: mido.Message


@dataclass(frozen=True, kw_only=True)
class Excerpt:
    """A piece of a song; times are seconds of the song.

    Attributes
    ----------
    beats_s, downbeats_s : array, shape (n,) and (m,)
        From the first bar line to the last; the last begins no bar, but ends one.
    chords : list of (float, float, str)
        Start, end and label in Harte's notation, cut to the piece.
    """

    start_s: float
    end_s: float
    beats_s: Floats
    downbeats_s: Floats
    chords: list[tuple[float, float, str]]


def cut(folder: Path, rng: np.random.Generator) -> Excerpt | None:
    """Choose a piece by lot; None where the song is too short."""
    rows = np.loadtxt(folder / "beat_midi.txt")
    beats_s, bars_s = rows[:, 0], rows[rows[:, 2] == 1, 0]
    pairs = [(a, b) for a, b in itertools.combinations(bars_s, 2) if SECONDS[0] <= b - a <= SECONDS[1]]
    if not pairs:
        return None
    start_s, end_s = pairs[int(rng.integers(len(pairs)))]
    chords = []
    for line in (folder / "chord_midi.txt").read_text().splitlines():
        start, end, label = line.split()[:3]
        begins, ends = max(start_s, float(start)), min(end_s, float(end))
        if ends - begins > 0.01:
            chords.append((begins, ends, label))
    return Excerpt(
        start_s=float(start_s),
        end_s=float(end_s),
        beats_s=beats_s[(beats_s >= start_s) & (beats_s <= end_s)],
        downbeats_s=bars_s[(bars_s >= start_s) & (bars_s < end_s)],
        chords=chords,
    )


def as_written(file: Path, excerpt: Excerpt, programs: dict[int, int]) -> Iterator[Event]:
    """Yield what melody, bridge and piano do in the excerpt; notes that began before it are left out."""
    now_s = 0.0
    sounding: dict[tuple[int, int], mido.Message] = {}
    for message in mido.MidiFile(file):
        now_s += message.time
        time_s = max(now_s, excerpt.start_s)
        if now_s >= excerpt.end_s:
            break
        if message.type == "control_change" and message.control == PEDAL:
            if programs.get(message.channel) in HELD_BY_PEDAL:
                yield Event(time_s=time_s, message=message.copy(time=0))
        elif message.type == "note_on" and message.velocity:
            if now_s >= excerpt.start_s - EARLY_S:
                sounding[message.channel, message.note] = message.copy(velocity=0, time=0)
                yield Event(time_s=time_s, message=message.copy(time=0))
        elif message.type in {"note_on", "note_off"} and (message.channel, message.note) in sounding:
            del sounding[message.channel, message.note]
            yield Event(time_s=time_s, message=message.copy(time=0))
    for ended in sounding.values():
        yield Event(time_s=excerpt.end_s, message=ended)
    for channel in (MELODY, BRIDGE, PIANO):
        lifted = mido.Message("control_change", channel=channel, control=PEDAL, value=0)
        yield Event(time_s=excerpt.end_s, message=lifted)


def bass_line(excerpt: Excerpt, rng: np.random.Generator) -> Iterator[Event]:
    """Yield the bass notes of the chords, in one of the manners."""
    manner = str(rng.choice(list(BASS_STEPS)))
    places = np.arange(0, len(excerpt.beats_s) - 1, BASS_STEPS[manner])
    times_s = np.interp(places, np.arange(len(excerpt.beats_s)), excerpt.beats_s)
    for start_s, end_s, label in excerpt.chords:
        root, _, above = mir_eval.chord.encode(label)
        if root < 0:
            continue
        midi = LOWEST_BASS_MIDI + (root + above - LOWEST_BASS_MIDI) % 12
        within = [start_s, *(time_s for time_s in times_s if start_s + 0.05 < time_s < end_s - 0.05), end_s]
        for k, (begin_s, stop_s) in enumerate(itertools.pairwise(within)):
            pitch = midi + 12 * (manner == "octaves" and k % 2)
            velocity = int(rng.integers(80, 110))
            yield from write_note(BASS, pitch, velocity, begin_s, begin_s + 0.92 * (stop_s - begin_s))


def drum_track(excerpt: Excerpt, rng: np.random.Generator, *, offbeat: float = 0.5) -> Iterator[Event]:
    """Yield one groove all through, cut short in short bars; `offbeat` is where the second eighth of a beat lies."""
    groove = GROOVES[int(rng.integers(len(GROOVES)))]
    count = np.arange(len(excerpt.beats_s))
    bars = np.searchsorted(excerpt.beats_s, excerpt.downbeats_s)
    for first, last in itertools.pairwise([*bars, count[-1]]):
        for drum, places in groove:
            for place in places:
                if first + place < last:
                    swung = first + np.floor(place) + np.interp(place % 1, [0, 0.5, 1], [0, offbeat, 1])
                    time_s = float(np.interp(swung, count, excerpt.beats_s))
                    velocity = int(rng.integers(70, 112)) - (20 if drum in {HAT, RIDE} else 0)
                    yield from write_note(DRUMS, drum, velocity, time_s, time_s + 0.1)


def write_note(channel: int, midi: int, velocity: int, start_s: float, end_s: float) -> Iterator[Event]:
    """Yield the start and the end of a note."""
    on = mido.Message("note_on", channel=channel, note=midi, velocity=velocity)
    yield Event(time_s=start_s, message=on)
    yield Event(time_s=end_s, message=mido.Message("note_off", channel=channel, note=midi))


def is_start(message: mido.Message) -> bool:
    """Tell whether a message begins a note."""
    return bool(message.type == "note_on" and message.velocity)


def play(events: Sequence[Event], settings: Sequence[mido.Message], excerpt: Excerpt, sounds: Path) -> Stereo:
    """Return the sound of an excerpt, (n, 2), from its first bar line on."""
    track = mido.MidiTrack(settings)
    last = 0
    for event in sorted(events, key=lambda event: (event.time_s, is_start(event.message))):
        tick = round((event.time_s - excerpt.start_s) * TICKS_PER_S)
        track.append(event.message.copy(time=tick - last))
        last = tick
    midi = mido.MidiFile(ticks_per_beat=TICKS_PER_BEAT, type=0)
    midi.tracks.append(track)
    count = int((excerpt.end_s - excerpt.start_s + RELEASE_S) * RATE_HZ)
    with tempfile.TemporaryDirectory() as folder:
        song, sound = Path(folder) / "song.mid", Path(folder) / "song.wav"
        midi.save(song)
        command: list[str | Path] = [*FLUIDSYNTH, sound, sounds, song]
        if sounds == FREEPATS:
            command = ["timidity", "-c", sounds, "-Ow", "-s", str(RATE_HZ), "--reverb=0", "-A60", "-o", sound, song]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own command
        samples, _ = soundfile.read(sound, always_2d=True)
    padded: Stereo = np.pad(samples, ((0, max(0, count - len(samples))), (0, 0)))
    return padded[:count]


def master(sound: Stereo, silence_s: float, scratch: Path, rng: np.random.Generator) -> Stereo:
    """Put sound in a room, tilt its spectrum by up to 4 dB, fade its end, and bring it to a loudness."""
    sound = add_room(sound, Reverb(rt60_s=rng.uniform(0.4, 1.8), wet_db=rng.uniform(-24, -12), predelay_s=0.015), rng)
    low = signal.sosfilt(signal.butter(1, 700, fs=RATE_HZ, output="sos"), sound, axis=0)
    sound = low * amplitude(rng.uniform(-4, 4)) + (sound - low)
    fade = int(FADE_S * RATE_HZ)
    sound[-fade:] *= np.linspace(1, 0, fade)[:, None]
    finished = at_loudness(sound, rng.uniform(*LOUDNESS_LUFS), scratch)
    return np.pad(finished, ((int(silence_s * RATE_HZ), 0), (0, 0)))


@dataclass(frozen=True, kw_only=True)
class Band:
    """Who plays a song.

    Attributes
    ----------
    sounds : Path
        One of `SOUNDS`.
    programs : dict of int to int
        General MIDI programs, from 0, by channel.
    settings : list of mido.Message
        What sets programs, volumes and places in the stereo image.
    """

    sounds: Path
    programs: dict[int, int]
    settings: list[mido.Message]
    has_bass: bool
    has_drums: bool


def hire(place: int, rng: np.random.Generator) -> Band:
    """Return the band of the song at a place in the set: sounds, bass and drums by turns, instruments by lot."""
    programs = {channel: int(rng.choice(choice)) for channel, choice in PROGRAMS.items()}
    settings = [mido.Message("program_change", channel=channel, program=value) for channel, value in programs.items()]
    for channel, (least, most) in VOLUMES.items():
        pan = 64 if channel in {BASS, DRUMS} else int(rng.integers(34, 94))
        for control, value in ((VOLUME, int(rng.integers(least, most))), (PAN, pan)):
            settings.append(mido.Message("control_change", channel=channel, control=control, value=value))
    return Band(
        sounds=SOUNDS[place % len(SOUNDS)],
        programs=programs,
        settings=settings,
        has_bass=place // 3 % 2 == 0,
        has_drums=place // 6 % 2 == 0,
    )


def make_song(folder: Path, place: int, seed: int, out: Path) -> dict[str, Any] | None:
    """Write one song with its beats and its truth, and return its entry in the manifest; None: it is too short."""
    rng = np.random.default_rng([seed, int(folder.name)])
    excerpt = cut(folder, rng)
    if excerpt is None:
        return None
    band = hire(place, rng)
    events = list(as_written(folder / f"{folder.name}.mid", excerpt, band.programs))
    if band.has_bass:
        events += bass_line(excerpt, rng)
    if band.has_drums:
        events += drum_track(excerpt, rng)
    item = write_song(out / folder.name, excerpt, events, band, rng)
    return item | {"source_repo": "POP909", "source_path": folder.name, "licence": "MIT"}


def write_song(
    stem: Path, excerpt: Excerpt, events: Sequence[Event], band: Band, rng: np.random.Generator
) -> dict[str, Any]:
    """Play, master and write a song with its beats and its truth, and return its entry in the manifest."""
    silence_s = round(float(rng.uniform(*SILENCE_S)), 3)
    sound = play(events, band.settings, excerpt, band.sounds)
    finished = master(sound, silence_s, stem.with_suffix(".scratch.wav"), rng)
    write_vorbis(stem.with_suffix(".ogg"), finished)

    def placed(time_s: float) -> float:
        return round(float(time_s - excerpt.start_s + silence_s), 4)

    bars = np.searchsorted(excerpt.beats_s, excerpt.downbeats_s)
    lengths = np.diff([*bars, len(excerpt.beats_s) - 1])
    beats_s = [placed(each) for each in excerpt.beats_s[:-1]]
    numbers = [number for length in lengths for number in range(1, length + 1)]
    truth = {
        "name": stem.name,
        "duration_s": round(len(finished) / RATE_HZ, 3),
        "tempo": {
            "bpm": round(float(60 / np.median(np.diff(excerpt.beats_s))), 2),
            "meter": int(np.bincount(lengths).argmax()),
        },
        "beats": beats_s,
        "downbeats": [beats_s[bar] for bar in bars],
        "chords": [
            {"start": placed(start_s), "end": placed(end_s), "label": label, "struck": label != "N"}
            for start_s, end_s, label in excerpt.chords
        ],
        "mix": {
            "sounds": band.sounds.name,
            "programs": band.programs,
            "bass": band.has_bass,
            "drums": band.has_drums,
        },
    }
    stem.with_suffix(".truth.json").write_text(json.dumps(truth, indent=1) + "\n", "utf-8")
    rows = "".join(f"{beat:.4f}\t{number}\n" for beat, number in zip(beats_s, numbers, strict=True))
    stem.with_suffix(".beats").write_text(rows, "utf-8")
    return {
        "file": f"{stem.name}.ogg",
        "duration_s": truth["duration_s"],
        "sample_rate": RATE_HZ,
        "channels": 2,
        "codec": "vorbis",
        "annotation_types": ["tempo", "beats", "downbeats", "chords"],
        "truth": {"tempo": truth["tempo"], "mix": truth["mix"]},
        "truth_file": f"{stem.name}.truth.json",
        "beats_file": f"{stem.name}.beats",
    }


def read_command_line(
    doc: str | None, arguments: Sequence[str] | None, *, source: str, about: str, count: int
) -> argparse.Namespace:
    """Read where the songs are (the option `source`) and where the set goes; end with a message without sound fonts."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(source, type=Path, required=True, help=about)
    parser.add_argument("--out", type=Path, required=True, help="the new set's folder")
    parser.add_argument("--count", type=int, default=count)
    parser.add_argument("--seed", type=int, default=0, help="which songs, pieces and instruments")
    options = parser.parse_args(arguments)
    missing = [str(sounds) for sounds in SOUNDS if not sounds.exists()]
    if missing:
        parser.error(f"needs {', '.join(missing)} (Debian: csound-soundfont, opl3-soundfont, freepats)")
    options.out.mkdir(parents=True, exist_ok=True)
    return options


def write_manifest(out: Path, items: Sequence[dict[str, Any]], made_by: str) -> None:
    """Write the manifest of a set, and say how large it is."""
    manifest = {"set": out.name, "made_by": made_by, "items": items}
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    print(f"{len(items)} songs, {sum(item['duration_s'] for item in items) / 60:.0f} minutes")


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, and make the set."""
    about = "the data set's folder, with 001 to 909 in it"
    options = read_command_line(__doc__, arguments, source="--pop909", about=about, count=45)
    kept_out = [folder for k, folder in enumerate(song_folders(options.pop909)) if is_for_validation(k)]
    items: list[dict[str, Any]] = []
    for k in np.random.default_rng(options.seed).permutation(len(kept_out)):
        item = make_song(kept_out[k], len(items), options.seed, options.out)
        items += [item] if item else []
        if len(items) == options.count:
            break
    write_manifest(options.out, items, f"training.chords.kept_out --seed {options.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
