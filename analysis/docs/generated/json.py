"""The page of the JSON: a table for each part, from the schema."""

import ast
import inspect

from docs.markdown import code, fields_table, page, table
from riffscope import errors, steps
from riffscope.measures import in_words
from riffscope.schema import json_schema

INTRO = """\
`riffscope analyze SONG --json PATH` saves the full analysis; every command takes the file in place of the song.
`riffscope schema` prints its [JSON Schema](https://json-schema.org/) (draft 2020-12), from which these tables are made.

- Times are seconds from the start of the file. There is no NaN: a frame or a field without a value is `null`.
- Units are those of the stored number: a `fraction` is 0 to 1, even if people are shown percent.
- An estimate has a value and a 90% range, `low` to `high`: the truth should lie inside nine times out of ten.
- Names and meanings do not change. A later version may add fields and measurements, so ignore those you do not know."""

OUTCOMES = """\
Each entry of `measurements` has a `status`: `measured`, with the fields of the tables below in `value`; `missing` if
the music has nothing to measure, with a code for programs and a reason for people; or `failed` if riffscope itself
broke down."""


def pages() -> dict[str, str]:
    """Return the page."""
    schema = json_schema()
    known = schema["$defs"]
    top = [(code(name), _about(part, known)) for name, part in schema["properties"].items()]
    measured = [(step.name, step.produces.__name__) for step in steps.analyzers()]
    others = [name for name in known if name not in {produced for _, produced in measured} | {"Missing", "Failed"}]
    parts = [f"### {_heading(in_words(name), kind)}\n\n{_table(kind, known)}" for name, kind in measured]
    return {
        "json.md": page(
            "# The JSON of a song",
            INTRO,
            "## The document",
            table(("field", "what it is"), top),
            "## Measured, missing or failed",
            OUTCOMES,
            f"### {_heading('A missing measurement', 'Missing')}\n\n{_table('Missing', known)}",
            table(("code", "why"), [(code(name), text) for name, text in codes().items()]),
            f"### {_heading('A failed measurement', 'Failed')}\n\n{_table('Failed', known)}",
            "## Measurements",
            *parts,
            "## Further types",
            *(f"### {_heading(name, name)}\n\n{_table(name, known)}" for name in others),
        )
    }


def _about(part: dict[str, str], known: dict[str, dict[str, str]]) -> str:
    """Say what a part of the document is; of one that refers to a definition, what that says."""
    found = part if "description" in part else known[part["$ref"].rpartition("/")[2]]
    return found["description"]


def _heading(words: str, kind: str) -> str:
    return f"{words} {{ #{kind.lower()} }}"


def _table(kind: str, known: dict[str, dict[str, str]]) -> str:
    return f"{known[kind]['description']}\n\n{fields_table(known[kind], known, here='')}"


def codes() -> dict[str, str]:
    """Return each code of `Absence` with what its definition says beside it, or else its name in words."""
    (definition,) = ast.parse(inspect.getsource(errors.Absence)).body
    out: dict[str, str] = {}
    last = ""
    for line in definition.body:  # type: ignore[attr-defined]
        match line:
            case ast.Assign(value=ast.Constant(value=str(name))):
                out[name] = f"{in_words(name)}."
                last = name
            case ast.Expr(value=ast.Constant(value=str(text))) if last:
                out[last] = text
    return out
