"""Riffs of songs whose loops are known, and of annotated mixes."""

import dataclasses
import functools
import itertools
import json

import numpy as np
import pytest
import soundfile

from forms import RATE_HZ, song_of
from outcomes import missing
from riffscope.analyzers.loops import LoopKind, Loops, bars_in_words
from riffscope.errors import Absence
from riffscope.model import Measured, Missing, Settings
from riffscope.song import analyze
from signals import audio_of, band, hat, kick, noise, place, snare
from signals import harmonic_tone as tone
from songs_heard import SAMPLES

BPM = 110
BEAT_S = 60 / BPM
# Quavers and notes of a riff of two bars, of another, and the scale that both are made of.
RIFF = ((0, 45), (1, 57), (3, 60), (4, 52), (6, 55), (8, 45), (10, 64), (11, 62), (13, 59), (14, 57))
OTHER = ((0, 53), (2, 65), (3, 60), (5, 57), (7, 65), (8, 55), (9, 67), (12, 62), (14, 50))
SCALE = (45, 47, 48, 50, 52, 53, 55, 57, 59, 60, 62, 64, 65, 67)


def outcome_of(samples, sample_rate_hz=RATE_HZ, **settings):
    return analyze(audio_of(samples, sample_rate_hz), only=[Loops], settings=Settings(**settings)).outcomes["loops"]


def loops_of(samples, sample_rate_hz=RATE_HZ):
    outcome = outcome_of(samples, sample_rate_hz)
    assert isinstance(outcome, Measured), outcome
    return outcome.value


