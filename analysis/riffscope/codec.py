"""SongAnalysis <-> the JSON of one song: strict, versioned, and the same after a round trip.

Schema 2 is written. Schema 1 is still read: see `riffscope.schema1`.
"""

import types
import typing
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from riffscope import schema1, steps
from riffscope.errors import Absence, BadDocument
from riffscope.files import GZIP
from riffscope.model import Estimate, Failed, Measured, Missing, Outcome, Source, Verdict, fields_of
from riffscope.places import Places
from riffscope.song import SongAnalysis
from riffscope.transposition import Transposition
from riffscope.verdicts import Verdicts

SCHEMA = 2

# Six decimals hold a microsecond, a thousandth of a cent and far less than any unit's last shown digit.
ARRAY_DECIMALS = 6

# A song of an hour has some 40 MB; more than this is not one song.
MAX_JSON_BYTES = 512 * 2**20


def to_json(song: SongAnalysis, *, indent: int = 0) -> bytes:
    """Write an analysis as JSON: UTF-8, no NaN, null where a frame has no value."""
    encoded = encode(document_of(song))
    return msgspec.json.format(encoded, indent=indent) if indent else encoded


def document_of(song: SongAnalysis) -> dict[str, Any]:
    """Return the parts of an analysis as its JSON has them, for `encode`."""
    document = {
        "schema": SCHEMA,
        "made_by": dict(song.made_by),
        "settings": dict(song.settings),
        "source": song.source,
        "measurements": {name: _plain_outcome(outcome) for name, outcome in song.outcomes.items()},
        "verdicts": song.verdicts,
    }
    if song.transposition is not None:
        document["transposition"] = song.transposition
    if song.places:
        document["places"] = song.places
    return document


def encode(document: Mapping[str, Any]) -> bytes:
    """Write parts of an analysis as one JSON object in one line."""
    return msgspec.json.encode(document, enc_hook=_plain_array)


def from_json(content: bytes | str, *, name: str = "analysis") -> SongAnalysis:
    """Read an analysis back.

    Measurements and fields that this version does not know are left out; a later version may have added them.

    Raises
    ------
    BadDocument
        It is not JSON, not an analysis, of a newer schema, or holds a value of the wrong type.
    """
    try:
        document = msgspec.json.decode(content)
        if not isinstance(document, dict) or "schema" not in document or "measurements" not in document:
            raise BadDocument(
                f"{name}: is not an analysis saved by riffscope (make one: riffscope analyze SONG --json PATH)"
            )
        old = document["schema"] == 1
        if old:
            document = schema1.upgraded(document)
        if document["schema"] != SCHEMA:
            raise BadDocument(
                f"{name}: schema {document['schema']} is neither {SCHEMA} nor 1 (use the riffscope that wrote it)"
            )
        outcomes = _outcomes(document["measurements"])
        return SongAnalysis(
            source=_typed(document["source"], Source),
            outcomes=types.MappingProxyType(schema1.completed(outcomes) if old else outcomes),
            verdicts=Verdicts(_typed(document.get("verdicts", []), tuple[Verdict, ...])),
            transposition=_typed(document.get("transposition"), Transposition | None),
            places=_typed(document.get("places", []), tuple[Places, ...]),
            made_by=types.MappingProxyType(_typed(document["made_by"], dict[str, str])),
            settings=types.MappingProxyType(_typed(document.get("settings", {}), dict[str, str])),
        )
    except (ValueError, KeyError, RecursionError, AttributeError, TypeError, msgspec.DecodeError) as why:
        raise BadDocument(f"{name}: not a readable analysis: {why} (analyse the song again)") from why


def read_analysis(path: Path) -> SongAnalysis:
    """Read a saved analysis from a file."""
    try:
        if not path.is_file():
            raise BadDocument(f"{path}: no such file (check the path)")
        if path.stat().st_size > MAX_JSON_BYTES:
            raise BadDocument(f"{path}: too large for the analysis of one song")
        return from_json(unpacked(path.read_bytes(), name=str(path)), name=str(path))
    except OSError as why:
        raise BadDocument(f"{path}: cannot be read: {why.strerror}") from why


