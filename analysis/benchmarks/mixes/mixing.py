"""From a score to a finished song: stems played and sung, balanced, put in a room, brought to a loudness."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.arrays import Mask
from benchmarks.mixes.composing import Piece, compose
from benchmarks.mixes.effects import (
    Heard,
    add_room,
    amplitude,
    at_loudness,
    decibels,
    pumping_gain,
    read_loudness,
    rms,
    write_vorbis,
)
from benchmarks.mixes.melodies import Line, write_melody
from benchmarks.mixes.score import Channel
from benchmarks.mixes.singing import HOP_S
from benchmarks.mixes.soundfont import RATE_HZ, Stereo, render
from benchmarks.mixes.spec import Spec
from benchmarks.mixes.timing import RELEASE_S
from benchmarks.mixes.voices import Choir, samples_of, sing_song

FADE_S = 0.4
LEAD_VELOCITY = 92


@dataclass(frozen=True, kw_only=True)
class Levels:
    """How loud stems are against the other stems of the backing, as mixed; None: there is no such stem.

    Attributes
    ----------
    pump_recovery_s : float or None
        How long the pumping takes to recover; None: nothing pumps.
    """

    bass_db: float | None
    drums_db: float | None
    pump_recovery_s: float | None


@dataclass(frozen=True, kw_only=True)
class Song:
    """A finished song and all that is known of it; times are seconds of the music, without the leading silence."""

    spec: Spec
    piece: Piece
    length_s: float
    sample_count: int
    levels: Levels
    lead: Line
    choir: Choir | None
    heard: Heard


def make_song(spec: Spec, out: Path, *, voices: Path, soundfont: Path) -> Song:
    """Write, play, sing and mix a song, and write it to ``NAME.ogg``."""
    rng = np.random.default_rng([spec.seed, spec.index, 1000 + spec.attempt])
    piece = compose(spec, rng)
    length_s = float(piece.clock.beats_s[-1]) + RELEASE_S
    lead = play_lead(spec, piece, rng)
    sound, levels, solo = mix_backing(spec, piece, length_s, soundfont)
    if lead:
        sound = sound + solo * lead_gain(spec, lead, sound, solo, length_s)
    choir = None
    if spec.arrangement != "none":
        choir = sing_song(spec, piece, length_s=length_s, voices=voices, rng=rng)
        sound = sound + _sung(spec, choir, sound, rng)
    finished = _finish(spec, sound, out)
    path = out / f"{spec.name}.ogg"
    write_vorbis(path, finished)
    return Song(
        spec=spec,
        piece=piece,
        length_s=length_s,
        sample_count=len(finished),
        levels=levels,
        lead=lead,
        choir=choir,
        heard=read_loudness(path),
    )


def play_lead(spec: Spec, piece: Piece, rng: np.random.Generator) -> Line:
    """Let an instrument play the melody, where one does."""
    if spec.lead is None:
        return []
    notes = write_melody(spec, spec.lead.lowest_midi, spec.lead.highest_midi, piece, rng)
    for note in notes:
        piece.score.play_at(Channel.LEAD, note.start_s, note.end_s + 0.01, note.midi, LEAD_VELOCITY)
    return notes


def mix_backing(spec: Spec, piece: Piece, length_s: float, soundfont: Path) -> tuple[Stereo, Levels, Stereo]:
    """Return the band without its lead, how its stems are balanced, and the lead's stem."""

    def stem(*channels: Channel) -> Stereo:
        return render(piece.score, channels, piece.instruments, length_s=length_s, soundfont=soundfont)

    drums, bass = stem(Channel.DRUMS), stem(Channel.BASS) * amplitude(spec.band.bass_db)
    rest, solo = stem(Channel.RIFF, Channel.PAD, Channel.COMP), stem(Channel.LEAD)
    recovery_s = None
    if spec.pump:
        recovery_s = round(spec.pump.recovery_beats * 60 / spec.bpm, 4)
        beats_s = piece.clock.beats_s
        gain = pumping_gain(beats_s, len(rest), depth_db=spec.pump.depth_db, recovery_s=recovery_s)[:, None]
        bass, rest = bass * gain, rest * gain
    levels = Levels(
        bass_db=_level_against(bass, drums + rest), drums_db=_level_against(drums, bass + rest),
        pump_recovery_s=recovery_s,
    )  # fmt: skip
    return drums + bass + rest, levels, solo


def _level_against(stem: Stereo, others: Stereo) -> float | None:
    return round(decibels(rms(stem) / rms(others)), 2) if np.abs(stem).max() > 0 else None


def lead_gain(spec: Spec, lead: Line, backing: Stereo, solo: Stereo, length_s: float) -> float:
    """Return the gain that brings the lead instrument to its level over the backing, while it plays."""
    plays = samples_of(lead_frames(lead, length_s), len(backing))
    return rms(backing[plays]) / rms(solo[plays]) * amplitude(spec.lead_db)


def lead_frames(lead: Line, length_s: float) -> Mask:
    """Return in which frames of 5 ms a line sounds, (n,) bool."""
    frames = np.zeros(int(length_s / HOP_S) + 1, bool)
    for note in lead:
        frames[int(note.start_s / HOP_S) : int(note.end_s / HOP_S)] = True
    return frames


def _sung(spec: Spec, choir: Choir, backing: Stereo, rng: np.random.Generator) -> Stereo:
    """Return the voices in their room, at their level over the backing while the lead sings."""
    sings = samples_of(choir.lead.pitch_hz > 0, len(backing))
    gain = rms(backing[sings]) / rms(choir.front[sings]) * amplitude(spec.singer.level_db)
    room = spec.singer.reverb
    sound: Stereo = gain * (add_room(choir.stereo, room, rng) if room else choir.stereo)
    return sound


def _finish(spec: Spec, sound: Stereo, out: Path) -> Stereo:
    """Fade, saturate, fold to mono, bring to loudness, and put silence around."""
    fade = int(FADE_S * RATE_HZ)
    sound[-fade:] *= np.linspace(1, 0, fade)[:, None]
    if spec.drive:
        sound = np.tanh(sound / rms(sound) * 0.25 * spec.drive)
    if spec.channels == 1:
        sound = sound.mean(axis=1, keepdims=True)
    sound = at_loudness(sound, spec.lufs, out / f"{spec.name}.tmp.wav")
    silence = (round(spec.leading_s * RATE_HZ), round(spec.trailing_s * RATE_HZ))
    return np.pad(sound, (silence, (0, 0)))
