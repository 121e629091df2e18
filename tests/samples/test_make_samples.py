"""The sample songs are what their truth says, and the instruments that play them are in tune."""

import importlib.util
import json
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy import signal

SAMPLES = Path(__file__).parents[2] / "samples"
STEMS = ("closet", "arena", "closet-stripped")
ROUNDING_S = 1e-4  # truth is written with four decimals


def load_script():
    spec = importlib.util.spec_from_file_location("make_samples", SAMPLES / "make_samples.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_samples"] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module


make_samples = load_script()


def refuse_constant(name):
    raise ValueError(f"{name} is not strict JSON")


def truth_of(stem):
    return json.loads((SAMPLES / f"{stem}.truth.json").read_text(encoding="utf-8"), parse_constant=refuse_constant)


@pytest.fixture(scope="module")
def sounds():
    return {stem: soundfile.read(SAMPLES / f"{stem}.ogg", always_2d=True)[0].T for stem in STEMS}


def fundamental_hz(sound, near_hz):
    """Measure the strongest frequency within a semitone of ``near_hz`` by a parabola over the log spectrum."""
    padded = 8 * sound.size
    level = np.log(np.abs(np.fft.rfft(sound * np.hanning(sound.size), padded)) + 1e-12)
    bins = np.flatnonzero(np.abs(np.log2(np.arange(1, level.size) / padded * 44_100 / near_hz)) < 1 / 12) + 1
    peak = bins[np.argmax(level[bins])]
    before, at, after = level[peak - 1 : peak + 2]
    return (peak + 0.5 * (before - after) / (before - 2 * at + after)) * 44_100 / padded


def cents(measured_hz, true_hz):
    return 1200 * np.log2(measured_hz / true_hz)


# --- the truth is consistent -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("stem", STEMS)
def test_the_truth_lasts_as_long_as_the_sound(stem):
    info = soundfile.info(SAMPLES / f"{stem}.ogg")
    assert truth_of(stem)["duration_s"] == pytest.approx(info.duration, abs=ROUNDING_S)
    assert 40 <= info.duration <= 60
    assert (info.samplerate, info.channels, info.format, info.subtype) == (44_100, 2, "OGG", "VORBIS")


@pytest.mark.parametrize("stem", STEMS)
def test_beats_are_evenly_spaced_inside_the_file_and_every_fourth_is_a_downbeat(stem):
    truth = truth_of(stem)
    beats_s = np.array(truth["beats_s"])
    assert np.diff(beats_s) == pytest.approx(60 / truth["tempo"]["bpm"], abs=2 * ROUNDING_S)
    assert 0.3 < beats_s[0] < 1.0
    assert beats_s[-1] < truth["duration_s"]
    assert truth["downbeats_s"] == truth["beats_s"][::4]


@pytest.mark.parametrize("stem", STEMS)
def test_a_beat_begins_where_the_near_silence_ends(stem, sounds):
    loud = np.flatnonzero(np.abs(sounds[stem]).max(axis=0) > 0.02)
    assert loud[0] / 44_100 == pytest.approx(truth_of(stem)["beats_s"][0], abs=0.01)


@pytest.mark.parametrize("stem", STEMS)
def test_every_note_lies_in_a_sung_span_and_notes_do_not_overlap(stem):
    vocal = truth_of(stem)["vocal"]
    for note in vocal["notes"]:
        assert note["start_s"] < note["end_s"]
        assert any(start <= note["start_s"] and note["end_s"] <= end for start, end in vocal["spans"])
    assert all(a["end_s"] <= b["start_s"] for a, b in pairwise(vocal["notes"]))


@pytest.mark.parametrize("stem", STEMS)
def test_spans_are_ordered_and_inside_the_file(stem):
    truth = truth_of(stem)
    for spans in (truth["vocal"]["spans"], truth["layers"], truth["riff"]["spans"]):
        edges = [edge for span in spans for edge in span]
        assert edges == sorted(edges)
        assert all(0 <= edge <= truth["duration_s"] for edge in edges)


@pytest.mark.parametrize("stem", STEMS)
def test_sections_follow_each_other_from_the_first_beat_to_the_end(stem):
    truth = truth_of(stem)
    sections = truth["sections"]
    assert sections[0]["start_s"] == truth["beats_s"][0]
    assert sections[-1]["end_s"] == truth["duration_s"]
    assert all(a["end_s"] == b["start_s"] for a, b in pairwise(sections))
    assert {"intro", "verse", "chorus", "outro"} <= {section["label"] for section in sections}


