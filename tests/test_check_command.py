"""riffscope check as a person and a script meet it."""

import dataclasses
import io
import json
import os
import re
import sys

import pytest

from articles_checked import CLOSET, MOOD, article_of, says
from riffscope.articles.checked import check
from riffscope.cli import main
from riffscope.cli.checked import print_checked
from riffscope.codec import to_json
from riffscope.model import Ruling
from riffscope.report.blocks import SIGNS
from riffscope.standings import label
from songs import HOSTILE_TITLES, example_song

SONG = example_song()  # 123 BPM
ARTICLE = """\
# On the song

It runs at 123 BPM. It came out in May.

- It runs at 80 BPM.
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder to be in, with an article and a kept analysis."""
    (tmp_path / "review.md").write_text(ARTICLE, encoding="utf-8")
    (tmp_path / "song.json").write_bytes(to_json(SONG))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def as_piped(monkeypatch):
    """A run in a pipe that says nothing of its width."""
    monkeypatch.delenv("COLUMNS", raising=False)


def printed(article, capsys, *, songs=(SONG,), paths=()):
    print_checked(check(article, songs), paths)
    return capsys.readouterr().out


# ------------------------------------------------------------------------------------------------------- the command
def test_a_text_is_ruled_on_and_written_with_its_rulings(folder, capsys):
    assert main(["check", "review.md", "song.json"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0] == "review.md against “Closet Heartbeat”"
    assert out.splitlines()[1] == "2 statements: ● 1 supported  ■ 1 refuted"
    written = {path.name for path in (folder / "reports").iterdir()}
    assert written == {"review-checked-on-closet.html", "review-checked-on-closet.pdf"}
    for name in written:
        assert f"\n  reports/{name}" in out.replace(os.sep, "/")


def test_the_json_holds_every_sentence(folder, capsys):
    assert main(["check", "review.md", "song.json", "--format", "json", "--out", "made"]) == 0
    (path,) = (folder / "made").iterdir()
    document = json.loads(path.read_text(encoding="utf-8"))
    assert [sentence["text"] for sentence in document["sentences"]] == [
        "On the song",
        "It runs at 123 BPM.",
        "It came out in May.",
        "It runs at 80 BPM.",
    ]
    assert document["tally"] == {"supported": 1, "refuted": 1, "inconclusive": 0, "not_testable": 0}


def test_a_text_is_read_from_standard_input(folder, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(ARTICLE.encode()), encoding="utf-8"))
    assert main(["check", "-", "song.json", "--format", "html"]) == 0
    assert (folder / "reports" / "text-checked-on-closet.html").is_file()


def test_the_schema_of_what_is_written_is_printed(capsys):
    assert main(["schema", "check"]) == 0
    assert "CheckedStatement" in json.loads(capsys.readouterr().out)["$defs"]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["check", "missing.md", "song.json"], 1, "missing.md: "),
        (["check", "review.md", "missing.mp3"], 1, "missing.mp3: "),
        (["check", "review.md", *["song.json"] * 7], 2, "6 songs at most"),
        (["check", "review.md", "song.json", "song.json", "--tempo", "100"], 1, "--tempo goes with one song"),
    ],
)
def test_what_cannot_be_done_is_one_line(arguments, status, said, folder, capsys):
    assert main(arguments) == status
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1
    assert not (folder / "reports").exists()


