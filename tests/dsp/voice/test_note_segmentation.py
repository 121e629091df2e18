import numpy as np
import pytest

from melodies import contour_of
from riffscope.dsp.voice.note_segmentation import sung_notes


def heard(midi, **options):
    return [(round(note.start_s, 2), round(note.end_s, 2), note.midi) for note in sung_notes(midi, **options)]


def test_held_notes_are_found_where_they_begin_and_end():
    notes = [(0.5, 1.0, 60), (1.0, 1.4, 62), (1.4, 1.5, 64), (2.0, 3.0, 57)]
    assert heard(contour_of(notes, 4.0)) == notes


@pytest.mark.parametrize("rate_hz", [4.5, 5.5, 6.5])
@pytest.mark.parametrize("width_semitones", [0.3, 0.6, 1.0])
def test_vibrato_of_up_to_a_semitone_either_way_is_one_note(rate_hz, width_semitones):
    midi = contour_of([(0.2, 2.2, 60)], 2.5, vibrato_semitones=width_semitones, vibrato_hz=rate_hz)
    assert heard(midi) == [(0.2, 2.2, 60)]


@pytest.mark.parametrize("slide_s", [0.1, 0.2, 0.3, 0.5])
@pytest.mark.parametrize("interval", [-12, -5, 5, 7, 12])
def test_a_portamento_of_ten_semitones_a_second_or_more_is_no_chromatic_run(slide_s, interval):
    held = np.full(50, 60.0)
    slide = np.linspace(60, 60 + interval, round(slide_s * 100))
    found = heard(np.concatenate([held, slide, held + interval]))
    assert [note for *_, note in found] == [60, 60 + interval]
    assert found[0][1] == pytest.approx(0.5 + slide_s / 2, abs=slide_s / 2 + 0.03)


def test_a_quick_run_keeps_all_its_notes():
    notes = [(0.1 * i, 0.1 * (i + 1), note) for i, note in enumerate((60, 62, 64, 65, 67, 65, 64, 62, 60), 1)]
    assert [note for *_, note in heard(contour_of(notes, 1.5))] == [60, 62, 64, 65, 67, 65, 64, 62, 60]


def test_a_short_failure_of_the_voice_does_not_divide_a_note_and_a_consonant_does():
    assert heard(contour_of([(0.1, 0.5, 60), (0.52, 1.0, 60)], 1.2)) == [(0.1, 1.0, 60)]
    assert heard(contour_of([(0.1, 0.5, 60), (0.56, 1.0, 60)], 1.2)) == [(0.1, 0.5, 60), (0.56, 1.0, 60)]


def test_specks_are_dropped_and_slips_of_an_octave_belong_to_the_note():
    assert heard(contour_of([(0.1, 0.14, 60)], 1.0)) == []
    assert heard(contour_of([(0.1, 1.0, 60), (0.5, 0.54, 72)], 1.2)) == [(0.1, 1.0, 60)]


def test_notes_are_those_of_the_songs_own_tuning():
    (note,) = sung_notes(contour_of([(0.1, 1.0, 60.6)], 1.2), tuning_semitones=0.4)
    assert (note.midi, note.pitch_midi) == (60, pytest.approx(60.6))


def test_the_step_of_the_contour_does_not_matter():
    coarse = contour_of([(0.2, 0.6, 60), (0.6, 1.2, 61)], 2.0)[::2]
    assert heard(coarse, step_s=0.02) == [(0.2, 0.6, 60), (0.6, 1.2, 61)]


def test_where_no_one_sings_there_are_no_notes():
    assert sung_notes(np.full(100, np.nan)) == []
    assert sung_notes(np.array([])) == []
