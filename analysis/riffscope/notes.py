"""Names of notes and keys, as musicians write them."""

import enum
import re

SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
FLATS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")

# The spelling with the fewest accidentals in the key signature; for six of either, the commoner one.
MAJOR_TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MINOR_TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")


class Spelling(enum.Enum):
    """Whether the black keys are written with sharps or with flats."""

    SHARPS = SHARPS
    FLATS = FLATS

    @classmethod
    def of_key(cls, tonic: str, mode: str) -> "Spelling":
        """Return the spelling of a key's signature: flats for F major, D minor and every tonic with a flat."""
        return cls.FLATS if "b" in tonic or tonic in ("F" if mode == "major" else "CDFG") else cls.SHARPS

    def note(self, midi: float) -> str:
        """Name the nearest note, as in ``C4`` for MIDI 60 (scientific pitch notation)."""
        nearest = round(midi)
        return f"{self.value[nearest % 12]}{nearest // 12 - 1}"

    def print(self, midi: float) -> str:
        """Name the nearest note in musical type, as in ``B♭3``."""
        return music_type(self.note(midi))

    def respell(self, note: str) -> str:
        """Spell the name of a note anew, with or without its octave: ``Db4`` -> ``C#4``."""
        letters = note.rstrip("-0123456789")
        return f"{self.value[pitch_class(letters)]}{note.removeprefix(letters)}"


def transposed_tonic(tonic: str, mode: str, semitones: int) -> str:
    """Return the tonic of a key moved up by so many semitones, spelled for its own signature: ``C#``, -1 -> ``C``."""
    return (MAJOR_TONICS if mode == "major" else MINOR_TONICS)[(pitch_class(tonic) + semitones) % 12]


def music_type(name: str) -> str:
    """Set a note or key name in musical type: ``A#3`` -> ``A♯3``, ``Bb`` -> ``B♭``."""
    return re.sub(r"\b([A-G])([#b])", lambda match: match[1] + ("♯" if match[2] == "#" else "♭"), name)


def pitch_class(name: str) -> int:
    """Return how many semitones above C a tonic lies, as in 6 for ``F#`` and for ``Gb``."""
    return (FLATS if name in FLATS else SHARPS).index(name)
