import numpy as np
import pytest

from forms import RATE_HZ
from riffscope.dsp.rhythm.drums import hear_drums
from riffscope.dsp.stft import filtered_stft
from riffscope.views.mel_spectrum import HOP_LENGTH, N_FFT, mel_filters
from signals import harmonic_tone, hat, kick, noise, place, snare


def drums_of(samples):
    bands = filtered_stft(samples.astype(np.float32), mel_filters(RATE_HZ), n_fft=N_FFT, hop_length=HOP_LENGTH)
    return hear_drums(bands, treble_from=60, frame_rate_hz=RATE_HZ / HOP_LENGTH)


def beat(duration_s, start_s=0.0, bpm=120):
    """Kick, snare and hats from some time on."""
    step_s = 60 / bpm
    starts_s = np.arange(start_s, duration_s - 0.4, step_s)
    out = place(kick(RATE_HZ), starts_s[::2], duration_s, RATE_HZ)
    out += place(snare(RATE_HZ), starts_s[1::2], duration_s, RATE_HZ)
    return out + place(hat(RATE_HZ), np.arange(start_s, duration_s - 0.4, step_s / 2), duration_s, RATE_HZ)


def chords(duration_s):
    """Chords that are struck on each beat."""
    out = np.zeros(round(duration_s * RATE_HZ))
    half_s = round(0.5 * RATE_HZ)
    for start in range(0, len(out) - half_s, half_s):
        for hz in (220.0, 277.2, 329.6):
            fade = np.minimum(np.arange(half_s) / 200, 1) * np.exp(-np.arange(half_s) / (0.2 * RATE_HZ))
            out[start : start + half_s] += fade * harmonic_tone(np.full(half_s, hz), RATE_HZ, amplitude=0.1)
    return out


def test_drums_play_where_they_play():
    drums = drums_of(chords(40.0) + beat(40.0, start_s=20.0))
    times_s = np.array([4.0, 8.0, 12.0, 26.0, 30.0, 36.0])
    assert (drums.at(times_s) > 0.5).tolist() == [False, False, False, True, True, True]


def test_they_enter_with_their_first_hit():
    assert drums_of(chords(40.0) + beat(40.0, start_s=20.0)).enter_s() == pytest.approx(20.0, abs=0.5)
    assert drums_of(beat(20.0, start_s=0.5)).enter_s() == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("sound", [chords(20.0), noise(20.0, RATE_HZ), np.zeros(20 * RATE_HZ)])
def test_chords_noise_and_silence_are_no_drums(sound):
    drums = drums_of(sound)
    assert drums.enter_s() is None
    assert (drums.probability < 0.5).all()


def test_the_gain_does_not_matter():
    sound = chords(16.0) + beat(16.0, start_s=8.0)
    np.testing.assert_allclose(drums_of(sound).probability, drums_of(0.01 * sound).probability, atol=1e-3)


def test_less_than_four_seconds_say_nothing():
    drums = drums_of(beat(3.0))
    assert drums.probability.size == 0
    assert drums.enter_s() is None
