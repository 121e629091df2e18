import io
import itertools

import mido
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from melodies import beats_at, contour_of, song_with, sung
from riffscope.analyzers.chords import Chords
from riffscope.analyzers.key import Key, KeyName, KeyPart
from riffscope.analyzers.structure import Section, Structure
from riffscope.analyzers.tempo import Tempo
from riffscope.chord_names import QUALITIES, ChordName
from riffscope.errors import Absence, CannotMeasure
from riffscope.export.midi import WithoutMelody, chord_notes, grid_division, midi, quantise
from riffscope.model import Estimate, Missing
from riffscope.progressions import ChordSpan
from songs import example_song, with_outcomes

# Most of these songs have beats alone.
pytestmark = pytest.mark.filterwarnings("ignore::riffscope.export.midi.WithoutMelody")
SCALE = (60, 62, 64, 65, 67, 69, 71, 72)
NO_VOICE = Missing(measurement="vocal_pitch", code=Absence.NO_VOICE, reason="no voice")


class Played:
    """A MIDI file as a sequencer plays it."""

    def __init__(self, path):
        self.file = mido.MidiFile(file=io.BytesIO(path.read_bytes()), charset="utf-8")
        self.tracks = {track.name: track for track in self.file.tracks[1:]}
        self.tempi = [
            (tick, event.tempo) for tick, event in self.events(self.file.tracks[0]) if event.type == "set_tempo"
        ]

    @staticmethod
    def events(track):
        return [*zip(itertools.accumulate(event.time for event in track), track, strict=True)]

    def seconds(self, tick):
        """When a tick is played, after the file's tempi alone."""
        edges = [*self.tempi, (float("inf"), 0)]
        passed = (
            (min(tick, end) - start, tempo) for (start, tempo), (end, _) in itertools.pairwise(edges) if start < tick
        )
        return sum(mido.tick2second(ticks, self.file.ticks_per_beat, tempo) for ticks, tempo in passed)

    def notes(self, track):
        """Start and end in ticks, and the note."""
        found, held = [], {}
        for tick, event in self.events(self.tracks[track]):
            if event.type == "note_on":
                assert event.note not in held, "a note begins twice"
                held[event.note] = tick
            elif event.type == "note_off":
                found.append((held.pop(event.note), tick, event.note))
        assert not held, "a note never ends"
        return found

    def meta(self, kind):
        return [(tick, event) for tick, event in self.events(self.file.tracks[0]) if event.type == kind]

    def bar_lines(self, until):
        """The ticks at which bars begin, after the file's meters alone."""
        meters = self.meta("time_signature")
        lines = []
        for (tick, meter), (following, _) in itertools.pairwise([*meters, (until, None)]):
            bar = meter.numerator * 4 * self.file.ticks_per_beat // meter.denominator
            assert (following - tick) % bar == 0 or following == until, "a meter changes within a bar"
            lines += range(tick, following, bar)
        return lines


def exported(song, folder):
    return {path.name: Played(path) for path in midi(song, folder=folder)}


def on_beats(times_s, notes=SCALE, *, per_beat=1, held=0.9):
    """Notes one after the other from the first beat on: (start_s, end_s, midi)."""
    index = np.arange(len(notes)) / per_beat
    places = np.arange(len(times_s))
    starts, ends = np.interp(index, places, times_s), np.interp(index + held / per_beat, places, times_s)
    return [(round(a, 2), round(b, 2), note) for a, b, note in zip(starts.tolist(), ends.tolist(), notes, strict=True)]


def changing_tempo():
    """Eight bars at 100 BPM, then eight at 125, from 1.2 s on."""
    return 1.2 + np.cumsum([0.0, *[0.6] * 32, *[0.48] * 32])


