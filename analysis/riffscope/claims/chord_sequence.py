"""Chords as a claim names them, in order. Conventions: as people write them, or as degrees of a key. Source: own."""

from riffscope.chord_names import ChordName, is_roman, print_degrees, read_chord, read_roman
from riffscope.model import value
from riffscope.notes import music_type


@value
class ChordSequence:
    """Chords, or degrees of a key, as a claim names them.

    Attributes
    ----------
    named : tuple of str
        As they are written: ``F#m7``, or ``vi``.
    """

    named: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.named:
            raise ValueError("it names no chord")
        if len({is_roman(name) for name in self.named}) > 1:
            raise ValueError("it names chords (C, Am) or degrees (I, vi), not both")
        for name in self.named:
            read_roman(name, 0, "major") if self.roman else read_chord(name)

    def __str__(self) -> str:
        """``F♯m7 A E B``."""
        return print_degrees(self.named) if self.roman else " ".join(music_type(name) for name in self.named)

    @property
    def roman(self) -> bool:
        """Whether it names degrees of a key."""
        return is_roman(self.named[0])

    def names(self, tonic: int = 0, mode: str = "major") -> tuple[ChordName | None, ...]:
        """Return the chords; of degrees those in a key, whose tonic is a pitch class."""
        return tuple(read_roman(name, tonic, mode) if self.roman else read_chord(name) for name in self.named)


def read_sequence(given: object) -> ChordSequence:
    """Read the chords of a claim: a list of them, or a text with spaces, commas, bars or dashes between them.

    Raises
    ------
    ValueError
        One of them is no chord; says which.
    """
    if isinstance(given, str):
        apart = given.replace(",", " ").replace("|", " ").replace("→", " ").replace("–", " ").replace(" - ", " ")
        # A dash within a name is a minor chord's, as in ``A-7``; between degrees it is none.
        apart = apart.replace("-", " ") if is_roman(apart) else apart
        given = apart.split()
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise ValueError("it is a list of chords, each in quotes")
    return ChordSequence(named=tuple(name.strip() for name in given))
