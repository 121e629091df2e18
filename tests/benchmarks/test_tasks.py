"""Every task: a right answer scores 1, a wrong one 0, and what is missing counts as wrong."""

import dataclasses
import inspect
import json
import math
import pkgutil
import sys

import numpy as np
import pytest

from benchmarks import tasks
from benchmarks.answers import NOTHING, Answer
from benchmarks.items import Item
from benchmarks.tasks import find_tasks, score

TASKS = find_tasks()
BEATS_S = np.arange(0.5, 30, 0.5)
KEY = {"tonic": "E", "mode": "minor"}
RIFF = {"present": True, "period_s": 4.0, "period_bars": 2, "spans": [[0.0, 24.0]], "coverage_of_file": 0.8}
SECTIONS = [
    {"name": "intro", "start": 0.0, "end": 8.0},
    {"name": "verse", "start": 8.0, "end": 20.0},
    {"name": "chorus", "start": 20.0, "end": 30.0},
]
CHART = {
    "period_s": 8.0,
    "shortest_good_period_bars": 4,
    "repeat_fraction_at_lag_bars": {"1": 0.1, "2": 0.3, "4": 0.6, "8": 0.7},
}


def make_item(folder, kinds, *, duration_s=30.0, file="song.ogg", **more):
    return Item(folder=folder, file=file, duration_s=duration_s, kinds=frozenset(kinds), **{"truth": {}, **more})


def answer_with(**measurements):
    entries = {name: {"status": "measured", "value": value} for name, value in measurements.items()}
    return Answer(document={"measurements": entries})


@pytest.fixture
def rhythm(tmp_path):
    """A song of 120 beats a minute in four."""
    rows = [f"{time_s}\t{beat % 4 + 1}" for beat, time_s in enumerate(BEATS_S)]
    (tmp_path / "song.beats").write_text("\n".join(rows))
    truth = {"tempo": {"bpm": 120.0, "segments": [{"bpm": 120.0}, {"bpm": 100.0}]}}
    return make_item(tmp_path, ["tempo", "beats", "downbeats"], truth=truth, beats_file="song.beats")


@pytest.fixture
def sung(tmp_path):
    """A song of which the middle ten seconds are sung on A4."""
    times_s = np.arange(0, 30, 0.01)
    hz = np.where((times_s >= 10) & (times_s < 20), 440.0, 0.0)
    rows = [f"{time_s:.2f},{pitch_hz}" for time_s, pitch_hz in zip(times_s, hz, strict=True)]
    (tmp_path / "song.f0.csv").write_text("\n".join(rows))
    kinds = ["vocal_f0", "vocal_range", "vocal_activity"]
    truth = {"vocal": {"p2_midi": 60.0, "p98_midi": 70.0}}
    return make_item(tmp_path, kinds, truth=truth, f0_file="song.f0.csv")


@pytest.fixture
def rendered(tmp_path):
    """A song of which everything is known."""
    whole = {
        "riff": RIFF,
        "tempo": {"meter": 4},
        "chords": [
            {"start": 0.0, "end": 2.0, "label": "E:min", "struck": True},
            {"start": 2.0, "end": 4.0, "label": "C:maj", "struck": True},
            {"start": 4.0, "end": 30.0, "label": "G:maj", "struck": False},
        ],
        "riff_notes": [{"beat": 0.0, "beats": 1.0, "midi": 52}, {"beat": 2.5, "beats": 0.5, "midi": 55}],
    }
    (tmp_path / "song.truth.json").write_text(json.dumps(whole))
    truth = {"riff": RIFF, "key": KEY, "sections": SECTIONS}
    kinds = ["key", "riff_period", "riff_spans"]
    return make_item(tmp_path, kinds, truth=truth, truth_file="song.truth.json")


# --- discovery -------------------------------------------------------------------------------------------------------


def test_every_file_is_a_task_of_its_name():
    assert set(TASKS) == {info.name for info in pkgutil.iter_modules(tasks.__path__)}
    assert {"tempo", "beats", "key", "riff", "contour", "vocal_range", "chords", "loudness"} <= set(TASKS)


