"""The voice track: one pitch a frame, and how loud its tone is, whatever was listened to."""

import numpy as np
import pytest

from riffscope.views.voice_detection import VoiceDetection
from riffscope.views.voice_sound import prepare_voice
from riffscope.views.voice_track import MAX_HZ, MIN_HZ, track_voice
from signals import harmonic_tone
from sung import RATE_HZ, mix_of, placed, stems_of

VOICE = harmonic_tone(220 * 2 ** (0.3 / 12 * np.sin(2 * np.pi * 5.5 * np.arange(2 * RATE_HZ) / RATE_HZ)), RATE_HZ)
SILENCE = np.zeros((2, VOICE.size))
INSIDE = slice(10, -10)


@pytest.mark.parametrize("length", [1, 300, 400, 5000, 2 * RATE_HZ - 77])
@pytest.mark.parametrize("separated", [True, False])
def test_every_frame_has_every_value(length, separated):
    stems = stems_of(placed(VOICE, 0)[:, :length], SILENCE[:, :length])
    track = track_voice(prepare_voice(stems if separated else mix_of(stems)), None)
    levels = [track.vocals_dbfs, track.accompaniment_dbfs] if separated else []
    assert {len(values) for values in (track.f0_hz, track.confidence, track.tone_dbfs, *levels)} == {len(track.times_s)}
    assert np.isfinite(track.midi).all()
    assert (track.vocals_dbfs is None) is (track.accompaniment_dbfs is None) is not separated


@pytest.mark.parametrize("separated", [True, False])
def test_the_pitch_and_level_of_a_voice_are_those_it_has(separated):
    stems = stems_of(placed(VOICE, 0), SILENCE)
    track = track_voice(prepare_voice(stems if separated else mix_of(stems)), None)
    assert np.abs(track.midi[INSIDE] - 57).max() < 0.5
    assert track.tone_dbfs[INSIDE].mean() == pytest.approx(10 * np.log10(np.mean(VOICE**2)), abs=1.5)


def test_a_tone_counts_as_loud_as_it_is_in_the_centre():
    middle, side = (track_voice(prepare_voice(mix_of(stems_of(placed(VOICE, pan), SILENCE))), None) for pan in (0, 1))
    assert np.abs(side.midi[INSIDE] - 57).max() < 0.5
    assert (middle.tone_dbfs - side.tone_dbfs)[INSIDE].min() > 10


@pytest.mark.parametrize(("midi", "beyond"), [(33, "lowest"), (88, "highest"), (57, None)])
def test_a_voice_beyond_the_usual_pitches_is_followed_there_and_any_other_is_not_asked_for_them(midi, beyond):
    pitch_hz = 440 * 2 ** ((midi - 69 + 0.3 * np.sin(2 * np.pi * 5.5 * np.arange(4 * RATE_HZ) / RATE_HZ)) / 12)
    voice = harmonic_tone(pitch_hz, RATE_HZ)
    track = track_voice(prepare_voice(stems_of(placed(voice, 0), np.zeros((2, voice.size)))), None)
    assert np.abs(track.midi[INSIDE] - midi).max() < 0.6
    assert (track.reach_hz[0] < MIN_HZ) is (beyond == "lowest")
    assert (track.reach_hz[1] > MAX_HZ) is (beyond == "highest")


def test_a_voice_upside_down_in_one_channel_is_as_loud_as_any():
    band = np.stack([harmonic_tone(np.full(VOICE.size, 98.0), RATE_HZ, 8, 0.1)] * 2)
    alike, turned = (
        track_voice(prepare_voice(stems_of(np.stack([VOICE, sign * VOICE]), band)), None) for sign in (1.0, -1.0)
    )
    np.testing.assert_allclose(turned.midi[INSIDE], alike.midi[INSIDE], atol=0.1)
    np.testing.assert_allclose(turned.tone_dbfs[INSIDE], alike.tone_dbfs[INSIDE], atol=2)


def test_a_pitch_is_looked_for_where_the_vocals_are_heard_or_the_network_hears_singing():
    faint = np.concatenate([VOICE, 0.01 * VOICE, 0.01 * VOICE])
    sound = prepare_voice(stems_of(placed(faint, 0), np.zeros((2, faint.size))))
    steps = round(100 * faint.size / RATE_HZ)
    nothing, last = np.zeros(steps, np.float32), np.repeat(np.float32([0, 0, 0.9]), -(-steps // 3))[:steps]
    loud, first_faint, second_faint = slice(10, 115), slice(160, 185), slice(285, 365)
    for singing, heard in ((None, (True, True)), (nothing, (False, False)), (last, (False, True))):
        detection = None if singing is None else VoiceDetection(singing=singing, speech=nothing)
        confidence = track_voice(sound, detection).confidence
        assert confidence[loud].min() > 0.5
        assert tuple(confidence[part].max() > 0.5 for part in (first_faint, second_faint)) == heard
