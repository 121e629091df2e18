from dataclasses import replace

import pytest

from harmonies import harmonised
from riffscope.analyzers.chords import Chords
from riffscope.analyzers.key import Key
from riffscope.analyzers.vocal_range import SungPitch, VocalRange
from riffscope.codec import from_json, to_json
from riffscope.errors import BadRange, NotMeasured
from riffscope.model import Estimate
from riffscope.transposition import SingerRange, read_range, transpose
from riffscope.workflow import transposed
from songs import example_song, with_outcomes

C4, E4, A4, C5 = 60, 64, 69, 72


def singing(*notes):
    """A song that is sung on these notes, for so many seconds each: ``(C4, 2.0)``."""
    seconds = dict(notes)
    low, high = min(seconds), max(seconds)
    return replace(
        example_song()[VocalRange],
        lowest_midi=Estimate(value=float(low), low=float(low), high=float(low)),
        highest_midi=Estimate(value=float(high), low=float(high), high=float(high)),
        histogram=tuple(SungPitch(midi=midi, seconds=seconds.get(midi, 0.0)) for midi in range(low, high + 1)),
    )


def in_key(tonic, mode):
    return replace(example_song()[Key], tonic=tonic, mode=mode)


def fitted(voice, text, *, key=None, chords=None):
    return transpose(voice, key or in_key("C", "major"), chords, read_range(text))


SCALE = singing((C4, 5.0), (E4, 5.0), (A4, 5.0), (C5, 5.0))


@pytest.mark.parametrize(
    ("text", "lowest", "highest"),
    [
        ("A2-E4", 45, 64),
        ("a2 - e4", 45, 64),
        ("A2 to E4", 45, 64),
        ("Bb2–F#4", 46, 66),
        ("B♭2-F♯4", 46, 66),
        ("C4-B4", 60, 71),
        ("Cb4-B#4", 59, 72),
    ],
)
def test_a_range_is_read_as_people_write_it(text, lowest, highest):
    found = read_range(text)
    assert (found.lowest_midi, found.highest_midi) == (lowest, highest)


def test_a_range_is_told_as_it_was_written():
    assert fitted(SCALE, "Bb3-D5").sentences[1].endswith("all within B♭3 to D5.")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "not a range of notes"),
        ("A2", "not a range of notes"),
        ("H2-E4", "not a range of notes"),
        ("A2-", "not a range of notes"),
        ("A-E", "not a range of notes"),
        ("E4-A2", "lowest first"),
        ("A2-A2", "lowest first"),
        ("C0-C9", "no voice reaches that far"),
    ],
)
def test_what_is_no_range_is_refused_in_a_line(text, complaint):
    with pytest.raises(BadRange, match=complaint) as refused:
        read_range(text)
    assert "\n" not in str(refused.value)


def test_a_song_that_fits_stays_in_its_key():
    moved = fitted(SCALE, "G3-D5")
    assert (moved.semitones, moved.octaves, moved.outside) == (0, 0, ())
    assert moved.sentences[0] == "Sing it in the recording's key: C major."
    assert moved.sentences[1] == "You then sing C4 to C5, all within G3 to D5."


def test_a_song_that_lies_too_high_moves_down_just_as_far_as_it_must():
    moved = fitted(SCALE, "G3-A4")
    assert (moved.semitones, moved.octaves) == (-3, 0)
    assert (moved.lowest_midi, moved.highest_midi) == (57.0, 69.0)
    assert (moved.key_before, moved.key_after) == ("C major", "A major")
    assert moved.outside_before_s == 5.0
    assert moved.sentences[0] == "Play it 3 semitones lower: A major instead of C major."


def test_a_man_sings_a_womans_song_an_octave_lower_in_its_key():
    moved = fitted(SCALE, "B2-D4")
    assert (moved.semitones, moved.octaves) == (0, -1)
    assert moved.sentences[0] == "Keep the recording's key, and sing an octave below it: C major."
    assert (moved.lowest_midi, moved.highest_midi) == (48.0, 60.0)


