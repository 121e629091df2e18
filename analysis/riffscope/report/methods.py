"""How each measurement is made, taken from where it is written: the docstring of the function that makes it.

So a new analyzer brings its own paragraph, and one whose method changes changes it in the same file.
"""

import graphlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from riffscope import steps
from riffscope.docstrings import method_sections, sections
from riffscope.song import ROOTS

_CODE = re.compile(r"``([^`]*)``|`([^`]*)`")
_CITATION = re.compile(r"^\.\. \[\w+\]\s*")
_EMPHASIS = re.compile(r"(?<![\w*])\*([^*\s][^*]*)\*(?![\w*])")


@dataclass(frozen=True, kw_only=True)
class Method:
    """What a measurement's docstring says: the method, what it cannot tell, and where it comes from."""

    text: str
    limits: str
    source: str


def method_of(measurement: str) -> Method | None:
    """Return how a measurement is made, or None for one that this version does not know."""
    for step in steps.analyzers():
        if step.name == measurement:
            return _read(method_sections(step.function))
    return None


def methods_behind(measurements: Iterable[str]) -> list[tuple[str, Method]]:
    """Return the name and method of each shared picture of the sound that measurements are made from, in order."""
    wanted = [step for step in steps.analyzers() if step.name in set(measurements)]
    chosen = steps.closure(wanted, ROOTS)
    order = graphlib.TopologicalSorter({kind: [need.type for need in step.needs] for kind, step in chosen.items()})
    views = [chosen[kind] for kind in order.static_order() if kind in chosen and chosen[kind].kind == "view"]
    return [(step.name, _read(method_sections(step.function))) for step in views]


def read_docstring(docstring: str) -> Method:
    """Read a numpydoc docstring: its prose, its Notes and its References, without markup."""
    return _read(sections(docstring))


def _read(parts: Mapping[str, list[str]]) -> Method:
    return Method(
        text=_prose(parts[""]),
        limits=_prose(parts.get("Notes", [])),
        source=_prose([_CITATION.sub("", line.strip()) for line in parts.get("References", [])]),
    )


def _prose(lines: list[str]) -> str:
    text = " ".join(line.strip() for line in lines if line.strip())
    return _EMPHASIS.sub(r"\1", _CODE.sub(lambda match: match[1] or match[2], text))
