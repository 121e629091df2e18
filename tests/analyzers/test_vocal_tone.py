"""Vocal tone, on voices whose breath, room and level are known."""

import functools

import numpy as np
import pytest

from riffscope.analyzers.vocal_tone import VocalTone, measure_vocal_tone
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


@pytest.mark.parametrize(("less_db", "more_db"), [(-30, -20), (-20, -12), (-12, -6)])
def test_more_breath_is_more_noise(less_db, more_db):
    less, more = (measure(breath(voice(), level_db)).breathiness_db.value for level_db in (less_db, more_db))
    assert more > less + 3


def test_a_clear_voice_has_next_to_no_breath_and_a_breathy_one_has():
    assert measure(voice()).breathiness_db.high < -25
    assert measure(breath(voice(), -6.0)).breathiness_db.low > -17


def test_noise_of_the_accompaniment_is_no_breath():
    hiss = placed(np.random.default_rng(5).normal(size=voice().shape[1]), 0.0)
    loud = 0.1 * hiss * (np.arange(hiss.shape[1]) // RATE_HZ % 2)  # every other second
    stems = stems_of(voice() + 0.3 * loud, chords(voice().shape[1]) + 0.7 * loud)
    assert measure_vocal_tone(stems, pitch_of(singing()[1])).breathiness_db.value < -25


def test_where_the_accompaniment_hides_the_voice_nothing_is_said_of_its_breath():
    hiss = placed(np.random.default_rng(5).normal(size=voice().shape[1]), 0.0)
    for level_db in (-30.0, -6.0):
        found = measure_vocal_tone(stems_of(breath(voice(), level_db), hiss), pitch_of(singing()[1])).breathiness_db
        assert found.low < -17 < found.high


def test_a_room_makes_the_voice_less_dry_and_a_loud_one_still_less():
    dry, room, hall = (
        measure(v).dryness_db.value for v in (voice(), in_room(voice(), 0.5, -14), in_room(voice(), 2.2, -6))
    )
    assert dry > room + 3
    assert room > hall + 1.5


def test_a_dry_voice_is_told_from_one_in_a_room():
    assert measure(voice()).dryness_db.low > 20
    assert measure(in_room(voice(), rt60_s=1.5, wet_db=-9.0)).dryness_db.high < 20


def test_a_second_voice_on_the_other_side_is_no_room():
    other = sing(detune_cents=8.0, late_s=0.01, seed=7)[0]
    both = placed(singing()[0], -0.7) + placed(other[: len(singing()[0])], 0.7)
    assert measure(both).dryness_db.value > measure(in_room(both)).dryness_db.value + 4
    assert measure(both).dryness_db.high > 20


def test_in_mono_the_tails_of_notes_tell_the_room():
    def mono(vocals):
        return measure_vocal_tone(
            stems_of(vocals.mean(axis=0, keepdims=True), chords(vocals.shape[1]).mean(axis=0, keepdims=True)),
            pitch_of(singing()[1]),
        ).dryness_db

    assert mono(voice()).low > 20
    assert mono(in_room(voice(), rt60_s=1.5, wet_db=-6.0)).high < 20


def test_in_a_mono_mix_nothing_tells_the_room():
    stems = mix_of(stems_of(voice().mean(axis=0, keepdims=True), chords(voice().shape[1]).mean(axis=0, keepdims=True)))
    assert measure_vocal_tone(stems, pitch_of(singing()[1])).dryness_db is None


@pytest.mark.parametrize(("as_mix", "within"), [(False, 1.0), (True, 2.0)])
def test_a_voice_6_db_up_comes_forward_by_6(as_mix, within):
    quiet, loud = (measure(g * voice(), as_mix=as_mix).forwardness_lu for g in (0.25, 0.5))
    assert loud.value - quiet.value == pytest.approx(6.02, abs=within)


def test_forwardness_is_the_ratio_of_the_powers_of_the_stems():
    f0_hz = singing()[1]
    sung = np.isfinite(f0_hz)[(np.arange(voice().shape[1]) * 100 // RATE_HZ).clip(0, len(f0_hz) - 1)]
    for gain in (0.125, 0.25, 0.5, 1.0):
        power = [np.square(part[:, sung]).sum() for part in (gain * voice(), chords(voice().shape[1]))]
        found = measure(gain * voice()).forwardness_lu
        assert found.low < 10 * np.log10(power[0] / power[1]) < found.high


def test_a_voice_that_was_taken_for_the_band_is_still_heard_in_the_mix():
    accompaniment = 2 * chords(voice().shape[1])
    right = measure_vocal_tone(stems_of(voice(), accompaniment), pitch_of(singing()[1]))
    wrong = measure_vocal_tone(stems_of(0.4 * voice(), accompaniment + 0.6 * voice()), pitch_of(singing()[1]))
    assert wrong.forwardness_lu.value == pytest.approx(right.forwardness_lu.value, abs=2.5)


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
    assert side.dryness_db.value == pytest.approx(middle.dryness_db.value, abs=1)
    assert side.forwardness_lu.value == pytest.approx(middle.forwardness_lu.value, abs=0.5)


def test_the_mix_says_less_than_the_stem():
    vocals = in_room(breath(voice()))
    stem, mix = measure(vocals), measure(vocals, as_mix=True)
    for name in ("breathiness_db", "dryness_db", "forwardness_lu"):
        a, b = getattr(stem, name), getattr(mix, name)
        assert b.low <= a.value <= b.high
        assert b.high - b.low > a.high - a.low


def test_a_voice_alone_is_as_far_in_front_as_can_be():
    alone = stems_of(voice(), np.zeros_like(voice()))
    found = measure_vocal_tone(alone, pitch_of(singing()[1])).forwardness_lu
    assert found.low > 30
    assert found.high == 40


def test_a_few_notes_say_nothing_of_the_room():
    samples, f0_hz = sing((57,), note_s=1.5)
    found = measure(placed(samples, 0.0), f0_hz=f0_hz)
    assert found.dryness_db is None
    assert "room" not in found.summary
    assert "room" in measure(voice()).summary


def test_under_a_second_of_singing_is_missing_with_the_reason():
    samples, f0_hz = sing((57,))
    with pytest.raises(CannotMeasure, match="too little singing was found"):
        measure(placed(samples, 0.0), f0_hz=f0_hz)


def test_without_a_voice_there_is_no_tone():
    song = audio_of(chords(4 * RATE_HZ), RATE_HZ)
    assert isinstance(analyze(song, only=[VocalTone]).outcomes["vocal_tone"], Missing)
