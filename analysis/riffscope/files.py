"""Writing files so that a reader never sees half of one, under names that every system takes."""

import os
import re
import secrets
import tomllib
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from riffscope.errors import BadClaim

# Names that Windows keeps for devices, whatever their extension.
DEVICE_NAMES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}

# File systems allow 255 bytes a name, encrypted ones 143; this leaves room for an ending.
LONGEST_NAME_BYTES = 100


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there when it is whole; its folder is made if need be."""
    with written_beside(path) as beside:
        beside.write_bytes(content)


def read_toml(path: Path) -> dict[str, Any]:
    """Read the tables of a file that a user wrote.

    Raises
    ------
    BadClaim
        It cannot be read or is no TOML; says why in one line.
    """
    try:
        return parse_toml(path.read_text("utf-8"), name=str(path))
    except OSError as why:
        raise BadClaim(f"{path}: cannot be read: {why.strerror}") from why
    except UnicodeDecodeError as why:
        raise BadClaim(f"{path}: is not UTF-8 text") from why


def parse_toml(text: str, *, name: str) -> dict[str, Any]:
    """Read tables from the text of a file that is called so."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as why:
        raise BadClaim(f"{name}: is not TOML: {why}") from why


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """Give a path beside the wanted one to write to; when that is whole on the disk, it takes the wanted one's place.

    Where writing fails, what was there before stays, and nothing else is left.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        yield beside
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def safe_name(text: str, *, otherwise: str = "song") -> str:
    """Turn any text into a file name without ending: letters, digits, ``-`` and ``_`` of any script.

    Examples
    --------
    >>> safe_name("AC/DC: Back in Black?")
    'AC-DC-Back-in-Black'
    >>> safe_name("???", otherwise="song")
    'song'
    """
    kept = "".join(
        c if c in "-_" or unicodedata.category(c)[0] in "LMN" else " " for c in unicodedata.normalize("NFC", text)
    )
    name = re.sub(r"-{2,}", "-", "-".join(kept.split())).strip("-_")
    name = name.encode()[:LONGEST_NAME_BYTES].decode(errors="ignore").strip("-_")
    if name.lower() in DEVICE_NAMES:
        name = f"{name}-{otherwise}"
    return name or otherwise
