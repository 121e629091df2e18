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
    tempo = np.full(64, 1 / 64, np.float32)
    if tempo_bpm is not None:
        tempo = np.where(np.abs(np.log2(TEMPI_BPM / tempo_bpm)) < 0.04, 1.0, 0.001).astype(np.float32)
        tempo /= tempo.sum()
    activation = BeatActivation(
        probability=activation_at(beats_s, count, heard=heard),
        downbeat_probability=activation_at(downbeats_s, count, heard=heard + 0.05),
        tempo_bpm=TEMPI_BPM,
        tempo_logits=np.log(tempo)[None].repeat(math.ceil(count / FRAME_RATE_HZ), axis=0),
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
    sure = [track_of(samples, beats_s, downbeats_s, heard=heard).confidence_fraction for heard in (0.2, 0.5, 0.9)]
    assert sure == sorted(sure)
    assert sure[0] < 0.7


def test_a_jump_of_the_tempo_by_a_fifth_is_followed():
    slow, slow_s, slow_bars_s = band_in(100, bars=10)
    fast, fast_s, fast_bars_s = band_in(120, bars=10)
    later_s = len(slow) / RATE_HZ
    beats_s = np.concatenate([slow_s, fast_s + later_s])
    track = track_of(np.concatenate([slow, fast]), beats_s, np.concatenate([slow_bars_s, fast_bars_s + later_s]))
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
    with pytest.raises(CannotMeasure, match="no steady beat"):
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
    with pytest.raises(CannotMeasure, match="no steady beat"):
        track_of(samples, beats_s, downbeats_s, heard=0.4)


def test_two_seconds_are_too_short():
    samples, beats_s, downbeats_s = band_in(120)
    with pytest.raises(CannotMeasure, match=r"needs 2\.5 s"):
        track_of(samples[: int(2 * RATE_HZ)], beats_s[:4], downbeats_s[:1])