@pytest.mark.parametrize("name", TASKS)
def test_a_task_opens_with_its_metrics_and_a_source(name):
    text = inspect.getdoc(sys.modules[f"benchmarks.tasks.{name}"])
    assert "Metrics" in text
    assert "References" in text or "of our own" in text


def test_every_score_is_named_by_its_task(rhythm, sung, rendered):
    loud = make_item(rhythm.folder, [], heard={"integrated_lufs": -14.0, "true_peak_dbfs": -1.0})
    silent = make_item(rhythm.folder, ["no_vocal"])
    for item in (rhythm, sung, rendered, loud, silent):
        for task in TASKS.values():
            if task.asks(item):
                text = inspect.getdoc(sys.modules[f"benchmarks.tasks.{task.name}"])
                assert all(f"``{metric}``" in text for metric in task(item, NOTHING)), task.name


def test_a_song_is_scored_in_what_it_is_annotated_with(rhythm):
    assert set(score(rhythm, NOTHING, TASKS)) == {"tempo", "beats", "downbeats", "loudness"}


def test_a_program_takes_part_in_what_it_answers():
    some = answer_with(beats={"times_s": [1.0, 2.0], "downbeat_index": []}, vocal_activity={"spans": []})
    assert {name for name, task in TASKS.items() if task.is_answered(some)} == {"beats"}


# --- rhythm ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bpm", "exact", "any_level"), [(121, 1, 1), (104, 1, 1), (60, 0, 1), (240, 0, 1), (150, 0, 0), (None, 0, 0)]
)
def test_tempo_is_right_within_four_percent_of_any_part(rhythm, bpm, exact, any_level):
    found = TASKS["tempo"](rhythm, answer_with(tempo={"bpm": {"value": bpm}}))
    assert found == {"tempo_acc1": exact, "tempo_acc2": any_level}


def test_beats_as_annotated_score_one(rhythm):
    told = answer_with(beats={"times_s": list(BEATS_S), "downbeat_index": list(range(0, len(BEATS_S), 4))})
    assert TASKS["beats"](rhythm, told) == pytest.approx({"beat_f": 1, "beat_cmlt": 1, "beat_amlt": 1})
    assert TASKS["downbeats"](rhythm, told) == pytest.approx({"downbeat_f": 1})


def test_beats_off_the_beat_keep_another_metrical_level(rhythm):
    found = TASKS["beats"](rhythm, answer_with(beats={"times_s": list(BEATS_S + 0.25)}))
    assert (found["beat_f"], found["beat_cmlt"]) == (0, 0)
    assert found["beat_amlt"] > 0.9


def test_bars_that_begin_a_beat_late_are_wrong(rhythm):
    told = answer_with(beats={"times_s": list(BEATS_S), "downbeat_index": list(range(1, len(BEATS_S), 4))})
    assert TASKS["downbeats"](rhythm, told) == {"downbeat_f": 0}


def test_missing_beats_are_wrong(rhythm):
    assert TASKS["beats"](rhythm, NOTHING) == {"beat_f": 0, "beat_cmlt": 0, "beat_amlt": 0}
    assert TASKS["downbeats"](rhythm, NOTHING) == {"downbeat_f": 0}


# --- key, riff, sections, chords -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tonic", "mode", "weighted"),
    [("E", "minor", 1), ("B", "minor", 0.5), ("G", "major", 0.3), ("E", "major", 0.2), ("F", "major", 0)],
)
def test_near_keys_count_in_part(rendered, tonic, mode, weighted):
    found = TASKS["key"](rendered, answer_with(key={"tonic": tonic, "mode": mode}))
    assert found == {"key_weighted": weighted, "key_exact": float(weighted == 1)}


def test_the_relative_key_is_right_where_nothing_comes_round(tmp_path):
    item = make_item(tmp_path, ["key"], truth={"key": "E minor (by its pitches)", "riff": {"present": False}})
    assert TASKS["key"](item, answer_with(key={"tonic": "G", "mode": "major"}))["key_weighted"] == 1
    assert TASKS["key"](item, NOTHING) == {"key_weighted": 0, "key_exact": 0}


