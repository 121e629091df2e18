"""Names of chords: Harte's notation for programs, a musician's writing for people.

Conventions
-----------
Pitch classes are semitones above C; a chord's intervals are semitones above its root. No chord is ``N``.

References
----------
Harte, Sandler, Abdallah & Gomez, "Symbolic representation of musical chords: a proposed syntax for text annotations",
ISMIR 2005.
"""

import re
from dataclasses import dataclass, replace

from riffscope.notes import FLATS, SHARPS, Spelling

NO_CHORD = "N"
# Harte's shorthands for what riffscope tells apart, each with its intervals. ``5`` is a power chord: no third is heard.
QUALITIES: dict[str, tuple[int, ...]] = {
    "maj": (0, 4, 7),
    "min": (0, 3, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "min7": (0, 3, 7, 10),
    "hdim7": (0, 3, 6, 10),
    "5": (0, 7),
}
# How musicians write them after the root.
_WRITTEN = {
    "maj": "",
    "min": "m",
    "dim": "dim",
    "aug": "aug",
    "sus2": "sus2",
    "sus4": "sus4",
    "7": "7",
    "maj7": "maj7",
    "min7": "m7",
    "hdim7": "m7b5",
    "5": "5",
}
# Harte's names of the notes that may lie in the bass, by semitones above the root.
_DEGREES = ("1", "b2", "2", "b3", "3", "4", "b5", "5", "#5", "6", "b7", "7")
_NATURALS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}

# The degrees of a key, by semitones above the tonic; borrowed ones with the accidental that they are usually given.
_ROMAN = {
    "major": ("I", "bII", "II", "bIII", "III", "IV", "#IV", "V", "bVI", "VI", "bVII", "VII"),
    "minor": ("I", "bII", "II", "III", "#III", "IV", "#IV", "V", "VI", "#VI", "VII", "#VII"),
}
_ARABIC = {
    "major": ("1", "b2", "2", "b3", "3", "4", "#4", "5", "b6", "6", "b7", "7"),
    "minor": ("1", "b2", "2", "3", "#3", "4", "#4", "5", "6", "#6", "7", "#7"),
}
# What follows the numeral, and whether the chord has a seventh.
_ROMAN_KINDS = {
    "maj": ("", False),
    "min": ("", False),
    "dim": ("°", False),
    "aug": ("+", False),
    "sus2": ("sus2", False),
    "sus4": ("sus4", False),
    "7": ("", True),
    "maj7": ("maj", True),
    "min7": ("", True),
    "hdim7": ("ø", True),
    "5": ("5", False),
}


@dataclass(frozen=True, kw_only=True)
class ChordName:
    """A chord by name.

    Attributes
    ----------
    root : int
        Pitch class, 0..11.
    quality : str
        One of `QUALITIES`.
    bass : int
        The lowest note, in semitones above the root: 0 where the chord stands on its root.
    """

    root: int
    quality: str
    bass: int = 0

    @classmethod
    def parse(cls, label: str) -> "ChordName | None":
        """Read a name in Harte's notation, as in ``C#:min7`` and ``E:maj/3``; None for ``N``.

        Raises
        ------
        ValueError
            It is no chord that riffscope names.
        """
        if label == NO_CHORD:
            return None
        match = re.fullmatch(r"([A-G])([#b]*)(?::([a-z0-9]+))?(?:/([#b]?\d+))?", label)
        if match is None:
            raise ValueError(f"{label!r} is no chord in Harte's notation")
        letter, accidentals, quality, degree = match.groups()
        quality = quality or "maj"
        if quality not in QUALITIES or (degree or "1") not in _DEGREES:
            raise ValueError(f"{label!r} is no chord that riffscope names")
        root = (_NATURALS[letter] + accidentals.count("#") - accidentals.count("b")) % 12
        return cls(root=root, quality=quality, bass=_DEGREES.index(degree or "1"))

    @property
    def pitch_classes(self) -> frozenset[int]:
        """Its notes, the bass among them."""
        return frozenset((self.root + k) % 12 for k in (*QUALITIES[self.quality], self.bass))

    def roman(self, tonic: int, mode: str) -> str:
        """Write it as a degree of a key: ``vi``, ``bVII``, ``V7``, ``iiø7``, ``IVsus4``, ``I5``, ``V6``.

        Degrees are those of the major scale, or of the natural minor scale: in minor, VII lies a whole tone below the
        tonic, and the leading tone is #vii. Small numerals have a minor third. A note of the chord in the bass is
        written in figures (6, 64; 65, 43, 42 for sevenths); any other, and any of a chord without a third, as the
        degree that it is: ``IV/5``.

        Parameters
        ----------
        tonic : int
            Pitch class.
        mode : {"major", "minor"}
        """
        degrees = _ROMAN[mode]
        numeral = degrees[(self.root - tonic) % 12]
        intervals = QUALITIES[self.quality]
        small = 3 in intervals
        kind, seventh = _ROMAN_KINDS[self.quality]
        figure = "7" if seventh else ""
        if self.bass:
            figures = ("", "65", "43", "42") if seventh else ("", "6", "64")
            if self.bass in intervals and (3 in intervals or 4 in intervals):
                figure = figures[intervals.index(self.bass)]
            else:
                figure += f"/{_ARABIC[mode][(self.root + self.bass - tonic) % 12]}"
        return f"{numeral.lower() if small else numeral}{kind}{figure}"

    def harte(self, spelling: Spelling) -> str:
        """Write it in Harte's notation."""
        bass = f"/{_DEGREES[self.bass]}" if self.bass else ""
        return f"{_note(self.root, spelling)}:{self.quality}{bass}"

    def written(self, spelling: Spelling) -> str:
        """Write it as musicians do: ``C#m7``, ``E/G#``."""
        bass = f"/{_note(self.root + self.bass, spelling)}" if self.bass else ""
        return f"{_note(self.root, spelling)}{_WRITTEN[self.quality]}{bass}"

    def transposed(self, semitones: int) -> "ChordName":
        """Return the chord moved up by so many semitones."""
        return replace(self, root=(self.root + semitones) % 12)


def _note(pitch_class: int, spelling: Spelling) -> str:
    return (FLATS if spelling is Spelling.FLATS else SHARPS)[pitch_class % 12]
