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
from collections.abc import Iterable
from dataclasses import dataclass, replace

from riffscope.notes import FLATS, SHARPS, Spelling, music_type

NO_CHORD = "N"
# How musicians write that.
WRITTEN_NO_CHORD = "N.C."
# Frets that a capo is put on: with the next the shapes come round.
HIGHEST_CAPO = 11
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

    def harte(self, spelling: Spelling) -> str:
        """Write it in Harte's notation."""
        bass = f"/{_DEGREES[self.bass]}" if self.bass else ""
        return f"{_note(self.root, spelling)}:{self.quality}{bass}"

    def written(self, spelling: Spelling) -> str:
        """Write it as musicians do: ``C#m7``, ``E/G#``."""
        bass = f"/{_note(self.root + self.bass, spelling)}" if self.bass else ""
        return f"{_note(self.root, spelling)}{_WRITTEN[self.quality]}{bass}"

    def print(self, spelling: Spelling) -> str:
        """Write it as musicians do, in musical type: ``C♯m7``, ``B♭m7♭5``, ``E/G♯``."""
        return music_type(self.written(spelling)).replace("7b5", "7♭5")

    def transposed(self, semitones: int) -> "ChordName":
        """Return the chord moved up by so many semitones."""
        return replace(self, root=(self.root + semitones) % 12)


def written(label: str, spelling: Spelling) -> str:
    """Write a label as musicians do, in plain letters: ``C#m7``; ``N.C.`` where no chord sounds."""
    name = ChordName.parse(label)
    return WRITTEN_NO_CHORD if name is None else name.written(spelling)


def printed(label: str, spelling: Spelling) -> str:
    """Write a label as musicians do, in musical type: ``C♯m7``; ``N.C.`` where no chord sounds."""
    name = ChordName.parse(label)
    return WRITTEN_NO_CHORD if name is None else name.print(spelling)


def print_degrees(roman: Iterable[str]) -> str:
    """Write degrees of a key side by side in musical type: ``i VI ♭VII``."""
    return " ".join(
        re.sub(r"[b#](?=[IViv1-7])", lambda sign: "♭" if sign[0] == "b" else "♯", one) for one in roman if one
    )


def respell(label: str, spelling: Spelling) -> str:
    """Spell a label anew: ``Db:min7`` -> ``C#:min7``."""
    name = ChordName.parse(label)
    return label if name is None else name.harte(spelling)


def _note(pitch_class: int, spelling: Spelling) -> str:
    return (FLATS if spelling is Spelling.FLATS else SHARPS)[pitch_class % 12]
