"""The JSON Schema (draft 2020-12) of an analysis, made from the types that `riffscope.codec` writes.

Besides the standard keywords a field has ``x-unit``, the unit of the number as it is stored (``fraction`` for 0..1),
and an array has ``x-shape``. Objects may hold more than is described: a later version may add fields.
"""

import enum
import inspect
import re
import types
import typing
from collections.abc import Mapping
from typing import Any

import numpy as np

from riffscope import steps
from riffscope.codec import SCHEMA
from riffscope.docstrings import FieldText, fields_in_words
from riffscope.measures import field_in_words
from riffscope.model import Failed, Missing, Source, Verdict, fields_of
from riffscope.places import Places
from riffscope.transposition import Transposition

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SIMPLE: Mapping[Any, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}
# A field of outcomes that the document has as the name of the entry.
_NAME = "measurement"
# What Python says where JSON says null.
_NULL = re.compile(r"\b(None|NaN)\b")


def json_schema() -> Schema:
    """Return the schema of the document that ``--json`` writes."""
    known: dict[str, Schema] = {}
    texts = {"type": "object", "additionalProperties": {"type": "string"}}
    missing, failed = (_outcome(kind, status, known) for kind, status in ((Missing, "missing"), (Failed, "failed")))
    known |= {"Missing": missing, "Failed": failed}
    measurements = {step.name: _measurement(step, known) for step in steps.analyzers()}
    properties = {
        "schema": {"const": SCHEMA, "description": "The version of this format."},
        "made_by": texts | {"description": "The versions that the numbers depend on."},
        "settings": texts | {"description": "What the user chose for the analysis."},
        "source": _of_type(Source, known),
        "measurements": {
            "type": "object",
            "description": "What was measured, by name. Those that were not asked for are not there.",
            "properties": measurements,
        },
        "verdicts": _of_type(tuple[Verdict, ...], known) | {"description": "The rulings on claims about the song."},
    }
    described = _object(properties)
    # Only there where a singer's range was given.
    described["properties"]["transposition"] = _of_type(Transposition, known) | {
        "description": "The song moved into the range of a singer."
    }
    # Only there where a reference set was given.
    described["properties"]["places"] = _of_type(tuple[Places, ...], known) | {
        "description": "Where its numbers stand among other songs, by each set of songs."
    }
    return {
        "$schema": DIALECT,
        "$id": f"urn:riffscope:analysis:{SCHEMA}",
        "title": "The analysis of a song by riffscope",
        "description": "Times are seconds from the start of the file. There is no NaN and no Infinity: "
        "null stands where there is no value.",
        **described,
        "$defs": dict(sorted(known.items())),
    }


def schema_of(cls: type, *, name: str, title: str) -> Schema:
    """Return the schema of a document that is a value class of its own, such as a checked article."""
    known: dict[str, Schema] = {}
    described = {"description": _about(cls), **_object(_fields(cls, known))}
    return {
        "$schema": DIALECT,
        "$id": f"urn:riffscope:{name}",
        "title": title,
        **described,
        "$defs": dict(sorted(known.items())),
    }


def _measurement(step: steps.Step, known: dict[str, Schema]) -> Schema:
    measured = _object(
        {
            "status": _status("measured"),
            "version": {"type": "integer", "description": f"Of the method; {step.version} is the present one."},
            "seconds": {"type": "number", "description": "How long it took to measure.", "x-unit": "s"},
            "caveats": {
                "type": "array",
                "items": {"type": "string"},
                "description": "What it had to do without, a sentence each.",
            },
            "value": _of_type(step.produces, known),
        }
    )
    about = (inspect.getdoc(step.produces) or "").partition("\n\n")[0].replace("\n", " ")
    return {"description": about, "oneOf": [measured, _reference("Missing"), _reference("Failed")]}


def _outcome(cls: type, status: str, known: dict[str, Schema]) -> Schema:
    properties = {"status": _status(status)} | _fields(cls, known)
    del properties[_NAME]
    return {"description": _about(cls), **_object(properties)}


def _status(status: str) -> Schema:
    return {"const": status, "description": "Which of the three it is: measured, missing or failed."}


def _object(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _reference(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _about(cls: type) -> str:
    return (inspect.getdoc(cls) or "").partition("\n\n")[0].replace("\n", " ")


def _fields(cls: type, known: dict[str, Schema]) -> Schema:
    """Describe each field of a value class."""
    said = fields_in_words(cls)
    units = fields_of(cls)
    out: Schema = {}
    for name, hint in typing.get_type_hints(cls).items():
        text = said.get(name, FieldText())
        field = units[name]
        unit = {"x-unit": field.unit.stored_symbol} if field.unit is not None and field.unit.stored_symbol else {}
        described = {"description": _NULL.sub("null", text.text)} if text.text else {}
        out[name] = {"title": field_in_words(name, field)} | described | unit | _of_type(hint, known, text.shape)
    return out


def _of_type(hint: Any, known: dict[str, Schema], shape: tuple[str, ...] = ()) -> Schema:
    """Describe what a type is written as. Value classes go to the definitions, each once."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if hasattr(origin, "__value__"):  # since numpy 2.5 NDArray is an alias, which keeps its meaning to itself
        return _of_type(origin.__value__[parts], known, shape)
    if origin in {typing.Union, types.UnionType}:
        return {"anyOf": [_of_type(part, known, shape) for part in parts]}
    if hint is types.NoneType:
        return {"type": "null"}
    if hint in _SIMPLE:
        return {"type": _SIMPLE[hint]}
    if origin is np.ndarray:
        return _array(parts, shape)
    if origin is tuple:
        return {"type": "array", "items": _of_type(parts[0], known)}
    if origin is typing.Literal:
        return {"enum": list(parts)}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _of_type(parts[1], known)}
    if issubclass(hint, enum.Enum):
        return {"enum": [member.value for member in hint]}
    if hint.__name__ not in known:
        known[hint.__name__] = {}  # one that holds itself finds its name
        known[hint.__name__] = {"description": _about(hint), **_object(_fields(hint, known))}
    return _reference(hint.__name__)


def _array(parts: tuple[Any, ...], shape: tuple[str, ...]) -> Schema:
    """Describe an array: a list of numbers, null where there is no value; lists in a list for two dimensions."""
    (kind,) = typing.get_args(parts[1])
    out: Schema = {"type": ["number", "null"]} if np.issubdtype(kind, np.floating) else {"type": "integer"}
    for length in reversed(shape or ("n",)):
        fixed = {"minItems": int(length), "maxItems": int(length)} if length.isdigit() else {}
        out = {"type": "array", "items": out} | fixed
    return out | {"x-shape": f"({', '.join(shape)})" if len(shape) > 1 else f"({(shape or ('n',))[0]},)"}
