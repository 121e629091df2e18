"""Frequencies as notes, against the standard's own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riffscope.dsp.pitch import hz_to_midi, midi_to_hz


@pytest.mark.parametrize(("midi", "hz"), [(69, 440.0), (57, 220.0), (60, 261.6256), (0, 8.1758), (127, 12543.854)])
def test_notes_have_the_frequencies_of_the_midi_tuning_standard(midi, hz):
    assert midi_to_hz(midi) == pytest.approx(hz, rel=1e-6)
    assert hz_to_midi(hz) == pytest.approx(midi, abs=1e-4)


@given(st.floats(1.0, 20000.0))
def test_there_and_back_is_the_same_frequency(hz):
    assert midi_to_hz(hz_to_midi(hz)) == pytest.approx(hz, rel=1e-12)


def test_no_pitch_stays_no_pitch():
    assert np.isnan(hz_to_midi(np.array([np.nan]))).all()
    assert np.isnan(midi_to_hz(np.array([np.nan]))).all()