def test_a_melody_keeps_its_notes_and_its_times_through_a_change_of_tempo(tmp_path):
    times_s = changing_tempo()
    notes = on_beats(times_s[28:], SCALE * 2, per_beat=2)
    score = exported(song_with(beats_at(times_s), sung(contour_of(notes, 40.0))), tmp_path)["a-song.mid"]
    found = score.notes("Melody")
    assert [note for *_, note in found] == [note for *_, note in notes]
    np.testing.assert_allclose(
        [score.seconds(tick) for tick, *_ in found], [start_s for start_s, *_ in notes], atol=0.01
    )
    assert len({round(tempo, -2) for _, tempo in score.tempi}) == 2
    assert (score.file.type, score.file.ticks_per_beat) == (1, 480)


def test_sung_by_a_human_the_melody_is_on_the_grid(tmp_path):
    random = np.random.default_rng(5)
    times_s = 0.8 + 0.5 * np.arange(60)
    truth = on_beats(times_s, SCALE * 5, per_beat=2)
    early_or_late = [
        (a + random.uniform(-0.045, 0.045), b + random.uniform(-0.045, 0.045), note) for a, b, note in truth
    ]
    files = exported(song_with(beats_at(times_s), sung(contour_of(early_or_late, 40.0))), tmp_path)
    score, performance = files["a-song.mid"], files["a-song.as-sung.mid"]
    found = score.notes("Melody")
    assert [note for *_, note in found] == [note for *_, note in truth]
    np.testing.assert_allclose([score.seconds(tick) for tick, *_ in found], [a for a, *_ in truth], atol=0.01)
    played = [performance.seconds(tick) for tick, *_ in performance.notes("Voice")]
    np.testing.assert_allclose(played, [a for a, *_ in early_or_late], atol=0.011)


def test_swung_eighths_are_triplets_and_straight_ones_are_not(tmp_path):
    times_s = 1.0 + 0.5 * np.arange(40)
    places = np.sort(np.concatenate([times_s[:16], times_s[:16] + 0.5 * 2 / 3]))
    notes = [(a, a + 0.12, note) for a, note in zip(places.tolist(), SCALE * 4, strict=True)]
    song = song_with(beats_at(times_s), sung(contour_of(notes, 30.0)))
    found = exported(song, tmp_path)["a-song.mid"].notes("Melody")
    assert {(tick - found[0][0]) % 480 for tick, *_ in found} == {0, 320}
    assert grid_division(np.arange(16) / 2, None, compound=False) == 4
    assert grid_division(np.arange(16) / 3, None, compound=False) == 3


def test_where_the_notes_fall_on_beats_alone_the_swing_decides():
    assert grid_division(np.arange(16.0), 0.64, compound=False) == 3
    assert grid_division(np.arange(16.0), 0.52, compound=False) == 4
    assert grid_division(np.arange(32) / 4, 0.64, compound=False) == 4
    assert grid_division(np.arange(32) / 4, None, compound=True) == 6


@given(
    gaps=st.lists(st.tuples(st.floats(0, 9), st.floats(0.05, 9)), min_size=1, max_size=40),
    first=st.floats(-4, 4),
    earliest=st.integers(-6, 0),
)
def test_on_the_grid_no_note_vanishes_in_length_or_overlaps_the_next(gaps, first, earliest):
    edges = first + np.cumsum(gaps)
    starts, ends = edges.reshape(-1, 2).T
    row = quantise(starts, ends, earliest=earliest)
    assert all(earliest <= start < end for _, start, end in row)
    assert all(a[0] < b[0] and a[2] <= b[1] for a, b in itertools.pairwise(row))
    lost = set(range(len(starts))) - {i for i, *_ in row}
    kept = {max(round(float(starts[i])), earliest) for i, *_ in row}
    assert all(max(round(float(starts[i])), earliest) in kept for i in lost), "a note is lost that had a place"
    assert all(abs(start - max(starts[i], earliest)) <= 2 for i, start, _ in row)


def test_of_two_notes_at_one_step_both_are_kept_half_a_step_apart():
    assert quantise(np.array([0.1, 1.0, 2.1]), np.array([0.9, 2.0, 4.0])) == [(0, 0, 1), (1, 1, 2), (2, 2, 4)]


