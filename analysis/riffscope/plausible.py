"""Whether what a saved analysis says can be so of any song: the last check of a file that may come from anywhere.

Types and shapes are checked by the values themselves. Here each number is held against what its unit can reach, each
time against the length of the song, each name against the names that there are. What passes can be drawn and written
down in the time and the memory that a real song takes.
"""

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from riffscope.chord_names import ChordName
from riffscope.model import Field, fields_of
from riffscope.notes import FLATS, SHARPS
from riffscope.units import CHORD, NOTE, STEP_SECONDS, Unit

# As many samples as are decoded at most, at the lowest rate that is read: 28 hours.
MAX_DURATION_S = 100_000.0
# What ends behind the end of a song may end so much later: the last bar is rounded up.
AFTER_END_S = 60.0
# Nothing is faster; how many beats there can be follows from that.
MAX_BPM = 2_000.0
# The lowest and the highest number in a unit, by how it is written; wide of all that was ever measured.
LIMITS = {
    "%": (-1_000.0, 1_000.0),
    "of a beat": (-1.0, 2.0),
    "": (-1e6, 1e6),
    "BPM": (0.0, MAX_BPM),
    "Hz": (0.0, 1e6),
    "LUFS": (-1_000.0, 1_000.0),
    "LU": (-1_000.0, 1_000.0),
    "dB": (-1_000.0, 1_000.0),
    "dBFS": (-1_000.0, 1_000.0),
    "dBTP": (-1_000.0, 1_000.0),
    "dB/octave": (-1_000.0, 1_000.0),
    "MIDI": (-24.0, 160.0),
    "semitones": (-160.0, 160.0),
    "cents": (-1_200.0, 1_200.0),
    "bands": (0.0, 100.0),
    "of full scale": (-100.0, 100.0),
    "per s": (0.0, 10_000.0),
}
# Shares and probabilities are kept as 0..1; a range about one may reach beyond.
FRACTIONS = (-1.0, 2.0)
# Numbers without a unit are counts, places in lists, and what claims are about.
PLAIN = (-1e6, 1e6)
# Where a frame may have no value.
WITH_GAPS = frozenset({"f0_hz", "short_term_lufs", "band_lu", "band_width_fraction", "band_correlation"})
# Where that may be so of all: a side that is silent correlates with nothing.
ALL_GAPS = frozenset({"band_lu", "band_width_fraction", "band_correlation"})

_NOTE_NAME = re.compile(r"[A-G][#b]?-?\d{1,2}")


def check(content: Any, *, about: str, duration_s: float) -> None:
    """Refuse a value, with all that it holds, that no song can have.

    Parameters
    ----------
    about : str
        Its name, for the message.
    duration_s : float
        Of the song.

    Raises
    ------
    ValueError
        It says which number or name, and what it could be.
    """
    _Song(duration_s).check_fields(content, about, None)


class _Song:
    """What is known of the song whose numbers are checked."""

    def __init__(self, duration_s: float) -> None:
        if not 0 < duration_s <= MAX_DURATION_S:
            raise ValueError(f"no song lasts {duration_s:g} s")
        beats = MAX_BPM / 60 * (duration_s + AFTER_END_S)
        self._limits = {
            **LIMITS,
            "s": (-AFTER_END_S, duration_s + AFTER_END_S),
            "beats": (-beats, beats),
            "bars": (-beats, beats),
        }

    def check_fields(self, content: Any, path: str, unit: Unit | None) -> None:
        for name, field in fields_of(type(content)).items():
            self._check(getattr(content, name), f"{path}.{name}", name, field, field.unit or unit)

    def _check(self, content: Any, path: str, name: str, field: Field, unit: Unit | None) -> None:
        if content is None or isinstance(content, bool):
            return
        if isinstance(content, str):
            _check_name(content, path, name, unit)
        elif isinstance(content, int | float):
            self._check_range(content, content, path, unit)
            if unit == STEP_SECONDS and content <= 0:
                raise ValueError(f"{path} is {content:g}, and must be above 0")
        elif isinstance(content, np.ndarray):
            self._check_array(content, path, name, unit)
        elif isinstance(content, tuple):
            for one in content:
                self._check(one, path, name, field, unit)
        elif isinstance(content, Mapping):
            for one in content.values():
                self._check(one, path, name, field, unit)
        elif dataclasses.is_dataclass(content):
            self.check_fields(content, path, unit)

    def _check_range(self, lowest: float, highest: float, path: str, unit: Unit | None) -> None:
        low, high = PLAIN if unit is None else FRACTIONS if unit.scale != 1 else self._limits[unit.symbol]
        if not low <= lowest <= highest <= high:
            wrong = lowest if not low <= lowest else highest
            symbol = "" if unit is None or unit.scale != 1 else f" {unit.symbol}".rstrip()
            raise ValueError(f"{path} is {wrong:g}{symbol}, and can only be from {low:g} to {high:g}")

    def _check_array(self, content: np.ndarray[Any, Any], path: str, name: str, unit: Unit | None) -> None:
        if not content.size:
            return
        if content.dtype.kind == "f" and not np.isfinite(content.sum()):
            if name not in WITH_GAPS:
                raise ValueError(f"{path} has places without a number")
            content = content[~np.isnan(content)]
            if not content.size and name not in ALL_GAPS:
                raise ValueError(f"{path} has no number at all")
            if not content.size:
                return
        self._check_range(float(content.min()), float(content.max()), path, unit)
        if name.endswith("s_s") and np.any(np.diff(content) <= 0):
            raise ValueError(f"{path} does not run forward in time")


def _check_name(content: str, path: str, name: str, unit: Unit | None) -> None:
    if unit is CHORD:
        ChordName.parse(content)
    elif unit is NOTE and not _NOTE_NAME.fullmatch(content):
        raise ValueError(f"{path} is {content[:20]!r}, which is not a note")
    elif name == "tonic" and content not in SHARPS and content not in FLATS:
        raise ValueError(f"{path} is {content[:20]!r}, which is not a tonic")
