"""Docstrings in numpydoc form as text for people: sections, and what is said of each field of a class.

What a report, the JSON Schema and the documentation say of a measurement is what stands where it is written.
"""

import functools
import inspect
import itertools
import re
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass
from typing import Any

_UNDERLINE = re.compile(r"-{3,}")
# A mark in the text that refers to an entry of the References.
_MARK = re.compile(r"\s*\[\d+\]_")
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
    """Divide a docstring at its underlined titles; what comes before the first stands under ``""``.

    Marks such as ``[1]_`` are left out of the text: it is followed by its few references in any case.
    """
    out: dict[str, list[str]] = {"": []}
    current = ""
    lines = _MARK.sub("", docstring).splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if _UNDERLINE.fullmatch(line.strip()):
            continue
        if _UNDERLINE.fullmatch(following.strip()):
            current = line.strip()
            continue
        out.setdefault(current, []).append(line)
    return out


def method_sections(function: Callable[..., Any]) -> Mapping[str, list[str]]:
    """Divide the docstring of a step; where it cites nothing, what its module cites is its source."""
    own = sections(inspect.getdoc(function) or "")
    module = sections(inspect.getdoc(inspect.getmodule(function)) or "")
    cited = itertools.takewhile(str.strip, itertools.dropwhile(_cites_nothing, module.get("References", [])))
    return {"References": list(cited), **own}


def _cites_nothing(line: str) -> bool:
    return not line.startswith(".. [")


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
