"""Numbers that no field holds: how long sections are, and what they have of the song's tempo, riff and melody."""

import dataclasses

import numpy as np
import pytest

from claim_cases import changed, ruled
from riffscope.analyzers.section_profile import SectionProfile
from riffscope.analyzers.vocal_notes import VocalNotes
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.claims.numbers import read_number, read_number_of_sections
from riffscope.errors import NotMeasured
from riffscope.measures import all_measures, claimed_measures, claimed_measures_of_sections
from riffscope.model import Ruling
from songs import example_song
from stated import NO_RIFF, TWO_TEMPI, in_bars_of, lasting, sectioned, slowing

OF_SECTIONS = {measure.path: measure for measure in claimed_measures_of_sections()}
LONGER = """
[longer]
text = "The last chorus is longer than the intro"
kind = "higher"
measure = "source.duration_s"
scope = "last chorus"
against = "intro"
by = 4
"""


def number_in(song, path, kind):
    return read_number_of_sections(song, OF_SECTIONS[path], song[SectionProfile].called(kind))


@pytest.mark.parametrize("measure", claimed_measures(), ids=lambda measure: measure.path)
def test_every_number_of_the_song_can_be_read(measure):
    assert read_number(example_song(), measure) is not None


@pytest.mark.parametrize("measure", claimed_measures_of_sections(), ids=lambda measure: measure.path)
def test_every_number_of_sections_can_be_read_in_the_chorus(measure):
    found = number_in(example_song(), measure.path, "chorus")
    assert found.low <= found.value <= found.high


def test_numbers_that_measurements_hold_are_left_to_them():
    measures = {measure.path: measure for measure in all_measures()}
    assert read_number(example_song(), measures["tempo.bpm"]) is None


def test_sections_of_one_length_last_that_long_to_a_bar():
    song = sectioned("intro", "verse", "chorus", length_s=15.61)
    bars, seconds = (number_in(song, path, "verse") for path in ("beats.bars", "source.duration_s"))
    assert (bars.low, bars.value, bars.high) == (7, 8, 9)
    assert seconds.value == pytest.approx(15.61)
    assert seconds.high - seconds.value == pytest.approx(4 * 60 / 123, rel=0.02)


def test_sections_of_different_lengths_leave_open_how_long_they_are():
    song = example_song()
    lengths = [section.span.duration_s for section in song[SectionProfile].called("chorus")]
    found = number_in(song, "source.duration_s", "chorus")
    assert found.value == pytest.approx(np.mean(lengths))
    assert found.low < min(lengths)


def test_bars_cannot_be_counted_where_nothing_marks_them():
    song = in_bars_of(None, None)
    bare = changed(song, type(song.measure("beats")), downbeat_index=np.zeros(0, np.int64))
    with pytest.raises(NotMeasured, match="no downbeats were found"):
        number_in(bare, "beats.bars", "verse")


def test_two_sections_are_compared_by_their_length():
    assert ruled(example_song(), LONGER).ruling is Ruling.SUPPORTED
    assert ruled(example_song(), LONGER.replace("higher", "lower")).ruling is Ruling.REFUTED


def test_a_section_has_the_tempo_of_the_part_that_it_is_in():
    assert number_in(TWO_TEMPI, "tempo.bpm", "intro").value == 100.0
    assert number_in(TWO_TEMPI, "tempo.bpm", "outro").value == 120.0


def test_a_section_that_slows_down_drifts():
    assert number_in(slowing(), "tempo.drift_percent", "verse").value < 1
    assert number_in(slowing(), "tempo.drift_percent", "B'").value > 2


def test_the_bridge_has_nothing_of_the_riff_and_a_song_without_one_nowhere():
    assert number_in(example_song(), "loops.coverage_fraction", "bridge").value == 0
    assert number_in(example_song(), "loops.coverage_fraction", "verse").value == 1
    assert number_in(NO_RIFF, "loops.coverage_fraction", "verse").high == 0


def test_the_range_of_a_section_is_that_between_its_ends():
    found = number_in(example_song(), "vocal_range.span_semitones", "bridge")
    (bridge,) = example_song()[SectionProfile].called("bridge")
    assert found.value == pytest.approx(bridge.highest_midi - bridge.lowest_midi)


def test_singing_an_octave_higher_moves_the_median_of_a_section_and_keeps_its_steps():
    song = example_song()
    pitch, notes = song[VocalPitch], song[VocalNotes]
    higher = changed(
        changed(song, VocalPitch, f0_hz=2 * pitch.f0_hz),
        VocalNotes,
        notes=tuple(dataclasses.replace(note, midi=note.midi + 12) for note in notes.notes),
    )
    low, high = (number_in(one, "vocal_range.median_midi", "verse").value for one in (song, higher))
    assert high - low == pytest.approx(12)
    one, other = (number_in(one, "vocal_range.stepwise_fraction", "verse") for one in (song, higher))
    assert one == other


def test_a_section_in_which_nobody_sings_has_no_median():
    with pytest.raises(NotMeasured, match="the median sung pitch could not be measured there"):
        number_in(example_song(), "vocal_range.median_midi", "intro")


def test_the_length_of_the_song_is_that_of_its_file():
    measure = next(measure for measure in claimed_measures() if measure.path == "source.duration_s")
    found = read_number(lasting(211.4), measure)
    assert found.low == found.value == found.high == 211.4
