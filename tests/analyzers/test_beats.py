"""Beats and bar lines of signals whose beats are known, and of annotated recordings."""

import numpy as np
import pytest
import soundfile

from riffscope.analyzers.beats import Beats
from riffscope.model import Missing, Settings
from riffscope.song import analyze, make
from signals import audio_of, band, metronome

RATE_HZ = 22050


def beats_of(samples, sample_rate_hz=RATE_HZ):
    return analyze(audio_of(samples, sample_rate_hz), only=[Beats])[Beats]


def distance_s(found_s, true_s):
    """From each found time to the nearest true one."""
    return np.abs(np.asarray(found_s)[:, None] - np.asarray(true_s)).min(axis=1)


@pytest.mark.parametrize("bpm", [66, 100, 132, 180])
@pytest.mark.parametrize("sample_rate_hz", [22050, 48000])
def test_a_beat_lies_on_the_onset_of_its_click(bpm, sample_rate_hz):
    samples, clicks_s = metronome(bpm, sample_rate_hz=sample_rate_hz)
    beats = beats_of(samples, sample_rate_hz)
    assert len(beats.times_s) == len(clicks_s)
    assert distance_s(beats.times_s, clicks_s).max() < 0.005


@pytest.mark.parametrize(("bpm", "beats_per_bar"), [(90, 4), (120, 4), (150, 4), (120, 3), (160, 3)])
def test_a_band_gives_its_beats_its_metre_and_its_bar_lines(bpm, beats_per_bar):
    samples, true_s, lines_s = band(bpm, beats_per_bar=beats_per_bar)
    beats = beats_of(samples)
    assert distance_s(true_s, beats.times_s).max() < 0.01
    assert distance_s(beats.times_s, true_s).max() < 0.01
    assert beats.beats_per_bar == beats_per_bar
    assert beats.times_s[beats.downbeat_index] == pytest.approx(lines_s, abs=0.01)


def test_the_chords_alone_place_the_bar_lines_where_the_drum_is_the_same_on_every_beat():
    # Faster clicks, all alike, may as well be eighths.
    chords, true_s, lines_s = band(96, drums=False)
    clicks, _ = metronome(96, duration_s=len(chords) / RATE_HZ, sample_rate_hz=RATE_HZ, start_s=true_s[0])
    beats = beats_of(chords + 0.3 * clicks)
    found_s = beats.times_s[beats.downbeat_index]
    # The last click falls on the end of the last bar, which begins another.
    assert found_s[: len(lines_s)] == pytest.approx(lines_s, abs=0.01)


@pytest.mark.parametrize("silence_s", [2.5, 7.3])
def test_leading_silence_shifts_the_beats_by_as_much(silence_s):
    samples, _, _ = band(117)
    plain = beats_of(samples)
    later = beats_of(np.concatenate([np.zeros(round(silence_s * RATE_HZ)), samples]))
    assert later.times_s == pytest.approx(plain.times_s + silence_s, abs=0.002)
    assert later.downbeat_index.tolist() == plain.downbeat_index.tolist()


def test_the_beats_follow_a_change_of_tempo():
    slow, slow_s, _ = band(100, bars=10)
    fast, fast_s, _ = band(130, bars=10)
    true_s = np.concatenate([slow_s, fast_s + len(slow) / RATE_HZ])
    beats = beats_of(np.concatenate([slow, fast]))
    # Within two beats of the seam there is no telling which beat is whose.
    assert (distance_s(true_s, beats.times_s) < 0.02).mean() > 0.95


def given(samples, **known):
    return make(audio_of(samples, RATE_HZ), [Beats], settings=Settings(separator="none", **known))[Beats]


def test_what_the_user_knows_is_kept_and_marked():
    samples, true_s, _ = band(120)
    heard = beats_of(samples)
    assert heard.given == ()
    twice = given(samples, tempo_bpm=240.0)
    assert len(twice.times_s) == pytest.approx(2 * len(heard.times_s), abs=2)
    assert twice.given == ("tempo",)
    moved = given(samples, beats_per_bar=4, downbeat_s=float(true_s[2]))
    assert set((moved.downbeat_index % 4).tolist()) == {2}
    assert moved.given == ("meter", "downbeat")
    assert moved.bar_confidence_fraction == 1.0


def test_equal_clicks_have_beats_and_no_bars():
    samples, clicks_s = metronome(96, duration_s=30.0, sample_rate_hz=RATE_HZ)
    beats = beats_of(samples)
    assert len(beats.times_s) == len(clicks_s)
    assert beats.beats_per_bar is None
    assert beats.downbeat_index.size == 0
    assert beats.bar_confidence_fraction is None
    assert "no bars" in beats.summary


def test_no_beat_is_told_in_a_silence_and_beats_are_numbered_through_it():
    first, first_s, _ = band(120, bars=10)
    second, second_s, _ = band(120, bars=10)
    gap_s = 10.0
    samples = np.concatenate([first, np.zeros(round(gap_s * RATE_HZ)), second])
    beats = beats_of(samples)
    later_s = len(first) / RATE_HZ + gap_s
    assert distance_s(beats.times_s, np.concatenate([first_s, second_s + later_s])).max() < 0.02
    assert len(beats.spans) == 2
    before = int(np.searchsorted(beats.times_s, later_s)) - 1
    counted = beats.numbers[before + 1] - beats.numbers[before]
    assert counted == round((beats.times_s[before + 1] - beats.times_s[before]) / 0.5)
    assert np.array_equal(np.diff(beats.numbers[: before + 1]), np.ones(before))


def test_gain_moves_no_beat():
    samples, _, _ = band(95)
    assert beats_of(0.01 * samples).times_s == pytest.approx(beats_of(samples).times_s, abs=0.002)


def test_beats_lie_within_the_file_and_bar_lines_among_the_beats():
    samples, true_s, _ = band(123, start_s=0.0)
    beats = beats_of(samples)
    assert beats.times_s[0] == pytest.approx(true_s[0], abs=0.01)
    assert beats.times_s[0] >= 0
    assert beats.times_s[-1] <= len(samples) / RATE_HZ
    assert np.all(np.diff(beats.downbeat_index) == 4)
    assert 0.6 < beats.confidence_fraction <= 1


@pytest.mark.parametrize("duration_s", [1 / RATE_HZ, 0.05, 2.0])
def test_too_little_sound_has_no_beats(duration_s):
    samples = np.ones(max(1, round(duration_s * RATE_HZ))) * 0.1
    outcome = analyze(audio_of(samples, RATE_HZ), only=[Beats]).outcomes["beats"]
    assert isinstance(outcome, Missing)
    assert "too short to find beats" in outcome.reason


@pytest.mark.parametrize(
    ("name", "metre"),
    [("dev02_pop_4bar_bridge_drop.ogg", 4), ("dev05_waltz_4bar.ogg", 3), ("dev10_fast_dnb_4bar.ogg", 4)],
)
def test_mixes_of_known_beats(shared_data, name, metre):
    file = shared_data / "data" / "dev" / "mixes" / name
    rows = np.loadtxt(file.with_suffix(".beats"))
    samples, sample_rate_hz = soundfile.read(file, dtype="float32", always_2d=True)
    beats = beats_of(samples.T, sample_rate_hz)
    assert (distance_s(rows[:, 0], beats.times_s) < 0.03).mean() > 0.95
    assert (distance_s(beats.times_s, rows[:, 0]) < 0.03).mean() > 0.95
    assert beats.beats_per_bar == metre
    lines_s = beats.times_s[beats.downbeat_index]
    assert (distance_s(rows[rows[:, 1] == 1, 0], lines_s) < 0.03).mean() > 0.9
