"""Tempo of signals whose tempo is known, and of annotated recordings."""

import json

import numpy as np
import pytest
import soundfile

import signals
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.tempo import Tempo
from riffscope.dsp.resample import resample
from riffscope.model import Missing
from riffscope.song import analyze
from signals import audio_of, band, harmonic_tone, metronome, sine

RATE_HZ = 22050


def tempo_of(samples, sample_rate_hz=RATE_HZ):
    return analyze(audio_of(samples, sample_rate_hz), only=[Tempo])[Tempo]


def why_no_tempo(samples, sample_rate_hz=RATE_HZ):
    outcome = analyze(audio_of(samples, sample_rate_hz), only=[Tempo]).outcomes["tempo"]
    assert isinstance(outcome, Missing), outcome
    return outcome.reason


@pytest.mark.parametrize("bpm", [60, 70, 83, 96, 112, 128, 140, 158, 174, 187, 200])
def test_a_metronome_is_read_to_a_fifth_of_a_percent(bpm):
    samples, _ = metronome(bpm, sample_rate_hz=RATE_HZ)
    tempo = tempo_of(samples)
    assert tempo.bpm.value == pytest.approx(bpm, rel=0.002)
    assert tempo.bpm.low <= bpm <= tempo.bpm.high
    assert tempo.drift_percent < 0.2
    assert tempo.swing_fraction is None


@pytest.mark.parametrize("bpm", [72, 90, 112, 126, 150, 174])
def test_a_band_has_its_tempo_within_the_range_and_half_or_double_among_the_alternatives(bpm):
    samples, _, _ = band(bpm)
    tempo = tempo_of(samples)
    assert tempo.bpm.value == pytest.approx(bpm, rel=0.002)
    assert tempo.bpm.low <= bpm <= tempo.bpm.high
    levels = [level.bpm for level in tempo.alternatives_bpm]
    assert any(level == pytest.approx(bpm * factor, rel=0.02) for level in levels for factor in (0.5, 2))


def test_weights_fall_and_leave_room_for_the_tempo_itself():
    samples, _, _ = band(174)
    weights = [level.weight_fraction for level in tempo_of(samples).alternatives_bpm]
    assert weights == sorted(weights, reverse=True)
    assert 0.5 < 1 - sum(weights) < 1


@pytest.mark.parametrize("offbeat", [0.5, 0.58, 0.62, 0.667])
def test_swing_is_where_the_offbeat_falls(offbeat):
    samples, _, _ = band(120, offbeat=offbeat)
    assert tempo_of(samples).swing_fraction == pytest.approx(offbeat, abs=0.03)


def test_gain_does_not_matter():
    samples, _, _ = band(104)
    assert tempo_of(0.02 * samples).bpm.value == pytest.approx(tempo_of(samples).bpm.value, rel=1e-3)


def test_a_song_played_twice_keeps_its_tempo():
    samples, _, _ = band(96, bars=10)
    assert tempo_of(np.concatenate([samples, samples])).bpm.value == pytest.approx(96, rel=0.003)


def test_stereo_of_one_channel_twice_changes_nothing():
    samples, _, _ = band(132)
    assert tempo_of(np.stack([samples, samples])) == tempo_of(samples)


@pytest.mark.parametrize("semitones", [-2, 2])
def test_transposing_changes_no_tempo_and_no_beat(semitones, monkeypatch):
    transposed = tuple(tuple(midi + semitones for midi in chord) for chord in signals.CHORDS_MIDI)
    monkeypatch.setattr(signals, "CHORDS_MIDI", transposed)
    samples, beats_s, _ = band(108)
    song = analyze(audio_of(samples, RATE_HZ), only=[Tempo, Beats])
    assert song[Tempo].bpm.value == pytest.approx(108, rel=0.003)
    nearest_s = np.abs(song[Beats].times_s[:, None] - beats_s).min(axis=1)
    assert np.median(nearest_s) < 0.02


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_playing_a_recording_faster_raises_its_tempo_as_much(factor):
    samples, _, _ = band(120)
    faster = resample(samples.astype(np.float32), RATE_HZ, round(RATE_HZ / factor))
    assert tempo_of(faster).bpm.value == pytest.approx(120 * factor, rel=0.003)


def test_a_step_makes_two_parts_and_no_drift_and_the_longer_prevails():
    slow, slow_s, _ = band(100, bars=8)
    fast, fast_s, _ = band(125, bars=24)
    tempo = tempo_of(np.concatenate([slow, fast]))
    assert tempo.bpm.value == pytest.approx(125, rel=0.005)
    assert tempo.drift_percent < 1
    first, second = tempo.parts
    assert (first.bpm.value, second.bpm.value) == pytest.approx((100, 125), rel=0.005)
    assert first.start_s == pytest.approx(slow_s[0], abs=0.02)
    assert second.start_s == pytest.approx(fast_s[0] + len(slow) / RATE_HZ, abs=0.6)


