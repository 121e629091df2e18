"""Vocal pitch, activity and range, on voices whose every note is known."""

import dataclasses
import functools

import numpy as np
import pytest

from riffscope.analyzers.vocal_activity import VocalActivity, measure_vocal_activity
from riffscope.analyzers.vocal_pitch import (
    SHOWN,
    SONG_SEPARATED,
    VocalPitch,
    check_notes_are_held,
    check_pitch_moves,
    find_voicing,
    follow_tones,
    measure_vocal_pitch,
)
from riffscope.analyzers.vocal_range import (
    VocalRange,
    held_notes,
    leave_out_detached,
    measure_vocal_range,
    stepwise_fraction,
)
from riffscope.errors import CannotMeasure
from riffscope.model import Missing, Settings, VocalSource
from riffscope.song import analyze, make
from riffscope.views.voice_detection import VoiceDetection
from riffscope.views.voice_track import VoiceTrack
from signals import audio_of, harmonic_tone, sine
from sung import placed

VOICE = (VocalPitch, VocalActivity, VocalRange)
RATE_HZ = 22050
WITHOUT_MODEL = Settings(separator="none")


def midi_to_hz(midi):
    return 440 * 2 ** ((np.asarray(midi, float) - 69) / 12)


def voice(transpose=0.0, notes=(57, 59, 61, 62, 64, 62, 61, 59, 57, 64), note_s=0.6):
    """Notes with vibrato and a glide into each, sung on a vowel; a rest of 1.5 s after every fifth."""
    contour = []
    last = notes[0]
    for i, note in enumerate(notes):
        t = np.arange(round(note_s * RATE_HZ)) / RATE_HZ
        glide = np.exp(-t / 0.04)
        contour.append(note + (last - note) * glide + 0.35 * np.sin(2 * np.pi * 5.5 * t) * np.minimum(t / 0.2, 1))
        if i % 5 == 4:
            contour.append(np.full(round(1.5 * RATE_HZ), np.nan))
        last = note
    midi = np.concatenate(contour) + transpose
    sounding = np.isfinite(midi)
    return harmonic_tone(midi_to_hz(np.where(sounding, midi, 60)), RATE_HZ) * sounding


@functools.cache
def sung(transpose=0.0, leading_s=0.0):
    """What is measured of a voice alone, after so much silence."""
    samples = np.concatenate([np.zeros(round(leading_s * RATE_HZ)), voice(transpose)])
    return analyze(audio_of(samples, RATE_HZ), only=VOICE)


def test_the_range_of_known_notes_is_right_within_half_a_semitone():
    found = sung()[VocalRange]
    assert found.lowest_midi.value == pytest.approx(57, abs=0.5)
    assert found.highest_midi.value == pytest.approx(64, abs=0.5)
    # The vibrato of a third of a semitone either way is sung too: it is beyond .3 for a sixth of the time.
    assert found.span_semitones.low <= 7 + 2 * 0.3 <= found.span_semitones.high


@pytest.mark.parametrize("semitones", [-5, 7])
def test_transposing_moves_the_range_and_keeps_the_span(semitones):
    before, after = sung()[VocalRange], sung(transpose=semitones)[VocalRange]
    assert after.lowest_midi.value - before.lowest_midi.value == pytest.approx(semitones, abs=0.3)
    assert after.median_midi - before.median_midi == pytest.approx(semitones, abs=0.3)
    assert after.span_semitones.value == pytest.approx(before.span_semitones.value, abs=0.3)


def test_leading_silence_shifts_the_phrases_and_changes_no_note():
    before, after = sung(), sung(leading_s=2.5)
    assert len(before[VocalActivity].spans) == len(after[VocalActivity].spans) == 2
    for a, b in zip(before[VocalActivity].spans, after[VocalActivity].spans, strict=True):
        assert b.end_s - a.end_s == pytest.approx(2.5, abs=0.1)
    assert after[VocalRange].median_midi == pytest.approx(before[VocalRange].median_midi, abs=0.1)


