"""Docstrings in numpydoc form as text for people: sections, and what is said of each field of a class.

What a report, the JSON Schema and the documentation say of a measurement is what stands where it is written.
"""

import functools
import inspect
import re
import types
from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass

_UNDERLINE = re.compile(r"-{3,}")
_SHAPE = re.compile(r"shape \(([^)]*)\)")


@dataclass(frozen=True, kw_only=True)
class FieldText:
    """What a docstring says of a field.

    Attributes
    ----------
    shape : tuple of str
        Of an array, as in ``("n", "12")``; empty for all else.
    text : str
        One paragraph; empty where there is none.
    """

    shape: tuple[str, ...] = ()
    text: str = ""


def sections(docstring: str) -> Mapping[str, list[str]]:
    """Divide a docstring at its underlined titles; what comes before the first stands under ``""``."""
    out: dict[str, list[str]] = {"": []}
    current = ""
    lines = docstring.splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if _UNDERLINE.fullmatch(line.strip()):
            continue
        if _UNDERLINE.fullmatch(following.strip()):
            current = line.strip()
            continue
        out.setdefault(current, []).append(line)
    return out


@functools.cache
def fields_in_words(cls: type) -> Mapping[str, FieldText]:
    """Read the Attributes sections of a class and of those that it extends."""
    out: dict[str, FieldText] = {}
    for kind in reversed(cls.__mro__):
        # A dataclass without a docstring is given its signature.
        if is_dataclass(kind) and kind.__doc__ and not kind.__doc__.startswith(f"{kind.__name__}("):
            out |= _entries(sections(inspect.cleandoc(kind.__doc__)).get("Attributes", []))
    return types.MappingProxyType(out)


def _entries(lines: list[str]) -> dict[str, FieldText]:
    out: dict[str, FieldText] = {}
    names: list[str] = []
    for line in filter(str.strip, lines):
        if line[0] != " ":
            head, _, kind = line.partition(" : ")
            names = [name.strip() for name in head.split(",")]
            shape = _SHAPE.search(kind)
            parts = tuple(part.strip() for part in shape[1].split(",") if part.strip()) if shape else ()
            out |= dict.fromkeys(names, FieldText(shape=parts))
            continue
        for name in names:
            before = out[name]
            out[name] = FieldText(shape=before.shape, text=f"{before.text} {line.strip()}".strip())
    return out
