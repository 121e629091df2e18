"""judge, find and reference on the command line: their answers at every width, their files, and what they refuse."""

import csv
import gzip
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace

import polars as pl
import pytest

from asked_library import library_of, sha_of, song_of
from riffscope.cli import main
from riffscope.codec import to_json
from riffscope.judge import built_in_claims
from riffscope.library.store import Store
from riffscope.library.usual import USUAL
from riffscope.reference.table import read as read_reference
from signals import metronome, write_sound

WIDTHS = (40, 80, 120)
CLAIMS = '[quiet]\ntext = "It is a quiet song"\nkind = "at_most"\nmeasure = "loudness.integrated_lufs"\nlimit = -14\n'


@pytest.fixture(scope="module")
def lib(tmp_path_factory):
    songs = [
        song_of(f"Song {n}", lufs=-10.0 - n, bpm=90.0 + 5 * n, year=str(2010 + n), artist="Ann", sung=n % 3 > 0)
        for n in range(12)
    ]
    folder = tmp_path_factory.mktemp("asked") / "lib"
    library_of(folder, *songs)
    return str(folder)


@pytest.fixture
def claims(tmp_path):
    path = tmp_path / "claims.toml"
    path.write_text(CLAIMS)
    return str(path)


def in_one_line(text):
    return " ".join(text.split())


# --------------------------------------------------------------------------------------------------------------- judge
@pytest.mark.parametrize("width", WIDTHS)
def test_judge_counts_the_rulings_of_each_claim_at_every_width(lib, claims, width, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(width))
    assert main(["judge", lib, "--claims", claims]) == 0
    out = capsys.readouterr().out
    assert all(len(line) <= width for line in out.splitlines())
    assert "12 songs" in out
    assert "It is a quiet song" in out
    if width > 70:
        assert in_one_line(out).index("supported refuted inconclusive not testable")
        assert re.search(r"It is a quiet song +8 +4 +0 +0\n", out)
    else:
        assert "8 supported" in out
        assert "4 refuted" in out
    assert "67% of those tested" in in_one_line(out)


@pytest.mark.parametrize("width", WIDTHS)
def test_judge_lists_every_built_in_claim(lib, width, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(width))
    assert main(["judge", lib]) == 0
    out = in_one_line(capsys.readouterr().out)
    for claim in built_in_claims():
        assert width < 70 or claim.text.split()[0] in out
    assert width > 70 or all(claim.text in out for claim in built_in_claims())


def test_judge_names_the_songs_that_a_claim_is_refuted_for(lib, claims, capsys):
    assert main(["judge", lib, "--claims", claims, "--songs", "refuted", "-n", "3"]) == 0
    out = capsys.readouterr().out
    assert [line.strip() for line in out.splitlines() if line.strip().startswith("Song")] == [
        f"Song {n}, Ann" for n in range(3)
    ]
    assert "and 1 more" in out


def test_judge_is_about_the_songs_that_a_condition_holds_for(lib, claims, capsys):
    assert main(["judge", lib, "--claims", claims, "--where", "year >= 2020"]) == 0
    assert "2 songs" in capsys.readouterr().out
    assert main(["judge", lib, "--claims", claims, "--where", "year > 3000"]) == 1
    assert "no song" in capsys.readouterr().err
    assert main(["judge", lib, "--claims", claims, "--where", "yeer > 3000"]) == 1
    assert "'year'" in capsys.readouterr().err


@pytest.mark.parametrize("ending", ["csv", "json", "parquet"])
def test_judge_saves_every_verdict(lib, claims, ending, tmp_path, capsys):
    out = tmp_path / f"verdicts.{ending}"
    assert main(["judge", lib, "--claims", claims, "-o", str(out)]) == 0
    assert "12 verdicts" in capsys.readouterr().out
    match ending:
        case "csv":
            with out.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.DictReader(file))
        case "json":
            rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
        case _:
            rows = pl.read_parquet(out).to_dicts()
    assert {row["sha256"] for row in rows} == set(Store(lib).hashes())
    assert {row["ruling"] for row in rows} == {"supported", "refuted"}
    assert main(["judge", lib, "--claims", claims, "-o", str(out)]) == 1
    assert "already exists" in capsys.readouterr().err
    assert main(["judge", lib, "--claims", claims, "-q", "--force", "-o", str(out)]) == 0
    assert capsys.readouterr().out == ""


def test_judge_tests_what_an_article_says_and_names_what_it_does_not(lib, tmp_path, capsys):
    article = tmp_path / "review.md"
    article.write_text('The song is quiet. It is at 100 BPM. It has less bass than "Arena". It is a sad song.\n')
    assert main(["judge", lib, "--article", str(article)]) == 0
    out = in_one_line(capsys.readouterr().out)
    assert "2 claims on 12 songs" in out
    assert "100 BPM" in out
    tested, _, left_out = out.partition("Not tested")
    assert "less bass" not in tested
    assert "less bass" in left_out
    assert "sad song" in left_out