def test_a_text_without_its_song_and_an_unknown_format_are_wrong_usage(folder, capsys):
    for arguments in (["check", "review.md"], ["check", "review.md", "song.json", "--format", "doc"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
    assert "pdf, html or json" in capsys.readouterr().err


def test_a_second_song_that_is_refused_does_not_cost_the_rest(folder, capsys):
    assert main(["check", "review.md", "song.json", "missing.mp3", "--format", "html"]) == 1
    assert (folder / "reports" / "review-checked-on-closet.html").is_file()


@pytest.mark.parametrize("form", ["html", "pdf", "json"])
def test_neither_the_text_nor_the_song_is_written_over(form, folder, capsys):
    (folder / "reports").mkdir()
    for given in ("review.md", "song.json"):
        before = (folder / given).read_bytes()
        there = folder / "reports" / f"review-checked-on-closet.{form}"
        there.symlink_to(folder / given)
        assert main(["check", "review.md", "song.json", "--format", form]) == 1
        assert (folder / given).read_bytes() == before
        there.unlink()


# ---------------------------------------------------------------------------------------------------- what is printed
@pytest.mark.parametrize("columns", [30, 50, 80, 100, None])
def test_lines_are_as_wide_as_the_terminal(columns, capsys, monkeypatch):
    if columns is not None:
        monkeypatch.setenv("COLUMNS", str(columns))
    out = printed(CLOSET, capsys)
    assert max(len(line.rstrip()) for line in out.splitlines()) <= (columns or 80)
    for ruling, count in check(CLOSET, [SONG]).tally.items():
        shown = " ".join(out.split())
        assert (f"{SIGNS[ruling]} {count} {ruling.replace('_', ' ')}" in shown) is (count > 0)


def test_every_ruling_is_told_by_its_sign_and_in_words_and_without_colour_codes(capsys):
    out = printed(CLOSET, capsys)
    verdicts = [reading.verdict for sentence in check(CLOSET, [SONG]).sentences for reading in sentence.readings]
    told = [f"{SIGNS[one.ruling]} {label(one)}" for one in verdicts if one.ruling is not Ruling.NOT_TESTABLE]
    assert re.findall(r"^[●■◐] .*?(?=  )", out, re.MULTILINE) == told
    assert "\x1b" not in out


def test_each_reason_why_something_is_not_testable_is_printed_once(capsys):
    article = article_of(("text", ("It is sad.", MOOD), ("It is warm.", MOOD)))
    out = printed(article, capsys)
    assert out.count(MOOD) == 1
    assert "“It is sad.”" in out
    assert "“It is warm.”" in out


def test_of_many_sentences_with_one_reason_the_first_are_printed_and_the_rest_counted(capsys):
    out = printed(article_of(("text", *((f"It is sad, {number}.", MOOD) for number in range(8)))), capsys)
    assert out.count("It is sad") == 3
    assert "and 5 more" in out


def test_what_was_understood_is_printed_where_the_sentence_does_not_say_it(capsys):
    same = article_of(("text", ("The tempo is 123 BPM.", says("tempo", "is", 123.0, unit="BPM"))))
    other = article_of(("text", ("It runs at one twenty-three.", says("tempo", "is", 123.0, unit="BPM"))))
    more = article_of(("text", ("Should the tempo have been 123 BPM?", says("tempo", "is", 123.0, unit="BPM"))))
    assert "Read as" not in printed(same, capsys)
    for article in (other, more):
        assert "Read as: the tempo is 123 BPM." in printed(article, capsys)


def test_of_two_statements_of_a_sentence_each_is_told_and_the_sentence_once(capsys):
    both = (says("tempo", "is", number, unit="BPM") for number in (123.0, 80.0))
    out = printed(article_of(("text", ("It runs at 123 BPM or at 80 BPM.", *both))), capsys)
    assert out.count("It runs at 123 BPM or at 80 BPM.") == 1
    assert "Read as: the tempo is 123 BPM." in out
    assert "Read as: the tempo is 80 BPM." in out


def test_a_long_sentence_is_shortened(capsys):
    said = "It runs at 123 BPM, " + "and on " * 100
    out = printed(article_of(("text", (said, says("tempo", "is", 123.0, unit="BPM")))), capsys)
    assert "…" in out
    assert out.count("and on") < 40


def test_a_text_that_says_nothing_of_the_sound_is_told_so(capsys):
    assert "No statement about the sound" in printed(article_of(("text", "It came out in May.")), capsys)


@pytest.mark.parametrize("kind", HOSTILE_TITLES)
def test_no_text_drives_the_terminal(kind, capsys):
    said = HOSTILE_TITLES[kind]
    article = article_of(
        (
            "text",
            (said, says("tempo", "is", 123.0, unit="BPM")),
            (said, said),
            (said, says("tempo", "more", against=said)),
        ),
        name=said,
    )
    out = printed(article, capsys, songs=(example_song(title=said),), paths=())
    assert all(c.isprintable() or c == "\n" for c in out)


def test_a_sentence_about_the_sound_that_was_not_understood_is_told(capsys):
    article = article_of(("text", "It has a certain swagger in the low end."))
    (sentence,) = article.sentences
    lost = dataclasses.replace(article, sentences=(dataclasses.replace(sentence, kind="checkable"),))
    assert "Not understood\n  “It has a certain swagger in the low end.”" in re.sub(
        r" +\n", "\n", printed(lost, capsys)
    )