def test_the_riff_as_written_scores_one(rendered):
    loops = {"period_s": 4.0, "coverage_fraction": {"value": 0.8}, "spans": [{"start_s": 0.0, "end_s": 24.0}]}
    found = TASKS["riff"](rendered, answer_with(loops=loops))
    assert found == pytest.approx(
        {"loop_period_exact": 1, "loop_period_multiple": 1, "loop_coverage_err": 0, "loop_span_iou": 1}
    )


def test_twice_the_period_is_a_multiple_and_three_halves_is_not(rendered):
    for period_s, multiple in ((8.0, 1), (6.0, 0)):
        found = TASKS["riff"](rendered, answer_with(loops={"period_s": period_s, "coverage_fraction": 0.4}))
        assert (found["loop_period_exact"], found["loop_period_multiple"]) == (0, multiple)
        assert found["loop_coverage_err"] == pytest.approx(0.4)


def test_a_missing_riff_is_wrong_where_there_is_one_and_right_where_there_is_none(rendered, tmp_path):
    found = TASKS["riff"](rendered, NOTHING)
    assert found["loop_period_exact"] == found["loop_span_iou"] == 0
    none = make_item(tmp_path, ["riff_period"], truth={"riff": {"present": False}})
    assert TASKS["riff"](none, NOTHING) == {"loop_null_ok": 1, "loop_coverage_err": 0}
    assert TASKS["riff"](none, answer_with(loops={"coverage_fraction": 0.9}))["loop_null_ok"] == 0


@pytest.mark.parametrize(("period_s", "right"), [(8.0, 1), (16.0, 1), (4.0, 0), (None, 0)])
def test_a_charted_riff_may_be_any_period_that_repeats_well(tmp_path, period_s, right):
    item = make_item(tmp_path, ["riff_from_chart"], truth={"chart_riff": CHART})
    assert TASKS["chart_riff"](item, answer_with(loops={"period_s": period_s})) == {"loop_chart_ok": right}


def test_sections_at_their_places_with_their_names_score_one(rendered):
    told = [{"start_s": each["start"], "end_s": each["end"], "function": each["name"]} for each in SECTIONS]
    found = TASKS["structure"](rendered, answer_with(structure={"sections": told}))
    assert found == pytest.approx({"structure_f3": 1, "structure_f05": 1, "section_named": 1})
    assert TASKS["structure"](rendered, NOTHING) == {"structure_f3": 0, "structure_f05": 0, "section_named": 0}


def test_a_boundary_two_seconds_late_is_found_coarsely_alone(rendered):
    told = [{"start_s": start_s, "end_s": start_s + 1} for start_s in (0.0, 10.0, 22.0)]
    found = TASKS["structure"](rendered, answer_with(structure={"sections": told}))
    assert (found["structure_f3"], found["structure_f05"]) == (1, 0)


def test_the_chorus_is_what_is_called_so(tmp_path):
    item = make_item(tmp_path, ["chorus"], truth={"chorus_spans": [[10.0, 20.0]]})
    sections = [{"start_s": 10.0, "end_s": 20.0, "function": "chorus"}, {"start_s": 20.0, "end_s": 30.0}]
    assert TASKS["chorus"](item, answer_with(structure={"sections": sections})) == {"chorus_f": 1}
    assert TASKS["chorus"](item, NOTHING) == {"chorus_f": 0}


def chords_named(first, second, *probabilities):
    """Two chords of two seconds each."""
    spans = [{"start_s": 0.0, "end_s": 2.0, "label": first}, {"start_s": 2.0, "end_s": 4.0, "label": second}]
    for span, probability in zip(spans, probabilities, strict=False):
        span["probability"] = probability
    return answer_with(chords={"spans": spans})


def test_chords_count_by_time_where_they_are_struck(rendered):
    def heard(*labels):
        found = TASKS["chords"](rendered, chords_named(*labels))
        return found["chord_root"], found["chord_majmin"], found["chord_tetrads"]

    assert heard("E:min", "C:maj") == pytest.approx((1, 1, 1))
    assert heard("E:maj", "A:maj") == pytest.approx((0.5, 0, 0))
    assert TASKS["chords"](rendered, NOTHING) == {"chord_root": 0, "chord_majmin": 0, "chord_tetrads": 0}