@pytest.mark.parametrize("hostile", ["\x1b[31mred", "[bold]x[/bold]", "x" * 300, "夜に駆ける"])
@pytest.mark.parametrize("width", WIDTHS)
def test_titles_of_any_kind_are_listed_in_one_piece(hostile, width, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(width))
    library_of(tmp_path / "lib", song_of("plain"), song_of(hostile, lufs=-20.0))
    (tmp_path / "claims.toml").write_text(CLAIMS)
    arguments = ["judge", str(tmp_path / "lib"), "--claims", str(tmp_path / "claims.toml"), "--songs", "supported"]
    assert main(arguments) == 0
    judged = capsys.readouterr().out
    assert main(["find", str(tmp_path / "lib"), "--like", "plain"]) == 0
    for out in (judged, capsys.readouterr().out):
        assert "\x1b" not in out
        seen = "".join(out.split())
        assert "".join(hostile.replace("\x1b", "\\x1b").split()) in seen


def test_a_damaged_analysis_costs_one_line(tmp_path, capsys):
    library_of(tmp_path / "lib", song_of("a"), song_of("b", lufs=-20.0))
    path = next((tmp_path / "lib" / "analyses").rglob(f"{sha_of('a')}*"))
    path.write_bytes(path.read_bytes()[:-10])
    (tmp_path / "claims.toml").write_text(CLAIMS)
    assert main(["judge", str(tmp_path / "lib"), "--claims", str(tmp_path / "claims.toml")]) == 1
    shown = capsys.readouterr()
    assert len(shown.err.splitlines()) == 1
    assert sha_of("a") in shown.err
    assert "1 claim on 1 song (of 2" in shown.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["judge", "{none}"], "is no library"),
        (["judge", "{lib}", "--claims", "{none}"], "no such file"),
        (["judge", "{lib}", "--article", "{none}"], "no such file"),
        (["judge", "{lib}", "-o", "x.xlsx"], ".parquet, .csv, .json"),
        (["find", "{none}", "--like", "x"], "is no library"),
        (["find", "{lib}", "--like", "nothing like it"], "no song of the library"),
        (["find", "{lib}", "--like", "Song"], "may be"),
        (["find", "{lib}", "--like", "Song 1", "--by", "tempo.bmp"], "'tempo.bpm'"),
        (["find", "{lib}", "--like", "Song 1", "--where", "year > 2013 and"], "no condition"),
        (["find", "{lib}", "--like", "Song 1", "--where", "year > 3000"], "no song"),
        (["find", "{lib}", "--like", "Song 1", "-o", "x.txt"], ".parquet, .csv, .json"),
        (["reference", "{lib}", "-o", "x.toml", "--where", "year > 2018"], "needs 8 songs"),
        (["reference", "{lib}", "-o", "x.toml", "--where", "year >"], "no condition"),
        (["reference", "{none}", "-o", "x.toml"], "no such folder"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(lib, arguments, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    given = [one.format(lib=lib, none=tmp_path / "none") for one in arguments]
    assert main(given) == 1
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_damaged_analysis_is_said_once_where_the_table_is_made_anew(tmp_path, capsys):
    library_of(tmp_path / "lib", song_of("a"), song_of("b"), indexed=False)
    path = next((tmp_path / "lib" / "analyses").rglob(f"{sha_of('a')}*"))
    path.write_bytes(path.read_bytes()[:200])
    assert main(["judge", str(tmp_path / "lib")]) == 1
    assert capsys.readouterr().err.count(sha_of("a")) == 1


@pytest.mark.processes
def test_judge_is_interrupted_cleanly(tmp_path):
    library_of(tmp_path / "lib", *(song_of(f"song {n}") for n in range(40)), indexed=True)
    command = [sys.executable, "-m", "riffscope", "judge", "lib", "--workers", "2", "-o", "out.csv"]
    # Enough songs to be at work when the signal comes: the same ones again and again, under other hashes.
    for n, path in enumerate(sorted((tmp_path / "lib" / "analyses").rglob("*.gz"))):
        document = gzip.decompress(path.read_bytes())
        for k in range(60):
            sha256 = sha_of(f"{n} {k}")
            copy = tmp_path / "lib" / "analyses" / sha256[:2] / f"{sha256}.json.gz"
            copy.parent.mkdir(exist_ok=True)
            own = document.replace(path.name.partition(".")[0].encode(), sha256.encode())
            copy.write_bytes(gzip.compress(own, 1))
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".*.part")) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.5)
    assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.splitlines() == ["interrupted"]
    assert out == ""
    assert [path.name for path in tmp_path.iterdir()] == ["lib"]


# ---------------------------------------------------------------------------------------------------------------- find
@pytest.mark.parametrize("width", WIDTHS)
def test_find_names_the_nearest_songs_and_why_at_every_width(lib, width, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(width))
    assert main(["find", lib, "--like", "song 3", "--by", "tempo.bpm,loudness.integrated_lufs", "-n", "2"]) == 0
    out = capsys.readouterr().out
    assert all(len(line) <= width for line in out.splitlines())
    flat = in_one_line(out)
    assert "among 12 songs" in flat
    assert re.findall(r"\d\. “(Song \d+)” by Ann", flat) in (["Song 2", "Song 4"], ["Song 4", "Song 2"])
    assert "the tempo is 110.0 BPM against 105.0" in flat
    assert "the integrated loudness is −14.0 LUFS against −13.0" in flat


