"""The songs that the chord network learns from, before and after they are played."""

import zipfile

import numpy as np
import pytest

from riffscope.chord_names import QUALITIES
from training.beats.composition import Chord, Composition
from training.beats.perform import Recording
from training.chords.arrange import arrange, guitar_voicing, piano_voicing
from training.chords.lead_sheets import read_sheet
from training.chords.progressions import draw_progressions
from training.chords.qualities import HARTE, MUSICXML, read_harte
from training.chords.songs import IGNORED, NO_CHORD, labels

A_MINOR = Chord(start_beats=0, end_beats=4, root=9, intervals=(0, 3, 7), quality="min")
SONGS = [draw_progressions(np.random.default_rng(seed)) for seed in range(60)]


def sounding(song, chord, role):
    """The pitch classes that a part strikes while a chord lasts."""
    return {
        note.midi % 12
        for note in song.parts.get(role, ())
        if chord.start_beats - 1e-6 <= note.start_beats < chord.end_beats - 1e-6
    }


@pytest.mark.parametrize(
    ("label", "root", "quality", "bass"),
    [("C#:min7", 1, "min7", 0), ("Bb:maj/3", 10, "maj", 4), ("F:sus4(b7)", 5, "sus4", 0), ("G:maj6", 7, "maj", 0)],
)
def test_chords_are_called_by_what_lies_under_them(label, root, quality, bass):
    chord = read_harte(label)
    assert chord is not None
    assert (chord.root, chord.quality, chord.bass) == (root, quality, bass)


def test_what_has_no_name_is_none():
    assert read_harte("N") is None
    assert read_harte("C:(1,5,9)") is None


def test_every_name_is_one_of_riffscopes_and_every_kind_has_notes():
    assert {quality for _, quality in HARTE.values()} <= set(QUALITIES)
    assert set(MUSICXML.values()) <= set(HARTE)


def test_progressions_fill_the_song_without_gaps():
    for song in SONGS:
        assert song.chords[0].start_beats == 0
        for one, following in zip(song.chords, song.chords[1:], strict=False):
            assert one.end_beats == pytest.approx(following.start_beats)
        assert song.chords[-1].end_beats == pytest.approx(song.beat_count)


def test_every_quality_is_drawn():
    assert {chord.quality for song in SONGS for chord in song.chords} == set(QUALITIES)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("voicing", [guitar_voicing, piano_voicing])
def test_a_voicing_has_all_notes_of_the_chord_and_no_other(voicing, seed):
    play = voicing(np.random.default_rng(seed))
    for root in range(12):
        for intervals, _ in HARTE.values():
            chord = Chord(start_beats=0, end_beats=4, root=root, intervals=intervals)
            assert {note % 12 for note in play(chord)} == {(root + k) % 12 for k in intervals}


def test_the_band_plays_the_chords():
    for seed, song in enumerate(SONGS[:30]):
        arranged = arrange(song, np.random.default_rng(seed))
        power = arranged.amplified == {"riff"}
        for chord in arranged.chords[:12]:
            notes = {(chord.root + k) % 12 for k in chord.intervals}
            if power:
                assert sounding(arranged, chord, "riff") == {chord.root}
                assert not sounding(arranged, chord, "comp") | sounding(arranged, chord, "pad")
            else:
                assert sounding(arranged, chord, "pad") <= notes


def test_a_label_is_that_of_its_half_beat_and_silence_has_none():
    song = Recording(
        samples=np.zeros(1, np.float32),
        beat_times_s=np.arange(9.0),
        is_downbeat=np.zeros(9, bool),
        beats_per_bar=4,
        bpm=60,
        chords=(A_MINOR, Chord(start_beats=4, end_beats=6, root=0, intervals=(0, 1), quality="")),
        band_fraction=np.array([1, 1, 1, 0, 1, 1, 1, 1.0]),
    )
    chord, bass = labels(song, 8)
    assert chord.tolist() == [21] * 6 + [NO_CHORD] * 2 + [IGNORED] * 4 + [NO_CHORD] * 4
    assert bass.tolist() == [9] * 6 + [IGNORED] * 10


def test_a_lead_sheet_is_read_with_its_chords(tmp_path):
    bar = (
        "<measure><attributes>{}</attributes>"
        "<harmony><root><root-step>B</root-step><root-alter>-1</root-alter></root><kind>dominant</kind></harmony>"
        "<note><pitch><step>D</step><octave>5</octave></pitch><duration>4</duration></note>"
        "<harmony><root><root-step>E</root-step><root-alter>-1</root-alter></root><kind>major</kind>"
        "<bass><bass-step>G</bass-step></bass></harmony>"
        "<note><pitch><step>E</step><alter>-1</alter><octave>5</octave></pitch><duration>2</duration></note></measure>"
    )
    time = "<divisions>2</divisions><time><beats>3</beats><beat-type>4</beat-type></time>"
    score = f"<score-partwise><part>{bar.format(time)}{bar.format('') * 13}</part></score-partwise>"
    with zipfile.ZipFile(tmp_path / "waltz.mxl", "w") as archive:
        archive.writestr("waltz.xml", score)
    song = read_sheet(tmp_path / "waltz.mxl")
    assert isinstance(song, Composition)
    assert song.bar_starts[:3] == (0, 3, 6)
    assert [(chord.start_beats, chord.root, chord.quality, chord.bass) for chord in song.chords[:3]] == [
        (0, 10, "7", 0),
        (2, 3, "maj", 4),
        (3, 10, "7", 0),
    ]
    assert [note.midi for note in song.parts["lead"][:2]] == [74, 75]