@functools.cache
def song(form, *, melody=False, drums=True, transposed=0, seed=0):
    """Play sections of eight bars of four: A the riff, B another, `-` new notes all the time, 0 drums alone."""
    random = np.random.default_rng(seed)
    bars = 8 * len(form)
    out = np.zeros(round((0.4 + bars * 4 * BEAT_S + 0.5) * RATE_HZ))
    for bar in range(0, bars, 2):
        letter = form[bar // 8]
        written = {"A": RIFF, "B": OTHER, "0": ()}.get(letter)
        if written is None:
            quavers = np.flatnonzero(random.random(16) < 0.6)
            written = tuple(zip(quavers.tolist(), random.choice(SCALE, quavers.size).tolist(), strict=True))
        for (quaver, midi), following in itertools.zip_longest(written, written[1:], fillvalue=(16, 0)):
            _play(out, midi + transposed, bar * 4 + quaver / 2, 0.9 * (following[0] - quaver) / 2, 0.16)
        if melody and letter != "0":
            for beat in np.flatnonzero(random.random(8) < 0.7):
                _play(out, 12 + int(random.choice(SCALE)) + transposed, bar * 4 + int(beat), 0.8, 0.2)
    if drums:
        beats_s = 0.4 + BEAT_S * np.arange(4 * bars)
        for hit, times_s in ((kick, beats_s[::2]), (snare, beats_s[1::2]), (hat, beats_s), (hat, beats_s + BEAT_S / 2)):
            out += place(hit(RATE_HZ), times_s, len(out) / RATE_HZ, RATE_HZ)[: len(out)]
    return out


@functools.cache
def rounds_of_chords(letters, bars=20):
    """Play a chord for each bar, held over a bass that strikes its root in quavers."""
    roots = {"a": 48, "b": 53, "c": 55}
    out = np.zeros(round((0.4 + bars * 4 * BEAT_S + 0.5) * RATE_HZ))
    for bar in range(bars):
        root = roots[letters[bar % len(letters)]]
        for third in (0, 4, 7):
            _play(out, root + 12 + third, 4 * bar, 3.8, 0.08)
        for quaver in range(8):
            _play(out, root - 12, 4 * bar + quaver / 2, 0.45, 0.16)
    beats_s = 0.4 + BEAT_S * np.arange(4 * bars)
    for hit, times_s in ((kick, beats_s[::2]), (snare, beats_s[1::2]), (hat, beats_s), (hat, beats_s + BEAT_S / 2)):
        out += place(hit(RATE_HZ), times_s, len(out) / RATE_HZ, RATE_HZ)[: len(out)]
    return out


def _play(out, midi, beat, beats, amplitude):
    first, count = round((0.4 + beat * BEAT_S) * RATE_HZ), round(beats * BEAT_S * RATE_HZ)
    fade = np.minimum(np.minimum(np.arange(count) / 100, 1), (count - np.arange(count)) / 400)
    note = fade * tone(np.full(count, 440 * 2 ** ((midi - 69) / 12)), RATE_HZ, harmonics=8, amplitude=amplitude)
    out[first : first + count] += note[: len(out) - first]


def sections_s(*numbers):
    return [(0.4 + 32 * BEAT_S * n, 0.4 + 32 * BEAT_S * (n + 1)) for n in numbers]


def spans_of(loop):
    return [(span.start_s, span.end_s) for span in loop.spans]


def test_a_riff_throughout_is_found_with_its_length():
    riff = loops_of(song("AAA"))
    assert riff.period_bars == 2
    assert riff.period_s == pytest.approx(8 * BEAT_S, rel=0.01)
    assert riff.coverage_fraction.value > 0.95
    assert riff.longest_gap_bars <= 1
    assert riff.passes == pytest.approx(12, abs=0.5)
    assert riff.probability > 0.99
    assert riff.others == ()


def test_a_riff_in_the_choruses_sounds_only_there():
    riff = loops_of(song("-A-A"))
    assert riff.period_bars == 2
    np.testing.assert_allclose(spans_of(riff), sections_s(1, 3), atol=BEAT_S)
    assert riff.longest_gap_bars == pytest.approx(8, abs=0.5)


def test_a_bridge_without_the_riff_is_a_gap():
    riff = loops_of(song("AA-A"))
    (first, second) = spans_of(riff)
    assert (first[1], second[0]) == pytest.approx(sections_s(2)[0], abs=BEAT_S)


def test_a_second_loop_is_another_loop_and_not_more_of_the_first():
    riff = loops_of(song("ABAA"))
    assert [loop.period_bars for loop in riff.others] == [2]
    np.testing.assert_allclose(spans_of(riff.others[0]), sections_s(1), atol=BEAT_S)
    assert riff.coverage_fraction.value == pytest.approx(0.74, abs=0.03)


def test_a_new_melody_over_each_pass_hides_no_riff():
    riff = loops_of(song("AAA", melody=True))
    assert riff.period_bars == 2
    assert riff.coverage_fraction.value > 0.9
    assert riff.exactness_fraction < loops_of(song("AAA")).exactness_fraction


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_music_that_never_repeats_has_no_riff(seed):
    outcome = outcome_of(song("---", seed=seed))
    assert isinstance(outcome, Missing)
    assert outcome.reason.startswith("no repeating riff was found")


def test_drums_alone_are_no_riff():
    outcome = outcome_of(song("000"))
    assert isinstance(outcome, Missing)
    assert outcome.reason.startswith("no repeating riff was found: only drums play")


def test_noise_has_no_riff():
    assert isinstance(outcome_of(noise(20.0, RATE_HZ)), Missing)


def test_three_bars_are_too_few():
    samples, _, _ = band(120, bars=3)
    found = outcome_of(samples)
    reason = "there are too few bars to find a riff (needs 4)"
    assert found == dataclasses.replace(missing("loops", reason, Absence.TOO_SHORT), version=found.version)


def test_four_chords_over_and_over_are_a_loop_of_four_bars():
    riff = loops_of(band(112, bars=24)[0])
    assert riff.period_bars == 4
    assert riff.coverage_fraction.value > 0.95


def test_a_figure_is_a_riff_and_chords_that_are_held_are_chords():
    assert loops_of(song("AAA")).kind is LoopKind.RIFF
    assert loops_of(rounds_of_chords("abca")).kind is LoopKind.CHORDS


@pytest.mark.parametrize("letters", ["abca", "abba", "abcab", "aab"])
def test_a_round_of_chords_is_as_long_as_it_is(letters):
    riff = loops_of(rounds_of_chords(letters))
    assert riff.period_s == pytest.approx(len(letters) * 4 * BEAT_S, rel=0.02)
    assert riff.coverage_fraction.value > 0.9


def test_the_whole_passes_of_every_loop_are_given():
    riff = loops_of(song("ABAA"))
    for loop in (riff, *riff.others):
        assert len(loop.whole_passes) == pytest.approx(loop.passes, abs=1)
        assert all(one.duration_s == pytest.approx(8 * BEAT_S, rel=0.02) for one in loop.whole_passes)
        assert all(
            any(s.start_s <= one.start_s < one.end_s <= s.end_s for s in loop.spans) for one in loop.whole_passes
        )


def test_a_waltz_loops_in_bars_of_three():
    riff = loops_of(band(150, bars=24, beats_per_bar=3)[0])
    assert riff.period_s == pytest.approx(4 * 3 * 60 / 150, rel=0.01)


def test_verses_that_are_longer_than_their_loop_are_not_the_loop():
    samples, edges_s = song_of("A B A B C B")
    riff = loops_of(samples)
    assert riff.period_bars == 4
    np.testing.assert_allclose(spans_of(riff), np.array([edges_s[1:-1:2], edges_s[2::2]]).T, atol=0.1)


def test_the_example_is_one_pass_of_the_riff_from_its_first_note():
    riff = loops_of(song("-A-A"))
    assert riff.example.duration_s == pytest.approx(riff.period_s, rel=0.02)
    into_period = (riff.example.start_s - 0.4) % (8 * BEAT_S)
    assert min(into_period, 8 * BEAT_S - into_period) < 0.05


def test_the_passes_follow_one_another_and_only_the_cut_ones_are_short():
    riff = loops_of(song("-A-A"))
    whole = [one for one in riff.riff_passes if one.is_whole]
    assert len(whole) == pytest.approx(riff.passes, abs=1)
    assert all(one.end_s - one.start_s == pytest.approx(riff.period_s, rel=0.05) for one in whole)
    assert all(one.end_s - one.start_s < 0.9 * riff.period_s for one in riff.riff_passes if not one.is_whole)
    assert min(one.similarity for one in whole) > 0.3
    assert min(abs(one.start_s - riff.example.start_s) for one in whole) < 1e-3


def test_the_bars_are_laid_out_by_the_riff():
    riff = loops_of(song("-A-A"))
    count = len(riff.bar_starts_s)
    assert len(riff.bar_phase_index) == len(riff.bar_similarity) == count
    assert set(riff.bar_phase_index) == {0, 1}
    assert len(riff.self_similarity_percent) == count**2
    within = np.any([(riff.bar_starts_s > a - 0.1) & (riff.bar_starts_s < b - 0.1) for a, b in spans_of(riff)], axis=0)
    assert riff.bar_similarity[within].min() > 2 * riff.bar_similarity[~within].max()
    alike = riff.self_similarity_percent.reshape(count, count)
    assert np.array_equal(alike, alike.T)
    assert alike.max() <= 100


# ----------------------------------------------------------------------------------------------------------- properties
@pytest.mark.parametrize("gain_db", [-6, 6])
def test_gain_changes_nothing(gain_db):
    plain, other = loops_of(song("-A-A")), loops_of(10 ** (gain_db / 20) * song("-A-A"))
    assert other.period_bars == plain.period_bars
    np.testing.assert_allclose(spans_of(other), spans_of(plain), atol=0.01)


def test_leading_silence_shifts_the_spans_by_as_much():
    plain, later = loops_of(song("-A-A")), loops_of(np.concatenate([np.zeros(5 * RATE_HZ), song("-A-A")]))
    assert later.period_bars == plain.period_bars
    np.testing.assert_allclose(spans_of(later), np.array(spans_of(plain)) + 5, atol=0.03)


def test_repeating_a_song_never_lowers_the_coverage():
    once = song("-A-A")
    body = once[round(0.4 * RATE_HZ) : -round(0.5 * RATE_HZ)]
    assert (
        loops_of(np.concatenate([body, body])).coverage_fraction.value >= loops_of(body).coverage_fraction.value - 0.01
    )


@pytest.mark.parametrize("semitones", [-3, 2])
def test_transposing_keeps_the_period_and_the_spans(semitones):
    plain, other = loops_of(song("-A-A")), loops_of(song("-A-A", transposed=semitones))
    assert other.period_bars == plain.period_bars
    np.testing.assert_allclose(spans_of(other), spans_of(plain), atol=BEAT_S)


def test_said_in_one_line():
    riff = loops_of(song("AAA"))
    assert riff.summary.startswith("2-bar riff (4.4 s) heard ")
    assert dataclasses.replace(riff, kind=LoopKind.CHORDS).summary.startswith("2-bar chord loop")
    assert dataclasses.replace(riff, kind=LoopKind.PASSAGE).summary.startswith("2-bar repeated passage")


@pytest.mark.parametrize(("count", "said"), [(0.5, "half a bar"), (1, "1 bar"), (5, "5 bars")])
def test_bars_are_counted_in_words(count, said):
    assert bars_in_words(count) == said


# ---------------------------------------------------------------------------------------------------------- whole songs
@pytest.mark.parametrize("name", ["closet", "closet-stripped", "arena"])
def test_the_bundled_songs(name):
    truth = json.loads((SAMPLES / f"{name}.truth.json").read_text())["riff"]
    samples, sample_rate_hz = soundfile.read(SAMPLES / f"{name}.ogg", dtype="float32", always_2d=True)
    outcome = outcome_of(samples.T, sample_rate_hz, separator="none")
    if not truth["present"]:
        assert isinstance(outcome, Missing)
        return
    riff = outcome.value
    assert riff.period_s == pytest.approx(truth["period_s"], rel=0.02)
    assert riff.coverage_fraction.value == pytest.approx(truth["coverage_of_file"], abs=0.03)
    assert riff.coverage_fraction.low <= truth["coverage_of_file"] <= riff.coverage_fraction.high


@pytest.mark.parametrize(
    "name",
    [
        "dev01_rock_2bar_whole",
        "dev02_pop_4bar_bridge_drop",
        "dev03_chorus_only_1bar",
        "dev04_through_composed",
        "dev07_tempo_change",
        "dev09_drift_1bar_nodrums",
    ],
)
def test_mixes_of_known_riff(shared_data, name):
    manifest = json.loads((shared_data / "data" / "dev" / "manifest.json").read_text())
    truth = next(item["truth"]["riff"] for item in manifest["items"] if name in item["file"])
    path = shared_data / "data" / "dev" / "mixes" / f"{name}.ogg"
    samples, sample_rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    outcome = outcome_of(samples.T, sample_rate_hz)
    if not truth["present"]:
        assert isinstance(outcome, Missing)
        return
    assert outcome.value.period_s == pytest.approx(truth["period_s"], rel=0.04)
    # Where the tempo steps, the beat takes two bars to follow, and the pass of the riff there is lost.
    within = 0.07 if "tempo_change" in name else 0.05
    assert outcome.value.coverage_fraction.value == pytest.approx(truth["coverage_of_file"], abs=within)
