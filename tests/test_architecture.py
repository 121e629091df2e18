"""Imports run one way: a row may import rows above it, never below."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "analysis" / "riffscope"

# From the ground up; modules of one row may import each other.
ROWS = (
    {
        "arrays",
        "long_arrays",
        "choices",
        "docstrings",
        "errors",
        "units",
        "files",
        "frames",
        "notes",
        "chord_names",
        "memory",
        "caches",
        "idle_threads",
        "palette",
    },
    {"model"},
    {"words"},
    {"standings", "verdicts"},
    {"dsp"},
    {"decoding", "load", "folders", "steps"},
    {"models"},
    {"views"},
    {"analyzers", "progressions"},
    {"transposition", "places"},
    {"song", "sections_file"},
    {"measures", "renewal", "running", "groups", "versions", "reference", "chord_chart", "listener"},
    {"claims"},
    {"judge", "compare", "comparison_words", "schema1", "plausible", "codec", "schema"},
    {"articles", "headline"},
    {"plots"},
    {"report"},
    {"export", "tables"},
    {"workflow"},
    {"library"},
    {"web"},
    {"cli"},
    {"__init__", "__main__"},
)
HEIGHT = {name: row for row, names in enumerate(ROWS) for name in names}
MODULES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "riffscope":
            deeper = node.module.split(".")[1:2]
            found |= set(deeper) if deeper else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("riffscope.")}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_one_way(path):
    assert room(path) in HEIGHT, f"{room(path)} has no row yet"
    for name in imports(path):
        # Steps are discovered by walking the packages; the walk itself needs no import.
        assert HEIGHT.get(name, -1) <= HEIGHT[room(path)], f"{room(path)} imports {name}, which stands below it"


def test_array_maths_knows_no_model_types():
    for path in (PACKAGE / "dsp").rglob("*.py"):
        assert imports(path) <= {"arrays", "long_arrays", "caches", "dsp"}, path.name


def test_every_room_that_is_named_is_there():
    assert set(HEIGHT) == {room(path) for path in MODULES}


def test_there_is_no_package_called_analysis():
    assert not (PACKAGE.parent / "__init__.py").exists()