def unpacked(content: bytes, *, name: str) -> bytes:
    """Return JSON that may have been compressed by gzip, in one piece or in several.

    Raises
    ------
    BadDocument
        It is cut off or damaged, or is too large for the analysis of one song.
    """
    out, left = bytearray(), content
    while left.startswith(GZIP):
        piece = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            out += piece.decompress(left, MAX_JSON_BYTES - len(out) + 1)
        except zlib.error as why:
            raise BadDocument(f"{name}: is damaged: {why} (analyse the song again)") from why
        if len(out) > MAX_JSON_BYTES:
            raise BadDocument(f"{name}: too large for the analysis of one song")
        if not piece.eof:
            raise BadDocument(f"{name}: is cut off (analyse the song again)")
        left = piece.unused_data
    return bytes(out) if out else content


def _plain_outcome(outcome: Outcome) -> dict[str, Any]:
    match outcome:
        case Measured():
            return {
                "status": "measured",
                "version": outcome.version,
                "seconds": outcome.seconds,
                "caveats": outcome.caveats,
                "value": outcome.value,
            }
        case Missing():
            return {
                "status": "missing",
                "version": outcome.version,
                "code": outcome.code,
                "reason": outcome.reason,
            }
        case Failed():
            return {
                "status": "failed",
                "version": outcome.version,
                "error": outcome.error,
                "origin": outcome.origin,
                "traceback": outcome.traceback,
            }


def _plain_array(content: Any) -> Any:
    if isinstance(content, np.ndarray):
        if content.dtype.kind != "f":
            return content.tolist()
        rounded = np.round(content.astype(np.float64), ARRAY_DECIMALS)
        return [number if number == number else None for number in rounded.tolist()]
    if isinstance(content, Mapping):
        return dict(content)
    raise TypeError(f"a {type(content).__name__} has no JSON form")


def _outcomes(measurements: Mapping[str, Any]) -> dict[str, Outcome]:
    known = {step.name: step for step in steps.analyzers()}
    out: dict[str, Outcome] = {}
    for name, entry in measurements.items():
        match entry["status"]:
            case "measured" if name in known:
                produces = known[name].produces
                found = _typed(_with_ranges(entry["value"], produces), produces)
                out[name] = Measured(
                    value=found,
                    version=int(entry["version"]),
                    seconds=float(entry["seconds"]),
                    caveats=_typed(entry.get("caveats", []), tuple[str, ...]),
                )
            case "missing":
                # A later version may know of further codes.
                code = Absence(entry["code"]) if entry["code"] in set(Absence) else Absence.NOT_RUN
                out[name] = Missing(
                    measurement=name, code=code, reason=str(entry["reason"]), version=int(entry.get("version", 0))
                )
            case "failed":
                out[name] = Failed(
                    measurement=name,
                    error=str(entry["error"]),
                    origin=str(entry.get("origin", name)),
                    traceback=str(entry.get("traceback", "")),
                    version=int(entry.get("version", 0)),
                )
            case "measured":
                pass  # a measurement that this version does not know
            case status:
                raise ValueError(f"{name} has the status {status!r}")
    return out


def _with_ranges(content: Any, produces: type) -> Any:
    """Read numbers that had no range when they were kept, and have one by now, as known exactly."""
    if not isinstance(content, dict):
        return content
    bare = {
        name: {"value": content[name], "low": content[name], "high": content[name]}
        for name, field in fields_of(produces).items()
        if field.kind is Estimate and isinstance(content.get(name), int | float)
    }
    return content | bare


def _typed(content: Any, wanted: Any) -> Any:
    return msgspec.convert(content, wanted, dec_hook=_array)


def _array(wanted: Any, content: Any) -> Any:
    origin = typing.get_origin(wanted) or wanted
    if origin is not np.ndarray:
        raise TypeError(f"a {wanted} has no JSON form")
    kind = typing.get_args(typing.get_args(wanted)[1])[0]
    if np.issubdtype(kind, np.floating):
        return np.array([np.nan if number is None else number for number in content], dtype=kind)
    return np.array(content, dtype=kind)
