"""The pages of the documentation say what is so: their names exist, their examples are valid, their links lead on."""

import inspect
import re
import shlex
from pathlib import Path

import polars as pl
import pytest

from benchmarks.figures import Figures, Mean, SetFigures, Source
from docs.generated import all_pages, claims, commands, measurements
from docs.markdown import table
from riffscope import steps
from riffscope.cli import make_parser
from riffscope.cli.command import discover
from riffscope.docstrings import method_sections
from riffscope.judge import parse_claims
from riffscope.measures import all_measures
from riffscope.model import fields_of

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "analysis" / "docs"
WRITTEN = {path.relative_to(FOLDER / "pages").as_posix(): path.read_text("utf-8") for path in FOLDER.rglob("*.md")}
GENERATED = all_pages()
PAGES = WRITTEN | GENERATED


def test_every_measurement_has_a_page_with_all_of_its_fields():
    for step in steps.analyzers():
        page = PAGES[f"measurements/{step.name}.md"]
        for name, field in fields_of(step.produces).items():
            row = re.search(rf"^\| `{name}` \|.*$", page, re.MULTILINE)[0]
            assert field.unit is None or field.unit.stored_symbol in row


@pytest.mark.parametrize("step", steps.analyzers(), ids=lambda step: step.name)
def test_a_page_says_how_where_it_ends_and_where_it_comes_from(step):
    page, docstring = PAGES[f"measurements/{step.name}.md"], inspect.getdoc(step.function)
    assert step.summary in page
    for section, title in (("Notes", "Limits"), ("CannotMeasure", "Missing where")):
        assert (f"\n{section}\n" in docstring) == (f"\n## {title}\n" in page), title
    assert bool(method_sections(step.function)["References"]) == ("\n## Sources\n" in page)


def test_figures_of_accuracy_stand_on_the_page_of_what_was_measured(monkeypatch):
    mean = {"key_weighted": Mean(value=0.876, items=44)}
    found = SetFigures(source=Source(date="2026-11-28"), items=44, minutes=40.0, metrics=mean)
    figures = Figures(programs={"riffscope": {"songs": found}, "elsewhere": {}})
    monkeypatch.setattr(measurements, "read_figures", lambda: figures)
    pages = measurements.pages()
    assert "| songs | 0.88\N{NO-BREAK SPACE}(44) |" in pages["measurements/key.md"]
    assert "elsewhere" not in pages["measurements/key.md"].partition("## How well it works")[2]
    assert "## How well it works" not in pages["measurements/stereo.md"]


def test_without_figures_the_pages_say_nothing_of_accuracy(monkeypatch):
    monkeypatch.setattr(measurements, "read_figures", Figures)
    assert not [path for path, text in measurements.pages().items() if "How well it works" in text]


@pytest.mark.parametrize("kind", steps.claims(), ids=lambda kind: kind.name)
def test_the_example_of_each_kind_of_claim_is_valid(kind):
    (claim,) = parse_claims(claims.example_of(kind), name="example")
    assert claim.kind is kind


def test_the_claims_page_names_every_measure():
    assert all(f"`{measure.path}`" in PAGES["claims.md"] for measure in all_measures())


def test_the_command_page_has_the_help_of_every_command():
    page = commands.pages()["commands.md"]
    for command in discover():
        assert f"## riffscope {command.name}\n" in page
    assert max(map(len, page.splitlines())) <= 100


def test_every_code_of_what_is_missing_is_explained():
    assert "| `no_gaps` | The lead voice never rests. |" in PAGES["json.md"]
    assert "| `silent` | Silent. |" in PAGES["json.md"]


def test_cells_cannot_break_a_table():
    assert table(("a",), [("b | c\nd",)]).splitlines()[-1] == "| b \\| c d |"


@pytest.mark.parametrize("path", PAGES)
def test_links_lead_to_pages_and_headings(path):
    for target in re.findall(r"\]\(([^)]+)\)", PAGES[path]):
        if target.startswith(("https://", "assets/")):
            continue
        name, _, heading = target.partition("#")
        there = (Path("/", path).parent / name).resolve().relative_to("/").as_posix() if name else path
        assert there in PAGES, target
        if heading:
            assert f"{{ #{heading} }}" in PAGES[there], target


@pytest.mark.parametrize("path", PAGES)
def test_commands_on_the_pages_are_commands(path, monkeypatch):
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"^```\n(.*?)^```", PAGES[path], re.MULTILINE | re.DOTALL)
    for line in re.findall(r"^riffscope (.*?)(?: +#.*)?$", "".join(blocks), re.MULTILINE):
        make_parser().parse_args(shlex.split(line))


def test_the_python_of_the_pages_runs(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(pl.DataFrame, "write_csv", lambda *_: None)
    monkeypatch.setattr(pl.DataFrame, "to_pandas", lambda _: None)  # pandas need not be there
    names = {}
    codes = re.findall(r"```python\n(.*?)```", PAGES["python.md"], re.DOTALL)
    assert len(codes) == 2
    for code in codes:
        exec(compile(code, "python.md", "exec"), names)
    assert names["songs"]["tempo.bpm"].to_list() == pytest.approx([92, 126], abs=0.5)
    assert {"tempo.bpm.low", "tempo.bpm.high"} <= set(names["songs"].columns)


def test_the_navigation_names_every_page():
    named = set(re.findall(r": ([\w/-]+(?:\.md|/))$", (FOLDER / "mkdocs.yml").read_text("utf-8"), re.MULTILINE))
    assert {path for path in PAGES if path not in named and f"{path.partition('/')[0]}/" not in named} == set()


def test_nothing_is_fetched_by_the_site():
    config = (FOLDER / "mkdocs.yml").read_text("utf-8")
    assert "font: false" in config
    assert "http" not in config
    assert "strict: true" in config
