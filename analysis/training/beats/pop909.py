"""Reads POP909: pop songs arranged for piano, as MIDI, with beats and chords.

The data set (MIT licence) is not part of the project: its folder is given on the command line.

References
----------
Wang, Chen, Jiang, Zhang, Xu, Dai, Xia, "POP909: a pop-song dataset for music arrangement generation", ISMIR 2020.
"""

from dataclasses import replace
from pathlib import Path

import mido
import numpy as np

from training.beats.composition import Chord, Composition, Note, PartName

PARTS: dict[str, PartName] = {"MELODY": "lead", "BRIDGE": "second", "PIANO": "comp"}
PITCH_CLASS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
MINOR, MAJOR, DIMINISHED = (0, 3, 7), (0, 4, 7), (0, 3, 6)
# The phrases of pop are four and eight bars long; the data set does not say where sections begin.
PHRASE_BARS = 8


def song_folders(root: Path) -> list[Path]:
    """Return the folders 001 to 909."""
    folders = sorted(path.parent for path in root.glob("[0-9][0-9][0-9]/beat_midi.txt"))
    if not folders:
        raise SystemExit(f"{root}: holds no POP909 (folders 001 to 909 with beat_midi.txt)")
    return folders


def read_song(folder: Path) -> Composition:
    """Read one song, its times turned into beats.

    Raises
    ------
    ValueError
        The song has fewer than 32 beats or no bar.
    """
    rows = np.loadtxt(folder / "beat_midi.txt")
    beats_s, downbeats = rows[:, 0], np.flatnonzero(rows[:, 2] == 1)
    if len(beats_s) < 32 or not downbeats.size:
        raise ValueError(f"{folder.name}: too few beats")
    count = np.arange(len(beats_s), dtype=np.float64) - downbeats[0]

    def in_beats(times_s: float) -> float:
        return float(np.interp(times_s, beats_s, count))

    parts: dict[PartName, list[Note]] = {}
    for name, notes in _notes_by_track(folder / f"{folder.name}.mid").items():
        if name not in PARTS:
            continue
        part = parts.setdefault(PARTS[name], [])
        for start_s, end_s, midi, velocity in notes:
            if beats_s[downbeats[0]] - 0.05 <= start_s < beats_s[-1]:
                start = in_beats(start_s)
                length = max(0.1, in_beats(end_s) - start)
                part.append(Note(start_beats=max(0.0, start), length_beats=length, midi=midi, accent=velocity / 127))
    chords = [
        Chord(start_beats=max(0.0, in_beats(start_s)), end_beats=in_beats(end_s), root=root, intervals=intervals)
        for start_s, end_s, root, intervals in _chords(folder)
        if end_s > beats_s[downbeats[0]]
    ]
    bar_starts = tuple(int(k) for k in downbeats - downbeats[0])
    return Composition(
        beat_count=int(count[-1]),
        bar_starts=bar_starts,
        division=2,
        section_starts=tuple(range(0, len(bar_starts), PHRASE_BARS)),
        parts=parts,
        chords=tuple(chords),
        natural_bpm=float(60 / np.median(np.diff(beats_s))),
    )


def read_chords(folder: Path) -> list[tuple[float, float, str]]:
    """Return the chords of a song: start and end in seconds, and the name in Harte's notation."""
    rows = (line.split()[:3] for line in (folder / "chord_midi.txt").read_text().splitlines())
    return [(float(start), float(end), name) for start, end, name in rows]


def _chords(folder: Path) -> list[tuple[float, float, int, tuple[int, ...]]]:
    found: list[tuple[float, float, int, tuple[int, ...]]] = []
    for start_s, end_s, name in read_chords(folder):
        if name == "N":
            continue
        root, _, quality = name.partition(":")
        pitch_class = (PITCH_CLASS[root[0]] + root.count("#") - root.count("b")) % 12
        intervals = DIMINISHED if quality.startswith(("dim", "hdim")) else MINOR if quality.startswith("min") else MAJOR
        found.append((start_s, end_s, pitch_class, intervals))
    return found


def _notes_by_track(file: Path) -> dict[str, list[tuple[float, float, int, int]]]:
    """Return (start_s, end_s, midi, velocity) by track name."""
    midi = mido.MidiFile(file)
    ticks, tempi = [0], [500_000]
    now = 0
    for event in mido.merge_tracks(midi.tracks):
        now += event.time
        if event.type == "set_tempo":
            ticks.append(now)
            tempi.append(event.tempo)
    tick_s = np.array(tempi) / 1e6 / midi.ticks_per_beat
    starts_s = np.concatenate([[0.0], np.cumsum(np.diff(ticks) * tick_s[:-1])])

    def seconds(tick: int) -> float:
        segment = max(0, int(np.searchsorted(ticks, tick, "right")) - 1)
        return float(starts_s[segment] + (tick - ticks[segment]) * tick_s[segment])

    tracks: dict[str, list[tuple[float, float, int, int]]] = {}
    for track in midi.tracks:
        now, sounding = 0, {}
        for event in track:
            now += event.time
            if event.type == "note_on" and event.velocity:
                sounding[event.note] = (now, event.velocity)
            elif event.type in ("note_off", "note_on") and event.note in sounding:
                began, velocity = sounding.pop(event.note)
                tracks.setdefault(track.name, []).append((seconds(began), seconds(now), event.note, velocity))
    return tracks


def count_twice_as_fast(song: Composition) -> Composition:
    """Count eighths as beats: a slow song in four becomes one at twice the tempo, with bars half as long in time."""
    bars = [2 * start for start in song.bar_starts]
    halves = []
    for start, end in zip(bars, [*bars[1:], 2 * song.beat_count], strict=True):
        halves += [start, start + 4] if end - start == 8 else [start]
    stretched: dict[PartName, list[Note]] = {
        role: [replace(note, start_beats=2 * note.start_beats, length_beats=2 * note.length_beats) for note in notes]
        for role, notes in song.parts.items()
    }
    return Composition(
        beat_count=2 * song.beat_count,
        bar_starts=tuple(halves),
        division=song.division,
        section_starts=tuple(range(0, len(halves), PHRASE_BARS)),
        parts=stretched,
        chords=tuple(
            replace(chord, start_beats=2 * chord.start_beats, end_beats=2 * chord.end_beats) for chord in song.chords
        ),
        natural_bpm=None if song.natural_bpm is None else 2 * song.natural_bpm,
        drummed=True,
    )
