"""Names of notes and keys, as musicians write them."""

SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
FLATS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")

# The spelling with the fewest accidentals in the key signature; for six of either, the commoner one.
MAJOR_TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MINOR_TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")


def note_name(midi: float, *, flats: bool = False) -> str:
    """Name the nearest note, as in ``C4`` for MIDI 60 (scientific pitch notation)."""
    nearest = round(midi)
    return f"{(FLATS if flats else SHARPS)[nearest % 12]}{nearest // 12 - 1}"


def pitch_class(name: str) -> int:
    """Return how many semitones above C a tonic lies, as in 6 for ``F#`` and for ``Gb``."""
    return (FLATS if name in FLATS else SHARPS).index(name)


def spells_flats(tonic: str, mode: str) -> bool:
    """Tell whether a key's signature has flats: F major, D minor, every tonic with a flat."""
    return "b" in tonic or tonic in ("F" if mode == "major" else "CDFG")
