"""Prominence, on a tone over noise of a known level."""

import numpy as np
import pytest

from riffscope.dsp.voice.prominence import MAX_DB, read_prominence
from signals import harmonic_tone

RATE_HZ = 22050
TIMES_S = np.arange(0.2, 5.8, 0.1)
PITCH_HZ = np.full(len(TIMES_S), 220.0)
VOICE = harmonic_tone(np.full(6 * RATE_HZ, 220.0), RATE_HZ, 15, 0.3)[np.newaxis].astype(np.float32)
NOISE = np.random.default_rng(2).normal(size=VOICE.shape).astype(np.float32)
# Brought to the power of the voice.
BAND = NOISE * np.float32(np.sqrt(np.square(VOICE).mean() / np.square(NOISE).mean()))


def at(level_db):
    return np.float32(10 ** (level_db / 20))


@pytest.mark.parametrize("level_db", [-6.0, 0.0, 6.0])
def test_every_reading_is_the_ratio_where_nothing_misleads(level_db):
    found = read_prominence(at(level_db) * VOICE, BAND, RATE_HZ, TIMES_S, PITCH_HZ)
    for ratio_db in (found.stems, found.partials, found.backing, found.typical, found.frame):
        assert ratio_db == pytest.approx(level_db, abs=1)


def test_a_voice_left_in_the_accompaniment_is_missing_from_the_stems_alone():
    found = read_prominence(np.float32(0.3) * VOICE, BAND + np.float32(0.7) * VOICE, RATE_HZ, TIMES_S, PITCH_HZ)
    assert found.stems < -10
    assert found.partials == pytest.approx(0, abs=1)
    assert found.backing == pytest.approx(0, abs=1)


def test_a_mix_gives_what_its_partials_show():
    found = read_prominence(VOICE + BAND, None, RATE_HZ, TIMES_S, PITCH_HZ)
    assert found.stems is None
    assert found.backing == found.partials == pytest.approx(0, abs=1)


def test_a_voice_alone_and_none_are_as_far_apart_as_can_be():
    silence = np.zeros_like(VOICE)
    assert read_prominence(VOICE, silence, RATE_HZ, TIMES_S, PITCH_HZ).stems == MAX_DB
    assert read_prominence(silence, BAND, RATE_HZ, TIMES_S, PITCH_HZ).stems == -MAX_DB
