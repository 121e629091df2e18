"""Chords as data sets name them, and as riffscope does.

Sixths are called by their triads and ninths by their sevenths; a diminished seventh is diminished, a minor with a major
seventh minor: what lies under the name sounds all the same.
"""

import re
from dataclasses import dataclass

from training.beats.pop909 import PITCH_CLASS

# Harte's shorthands in POP909: the notes, and riffscope's name.
HARTE: dict[str, tuple[tuple[int, ...], str]] = {
    "maj": ((0, 4, 7), "maj"),
    "min": ((0, 3, 7), "min"),
    "dim": ((0, 3, 6), "dim"),
    "aug": ((0, 4, 8), "aug"),
    "sus2": ((0, 2, 7), "sus2"),
    "sus4": ((0, 5, 7), "sus4"),
    "sus4(b7)": ((0, 5, 7, 10), "sus4"),
    "7": ((0, 4, 7, 10), "7"),
    "maj7": ((0, 4, 7, 11), "maj7"),
    "min7": ((0, 3, 7, 10), "min7"),
    "hdim7": ((0, 3, 6, 10), "hdim7"),
    "dim7": ((0, 3, 6, 9), "dim"),
    "maj6": ((0, 4, 7, 9), "maj"),
    "min6": ((0, 3, 7, 9), "min"),
    "minmaj7": ((0, 3, 7, 11), "min"),
    "9": ((0, 2, 4, 7, 10), "7"),
    "maj9": ((0, 2, 4, 7, 11), "maj7"),
    "min9": ((0, 2, 3, 7, 10), "min7"),
    "add9": ((0, 2, 4, 7), "maj"),
    "aug7": ((0, 4, 8, 10), "aug"),
    "5": ((0, 7), "5"),
}
# MusicXML's kinds.
MUSICXML = {
    "major": "maj",
    "minor": "min",
    "dominant": "7",
    "major-seventh": "maj7",
    "minor-seventh": "min7",
    "diminished": "dim",
    "diminished-seventh": "dim7",
    "augmented": "aug",
    "augmented-seventh": "aug7",
    "half-diminished": "hdim7",
    "major-minor": "minmaj7",
    "major-sixth": "maj6",
    "minor-sixth": "min6",
    "dominant-ninth": "9",
    "dominant-11th": "sus4(b7)",
    "dominant-13th": "7",
    "major-ninth": "maj9",
    "minor-ninth": "min9",
    "suspended-fourth": "sus4",
    "suspended-second": "sus2",
    "power": "5",
}
DEGREES = {"1": 0, "2": 2, "b3": 3, "3": 4, "4": 5, "b5": 6, "5": 7, "#5": 8, "6": 9, "b7": 10, "7": 11}


@dataclass(frozen=True, kw_only=True)
class Named:
    """A chord by its root, its notes above it, riffscope's name, and its lowest note above the root."""

    root: int
    intervals: tuple[int, ...]
    quality: str
    bass: int = 0


def read_harte(label: str) -> Named | None:
    """Read a chord in Harte's notation; None where there is none, or one that riffscope has no name for."""
    match = re.fullmatch(r"([A-G])([#b]*):([^/]+)(?:/(.+))?", label)
    if match is None or match[3] not in HARTE:
        return None
    intervals, quality = HARTE[match[3]]
    root = (PITCH_CLASS[match[1]] + match[2].count("#") - match[2].count("b")) % 12
    return Named(root=root, intervals=intervals, quality=quality, bass=DEGREES.get(match[4] or "1", 0))
