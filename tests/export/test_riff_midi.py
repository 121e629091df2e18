"""One pass of the riff as MIDI, read back as a sequencer reads it."""

import dataclasses
import io
import itertools

import mido
import pytest

from riffscope.analyzers.loops import Loops
from riffscope.analyzers.riff_notes import RiffNotes
from riffscope.export.midi import midi
from riffscope.export.riff_midi import riff_midi
from riffscope.model import Measured
from songs import example_song, with_outcomes

SONG = example_song()


def read(**changes):
    """Return the file and, by track, its notes as (beat, length in beats, MIDI number)."""
    riff = dataclasses.replace(SONG[RiffNotes], **changes)
    song = with_outcomes(SONG, {"riff_notes": Measured(value=riff, version=1, seconds=0.1)})
    file = mido.MidiFile(file=io.BytesIO(riff_midi(song)))
    beat_ticks = file.ticks_per_beat * (1.5 if riff.is_compound else 1)
    notes = {}
    for track in file.tracks[1:]:
        held, found = {}, []
        for tick, event in zip(itertools.accumulate(each.time for each in track), track, strict=True):
            if event.type == "note_on":
                held[event.note] = tick
            elif event.type == "note_off":
                start = held.pop(event.note)
                found.append((start / beat_ticks, (tick - start) / beat_ticks, event.note))
        assert not held
        notes[track.name] = found
    return file, notes


def meta(file, kind):
    return next(event for event in file.tracks[0] if event.type == kind)


def test_the_notes_come_back_as_they_were_written():
    _, notes = read()
    riff = SONG[RiffNotes]
    for track, line in (("Riff", riff.notes), ("Bass", riff.bass_notes)):
        assert notes[track] == [(note.beat, note.beats, note.midi) for note in line]


def test_it_lasts_one_pass_at_the_tempo_of_the_riff_in_its_meter_and_key():
    file, _ = read()
    assert file.length == pytest.approx(SONG[Loops].period_s, rel=1e-4)
    signature = meta(file, "time_signature")
    assert (signature.numerator, signature.denominator) == (4, 4)
    assert meta(file, "key_signature").key == "F#m"


def test_off_beats_lie_where_they_sound_when_the_music_swings():
    _, notes = read(swing_fraction=2 / 3)
    starts = [start for start, _, _ in notes["Riff"]]
    assert starts[1] == pytest.approx(2 / 3, abs=1e-3)
    assert [start for start in starts if start == int(start)] == [0.0, 5.0, 7.0]


def test_bars_of_two_are_six_eight_and_last_as_long():
    file, notes = read(beats_per_bar=2, steps_per_beat=6)
    signature = meta(file, "time_signature")
    assert (signature.numerator, signature.denominator) == (6, 8)
    assert file.length == pytest.approx(SONG[Loops].period_s, rel=1e-4)
    assert notes["Riff"][3][0] == 1.5


def test_it_is_written_beside_the_melody_and_only_where_there_is_a_riff(tmp_path):
    assert "closet.riff.mid" in {path.name for path in midi(SONG, folder=tmp_path / "a")}
    without = with_outcomes(
        SONG, {name: SONG.outcomes[name] for name in SONG.outcomes if name != "riff_notes"}, keep=False
    )
    assert "closet.riff.mid" not in {path.name for path in midi(without, folder=tmp_path / "b")}
