"""Rooms, on noise and tones whose answer is known."""

import numpy as np
import pytest

from riffscope.dsp.voice.room import LAGS, answer_db, frame_times_s, partials_at, read_tails, spectra_of

RATE_HZ = 22050
RNG = np.random.default_rng(4)
VOICE = RNG.normal(size=12 * RATE_HZ).astype(np.float32)
OTHER = RNG.normal(size=len(VOICE)).astype(np.float32)


def later(samples, seconds):
    return np.roll(samples, round(seconds * RATE_HZ))


def answer(voice, beside):
    spectra = [spectra_of(np.float32(part), RATE_HZ) for part in (voice, beside)]
    return answer_db(*spectra, np.ones(spectra[0].shape, np.bool_))


def test_what_comes_later_from_beside_is_an_answer():
    assert answer(VOICE, OTHER + 0.5 * later(VOICE, 0.2)) > 3


def test_what_comes_earlier_is_none():
    assert answer(VOICE, OTHER + 0.5 * later(VOICE, -0.2)) < -3


@pytest.mark.parametrize("gain", [0.0, 0.5])
def test_what_comes_at_once_is_none_however_loud(gain):
    assert answer(VOICE, OTHER + gain * VOICE) == pytest.approx(0, abs=0.5)


def test_the_level_of_either_changes_nothing():
    beside = OTHER + 0.5 * later(VOICE, 0.2)
    assert answer(0.01 * VOICE, 30 * beside) == pytest.approx(answer(VOICE, beside), abs=0.01)


def test_silence_answers_nothing():
    assert answer(VOICE, np.zeros_like(VOICE)) == 0
    assert answer(np.zeros_like(VOICE), VOICE) == 0
    assert answer(VOICE[:10], VOICE[:10]) == 0


def notes(decay_db_per_s):
    """Notes of .5 s, each a fourth from the one before, that die away at a known rate."""
    count = len(VOICE)
    time_s = np.arange(count) / RATE_HZ
    out = np.zeros(count)
    pitch_hz = np.where(np.floor(time_s / 0.5) % 2 == 0, 220.0, 293.0)
    for k in range(int(time_s[-1] / 0.5)):
        since_s = time_s - 0.5 * (k + 1)
        tone = sum(np.sin(2 * np.pi * (220.0 if k % 2 == 0 else 293.0) * n * time_s) for n in (1, 2, 3, 5))
        gain = np.where(since_s < 0, 1.0, 10 ** (-decay_db_per_s * np.maximum(since_s, 0) / 20))
        out += tone * gain * (since_s >= -0.5) * (since_s < 1)
    return out.astype(np.float32), pitch_hz


@pytest.mark.parametrize("decay_db_per_s", [60.0, 120.0])
def test_tails_fall_as_the_notes_die_away(decay_db_per_s):
    samples, pitch_hz = notes(decay_db_per_s)
    voice = spectra_of(samples, RATE_HZ)
    at = (frame_times_s(len(voice), RATE_HZ) * RATE_HZ).astype(int)
    tails = read_tails(voice, partials_at(pitch_hz[at], RATE_HZ))
    # From .12, .19 and .23 s after a frame on the partial; the quicker the fall, the more the window blurs it.
    assert -1.6 * decay_db_per_s * 0.18 < tails.quarter < -0.4 * decay_db_per_s * 0.18
    assert tails.tenth <= tails.quarter


def test_a_voice_that_never_leaves_its_note_has_no_tails():
    voice = spectra_of(VOICE, RATE_HZ)
    assert read_tails(voice, partials_at(np.full(len(voice), 220.0), RATE_HZ)) is None


def test_lags_begin_where_frames_no_longer_overlap():
    assert LAGS[0] * (frame_times_s(2, RATE_HZ)[1] - frame_times_s(1, RATE_HZ)[0]) > 0.046
