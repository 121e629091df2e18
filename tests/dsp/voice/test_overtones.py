import numpy as np
import pytest

from riffscope.dsp.voice.overtones import RATE_HZ, missing_fundamental, spectrum_of, tone_level_dbfs
from signals import harmonic_tone, sine

PITCHES_HZ = np.array([110.0, 165.0, 220.0, 330.0, 440.0])


def tone(f0_hz, harmonics=10, amplitude=0.1):
    return harmonic_tone(np.full(RATE_HZ, f0_hz), RATE_HZ, harmonics, amplitude).astype(np.float32)


def doubts(samples):
    """How strongly each pitch is doubted in the middle of a sound."""
    return dict(
        zip(PITCHES_HZ.tolist(), missing_fundamental(spectrum_of(samples), PITCHES_HZ)[15].tolist(), strict=True)
    )


def test_a_voice_is_not_doubted_and_the_octave_below_it_is():
    found = doubts(tone(220))
    assert found[220] == found[440] == 0
    assert found[110] > 1


def test_the_tone_that_a_chord_has_in_common_is_doubted_and_its_notes_are_not():
    # The octave, the twelfth and the double octave of A2, sung together: their partials all belong to A2.
    found = doubts(tone(220) + tone(330) + tone(440))
    assert found[110] > 1
    assert found[220] == found[330] == found[440] == 0


def test_a_tone_is_as_loud_as_its_partials_together():
    sound = sine(220, 1.0, RATE_HZ, 0.4) + sine(440, 1.0, RATE_HZ, 0.3)
    level = tone_level_dbfs(spectrum_of(sound.astype(np.float32)), np.full(32, 220.0))
    assert level[10:20] == pytest.approx(10 * np.log10(0.4**2 / 2 + 0.3**2 / 2), abs=1.5)


def test_what_lies_between_the_partials_is_not_of_the_tone():
    spectrum = spectrum_of(tone(220) + sine(560, 1.0, RATE_HZ, 0.5).astype(np.float32))
    alone = tone_level_dbfs(spectrum_of(tone(220)), np.full(32, 220.0))
    assert tone_level_dbfs(spectrum, np.full(32, 220.0))[10:20] == pytest.approx(alone[10:20], abs=0.5)


def test_silence_is_a_hundred_db_down():
    assert tone_level_dbfs(spectrum_of(np.zeros(RATE_HZ, np.float32)), np.full(32, 220.0)) == pytest.approx(-100)