def test_the_pitch_is_given_every_10_ms_and_rests_are_unsung():
    pitch = sung()[VocalPitch]
    assert np.diff(pitch.times_s) == pytest.approx(0.01)
    rest = (pitch.times_s > 3.3) & (pitch.times_s < 4.3)
    assert not pitch.sung[rest].any()
    first = (pitch.times_s > 0.2) & (pitch.times_s < 0.55)
    assert np.nanmedian(pitch.midi[first]) == pytest.approx(57, abs=0.2)


def test_the_sustained_extremes_tell_where_to_listen():
    found = sung()[VocalRange]
    assert found.lowest_sustained.note == "A3"
    assert found.highest_sustained.note == "E4"
    # E4 is sung from 2.4 and from 6.9 s on.
    assert any(start <= found.highest_sustained.start_s < start + 0.6 for start in (2.4, 6.9))


def test_the_histogram_holds_the_sung_time():
    found = sung()[VocalRange]
    assert [bar.midi for bar in found.histogram] == list(range(found.histogram[0].midi, found.histogram[-1].midi + 1))
    assert sum(bar.seconds for bar in found.histogram) <= found.sung_s + 0.1


def test_a_held_keyboard_tone_is_no_voice():
    steps = np.repeat(midi_to_hz([60, 64, 67, 72, 67, 64]), RATE_HZ)
    out = analyze(audio_of(harmonic_tone(steps, RATE_HZ), RATE_HZ), only=VOICE).outcomes
    assert all(isinstance(outcome, Missing) for outcome in out.values())
    assert "no singing was found" in out["vocal_range"].reason


def test_a_song_under_three_seconds_has_no_range():
    out = analyze(audio_of(sine(220, 2.0)), only=[VocalRange]).outcomes["vocal_range"]
    assert "2.0 s is too short" in out.reason


def track_of(sung, midi, *, confidence=0.95, apart=False, lowest_hz=65.4):
    """A voice that sounds in some frames, a mask (n,), and is silent in the others."""
    return VoiceTrack(
        times_s=np.arange(sung.size) * 0.016,
        f0_hz=np.broadcast_to(midi_to_hz(midi), sung.shape),
        confidence=np.where(sung, confidence, 0.0),
        tone_dbfs=np.where(sung, -20.0, -60.0),
        vocals_dbfs=np.where(sung, -15.0, -90.0) if apart else None,
        accompaniment_dbfs=np.full(sung.size, -20.0) if apart else None,
        reach_hz=(lowest_hz, 1046.5),
        method=VocalSource.SPLEETER if apart else VocalSource.MIX,
    )


def test_a_second_of_voice_in_a_minute_is_too_little_to_call_it_sung():
    frames = np.arange(round(60 / 0.016))
    with pytest.raises(CannotMeasure, match="no singing was found"):
        measure_vocal_pitch(track_of(frames < 60, 57 + 0.1 * np.sin(frames)), None)


def test_in_a_mix_a_wavering_pitch_is_sung_and_one_held_to_the_cent_is_not():
    frames = np.arange(1200)
    voicing = find_voicing(track_of(frames % 400 < 300, 60 + 0.2 * np.sin(frames)))
    assert voicing.certain[20:280].all()
    assert not voicing.shown[305:395].any()
    with pytest.raises(CannotMeasure, match="no singing was found"):
        find_voicing(track_of(frames % 400 < 300, np.full(1200, 60.0)))


