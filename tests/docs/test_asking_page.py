"""What the page about asking a library says: its Python runs, and its numbers are those of the code."""

import re
from pathlib import Path

import pytest

from asked_library import library_of, song_of
from riffscope.library import neighbours
from riffscope.library.rulings import SONGS_FOR_PROCESSES
from riffscope.library.usual import USUAL

PAGE = (Path(__file__).parents[2] / "analysis" / "docs" / "pages" / "asking.md").read_text("utf-8")


def test_the_python_of_the_page_runs(tmp_path, monkeypatch):
    library_of(tmp_path / "library", *(song_of(title, bpm=90 + len(title)) for title in ("Closet", "Arena", "Other")))
    (tmp_path / "claims.toml").write_text(
        '[quiet]\ntext = "It is quiet"\nkind = "at_most"\nmeasure = "loudness.integrated_lufs"\nlimit = -14\n'
    )
    monkeypatch.chdir(tmp_path)
    names = {}
    snippets = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(snippets) == 2
    for snippet in snippets:
        exec(compile(snippet, "asking.md", "exec"), names)
    assert names["verdicts"].height == 3
    assert len(names["near"].songs) == 2


def test_the_distances_of_the_page_are_those_of_the_code():
    apart = neighbours._key_distances()[0]
    named = {"relative": 9 + 12, "fifth": 7, "parallel": 12, "two fifths": 2}
    told = dict(zip(named, re.findall(r"\((0\.\d+)\)", PAGE.partition("**Keys**")[2])[:4], strict=True))
    assert {name: float(number) for name, number in told.items()} == pytest.approx(
        {name: apart[key] for name, key in named.items()}, abs=0.006
    )
    assert f"same ({neighbours.OCTAVE_OFF / neighbours.FARTHEST_OCTAVES:g})" in PAGE
    assert f"{2**neighbours.FARTHEST_OCTAVES:.2f} times as fast" in PAGE
    assert f"fewer than {neighbours.SONGS_FOR_SPREAD} songs" in PAGE
    assert f"difference of {neighbours.MISSING:g}" in PAGE
    assert f"From {SONGS_FOR_PROCESSES} songs on" in PAGE
    assert "the eleven measures" in PAGE
    assert len(USUAL) == 11
