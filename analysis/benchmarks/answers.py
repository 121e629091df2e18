"""What a program says about a song: the JSON that ``riffscope analyze SONG --json -`` prints, or nothing."""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from benchmarks.items import Json, Spans


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The JSON of one song; empty where the program failed."""

    document: Json

    def value(self, name: str) -> Json | None:
        """Return the fields of a measurement, or None where it is missing or failed."""
        entry = self.document.get("measurements", {}).get(name) or {}
        return entry.get("value") if entry.get("status") == "measured" else None

    def fields(self, name: str) -> Json:
        """Return the fields of a measurement, none where it is missing or failed."""
        return self.value(name) or {}


NOTHING = Answer(document={})


def parse_answer(text: str | bytes) -> Answer:
    """Read an answer.

    Raises
    ------
    ValueError
        It is not strict JSON: NaN and Infinity are none.
    """
    return Answer(document=json.loads(text, parse_constant=_refuse_constant))


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} in JSON")


def number(field: Any) -> float:
    """Return a plain number or the value of an estimate; NaN for what is missing."""
    value = field.get("value") if isinstance(field, dict) else field
    return math.nan if value is None else float(value)


def spans_of(entries: Iterable[Json] | None) -> Spans:
    """Return start and end of each entry, in seconds."""
    return [(entry["start_s"], entry["end_s"]) for entry in entries or ()]
