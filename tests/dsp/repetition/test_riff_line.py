import numpy as np
import pytest

from riffscope.dsp.repetition.riff_image import TICKS
from riffscope.dsp.repetition.riff_line import choose_step, read_line, spread
from riffscope.dsp.tonality.notes import LOWEST_NOTE


def chances(*notes, beats=2):
    """The probability of notes (frame, MIDI number, probability) in a pass: (n_frames, 65, 2)."""
    out = np.full((beats * TICKS, 65, 2), 0.01)
    for frame, midi, probability in notes:
        out[frame, midi - LOWEST_NOTE, 0] = probability
    return out


HELD = np.ones((2 * TICKS, 84), np.float32)


@pytest.mark.parametrize(("frames", "step"), [((0, 3, 9, 12), 3), ((0, 4, 8, 12), 2), ((0, 6, 12, 18), 3)])
def test_the_grid_is_the_one_on_which_notes_begin_and_sixteenths_where_both_would_do(frames, step):
    assert choose_step(chances(*((frame, 60, 0.9) for frame in frames)), is_compound=False) == step


def test_in_six_eight_the_meter_decides():
    assert choose_step(chances((0, 60, 0.9), (3, 60, 0.9)), is_compound=True) == 2


def test_a_line_has_one_note_at_a_time_the_likeliest():
    line = read_line(chances((0, 60, 0.9), (0, 67, 0.6), (6, 62, 0.8), (12, 64, 0.2))[:, :, 0], HELD, step=3)
    assert [(note.start, note.ticks, note.midi) for note in line] == [(0, 6, 60), (6, 18, 62)]
    assert line[0].probability == 0.9


def test_what_begins_between_the_places_of_the_grid_is_no_note():
    assert read_line(chances((4, 60, 0.9))[:, :, 0], HELD, step=3) == []


def test_a_note_ends_where_it_has_faded_and_a_short_pause_is_articulation():
    strength = HELD.copy()
    strength[7:12, 60 - LOWEST_NOTE] = 0.0  # faded after half a beat; the next note comes half a beat later
    strength[22:, 62 - LOWEST_NOTE] = 0.0  # just before the next pass
    line = read_line(chances((0, 60, 0.9), (12, 62, 0.9))[:, :, 0], strength, step=3)
    assert [note.ticks for note in line] == [6, 12]


def test_passes_are_taken_evenly_from_first_to_last():
    np.testing.assert_array_equal(spread(np.arange(3), 5), [0, 1, 2])
    np.testing.assert_array_equal(spread(np.arange(0, 90, 10), 3), [0, 40, 80])
