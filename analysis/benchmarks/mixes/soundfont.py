"""Plays a score through a sound font, with fluidsynth's command: each time anew, so that it always sounds the same."""

import subprocess
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

import mido
import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.mixes.score import Channel, Instrument, Played, Score

Stereo = NDArray[np.float64]
"""Sound of two channels, (n, 2)."""

RATE_HZ = 44100
FILE = "FluidR3_GM.sf2"
FOLDERS = (
    Path("/usr/share/sounds/sf2"),
    Path("/usr/share/soundfonts"),
    Path("/usr/local/share/soundfonts"),
    Path("/opt/homebrew/share/soundfonts"),
)
TICKS_PER_BEAT, TICKS_PER_S = 4800, 9600  # at the 120 beats a minute that a file has without a tempo
MODULATION, VOLUME, PAN = 1, 7, 10
LEAD_VIBRATO = 45
GAIN = 0.45


def find_soundfont() -> Path | None:
    """Return where FluidR3_GM lies, or None (Debian: fluid-soundfont-gm)."""
    return next((folder / FILE for folder in FOLDERS if (folder / FILE).exists()), None)


def render(
    score: Score,
    channels: Collection[Channel],
    instruments: Mapping[Channel, Instrument],
    *,
    length_s: float,
    soundfont: Path,
) -> Stereo:
    """Return the sound of some channels, (n, 2); silence where they play nothing."""
    count = int(length_s * RATE_HZ)
    notes = [note for note in score.notes if note.channel in channels]
    if not notes:
        return np.zeros((count, 2))
    midi = mido.MidiFile(ticks_per_beat=TICKS_PER_BEAT, type=0)
    midi.tracks.append(_track(notes, channels, instruments))
    with tempfile.TemporaryDirectory() as folder:
        song, sound = Path(folder) / "song.mid", Path(folder) / "song.wav"
        midi.save(song)
        options = ("-ni", "-q", "-r", str(RATE_HZ), "-g", str(GAIN), "-F", sound, "-T", "wav", "-O", "float")
        subprocess.run(["fluidsynth", *options, soundfont, song], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        samples, _ = soundfile.read(sound, always_2d=True)
    padded: Stereo = np.pad(samples, ((0, max(0, count - len(samples))), (0, 0)))
    return padded[:count]


def _track(
    notes: Collection[Played], channels: Collection[Channel], instruments: Mapping[Channel, Instrument]
) -> mido.MidiTrack:
    """Return the notes as MIDI, notes that end before those that begin at the same time."""
    track = mido.MidiTrack()
    for channel in channels:
        player = instruments[channel]
        if channel != Channel.DRUMS:
            track.append(mido.Message("program_change", channel=channel, program=player.program))
        controls = {VOLUME: player.volume, PAN: player.pan}
        if channel == Channel.LEAD:
            controls[MODULATION] = LEAD_VIBRATO
        for control, value in controls.items():
            track.append(mido.Message("control_change", channel=channel, control=control, value=value))
    events = [
        event
        for note in notes
        for event in (
            (note.start_s, 1, note.channel, note.midi, note.velocity),
            (note.end_s, 0, note.channel, note.midi, 0),
        )
    ]
    last = 0
    for time_s, on, channel, midi, velocity in sorted(events, key=lambda event: event[:2]):
        tick = round(time_s * TICKS_PER_S)
        kind = "note_on" if on else "note_off"
        track.append(mido.Message(kind, channel=channel, note=midi, velocity=velocity, time=tick - last))
        last = tick
    return track