def test_a_seventh_that_is_not_there_is_wrong_and_a_bass_may_be_any(rendered):
    assert TASKS["chords"](rendered, chords_named("E:min7", "C:maj/3"))["chord_tetrads"] == pytest.approx(0.5)


def test_a_chord_found_late_is_wrong_for_so_long(rendered):
    spans = [{"start_s": 0.0, "end_s": 3.0, "label": "E:min"}, {"start_s": 3.0, "end_s": 4.0, "label": "C:maj"}]
    assert TASKS["chords"](rendered, answer_with(chords={"spans": spans}))["chord_root"] == pytest.approx(0.75)


def test_probabilities_of_chords_are_held_against_what_is_right(rendered):
    def told(*probabilities):
        found = TASKS["chords"](rendered, chords_named("E:min", "A:maj", *probabilities))
        return found["chord_brier"], found["chord_overconfidence"]

    assert told(1.0, 0.0) == pytest.approx((0, 0))
    assert told(0.5, 0.5) == pytest.approx((0.25, 0))
    assert told(1.0, 1.0) == pytest.approx((0.5, 0.5))
    assert "chord_brier" not in TASKS["chords"](rendered, chords_named("E:min", "A:maj"))


def test_chords_of_a_song_without_a_riff_are_scored_too(rendered):
    song = dataclasses.replace(rendered, kinds=frozenset(["chords"]))
    scores = score(song, chords_named("E:min", "C:maj"), TASKS)
    assert scores["chords"]["chord_root"] == 1
    assert "riff_notes" not in scores


def test_riff_notes_may_be_counted_from_any_beat_and_read_in_any_octave(rendered):
    def heard(*notes):
        told = [{"beat": beat, "midi": midi} for beat, midi in notes]
        return TASKS["riff_notes"](rendered, answer_with(riff_notes={"notes": told}))

    assert heard((3.1, 52), (5.5, 55)) == {"riff_note_f": 1, "riff_note_pc_f": 1}
    assert heard((0.0, 64), (2.5, 67)) == {"riff_note_f": 0, "riff_note_pc_f": 1}
    assert heard((0.0, 52), (2.0, 55)) == {"riff_note_f": 0.5, "riff_note_pc_f": 0.5}
    assert TASKS["riff_notes"](rendered, NOTHING) == {"riff_note_f": 0, "riff_note_pc_f": 0}


def test_a_pass_of_the_riff_goes_round_and_each_note_counts_once(rendered):
    def heard(*notes):
        told = [{"beat": beat, "midi": midi} for beat, midi in notes]
        return TASKS["riff_notes"](rendered, answer_with(riff_notes={"notes": told}))["riff_note_f"]

    assert heard((7.9, 52), (2.5, 55)) == 1, "just before the pass begins again is near its first beat"
    assert heard((0.2, 52), (2.5, 55)) == 0.5, "a fifth of a beat late"
    assert heard((0.0, 52), (0.1, 52), (2.5, 55)) == pytest.approx(0.8), "told twice, found once"


# --- voice -----------------------------------------------------------------------------------------------------------


def contour(hz_sung, hz_unsung=None):
    times_s = np.arange(0, 30, 0.01)
    f0_hz = [hz_sung if 10 <= time_s < 20 else hz_unsung for time_s in times_s]
    return answer_with(vocal_pitch={"times_s": list(times_s), "f0_hz": f0_hz})


def test_the_contour_as_sung_scores_one(sung):
    found = TASKS["contour"](sung, contour(440.0))
    assert found["vocal_rpa"] == found["vocal_rca"] == pytest.approx(1)
    assert found["vocal_oa"] == pytest.approx(1, abs=0.002)
    assert found["vocal_voicing_false_alarm"] == pytest.approx(0, abs=0.002)


def test_an_octave_off_is_right_in_chroma_alone(sung):
    found = TASKS["contour"](sung, contour(220.0, 220.0))
    assert (found["vocal_rpa"], found["vocal_rca"]) == pytest.approx((0, 1))
    assert found["vocal_voicing_false_alarm"] == pytest.approx(1)