def test_find_takes_a_file_of_the_library_or_a_saved_analysis(lib, tmp_path, capsys):
    other = song_of("Elsewhere", bpm=91.0, lufs=-10.0)
    saved = tmp_path / "elsewhere.json"
    saved.write_bytes(to_json(other))
    by = ["--by", "tempo.bpm", "-n", "1"]
    assert main(["find", lib, "--like", str(saved), *by]) == 0
    out = in_one_line(capsys.readouterr().out)
    assert "“Elsewhere”" in out
    assert "1. “Song 0”" in out
    song = tmp_path / "song.wav"
    song.write_bytes(b"what was measured before")
    known = song_of("Known", bpm=100.0)
    source = replace(known.source, sha256=hashlib.sha256(song.read_bytes()).hexdigest())
    library_of(tmp_path / "lib", replace(known, source=source), song_of("Near", bpm=101.0))
    assert main(["find", str(tmp_path / "lib"), "--like", str(song), *by]) == 0
    assert "“Known”" in capsys.readouterr().out


def test_find_measures_a_song_that_the_library_has_not(lib, tmp_path, capsys):
    path = tmp_path / "clicks.wav"
    samples, _ = metronome(120.0, 8.0)
    write_sound(path, samples)
    assert main(["find", lib, "--like", str(path), "--by", "loudness", "-n", "1"]) == 0
    assert "“clicks”" in capsys.readouterr().out


def test_find_saves_the_numbers_side_by_side(lib, tmp_path, capsys):
    for ending in ("json", "csv", "parquet"):
        out = tmp_path / f"near.{ending}"
        assert main(["find", lib, "--like", "song 3", "--by", "tempo.bpm", "-o", str(out)]) == 0
    frame = pl.read_parquet(tmp_path / "near.parquet")
    assert frame["title"][0] == "Song 3"
    assert frame.height == 11
    assert frame["tempo.bpm"][0] == 105
    assert pl.read_csv(tmp_path / "near.csv")["distance"].to_list() == pytest.approx(
        frame["distance"].to_list(), abs=1e-5
    )
    assert main(["find", lib, "--like", "song 3", "-o", str(out)]) == 1
    assert "already exists" in capsys.readouterr().err


# ----------------------------------------------------------------------------------------------------------- reference
def test_a_reference_is_made_of_some_songs_of_a_library(lib, tmp_path, capsys):
    out = tmp_path / "mine.toml"
    arguments = ["reference", lib, "-o", str(out), "--where", "year between 2012 and 2020", "--name", "hits of mine"]
    assert main(arguments) == 0
    assert "of 9 songs" in capsys.readouterr().out
    loud = read_reference(out)["loudness-integrated_lufs"]
    assert (loud.songs, loud.about, loud.years) == (9, "hits of mine", "2012 to 2020")
    assert loud.quantile(50).value == -16
    assert main(["reference", lib, "-o", str(out), "--where", "year > 2018", "--force"]) == 1
    assert "3" in capsys.readouterr().err


def test_a_library_and_its_analyses_as_files_make_one_reference(lib, tmp_path):
    folder = tmp_path / "saved"
    folder.mkdir()
    store = Store(lib)
    for n, sha256 in enumerate(store.hashes()):
        (folder / f"{n}.json").write_bytes(to_json(store.read(sha256)))
    (folder / "again.json").write_bytes(to_json(store.read(sha256)))
    one, other = tmp_path / "library.toml", tmp_path / "files.toml"
    where = ["--where", "tempo.bpm > 95 and year > 2010"]
    assert main(["reference", lib, "-o", str(one), *where]) == 0
    assert main(["reference", str(folder), "-o", str(other), *where]) == 0
    assert one.read_text() == other.read_text()


def test_what_works_on_libraries_stands_together_in_the_help(capsys):
    assert main([]) == 0
    blocks = capsys.readouterr().out.split("\n\n")
    (libraries,) = (block for block in blocks if block.startswith("Libraries of songs:"))
    named = re.findall(r"^  (\w+)", libraries, re.MULTILINE)
    assert named == ["batch", "index", "judge", "find", "reference"]


def test_the_help_of_each_command_fits_and_names_the_usual_measures(monkeypatch, capsys):
    for width in (80, 120):
        monkeypatch.setenv("COLUMNS", str(width))
        for name in ("judge", "find", "reference"):
            with pytest.raises(SystemExit) as ended:
                main([name, "--help"])
            assert ended.value.code == 0
            out = capsys.readouterr().out
            assert max(map(len, out.splitlines())) <= width
            assert name != "find" or all(measure in out and why in in_one_line(out) for measure, why in USUAL.items())
