"""The test set of chords out of lead sheets: what is played is what is written."""

import mir_eval
import numpy as np
import pytest

from training.beats.composition import Chord, Composition, Note
from training.chords.kept_out import SECONDS
from training.chords.kept_out_sheets import MANNERS, accompaniment, cut, label, melody, perform, struck_in
from training.chords.qualities import HARTE

BARS = 16
C_SIXTH = Chord(start_beats=2.0, end_beats=8.0, root=0, intervals=(0, 4, 7, 9))
G_SEVENTH_OVER_B = Chord(start_beats=8.0, end_beats=64.0, root=7, intervals=(0, 4, 7, 10), bass=4)


@pytest.fixture
def sheet():
    """Sixteen bars: half a bar without a chord, then C6 and G7 over its third."""
    return Composition(
        beat_count=4 * BARS,
        bar_starts=tuple(range(0, 4 * BARS, 4)),
        division=2,
        parts={"lead": [Note(start_beats=beat, length_beats=0.5, midi=67) for beat in np.arange(0, 4 * BARS, 0.5)]},
        chords=(C_SIXTH, G_SEVENTH_OVER_B),
    )


@pytest.fixture(params=range(8))
def rng(request):
    return np.random.default_rng(request.param)


def test_every_quality_has_a_name_that_mir_eval_reads_as_these_notes():
    for intervals, _ in HARTE.values():
        name = label(Chord(start_beats=0, end_beats=1, root=6, intervals=intervals))
        root, semitones, _ = mir_eval.chord.encode(name)
        assert root == 6
        ninth = {2}  # which mir_eval leaves out above a seventh
        assert set(np.flatnonzero(semitones)) | ninth == {k % 12 for k in intervals} | ninth, name


def test_the_bass_is_named_by_its_degree():
    assert label(G_SEVENTH_OVER_B) == "G:7/3"
    for bass in range(1, 12):
        over = Chord(start_beats=0, end_beats=1, root=0, intervals=(0, 4, 7), bass=bass)
        assert mir_eval.chord.encode(label(over))[2] == bass


def test_a_song_is_played_as_often_as_makes_a_piece_between_bar_lines(sheet, rng):
    played = perform(sheet, rng)
    piece = cut(played, rng)
    assert SECONDS[0] <= piece.end_s - piece.start_s <= SECONDS[1]
    assert len(piece.beats_s) == 4 * len(piece.downbeats_s) + 1
    bars_s = played.beats_s[::4]
    assert np.abs(bars_s - piece.start_s).min() < 1e-9
    assert np.abs(bars_s - piece.end_s).min() < 1e-9


def test_names_cover_the_piece_and_say_where_there_is_no_chord(sheet, rng):
    played = perform(sheet, rng)
    piece = cut(played, rng)
    starts, ends, names = zip(*piece.chords, strict=True)
    assert (starts[0], ends[-1]) == pytest.approx((piece.start_s, piece.end_s))
    assert starts[1:] == pytest.approx(ends[:-1])
    assert set(names) <= {"N", "C:maj6", "G:7/3"}
    for start_s, end_s, name in piece.chords:
        if name == "N" and piece.start_s < start_s and end_s < piece.end_s:
            beats = np.searchsorted(played.beats_s, [start_s, end_s])
            assert tuple(beats % (4 * BARS)) == (0, 2)


def test_eighths_swing_and_beats_do_not(sheet, rng):
    played = perform(sheet, rng)
    assert played.time_s(3.0) == pytest.approx(played.beats_s[3])
    eighth = (played.time_s(3.5) - played.time_s(3.0)) / (played.time_s(4.0) - played.time_s(3.0))
    assert eighth == pytest.approx(played.offbeat)


@pytest.mark.parametrize("has_bass", [True, False])
def test_what_accompanies_a_chord_is_its_notes_and_its_bass_is_lowest(sheet, rng, has_bass):
    notes = list(accompaniment(perform(sheet, rng), rng, has_bass=has_bass))
    for chord in (C_SIXTH, G_SEVENTH_OVER_B):
        within = [pitch for _, pitch, start, _ in notes if chord.start_beats <= start < chord.end_beats]
        assert {pitch % 12 for pitch in within} == {(chord.root + k) % 12 for k in chord.intervals}
        assert min(within) % 12 == (chord.root + chord.bass) % 12


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("length", [0.5, 1.0, 2.5, 8.0])
def test_every_chord_is_struck_and_none_outlasts_itself(manner, length):
    chord = Chord(start_beats=1.0, end_beats=1.0 + length, root=0, intervals=(0, 4, 7))
    struck = list(struck_in(manner, chord, 3))
    if manner == "broken":  # one note after another
        assert len(struck) == np.ceil(length / 0.5)
    elif manner != "offbeats" or length > 0.6:
        assert {voice for _, _, voices in struck for voice in voices} == {0, 1, 2}
    assert all(1.0 <= start < end <= 1.0 + length for start, end, _ in struck)


def test_the_melody_comes_round_as_written(sheet, rng):
    played = perform(sheet, rng)
    notes = list(melody(played))
    assert len(notes) == played.rounds * 8 * BARS
    assert notes[8 * BARS][2] == 4 * BARS, "the second round begins where the first ends"
