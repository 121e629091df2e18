"""Beats, bars and metrical levels from activations whose beats are known, over a band that plays them."""

import functools
import math

import numpy as np
import pytest

from riffscope.errors import CannotMeasure
from riffscope.model import Settings
from riffscope.views import beat_track
from riffscope.views.beat_activation import BeatActivation
from riffscope.views.beat_track import follow_beats
from riffscope.views.mel_spectrum import take_mel_spectrum
from riffscope.views.mono import Mono
from riffscope.views.onset_strength import hear_onsets
from signals import band, hat, kick, noise, place, sine, snare

RATE_HZ, FRAME_RATE_HZ = 22050, 50.0
TEMPI_BPM = 40 * 2 ** (np.arange(64) / 24)


def activation_at(times_s, count, *, heard=0.9, quiet=0.02):
    """Probabilities as a network gives them: a peak three frames wide at each time."""
    curve = np.full(count, quiet, np.float32)
    for time_s in times_s:
        frame = round(time_s * FRAME_RATE_HZ)
        for offset, share in ((-1, 0.4), (1, 0.4), (0, 1.0)):
            if 0 <= frame + offset < count:
                curve[frame + offset] = max(curve[frame + offset], share * heard)
    return curve


def track_of(samples, beats_s, downbeats_s, *, heard=0.9, tempo_bpm=None, settings=None):
    """Follow the beats of a sound whose activation is given by what is to be heard."""
    mono = Mono(samples=samples.astype(np.float32), sample_rate_hz=RATE_HZ)
    onsets = hear_onsets(take_mel_spectrum(mono))
    count = onsets.bands.shape[1]
    # From some moments on the network hears one tempo; at first it knows nothing of it.
    logits = np.full((math.ceil(count / FRAME_RATE_HZ), 64), -np.log(64), np.float32)
    for since_s, bpm in [(0.0, tempo_bpm)] if isinstance(tempo_bpm, int | float) else tempo_bpm or []:
        logits[round(since_s) :] = np.where(np.abs(np.log2(TEMPI_BPM / bpm)) < 0.04, 0.0, np.log(0.001))
    activation = BeatActivation(
        probability=activation_at(beats_s, count, heard=heard),
        downbeat_probability=activation_at(downbeats_s, count, heard=heard + 0.05),
        tempo_bpm=TEMPI_BPM,
        tempo_logits=logits,
        onset_envelope=onsets.bands.mean(axis=0),
        frame_rate_hz=FRAME_RATE_HZ,
    )
    return follow_beats(mono, activation, onsets, settings or Settings())


def six_eight(bpm, bars=16, start_s=0.3):
    """Kick and snare in turn on the dotted quarters, a hi-hat on every eighth."""
    beats_s = start_s + 60 / bpm * np.arange(2 * bars)
    duration_s = beats_s[-1] + 1
    eighths_s = start_s + 20 / bpm * np.arange(6 * bars)
    out = place(kick(RATE_HZ), beats_s[::2], duration_s, RATE_HZ)
    out += place(snare(RATE_HZ), beats_s[1::2], duration_s, RATE_HZ)
    out += place(4 * hat(RATE_HZ), eighths_s, duration_s, RATE_HZ)
    return out, beats_s, beats_s[::2]


@functools.cache
def band_in(bpm, beats_per_bar=4, bars=16):
    return band(bpm, bars=bars, beats_per_bar=beats_per_bar)


def distance_s(found_s, true_s):
    return np.abs(np.asarray(found_s)[:, None] - np.asarray(true_s)).min(axis=1)


@pytest.mark.parametrize(("bpm", "beats_per_bar"), [(80, 4), (125, 4), (168, 4), (96, 3), (150, 3)])
def test_beats_meter_and_downbeats_are_those_of_the_activation(bpm, beats_per_bar):
    samples, beats_s, downbeats_s = band_in(bpm, beats_per_bar)
    track = track_of(samples, beats_s, downbeats_s, tempo_bpm=bpm)
    assert distance_s(beats_s, track.times_s).max() < 0.01
    assert track.beats_per_bar == beats_per_bar
    assert distance_s(downbeats_s, track.times_s[track.downbeat_index]).max() < 0.01
    assert track.levels[0].bpm == pytest.approx(bpm, rel=0.01)
    assert track.confidence_fraction > 0.8


def test_six_eight_is_counted_in_two():
    track = track_of(*six_eight(70))
    assert track.beats_per_bar == 2
    assert track.levels[0].bpm == pytest.approx(70, rel=0.01)


