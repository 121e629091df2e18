"""What the user of a library corrected by hand in a song, kept beside its analysis: it overrules what is heard."""

import hashlib
import math

import msgspec

from riffscope.errors import RiffscopeError, one_line
from riffscope.library.heads import CORRECTIONS, is_hash
from riffscope.library.place import LocalPlace, Place

# Tempi and meters that can be given by hand: those that are listed among the counts of a song.
SLOWEST_BPM, FASTEST_BPM = 35.0, 250.0
FEWEST_BEATS, MOST_BEATS = 2, 7
# Nobody names more sections of a song, or longer.
MAX_SECTIONS, MAX_NAME_LETTERS = 500, 60
# Times are rounded, so that a section may end this much beyond what it meets.
ROUNDED_S = 0.05


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


def checked(corrections: Corrections, *, duration_s: float) -> Corrections:
    """Return corrections of a song that lasts so long, with the names of sections each in one line.

    Raises
    ------
    RiffscopeError
        They cannot be true of it; says why in one line.
    """
    bpm, beats, downbeat_s = corrections.tempo_bpm, corrections.beats_per_bar, corrections.downbeat_s
    if bpm is not None and not SLOWEST_BPM <= bpm <= FASTEST_BPM:
        raise RiffscopeError(f"{bpm:g} is not a tempo from {SLOWEST_BPM:g} to {FASTEST_BPM:g} BPM")
    if beats is not None and not FEWEST_BEATS <= beats <= MOST_BEATS:
        raise RiffscopeError(f"{beats} is not a number of beats from {FEWEST_BEATS} to {MOST_BEATS}")
    if downbeat_s is not None and not 0 <= downbeat_s < duration_s:
        raise RiffscopeError("the downbeat is not within the song")
    if len(corrections.sections) > MAX_SECTIONS:
        raise RiffscopeError(f"more than {MAX_SECTIONS} sections")
    sections, before_s = [], 0.0
    for section in corrections.sections:
        name = one_line(" ".join(section.name.split()))
        if not name or len(name) > MAX_NAME_LETTERS:
            raise RiffscopeError(f"the name of a section has 1 to {MAX_NAME_LETTERS} letters")
        if not math.isfinite(section.end_s) or not before_s - ROUNDED_S <= section.start_s < section.end_s:
            raise RiffscopeError(f"the section {name} does not begin after the one before it, or ends too early")
        if section.end_s > duration_s + ROUNDED_S:
            raise RiffscopeError(f"the section {name} ends after the song")
        sections.append(msgspec.structs.replace(section, name=name))
        before_s = section.end_s
    return msgspec.structs.replace(corrections, sections=tuple(sections))


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
