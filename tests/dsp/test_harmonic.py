"""The tuning of a song against librosa's, and against what it was tuned to."""

import librosa
import numpy as np
import pytest

from riffscope.dsp.harmonic import commonest_deviation


@pytest.mark.parametrize("semitones", [-0.42, -0.08, 0.0, 0.17, 0.49])
def test_the_tuning_is_what_most_peaks_have_in_common(semitones):
    rng = np.random.default_rng(3)
    notes = rng.integers(36, 84, 400) + semitones + rng.normal(0, 0.01, 400)
    astray = rng.uniform(36, 84, 200)
    frequencies_hz = 440 * 2 ** ((np.concatenate([notes, astray]) - 69) / 12)
    found = commonest_deviation(frequencies_hz, step=0.01)
    assert abs((found - semitones + 0.5) % 1 - 0.5) <= 0.03
    assert found == librosa.pitch_tuning(frequencies_hz, resolution=0.01)
