"""The command line as a person and a script meet it."""

import json
import logging
import os
import re
import shlex
import signal
import subprocess
import sys
import warnings
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from outcomes import missing
from riffscope import workflow
from riffscope.cli import main, make_parser
from riffscope.cli.command import discover
from riffscope.cli.commands.demo import bundled_samples
from riffscope.cli.commands.export import FORMATS
from riffscope.cli.console import printable
from riffscope.codec import from_json, to_json
from riffscope.steps import exports
from riffscope.units import clock
from riffscope.views import listening_copy
from signals import metronome, sine
from songs import example_song, with_outcomes
from songs_heard import song_excerpt

COMMANDS = ("analyze", "check", "compare", "report", "demo", "export", "models", "schema", "serve")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a short song, a kept analysis and a file that is no song."""
    folder = tmp_path_factory.mktemp("songs")
    excerpt = song_excerpt(duration_s=8.0)
    soundfile.write(folder / "short.wav", excerpt.samples.T, excerpt.sample_rate_hz)
    soundfile.write(folder / "tone.wav", sine(440, 4.0), 44100)
    (folder / "kept.json").write_bytes(to_json(example_song()))
    (folder / "no song.mp3").write_text("only words")
    return folder


def test_help_names_every_command_and_the_exit_statuses(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    for command in COMMANDS:
        assert f"\n  {command} " in said
    assert "130 interrupted" in " ".join(said.split())
    assert max(map(len, said.splitlines())) <= 100
    assert said.startswith("usage: riffscope")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_of_its_own(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert "usage: riffscope" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["analyze", "x", "--tempo", "fast"], "fast is not a tempo from 35 to 250 BPM"),
        (["analyze", "x", "--downbeat", "1:x"], "1:x is not a time in the song"),
        (["analyze", "x", "--max-minutes", "long"], "long is not a positive number of minutes"),
        (["claims", "sing"], "there is no action 'sing' (riffscope claims --help lists all)"),
    ],
)
def test_a_wrong_word_is_named_with_what_would_do(arguments, said, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    assert said in capsys.readouterr().err


def test_the_demo_names_its_own_folder(capsys):
    with pytest.raises(SystemExit):
        main(["demo", "--help"])
    assert "default: reports/demo" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    "arguments",
    [
        ["sing"],
        ["analyze"],
        ["analyze", "x", "--max-minutes", "0"],
        ["analyze", "x", "--tempo", "9"],
        ["analyze", "x", "--meter", "1"],
        ["analyze", "x", "--downbeat", "-1"],
        ["analyze", "x", "--max-minutes", "nan"],
        ["report", "x", "--format", "doc"],
    ],
)
def test_wrong_usage_ends_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_comparing_one_song_is_wrong_usage(folder, capsys):
    assert main(["compare", str(folder / "kept.json")]) == 2
    assert "two songs" in capsys.readouterr().err


def test_json_alone_is_on_stdout_and_strict(folder, capsys):
    assert main(["analyze", str(folder / "short.wav"), "--json", "-"]) == 0
    out = capsys.readouterr().out
    document = json.loads(out, parse_constant=lambda c: pytest.fail(f"{c} in JSON"))
    assert document["measurements"]["loudness"]["status"] == "measured"
    assert document["verdicts"]
    assert from_json(out).source.name == "short.wav"


def test_a_table_says_what_was_measured_and_what_is_missing(folder, capsys):
    assert main(["analyze", str(folder / "tone.wav")]) == 0
    out = capsys.readouterr().out
    assert "LUFS" in out
    assert "Vocal range, singing" in " ".join(out.partition("\nNot measured\n")[2].split())
    assert re.search(r"^\d+ claims: ", out, re.MULTILINE)


def test_all_lists_every_number(folder, capsys):
    assert main(["analyze", str(folder / "kept.json"), "--all"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^True peak +−0.2 dBTP$", out, re.MULTILINE)
    assert "90% range" in out


def test_one_refused_song_does_not_cost_the_others(folder, capsys, tmp_path):
    status = main(["analyze", str(folder / "no song.mp3"), str(folder / "kept.json"), "--out", str(tmp_path)])
    said = capsys.readouterr()
    assert status == 1
    assert said.err.count("no song.mp3: ") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["closet.json"]


def test_one_json_path_for_two_songs_is_wrong_usage(folder, tmp_path, capsys):
    kept = str(folder / "kept.json")
    assert main(["analyze", kept, kept, "--json", str(tmp_path / "x.json")]) == 2
    assert not (tmp_path / "x.json").exists()


def test_claims_are_checked_before_any_audio_is_read(folder, tmp_path, capsys):
    claims = tmp_path / "claims.toml"
    claims.write_text('[a]\ntext = "t"\nkind = "at_mots"\nmeasure = "loudness.plr_lu"\nlimit = 1\n')
    assert main(["analyze", str(folder / "short.wav"), "--claims", str(claims)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "nearest is 'at_most'" in said.err


def test_claims_lists_kinds_measures_references_and_what_is_built_in(capsys):
    assert main(["claims"]) == 0
    out = capsys.readouterr().out
    for name in ("below_reference", "vocal_range.span_semitones", "chart_melodies", "loop_like_a_heartbeat"):
        assert name in out


def test_claims_check_reads_a_file_without_any_song(tmp_path, capsys):
    file = tmp_path / "mine.toml"
    file.write_text('[a]\ntext = "Loud"\nkind = "at_least"\nmeasure = "loudness.integrated_lufs"\nlimit = -60\n')
    assert main(["claims", "check", str(file)]) == 0
    assert capsys.readouterr().out == "a: at_least: Loud\n"
    file.write_text('[a]\ntext = "Loud"\nkind = "at_least"\nmeasure = "loudness.integrated"\nlimit = -60\n')
    assert main(["claims", "check", str(file)]) == 1
    assert "the nearest is 'loudness.integrated_lufs'" in capsys.readouterr().err


def test_a_reference_is_made_of_a_folder_of_kept_analyses(folder, tmp_path, capsys):
    kept = (folder / "kept.json").read_text()
    for k in range(9):
        (tmp_path / f"{k}.json").write_text(re.sub('("sha256": ?)"[0-9a-f]{64}"', rf'\g<1>"{k:064d}"', kept))
    assert main(["reference", str(tmp_path), "-o", str(tmp_path / "mine.toml")]) == 0
    assert "of 9 songs" in capsys.readouterr().out
    claims = tmp_path / "claims.toml"
    claims.write_text(
        '[a]\ntext = "Loud"\nkind = "above_reference"\nmeasure = "loudness.integrated_lufs"\n'
        'reference = "mine.toml"\npercentile = 50\n'
    )
    assert main(["claims", "check", str(claims)]) == 0
    (tmp_path / "broken.json").write_text("{")
    assert main(["reference", str(tmp_path), "-o", str(tmp_path / "other.toml")]) == 1
    assert "broken.json" in capsys.readouterr().err
    assert main(["reference", str(tmp_path / "none"), "-o", str(tmp_path / "no.toml")]) == 1
    assert "no such folder" in capsys.readouterr().err
    assert not (tmp_path / "no.toml").exists()


def test_claims_of_ones_own_are_ruled_on(folder, tmp_path, capsys):
    claims = tmp_path / "claims.toml"
    claims.write_text('[a]\ntext = "Loud"\nkind = "at_least"\nmeasure = "loudness.integrated_lufs"\nlimit = -60\n')
    assert main(["analyze", str(folder / "kept.json"), "--claims", str(claims), "--json", "-"]) == 0
    (verdict,) = json.loads(capsys.readouterr().out)["verdicts"]
    assert (verdict["claim"], verdict["ruling"]) == ("a", "supported")


def test_a_comparison_shows_units_and_tolerances(folder, capsys):
    assert main(["compare", str(folder / "kept.json"), str(folder / "tone.wav")]) == 0
    out = capsys.readouterr().out
    assert "LUFS" in out
    assert "within" in out


def test_a_report_is_made_from_a_kept_analysis_without_the_audio(folder, tmp_path, capsys):
    assert main(["report", str(folder / "kept.json"), "--out", str(tmp_path)]) == 0
    written = sorted(path.suffix for path in tmp_path.iterdir())
    assert written == [".html", ".pdf"]
    assert capsys.readouterr().out.count(str(tmp_path)) == 2


def test_what_cannot_be_written_is_one_line(folder, tmp_path, capsys):
    blocked = tmp_path / "file"
    blocked.write_text("mine")
    assert main(["analyze", str(folder / "kept.json"), "--out", str(blocked)]) == 1
    said = capsys.readouterr().err
    assert len(said.strip().splitlines()) == 1
    assert blocked.read_text() == "mine"


def test_a_name_with_markup_and_control_characters_stays_text(folder, capsys, tmp_path):
    path = tmp_path / "[bold]x\x1b[31m\n.wav"
    path.write_bytes((folder / "tone.wav").read_bytes())
    assert main(["analyze", str(path)]) == 0
    out = capsys.readouterr().out
    assert "[bold]x" in out
    assert "\x1b" not in out


def test_texts_for_a_terminal_hold_no_control_characters():
    assert printable("a\nb\x07\ud800") == "a\\nb\\x07\\ud800"


def test_lengths_are_written_as_clocks_show_them():
    assert clock(59.6) == "1:00"
    assert clock(215) == "3:35"
    assert clock(3700) == "1:01:40"


def test_the_bundled_songs_are_there():
    assert (bundled_samples() / "closet.ogg").is_file()


# None of these may be loaded by importing riffscope, nor by its help: that would take longer than all else in it.
HEAVY = (
    *("numpy", "scipy", "msgspec", "soundfile", "av", "onnxruntime", "librosa"),
    *("matplotlib", "typst", "jinja2", "polars", "rich"),
)


@pytest.mark.parametrize(
    "arguments",
    [
        *(["--help"], ["--version"], [], *([one.name, "--help"] for one in discover())),
        *(["analyse"], ["analyze"], ["analyze", "song.wav", "--tempos", "9"], ["compare", "song.wav"]),
    ],
    ids=" ".join,
)
def test_help_and_wrong_usage_load_nothing_heavy(arguments):
    code = (
        "import sys, riffscope.cli\n"
        "try:\n"
        "    riffscope.cli.main(sys.argv[1:])\n"
        "finally:\n"
        f"    sys.exit(' '.join(name for name in {HEAVY} if name in sys.modules) or 0)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout or ended.stderr


# Nor may measuring a song, once librosa's filters are kept, load what only reports, tables, libraries or librosa need.
NOT_FOR_MEASURING = (
    *("librosa", "numba", "joblib", "sklearn", "scipy.signal", "scipy.stats", "scipy.interpolate", "onnx", "polars"),
    *("pandas", "pyarrow", "matplotlib", "typst", "jinja2", "rich", "distributed", "starlette", "av", "pooch"),
    *("riffscope.report", "riffscope.plots", "riffscope.export", "riffscope.library.store", "riffscope.web"),
)


@pytest.mark.processes
def test_analyzing_a_song_to_json_loads_only_what_measures_it(tmp_path):
    clicks, _ = metronome(100, duration_s=12)
    soundfile.write(tmp_path / "song.wav", clicks, 44100)
    code = (
        "import sys, riffscope.cli\n"
        "assert riffscope.cli.main(sys.argv[1:]) == 0\n"
        f"print(*(name for name in {NOT_FOR_MEASURING} if name in sys.modules), file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", code, "analyze", "song.wav", "--json", "-", "--quiet"]
    for _ in range(2):  # in the first run the filters may have to be made
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
    assert ended.stderr.split() == []
    assert '"status":"measured"' in ended.stdout


def test_a_reader_that_goes_away_is_no_traceback(folder):
    command = [sys.executable, "-m", "riffscope", "analyze", *[str(folder / "kept.json")] * 40, "--json", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        child.stdout.read(10)
        child.stdout.close()
        said = child.stderr.read()
    assert b"Traceback" not in said


@pytest.mark.processes
@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
def test_interrupting_ends_with_130(folder, tmp_path):
    soundfile.write(tmp_path / "long.wav", np.random.default_rng(0).normal(size=(44100 * 40, 2)) * 0.1, 44100)
    command = [sys.executable, "-m", "riffscope", "analyze", *[str(tmp_path / "long.wav")] * 50, "--json", "-"]

    def listen():
        # A shell that starts the tests in the background has them ignore interrupts, and children inherit that.
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipes, preexec_fn=listen) as child:  # noqa: PLW1509 - this child starts no thread
        child.stdout.read(1)
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=120)
    assert child.returncode == 130
    assert b"Traceback" not in said


def test_the_parser_can_be_made_without_reading_anything():
    assert make_parser().prog == "riffscope"


# -------------------------------------------------------------------------------------------------- reports with sound
def page_in(folder):
    (page,) = folder.glob("*.html")
    return page.read_text("utf-8")


def has_player(page):
    return 'type="audio/webm;base64"' in page and 'class="player"' in page


def test_the_page_of_a_song_holds_its_sound(folder, tmp_path, capsys):
    assert main(["report", str(folder / "short.wav"), "--out", str(tmp_path)]) == 0
    assert has_player(page_in(tmp_path))
    assert 'data-stream="mix"' in page_in(tmp_path)


def test_without_audio_or_without_a_page_nothing_is_compressed(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(listening_copy, "_opus", lambda *_: pytest.fail("compressed"))
    song = str(folder / "short.wav")
    assert main(["report", song, "--no-audio", "--out", str(tmp_path)]) == 0
    assert "<script" not in page_in(tmp_path)
    assert main(["report", song, "--format", "pdf", "--out", str(tmp_path / "pdf")]) == 0
    assert capsys.readouterr().err == ""
    assert main(["report", song, song, "--no-audio", "--format", "html", "--out", str(tmp_path / "two")]) == 0
    assert "<script" not in page_in(tmp_path / "two")


def test_the_voice_and_the_backing_of_the_users_own_stem_go_into_the_page(folder, tmp_path):
    song = str(folder / "short.wav")
    assert main(["report", song, "--vocals", song, "--format", "html", "--out", str(tmp_path)]) == 0
    page = page_in(tmp_path)
    assert 'data-stream="vocals"' in page
    assert 'data-stream="accompaniment"' in page


def test_the_page_of_a_kept_analysis_holds_the_sound_of_the_song_beside_it(folder, tmp_path, capsys):
    (tmp_path / "short.wav").write_bytes((folder / "short.wav").read_bytes())
    kept = str(tmp_path / "short.json")
    assert main(["analyze", str(tmp_path / "short.wav"), "--json", kept]) == 0
    assert main(["report", kept, "--format", "html", "--out", str(tmp_path / "beside")]) == 0
    assert has_player(page_in(tmp_path / "beside"))
    assert capsys.readouterr().err == ""
    (tmp_path / "short.wav").write_bytes((folder / "tone.wav").read_bytes())
    assert main(["report", kept, "--format", "html", "--out", str(tmp_path / "other")]) == 0
    (tmp_path / "short.wav").unlink()
    assert main(["report", kept, "--format", "html", "--out", str(tmp_path / "alone")]) == 0
    other, alone = capsys.readouterr().err.splitlines()
    assert "is another song" in other
    assert "is not beside it" in alone
    for said, name in ((other, "other"), (alone, "alone")):
        assert said.endswith("the page cannot play it")
        assert "<script" not in page_in(tmp_path / name)


def test_the_page_of_a_comparison_holds_each_song_in_one_stream(folder, tmp_path, monkeypatch, capsys):
    for name in ("short.wav", "tone.wav"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    kept = str(tmp_path / "short.json")
    assert main(["analyze", str(tmp_path / "short.wav"), "--json", kept]) == 0
    songs = [kept, str(tmp_path / "tone.wav")]
    assert main(["report", *songs, "--format", "html", "--out", str(tmp_path / "both")]) == 0
    page = page_in(tmp_path / "both")
    assert re.findall(r'data-song="(\d)" data-stream="(\w+)"', page) == [("0", "mix"), ("1", "mix")]
    (tmp_path / "short.wav").unlink()
    assert main(["report", *songs, "--format", "html", "--out", str(tmp_path / "one")]) == 0
    assert re.findall(r'data-song="(\d)" data-stream="(\w+)"', page_in(tmp_path / "one")) == [("1", "mix")]
    assert "is not beside it" in capsys.readouterr().err
    monkeypatch.setattr(listening_copy, "MAX_DURATION_S", 15.0)
    long = str(folder / "short.wav")
    assert main(["report", long, long, "--format", "html", "--out", str(tmp_path / "long")]) == 0
    page = page_in(tmp_path / "long")
    assert "<script" not in page
    assert "the songs last more than" in page


def test_a_song_too_long_for_a_page_is_reported_without_a_player_and_the_page_says_why(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(listening_copy, "MAX_DURATION_S", 5.0)
    assert main(["report", str(folder / "short.wav"), "--out", str(tmp_path)]) == 0
    page = page_in(tmp_path)
    assert "No player: the song is longer than" in page
    assert "<script" not in page


# ---------------------------------------------------------------------------------------- models, stems and the voice
def test_models_says_what_there_is_for_what_and_under_which_licence(capsys):
    assert main(["models"]) == 0
    said = capsys.readouterr().out
    for part in ("spleeter", "eparates the vocals of a mix", "MIT", "Deezer", "MB", "not installed"):
        assert part in said


def test_a_model_of_no_known_name_is_named_with_those_that_there_are(capsys):
    assert main(["models", "get", "splitter"]) == 1
    said = capsys.readouterr().err
    assert "splitter" in said
    assert "spleeter" in said
    assert len(said.strip().splitlines()) == 1


def test_a_file_that_holds_no_model_is_refused_in_one_line(folder, capsys):
    assert main(["models", "add", str(folder / "no song.mp3")]) == 1
    assert "no song.mp3" in capsys.readouterr().err


def test_removing_what_is_not_there_is_no_error(capsys):
    assert main(["models", "remove", "spleeter"]) == 0
    assert "was not installed" in capsys.readouterr().out


def test_a_separator_that_is_not_installed_is_said_before_any_song_is_read(folder, capsys):
    assert main(["analyze", str(folder / "no song.mp3"), "--separator", "spleeter"]) == 1
    said = capsys.readouterr().err
    assert "riffscope models get spleeter" in said
    assert "no song.mp3" not in said


def test_a_stem_of_ones_own_is_listened_to_and_named(folder, capsys):
    song = str(folder / "short.wav")
    assert main(["analyze", song, "--vocals", song, "--json", "-"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["settings"]["vocals"] == "short.wav"
    assert document["measurements"]["vocal_activity"]["value"]["method"] == "stem"
    assert any("vocal stem" in caveat for verdict in document["verdicts"] for caveat in verdict["caveats"])


def test_one_stem_for_two_songs_is_refused(folder, capsys):
    song = str(folder / "short.wav")
    assert main(["analyze", song, song, "--vocals", song]) == 1
    assert "one song" in capsys.readouterr().err


@pytest.mark.parametrize("known", [("--tempo", "100"), ("--meter", "3"), ("--downbeat", "1:02.5")])
def test_what_is_known_of_one_song_is_not_taken_for_two(known, folder, capsys):
    song = str(folder / "short.wav")
    assert main(["analyze", song, song, *known]) == 1
    assert f"{known[0]} goes with one song" in capsys.readouterr().err


def test_sections_given_by_hand_are_kept_and_what_follows_from_them_follows(folder, tmp_path, capsys):
    song = str(folder / "short.wav")
    (tmp_path / "sections.txt").write_text("0:00 verse\n0:03 chorus\n")
    arguments = ["analyze", song, "--separator", "none", "--sections", str(tmp_path / "sections.txt"), "--json", "-"]
    assert main(arguments) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["settings"]["sections"] == "sections.txt"
    structure = document["measurements"]["structure"]
    assert structure["caveats"] == ["given by hand, not measured"]
    functions = [section["function"] for section in structure["value"]["sections"]]
    assert functions == ["verse", "chorus"]
    profile = document["measurements"]["section_profile"]["value"]["sections"]
    assert [section["start_s"] for section in profile] == [0.0, 3.0]


def test_a_file_of_sections_that_is_wrong_is_one_line(folder, tmp_path, capsys):
    (tmp_path / "sections.txt").write_text("0:00 verse\n99:00 chorus\n")
    song = str(folder / "short.wav")
    assert main(["analyze", song, "--separator", "none", "--sections", str(tmp_path / "sections.txt")]) == 1
    (said,) = capsys.readouterr().err.strip().splitlines()
    assert "sections.txt" in said
    assert "Traceback" not in said


def test_a_downbeat_after_the_end_is_refused(folder, capsys):
    song = str(folder / "short.wav")
    assert main(["analyze", song, "--separator", "none", "--downbeat", "8:20"]) == 1
    (said,) = capsys.readouterr().err.strip().splitlines()
    assert "short.wav: the downbeat at 8:20 is after the end" in said


def test_what_the_user_knows_is_in_the_record(folder, capsys):
    song = str(folder / "short.wav")
    assert main(["analyze", song, "--separator", "none", "--tempo", "97", "--downbeat", "0:01.2", "--json", "-"]) == 0
    settings = json.loads(capsys.readouterr().out)["settings"]
    assert settings == {"separator": "none", "tempo": "97.0", "downbeat": "1.2"}


def test_stems_are_exported_from_a_song_or_from_its_analysis_beside_it(folder, tmp_path, capsys):
    (tmp_path / "short.wav").write_bytes((folder / "short.wav").read_bytes())
    assert main(["analyze", str(tmp_path / "short.wav"), "--json", str(tmp_path / "short.json")]) == 0
    stem = str(folder / "tone.wav")
    soundfile.write(stem, sine(440, 8.0), 44100)
    for given in ("short.wav", "short.json"):
        out = tmp_path / given.removeprefix("short.")
        assert main(["export", str(tmp_path / given), "--to", "stems", "--vocals", stem, "--out", str(out)]) == 0
        assert sorted(path.name for path in out.iterdir()) == ["short.accompaniment.wav", "short.vocals.wav"]


def test_stems_without_a_model_are_refused_with_what_to_do(folder, tmp_path, capsys):
    assert main(["export", str(folder / "short.wav"), "--to", "stems", "--out", str(tmp_path / "x")]) == 1
    assert "riffscope models get spleeter" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_an_unknown_format_is_wrong_usage(folder, capsys):
    assert main(["export", str(folder / "short.wav"), "nothing.wav", "--to", "stem"]) == 2
    said = capsys.readouterr().err
    assert said == f'Unknown format "stem". Choose: {FORMATS}.\n'
    assert ", ".join(step.name for step in exports()) == FORMATS


def test_several_songs_are_exported_each_under_its_name_and_one_that_is_refused_does_not_stop_the_others(
    folder, tmp_path, capsys
):
    """Two songs of one name among them, and one that is not there."""
    other = replace(example_song(duration_s=60.0), verdicts=())
    other = replace(other, source=replace(other.source, sha256="5" * 64))
    (tmp_path / "other.json").write_bytes(to_json(other))
    given = [str(folder / "kept.json"), str(tmp_path / "nothing.json"), str(tmp_path / "other.json")]
    for status, more in ((1, []), (1, ["--force"])):
        assert main(["export", *given, "--to", "jams", "--out", str(tmp_path / "out"), *more]) == status
        said = capsys.readouterr()
        assert said.out.splitlines() == [str(tmp_path / "out" / name) for name in ("closet.jams", "closet-2.jams")]
        (line,) = said.err.splitlines()
        assert "nothing.json" in line
    assert main(["export", given[0], "--to", "jams", "--out", str(tmp_path / "out")]) == 1
    assert "--force" in capsys.readouterr().err


def test_an_analysis_away_from_its_song_cannot_be_exported_as_sound(folder, tmp_path, capsys):
    (tmp_path / "kept.json").write_bytes((folder / "kept.json").read_bytes())
    assert main(["export", str(tmp_path / "kept.json"), "--to", "stems"]) == 1
    assert "closet.flac is not beside it" in capsys.readouterr().err


def test_another_song_of_the_same_name_beside_an_analysis_is_not_exported(folder, tmp_path, capsys):
    assert main(["analyze", str(folder / "short.wav"), "--json", str(tmp_path / "short.json")]) == 0
    (tmp_path / "short.wav").write_bytes((folder / "tone.wav").read_bytes())
    assert main(["export", str(tmp_path / "short.json"), "--to", "stems", "--out", str(tmp_path / "x")]) == 1
    assert "short.wav beside it is another song" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("form", "file"),
    [("midi", "closet.mid"), ("csv", "closet.measures.csv"), ("audacity", "closet.beats.txt"), ("jams", "closet.jams")],
)
def test_what_was_measured_is_exported_from_a_kept_analysis_without_its_song(form, file, folder, tmp_path, capsys):
    assert main(["export", str(folder / "kept.json"), "--to", form, "--out", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert str(tmp_path / file) in said.out.splitlines()
    assert said.err == ""
    assert sorted(map(str, tmp_path.iterdir())) == sorted(said.out.splitlines())


def test_what_is_measured_of_a_song_is_exported_at_once(folder, tmp_path, capsys):
    assert main(["export", str(folder / "short.wav"), "--to", "audacity", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "short.beats.txt").is_file()


def test_an_export_of_what_was_not_found_is_one_line_that_says_why(folder, tmp_path, capsys):
    assert main(["analyze", str(folder / "tone.wav"), "--json", str(tmp_path / "tone.json")]) == 0
    capsys.readouterr()
    assert main(["export", str(tmp_path / "tone.json"), "--to", "midi", "--out", str(tmp_path / "x")]) == 1
    said = capsys.readouterr().err
    assert said.startswith("tone.json: there is neither melody nor beat")
    assert len(said.strip().splitlines()) == 1
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--to", "midi", "--which", "2"], "--which is for --to loop"),
        (["--to", "loop", "--which", "0"], "not the number of a loop"),
        (["--to", "midi", "--capo", "2"], "--capo is for --to chords"),
        (["--to", "chords", "--capo", "12"], "not a fret"),
    ],
)
def test_a_choice_is_for_the_format_that_has_it_and_within_its_range(given, said, folder, tmp_path, capsys):
    try:
        status = main(["export", str(folder / "short.wav"), *given, "--out", str(tmp_path / "x")])
    except SystemExit as why:
        status = why.code
    assert status == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("form", ["midi", "csv", "audacity", "jams"])
def test_an_export_into_a_file_that_is_no_folder_is_one_line(form, folder, tmp_path, capsys):
    (tmp_path / "mine").write_text("mine")
    assert main(["export", str(folder / "kept.json"), "--to", form, "--out", str(tmp_path / "mine")]) == 1
    said = capsys.readouterr().err
    assert len(said.strip().splitlines()) == 1
    assert str(tmp_path / "mine") in said
    assert (tmp_path / "mine").read_text() == "mine"


def test_verbose_says_which_steps_run_and_debug_where_one_fails(folder, monkeypatch, capsys):
    from riffscope import steps
    from riffscope.analyzers.key import Key

    song = str(folder / "tone.wav")
    assert main(["analyze", song, "-v"]) == 0
    assert re.search(r"riffscope\.song: loudness: \d\.\d+ s", capsys.readouterr().err)
    makers = dict(steps.producers())
    makers[Key] = replace(makers[Key], function=lambda *_: {}["C"])
    monkeypatch.setattr(steps, "producers", lambda: makers)
    assert main(["analyze", song]) == 1
    assert capsys.readouterr().err == "tone.wav: key: failed: KeyError: 'C'\n"
    assert main(["analyze", song, "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_bug_of_ours_is_one_line_without_debug(folder, monkeypatch, capsys):
    monkeypatch.setattr("riffscope.cli.one_song.print_song", lambda *_, **__: {}["C"])
    assert main(["analyze", str(folder / "kept.json")]) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "--debug" in said[0]


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize(
    "command",
    [
        "analyze short.wav --json short.wav",
        "analyze short.wav --json link.wav",
        "analyze kept.json --json kept.json",
        "analyze kept.json --out .",
        "analyze kept.json --claims mine.toml --json mine.toml",
        "analyze kept.json --json locked.json",
        "analyze kept.json --json .",
        "analyze kept.json --json ''",
        "export short.wav --to stems --vocals short.vocals.wav --out . --force",
        "reference . -o kept.json",
    ],
)
def test_no_output_is_written_over_an_input_or_a_protected_file(command, folder, tmp_path, monkeypatch, capsys):
    excerpt = song_excerpt(duration_s=4.0)
    for name in ("short.wav", "short.vocals.wav"):
        soundfile.write(tmp_path / name, excerpt.samples.T, excerpt.sample_rate_hz)
    (tmp_path / "kept.json").write_bytes(to_json(replace(example_song(), source=named("kept.mp3"))))
    (tmp_path / "mine.toml").write_text('[it]\ntext = "it is so"\nkind = "not_testable"\nreason = "it is"\n')
    (tmp_path / "locked.json").write_text("locked")
    (tmp_path / "locked.json").chmod(0o444)
    (tmp_path / "link.wav").symlink_to("short.wav")
    before = bytes_of(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(command)) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert re.search("give a|give another", said[0])
    assert bytes_of(tmp_path) == before


def named(name):
    return replace(example_song().source, name=name)


def test_a_singers_range_moves_the_song_and_is_printed_and_kept(folder, tmp_path, capsys):
    kept, moved = str(folder / "kept.json"), tmp_path / "moved.json"
    assert main(["analyze", kept, "--my-range", "A2-E4", "--json", str(moved)]) == 0
    out = capsys.readouterr().out
    assert "In your range" in out
    assert "You then sing" in out
    assert json.loads(moved.read_text())["transposition"]["singer"] == {
        "lowest_midi": 45,
        "highest_midi": 64,
        "written": "A2 to E4",
    }


@pytest.mark.parametrize("given", ["E4-A2", "low to high", "A2"])
def test_a_range_that_is_none_is_refused_in_one_line(given, capsys):
    with pytest.raises(SystemExit) as left:
        main(["analyze", "song.json", "--my-range", given])
    assert left.value.code == 2
    assert repr(given) in capsys.readouterr().err.splitlines()[-1]


def test_a_song_that_nobody_sings_cannot_be_moved_into_a_range(tmp_path, capsys):
    silent = with_outcomes(example_song(), {"vocal_range": missing("vocal_range", "no one sings")})
    (tmp_path / "silent.json").write_bytes(to_json(silent))
    assert main(["analyze", str(tmp_path / "silent.json"), "--my-range", "A2-E4"]) == 1
    assert "closet.flac: it cannot be moved into your range: no one sings" in capsys.readouterr().err


def test_a_comparison_has_no_range_of_one_singer(folder, capsys):
    kept = str(folder / "kept.json")
    assert main(["report", kept, kept, "--my-range", "A2-E4"]) == 2
    assert "--my-range goes with the report of one song" in capsys.readouterr().err


def test_memory_that_is_not_there_costs_one_song_and_a_line(folder, tmp_path, monkeypatch, capsys):
    listen = workflow.listen

    def greedy(name, **options):
        if str(name).endswith("large.json"):
            raise MemoryError
        return listen(name, **options)

    monkeypatch.setattr(workflow, "listen", greedy)
    (tmp_path / "large.json").write_bytes((folder / "kept.json").read_bytes())
    assert main(["analyze", str(tmp_path / "large.json"), str(folder / "kept.json")]) == 1
    said = capsys.readouterr()
    assert "needs more memory than there is" in said.err.splitlines()[0]
    assert "Closet Heartbeat" in said.out


def test_what_other_packages_warn_of_is_not_said(folder, monkeypatch, capsys):
    def warned(*_, **__):
        warnings.warn("mean of empty slice", RuntimeWarning, stacklevel=1)
        logging.getLogger("matplotlib").warning("a cache folder was made")

    monkeypatch.setattr("riffscope.cli.one_song.print_song", warned)
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        assert main(["analyze", str(folder / "kept.json")]) == 0
    assert capsys.readouterr().err == ""


def test_a_reader_that_goes_away_while_a_table_is_printed_is_no_failure(folder):
    command = f'"{sys.executable}" -m riffscope analyze --all "{folder}/kept.json" | head -1; echo ${{PIPESTATUS[0]}}'
    run = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "0"
    assert run.stderr == ""


def test_an_interrupt_does_not_wait_for_a_step_that_runs(tmp_path):
    """Of a long song a step takes most of a minute; here one would take a whole one."""
    soundfile.write(tmp_path / "a.wav", sine(440, 1.0), 44100)
    script = (
        "import os, signal, sys, threading, time\n"
        "from riffscope import cli, song\n"
        "song._run_step = lambda *_: time.sleep(60)\n"
        "song.os.cpu_count = lambda: 2\n"
        "threading.Timer(2.0, os.kill, [os.getpid(), signal.SIGINT]).start()\n"
        "sys.argv = ['riffscope', 'analyze', 'a.wav', '--separator', 'none']\n"
        "cli.run()\n"
    )
    command = [sys.executable, "-c", script]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=50, check=False)
    assert run.returncode in {130, -signal.SIGINT}
    assert run.stderr.splitlines()[-1].startswith("interrupted")


def test_json_for_a_stream_that_is_closed_is_not_lost_without_a_word(folder):
    command = f'"{sys.executable}" -m riffscope analyze --json - "{folder}/kept.json" >&-'
    run = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "standard output is closed" in run.stderr
    assert len(run.stderr.splitlines()) == 1


def test_a_backend_that_matplotlib_does_not_know_is_no_matter(folder, tmp_path):
    command = [sys.executable, "-m", "riffscope", "report", f"{folder}/kept.json", "--format", "html", "--no-audio"]
    environment = os.environ | {"MPLBACKEND": "nonsense"}
    subprocess.run([*command, "--out", str(tmp_path)], check=True, env=environment, capture_output=True)


@pytest.mark.parametrize(
    "arguments", [["analyze", "--no\x1b[2J", "x"], ["analyze", "x", "--tempo", "\x1b[2J"], ["\x1b[2J"]]
)
def test_words_that_a_terminal_would_obey_are_shown_in_letters(arguments, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    said = capsys.readouterr().err
    assert r"\x1b[2J" in said
    assert said.replace("\n", "").isprintable()
