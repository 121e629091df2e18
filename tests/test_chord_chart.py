"""Chords in bars, from songs whose chords are known."""

import numpy as np
import pytest

from charted import charted_song, chords_at, key_of
from melodies import beats_at, song_with
from outcomes import missing
from riffscope.analyzers.chords import Chords
from riffscope.analyzers.structure import Section, Structure
from riffscope.chord_chart import bars_and_beats, chord_chart
from riffscope.chord_names import ChordName
from riffscope.errors import NotMeasured
from riffscope.model import Measured
from riffscope.notes import transposed_tonic
from riffscope.progressions import Progression
from songs import example_song, songs, with_outcomes


def read(chart):
    """Each bar: its number, and its chords with their beats."""
    return [(bar.number, [(chord.beat, chord.label) for chord in bar.chords]) for bar in chart.bars]


def test_each_chord_stands_at_its_beat_and_is_there_again_after_the_bar_line():
    song = charted_song(["C:maj", [(3, "F:maj")], [(1, "F:maj"), (2.5, "G:7"), (4, "N")]])
    assert read(chord_chart(song)) == [
        (1, [(1.0, "C:maj")]),
        (2, [(1.0, "C:maj"), (3.0, "F:maj")]),
        (3, [(1.0, "F:maj"), (2.5, "G:7"), (4.0, "N")]),
    ]


@pytest.mark.parametrize(
    ("beats_per_bar", "beat_s", "meter"),
    [(3, 0.5, "3/4"), (4, 0.5, "4/4"), (5, 0.5, "5/4"), (7, 0.25, "7/8"), (7, 0.5, "7/4"), (2, 0.6, "6/8")],
)
def test_a_bar_has_the_meter_that_musicians_write(beats_per_bar, beat_s, meter):
    song = charted_song(["C:maj", "G:maj"] * 4, beats_per_bar=beats_per_bar, beat_s=beat_s)
    chart = chord_chart(song)
    assert {(bar.beats, bar.meter) for bar in chart.bars} == {(beats_per_bar, meter)}
    assert chart.meter == meter


def test_a_bar_of_two_in_a_song_of_four_is_two_quarters():
    chart = chord_chart(charted_song(["C:maj", "D:min", "G:7", "C:maj"], sizes=[4, 2, 4, 4]))
    assert [bar.meter for bar in chart.bars] == ["4/4", "2/4", "4/4", "4/4"]


def test_a_pick_up_counts_up_to_the_first_bar():
    chart = chord_chart(charted_song(["C:maj", "F:maj"], pickup=1))
    assert read(chart) == [(0, [(4.0, "N")]), (1, [(1.0, "C:maj")]), (2, [(1.0, "F:maj")])]
    assert chart.meter == "4/4"


def test_before_the_first_bar_line_whole_bars_are_counted_back():
    """Downbeats are marked from beat 10 on: two whole bars and two beats before it."""
    times_s = 1 + 0.5 * np.arange(18)
    song = song_with(beats_at(times_s, first_downbeat=10), chords_at((1.0, "C:maj"), end_s=10.0))
    assert [(bar.number, bar.start_s) for bar in chord_chart(song).bars] == [
        (0, 1.0), (0, 2.0), (0, 4.0), (1, 6.0), (2, 8.0)
    ]  # fmt: skip


def test_a_last_bar_of_which_only_the_first_beat_was_found_is_a_whole_one():
    times_s = 1 + 0.5 * np.arange(9)
    chart = chord_chart(song_with(beats_at(times_s), chords_at((1.0, "C:maj"), end_s=5.5)))
    assert [(bar.beats, bar.meter) for bar in chart.bars] == [(4, "4/4")] * 3


def test_where_nothing_marks_a_bar_beats_are_counted_in_fours():
    beats = beats_at(1 + 0.5 * np.arange(8), first_downbeat=99)
    chart = chord_chart(song_with(beats, chords_at((1.0, "C:maj"), end_s=5.0)))
    assert not chart.has_bars
    assert [(bar.number, bar.beats) for bar in chart.bars] == [(1, 4), (2, 4)]


def test_a_chord_a_little_off_its_beat_is_set_on_it():
    times_s = 1 + 0.5 * np.arange(8)
    beats = beats_at(times_s)
    assert bars_and_beats(beats, np.array([1.0, 1.74, 2.02, 3.1])) == [(1, 1.0), (1, 2.5), (1, 3.0), (2, 1.0)]


