"""Notes that move with a lead, in power spectra of known notes."""

import numpy as np
import pytest

from riffscope.dsp.voice.parallel import MIN_FRAMES, parallel_db

BIN_HZ, BINS = 44100 / 4096, 187
# A melody in frames of 50 ms: each note .4 s long.
NOTES = np.repeat([60, 62, 64, 65, 67, 64, 62, 60, 57, 60, 64, 62] * 4, 8)


def hz(midi):
    return 440 * 2 ** ((np.asarray(midi, float) - 69) / 12)


def power_of(*voices):
    """Power spectra of notes, (k,) MIDI each: partials that fall by 3 dB, over a floor of noise."""
    out = np.random.default_rng(0).exponential(1e-6, (len(NOTES), BINS)).astype(np.float32)
    places_hz = np.arange(BINS) * BIN_HZ
    for midi, gain in voices:
        for partial in range(1, 9):
            apart = (places_hz - partial * hz(midi)[:, np.newaxis]) / BIN_HZ
            out += gain * 0.5**partial * np.exp(-(apart**2) / 1.2)
    return out


def found(*voices):
    return parallel_db(power_of((NOTES, 1.0), *voices), hz(NOTES), bin_hz=BIN_HZ)


@pytest.mark.parametrize("interval", [3, 4, -3, -4, 7, -5])
def test_a_harmony_stands_out(interval):
    assert found((NOTES + interval, 0.2)) > found() + 2


def test_a_lead_alone_does_not():
    assert found() < 0.5


def test_a_chord_that_is_held_stands_out_less_than_the_same_notes_sung_with_the_lead():
    # Of a chord of C, some notes are at these intervals from the lead's, whenever it sings one of the chord.
    held = [(np.full(len(NOTES), note), 0.2) for note in (60, 64, 67)]
    assert found((NOTES + 4, 0.2), (NOTES + 7, 0.2)) > found(*held) + 2


def test_the_level_changes_nothing():
    power = power_of((NOTES, 1.0), (NOTES + 4, 0.2))
    quiet, loud = (parallel_db(gain * power, hz(NOTES), bin_hz=BIN_HZ) for gain in (np.float32(1), np.float32(100)))
    assert loud == pytest.approx(quiet, abs=0.01)


def test_too_little_singing_tells_nothing():
    few = MIN_FRAMES - 1
    assert parallel_db(power_of((NOTES, 1.0))[:few], hz(NOTES[:few]), bin_hz=BIN_HZ) == 0
