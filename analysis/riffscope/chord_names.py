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
            It is not a chord that riffscope names.
        """
        if label == NO_CHORD:
            return None
        match = re.fullmatch(r"([A-G])([#b]*)(?::([a-z0-9]+))?(?:/([#b]?\d+))?", label)
        if match is None:
            raise ValueError(f"{label!r} is not a chord in Harte's notation")
        letter, accidentals, quality, degree = match.groups()
        quality = quality or "maj"
        if quality not in QUALITIES or (degree or "1") not in _DEGREES:
            raise ValueError(f"{label!r} is not a chord that riffscope names")
        root = _pitch_class_of(letter, accidentals)
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

    def print(self, spelling: Spelling) -> str:
        """Write it as musicians do, in musical type: ``C♯m7``, ``B♭m7♭5``, ``E/G♯``."""
        return music_type(self.written(spelling)).replace("7b5", "7♭5")

    def transposed(self, semitones: int) -> "ChordName":
        """Return the chord moved up by so many semitones."""
        return replace(self, root=(self.root + semitones) % 12)


def written(label: str, spelling: Spelling | None = None) -> str:
    """Write a label as musicians do, in plain letters: ``C#m7``; ``N.C.`` where no chord sounds.

    Without a spelling it is spelled as the label is.
    """
    name = ChordName.parse(label)
    own = Spelling.FLATS if label[1:2] == "b" else Spelling.SHARPS
    return WRITTEN_NO_CHORD if name is None else name.written(spelling or own)


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


# How people write what follows a root, in small letters where that makes no difference. What riffscope does not tell
# apart is the chord within it: ``C6``, ``Cadd9`` and ``C6/9`` are C, ``C9`` and ``C13`` are C7, ``Cdim7`` is Cdim.
_SPOKEN = (
    ("maj", r"(?:maj|major|M)?(?:6/9|69|6|add ?(?:2|4|9|11))?"),
    ("min", r"(?:m|min|minor|-)(?:6/9|69|6|add ?(?:2|4|9|11)|\(?(?:maj|M)7\)?)?"),
    ("hdim7", r"(?:ø|Ø|half[- ]dim(?:inished)?)7?|(?:m|min|-)7(?:\(?b5\)?|-5)"),
    ("dim", r"(?:dim|diminished|°|º|o)7?|(?:m|min)\(?b5\)?"),
    ("aug", r"(?:aug|augmented|\+)5?|\(?#5\)?"),
    ("sus4", r"(?:7|9|13)?sus(?:4)?|suspended(?: fourth)?"),
    ("sus2", r"(?:7)?sus2|suspended second|2"),
    ("maj7", r"(?:maj|major|M|j|Δ|\^)(?: ?(?:7|9|11|13)(?:\(?#11\)?)?)|Δ|\^"),
    ("min7", r"(?:m|min|minor|-) ?(?:7|9|11|13)"),
    ("7", r"(?:dom)?(?:7|9|11|13)(?:alt|(?:\(?[b#+-](?:5|9|11|13)\)?)*)|dominant(?: 7| seventh)?"),
    ("5", r"5|power(?: chord)?"),
)
_ROOT = r"([A-G])([#b]*)"
_NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII")
_MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
_MINOR_SCALE = (0, 2, 3, 5, 7, 8, 10)
# What may follow a numeral, with the quality for a large and for a small one.
_NUMERAL_KINDS = {
    "": ("maj", "min"),
    "7": ("7", "min7"),
    "maj7": ("maj7", "min"),
    "M7": ("maj7", "min"),
    "m": ("min", "min"),
    "m7": ("min7", "min7"),
    "°": ("dim", "dim"),
    "°7": ("dim", "dim"),
    "dim": ("dim", "dim"),
    "o": ("dim", "dim"),
    "+": ("aug", "aug"),
    "aug": ("aug", "aug"),
    "ø": ("hdim7", "hdim7"),
    "ø7": ("hdim7", "hdim7"),
    "sus": ("sus4", "sus4"),
    "sus4": ("sus4", "sus4"),
    "sus2": ("sus2", "sus2"),
    "5": ("5", "5"),
}
# Figures of inversions: the seventh that they imply, and which note of the chord is in the bass.
_FIGURES = {"6": ("", 1), "64": ("", 2), "6/4": ("", 2), "65": ("7", 1), "43": ("7", 2), "42": ("7", 3)}


def read_chord(text: str) -> ChordName | None:
    """Read a chord as people write it: ``F#m7``, ``Bbmaj7``, ``Asus4``, ``G/B``, ``B°``, ``E+``, ``F sharp minor``.

    Chords that riffscope does not tell apart are the simpler one within them: C9 is C7, C6 is C. None for ``N.C.``, no
    chord.

    Raises
    ------
    ValueError
        It names no chord.

    Examples
    --------
    >>> read_chord("G/B").harte(Spelling.SHARPS)
    'G:maj/3'
    """
    plain = _in_letters(text)
    if plain.upper().replace(".", "") in {"N", "NC", "NO CHORD"}:
        return None
    match = re.fullmatch(rf"{_ROOT} ?(.*?)(?:/{_ROOT})?", plain)
    quality = None if match is None else _spoken_quality(match[3])
    if match is None or quality is None:
        raise ValueError(f"{text!r} is not a chord (write one as in F#m7, Bbmaj7, Asus4 or G/B)")
    root = _pitch_class_of(match[1], match[2])
    bass = 0 if match[4] is None else (_pitch_class_of(match[4], match[5]) - root) % 12
    return ChordName(root=root, quality=quality, bass=bass)


def read_roman(text: str, tonic: int, mode: str) -> ChordName:
    """Read a degree of a key as a chord: ``vi``, ``bVII``, ``V7``, ``iiø7``, ``V/V``, ``I6``.

    In minor, VII is the chord a whole tone below the tonic; ``bIII``, ``bVI`` and ``bVII`` are taken as of the major
    scale in either mode, for many write minor keys so.

    Parameters
    ----------
    text : str
    tonic : int
        Pitch class.
    mode : {"major", "minor"}

    Raises
    ------
    ValueError
        It names no degree.

    Examples
    --------
    >>> read_roman("bVII", 0, "major").written(Spelling.FLATS)
    'Bb'
    """
    plain = _in_letters(text)
    of, _, target = plain.rpartition("/")
    if of and re.match(r"[#b]?[IViv]", target):
        return read_roman(of, read_roman(target, tonic, mode).root, "major")
    match = re.fullmatch(r"([#b]?)(VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)(.*?)(?:/([#b]?[1-7]))?", plain)
    if match is None:
        raise ValueError(f"{text!r} is not a degree of a key (write one as in vi, bVII or V7)")
    accidental, numeral, kind, degree = match.groups()
    small = numeral.islower()
    root = (tonic + _degree(accidental, _NUMERALS.index(numeral.upper()), mode)) % 12
    figure = next((one for one in sorted(_FIGURES, key=len, reverse=True) if kind.endswith(one)), "")
    position = 0
    if figure:
        seventh, position = _FIGURES[figure]
        kind = kind.removesuffix(figure) + seventh
    if kind not in _NUMERAL_KINDS:
        raise ValueError(f"{text!r} is not a degree of a key (write one as in vi, bVII or V7)")
    quality = _NUMERAL_KINDS[kind][small]
    bass = QUALITIES[quality][position]
    if degree:
        bass = (tonic + _degree(degree[:-1], int(degree[-1]) - 1, mode) - root) % 12
    return ChordName(root=root, quality=quality, bass=bass)


def is_roman(text: str) -> bool:
    """Tell whether a text begins as a degree of a key does, and no chord: ``vi``, ``bVII``."""
    return re.match(r"[#b♯♭]?[IViv]", text.strip()) is not None


def _in_letters(text: str) -> str:
    plain = " ".join(text.split()).translate(str.maketrans("♯♭−–", "#b--"))
    return re.sub(r"(?<=[A-G])[- ]?(sharp|flat)", lambda found: "#" if found[1] == "sharp" else "b", plain)


def _spoken_quality(text: str) -> str | None:
    for quality, pattern in _SPOKEN:
        if re.fullmatch(pattern, text) or re.fullmatch(pattern, text[:1] + text[1:].lower()):
            return quality
    return None


def _pitch_class_of(letter: str, accidentals: str) -> int:
    return (_NATURALS[letter] + accidentals.count("#") - accidentals.count("b")) % 12


def _degree(accidental: str, number: int, mode: str) -> int:
    if accidental == "b" or mode == "major":
        return _MAJOR_SCALE[number] + {"": 0, "#": 1, "b": -1}[accidental]
    return _MINOR_SCALE[number] + (accidental == "#")
