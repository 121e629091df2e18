"""Annotated recordings: what is known about each, read from the manifest of its set.

A set is a folder with a ``manifest.json`` whose ``items`` name a sound file, what it is annotated with
(``annotation_types``) and the truth, in the manifest itself or in files beside the sound. Times are seconds from the
start of the file; pitches are hertz, 0 where nobody sings, or MIDI numbers; spans are pairs of start and end.
"""

import csv
import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from benchmarks.arrays import Floats

Spans = Sequence[tuple[float, float]]
Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Item:
    """One annotated recording.

    Attributes
    ----------
    folder : Path
        The set's folder, against which files are named.
    file : str
        The sound file.
    kinds : frozenset of str
        What it is annotated with.
    truth : mapping
        What the manifest itself knows.
    beats_file, f0_file, truth_file : str or None
        Tables beside the sound: beats, the sung pitch, everything.
    heard : mapping
        Loudness as another program measures it: ``integrated_lufs``, ``lra_lu``, ``true_peak_dbfs``.
    """

    folder: Path
    file: str
    duration_s: float
    kinds: frozenset[str]
    truth: Json
    beats_file: str | None = None
    f0_file: str | None = None
    truth_file: str | None = None
    heard: Json | None = None

    @property
    def path(self) -> Path:
        """Where the sound lies."""
        return self.folder / self.file

    def beats(self) -> tuple[Floats, Floats]:
        """Return the times of the beats, (n,), and of those that begin a bar, (m,)."""
        name = self.beats_file or self.truth.get("beats_file")
        if name is None:  # a short excerpt whose beats stand in the manifest
            return np.asarray(self.truth["beats"], np.float64).reshape(-1), np.array([])
        rows = np.atleast_2d(np.loadtxt(self.folder / name))
        return rows[:, 0], rows[rows[:, 1] == 1, 0]

    def pitch(self) -> tuple[Floats, Floats]:
        """Return frame times (n,) and the sung pitch in hertz (n,), 0 where nobody sings."""
        name = self.f0_file or self.truth["f0_file"]
        rows = np.loadtxt(self.folder / name, delimiter=",")
        return rows[:, 0], rows[:, 1]

    def note_spans(self) -> Spans:
        """Return where notes are sung, from the table of notes."""
        with (self.folder / self.truth["notes_file"]).open(newline="", encoding="utf-8") as file:
            return [(float(row["start_s"]), float(row["end_s"])) for row in csv.DictReader(file)]

    def whole_truth(self) -> Json:
        """Return everything that is known of a rendered song; empty where it has no such file."""
        if self.truth_file is None:
            return {}
        return _read_json(self.folder / self.truth_file)


def read_set(folder: Path) -> list[Item]:
    """Read the items of a set, in the manifest's order.

    Raises
    ------
    FileNotFoundError
        There is no ``manifest.json`` in the folder.
    """
    return [_read_item(folder, entry) for entry in _read_json(folder / "manifest.json")["items"]]


def _read_item(folder: Path, entry: Json) -> Item:
    return Item(
        folder=folder,
        file=entry["file"],
        duration_s=float(entry["duration_s"]),
        kinds=frozenset(entry.get("annotation_types", ())),
        truth=entry.get("truth", {}),
        beats_file=entry.get("beats_file"),
        f0_file=entry.get("f0_file"),
        truth_file=entry.get("truth_file"),
        heard=entry.get("loudness_ffmpeg"),
    )


@functools.lru_cache(maxsize=4)
def _read_json(path: Path) -> Json:
    return cast("Json", json.loads(path.read_text("utf-8")))
