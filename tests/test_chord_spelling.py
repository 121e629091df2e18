import pytest

from riffscope.analyzers.chords import Chords
from riffscope.chord_names import QUALITIES, ChordName, printed, respell, written
from riffscope.model import respelled
from riffscope.notes import Spelling
from riffscope.progressions import ChordSpan, Progression


@pytest.mark.parametrize("quality", QUALITIES)
@pytest.mark.parametrize("spelling", Spelling)
def test_what_is_written_in_hartes_notation_is_read_back(quality, spelling):
    for root in range(12):
        for bass in range(12):
            name = ChordName(root=root, quality=quality, bass=bass)
            assert ChordName.parse(name.harte(spelling)) == name


@pytest.mark.parametrize(
    ("label", "plain", "in_type"),
    [
        ("C#:min7", "Dbm7", "D♭m7"),
        ("Bb:hdim7", "Bbm7b5", "B♭m7♭5"),
        ("E:maj/3", "E/Ab", "E/A♭"),
        ("B:dim", "Bdim", "Bdim"),
        ("A:5", "A5", "A5"),
        ("N", "N.C.", "N.C."),
    ],
)
def test_people_read_chords_in_musical_type(label, plain, in_type):
    assert written(label, Spelling.FLATS) == plain
    assert printed(label, Spelling.FLATS) == in_type


@pytest.mark.parametrize("label", ["H:maj", "C:maj13", "C:maj/8", "", "C:", "Cm"])
def test_what_is_no_chord_is_refused(label):
    with pytest.raises(ValueError, match="not a chord"):
        ChordName.parse(label)


def test_a_document_that_is_respelled_has_its_chords_respelled_too():
    """C# minor in a comparison with a song in F minor: its seventh chord is on D flat."""
    chords = Chords(
        spans=(ChordSpan(start_s=0.0, end_s=1.0, label="C#:min7", probability=0.9),),
        progressions=(
            Progression(
                section="A",
                labels=("C#:min7", "N", "G#:maj/3"),
                roman=("i7", "", "V6"),
                bars=(1.0, 1.0, 2.0),
                period_bars=4.0,
                rounds=2.0,
                start_s=0.0,
                end_s=1.0,
            ),
        ),
    )
    flat = respelled(chords, Spelling.FLATS)
    assert flat.spans[0].label == "Db:min7"
    assert flat.progressions[0].labels == ("Db:min7", "N", "Ab:maj/3")
    assert flat.progressions[0].section == "A"
    assert respelled(flat, Spelling.SHARPS) == chords
    assert respell("Gb:sus4", Spelling.SHARPS) == "F#:sus4"
