"""One pass of the riff as MIDI: its line and its bass, to be looped."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from riffscope.analyzers.key import Key
from riffscope.analyzers.loops import Loops
from riffscope.analyzers.riff_notes import RiffNote, RiffNotes
from riffscope.errors import one_line
from riffscope.export.midi_file import QUARTER, encode, provenance, time_signature
from riffscope.song import SongAnalysis

if TYPE_CHECKING:
    from mido import Message, MetaMessage

# Program and channel of the line and of the bass, counted from 0 (General MIDI 1): a clean electric guitar and a
# fingered bass.
RIFF = (27, 0)
BASS = (33, 1)
# How hard notes are struck; their loudness is not measured. Chosen.
VELOCITY = 90


def riff_midi(song: SongAnalysis) -> bytes | None:
    """Return the riff as a MIDI file of one pass; None where its notes were not measured.

    It has the tempo at which the riff comes round, meter and key, a track for the line and one for the bass. Where the
    music swings, off-beats lie where they sound.
    """
    riff, loops = song.get(RiffNotes), song.get(Loops)
    if riff is None or loops is None:
        return None
    tracks = {"Riff": [*_track(riff.notes, riff, *RIFF)]}
    if riff.bass_notes:
        tracks["Bass"] = [*_track(riff.bass_notes, riff, *BASS)]
    return encode([*_conductor(song, riff, loops)], tracks)


def _beat_ticks(riff: RiffNotes) -> int:
    return QUARTER * 3 // 2 if riff.is_compound else QUARTER


def _conductor(song: SongAnalysis, riff: RiffNotes, loops: Loops) -> Iterator[tuple[int, "MetaMessage"]]:
    from mido import MetaMessage

    beat_ticks = _beat_ticks(riff)
    yield 0, MetaMessage("track_name", name=one_line(song.source.title))
    yield 0, provenance(song.source)
    quarters = riff.period_beats * beat_ticks / QUARTER
    yield 0, MetaMessage("set_tempo", tempo=round(loops.period_s / quarters * 1e6))
    numerator, denominator = time_signature(riff.beats_per_bar * beat_ticks, compound=riff.is_compound)
    yield 0, MetaMessage("time_signature", numerator=numerator, denominator=denominator)
    if key := song.get(Key):
        yield 0, MetaMessage("key_signature", key=key.tonic + ("m" if key.mode == "minor" else ""))
    yield riff.period_beats * beat_ticks, MetaMessage("end_of_track")


def _track(
    notes: Sequence[RiffNote], riff: RiffNotes, program: int, channel: int
) -> Iterator[tuple[int, "Message | MetaMessage"]]:
    from mido import Message, MetaMessage

    yield 0, Message("program_change", program=program, channel=channel)
    for note in notes:
        yield _tick(note.beat, riff), Message("note_on", channel=channel, note=note.midi, velocity=VELOCITY)
        yield _tick(note.beat + note.beats, riff), Message("note_off", channel=channel, note=note.midi)
    yield riff.period_beats * _beat_ticks(riff), MetaMessage("end_of_track")


def _tick(beat: float, riff: RiffNotes) -> int:
    """Return the tick of a place in beats, moved to where it sounds if the music swings."""
    whole, part = divmod(beat, 1)
    if riff.swing_fraction is not None:
        swing = riff.swing_fraction
        part = 2 * swing * part if part <= 1 / 2 else swing + 2 * (1 - swing) * (part - 1 / 2)
    return round((whole + part) * _beat_ticks(riff))
