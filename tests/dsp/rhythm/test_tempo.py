"""Tempo from onset strength and from rows of beats."""

import numpy as np
import pytest

from riffscope.dsp.rhythm.tempo import (
    autocorrelation_tempogram,
    offbeat_position,
    prevailing_tempi,
    pulse_clarity,
    span_tempi,
)


def pulses(period, count=1500):
    strength = np.zeros(count)
    strength[::period] = 1
    return strength


def test_the_tempogram_peaks_at_the_period_and_its_multiples_alone():
    tempogram = autocorrelation_tempogram(pulses(25), frame_rate_hz=50.0)
    assert tempogram.shape == (60, 400)
    middle = tempogram[30]
    assert middle[[25, 50, 100]] == pytest.approx(1, abs=0.05)
    assert np.abs(middle[5:20]).max() < 0.05


def test_a_regular_pulse_is_clear_and_noise_is_not():
    regular = autocorrelation_tempogram(pulses(25), frame_rate_hz=50.0)
    noise = autocorrelation_tempogram(np.abs(np.random.default_rng(0).standard_normal(1500)) - 0.8, frame_rate_hz=50.0)
    assert pulse_clarity(regular, frame_rate_hz=50.0) > 0.9
    assert pulse_clarity(noise, frame_rate_hz=50.0) < 0.42


def test_a_change_of_tempo_does_not_average_two():
    steps_s = np.concatenate([np.full(40, 0.6), np.full(70, 0.5)])
    group = prevailing_tempi(span_tempi(np.cumsum(steps_s)))
    assert np.median(group) == pytest.approx(120)


def test_three_beats_have_a_tempo():
    assert span_tempi(np.array([1.0, 1.5, 2.0])) == pytest.approx([120, 120])


@pytest.mark.parametrize("place", [0.5, 0.6, 2 / 3])
def test_the_offbeat_is_found_between_the_beats(place):
    frames = np.arange(3000)
    beats_s = 1 + 0.53 * np.arange(100)
    strength = np.zeros(3000)
    for time_s in np.concatenate([beats_s, beats_s + 0.53 * place]):
        strength += np.exp(-0.5 * ((frames / 50 - time_s) / 0.02) ** 2)
    assert offbeat_position(strength, [beats_s], frame_rate_hz=50.0) == pytest.approx(place, abs=0.01)


def test_where_nothing_sounds_between_the_beats_there_is_no_offbeat():
    assert offbeat_position(pulses(25), [np.arange(0, 29.5, 0.5)], frame_rate_hz=50.0) is None
