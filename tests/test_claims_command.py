"""riffscope claims read and new, as a person and a script meet them."""

import io
import json
import subprocess
import sys

import pytest

from riffscope.cli import main
from riffscope.codec import to_json
from riffscope.judge import parse_claims
from songs import example_song

ARTICLE = """It came out in 2018.

It is written in C-sharp minor, at 100 BPM.
It was recorded in a closet.
"""
FIELDS = ["about", "relation", "value", "high", "unit", "scope", "against"]


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "review.txt"
    path.write_text(ARTICLE)
    return path


def test_each_sentence_is_printed_with_what_was_understood_and_the_others_are_counted(article, capsys):
    assert main(["claims", "read", str(article)]) == 0
    said = capsys.readouterr().out
    sentence, *understood = said.splitlines()[:3]
    assert sentence == "It is written in C-sharp minor, at 100 BPM."
    assert sorted(understood) == ["  - the key is C♯ minor", "  - the tempo is 100 BPM"]
    assert "It was recorded in a closet.\n  not testable: " in said
    assert "2018" not in said
    assert said.splitlines()[-1] == (
        "2 statements that can be tested, 1 sentence that cannot and 1 sentence about something else."
    )


def test_what_was_understood_is_printed_as_json_alone(article, tmp_path, capsys, monkeypatch):
    assert main(["claims", "read", str(article), "--json", "-"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert list(printed) == ["sentences"]
    other, checkable, untested = printed["sentences"]
    for sentence in printed["sentences"]:
        assert list(sentence) == ["text", "start", "end", "kind", "readings", "reason"]
        assert ARTICLE[sentence["start"] : sentence["end"]] == sentence["text"]
    assert (other["kind"], other["readings"], other["reason"]) == ("other", [], None)
    assert (untested["kind"], untested["readings"]) == ("not_testable", [])
    assert untested["reason"]
    key, tempo = sorted(checkable["readings"], key=lambda one: one["about"])
    assert list(key) == list(tempo) == FIELDS
    assert list(key.values()) == ["key", "is", "C# minor", None, None, None, None]
    assert list(tempo.values()) == ["tempo", "is", 100, None, "BPM", None, None]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(ARTICLE.encode())))
    assert main(["claims", "read", "-", "--json", str(tmp_path / "new" / "read.json")]) == 0
    assert json.loads((tmp_path / "new" / "read.json").read_text()) == printed


def test_the_claims_of_an_article_are_checked_and_ruled_on(article, tmp_path, capsys):
    (tmp_path / "kept.json").write_bytes(to_json(example_song()))
    claims = tmp_path / "mine.toml"
    assert main(["claims", "read", str(article), "-o", str(claims)]) == 0
    assert str(claims) in capsys.readouterr().out
    assert main(["claims", "check", str(claims)]) == 0
    assert sorted(line.partition(":")[0] for line in capsys.readouterr().out.splitlines()) == ["key", "tempo"]
    assert main(["analyze", str(tmp_path / "kept.json"), "--claims", str(claims), "--json", "-"]) == 0
    assert sorted(one["claim"] for one in json.loads(capsys.readouterr().out)["verdicts"]) == ["key", "tempo"]
    assert main(["claims", "read", str(claims)]) == 1
    assert "is a claims file, not a text" in capsys.readouterr().err


def test_the_template_is_printed_or_written(tmp_path, capsys):
    assert main(["claims", "new"]) == 0
    printed = capsys.readouterr().out
    assert parse_claims(printed, name="template")
    assert main(["claims", "new", "-o", str(tmp_path / "mine.toml")]) == 0
    assert (tmp_path / "mine.toml").read_text() == printed


@pytest.mark.parametrize(
    "command",
    [
        "claims read review.txt -o review.txt",
        "claims read review.txt --json review.txt",
        "claims read review.txt --json -  -o edited.toml",
        "claims read review.txt --json .",
        "claims new -o edited.toml",
        "claims new -o .",
        "claims read nothing.txt",
        "claims read song.json",
        "claims read biography.txt -o new.toml",
    ],
)
def test_nothing_is_written_over_what_people_wrote_and_what_cannot_be_read_is_said_in_a_line(
    command, article, tmp_path, monkeypatch, capsys
):
    (tmp_path / "edited.toml").write_text("[mine]\n")
    (tmp_path / "biography.txt").write_text("It came out in 2018.\n")
    (tmp_path / "song.json").write_bytes(to_json(example_song()))
    monkeypatch.chdir(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert main(command.split()) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_all_that_is_wrong_with_a_claims_file_is_said_a_line_each(tmp_path, capsys):
    claims = tmp_path / "mine.toml"
    claims.write_text('[a]\ntext = "a"\nkind = "at_mots"\n\n["b\\nc"]\ntext = "b"\nkind = "key_is"\nkeys = "C minor"\n')
    assert main(["claims", "check", str(claims)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        f"{claims}: [a]: kind 'at_mots' does not exist (the nearest is 'at_most')",
        f"{claims}: [b\\nc]: parameter 'keys' does not exist (the nearest is 'key')",
    ]


LOUD = '[mine]\ntext = "A claim of my own"\nkind = "at_least"\nmeasure = "loudness.integrated_lufs"\nlimit = -60\n'
LOUDER = '[mine]\ntext = "{second} beats {first}"\nkind = "higher"\nmeasure = "loudness.integrated_lufs"\n'


def test_a_report_of_a_kept_analysis_rules_on_the_claims_of_a_file(tmp_path, monkeypatch, capsys):
    (tmp_path / "kept.json").write_bytes(to_json(example_song()))
    (tmp_path / "mine.toml").write_text(LOUD)
    monkeypatch.chdir(tmp_path)
    report = ["report", "kept.json", "--format", "html", "--no-audio"]
    assert main([*report, "--claims", "mine.toml"]) == 0
    (page,) = capsys.readouterr().out.split()
    assert "A claim of my own" in (tmp_path / page).read_text()
    assert "like a heartbeat" not in (tmp_path / page).read_text()
    (tmp_path / "mine.toml").write_text(LOUDER)
    assert main([*report, "--claims", "mine.toml"]) == 1
    assert "higher is about two songs" in capsys.readouterr().err


def test_the_report_of_a_comparison_rules_on_claims_about_two_songs(tmp_path, monkeypatch, capsys):
    for title in ("One", "Two"):
        (tmp_path / f"{title}.json").write_bytes(to_json(example_song(title=title)))
    (tmp_path / "mine.toml").write_text(LOUDER)
    monkeypatch.chdir(tmp_path)
    assert main(["report", "One.json", "Two.json", "--format", "html", "--claims", "mine.toml"]) == 0
    (page,) = capsys.readouterr().out.split()
    assert "Two beats One" in (tmp_path / page).read_text()
    assert "heavier bass" not in (tmp_path / page).read_text()


def test_reading_a_text_loads_no_heavy_package(article):
    heavy = "matplotlib", "typst", "onnxruntime", "librosa", "av", "jinja2", "scipy", "soundfile"
    code = (
        f"import sys; from riffscope.cli import main; main(['claims', 'read', {str(article)!r}]); "
        f"sys.exit(' '.join(m for m in {heavy} if m in sys.modules) or 0)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