@pytest.mark.parametrize("stem", STEMS)
def test_the_truth_is_what_the_score_says(stem):
    truth = truth_of(stem)
    melody, cut_beats, transpose = {
        "closet": (make_samples.CLOSET_MELODY, 0, 0),
        "arena": (make_samples.ARENA_MELODY, 0, 0),
        "closet-stripped": (make_samples.CLOSET_MELODY, 8, -3),
    }[stem]
    clock = make_samples.Clock(tempo_bpm=truth["tempo"]["bpm"], first_beat_s=truth["beats_s"][0])
    notes = truth["vocal"]["notes"]
    assert [note["midi"] for note in notes] == [note.midi + transpose for note in melody]
    starts_s = [clock.time_s(note.beat - cut_beats) for note in melody]
    assert [note["start_s"] for note in notes] == pytest.approx(starts_s, abs=ROUNDING_S)


# --- the songs differ as they should ---------------------------------------------------------------------------------


def span_semitones(stem):
    vocal = truth_of(stem)["vocal"]
    return vocal["p98_midi"] - vocal["p2_midi"]


def test_closet_has_a_small_range_and_arena_a_wide_one():
    assert span_semitones("closet") <= 9
    assert span_semitones("closet-stripped") <= 9
    assert span_semitones("arena") >= 19


def test_the_riff_loops_through_nearly_all_of_closet_and_not_in_arena():
    for stem in ("closet", "closet-stripped"):
        riff, tempo = truth_of(stem)["riff"], truth_of(stem)["tempo"]
        assert riff["present"]
        assert riff["coverage_of_file"] > 0.85
        assert riff["period_s"] == pytest.approx(riff["period_bars"] * 4 * 60 / tempo["bpm"], abs=ROUNDING_S)
    assert not truth_of("arena")["riff"]["present"]
    assert truth_of("arena")["riff"]["spans"] == []


def test_arena_repeats_no_progression_inside_a_section_and_shares_none():
    progressions = list(make_samples.ARENA_CHORDS.values())
    assert len(set(progressions)) == len(progressions)
    for chords in progressions:
        assert all(chords[i : i + 2] != chords[i + 2 : i + 4] for i in range(len(chords) - 3))


def test_only_closet_has_layered_voices_in_gaps_and_under_the_chorus():
    truth = truth_of("closet")
    chorus = next(section for section in truth["sections"] if section["label"] == "chorus")
    middle_s = (chorus["start_s"] + chorus["end_s"]) / 2
    assert any(start <= middle_s <= end for start, end in truth["layers"])
    in_a_gap = [
        layer for layer in truth["layers"] if not any(s < layer[1] and layer[0] < e for s, e in truth["vocal"]["spans"])
    ]
    assert in_a_gap
    assert truth_of("arena")["layers"] == truth_of("closet-stripped")["layers"] == []


def test_the_stripped_version_is_the_same_melody_transposed_and_slowed():
    first, second = truth_of("closet"), truth_of("closet-stripped")
    notes, slowed = first["vocal"]["notes"], second["vocal"]["notes"]
    assert {b["midi"] - a["midi"] for a, b in zip(notes, slowed, strict=True)} == {-3}
    ratio = first["tempo"]["bpm"] / second["tempo"]["bpm"]
    offsets_s = np.array([b["start_s"] - ratio * a["start_s"] for a, b in zip(notes, slowed, strict=True)])
    assert offsets_s == pytest.approx(offsets_s[0], abs=3 * ROUNDING_S)
    # Consonants take as long in a slow song as in a fast one, so the ends follow only roughly.
    end_offsets_s = np.array([b["end_s"] - ratio * a["end_s"] for a, b in zip(notes, slowed, strict=True)])
    assert end_offsets_s == pytest.approx(offsets_s[0], abs=0.03)


# --- the files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stem", STEMS)
def test_files_are_small_and_tagged(stem):
    path = SAMPLES / f"{stem}.ogg"
    assert path.stat().st_size <= 2_000_000
    with soundfile.SoundFile(path) as file:
        assert (file.title, file.artist) == (truth_of(stem)["title"], "riffscope")
        assert file.date


@pytest.mark.parametrize("stem", STEMS)
def test_nothing_clips_between_the_samples_either(stem, sounds):
    fine = np.abs(signal.resample_poly(sounds[stem], 4, 1, axis=1))
    assert np.abs(sounds[stem]).max() < 1
    assert 20 * np.log10(fine.max()) <= -0.5


