"""The queries on the page about libraries run as they are printed, on a library of the test's own."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from riffscope.judge import judge
from riffscope.library.index import make_index
from riffscope.library.store import Store
from songs import songs

PAGE = Path(__file__).parents[2] / "analysis" / "docs" / "pages" / "library.md"
SNIPPETS = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


@pytest.fixture
def library(tmp_path, monkeypatch):
    store = Store(tmp_path / "library")
    for number, song in enumerate(songs().values()):
        source = replace(song.source, sha256=f"{number:064x}")
        store.keep(replace(song, source=source, verdicts=judge(song) if number == 0 else ()))
    make_index(store)
    monkeypatch.chdir(tmp_path)


def run(import_name):
    pytest.importorskip(import_name, reason=f"{import_name} is not installed")
    (snippet,) = [one for one in SNIPPETS if f"import {import_name}" in one]
    names = {}
    exec(compile(snippet, PAGE.name, "exec"), names)
    return names


@pytest.mark.usefixtures("library")
def test_polars_queries_a_library():
    found = run("polars")
    assert found["by_year"]["songs"].sum() == found["songs"].height == len(songs())
    assert 0 < found["narrow"].height < len(songs())


@pytest.mark.usefixtures("library")
def test_duckdb_queries_a_library():
    found = run("duckdb")
    assert found["minor"]["minor_share"].between(0, 1).all()
    ((title, because),) = found["loops"]
    assert title == next(iter(songs().values())).source.title
    assert "riff" in because


@pytest.mark.usefixtures("library")
def test_pandas_queries_a_library():
    pytest.importorskip("pyarrow")
    found = run("pandas")
    assert found["unit"] == "BPM"
    assert found["loud"].is_monotonic_decreasing
    assert len(found["frame"]) == len(songs())
