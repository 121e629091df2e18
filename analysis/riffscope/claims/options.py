"""What options of claims may be besides numbers and texts: chords, keys, meters, notes, forms.

Conventions: as people write them, in ASCII or in musical type. Source: own.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from riffscope.analyzers.key import KeyName, Mode
from riffscope.analyzers.structure import function_named
from riffscope.claims.chord_sequence import ChordSequence, read_sequence
from riffscope.claims.scope import Scope, parse_scope
from riffscope.model import SectionFunction, value
from riffscope.notes import FLATS, SHARPS, music_type, pitch_class

_NOTE = re.compile(r"([A-Ga-g])([#b♯♭]?)(-?\d)\Z")
_KEY = re.compile(r"([A-Ga-g])(?:[- ]?(sharp|flat|#|b|♯|♭))?[- ]+(major|minor)\Z", re.IGNORECASE)
_METER = re.compile(r"(\d{1,2})/(\d{1,2})\Z")
_ACCIDENTALS = {"sharp": "#", "flat": "b", "♯": "#", "♭": "b"}
# What comes in besides sections.
PARTS = ("voice", "drums", "bass", "riff")
# Enharmonic spellings that no list of tonics has.
_SELDOM = {"Cb": "B", "B#": "C", "E#": "F", "Fb": "E"}


@value
class NamedNote:
    """A note as a claim names it, such as ``C#5``.

    Attributes
    ----------
    name : str
        In ASCII, with its octave: C4 is middle C.
    midi : int
    """

    name: str
    midi: int

    def __str__(self) -> str:
        """``C♯5``."""
        return music_type(self.name)


@value
class NamedEntrance:
    """What comes in at some time: an instrument, the voice, the riff, or a section.

    Attributes
    ----------
    part : str or None
        ``voice``, ``drums``, ``bass`` or ``riff``.
    scope : Scope or None
        The section; of several the first.
    """

    part: str | None
    scope: Scope | None

    def __str__(self) -> str:
        """``the voice``, ``the last chorus``."""
        return str(self.scope) if self.part is None else f"the {self.part}"


@value
class NamedMeter:
    """A meter as a claim names it: so many notes of a kind in a bar."""

    count: int
    unit: int

    def __str__(self) -> str:
        """``6/8``."""
        return f"{self.count}/{self.unit}"


@value
class NamedForm:
    """The sections of a song in order, as a claim names them."""

    functions: tuple[SectionFunction, ...]

    def __str__(self) -> str:
        """``verse, chorus, verse, chorus``."""
        return ", ".join(self.functions)


def read_note(given: object) -> NamedNote:
    """Read a note with its octave: ``C#5``, ``Bb2``, ``E4``.

    Raises
    ------
    ValueError
        It is no note; says how one is written.
    """
    found = _NOTE.match(given.strip()) if isinstance(given, str) else None
    if found is None:
        raise ValueError(f"{given!r} is not a note with its octave (write one as in C#5 or Bb2)")
    letter, accidental, octave = found[1].upper(), _ACCIDENTALS.get(found[2], found[2]), int(found[3])
    natural = SHARPS.index(letter)
    midi = natural + {"": 0, "#": 1, "b": -1}[accidental] + 12 * (octave + 1)
    return NamedNote(name=f"{letter}{accidental}{octave}", midi=midi)


def read_key(given: object) -> KeyName:
    """Read a key: ``C# minor``, ``E-flat major``.

    Raises
    ------
    ValueError
        It is no key; says how one is written.
    """
    found = _KEY.match(given.strip()) if isinstance(given, str) else None
    if found is None:
        raise ValueError(f"{given!r} is not a major or minor key (write one as in C# minor)")
    sign = (found[2] or "").lower()
    tonic = f"{found[1].upper()}{_ACCIDENTALS.get(sign, sign)}"
    mode: Mode = "major" if found[3].lower() == "major" else "minor"
    return KeyName(tonic=_SELDOM.get(tonic, tonic), mode=mode)


def read_meter(given: object) -> NamedMeter:
    """Read a meter: ``4/4``, ``6/8``.

    Raises
    ------
    ValueError
        It is no meter; says how one is written.
    """
    found = _METER.match(given.strip()) if isinstance(given, str) else None
    if found is None or int(found[1]) < 1 or int(found[2]) not in {1, 2, 4, 8, 16, 32}:
        raise ValueError(f"{given!r} is not a meter (write one as in 4/4 or 6/8)")
    return NamedMeter(count=int(found[1]), unit=int(found[2]))


def read_entrance(given: object) -> NamedEntrance:
    """Read what comes in: ``voice``, ``drums``, ``bass``, ``riff``, or a section such as ``chorus``.

    Raises
    ------
    ValueError
        It is none of them; says what may be named.
    """
    if not isinstance(given, str):
        raise ValueError(f"{given!r} is not a name")
    if given in PARTS:
        return NamedEntrance(part=given, scope=None)
    try:
        return NamedEntrance(part=None, scope=parse_scope(given))
    except ValueError as why:
        raise ValueError(f"{why}; it may also be {', '.join(PARTS)}") from why


def read_form(given: object) -> NamedForm:
    """Read the sections of a song in order, as a list of names.

    Raises
    ------
    ValueError
        It is no list, or names a section that riffscope does not tell from others.
    """
    if not isinstance(given, (list, tuple)) or not given or not all(isinstance(name, str) for name in given):
        raise ValueError("it is a list of sections, each in quotes")
    named = [(name, function_named(name)) for name in given]
    unknown = [name for name, function in named if function is None]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not a section that riffscope knows")
    return NamedForm(functions=tuple(function for _, function in named if function is not None))


def same_key(one: KeyName, other: KeyName) -> bool:
    """Tell whether two keys are the same, however they are spelled."""
    return one.mode == other.mode and pitch_class(one.tonic) == pitch_class(other.tonic)


def relative_key(key: KeyName) -> KeyName:
    """Return the key with the same notes: A minor for C major."""
    up, mode = (9, "minor") if key.mode == "major" else (3, "major")
    names = FLATS if "b" in key.tonic else SHARPS
    return KeyName(tonic=names[(pitch_class(key.tonic) + up) % 12], mode="minor" if mode == "minor" else "major")


def parallel_key(key: KeyName) -> KeyName:
    """Return the key on the same tonic: C minor for C major."""
    return KeyName(tonic=key.tonic, mode="minor" if key.mode == "major" else "major")


@dataclass(frozen=True, kw_only=True)
class OptionType:
    """What an option of a claim may be.

    Attributes
    ----------
    read : callable
        Takes what stands in a claims file; raises `ValueError` where that is none.
    described : str
        What it is, in a few words.
    example : str
        In TOML.
    """

    read: Callable[[object], Any]
    described: str
    example: str


OPTION_TYPES: Mapping[type, OptionType] = {
    ChordSequence: OptionType(
        read=read_sequence, described="a list of chords, or of degrees", example='["F#m", "D", "A", "E"]'
    ),
    KeyName: OptionType(read=read_key, described="a key", example='"C# minor"'),
    NamedMeter: OptionType(read=read_meter, described="a meter", example='"6/8"'),
    NamedNote: OptionType(read=read_note, described="a note with its octave", example='"C#5"'),
    NamedEntrance: OptionType(
        read=read_entrance, described="`voice`, `drums`, `bass`, `riff` or sections", example='"chorus"'
    ),
    NamedForm: OptionType(read=read_form, described="a list of sections", example='["verse", "chorus"]'),
}
