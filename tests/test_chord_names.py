import doctest
import itertools

import mir_eval
import pytest

from riffscope import chord_names
from riffscope.chord_names import NO_CHORD, QUALITIES, ChordName, is_roman, read_chord, read_roman
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
    with pytest.raises(ValueError, match="is not a chord"):
        ChordName.parse(label)


@pytest.mark.parametrize(
    ("written", "harte"),
    [
        ("C", "C:maj"),
        ("F#m", "F#:min"),
        ("F♯m", "F#:min"),
        ("F sharp minor", "F#:min"),
        ("C-sharp minor", "C#:min"),
        ("B flat major", "A#:maj"),
        ("E-flat", "D#:maj"),
        ("A minor", "A:min"),
        ("A-", "A:min"),
        ("Cm7", "C:min7"),
        ("Bbmaj7", "A#:maj7"),
        ("B♭Δ", "A#:maj7"),
        ("CM7", "C:maj7"),
        ("Cmaj", "C:maj"),
        ("Cm9", "C:min7"),
        ("G7", "G:7"),
        ("G13", "G:7"),
        ("E7#9", "E:7"),
        ("C6", "C:maj"),
        ("Am6", "A:min"),
        ("Cadd9", "C:maj"),
        ("Asus4", "A:sus4"),
        ("Asus", "A:sus4"),
        ("A7sus4", "A:sus4"),
        ("Dsus2", "D:sus2"),
        ("B°", "B:dim"),
        ("Bdim7", "B:dim"),
        ("E+", "E:aug"),
        ("Eaug", "E:aug"),
        ("Dø7", "D:hdim7"),
        ("Dm7b5", "D:hdim7"),
        ("Bm7♭5", "B:hdim7"),
        ("A5", "A:5"),
        ("G/B", "G:maj/3"),
        ("D/F#", "D:maj/3"),
        ("Am7/G", "A:min7/b7"),
        ("F/G", "F:maj/2"),
        (" Em ", "E:min"),
    ],
)
def test_chords_are_read_as_people_write_them(written, harte):
    assert read_chord(written).harte(Spelling.SHARPS) == harte


@pytest.mark.parametrize("text", ["N.C.", "N", "NC"])
def test_no_chord_is_none(text):
    assert read_chord(text) is None


@pytest.mark.parametrize("text", ["", "H", "Xm", "c", "Cmagic", "vi", "G/", "A minor third", "Be", "Add"])
def test_what_names_no_chord_is_refused(text):
    with pytest.raises(ValueError, match="is not a chord"):
        read_chord(text)


@pytest.mark.parametrize("spelling", Spelling)
def test_what_riffscope_writes_it_reads(spelling):
    for root, quality, bass in itertools.product(range(12), QUALITIES, range(12)):
        name = ChordName(root=root, quality=quality, bass=bass)
        assert read_chord(name.written(spelling)) == name
        assert ChordName.parse(name.harte(spelling)) == name


@pytest.mark.parametrize(
    ("chord", "tonic", "mode", "roman"),
    [
        ("A:min", 0, "major", "vi"),
        ("Bb:maj", 0, "major", "bVII"),
        ("F#:dim", 0, "major", "#iv°"),
        ("B:dim", 0, "major", "vii°"),
        ("G:7", 0, "major", "V7"),
        ("C:maj7", 0, "major", "Imaj7"),
        ("F:sus4", 0, "major", "IVsus4"),
        ("D:hdim7", 0, "major", "iiø7"),
        ("C:5", 0, "major", "I5"),
        ("G:maj/3", 0, "major", "V6"),
        ("C:maj/5", 0, "major", "I64"),
        ("G:7/b7", 0, "major", "V42"),
        ("D:min7/b3", 0, "major", "ii65"),
        ("F:maj/2", 0, "major", "IV/5"),
        ("C#:min", 1, "minor", "i"),
        ("A:maj", 1, "minor", "VI"),
        ("E:maj", 1, "minor", "III"),
        ("B:maj", 1, "minor", "VII"),
        ("G#:maj", 1, "minor", "V"),
        ("G#:min", 1, "minor", "v"),
        ("D#:dim", 1, "minor", "ii°"),
        ("C:dim", 1, "minor", "#vii°"),
        ("D:maj", 1, "minor", "bII"),
    ],
)
def test_a_chord_has_its_degree_in_the_key(chord, tonic, mode, roman):
    name = ChordName.parse(chord)
    assert name.roman(tonic, mode) == roman
    assert read_roman(roman, tonic, mode) == name


@pytest.mark.parametrize("mode", ["major", "minor"])
def test_every_degree_that_is_written_is_read(mode):
    for root, quality, bass in itertools.product(range(12), QUALITIES, range(12)):
        name = ChordName(root=root, quality=quality, bass=bass)
        assert read_roman(name.roman(7, mode), 7, mode) == name


def test_degrees_are_read_as_people_write_them():
    def chord(text, tonic=9, mode="minor"):
        return read_roman(text, tonic, mode).written(Spelling.SHARPS)

    assert [chord(degree) for degree in ("i", "VII", "VI", "V")] == ["Am", "G", "F", "E"]
    assert [chord(degree) for degree in ("i", "bVII", "♭VI", "V7")] == ["Am", "G", "F", "E7"]
    assert chord("V/V", 0, "major") == "D"
    assert chord("V7/ii", 0, "major") == "A7"


@pytest.mark.parametrize("text", ["", "viii", "C", "IVmagic", "8"])
def test_what_is_no_degree_is_refused(text):
    with pytest.raises(ValueError, match="is not a degree"):
        read_roman(text, 0, "major")


def test_degrees_are_told_from_chords():
    assert all(is_roman(text) for text in ("vi", "IV", "bVII", "#iv°"))
    assert not any(is_roman(text) for text in ("C", "Bb", "F#m", "A"))


def test_the_examples_hold():
    assert doctest.testmod(chord_names).failed == 0
