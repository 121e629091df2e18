import numpy as np
import pytest

from riffscope.dsp.voice.centre import HOP_LENGTH, KEPT, N_FFT, extract_centre, whiten
from signals import harmonic_tone, noise, sine

RATE_HZ = 16000
LEAD = sine(440, 2.0, RATE_HZ, 0.2).astype(np.float32)
GUITAR = sine(700, 2.0, RATE_HZ, 0.2).astype(np.float32)
INSIDE = slice(N_FFT, -N_FFT)


def level_db(samples, hz):
    """Level of a sine of that frequency in a sound, in dB below full scale."""
    piece = samples[INSIDE]
    turn = np.exp(-2j * np.pi * hz * np.arange(len(piece)) / RATE_HZ)
    return 20 * np.log10(2 * np.abs(piece @ turn) / len(piece))


def test_a_single_channel_is_all_middle():
    assert extract_centre(LEAD[np.newaxis]) is not None
    np.testing.assert_array_equal(extract_centre(LEAD[np.newaxis]), LEAD)


@pytest.mark.parametrize("length", [1, HOP_LENGTH, 2 * N_FFT + 37])
def test_what_both_channels_share_stays_as_it_is(length):
    both = np.repeat(noise(2.0, RATE_HZ).astype(np.float32)[np.newaxis, :length], 2, axis=0)
    np.testing.assert_allclose(extract_centre(both), both[0], atol=1e-6)


def test_a_lead_in_the_middle_stands_out_and_a_guitar_at_the_side_is_lowered():
    middle = extract_centre(np.stack([LEAD + GUITAR, LEAD]))
    assert level_db(middle, 440) == pytest.approx(level_db(LEAD, 440), abs=0.3)
    # Half of the guitar is in the sum of both channels, and of that a fifth is kept.
    assert level_db(middle, 700) == pytest.approx(level_db(GUITAR, 700) + 20 * np.log10(KEPT / 2), abs=1)


def test_a_band_in_antiphase_leaves_the_voice_alone():
    middle = extract_centre(np.stack([LEAD / 10 + GUITAR, LEAD / 10 - GUITAR]))
    assert level_db(middle, 440) - level_db(middle, 700) > 10


def test_a_channel_upside_down_is_still_heard():
    np.testing.assert_array_equal(extract_centre(np.stack([LEAD, -LEAD])), LEAD)


def test_a_loud_bass_comes_nearer_to_a_soft_voice_and_the_whole_stays_as_loud():
    bass, voice = harmonic_tone(np.full(2 * RATE_HZ, 110.0), RATE_HZ, 3, 0.5), sine(2000, 2.0, RATE_HZ, 0.005)
    song = (bass + voice).astype(np.float32)
    evened = whiten(song)
    before, after = (level_db(sound, 110) - level_db(sound, 2000) for sound in (song, evened))
    assert after < before - 10
    assert np.square(evened).mean() == pytest.approx(np.square(song).mean(), rel=0.01)


def test_nothing_is_delayed_by_evening_out():
    click = np.zeros(RATE_HZ, np.float32)
    click[5000] = 1
    assert np.abs(whiten(click)).argmax() == 5000


def test_silence_stays_silence():
    assert not whiten(np.zeros(RATE_HZ, np.float32)).any()
    assert not extract_centre(np.zeros((2, RATE_HZ), np.float32)).any()