def test_a_silence_parts_two_tempi_and_counts_for_neither():
    slow, _, _ = band(96, bars=10)
    fast, _, _ = band(140, bars=16)
    tempo = tempo_of(np.concatenate([slow, np.zeros(9 * RATE_HZ), fast]))
    first, second = tempo.parts
    assert (first.bpm.value, second.bpm.value) == pytest.approx((96, 140), rel=0.005)
    assert first.end_s < len(slow) / RATE_HZ < len(slow) / RATE_HZ + 9 < second.start_s + 0.1
    assert tempo.drift_percent < 1


def test_a_drummer_who_speeds_up_by_two_percent_drifts_by_about_as_much():
    times_s = np.cumsum(60 / np.linspace(110, 114.4, 80))
    samples = np.zeros(round((times_s[-1] + 1) * RATE_HZ))
    tick, _ = metronome(60, duration_s=1.0, sample_rate_hz=RATE_HZ, start_s=0.0)
    tick = tick[: RATE_HZ // 10]
    for start in np.round(times_s * RATE_HZ).astype(int):
        samples[start : start + len(tick)] += tick
    tempo = tempo_of(samples)
    assert tempo.bpm.low < 112.2 < tempo.bpm.high
    assert 1 < tempo.drift_percent < 3


def test_silence_has_no_tempo():
    assert why_no_tempo(np.zeros(RATE_HZ * 10)) == "the song is silent"


@pytest.mark.parametrize(
    ("duration_s", "said"),
    [
        (1 / RATE_HZ, "0.0 s is too short to find beats"),
        (0.05, "0.1 s is too short to find beats"),
        (0.4, "0.4 s is too short to find beats"),
        (2.8, "2.8 s is too short to find a tempo (needs 3 s)"),
    ],
)
def test_less_than_three_seconds_are_too_short(duration_s, said):
    samples, _, _ = band(120)
    assert said in why_no_tempo(samples[RATE_HZ : RATE_HZ + max(1, round(duration_s * RATE_HZ))])


def test_five_seconds_of_a_beat_are_enough():
    samples, _ = metronome(120, duration_s=5.0, sample_rate_hz=RATE_HZ)
    assert tempo_of(samples).bpm.value == pytest.approx(120, rel=0.005)


@pytest.mark.parametrize("seed", range(3))
def test_noise_has_no_steady_beat(seed):
    assert why_no_tempo(0.1 * np.random.default_rng(seed).standard_normal(RATE_HZ * 20)) == "no steady beat was found"


def test_clicks_at_random_have_no_steady_beat():
    rng = np.random.default_rng(4)
    samples = np.zeros(RATE_HZ * 30)
    for start in rng.integers(0, len(samples) - 500, 90):
        samples[start : start + 400] += rng.standard_normal(400) * np.exp(-np.arange(400) / 80)
    assert why_no_tempo(samples) == "no steady beat was found"


def test_a_held_tone_has_no_steady_beat_with_or_without_vibrato():
    assert why_no_tempo(sine(440, 20.0, RATE_HZ)) == "no steady beat was found"
    time_s = np.arange(20 * RATE_HZ) / RATE_HZ
    vibrato = harmonic_tone(220 * 2 ** (0.5 / 12 * np.sin(2 * np.pi * 5.5 * time_s)), RATE_HZ)
    assert why_no_tempo(vibrato) == "no steady beat was found"


@pytest.mark.parametrize("name", ["dev03_chorus_only_1bar", "dev06_swing_2bar_no_vocal"])
def test_mixes_of_known_tempo(shared_data, name):
    folder = shared_data / "data" / "dev" / "mixes"
    truth = json.loads((folder / f"{name}.truth.json").read_text())["tempo"]
    samples, sample_rate_hz = soundfile.read(folder / f"{name}.ogg", dtype="float32", always_2d=True)
    song = analyze(audio_of(samples.T, sample_rate_hz), only=[Tempo, Beats])
    assert song[Tempo].bpm.value == pytest.approx(truth["bpm"], rel=0.002)
    if song[Tempo].swing_fraction is not None:
        assert song[Tempo].swing_fraction == pytest.approx(truth["swing_place_of_offbeat"], abs=0.03)
    assert song[Beats].beats_per_bar == truth["meter"]


def test_the_range_of_the_tempo_holds_the_truth_nine_times_in_ten(shared_data):
    held = 0
    for number in range(1, 11):
        (file,) = (shared_data / "data" / "dev" / "mixes").glob(f"dev{number:02d}_*.truth.json")
        truth = json.loads(file.read_text())["tempo"]
        (sound,) = (path for path in file.parent.glob(f"dev{number:02d}_*") if path.suffix in {".ogg", ".flac"})
        samples, sample_rate_hz = soundfile.read(sound, dtype="float32", always_2d=True)
        bpm = analyze(audio_of(samples.T, sample_rate_hz), only=[Tempo])[Tempo].bpm
        held += any(0.995 * bpm.low <= part["bpm"] <= 1.005 * bpm.high for part in truth["segments"])
    assert held >= 9