def test_bars_belong_to_the_section_in_which_most_of_them_lies():
    sections = (
        Section(start_s=0.0, end_s=5.2, label="A", function="verse"),
        Section(start_s=5.2, end_s=9.0, label="B", function="chorus"),
        Section(start_s=9.0, end_s=13.0, label="A", function="verse"),
    )
    song = charted_song(["C:maj", "F:maj", "G:maj", "C:maj", "A:min", "F:maj"], Structure(sections=sections))
    chart = chord_chart(song)
    assert [(part.name, [bar.number for bar in part.bars]) for part in chart.sections] == [
        ("verse 1", [1, 2]), ("chorus", [3, 4]), ("verse 2", [5, 6])
    ]  # fmt: skip


def test_a_section_has_the_round_that_sounds_through_it_and_not_the_riffs():
    about = {"roman": ("I",), "bars": (1.0,), "period_bars": 1.0, "rounds": 2.0}
    chords = chords_at((1.0, "C:maj"), end_s=9.0)
    chords = Chords(
        spans=chords.spans,
        progressions=(
            Progression(section="riff", labels=("F:maj",), start_s=1.0, end_s=9.0, **about),
            Progression(section="verse", labels=("C:maj",), start_s=1.0, end_s=5.0, **about),
        ),
    )
    sections = (
        Section(start_s=1.0, end_s=5.0, label="A", function="verse"),
        Section(start_s=5.0, end_s=9.0, label="B", function="chorus"),
    )
    song = song_with(beats_at(1 + 0.5 * np.arange(16)), chords, Structure(sections=sections))
    verse, chorus = chord_chart(song).sections
    assert verse.progression.labels == ("C:maj",)
    assert chorus.progression is None


def test_with_a_capo_at_the_third_fret_c_minor_is_played_as_a_minor():
    song = charted_song(["C:min", "Ab:maj", "Eb:maj", "Bb:maj/3"], key_of("C", "minor"))
    chart = chord_chart(song, capo=3)
    assert [bar.chords[0].label for bar in chart.bars] == ["A:min", "F:maj", "C:maj", "G:maj/3"]
    assert (chart.played_key, chart.sounding_key) == ("A minor", "C minor")
    assert chart.print("G:maj/3") == "G/B"


def test_the_shapes_are_spelled_as_the_key_that_they_are_in():
    """E major with a capo at the first fret is E flat as it is played: flats, where the song itself has sharps."""
    chart = chord_chart(charted_song(["E:maj", "A:maj", "G#:min"], key_of("E")), capo=1)
    assert [chart.print(bar.chords[0].label) for bar in chart.bars] == ["E♭", "A♭", "Gm"]
    assert chart.played_key == "E♭ major"
    assert transposed_tonic("A", "minor", -1) == "G#"


@pytest.mark.parametrize("capo", range(12))
def test_the_shapes_sound_as_the_song_does_with_the_capo_on(capo):
    song = example_song()
    plain, with_capo = chord_chart(song), chord_chart(song, capo=capo)
    for bar, shapes in zip(plain.bars, with_capo.bars, strict=True):
        for chord, shape in zip(bar.chords, shapes.chords, strict=True):
            assert ChordName.parse(shape.label).transposed(capo) == ChordName.parse(chord.label)
            assert (shape.beat, shape.beats) == (chord.beat, chord.beats)


def test_every_beat_of_a_song_has_its_chord():
    for kind in ("ordinary", "short", "long", "unsteady"):
        song = songs()[kind]
        for bar in chord_chart(song).bars[:-1]:
            assert sum(chord.beats for chord in bar.chords) == bar.beats
            assert all(a.label != b.label for a, b in zip(bar.chords, bar.chords[1:], strict=False))


def test_the_commonest_chords_are_those_that_sound_longest():
    song = charted_song(["C:maj", "C:maj", "C:maj", "A:min", "A:min", "N"])
    assert chord_chart(song).commonest == ("C:maj", "A:min")


@pytest.mark.parametrize("capo", [-1, 12])
def test_there_is_no_such_fret(capo):
    with pytest.raises(ValueError, match="frets"):
        chord_chart(example_song(), capo=capo)


def test_without_chords_or_beats_it_says_which_is_missing():
    for name in ("chords", "beats"):
        with pytest.raises(NotMeasured, match=f"{name}: silent"):
            chord_chart(with_outcomes(example_song(), {name: missing(name)}))
    nothing = Measured(value=Chords(spans=()), version=1, seconds=0.0)
    with pytest.raises(NotMeasured, match="no chords"):
        chord_chart(with_outcomes(example_song(), {"chords": nothing}))
