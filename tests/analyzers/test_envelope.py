import numpy as np
import pytest

from riffscope.analyzers.envelope import Envelope
from riffscope.song import analyze
from signals import audio_of, sine


def envelope(samples, rate_hz=44100):
    return analyze(audio_of(samples, rate_hz), only=[Envelope])[Envelope]


def test_a_tone_that_starts_after_a_second_starts_there():
    found = envelope(np.concatenate([np.zeros(44100), sine(440, 1.0)]))
    assert found.peak.size == 20
    assert found.peak[:10].max() == 0
    assert found.peak[10:] == pytest.approx(0.5, abs=0.01)
    assert found.rms[11:19] == pytest.approx(0.5 / np.sqrt(2), abs=0.01)


def test_the_larger_channel_and_either_sign_count():
    assert envelope([np.zeros(4410), -0.8 * np.ones(4410)]).peak == pytest.approx(0.8)


@pytest.mark.parametrize("rate_hz", [8000, 11025, 44100, 192000])
def test_every_sample_is_under_the_outline(rate_hz):
    noise = np.random.default_rng(3).uniform(-1, 1, rate_hz + 7)
    found = envelope(noise, rate_hz)
    assert found.peak.max() == pytest.approx(np.abs(noise).max(), abs=1e-6)
    assert (found.rms <= found.peak + 1e-9).all()
