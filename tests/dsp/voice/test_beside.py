"""What is beside a voice, parted into what is at once with it and what lingers, on powers of known making."""

import numpy as np
import pytest

from riffscope.dsp.voice.beside import STEP_S, part_beside, powers_of

RNG = np.random.default_rng(2)
NOTES = np.repeat(RNG.uniform(0.2, 1.0, 40) * (np.arange(40) % 3 > 0), 30)
HEARD = np.ones(len(NOTES), bool)


def lingering(power, decay_s=0.12):
    kernel = np.exp(-np.arange(80) * STEP_S / decay_s)
    return np.convolve(power, kernel / kernel.sum())[: len(power)]


def test_a_second_take_is_at_once():
    found = part_beside(NOTES, 0.1 * NOTES, HEARD)
    # A room would be as loud from the voice's own direction, so the voice itself is taken for the rest: .9 of it.
    assert found.at_once == pytest.approx(0.1 / 0.9, rel=0.01)
    np.testing.assert_allclose(found.share_at_once, 1, atol=0.01)


def test_a_room_lingers():
    room = 0.1 * lingering(NOTES)
    found = part_beside(NOTES + room, room, HEARD)
    assert found.at_once < 0.003
    assert np.median(found.share_at_once) < 0.05


def test_both_are_parted():
    room, take = 0.08 * lingering(NOTES), 0.06 * NOTES
    found = part_beside(NOTES + room + take, room + take, HEARD)
    assert found.at_once == pytest.approx(0.06, rel=0.1)


def test_a_level_changes_nothing():
    beside = 0.05 * NOTES + 0.05 * lingering(NOTES)
    quiet, loud = (part_beside(gain * NOTES, gain * beside, HEARD) for gain in (1e-3, 10.0))
    assert quiet.at_once == pytest.approx(loud.at_once, rel=1e-6)


def test_too_little_singing_says_nothing():
    assert part_beside(NOTES, NOTES, HEARD & (np.arange(len(NOTES)) < 100)) is None
    assert part_beside(np.zeros(500), np.zeros(500), np.ones(500, bool)) is None


@pytest.mark.parametrize("rate_hz", [22050, 44100, 48000])
def test_powers_come_every_10_ms_at_any_rate(rate_hz):
    t = np.arange(2 * rate_hz) / rate_hz
    sound = np.where(t < 1, 1.0, 0.1) * np.sin(2 * np.pi * 1000 * t)
    powers = powers_of(sound.astype(np.float32), rate_hz)
    assert len(powers) == 200
    assert np.median(powers[10:90]) == pytest.approx(100 * np.median(powers[110:190]), rel=0.01)