def test_a_short_breath_is_no_rest_and_a_long_one_is():
    row = quantise(np.array([0.0, 4.0, 8.0]), np.array([3.2, 6.1, 10.0]))
    assert row == [(0, 0, 4), (1, 4, 6), (2, 8, 10)]


@pytest.mark.parametrize(
    ("beats_per_bar", "first_downbeat"), [(bar, pickup) for bar in (2, 3, 4) for pickup in range(min(bar, 3))]
)
@pytest.mark.parametrize("first_s", [0.0, 0.004, 0.06, 0.35, 1.0, 7.7])
def test_every_downbeat_is_at_a_bar_line_and_every_beat_on_time(tmp_path, beats_per_bar, first_downbeat, first_s):
    times_s = first_s + 0.5 * np.arange(49)
    beats = beats_at(times_s, first_downbeat=first_downbeat, beats_per_bar=beats_per_bar)
    score = exported(song_with(beats, duration_s=33.0), tmp_path)["a-song.mid"]
    clicks = score.notes("Beats")
    np.testing.assert_allclose([score.seconds(tick) for tick, *_ in clicks], times_s, atol=0.01)
    lines = score.bar_lines(clicks[-1][0] + 1)
    if len(score.meta("time_signature")) == 2:
        lines.remove(0)  # what comes before the first whole bar
    assert [i for i, (tick, *_) in enumerate(clicks) if tick in lines] == beats.downbeat_index.tolist()
    usual = score.meta("time_signature")[-1][1]
    assert (usual.numerator, usual.denominator) == {2: (6, 8), 3: (3, 4), 4: (4, 4)}[beats_per_bar]


def tempo_of(bpm):
    return Tempo(
        bpm=Estimate(value=bpm, low=bpm, high=bpm), alternatives_bpm=(), drift_percent=0.1, swing_fraction=None
    )


@pytest.mark.parametrize("first_s", [0.0, 0.011, 0.05, 0.123, 0.18, 0.31, 0.46, 1.07, 3.0, 3.1, 47.3])
@pytest.mark.parametrize(
    ("bpm", "beats_per_bar", "first_downbeat"), [(120, 4, 0), (63.7, 3, 2), (187, 4, 3), (92, 2, 1)]
)
def test_it_opens_with_the_songs_tempo_whatever_comes_before_the_first_beat(
    tmp_path, first_s, bpm, beats_per_bar, first_downbeat
):
    times_s = first_s + 60 / bpm * np.arange(60)
    beats = beats_at(times_s, first_downbeat=first_downbeat, beats_per_bar=beats_per_bar)
    notes = on_beats(times_s[4:])
    song = song_with(beats, tempo_of(bpm), sung(contour_of(notes, 110.0)), duration_s=110.0)
    beat_ticks = 720 if beats_per_bar == 2 else 480
    files = exported(song, tmp_path)
    assert sorted(files) == ["a-song.as-sung.mid", "a-song.mid"]
    for file in files.values():
        tempi = [60e6 / tempo * 480 / beat_ticks for _, tempo in file.tempi]
        assert file.tempi[0][0] == 0
        assert tempi[0] == pytest.approx(bpm, rel=0.0021)
        assert tempi[-1] == pytest.approx(bpm, rel=0.0021)
        assert len(tempi) <= 3
        assert max(tempi) < 999  # more than sequencers take
    clicks = files["a-song.as-sung.mid"].notes("Beats")
    np.testing.assert_allclose([file.seconds(tick) for tick, *_ in clicks], times_s, atol=0.01)
    # Another tempo, if any, fills the last beat before the first one, give or take half a sixteenth.
    assert all(file.seconds(tick) > first_s - 1.13 * 60 / bpm for tick, _ in file.tempi[1:])


def test_a_song_that_changes_its_tempo_opens_with_the_first(tmp_path):
    for first_s in (0.0, 0.05, 1.2):
        times_s = first_s + changing_tempo() - 1.2
        score = exported(song_with(beats_at(times_s), tempo_of(125)), tmp_path / str(first_s))["a-song.mid"]
        assert 60e6 / score.tempi[0][1] == pytest.approx(100, abs=0.3)
        np.testing.assert_allclose([score.seconds(tick) for tick, *_ in score.notes("Beats")], times_s, atol=0.01)


