"""Programs are asked, their answers kept and scored, and the README says what was found."""

import json
import sys

import pytest

from benchmarks import measure, programs, readme
from benchmarks.figures import Figures, Mean, SetFigures, Source, means_of, read_figures, write_figures
from benchmarks.items import read_set
from benchmarks.programs import Program, VoiceModelMissing
from benchmarks.tasks import find_tasks

TASKS = find_tasks()
RIGHT = {"tempo": {"status": "measured", "value": {"bpm": {"value": 120.0}}}}


def program_that(code, **more):
    return Program(name="ours", command=(sys.executable, "-c", code, "{file}"), version="1", **more)


def program_that_says(measurements, **more):
    return program_that(f"print({json.dumps(json.dumps({'measurements': measurements}))})", **more)


@pytest.fixture
def songs(tmp_path):
    """A set of two songs of 120 beats a minute and one that is not annotated."""
    folder = tmp_path / "sets" / "dev"
    folder.mkdir(parents=True)
    items = [
        {"file": f"songs/{name}.ogg", "duration_s": 60.0, "annotation_types": kinds, "truth": {"bpm": 120.0}}
        for name, kinds in (("a", ["tempo"]), ("b", ["tempo"]), ("c", []))
    ]
    (folder / "manifest.json").write_text(json.dumps({"items": items}))
    return folder


def ask(program, songs, kept):
    return measure.measure(program, read_set(songs), {"tempo": TASKS["tempo"]}, kept, timeout_s=20)


def test_answers_are_scored_and_kept(songs, tmp_path):
    rows = ask(program_that_says(RIGHT), songs, tmp_path / "kept")
    assert [row.scores for row in rows] == [{"tempo": {"tempo_acc1": 1.0, "tempo_acc2": 1.0}}] * 2
    assert all(row.reply.cost.cpu_s > 0 and row.reply.cost.peak_mb > 1 for row in rows)
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {"songs__a.ogg.json", "songs__b.ogg.json"}
    again = ask(program_that("raise SystemExit(1)"), songs, tmp_path / "kept")  # which is never asked
    assert [row.reply for row in again] == [row.reply for row in rows]


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import sys; sys.exit('song.ogg: too short')", "exit 1: song.ogg: too short"),
        ("print('no')", "not JSON"),
        ("print('{\"measurements\": NaN}')", "not JSON: NaN in JSON"),
    ],
)
def test_a_failed_run_counts_as_wrong_and_is_tried_again(songs, tmp_path, code, why):
    rows = ask(program_that(code), songs, tmp_path / "kept")
    assert all(row.reply.error.startswith(why) for row in rows)
    assert [row.scores["tempo"]["tempo_acc1"] for row in rows] == [0.0, 0.0]
    assert measure.figures_of(program_that(code), rows, TASKS).failed_runs == 2
    assert not (tmp_path / "kept").exists()


def test_a_run_that_takes_too_long_is_stopped(songs, tmp_path):
    program = program_that("import time; time.sleep(60)")
    (row, _) = measure.measure(program, read_set(songs), {"tempo": TASKS["tempo"]}, tmp_path, timeout_s=0.2)
    assert row.reply.error == "no answer in 0 s"


