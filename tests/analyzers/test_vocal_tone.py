"""Vocal tone, on voices whose breath, room and level are known."""

import functools

import numpy as np
import pytest

from riffscope.analyzers.vocal_tone import VocalTone, measure_vocal_tone
from riffscope.dsp.loudness import hop_powers, loudness_lufs
from riffscope.errors import CannotMeasure
from riffscope.model import Missing
from riffscope.song import analyze
from signals import audio_of
from sung import RATE_HZ, breath, chords, in_room, mix_of, pitch_of, placed, sing, stems_of


@functools.cache
def singing():
    return sing()


def voice():
    return placed(singing()[0], 0.0)


def measure(vocals, gain=1.0, f0_hz=None, as_mix=False):
    stems = stems_of(gain * vocals, gain * chords(vocals.shape[1]))
    return measure_vocal_tone(mix_of(stems) if as_mix else stems, pitch_of(singing()[1] if f0_hz is None else f0_hz))


@pytest.mark.parametrize(("less_db", "more_db"), [(-30, -20), (-20, -12)])
def test_more_breath_is_more_noise(less_db, more_db):
    less, more = (measure(breath(voice(), level_db)).breathiness_db.value for level_db in (less_db, more_db))
    assert more - less == pytest.approx(more_db - less_db, abs=3)


def test_a_clear_voice_has_next_to_no_breath():
    assert measure(voice()).breathiness_db.value < -25


def test_a_room_makes_the_voice_less_dry_and_a_loud_one_still_less():
    dry, room, hall = (
        measure(v).dryness_db.value for v in (voice(), in_room(voice(), 0.5, -14), in_room(voice(), 2.2, -6))
    )
    assert dry > room + 3 > hall + 6


def test_the_room_falls_as_far_as_its_decay_says():
    found = measure(in_room(voice(), rt60_s=2.0, wet_db=-6.0)).dryness_db
    # The reverberation of a note that has lasted is 6 dB below it, half of it in the note's direction, and falls by
    # 30 dB a second.
    expected_db = 9 - 10 * np.log10(np.mean(10 ** (-30 * np.arange(0.08, 0.4, 0.05) / 10)))
    assert found.low < expected_db < found.high
    assert found.value == pytest.approx(expected_db, abs=4)


@pytest.mark.parametrize(("as_mix", "within"), [(False, 0.3), (True, 1.5)])
def test_a_voice_6_db_up_comes_forward_by_6(as_mix, within):
    quiet, loud = (measure(g * voice(), as_mix=as_mix).forwardness_lu for g in (1.0, 2.0))
    assert loud.value - quiet.value == pytest.approx(6.02, abs=within)


def test_forwardness_is_the_difference_of_the_loudness_of_the_stems():
    sung = np.isfinite(singing()[1])
    lufs = [
        loudness_lufs(hop_powers(np.float32(part), RATE_HZ)[: len(sung)][sung].mean())
        for part in (voice(), chords(voice().shape[1]))
    ]
    assert measure(voice()).forwardness_lu.value == pytest.approx(lufs[0] - lufs[1], abs=0.7)


def test_a_voice_that_was_taken_for_the_band_is_still_heard_in_the_mix():
    accompaniment = chords(voice().shape[1])
    right = measure_vocal_tone(stems_of(voice(), accompaniment), pitch_of(singing()[1]))
    wrong = measure_vocal_tone(stems_of(0.2 * voice(), accompaniment + 0.8 * voice()), pitch_of(singing()[1]))
    assert wrong.forwardness_lu.value == pytest.approx(right.forwardness_lu.value, abs=2)


@pytest.mark.parametrize("gain_db", [-6.0, 6.0])
def test_the_level_of_the_song_changes_nothing(gain_db):
    vocals = in_room(breath(voice()))
    before, after = measure(vocals), measure(vocals, gain=10 ** (gain_db / 20))
    for name in ("breathiness_db", "dryness_db", "forwardness_lu"):
        assert getattr(after, name).value == pytest.approx(getattr(before, name).value, abs=0.01)


def test_leading_silence_changes_nothing():
    vocals = in_room(breath(voice()))
    silent = np.pad(vocals, ((0, 0), (RATE_HZ, 0)))
    accompaniment = np.pad(chords(vocals.shape[1]), ((0, 0), (RATE_HZ, 0)))
    later = pitch_of(np.pad(singing()[1], (100, 0), constant_values=np.nan))
    before, after = measure(vocals), measure_vocal_tone(stems_of(silent, accompaniment), later)
    for name in ("breathiness_db", "dryness_db", "forwardness_lu"):
        assert getattr(after, name).value == pytest.approx(getattr(before, name).value, abs=0.2)


def test_where_the_voice_stands_does_not_change_its_tone():
    middle, side = measure(voice()), measure(placed(singing()[0], 0.6))
    assert side.dryness_db.value == pytest.approx(middle.dryness_db.value, abs=0.5)
    assert side.forwardness_lu.value == pytest.approx(middle.forwardness_lu.value, abs=0.5)


def test_the_mix_says_less_than_the_stem():
    vocals = in_room(breath(voice()))
    stem, mix = measure(vocals), measure(vocals, as_mix=True)
    for name in ("breathiness_db", "dryness_db", "forwardness_lu"):
        a, b = getattr(stem, name), getattr(mix, name)
        assert b.low <= a.value <= b.high
        assert name == "dryness_db" or b.high - b.low > a.high - a.low
    # All that is heard of a room is that it is no larger.
    assert mix.dryness_db.high == 40


def test_a_voice_alone_is_as_far_in_front_as_can_be():
    alone = stems_of(voice(), np.zeros_like(voice()))
    assert measure_vocal_tone(alone, pitch_of(singing()[1])).forwardness_lu.value == 40


def test_a_few_notes_say_nothing_of_the_room():
    samples, f0_hz = sing((57, 60, 62))
    found = measure(placed(samples, 0.0), f0_hz=f0_hz)
    assert found.dryness_db is None
    assert "late decay" not in found.summary


def test_under_a_second_of_singing_is_missing_with_the_reason():
    samples, f0_hz = sing((57,))
    with pytest.raises(CannotMeasure, match="too little is sung"):
        measure(placed(samples, 0.0), f0_hz=f0_hz)


def test_without_a_voice_there_is_no_tone():
    song = audio_of(chords(4 * RATE_HZ), RATE_HZ)
    assert isinstance(analyze(song, only=[VocalTone]).outcomes["vocal_tone"], Missing)
