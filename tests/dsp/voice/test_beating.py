"""Partials that beat, in the sound of one take and of two."""

import numpy as np
import pytest

from riffscope.dsp.partials import powers_at
from riffscope.dsp.voice.beating import MIN_FRAMES, UNKNOWN_DB, beating_db

RATE_HZ, N_FFT = 22050, 2048
TIMES_S = np.arange(0.1, 7.9, 0.05)
SPAN = np.zeros(len(TIMES_S), np.int64)
F0_HZ = np.full(len(TIMES_S), 220.0)


def take(cents=0.0, swells=0.0):
    """A held note of 8 s, in mono, whose level may swell and fade four times a second."""
    t = np.arange(8 * RATE_HZ) / RATE_HZ
    tone = sum(np.sin(2 * np.pi * k * 220 * 2 ** (cents / 1200) * t) / k for k in range(1, 9))
    return (tone * (1 + swells * np.sin(2 * np.pi * 4 * t))).astype(np.float32)


def found(samples, band=0.0, times_s=TIMES_S):
    power, rest = (
        powers_at(each.astype(np.float32), RATE_HZ, times_s, n_fft=N_FFT, highest_hz=2000.0)
        for each in (samples, band * take(cents=30.0))
    )
    count = len(times_s)
    return beating_db(power, rest, F0_HZ[:count], SPAN[:count], bin_hz=RATE_HZ / N_FFT)


def test_two_takes_beat_and_one_does_not():
    assert found(take()) < 0.1
    assert found(take() + take(cents=15.0)) > 1


def test_a_voice_that_swells_as_a_whole_does_not_beat():
    assert found(take(swells=0.5)) < 0.2


def test_partials_below_the_accompaniment_tell_nothing():
    assert found(take() + take(cents=15.0), band=10.0) == UNKNOWN_DB


def test_the_level_changes_nothing():
    both = take() + take(cents=15.0)
    assert found(10 * both) == pytest.approx(found(both), abs=0.01)


def test_too_few_held_notes_tell_nothing():
    assert found(take(), times_s=TIMES_S[:MIN_FRAMES]) == UNKNOWN_DB