def test_no_contour_is_never_sung(sung):
    found = TASKS["contour"](sung, NOTHING)
    assert found["vocal_rpa"] == found["vocal_voicing_recall"] == 0
    assert found["vocal_oa"] == pytest.approx(2 / 3, abs=0.002)  # the unsung share


def test_the_range_is_right_within_two_semitones(sung):
    def heard(lowest, highest, **span):
        fields = {"lowest_midi": {"value": lowest}, "highest_midi": highest, "span_semitones": span}
        return TASKS["vocal_range"](sung, answer_with(vocal_range=fields))

    assert heard(61.0, 70.5, low=9.0, high=11.0) == pytest.approx(
        {
            "range_span_err_st": 0.5,
            "range_within_2st": 1,
            "range_low_err_st": 1,
            "range_high_err_st": 0.5,
            "range_interval_covers": 1,
        }
    )
    assert heard(60.0, 73.0, low=12.5, high=13.5)["range_within_2st"] == 0
    assert heard(60.0, 73.0, low=12.5, high=13.5)["range_interval_covers"] == 0
    assert TASKS["vocal_range"](sung, NOTHING) == {"range_within_2st": 0}


def test_activity_is_widened_by_breaths(sung):
    def heard(start_s, end_s):
        spans = [{"start_s": start_s, "end_s": end_s}]
        return TASKS["activity"](sung, answer_with(vocal_activity={"spans": spans}))

    assert heard(9.85, 20.15) == pytest.approx({"activity_f": 1, "activity_accuracy": 1}, abs=0.02)
    assert heard(25.0, 30.0)["activity_f"] == 0
    assert TASKS["activity"](sung, NOTHING)["activity_f"] == 0


def test_activity_by_notes_and_by_lines_of_lyrics(tmp_path):
    (tmp_path / "notes.csv").write_text("start_s,end_s,midi\n10.15,19.85,60\n")
    told = answer_with(vocal_activity={"spans": [{"start_s": 10.0, "end_s": 20.0}]})
    for truth in ({"notes_file": "notes.csv"}, {"vocal_line_spans": [[10.0, 20.0]]}):
        item = make_item(tmp_path, ["vocal_activity"], truth=truth)
        assert TASKS["activity"](item, told)["activity_f"] == pytest.approx(1)
    assert TASKS["activity"](make_item(tmp_path, ["vocal_activity"]), told) == {}


def test_nobody_sings_only_where_no_range_is_given_either(tmp_path):
    item = make_item(tmp_path, ["no_vocal"])
    assert TASKS["no_vocal"](item, NOTHING) == {"no_vocal_false_alarm": 0, "no_vocal_ok": 1}
    assert TASKS["no_vocal"](item, answer_with(vocal_range={"lowest_midi": 60.0}))["no_vocal_ok"] == 0
    heard = answer_with(vocal_activity={"spans": [{"start_s": 0.0, "end_s": 15.0}]})
    assert TASKS["no_vocal"](item, heard) == {"no_vocal_false_alarm": 0.5, "no_vocal_ok": 0}


# --- loudness --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lufs", "right"), [(-23.1, 1), (-23.2, 0), (None, 0)])
def test_a_compliance_signal_states_how_far_off_a_meter_may_be(tmp_path, lufs, right):
    item = make_item(tmp_path, ["loudness"], truth={"integrated_lufs": -23.0, "tolerance_lu": 0.1})
    assert TASKS["loudness"](item, answer_with(loudness={"integrated_lufs": lufs})) == {"lufs_compliant": right}


def test_other_recordings_are_compared_with_another_meter(tmp_path):
    item = make_item(tmp_path, [], heard={"integrated_lufs": -14.0, "true_peak_dbfs": -1.0})
    told = answer_with(loudness={"integrated_lufs": -14.5, "true_peak_dbtp": -0.8})
    assert TASKS["loudness"](item, told) == pytest.approx({"lufs_err_vs_ffmpeg": 0.5, "true_peak_err_vs_ffmpeg": 0.2})
    assert all(math.isnan(value) for value in TASKS["loudness"](item, NOTHING).values())
    assert TASKS["loudness"](make_item(tmp_path, [], duration_s=2.0, heard=item.heard), told) == {}
