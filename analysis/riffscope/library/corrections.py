"""What the user of a library corrected by hand in a song, kept beside its analysis: it overrules what is heard."""

import hashlib

import msgspec

from riffscope.library.heads import is_hash
from riffscope.library.place import LocalPlace, Place

CORRECTIONS = "corrections"


class NamedSection(msgspec.Struct, frozen=True, kw_only=True):
    """A section of a song, and what it is called."""

    start_s: float
    end_s: float
    name: str


class Corrections(msgspec.Struct, frozen=True, kw_only=True):
    """What is known better of a song.

    Attributes
    ----------
    tempo_bpm, beats_per_bar, downbeat_s : float, int and float, or None
        As of `riffscope.model.Settings`.
    sections : tuple of NamedSection
        All sections of the song; none where they were not corrected.
    """

    tempo_bpm: float | None = None
    beats_per_bar: int | None = None
    downbeat_s: float | None = None
    sections: tuple[NamedSection, ...] = ()

    @property
    def sections_name(self) -> str | None:
        """How an analysis calls them that was made with these sections; None where they were not corrected."""
        if not self.sections:
            return None
        return f"by hand ({hashlib.sha256(msgspec.json.encode(self.sections)).hexdigest()[:12]})"


def corrections_of(place: Place, sha256: str) -> Corrections | None:
    """Return what was corrected in a song of a library of this file system; None where nothing was."""
    if not isinstance(place, LocalPlace) or not is_hash(sha256):
        return None
    try:
        return msgspec.json.decode(place.read(_name(sha256)) or b"", type=Corrections)
    except (msgspec.DecodeError, UnicodeDecodeError, OSError):
        return None  # damaged: what is heard holds again


def correct(place: Place, sha256: str, corrections: Corrections | None) -> None:
    """Keep what was corrected in a song, in place of what was before; None undoes it."""
    if not is_hash(sha256):
        raise ValueError(f"not the hash of a song: {sha256!r}")
    if corrections is None or corrections == Corrections():
        place.remove(_name(sha256))
    else:
        place.write(_name(sha256), msgspec.json.encode(corrections))


def _name(sha256: str) -> str:
    return f"{CORRECTIONS}/{sha256}.json"
