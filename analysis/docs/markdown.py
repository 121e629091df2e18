"""Parts of Markdown pages: tables, docstrings and fields."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from riffscope.docstrings import sections

Schema = Mapping[str, Any]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table. Bars and line ends in cells would break it."""
    lines = [head, ["---"] * len(head), *rows]
    cells = ([str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in lines)
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def code(text: str) -> str:
    """Write a name as code."""
    return f"`{text}`"


def prose(docstring: str, section: str = "") -> str:
    """Return a section of a docstring, or what comes before the first, as paragraphs."""
    lines = sections(docstring).get(section, [])
    return textwrap.dedent("\n".join(lines)).strip()


def page(*parts: str) -> str:
    """Put a page together; empty parts are left out."""
    return "\n\n".join(part for part in parts if part) + "\n"


def fields_table(definition: Schema, known: Mapping[str, Schema], *, here: str) -> str:
    """Write a table of the fields of a value class, from its schema.

    Parameters
    ----------
    definition : mapping
        The schema of an object.
    known : mapping
        The definitions that it may refer to.
    here : str
        What a link to a definition begins with: the page of the JSON, seen from the page with the table.
    """
    rows = [
        (code(name), kind_of(field, known, here=here), field.get("x-unit", ""), _about(field))
        for name, field in definition["properties"].items()
    ]
    # On a phone the rows of this table stand as paragraphs: see site.css.
    return f'<div class="fields" markdown>\n\n{table(("field", "type", "unit", "what it is"), rows)}\n\n</div>'


def _about(field: Schema) -> str:
    text: str = field.get("description", "")
    return text or f"{field.get('title', '')}."


def kind_of(field: Schema, known: Mapping[str, Schema], *, here: str) -> str:
    """Name the type of a field in a few words, with links to those that have fields of their own."""
    if "anyOf" in field:
        return " or ".join(kind_of(part, known, here=here) for part in field["anyOf"])
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"[{name}]({here}#{name.lower()})"
    if "enum" in field:
        return "one of " + ", ".join(code(option) for option in field["enum"])
    if "const" in field:
        return code(field["const"])
    if field.get("type") == "array":
        if "x-shape" in field:
            return f"numbers {field['x-shape']}"
        return f"list of {kind_of(field['items'], known, here=here)}"
    if field.get("type") == "object" and "additionalProperties" in field:
        return f"{kind_of(field['additionalProperties'], known, here=here)} by name"
    return str(field["type"])