def test_the_mix_is_not_taken_for_the_separated_voice(songs, tmp_path):
    heard = RIGHT | {"vocal_activity": {"status": "measured", "value": {"method": "mix", "spans": []}}}
    with pytest.raises(VoiceModelMissing, match="models get spleeter"):
        ask(program_that_says(heard, needs_voice_model=True), songs, tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_what_a_program_does_not_give_is_wrong_in_ours_and_left_out_in_others(songs, tmp_path):
    rows = ask(program_that_says({}), songs, tmp_path / "kept")
    ours = Program(name=programs.LISTENING["none"], command=(), version="1")
    assert measure.figures_of(ours, rows, TASKS).metrics["tempo_acc1"] == Mean(value=0.0, items=2)
    assert measure.figures_of(program_that_says({}), rows, TASKS).metrics == {}


def test_means_leave_out_what_has_no_number_and_say_so():
    means = means_of([{"a": 1.0, "b": float("nan")}, {"a": 0.0, "b": 3.0}, {"c": float("nan")}])
    assert means == {
        "a": Mean(value=0.5, items=2),
        "b": Mean(value=3.0, items=2, lost=1),
        "c": Mean(value=None, items=1, lost=1),
    }


def test_whole_sets_renew_figures_and_readme_and_parts_do_not(songs, tmp_path, monkeypatch, capsys):
    page = tmp_path / "README.md"
    page.write_text(f"Before\n\n{readme.BEGIN}\n{readme.END}\n\nAfter\n")
    kept = {}
    monkeypatch.setattr(readme, "README", page)
    monkeypatch.setattr(measure, "read_figures", Figures)
    monkeypatch.setattr(measure, "write_figures", lambda figures: kept.update(figures.programs))
    monkeypatch.setattr(programs, "riffscope", lambda separator: program_that_says(RIGHT))
    options = ["--data", str(songs.parent), "--answers", str(tmp_path / "kept"), "--separators", "auto"]
    assert measure.main([*options, "--match", "songs/a"]) == 0
    assert not kept
    assert measure.main(options) == 0
    assert kept["ours"]["dev"].metrics["tempo_acc1"] == Mean(value=1.0, items=2)
    assert "| tempo right (4%) | 1.00 |" in page.read_text()
    assert "tempo_acc1" in capsys.readouterr().out


def test_no_sets_and_no_such_task_are_said(tmp_path, capsys):
    assert measure.main(["--data", str(tmp_path)]) == 1
    assert "no annotated sets" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        measure.main(["--only", "temp"])


def test_peers_are_found_by_their_files_and_named_by_their_docstrings():
    assert programs.peer("essentia", measure.KEPT).name == "Essentia"
    assert programs.peer("librosa", measure.KEPT).name == "librosa and pyloudnorm"
    assert programs.peer("crema_chords", measure.KEPT).name == "crema"
    assert programs.peer("template_chords", measure.KEPT).name == "chroma templates with librosa"
    with pytest.raises(ValueError, match="essentia, librosa"):
        programs.peer("madmom", measure.KEPT)


def test_figures_are_read_as_they_were_written(tmp_path):
    found = SetFigures(source=Source(date="2026-11-28"), items=1, minutes=0.5, metrics={"a": Mean(value=0.5, items=1)})
    figures = Figures().renewed("ours", "dev", found)
    write_figures(figures, tmp_path / "figures.json")
    assert read_figures(tmp_path / "figures.json") == figures
    assert read_figures(tmp_path / "none.json") == Figures()


# --- the README ------------------------------------------------------------------------------------------------------


def test_the_readme_has_the_table_of_the_figures():
    assert readme.main(["--check"]) == 0, "python -m benchmarks.readme writes the table anew"


def test_a_table_shows_shares_counts_and_what_a_program_does_not_give():
    source = Source(date="2026-11-28", version="0.1.0", commit="abc1234", cpu_count=2, python="3.13.0")
    metrics = {"tempo_acc1": Mean(value=0.846, items=13), "range_within_2st": Mean(value=12 / 13, items=13)}
    found = SetFigures(source=source, items=28, minutes=35.0, metrics=metrics, cpu_s_per_minute=3.17)
    lines = readme.table(Figures().renewed("ours", readme.SET, found)).splitlines()
    assert lines[:2] == ["| | ours |", "|---|---|"]
    assert "| tempo right (4%) | .85 |" in lines
    assert "| sung range within 2 semitones | 12 of 13 |" in lines
    assert "| downbeats, F-measure | none |" in lines
    assert lines[-1] == "ours: 0.1.0 (abc1234), 28 November 2026, 2 CPUs, Python 3.13."


def test_a_readme_without_a_place_for_the_table_is_refused():
    with pytest.raises(ValueError, match="README has no"):
        readme.renewed("# riffscope\n", Figures())