@pytest.mark.parametrize("first_s", [0.0, 0.05, 0.9])
def test_one_that_begins_unsteadily_opens_with_the_tempo_of_the_whole(tmp_path, first_s):
    """The first beats are up to 20 ms off, as where a drum fades in."""
    random = np.random.default_rng(8)
    times_s = first_s + 0.5 * np.arange(80)
    times_s[1:13] += random.uniform(-0.02, 0.02, 12)
    score = exported(song_with(beats_at(times_s), tempo_of(120.0), duration_s=50.0), tmp_path)["a-song.mid"]
    assert 60e6 / score.tempi[0][1] == pytest.approx(120, abs=0.3)
    np.testing.assert_allclose([score.seconds(tick) for tick, *_ in score.notes("Beats")], times_s, atol=0.01)


def test_a_bar_of_another_length_has_its_own_meter(tmp_path):
    beats = beats_at(0.5 * np.arange(1, 23))
    shifted = np.array([0, 4, 8, 10, 14, 18])
    score = exported(song_with(type(beats)(**{**vars(beats), "downbeat_index": shifted})), tmp_path)["a-song.mid"]
    meters = [(event.numerator, event.denominator) for _, event in score.meta("time_signature")]
    assert meters == [(1, 4), (4, 4), (2, 4), (4, 4)]
    lines = score.bar_lines(23 * 480)
    assert {480 * (1 + i) for i in shifted.tolist()} <= set(lines)


def test_a_tempo_that_breathes_is_followed_within_a_hundredth_of_a_second(tmp_path):
    times_s = 0.7 + np.cumsum(0.5 * (1 + 0.06 * np.sin(np.arange(120) / 7)))
    score = exported(song_with(beats_at(times_s), duration_s=70.0), tmp_path)["a-song.mid"]
    clicks = [score.seconds(tick) for tick, *_ in score.notes("Beats")]
    np.testing.assert_allclose(clicks, times_s, atol=0.01)
    assert 10 < len(score.tempi) < 120


def test_a_steady_song_has_one_tempo_though_its_beats_are_a_few_milliseconds_off(tmp_path):
    random = np.random.default_rng(2)
    times_s = 0.5 * np.arange(1, 300) + random.uniform(-0.003, 0.003, 299)
    score = exported(song_with(beats_at(times_s), duration_s=152.0), tmp_path)["a-song.mid"]
    assert len(score.tempi) <= 3
    assert mido.tempo2bpm(score.tempi[-1][1]) == pytest.approx(120, abs=0.3)


def test_key_and_sections_are_written(tmp_path):
    times_s = 0.5 * np.arange(1, 60)
    key = Key(
        tonic="F#",
        mode="minor",
        camelot="11A",
        tuning_cents=0.0,
        confidence_fraction=0.7,
        runner_up=KeyName(tonic="A", mode="major"),
        minor_probability=0.8,
    )
    parts = (("A", 0.5, 8.5), ("B\u2032", 8.5, 16.5), ("A'\n", 16.5, 30.0))
    structure = Structure(sections=tuple(Section(start_s=a, end_s=b, label=label) for label, a, b in parts))
    score = exported(song_with(beats_at(times_s), key, structure, duration_s=31.0), tmp_path)["a-song.mid"]
    assert [event.key for _, event in score.meta("key_signature")] == ["F#m"]
    assert [event.text for _, event in score.meta("marker")] == ["A", "B\u2032", "A'\\n"]
    np.testing.assert_allclose([score.seconds(tick) for tick, _ in score.meta("marker")], [0.5, 8.5, 16.5], atol=0.002)


def chords_of(*spans):
    return Chords(spans=tuple(ChordSpan(start_s=a, end_s=b, label=label, probability=0.9) for a, b, label in spans))


