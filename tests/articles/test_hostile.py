"""Texts that are made to be slow, or to break what shows them: each is read in no time, or refused in one line."""

import itertools
import json
import time
import unicodedata

import pytest

from riffscope.articles.load import MAX_CHARACTERS, MAX_MARKS, load_text
from riffscope.articles.reader import read
from riffscope.cli import main
from riffscope.errors import CannotRead

# Of the processor's time, on a slow machine; what grows with the square of its length takes minutes.
MOST_S = 2.0
LETTERS = MAX_CHARACTERS - 1


def repeated(unit, letters=LETTERS):
    return (unit * (letters // len(unit) + 1))[:letters]


def in_turn(units, separator, letters=LETTERS):
    return separator.join(itertools.islice(itertools.cycle(units), letters // (len(units[0]) + len(separator))))[
        :letters
    ]


def loaded(path):
    """Return the text of a file, or why it was refused."""
    try:
        return load_text(path), ""
    except CannotRead as refusal:
        return None, str(refusal)


FLOODS = {
    "a word": "a" * LETTERS,
    "no full stop": repeated("the chorus is louder than the verse and "),
    "no space": repeated("four-chord-"),
    "brackets": "(" * (LETTERS // 2) + ")" * (LETTERS // 2),
    "square brackets": "[" * LETTERS,
    "quotes": '"' * LETTERS,
    "curly quotes": repeated("“"),
    "quotes within quotes": repeated("“A "),
    "apostrophes": repeated("'a "),
    "very": repeated("very "),
    "negations": repeated("not never no "),
    "comparisons": repeated("louder than "),
    "fractions": in_turn("123456789", "/"),
    "notes in a row": in_turn("CDEFGAB", "-"),
    "chords in a row": in_turn(["F#m7", "A", "E", "B"], " – "),
    "chords in words": repeated("C-sharp-"),
    "degrees in a row": in_turn(["vi", "IV", "I", "V"], "–"),
    "digits": "1" * LETTERS,
    "numbers": repeated("100 BPM, "),
    "ranges": repeated("from C4 to "),
    "times": repeated("3:31 "),
    "sections": repeated("verse, chorus, "),
    "titles": repeated("“A” by B, "),
    "full stops": "." * (LETTERS - 1) + "x",
    "marks": repeated("?!", LETTERS - 1) + "x",
    "abbreviations": repeated("e.g. "),
    "dashes": "—" * LETTERS,
    "emoji": "🎸" * LETTERS,
    "Chinese": repeated("音楽"),
    "combining marks": "a" + "\u0301" * (LETTERS - 1),
    "text direction": repeated("\u202eab\u2066"),
    "hidden letters": repeated("a\u200b\u00ad"),
    "spaces": "a" + " " * (LETTERS - 2) + "b",
    "line ends": repeated("a\n"),
    "paragraphs": repeated("a\n\n"),
    "short sentences": repeated("A b. ", 20_000),
    "sentences of a mark": repeated("! ", 15_000),
    "marks and spaces": repeated("! "),
    "long sentences of notes": repeated(repeated("E5!", 1400) + "\n\n", 30_000),
    "long sentences of numbers": repeated(repeated("from 1 to 2 bars ", 1400) + ".\n\n", 60_000),
    "markup": repeated("<b>a</b> "),
    "headings": repeated("# "),
    "items": repeated("- a\n"),
    "escapes": repeated("\x1b[31m100 BPM "),
    "surrogates": repeated("\\ud800 "),
}


@pytest.mark.parametrize("name", FLOODS)
def test_no_text_takes_long(name, tmp_path):
    path = tmp_path / "flood.txt"
    path.write_text(FLOODS[name])
    began = time.process_time()
    text, refusal = loaded(path)
    assert "\n" not in refusal
    if text is not None:
        assert len(text.text) == len(FLOODS[name])
        found = read(text)
        assert all(text.text[one.start : one.end] == one.text for one in found.sentences)
        assert not {c for c in text.text if unicodedata.category(c) in {"Cc", "Cf", "Co", "Cs"}} - set("\n\u200c\u200d")
    assert time.process_time() - began < MOST_S


PAGES = {
    "comments": "<!--" * 50_000,
    "tags": "<a " * 60_000,
    "attributes": '<a b="' * 30_000,
    "attributes without end": "<a " + "b='c " * 40_000 + ">",
    "end tags": "</div>" * 30_000,
    "nested": "<div>" * 40_000 + "x",
    "nested and crossed": "<div><p><b>a" * 15_000 + "</p></div></b>" * 10_000,
    "declarations": "<!A" * 60_000,
    "entities": "&amp;" * 40_000,
    "numbers of characters": "&#" + "9" * 150_000 + ";",
    "laughs": '<!DOCTYPE lolz [<!ENTITY a "' + "&b;" * 9 + '">' * 9 + "]>" + "&a;" * 20_000,
    "scripts": "<script>" * 20_000,
    "tables": "<table><tr><td>" * 12_000,
    "headings": "<h1>a<h2>b" * 9_000,
    "breaks": "<br>" * 40_000 + "a",
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("suffix", ["html", "md"])
def test_no_page_takes_long(name, suffix, tmp_path):
    path = tmp_path / f"flood.{suffix}"
    path.write_text(PAGES[name])
    began = time.process_time()
    text, refusal = loaded(path)
    assert "\n" not in refusal
    if text is not None:
        read(text)
    assert time.process_time() - began < MOST_S


MARKS = [
    "[",
    "![",
    "[a](<b",
    "*a ",
    "_a",
    ">",
    "`",
    "`a",
    "<",
    "&",
    "- ",
    "> ",
    "|a",
    "**a *b ",
    "[a]: b\n",
    "a\n",
    "  - a\n",
]


@pytest.mark.parametrize("unit", MARKS)
def test_no_markdown_takes_long(unit, tmp_path):
    path = tmp_path / "flood.md"
    path.write_text(repeated(unit, MAX_MARKS - 5) + "\n|-|-|\n")
    began = time.process_time()
    _, refusal = loaded(path)
    assert "\n" not in refusal
    assert time.process_time() - began < MOST_S


def test_a_file_of_a_hundred_megabytes_is_refused_at_once(tmp_path):
    for name, first in (("words.txt", b"words "), ("zeros.bin", b"\0")):
        path = tmp_path / name
        with path.open("wb") as file:
            file.write(first * 100_000)
            file.truncate(100_000_000)
        began = time.process_time()
        with pytest.raises(CannotRead, match=r"is too long for an article|is not a text"):
            load_text(path)
        assert time.process_time() - began < MOST_S


def test_what_a_text_holds_does_nothing_to_a_terminal_or_to_json(tmp_path, capsys):
    path = tmp_path / "a.txt"
    path.write_text(
        "\x1b[2J\u202eThe tempo is 100 BPM \N{BELL}\a[red]and</b>\x07 \ue000 it is in [bold]C minor[/bold]."
    )
    for command in (["claims", "read", str(path)], ["claims", "read", str(path), "--json", "-"]):
        assert main(command) == 0
        printed = capsys.readouterr().out
        assert printed.replace("\n", "").isprintable()
        assert "[red]" in printed
    assert {one["about"] for one in json.loads(printed)["sentences"][0]["readings"]} == {"tempo", "key"}
