"""Folders of songs: what is found in them, what is measured and what was before, and where it is kept."""

import contextlib
import csv
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from riffscope import workflow
from riffscope.cli import main
from riffscope.cli.progress import Going, in_words
from riffscope.cli.shelf import Shelf
from riffscope.codec import read_analysis, to_json
from riffscope.decoding.containers import ENDINGS
from riffscope.errors import CannotRead
from riffscope.folders import songs_in
from riffscope.model import Measured, Missing, Settings
from riffscope.song import made_by
from signals import sine
from songs import example_song


@pytest.fixture(scope="module")
def tones(tmp_path_factory):
    """Two short recordings, and one that is none."""
    folder = tmp_path_factory.mktemp("tones")
    for name, hz in (("b.wav", 440), ("A.wav", 330)):
        soundfile.write(folder / name, sine(hz, 3.5), 44100)
    (folder / "c.mp3").write_text("only words")
    return folder


@pytest.fixture
def songs(tones, tmp_path):
    """A folder of its own with these."""
    return Path(shutil.copytree(tones, tmp_path / "songs"))


@pytest.fixture
def not_measuring(monkeypatch):
    """Fail where a song is measured."""
    return lambda: monkeypatch.setattr(workflow, "run", lambda *_: pytest.fail("measured again"))


def analysis_of(name, *, sha256="0" * 64, title=None):
    song = example_song(title=title)
    return replace(song, source=replace(song.source, name=name, sha256=sha256))


def errors(capsys):
    return capsys.readouterr().err.splitlines()


