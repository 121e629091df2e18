"""The test set of chords: pieces of songs between bar lines, with a bass and drums that fit their chords."""

import mido
import numpy as np
import pytest

from training.chords.kept_out import BASS, MELODY, PIANO, SECONDS, as_written, bass_line, cut, drum_track, is_start

BEATS = 200
BEAT_S = 0.6
FROM_S = 0.3


@pytest.fixture
def song(tmp_path):
    """A song of 100 beats a minute in four, with a chord a bar: C over E, F, no chord, G minor seventh."""
    beats_s = FROM_S + BEAT_S * np.arange(BEATS)
    rows = np.stack([beats_s, np.arange(BEATS) % 2 == 0, np.arange(BEATS) % 4 == 0], axis=1)
    np.savetxt(tmp_path / "beat_midi.txt", rows)
    labels = ("C:maj/3", "F:maj", "N", "G:min7")
    bars_s = beats_s[::4]
    chords = [f"{bar_s}\t{bar_s + 4 * BEAT_S}\t{labels[k % 4]}" for k, bar_s in enumerate(bars_s)]
    (tmp_path / "chord_midi.txt").write_text("\n".join(chords))
    tracks = {MELODY: 72, PIANO: 60}
    midi = mido.MidiFile(ticks_per_beat=1000)  # 120 beats a minute: 2000 ticks a second
    for channel, pitch in tracks.items():
        track = mido.MidiTrack([mido.Message("note_on", channel=channel, note=pitch, velocity=80, time=600)])
        for _ in range(BEATS // 4):  # each note is held for a bar and a half, so that bar lines cut some
            track.append(mido.Message("control_change", channel=channel, control=64, value=127, time=2400))
            track.append(mido.Message("note_off", channel=channel, note=pitch, time=4800))
            track.append(mido.Message("note_on", channel=channel, note=pitch, velocity=80))
        midi.tracks.append(track)
    midi.save(tmp_path / "song.mid")
    return tmp_path


@pytest.fixture(params=range(8))
def rng(request):
    return np.random.default_rng(request.param)


def test_a_piece_begins_and_ends_at_bar_lines(song, rng):
    piece = cut(song, rng)
    bars = (np.array([piece.start_s, piece.end_s]) - FROM_S) / (4 * BEAT_S)
    assert bars == pytest.approx(np.round(bars))
    assert SECONDS[0] <= piece.end_s - piece.start_s <= SECONDS[1]
    assert piece.beats_s[0] == piece.downbeats_s[0] == piece.start_s
    assert len(piece.beats_s) == 4 * len(piece.downbeats_s) + 1


def test_the_chords_of_a_piece_cover_it(song, rng):
    piece = cut(song, rng)
    starts, ends, _ = zip(*piece.chords, strict=True)
    assert (starts[0], ends[-1]) == pytest.approx((piece.start_s, piece.end_s))
    assert starts[1:] == pytest.approx(ends[:-1])


def test_a_song_that_is_too_short_is_left_out(song, rng):
    rows = np.loadtxt(song / "beat_midi.txt")
    np.savetxt(song / "beat_midi.txt", rows[:40])
    assert cut(song, rng) is None


def test_every_note_of_a_piece_ends_with_it(song, rng):
    piece = cut(song, rng)
    sounding = set()
    for event in sorted(as_written(song / "song.mid", piece, {}), key=lambda event: event.time_s):
        assert piece.start_s <= event.time_s <= piece.end_s
        if event.message.type == "control_change":
            assert event.message.value == 0, "only pianos have a pedal"
        elif is_start(event.message):
            sounding.add((event.message.channel, event.message.note))
        else:
            sounding.remove((event.message.channel, event.message.note))
    assert not sounding


def test_the_bass_plays_the_lowest_note_of_each_chord(song, rng):
    piece = cut(song, rng)
    lowest = {"C:maj/3": 4, "F:maj": 5, "G:min7": 7}
    notes = [event for event in bass_line(piece, rng) if is_start(event.message)]
    assert notes
    for event in notes:
        label = next(label for start_s, end_s, label in piece.chords if start_s - 1e-6 <= event.time_s < end_s - 1e-6)
        assert event.message.note % 12 == lowest[label]
        assert event.message.channel == BASS


def test_the_drums_keep_to_the_bars(song, rng):
    piece = cut(song, rng)
    times_s = [event.time_s for event in drum_track(piece, rng) if is_start(event.message)]
    bars = np.floor((np.array(times_s) - piece.start_s + 1e-6) / (4 * BEAT_S))
    assert set(np.bincount(bars.astype(int))) == {len(times_s) // len(piece.downbeats_s)}, "each bar the same"
