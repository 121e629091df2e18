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
from riffscope.errors import Absence, BadDocument, one_line
from riffscope.files import GZIP
from riffscope.model import Estimate, Failed, Measured, Missing, Outcome, Source, Verdict, fields_of
from riffscope.places import Places
from riffscope.plausible import check
from riffscope.song import SongAnalysis
from riffscope.transposition import Transposition
from riffscope.verdicts import Verdicts

SCHEMA = 2

# Six decimals hold a microsecond, a thousandth of a cent and far less than any unit's last shown digit.
ARRAY_DECIMALS = 6

# A song of an hour has some 40 MB; more than this is not one song.
MAX_JSON_BYTES = 256 * 2**20
# A list of nothing takes two bytes in a file and sixty in memory. An hour has 20,000 lists and objects, and 3 million
# numbers.
MAX_PARTS, MAX_NUMBERS = 500_000, 20_000_000
# A claims file has some twenty claims; each is a page of a report.
MAX_VERDICTS = 2_000
# What is written in one line; no name, label or sentence is as long. Where a step failed is told in many lines.
MAX_LETTERS, MAX_TRACEBACK_LETTERS = 5_000, 100_000
# So much of what is wrong is quoted.
SHORT_LETTERS = 200
# What msgspec says of an object in which a field is not there.
LACKS_A_FIELD = "Object missing required field"
# Versions of steps and counts are kept as 64 bits.
LARGEST_INT = 2**63 - 1


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
        "measurements": {name: _plain_outcome(outcome) for name, outcome in song.outcomes.items()} | dict(song.unknown),
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

    Measurements that this version does not know are kept as they are, for a later one may have added them; fields that
    it does not know are left out.

    Raises
    ------
    BadDocument
        It is not JSON, not an analysis, of a newer schema, or holds a value of the wrong type.
    """
    try:
        _check_size(content)
        document = msgspec.json.decode(content)
        if not isinstance(document, dict) or "schema" not in document or "measurements" not in document:
            raise BadDocument(
                f"{name}: is not an analysis saved by riffscope (make one: riffscope analyze SONG --json PATH)"
            )
        document = _in_lines(document)
        if type(document["schema"]) is not int or document["schema"] not in {1, SCHEMA}:
            raise BadDocument(
                f"{name}: schema {_shortly(document['schema'])} is neither {SCHEMA} nor 1"
                " (use the riffscope that wrote it)"
            )
        _check_entries(document["measurements"])
        old = document["schema"] == 1
        if old:
            document = schema1.upgraded(document)
        outcomes = _outcomes(document["measurements"])
        song = SongAnalysis(
            source=_typed(document["source"], Source),
            outcomes=types.MappingProxyType(schema1.completed(outcomes) if old else outcomes),
            verdicts=Verdicts(_typed(document.get("verdicts", []), tuple[Verdict, ...])),
            transposition=_typed(document.get("transposition"), Transposition | None),
            places=_typed(document.get("places", []), tuple[Places, ...]),
            made_by=types.MappingProxyType(_typed(document["made_by"], dict[str, str])),
            settings=types.MappingProxyType(_typed(document.get("settings", {}), dict[str, str])),
            unknown=types.MappingProxyType(
                {name: entry for name, entry in document["measurements"].items() if name not in outcomes}
            ),
        )
        _check_plausible(song)
    except KeyError as why:
        raise BadDocument(f"{name}: not a readable analysis: it has no {why} (analyse the song again)") from why
    except (ValueError, RecursionError, AttributeError, TypeError, OverflowError, msgspec.DecodeError) as why:
        problem = _shortly(str(why))
        raise BadDocument(f"{name}: not a readable analysis: {problem} (analyse the song again)") from why
    return song


def _check_size(content: bytes | str) -> None:
    """Refuse what would take far more memory than any song: it is counted before it is read."""
    quoted = content.encode() if isinstance(content, str) else content
    if quoted.count(b"[") + quoted.count(b"{") > MAX_PARTS or quoted.count(b",") > MAX_NUMBERS:
        raise ValueError("it holds more than the analysis of one song")


def _shortly(content: Any) -> str:
    """Write what a file holds in a line of bearable length."""
    text = one_line(str(content))
    return text if len(text) <= SHORT_LETTERS else f"{text[:SHORT_LETTERS]} ..."


def _in_lines(content: Any, at: str = "") -> Any:
    """Return a document with its texts as they may be shown anywhere: in one line, without control characters."""
    if isinstance(content, str):
        if len(content) <= SHORT_LETTERS and content.isprintable():
            return content
        if len(content) > (MAX_TRACEBACK_LETTERS if at == "traceback" else MAX_LETTERS):
            raise ValueError(f"a text of {len(content)} letters")
        # A traceback keeps its lines; nothing else has more than one.
        lines = content.split("\n") if at == "traceback" else [content]
        return content if content.isprintable() else "\n".join(map(one_line, lines))
    if isinstance(content, dict):
        return {_in_lines(name): _in_lines(part, name) for name, part in content.items()}
    if isinstance(content, list):
        # Long lists are arrays of numbers: whatever else is in them is refused as it becomes one.
        numbers = bool(content) and not isinstance(content[0], str | dict | list)
        return content if numbers else [_in_lines(one) for one in content]
    return content


def _check_entries(measurements: Any) -> None:
    """Refuse entries that are of another form than any measurement's."""
    if not isinstance(measurements, dict):
        raise ValueError("its measurements are not an object")
    for name, entry in measurements.items():
        if not isinstance(entry, dict) or not isinstance(entry.get("status"), str):
            raise ValueError(f"{name} is not an object with a status")
        version = entry.get("version", 0)
        if type(version) is not int or not 0 <= version <= LARGEST_INT:
            raise ValueError(f"{name} has the version {_shortly(version)}")


def _check_plausible(song: SongAnalysis) -> None:
    """Refuse numbers and names that no song can have."""
    duration_s = song.source.duration_s
    check(song.source, about="source", duration_s=duration_s)
    for name, outcome in song.outcomes.items():
        if isinstance(outcome, Measured):
            check(outcome.value, about=name, duration_s=duration_s)
    if len(song.verdicts) > MAX_VERDICTS:
        raise ValueError(f"it holds {len(song.verdicts)} verdicts, and {MAX_VERDICTS} at most are read")
    for verdict in song.verdicts:
        check(verdict, about="verdicts", duration_s=duration_s)
    if song.transposition is not None:
        check(song.transposition, about="transposition", duration_s=duration_s)
    for places in song.places:
        check(places, about="places", duration_s=duration_s)


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
                out[name] = _measured(name, entry, known[name])
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


def _measured(name: str, entry: Mapping[str, Any], step: steps.Step) -> Measured | Missing:
    """Read a measurement; of an older one that lacks what is measured by now, say so."""
    try:
        found = _typed(_with_ranges(entry["value"], step.produces), step.produces)
    except msgspec.ValidationError as why:
        if entry["version"] >= step.version or not str(why).startswith(LACKS_A_FIELD):
            raise ValueError(f"{name}: {why}") from why
        reason = "an older riffscope measured it in another way (analyse the song again)"
        return Missing(measurement=name, code=Absence.NOT_RUN, reason=reason, version=entry["version"])
    return Measured(
        value=found,
        version=entry["version"],
        seconds=float(entry["seconds"]),
        caveats=_typed(entry.get("caveats", []), tuple[str, ...]),
    )


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
