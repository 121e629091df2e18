import numpy as np
import pytest

from riffscope.dsp.rhythm.pumping import RATE_HZ, pumping_cues

BEAT_S = 0.5
BEATS_S = np.arange(0.25, 24.0, BEAT_S)
TIMES_S = np.arange(round(24.5 * RATE_HZ)) / RATE_HZ


def held(frequencies_hz):
    """Steady tones."""
    return sum(np.sin(2 * np.pi * hz * TIMES_S) for hz in frequencies_hz).astype(np.float32)


def since(times_s):
    """Seconds since the last of some times."""
    last = np.searchsorted(times_s, TIMES_S, side="right") - 1
    return np.where(last >= 0, TIMES_S - times_s[np.maximum(last, 0)], 9.0)


def dipped(samples, depth_db, beats_s=BEATS_S):
    """A gain that dips on each beat and recovers with a time constant of .3 beats."""
    since_s = since(beats_s)
    dip = np.exp(-since_s / (0.3 * BEAT_S)) * np.clip(since_s / 0.004, 0, 1)
    return (samples * 10 ** (-depth_db * dip / 20)).astype(np.float32)


def struck(frequency_hz, times_s, *, decay_s):
    """A tone that is struck at some times and fades."""
    return (np.sin(2 * np.pi * frequency_hz * TIMES_S) * np.exp(-since(times_s) / decay_s)).astype(np.float32)


TONES = held((110, 220, 330, 554))


def test_steady_tones_neither_rise_nor_fall():
    cues = pumping_cues(TONES, BEATS_S)
    assert cues.slopes == pytest.approx(0, abs=0.5)
    assert cues.ducked_db == pytest.approx(0, abs=0.1)
    assert cues.dipping_share == 0
    assert cues.held == pytest.approx(4, abs=0.1)


@pytest.mark.parametrize("depth_db", [3.0, 6.0])
def test_a_dip_on_each_beat_makes_held_tones_rise_after_it(depth_db):
    rise, middle, fade, fall = pumping_cues(dipped(TONES, depth_db), BEATS_S).slopes
    # From .04 to .17 s after the beat the gain rises by .43 of the dip. The window hears the fall too, and shows less.
    expected = depth_db * (np.exp(-0.042 / 0.15) - np.exp(-0.167 / 0.15)) / 0.125
    assert 0.5 * expected < rise <= 1.1 * expected
    assert rise > middle > fade > fall
    assert fall < -5


def test_what_dips_is_told_by_the_beat_that_it_dips_on():
    on, between = (pumping_cues(dipped(TONES, 6, BEATS_S + by_s), BEATS_S) for by_s in (0.0, BEAT_S / 2))
    assert on.dipping_share > 0.5
    assert between.dipping_share < 0
    assert on.ducked_db < between.ducked_db - 0.5


def test_notes_struck_on_the_beat_fade_alike_wherever_they_are():
    """Their slopes are those of their age: none is left over, and nothing sounds through the beat."""
    cues = pumping_cues(struck(220, BEATS_S, decay_s=0.3), BEATS_S)
    assert cues.slopes == pytest.approx(0, abs=3)
    assert cues.dipping_share == 0


def test_the_gain_of_the_song_does_not_matter():
    samples = dipped(TONES, 6)
    loud, soft = (pumping_cues(gain * samples, BEATS_S) for gain in (np.float32(1), np.float32(0.01)))
    assert soft.slopes == pytest.approx(loud.slopes, abs=1e-2)
    assert soft.dipping_share == loud.dipping_share


def test_silence_but_for_a_click_holds_nothing():
    samples = np.zeros_like(TONES)
    samples[5000] = 1
    cues = pumping_cues(samples, BEATS_S)
    assert cues.held < 0.2
    assert cues.dipping_share == 0
    assert np.isfinite([*cues.slopes, cues.ducked_db]).all()
