import mir_eval
import pytest

from riffscope.chord_names import NO_CHORD, QUALITIES, ChordName
from riffscope.notes import Spelling

EVERY = [ChordName(root=root, quality=quality) for root in (0, 1, 6, 10) for quality in QUALITIES]


@pytest.mark.parametrize("chord", EVERY, ids=str)
def test_names_come_back_from_hartes_notation(chord):
    for spelling in Spelling:
        assert ChordName.parse(chord.harte(spelling)) == chord


@pytest.mark.parametrize("chord", EVERY, ids=str)
def test_mir_eval_reads_every_name_as_the_same_notes(chord):
    root, notes, bass = mir_eval.chord.encode(chord.harte(Spelling.SHARPS))
    assert root == chord.root
    assert bass == 0
    assert {int(k) for k in notes.nonzero()[0]} == set(QUALITIES[chord.quality])


@pytest.mark.parametrize(
    ("label", "sharps", "flats"),
    [
        ("C#:min7", "C#m7", "Dbm7"),
        ("E:maj/3", "E/G#", "E/Ab"),
        ("B", "B", "B"),
        ("Bb:7/b7", "A#7/G#", "Bb7/Ab"),
        ("D:5", "D5", "D5"),
        ("F#:hdim7", "F#m7b5", "Gbm7b5"),
    ],
)
def test_musicians_read_them_as_they_write_them(label, sharps, flats):
    chord = ChordName.parse(label)
    assert chord is not None
    assert chord.written(Spelling.SHARPS) == sharps
    assert chord.written(Spelling.FLATS) == flats


def test_the_bass_is_one_of_the_notes_that_sound():
    assert ChordName(root=0, quality="maj", bass=2).pitch_classes == {0, 2, 4, 7}


def test_transposing_moves_root_and_bass_alike():
    chord = ChordName.parse("A:min/b3")
    assert chord is not None
    assert chord.transposed(5).written(Spelling.SHARPS) == "Dm/F"
    assert chord.transposed(12) == chord


def test_no_chord_is_no_chord():
    assert ChordName.parse(NO_CHORD) is None


@pytest.mark.parametrize("label", ["H:maj", "C:maj13", "C:", "c:maj", "C:maj/b9", ""])
def test_what_is_no_chord_is_refused(label):
    with pytest.raises(ValueError, match="is no chord"):
        ChordName.parse(label)