def test_key_and_octave_may_both_move():
    moved = fitted(SCALE, "E2-E3")
    assert (moved.semitones, moved.octaves) == (4, -2)
    assert (
        moved.sentences[0] == "Play it 4 semitones higher, and sing two octaves below that: E major instead of C major."
    )


def test_in_a_range_that_is_too_narrow_as_little_as_possible_stays_outside():
    voice = singing((C4, 8.0), (E4, 8.0), (C5, 1.0))
    moved = fitted(voice, "C4-A4")
    assert moved.semitones == 0
    assert [(note.midi, note.seconds) for note in moved.outside] == [(C5, 1.0)]
    assert moved.outside_s == 1.0
    assert moved.sentences[1] == "You then sing C4 to C5. Outside C4 to A4 stay C5 for 1.0 s."


def test_a_slip_beyond_the_range_moves_no_song():
    assert fitted(singing((C4, 50.0), (C5, 50.0), (C5 + 5, 0.5)), "C4-C5").semitones == 0


@pytest.mark.parametrize("shift", range(-5, 6))
def test_a_range_that_moves_takes_the_song_with_it(shift):
    low, high = C4 + shift, C5 + shift
    moved = transpose(SCALE, None, None, SingerRange(lowest_midi=low, highest_midi=high))
    assert moved.semitones + 12 * moved.octaves == shift
    assert moved.outside_s == 0
    assert moved.key_after is None


def test_the_chords_move_with_the_key_and_are_spelled_as_it_is():
    song = harmonised(verse="F#m D A E", chorus="F#m D A E", outro="E7")
    voice = singing((C4, 5.0), (A4, 5.0))
    moved = transpose(voice, song[Key], song[Chords], SingerRange(lowest_midi=C4 - 1, highest_midi=A4 - 1))
    assert moved.semitones == -1
    assert moved.key_after == "F minor"
    assert {one.before: one.after for one in moved.chords} == {"F#m": "Fm", "D": "Db", "A": "Ab", "E": "Eb"}


def test_the_capo_goes_where_the_shapes_are_open():
    # F minor on fret 1 is E minor: Em C G D.
    song = harmonised(verse="F#m D A E", chorus="F#m D A E")
    voice = singing((C4, 5.0), (A4, 5.0))
    moved = transpose(voice, song[Key], song[Chords], SingerRange(lowest_midi=C4 - 1, highest_midi=A4 - 1))
    assert moved.capo == 1
    assert {one.shape for one in moved.chords} == {"Em", "C", "G", "D"}
    assert moved.sentences[2].startswith("On a guitar, put the capo on fret 1 and play ")


def test_open_chords_need_no_capo():
    song = harmonised(verse="Em C G D", chorus="Em C G D")
    moved = transpose(singing((C4, 5.0), (A4, 5.0)), song[Key], song[Chords], read_range("C4-A4"))
    assert moved.capo == 0
    assert moved.sentences[2].startswith("On a guitar, without a capo: ")


def test_without_chords_there_is_nothing_to_play():
    moved = fitted(SCALE, "G3-A4")
    assert moved.capo is None
    assert len(moved.sentences) == 2


def test_the_transposition_is_kept_with_the_analysis():
    song = transposed(harmonised(verse="F#m D A E", chorus="F#m D A E"), read_range("A2-E4"))
    assert from_json(to_json(song)).transposition == song.transposition
    assert from_json(to_json(example_song())).transposition is None


def test_a_song_without_singing_cannot_be_moved_and_says_why():
    from outcomes import missing

    silent = with_outcomes(example_song(), {"vocal_range": missing("vocal_range", "no one sings")})
    with pytest.raises(NotMeasured, match="no one sings"):
        transposed(silent, read_range("A2-E4"))