# ----------------------------------------------------------------------------------------------------------- folders
def test_a_folder_stands_for_its_songs_in_order_and_those_of_folders_within(tmp_path):
    for name in ("b.mp3", "A.WAV", "in/c.flac", ".hidden.mp3", ".git/d.mp3", "notes.txt", "cover.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [Path(song).relative_to(tmp_path).as_posix() for song in songs_in([str(tmp_path)])]
    assert found == ["A.WAV", "b.mp3", "in/c.flac"]
    assert songs_in(["one.mp3", str(tmp_path / "in"), "two.mp3"])[::2] == ["one.mp3", "two.mp3"]


def test_a_saved_analysis_counts_where_its_song_is_not_there(tmp_path):
    (tmp_path / "with.mp3").touch()
    for name in ("with.json", "alone.json"):
        (tmp_path / name).write_bytes(to_json(analysis_of("gone.mp3"), indent=1))
    (tmp_path / "other.json").write_text('{"schema": 7}')
    assert [Path(song).name for song in songs_in([str(tmp_path)])] == ["alone.json", "with.mp3"]


def test_an_analysis_that_was_saved_under_another_name_is_not_its_song_once_more(songs, tmp_path, capsys):
    assert main(["analyze", str(songs / "b.wav"), "--json", str(songs / "first take.json")]) == 0
    assert [Path(song).name for song in songs_in([str(songs)])] == ["A.wav", "b.wav", "c.mp3"]
    (songs / "b.wav").unlink()
    assert [Path(song).name for song in songs_in([str(songs)])] == ["A.wav", "c.mp3", "first take.json"]


def test_a_folder_without_songs_is_one_line(tmp_path, capsys):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(CannotRead):
        songs_in([str(tmp_path)])
    assert main(["analyze", str(tmp_path)]) == 1
    (line,) = errors(capsys)
    assert line.startswith(f"{tmp_path}: there is no song")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_a_folder_is_passed_over_and_not_waited_for(songs):
    os.mkfifo(songs / "pipe.json")
    assert "pipe.json" not in [Path(song).name for song in songs_in([str(songs)])]


def test_endings_are_small_and_begin_with_a_dot():
    assert all(re.fullmatch(r"\.[a-z0-9]+", ending) for ending in ENDINGS)
    assert {".mp3", ".wav", ".flac", ".ogg", ".m4a"} <= ENDINGS


def test_an_address_is_no_file(capsys):
    assert main(["analyze", "https://example.org/song.mp3"]) == 1
    (line,) = errors(capsys)
    assert line.startswith("https://example.org/song.mp3: is a web address")


# ------------------------------------------------------------------------------------------------------ many at once
def test_songs_have_a_row_each_and_the_run_is_summed_up(songs, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    assert main(["analyze", str(songs)]) == 1
    said = capsys.readouterr()
    rows = [line.split()[0] for line in said.out.splitlines()]
    assert rows[1:3] == ["A", "b"]
    err = said.err.splitlines()
    assert [line for line in err if line.startswith("[")] == ["[1/3] A.wav", "[2/3] b.wav", "[3/3] c.mp3"]
    assert sum("c.mp3: " in line for line in err) == 1
    assert re.match(r"3 songs: 2 measured, 1 refused, in ", err[-1])


def test_quiet_says_what_went_wrong_alone(songs, capsys):
    assert main(["analyze", str(songs), "--quiet"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert "c.mp3" in said.err


def test_a_song_that_was_measured_before_is_not_measured_again(songs, tmp_path, capsys, not_measuring):
    out = tmp_path / "kept"
    assert main(["analyze", str(songs), "--out", str(out)]) == 1
    assert sorted(path.name for path in out.iterdir()) == ["A.json", "b.json"]
    before = {path: path.read_bytes() for path in out.iterdir()}
    (songs / "c.mp3").unlink()
    not_measuring()
    capsys.readouterr()
    assert main(["analyze", str(songs), "--out", str(out)]) == 0
    assert "2 measured before" in errors(capsys)[-1]
    assert {path: path.read_bytes() for path in out.iterdir()} == before


def test_other_claims_are_tested_on_what_was_measured_before(songs, tmp_path, capsys, not_measuring):
    song, out = str(songs / "b.wav"), tmp_path / "kept"
    assert main(["analyze", song, "--out", str(out)]) == 0
    claims = tmp_path / "mine.toml"
    claims.write_text('[mine]\ntext = "Loud"\nkind = "at_least"\nmeasure = "loudness.integrated_lufs"\nlimit = -60\n')
    not_measuring()
    assert main(["analyze", song, "--out", str(out), "--claims", str(claims)]) == 0
    assert [one.claim for one in read_analysis(out / "b.json").verdicts] == ["mine"]


def test_a_song_is_measured_again_with_other_choices_or_by_other_measurements(songs, tmp_path, capsys):
    song, out = songs / "b.wav", tmp_path / "kept"
    assert main(["analyze", str(song), "--out", str(out)]) == 0
    saved = read_analysis(out / "b.json")
    assert Shelf(out, Settings()).find(song) is not None
    assert Shelf(out, Settings(separator="none")).find(song) is None
    assert Shelf(out, Settings(tempo_bpm=100.0)).find(song) is None
    loudness = saved.outcomes["loudness"]
    assert isinstance(loudness, Measured)
    older = replace(saved, outcomes={**saved.outcomes, "loudness": replace(loudness, version=loudness.version - 1)})
    # Once, what was missing bore no version: it holds for the riffscope that found nothing.
    without = {name: replace(one, version=0) for name, one in saved.outcomes.items() if isinstance(one, Missing)}
    undated = replace(saved, outcomes={**saved.outcomes, **without})
    for changed, holds in (
        (older, False),
        (undated, True),
        (replace(undated, made_by={**made_by(), "riffscope": "0.0.1"}), False),
        (replace(saved, made_by={**made_by(), "riffscope": "0.0.1"}), True),
        (older, False),
    ):
        (out / "b.json").write_bytes(to_json(changed))
        assert (Shelf(out, Settings()).find(song) is not None) == holds
    # It is riffscope's own, of the same song: it is renewed without being asked.
    assert main(["analyze", str(song), "--out", str(out)]) == 0
    assert read_analysis(out / "b.json").outcomes["loudness"].version == loudness.version


def test_another_song_of_the_same_name_has_a_file_of_its_own_in_every_run(tones, tmp_path, capsys):
    out = tmp_path / "kept"
    for folder, name in (("one", "A.wav"), ("two", "b.wav")):
        (tmp_path / folder).mkdir()
        shutil.copy(tones / name, tmp_path / folder / "song.wav")
    one, two = (str(tmp_path / folder / "song.wav") for folder in ("one", "two"))
    assert main(["analyze", one, two, "--out", str(out)]) == 0
    kept = {path.name: read_analysis(path).source.sha256 for path in out.iterdir()}
    assert sorted(kept) == ["song-2.json", "song.json"]
    assert main(["analyze", two, one, "--out", str(out)]) == 0
    assert {path.name: read_analysis(path).source.sha256 for path in out.iterdir()} == kept


def test_a_file_that_is_no_analysis_is_not_replaced_unless_told_and_nothing_is_measured(
    songs, tmp_path, capsys, monkeypatch
):
    song, out = str(songs / "b.wav"), tmp_path / "kept"
    out.mkdir()
    (out / "b.json").write_text("mine")
    with monkeypatch.context() as patch:
        patch.setattr(workflow, "run", lambda *_: pytest.fail("measured"))
        assert main(["analyze", song, "--out", str(out)]) == 1
    (line,) = errors(capsys)
    assert "--force" in line
    assert (out / "b.json").read_text() == "mine"
    assert main(["analyze", song, "--out", str(out), "--force"]) == 0
    assert read_analysis(out / "b.json").source.name == "b.wav"


def test_what_a_saved_analysis_cannot_follow_is_said(tmp_path, capsys):
    (tmp_path / "kept.json").write_bytes(to_json(example_song()))
    assert main(["analyze", str(tmp_path / "kept.json"), "--separator", "none", "--tempo", "90"]) == 0
    (line,) = errors(capsys)
    assert line.startswith("kept.json: ")
    assert "--separator and --tempo" in line


@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
def test_what_was_done_before_an_interruption_is_kept_and_counted(songs, tmp_path):
    soundfile.write(songs / "z.wav", np.random.default_rng(0).normal(size=(44100 * 240, 2)) * 0.1, 44100)
    (songs / "c.mp3").unlink()
    command = [sys.executable, "-m", "riffscope", "analyze", str(songs), "--out", str(tmp_path / "kept")]
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    listen = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # noqa: E731 - shells have children ignore it
    with subprocess.Popen(command, **pipes, preexec_fn=listen) as child:  # noqa: PLW1509 - this child starts no thread
        for line in child.stderr:
            if line.startswith(b"[3/3]"):
                break
        # Where it comes while Python itself cannot raise, as in a finaliser, it is lost, and people press again.
        for wait_s in (3, 3, 120):
            child.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                _, said = child.communicate(timeout=wait_s)
                break
    assert child.returncode == 130
    assert b"2 of 3 songs" in said
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["A.json", "b.json"]


def test_a_table_has_a_row_for_each_song_with_its_numbers(songs, tmp_path, capsys):
    table = tmp_path / "all.csv"
    assert main(["analyze", str(songs), "--table", str(table), "--quiet"]) == 1
    assert table.read_bytes().startswith(b"\xef\xbb\xbf")
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows] == ["A.wav", "b.wav"]
    assert all(float(row["loudness.integrated_lufs"]) < 0 for row in rows)
    assert main(["analyze", str(songs), "--table", str(table), "--quiet"]) == 1
    assert "already exists" in errors(capsys)[-1]


# ---------------------------------------------------------------------------------------------------------- progress
class Terminal:
    """A stream that says it is a terminal."""

    def __init__(self):
        self.said = ""

    def write(self, text):
        self.said += text
        return len(text)

    def flush(self):
        pass

    def isatty(self):
        return True


def test_a_terminal_shows_the_song_what_is_done_and_how_long_it_takes(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    going = Going(25)
    for number in (1, 2):
        with going.measuring(number, "[b]a song[/b].mp3") as progress:
            progress("mono", 1, 4)
    said = sys.stderr.said
    for part in ("[1/25] [b]a song[/b].mp3", "[2/25]", "reading the file", "separating the vocals", " left"):
        assert part in said
    assert "mono" not in said


def test_lengths_of_time_are_told_in_words():
    assert [in_words(seconds) for seconds in (0.2, 8.4, 59.9, 12 * 60 + 20, 2 * 3600 + 300)] == [
        "1 s",
        "8 s",
        "1 min",
        "12 min",
        "2 h 5 min",
    ]


# ----------------------------------------------------------------------------------------------------------- reports
def test_each_song_has_a_report_of_its_own(songs, tmp_path, capsys):
    arguments = ["report", str(songs), "--each", "--format", "html", "--no-audio", "--out", str(tmp_path / "out")]
    assert main(arguments) == 1  # one of them is no song
    out = capsys.readouterr().out.splitlines()
    assert [Path(line).name for line in out] == ["A.html", "b.html"]


def test_two_songs_of_one_name_have_a_report_each(tmp_path, capsys):
    for folder, title in (("one", "First"), ("two", "Second")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "song.json").write_bytes(to_json(analysis_of("song.mp3", title=title)))
    arguments = [str(tmp_path / "one"), str(tmp_path / "two"), "--each", "--format", "html", "--no-audio"]
    assert main(["report", *arguments, "--out", str(tmp_path / "out")]) == 0
    assert "First" in (tmp_path / "out" / "song.html").read_text("utf-8")
    assert "Second" in (tmp_path / "out" / "song-2.html").read_text("utf-8")


def test_a_comparison_of_too_many_songs_is_refused_before_any_is_read(tmp_path, capsys):
    assert main(["report", *["not there.mp3"] * 7]) == 2
    (line,) = errors(capsys)
    assert "6" in line
    assert "--each" in line


@pytest.mark.parametrize("each", [True, False])
def test_a_report_that_exists_is_told_before_any_song_is_measured(each, songs, tmp_path, capsys, not_measuring):
    out = tmp_path / "out"
    out.mkdir()
    names = ("A.html", "A.pdf", "b.html") if each else ("A-and-b.html",)
    for name in names:
        (out / name).write_text("mine")
    not_measuring()
    arguments = ["report", str(songs / "A.wav"), str(songs / "b.wav"), "--out", str(out)]
    assert main([*arguments, "--each"] if each else arguments) == 1
    told = sorted(Path(line.partition(": already exists")[0]).name for line in errors(capsys))
    assert told == sorted(names)


def test_paper_and_fullness_go_into_the_report(tmp_path, capsys):
    (tmp_path / "kept.json").write_bytes(to_json(example_song()))
    pages = {}
    for name, more in (("short", []), ("full", ["--full"]), ("letter", ["--paper", "letter"])):
        out = tmp_path / name
        assert main(["report", str(tmp_path / "kept.json"), "--out", str(out), "--no-audio", *more]) == 0
        pages[name] = (out / "closet.html").read_text("utf-8")
        pages[f"{name}.pdf"] = (out / "closet.pdf").read_bytes()
    assert "All measurements" in pages["full"]
    assert "All measurements" not in pages["short"]
    assert pages["letter.pdf"] != pages["short.pdf"]


# -------------------------------------------------------------------------------------------------------------- help
def test_without_a_command_there_is_help(capsys):
    assert main([]) == 0
    out = capsys.readouterr().out
    assert out.index("\n  demo ") < out.index("\n  analyze ") < out.index("\n  report ") < out.index("\n  claims ")


@pytest.mark.parametrize("width", [50, 60, 80, 200])
@pytest.mark.parametrize("command", [[], ["analyze"], ["report"], ["claims"]])
def test_help_is_as_wide_as_the_terminal(width, command, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    with pytest.raises(SystemExit):
        main([*command, "--help"])
    assert max(map(len, capsys.readouterr().out.splitlines())) <= width


@pytest.mark.parametrize("width", ["1", "19", "9" * 5000])
@pytest.mark.parametrize("command", [["--help"], ["analyze", "--help"], ["no such command"]])
def test_no_width_is_too_narrow_for_help(width, command, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", width)
    with pytest.raises(SystemExit):
        main(command)
    assert "riffscope" in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (["analyse", "x"], "analyze"),
        (["analyze", "x", "--jsn", "y"], "--json"),
        (["claims", "chek"], "check"),
        (["report", "x", "--fulll"], "--full"),
    ],
)
def test_a_mistyped_word_is_answered_with_the_nearest(given, meant, capsys):
    with pytest.raises(SystemExit) as ended:
        main(given)
    assert ended.value.code == 2
    assert f"did you mean {meant}?" in capsys.readouterr().err