def test_chords_sound_from_their_half_beats_to_the_next_with_their_bass_below(tmp_path):
    """C from the pick-up over the bar line, struck anew there, then G with B in the bass, then none."""
    chords = chords_of((0.5, 2.26, "C:maj"), (2.26, 3.0, "G:maj/3"), (3.0, 3.5, "N"))
    times_s = 0.5 * np.arange(1, 20)
    score = exported(song_with(beats_at(times_s, first_downbeat=1), chords), tmp_path)["a-song.mid"]
    assert [*score.tracks] == ["Beats", "Chords"]
    found = {}
    for start, end, note in score.notes("Chords"):
        found.setdefault((round(score.seconds(start), 3), round(score.seconds(end), 3)), set()).add(note)
    assert found == {(0.5, 1.0): {36, 55, 60, 64}, (1.0, 2.25): {36, 55, 60, 64}, (2.25, 3.0): {47, 55, 59, 62}}
    texts = [
        (round(score.seconds(tick), 3), event.text)
        for tick, event in score.events(score.tracks["Chords"])
        if event.type == "text"
    ]
    assert texts == [(0.5, "C"), (2.25, "G/B"), (3.0, "N.C.")]
    assert score.meta("marker") == []


@pytest.mark.parametrize("quality", QUALITIES)
@pytest.mark.parametrize("root", range(12))
def test_a_chord_is_played_with_its_own_notes_and_its_bass_lowest(root, quality):
    for bass in {0, *QUALITIES[quality]}:
        name = ChordName(root=root, quality=quality, bass=bass)
        lowest, *others = chord_notes(name)
        assert lowest % 12 == (root + bass) % 12
        assert {note % 12 for note in others} == name.pitch_classes
        assert lowest < min(others)
        assert max(others) - min(others) < 12


def test_a_change_of_key_is_written_on_its_beat(tmp_path):
    key = Key(
        tonic="C",
        mode="major",
        camelot="8B",
        tuning_cents=0.0,
        confidence_fraction=0.7,
        runner_up=KeyName(tonic="A", mode="minor"),
        minor_probability=0.2,
        parts=(
            KeyPart(start_s=0.4, end_s=16.5, tonic="C", mode="major", confidence_fraction=0.7),
            KeyPart(start_s=16.5, end_s=30.0, tonic="C#", mode="minor", confidence_fraction=0.6),
        ),
    )
    score = exported(song_with(beats_at(0.5 * np.arange(1, 60)), key, duration_s=31.0), tmp_path)["a-song.mid"]
    assert [event.key for _, event in score.meta("key_signature")] == ["C", "C#m"]
    first, second = (score.seconds(tick) for tick, _ in score.meta("key_signature"))
    assert first == 0
    assert second == pytest.approx(16.5, abs=0.002)


def test_as_sung_the_bends_follow_vibrato_and_glides(tmp_path):
    contour = contour_of([(1.0, 2.5, 60), (2.5, 4.0, 64)], 6.0, vibrato_semitones=0.7)
    contour[240:250] = np.linspace(60, 64, 10)
    song = song_with(sung(contour), beats_at(0.5 * np.arange(1, 12)), duration_s=6.0)
    performance = exported(song, tmp_path)["a-song.as-sung.mid"]
    bends, notes = [], []
    for tick, event in performance.events(performance.tracks["Voice"]):
        if event.type == "pitchwheel":
            bends.append((performance.seconds(tick), event.pitch))
        elif event.type == "note_on":
            notes.append((performance.seconds(tick), event.note))
    assert [note for _, note in notes] == [60, 64]
    at_s = np.arange(1.05, 3.95, 0.01)
    bend_times_s, bent = (np.array(column) for column in zip(*bends, strict=True))
    heard = np.array([notes[int(time_s >= notes[1][0])][1] for time_s in at_s], float)
    heard += 2 / 8192 * bent[np.searchsorted(bend_times_s, at_s + 1e-3, side="right") - 1]
    wanted = contour[np.rint(at_s * 100).astype(int)]
    close = np.abs(wanted - heard) < 0.1
    assert close.mean() > 0.97  # but for glides of more than the two semitones that bends reach
    assert list(performance.tracks) == ["Voice", "Beats"]