def test_the_other_metrical_levels_come_with_their_weights():
    track = track_of(*band_in(100))
    weights = [level.weight_fraction for level in track.levels]
    assert weights == sorted(weights, reverse=True)
    assert sum(weights) == pytest.approx(1, abs=0.01)
    assert any(level.bpm == pytest.approx(50, rel=0.01) for level in track.levels)


def test_the_tempo_that_the_network_hears_decides_between_levels():
    samples, beats_s, downbeats_s = band_in(84)
    eighths_s = np.sort(np.concatenate([beats_s, beats_s + 30 / 84]))
    half, whole = (
        next(
            level.weight_fraction
            for level in track_of(samples, eighths_s, downbeats_s, heard=0.7, tempo_bpm=tempo_bpm).levels
            if level.bpm == pytest.approx(84, rel=0.02)
        )
        for tempo_bpm in (168, 84)
    )
    assert whole > 2 * half


def test_the_less_clearly_beats_are_heard_the_less_sure_they_are():
    samples, beats_s, downbeats_s = band_in(100)
    sure = [track_of(samples, beats_s, downbeats_s, heard=heard).confidence_fraction for heard in (0.55, 0.7, 0.9)]
    assert sure == sorted(sure)
    assert sure[0] < sure[-1] - 0.02
    with pytest.raises(CannotMeasure, match="no steady beat was found"):
        track_of(samples, beats_s, downbeats_s, heard=0.2)


def test_a_jump_of_the_tempo_by_a_fifth_is_followed():
    slow, slow_s, slow_bars_s = band_in(100, bars=10)
    fast, fast_s, fast_bars_s = band_in(120, bars=10)
    later_s = len(slow) / RATE_HZ
    beats_s = np.concatenate([slow_s, fast_s + later_s])
    bars_s = np.concatenate([slow_bars_s, fast_bars_s + later_s])
    track = track_of(np.concatenate([slow, fast]), beats_s, bars_s, tempo_bpm=[(0.0, 100), (later_s, 120)])
    assert (distance_s(beats_s, track.times_s) < 0.02).mean() > 0.95


def test_a_bar_that_drops_two_beats_shifts_the_downbeats_after_it():
    samples, beats_s, downbeats_s = band_in(120, bars=24)
    cut, later = (round(time_s * RATE_HZ) for time_s in (beats_s[42], beats_s[44]))
    shorter = np.concatenate([samples[:cut], samples[later:]])
    downbeats_s = np.where(downbeats_s > beats_s[42], downbeats_s - 1.0, downbeats_s)
    track = track_of(shorter, beats_s[:-2], downbeats_s, tempo_bpm=120)
    found_s = track.times_s[track.downbeat_index]
    assert (distance_s(downbeats_s, found_s) < 0.02).mean() > 0.8


def test_silence_at_either_end_holds_no_beats():
    samples, beats_s, downbeats_s = band_in(110)
    silence = np.zeros(4 * RATE_HZ)
    track = track_of(np.concatenate([silence, samples, silence]), beats_s + 4, downbeats_s + 4)
    assert track.times_s[0] > 4
    assert track.times_s[-1] < 4 + len(samples) / RATE_HZ + 0.1


@pytest.mark.parametrize("sound", ["noise", "tone"])
def test_a_sound_that_does_not_pulse_has_no_beat_whatever_the_activation_says(sound):
    samples = noise(20.0, RATE_HZ) if sound == "noise" else sine(440, 20.0, RATE_HZ)
    beats_s = np.arange(0.3, 19.5, 0.5)
    with pytest.raises(CannotMeasure, match="no steady beat was found"):
        track_of(samples, beats_s, beats_s[::4])


def test_a_clip_cut_out_of_music_keeps_its_first_beat():
    """It sounds from the first frame on, so no onset tells what began there."""
    held = sine(220, 8.0, RATE_HZ, amplitude=0.2)
    beats_s = 0.06 + 0.5 * np.arange(15)
    clip = held + place(kick(RATE_HZ), beats_s[1:], 8.0, RATE_HZ)
    assert track_of(clip, beats_s, beats_s[::4]).times_s[0] < 0.12
    silence = np.zeros(RATE_HZ)
    later = track_of(np.concatenate([silence, clip]), beats_s + 1, beats_s[::4] + 1)
    assert later.times_s[0] > 0.9


def test_soft_beats_count_where_the_activation_is_sure_of_them(monkeypatch):
    samples, beats_s, downbeats_s = band_in(110)
    monkeypatch.setattr(beat_track, "MIN_BEAT_STRENGTH", 99.0)  # to which the band's are soft
    assert len(track_of(samples, beats_s, downbeats_s).times_s) > 10
    with pytest.raises(CannotMeasure, match="no steady beat was found"):
        track_of(samples, beats_s, downbeats_s, heard=0.4)


