"""The queries on the page about libraries run as they are printed, on a library of the test's own."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from riffscope.judge import built_in_claims
from riffscope.library.index import make_index
from riffscope.library.store import Store
from riffscope.model import Ruling, Verdict
from songs import songs

PAGE = Path(__file__).parents[2] / "analysis" / "docs" / "pages" / "library.md"
SNIPPETS = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


@pytest.fixture
def library(tmp_path, monkeypatch):
    store = Store(tmp_path / "library")
    for number, song in enumerate(songs().values()):
        source = replace(song.source, sha256=f"{number:064x}")
        ruling = Ruling.SUPPORTED if number == 0 else Ruling.REFUTED
        found = Verdict(claim="loop_like_a_heartbeat", text="A loop runs through it", ruling=ruling, because="A riff")
        store.keep(replace(song, source=source, verdicts=(found,)))
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
    assert found["loops"] == [(next(iter(songs().values())).source.title, "A riff")]
    # The claim of the query is one that batches test.
    assert "loop_like_a_heartbeat" in {claim.name for claim in built_in_claims()}


@pytest.mark.usefixtures("library")
def test_pandas_queries_a_library():
    pytest.importorskip("pyarrow")
    found = run("pandas")
    assert found["unit"] == "BPM"
    assert found["loud"].is_monotonic_decreasing
    assert len(found["frame"]) == len(songs())