def test_without_beats_there_is_only_the_performance(tmp_path):
    notes = [(1.0, 1.5, 60), (2.0, 2.25, 64)]
    files = exported(song_with(sung(contour_of(notes, 4.0)), duration_s=4.0, without=("beats",)), tmp_path)
    assert list(files) == ["a-song.as-sung.mid"]
    played = files["a-song.as-sung.mid"]
    found = [(round(played.seconds(a), 2), round(played.seconds(b), 2), note) for a, b, note in played.notes("Voice")]
    assert found == notes


def test_without_a_voice_the_score_has_the_beats(tmp_path):
    files = exported(song_with(beats_at(0.5 * np.arange(1, 20)), without=("vocal_pitch",)), tmp_path)
    assert list(files) == ["a-song.mid"]
    assert [*files["a-song.mid"].tracks] == ["Beats"]


@pytest.mark.parametrize(
    ("song", "said"),
    [
        (song_with(beats_at([1, 2, 3]), without=("vocal_pitch",)), ["nobody sings", "only the beats"]),
        (song_with(beats_at([1, 2, 3])), ["no melody was found", "not measured", "only the beats"]),
        (
            with_outcomes(example_song(), {"vocal_pitch": NO_VOICE, "vocal_notes": NO_VOICE}),
            ["nobody sings", "only the beats, the chords and the riff"],
        ),
    ],
)
def test_a_song_that_nobody_sings_in_says_so_in_one_line(song, said, tmp_path):
    with pytest.warns(WithoutMelody) as warned:
        midi(song, folder=tmp_path)
    (message,) = (str(warning.message) for warning in warned)
    assert message.startswith(song.source.name)
    assert all(words in message for words in said)
    assert len(message.splitlines()) == 1


@pytest.mark.filterwarnings("error")
def test_a_song_that_somebody_sings_in_says_nothing(tmp_path):
    assert midi(example_song(), folder=tmp_path)


def test_with_neither_there_is_one_line_that_says_why(tmp_path):
    with pytest.raises(CannotMeasure, match=r"vocal pitch: silent; beats: silent") as why:
        midi(song_with(without=("beats", "vocal_pitch")), folder=tmp_path)
    assert "\n" not in str(why.value)
    assert [*tmp_path.iterdir()] == []


def test_swing_of_the_band_counts_where_it_was_measured(tmp_path):
    times_s = 1.0 + 0.5 * np.arange(40)
    places = np.sort(np.concatenate([times_s[:8], times_s[:8] + 0.29]))  # between straight and triplets
    notes = [(a, a + 0.12, note) for a, note in zip(places.tolist(), SCALE * 2, strict=True)]
    ticks = {}
    for swing in (0.5, 0.65):
        tempo = Tempo(
            bpm=Estimate(value=120, low=119, high=121), alternatives_bpm=(), drift_percent=0.1, swing_fraction=swing
        )
        song = song_with(beats_at(times_s), tempo, sung(contour_of(notes, 30.0)))
        found = exported(song, tmp_path / str(swing))["a-song.mid"].notes("Melody")
        ticks[swing] = {(tick - found[0][0]) % 480 for tick, *_ in found}
    assert ticks == {0.5: {0, 240}, 0.65: {0, 320}}


def test_a_gap_without_beats_keeps_its_length_and_is_filled_with_counted_beats(tmp_path):
    """Ten beats, nine seconds of silence, ten beats: no tempo of seven to the minute."""
    times_s = np.concatenate([1 + 0.5 * np.arange(10), 14.5 + 0.5 * np.arange(10)])
    (file,) = exported(song_with(beats_at(times_s)), tmp_path).values()
    tempi = [60e6 / tempo for _, tempo in file.tempi]
    assert min(tempi) > 100
    starts = [start for start, _, _ in file.notes("Beats")]
    assert len(starts) == 20
    assert [file.seconds(tick) for tick in starts] == pytest.approx(times_s, abs=0.01)