@pytest.mark.parametrize("stem", STEMS)
def test_songs_are_as_loud_as_they_say(stem, sounds):
    measured_lufs = make_samples.integrated_lufs(sounds[stem])
    assert measured_lufs == pytest.approx(truth_of(stem)["loudness_target_lufs"], abs=0.3)


def test_the_loudness_meter_reads_the_sine_of_the_standard():
    """ITU-R BS.1770-4, annex 1: a full-scale sine of 997 Hz in one channel reads -3.01 LUFS."""
    sine = np.sin(2 * np.pi * 997 * np.arange(3 * 44_100) / 44_100)
    assert make_samples.integrated_lufs(np.stack([sine, 0 * sine])) == pytest.approx(-3.01, abs=0.02)


# --- the instruments -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("f0_hz", [82.41, 220.0, 349.23])
def test_a_plucked_string_is_in_tune(f0_hz):
    string = make_samples.pluck(f0_hz, 1.5, make_samples.NYLON_GUITAR, np.random.default_rng(5))
    assert abs(cents(fundamental_hz(string, f0_hz), f0_hz)) < 3


def test_a_plucked_string_begins_at_once_and_dies_away():
    string = make_samples.pluck(196.0, 2.0, make_samples.NYLON_GUITAR, np.random.default_rng(5))
    assert np.argmax(np.abs(string)) < 0.01 * 44_100
    thirds = [make_samples.rms(part) for part in np.array_split(string, 3)]
    assert thirds[0] > 2 * thirds[1] > 2 * thirds[2]


def sing_one_note(name, singer, seed=5):
    studio = make_samples.Studio(
        clock=make_samples.Clock(tempo_bpm=60, first_beat_s=0.5), duration_s=3, rng=np.random.default_rng(seed)
    )
    return make_samples.sing(make_samples.read_melody((0.0, f"l-ah:{name}:2")), singer, studio)


@pytest.mark.parametrize("name", ["G3", "A3", "Eb4"])
def test_a_sung_note_is_in_tune_with_its_truth(name):
    straight = replace(make_samples.CLOSE_SINGER, vibrato_cents=0.0, drift_cents=0.0, flutter_cents=0.0)
    take = sing_one_note(name, straight)
    held = (take.frames_s > 1.0) & (take.frames_s < 2.2)
    true_hz = make_samples.hz_of(np.mean(take.frames_midi[held]))
    measured_hz = fundamental_hz(take.sound[44_100 : round(2.2 * 44_100)], true_hz)
    assert abs(cents(measured_hz, true_hz)) < 3
    assert abs(np.mean(take.frames_midi[held]) - make_samples.midi_of(name)) < 0.1


def test_vibrato_swings_the_pitch_as_wide_as_the_singer_makes_it():
    singer = replace(make_samples.ARENA_SINGER, drift_cents=0.0, flutter_cents=0.0)
    take = sing_one_note("A4", singer)
    held = take.frames_midi[(take.frames_s > 1.2) & (take.frames_s < 2.3)]
    assert 100 * np.ptp(held) / 2 == pytest.approx(singer.vibrato_cents, abs=5)


def test_the_same_seed_sings_the_same():
    first, again = (sing_one_note("A3", make_samples.CLOSE_SINGER) for _ in range(2))
    other = sing_one_note("A3", make_samples.CLOSE_SINGER, seed=6)
    assert np.array_equal(first.sound, again.sound)
    assert not np.array_equal(first.sound, other.sound)


def test_the_limiter_holds_true_peaks_under_its_ceiling():
    noise = np.random.default_rng(5).standard_normal((2, 44_100))
    peak = np.abs(signal.resample_poly(make_samples.limited(noise, -1.6), 4, 1, axis=1)).max()
    assert -3.0 < 20 * np.log10(peak) < -1.5


def test_note_names_are_midi_numbers():
    assert [make_samples.midi_of(name) for name in ("A4", "C4", "Eb4", "F#5", "G1")] == [69, 60, 63, 78, 31]


# --- a listener agrees -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stem", STEMS)
def test_a_pitch_tracker_hears_the_sung_range_in_the_finished_mix(stem, sounds):
    swift_f0 = pytest.importorskip("swift_f0")
    vocal = truth_of(stem)["vocal"]
    heard = swift_f0.SwiftF0(threads=1, spin=False).detect(sounds[stem].T.astype(np.float32), 44_100)
    sure = heard.confidence > 0.9
    low, high = np.percentile(69 + 12 * np.log2(heard.pitch_hz[sure] / 440), [2, 98])
    assert low == pytest.approx(vocal["p2_midi"], abs=2)
    assert high == pytest.approx(vocal["p98_midi"], abs=2)
