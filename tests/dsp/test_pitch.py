"""Frequencies as notes, against the standard's own."""

import librosa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riffscope.dsp.pitch import hz_to_midi, midi_to_hz, tuning_of


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


@pytest.mark.parametrize("semitones", [-0.31, 0.0, 0.12, 0.49])
def test_the_tuning_is_that_of_most_notes(semitones):
    notes = np.repeat(np.arange(40, 80), 5)
    detuned_hz = midi_to_hz(np.concatenate([notes + semitones + 0.005, np.linspace(40, 80, 50)]))
    assert tuning_of(detuned_hz, step_semitones=0.01) == pytest.approx(semitones, abs=0.006)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_the_tuning_is_librosas(kind):
    heard_hz = np.random.default_rng(0).uniform(60, 1500, 5000).astype(kind)
    assert tuning_of(heard_hz, step_semitones=0.01) == librosa.pitch_tuning(heard_hz, resolution=0.01)