def test_two_seconds_are_too_short():
    samples, beats_s, downbeats_s = band_in(120)
    with pytest.raises(CannotMeasure, match=r"needs 2\.5 s"):
        track_of(samples[: int(2 * RATE_HZ)], beats_s[:4], downbeats_s[:1])


def in_spans(times_s, spans):
    return np.any([(times_s >= span.start_s) & (times_s < span.end_s) for span in spans], axis=0)


@pytest.mark.parametrize("between", ["silence", "noise"])
def test_two_songs_with_something_between_keep_their_own_beats(between):
    """Whatever is found lies on the beats of one or the other, each in its place, and none between them."""
    first, first_s, first_bars_s = band_in(92, beats_per_bar=4, bars=12)
    second, second_s, second_bars_s = band_in(140, beats_per_bar=3, bars=20)
    gap = np.zeros(9 * RATE_HZ) if between == "silence" else noise(9.0, RATE_HZ, amplitude=0.05)
    later_s = (len(first) + len(gap)) / RATE_HZ
    beats_s = np.concatenate([first_s, second_s + later_s])
    bars_s = np.concatenate([first_bars_s, second_bars_s + later_s])
    tempi_bpm = [(0.0, 92), (later_s, 140)]
    track = track_of(np.concatenate([first, gap, second]), beats_s, bars_s, tempo_bpm=tempi_bpm)
    heard_s = track.times_s[track.is_heard]
    assert distance_s(heard_s, beats_s).max() < 0.02
    assert distance_s(beats_s, heard_s).max() < 0.02
    assert len(track.spans) == 2
    assert distance_s(bars_s, track.times_s[track.downbeat_index]).max() < 0.02
    assert [part.beats_per_bar for part in track.meters] == [4, 3]
    assert np.diff(track.times_s).max() < 1.5 * 60 / 92  # counted on through the gap
    assert np.array_equal(track.is_heard, in_spans(track.times_s, track.spans))


def test_a_free_start_is_counted_through_and_has_no_beat():
    samples, beats_s, downbeats_s = band_in(100)
    free = sine(220, 15.0, RATE_HZ, amplitude=0.1)
    track = track_of(np.concatenate([free, samples]), beats_s + 15, downbeats_s + 15)
    assert track.spans[0].start_s == pytest.approx(15 + beats_s[0], abs=0.02)
    assert track.times_s[0] < 1
    assert not track.is_heard[0]
    bars_s = track.times_s[track.downbeat_index]
    assert np.allclose(np.diff(bars_s), 2.4, atol=0.05)


@pytest.mark.parametrize("beats_per_bar", [5, 7])
def test_bars_of_five_and_seven(beats_per_bar):
    samples, beats_s, downbeats_s = band_in(120, beats_per_bar, bars=14)
    track = track_of(samples, beats_s, downbeats_s, tempo_bpm=120)
    assert track.beats_per_bar == beats_per_bar
    assert distance_s(downbeats_s, track.times_s[track.downbeat_index]).max() < 0.01


def test_the_tempo_that_is_given_is_kept():
    samples, beats_s, downbeats_s = band_in(84)
    eighths_s = np.sort(np.concatenate([beats_s, beats_s + 30 / 84]))
    track = track_of(samples, eighths_s, downbeats_s, tempo_bpm=84, settings=Settings(tempo_bpm=167.0))
    assert [level.bpm for level in track.levels] == pytest.approx([168], rel=0.01)
    assert np.median(np.diff(track.times_s)) == pytest.approx(30 / 84, rel=0.01)


def test_the_downbeat_and_the_meter_that_are_given_are_kept():
    samples, beats_s, downbeats_s = band_in(120)
    shifted = track_of(samples, beats_s, downbeats_s, settings=Settings(downbeat_s=float(beats_s[9]) + 0.1))
    assert set((shifted.downbeat_index % 4).tolist()) == {1}
    assert shifted.bar_confidence_fraction == 1.0
    in_three = track_of(samples, beats_s, downbeats_s, settings=Settings(beats_per_bar=3))
    assert in_three.beats_per_bar == 3
    assert in_three.marks_bars


def test_equal_clicks_mark_no_bars():
    beats_s = 0.4 + 0.5 * np.arange(60)
    clicks = place(kick(RATE_HZ), beats_s, 31.0, RATE_HZ)
    assert not track_of(clicks, beats_s, []).marks_bars