def test_long_notes_must_waver_and_short_ones_glide():
    steps = np.arange(1200)
    wavering = 60 + 0.11 * np.sin(steps * 0.55)  # vibrato, 2.4 semitones a second
    livelier = 60 + 0.3 * np.sin(steps * 0.55)  # 6.6
    with pytest.raises(CannotMeasure, match="an instrument"):
        check_pitch_moves(wavering, SONG_SEPARATED)
    check_pitch_moves(livelier, SONG_SEPARATED)
    # An arpeggio of ten notes a second, each as lively: no fingers glide from note to note.
    arpeggio = livelier + 3 * (steps // 6 % 3)
    with pytest.raises(CannotMeasure, match="an instrument"):
        check_pitch_moves(arpeggio, SONG_SEPARATED)


def amid_tones_at_the_sides(samples):
    """Put a voice, (n,), in the middle of stereo, amid louder tones below and above it, panned far apart: (2, n)."""
    steps = np.arange(len(samples)) // (2 * RATE_HZ) % 2
    left, right = (harmonic_tone(midi_to_hz(np.array(pair)[steps]), RATE_HZ, 8, 0.3) for pair in ((45, 43), (76, 79)))
    return placed(samples, 0) + placed(left, -0.9) + placed(right, 0.9)


def test_a_voice_in_the_middle_is_heard_amid_louder_tones_at_the_sides_without_a_model():
    made = make(audio_of(amid_tones_at_the_sides(voice() / 3), RATE_HZ), [VoiceTrack], settings=WITHOUT_MODEL)
    pitch = measure_vocal_pitch(made[VoiceTrack], None)  # a tone of partials is no voice to a network for voices
    found = measure_vocal_range(pitch)
    assert found.method == "mix"
    assert found.lowest_midi.value == pytest.approx(57, abs=0.7)
    assert found.highest_midi.value == pytest.approx(64, abs=0.7)
    assert [round(span.end_s) for span in measure_vocal_activity(pitch).spans] == [3, 8]


def test_the_same_band_without_its_voice_is_not_sung():
    band = amid_tones_at_the_sides(np.zeros_like(voice()))
    out = analyze(audio_of(band, RATE_HZ), only=VOICE, settings=WITHOUT_MODEL).outcomes
    assert all(isinstance(outcome, Missing) for outcome in out.values())


def test_stacked_voices_are_not_read_an_octave_or_two_below():
    """A lead with a third and a fifth over it, all in the middle: the chord's common tone lies two octaves below."""
    stack = voice() + 0.5 * voice(4.0) + 0.5 * voice(7.0)
    pitch = analyze(audio_of(stack, RATE_HZ), only=VOICE, settings=WITHOUT_MODEL)[VocalPitch]
    assert np.nanpercentile(pitch.midi, 2) > 55


def test_a_bass_far_below_the_melody_is_left_out_of_it():
    melody = np.linspace(57, 64, 90)
    sure = np.full(200, 0.9)
    assert leave_out_detached(np.concatenate([np.full(10, 41.0), melody]), sure[:100]).min() == 57
    # With half the time it is no longer an accident.
    assert leave_out_detached(np.concatenate([np.full(90, 41.0), melody]), sure[:180]).min() == 41


def test_a_few_high_notes_are_the_singers_if_they_are_surer_than_the_rest_and_within_an_octave():
    melody, surer = np.linspace(57, 64, 90), np.repeat([0.8, 0.9], [90, 10])
    assert leave_out_detached(np.concatenate([melody, np.full(10, 71.0)]), surer).max() == 71
    assert leave_out_detached(np.concatenate([melody, np.full(10, 71.0)]), np.full(100, 0.9)).max() == 64
    assert leave_out_detached(np.concatenate([melody, np.full(10, 83.0)]), surer).max() == 64


def limits_of(low_midi, high_midi):
    """A voice that glides up between two pitches, looked for between C2 and C6."""
    midi = np.linspace(low_midi, high_midi, 2000)
    return VocalPitch(
        times_s=np.arange(midi.size) * 0.01,
        f0_hz=midi_to_hz(midi),
        voiced_probability=np.full(midi.size, 0.95),
        certain=np.ones(midi.size, np.int64),
        method=VocalSource.STEM,
    )


def test_a_range_opens_to_the_side_where_it_meets_the_end_of_what_is_looked_for():
    inside, low, high = (measure_vocal_range(limits_of(*ends)) for ends in ((48, 60), (36, 60), (60, 84)))
    assert inside.span_semitones.high < 14
    assert low.lowest_midi.low < 30 < 58 < low.highest_midi.low
    assert high.highest_midi.high > 90 > 62 > high.lowest_midi.high
    assert min(low.span_semitones.high, high.span_semitones.high) > 30


def test_the_range_of_a_clear_voice_is_narrow_and_that_of_a_doubtful_one_wide():
    clear = limits_of(50, 62)
    doubtful = dataclasses.replace(
        clear, voiced_probability=np.full(2000, 0.62), certain=(np.arange(2000) % 3 == 0).astype(np.int64)
    )
    narrow, wide = (measure_vocal_range(pitch).span_semitones for pitch in (clear, doubtful))
    assert narrow.high - narrow.low < 2
    assert wide.high - wide.low > 4 * (narrow.high - narrow.low)


def heard(singing, speech, frames):
    """What a network for voices hears throughout."""
    count = round(frames * 1.6)
    return VoiceDetection(singing=np.full(count, singing, np.float32), speech=np.full(count, speech, np.float32))


def test_a_lead_that_wavers_is_sung_if_the_network_hears_a_voice_and_played_if_it_does_not():
    frames = np.arange(4000)
    lead = track_of(frames % 400 < 300, 60 + 0.25 * np.sin(frames * 0.55), apart=True)
    assert measure_vocal_pitch(lead, heard(0.95, 0.02, 4000)).singer_probability > 0.9
    with pytest.raises(CannotMeasure, match="a voice detector hears none"):
        measure_vocal_pitch(lead, heard(0.01, 0.02, 4000))


def test_a_voice_beyond_what_the_network_knows_is_told_by_its_movement_alone():
    frames = np.arange(4000)
    deep = track_of(frames % 400 < 300, 34 + 0.3 * np.sin(frames * 0.55), apart=True, lowest_hz=46.9)
    assert measure_vocal_pitch(deep, heard(0.01, 0.02, 4000)).sung.mean() > 0.7


def test_notes_held_as_briefly_as_in_rap_are_song_unless_the_network_hears_speech():
    frames = np.arange(6000)
    held = frames % 100 < 20  # a fifth of the time, in notes of 0.32 s
    lead = track_of(frames >= 0, np.where(held, 60.0, 60 + 5 * np.sin(frames * 0.5)) + 0.1 * np.sin(frames), apart=True)
    check_notes_are_held(lead.midi, heard(0.9, 0.1, 6000))
    with pytest.raises(CannotMeasure, match="as in speech"):
        check_notes_are_held(lead.midi, heard(0.01, 0.45, 6000))


def test_who_is_heard_to_speak_most_of_the_time_does_not_sing_whatever_the_band_holds():
    band = np.full(4000, 60.0)
    check_notes_are_held(band, heard(0.9, 0.6, 4000))
    with pytest.raises(CannotMeasure, match="speech in 100% of the song and singing in 0%"):
        check_notes_are_held(band, heard(0.3, 0.6, 4000))


def test_notes_are_split_where_the_pitch_leaves_them():
    midi = np.concatenate(
        [np.full(30, 60.0), np.full(5, 60.9), np.full(30, 62.0), np.full(20, np.nan), np.full(9, 65.0)]
    )
    notes = held_notes(midi)
    assert [note.note for note in notes] == ["C4", "D4"]
    assert notes[1].start_s == pytest.approx(0.35, abs=0.06)


def test_steps_and_leaps_are_told_apart():
    scale = np.concatenate([np.full(20, float(m)) for m in (60, 62, 64, 65, 67, 65, 64, 62, 60, 62)])
    leaps = np.concatenate([np.full(20, float(m)) for m in (60, 65, 60, 67, 60, 65, 60, 67, 60, 65)])
    steps, leap = (stepwise_fraction(held_notes(midi), doubt=0.1) for midi in (scale, leaps))
    assert (steps.value, steps.high, leap.value, leap.low) == (1, 1, 0, 0)
    # One of nine moves may have been misread.
    assert steps.low < 0.9
    assert leap.high > 0.1
    assert stepwise_fraction(held_notes(scale), doubt=0.4).low < steps.low - 0.1
    assert stepwise_fraction(held_notes(scale[:60]), doubt=0.1) is None


def stem_track(sung_frames, *, confidence=0.95, frames=4000):
    """A voice apart from its band that wavers around A3 for some frames at the start and is silent from there on."""
    sung = np.arange(frames) < sung_frames
    return track_of(sung, 57 + 0.2 * np.sin(np.arange(frames)), confidence=confidence, apart=True)


def test_half_a_second_of_voice_in_a_minute_is_an_accident_and_three_seconds_are_a_song():
    with pytest.raises(CannotMeasure, match="no singing was found"):
        find_voicing(stem_track(40))
    assert find_voicing(stem_track(200)).certain[:200].mean() > 0.9


def test_a_pitch_is_shown_before_it_is_counted_and_a_breath_has_none():
    track = stem_track(1200, confidence=np.repeat([0.95, 0.95, 0.15], [400, 400, 3200]))
    softer = np.repeat([0.0, -13.0, 0.0], [400, 400, 3200])
    voicing = find_voicing(
        dataclasses.replace(track, tone_dbfs=track.tone_dbfs + softer, vocals_dbfs=track.vocals_dbfs + softer)
    )
    assert voicing.shown[:790].all()
    assert not voicing.shown[810:].any()
    assert voicing.certain[:390].all()
    assert not voicing.certain[430:790].any()


def test_a_tone_is_followed_while_it_fades_and_not_across_a_jump():
    begun, goes_on = np.arange(60) < 10, np.arange(60) < 40
    tone = np.full(60, 57.0)
    assert np.flatnonzero(follow_tones(begun, goes_on, tone)).tolist() == list(range(40))
    assert np.flatnonzero(follow_tones(begun, goes_on, np.where(np.arange(60) < 25, tone, 64))).tolist() == list(
        range(25)
    )


def test_a_fading_note_is_shown_to_its_end_and_one_that_begins_as_faint_is_not():
    frames = np.arange(4000)
    track = dataclasses.replace(
        stem_track(1200, confidence=np.repeat([0.95, 0.3, 0.0], [600, 600, 2800])),
        vocals_dbfs=np.interp(frames, [0, 600, 1200, 1201], [-15.0, -15.0, -38.0, -90.0]),
        tone_dbfs=np.interp(frames, [0, 600, 1200, 1201], [-20.0, -20.0, -38.0, -95.0]),
    )
    fading = find_voicing(track)
    faint = 600 + int(np.argmax(fading.probability[600:] < SHOWN))
    assert 700 < faint < 1100
    assert fading.shown[:1190].all()
    breath = (frames >= faint) & (frames < faint + 10)
    begun_anew = dataclasses.replace(track, confidence=np.where(breath, 0.0, track.confidence))
    assert not find_voicing(begun_anew).shown[faint:].any()


def test_a_note_too_short_to_hold_is_not_counted_in_the_range():
    sounds = (np.arange(4000) < 400) | (np.arange(4000) % 12 < 6)
    track = stem_track(1200, confidence=np.where(sounds, 0.95, 0.0))
    voicing = find_voicing(dataclasses.replace(track, vocals_dbfs=np.where(sounds, track.vocals_dbfs, -80.0)))
    assert voicing.certain[:390].all()
    assert not voicing.certain[420:1180].any()


def test_a_breath_joins_a_phrase_and_a_rest_ends_it():
    probability = np.concatenate([np.ones(100), np.zeros(65), np.ones(100), np.zeros(110), np.ones(100)])
    pitch = VocalPitch(
        times_s=np.arange(probability.size) * 0.01,
        f0_hz=np.where(probability > 0, 220.0, np.nan),
        voiced_probability=probability,
        certain=probability.astype(np.int64),
        method=VocalSource.STEM,
    )
    spans = measure_vocal_activity(pitch).spans
    ends_s = [(span.start_s, span.end_s) for span in spans]
    # A phrase is taken to begin a tenth of a second before the first tone that is sure, with its consonant.
    np.testing.assert_allclose(ends_s, [(0, 2.65), (3.75, 4.75)], atol=0.12)


def test_a_tone_of_a_tenth_of_a_second_is_no_phrase_and_a_soft_note_is_part_of_one():
    probability = np.concatenate(
        [np.zeros(100), np.ones(10), np.zeros(100), np.ones(100), np.full(15, 0.1), np.ones(99)]
    )
    pitch = VocalPitch(
        times_s=np.arange(probability.size) * 0.01,
        f0_hz=np.full(probability.size, 220.0),
        voiced_probability=probability,
        certain=np.zeros(probability.size, np.int64),
        method=VocalSource.STEM,
    )
    spans = measure_vocal_activity(pitch).spans
    assert [(span.start_s, span.end_s) for span in spans] == [(pytest.approx(2.1, abs=0.12), 4.24)]
