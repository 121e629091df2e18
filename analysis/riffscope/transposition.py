"""Transposition: by how much a song moves so that a singer can sing it, and what guitarists play then.

Conventions
-----------
Pitches in MIDI semitones, A4 = 69; transpositions in semitones, above 0 up. What the band plays moves by less than an
octave; the singer may sing the melody an octave above or below that besides, as men and women do.

References
----------
Own. The notes are those of the vocal range, with how long each is sung.
"""

import re
from typing import TYPE_CHECKING, Annotated, Literal

from riffscope.chord_names import QUALITIES, ChordName
from riffscope.errors import BadRange
from riffscope.model import value
from riffscope.notes import Spelling, music_type, pitch_class, transposed_tonic
from riffscope.units import COUNT, FRACTION, MIDI, NAME, SECONDS, SEMITONES
from riffscope.words import count

if TYPE_CHECKING:
    from riffscope.analyzers.chords import Chords
    from riffscope.analyzers.key import Key
    from riffscope.analyzers.vocal_range import VocalRange

# The lowest and the highest note that anybody sings, with room to spare: what lies beyond is a slip of the pen.
LOWEST_MIDI, HIGHEST_MIDI = 24, 108
# The range of the song leaves out the lowest and the highest 2 % of the singing: so much outside is as good as none.
SLIPS_FRACTION = 0.02
# Singing an octave away from the recording counts as much as moving the band by this, where both leave equally much
# outside: a singer rather stays with the recording, and a band with its key. Chosen.
OCTAVE_COST_SEMITONES = 3
# A bass sings a soprano's song two octaves lower.
OCTAVES = (-2, -1, 0, 1, 2)
# A transposition by six semitones up is the same for the band as six down, and no band moves further.
FURTHEST_SEMITONES = 6
# The furthest fret for a capo: beyond, a guitar sounds like a ukulele.
MAX_CAPO = 7
# A fret of the capo counts as much as so large a share of the time in chords that are no open shapes. Chosen.
CAPO_COST = 0.02
# Chords that guitarists play with open strings, by root and third: C A G E D, Am Em Dm. Their sevenths and suspensions
# are open, too.
OPEN_SHAPES = frozenset({(0, "major"), (9, "major"), (7, "major"), (4, "major"), (2, "major")}) | frozenset(
    {(9, "minor"), (4, "minor"), (2, "minor")}
)
# Chords that sound for a smaller share of the time are not listed.
LISTED_FRACTION = 0.02
# And notes that are sung for a shorter time.
LISTED_S = 0.05


@value
class SingerRange:
    """The notes that a singer can sing.

    Attributes
    ----------
    written : str
        As the singer wrote it, in musical type; empty where it was given in numbers.
    """

    lowest_midi: Annotated[int, MIDI]
    highest_midi: Annotated[int, MIDI]
    written: str = ""

    def __post_init__(self) -> None:
        if not LOWEST_MIDI <= self.lowest_midi < self.highest_midi <= HIGHEST_MIDI:
            raise ValueError("a range goes from a note up to a higher one")

    def in_words(self, spelling: Spelling) -> str:
        """``A2 to E4``: as it was written, or spelled so."""
        return self.written or f"{spelling.print(self.lowest_midi)} to {spelling.print(self.highest_midi)}"


@value
class OutsideNote:
    """A note that lies outside the singer's range.

    Attributes
    ----------
    midi : int
        As the singer would have to sing it.
    seconds : float
        How long it is sung.
    """

    midi: Annotated[int, MIDI]
    seconds: Annotated[float, SECONDS]


@value
class ChordChange:
    """A chord of the song, what it becomes, and the shape that a guitarist plays for it behind the capo.

    Attributes
    ----------
    before, after, shape : str
        As musicians write them.
    share_fraction : float
        Of the time with chords in which it sounds.
    """

    before: Annotated[str, NAME]
    after: Annotated[str, NAME]
    shape: Annotated[str, NAME]
    share_fraction: Annotated[float, FRACTION]


@value
class Transposition:
    """A song moved into a singer's range.

    Attributes
    ----------
    singer : SingerRange
    semitones : int
        How far the band moves, -6..6.
    octaves : int
        By how many octaves the singer sings higher than the band's transposition says, -2..2.
    lowest_midi, highest_midi : float
        The ends of the song's vocal range as the singer sings it.
    outside : tuple of OutsideNote
        What stays outside the singer's range, from low to high.
    outside_s : float
        How long that is in all.
    outside_before_s : float
        How long it would be as the song is recorded, sung at the octave that fits best.
    key_before, key_after : str or None
        As in ``C# minor``; None where no key is known.
    capo : int or None
        The fret with the most open shapes, 0 without a capo; None where no chords are known.
    chords : tuple of ChordChange
        The one that sounds longest first.
    """

    singer: SingerRange
    semitones: Annotated[int, SEMITONES]
    octaves: Annotated[int, COUNT]
    lowest_midi: Annotated[float, MIDI]
    highest_midi: Annotated[float, MIDI]
    outside: tuple[OutsideNote, ...]
    outside_s: Annotated[float, SECONDS]
    outside_before_s: Annotated[float, SECONDS]
    key_before: Annotated[str, NAME] | None = None
    key_after: Annotated[str, NAME] | None = None
    capo: Annotated[int, COUNT] | None = None
    chords: tuple[ChordChange, ...] = ()

    @property
    def spelling(self) -> Spelling:
        """How notes are spelled in the new key."""
        return Spelling.SHARPS if self.key_after is None else Spelling.of_key(*self.key_after.split(" "))

    @property
    def sentences(self) -> tuple[str, ...]:
        """What to do, what the singer sings then, what stays outside, and what a guitarist plays."""
        note = self.spelling.print
        away = {0: "", 1: "an octave", 2: "two octaves"}[abs(self.octaves)]
        side = "below" if self.octaves < 0 else "above"
        if self.semitones:
            how = f"Play it {_steps(self.semitones)}" + (f", and sing {away} {side} that" if away else "")
        else:
            how = f"Keep the recording's key, and sing {away} {side} it" if away else "Sing it in the recording's key"
        key = "" if self.key_after is None else f": {music_type(self.key_after)}"
        was = "" if self.key_before is None or not self.semitones else f" instead of {music_type(self.key_before)}"
        sung = f"You then sing {note(self.lowest_midi)} to {note(self.highest_midi)}"
        return (f"{how}{key}{was}.", f"{sung}{self._what_stays_outside()}.", *self._for_guitarists())

    def _what_stays_outside(self) -> str:
        named, bounds = self.spelling.print, self.singer.in_words(self.spelling)
        if not self.outside:
            return f", all within {bounds}"
        notes = ", ".join(f"{named(one.midi)} for {SECONDS.format(one.seconds)}" for one in self.outside)
        gained = self.outside_before_s - self.outside_s
        before = f" ({SECONDS.format(self.outside_before_s)} in the recording's key)" if gained >= LISTED_S else ""
        return f". Outside {bounds} stay {notes}{before}"

    def _for_guitarists(self) -> tuple[str, ...]:
        if self.capo is None or not self.chords:
            return ()
        shapes = " ".join(music_type(one.shape) for one in self.chords)
        if self.capo == 0:
            return (f"On a guitar, without a capo: {shapes}.",)
        sounding = " ".join(music_type(one.after) for one in self.chords)
        return (f"On a guitar, put the capo on fret {self.capo} and play {shapes}, which sounds as {sounding}.",)


def read_range(text: str) -> SingerRange:
    """Read a singer's range, as in ``A2-E4``.

    Raises
    ------
    BadRange
        It is none; says how to write one.
    """
    plain = text.strip().replace("♯", "#").replace("♭", "b")
    match = re.fullmatch(r"([A-Ga-g][#b]?-?\d)\s*(?:-|–|:|to|\.\.)\s*([A-Ga-g][#b]?-?\d)", plain)
    if match is None:
        raise BadRange(f"{text!r} is not a range of notes (write the lowest and the highest, as in A2-E4)")
    notes = [note[0].upper() + note[1:] for note in match.groups()]
    low, high = map(_midi_of, notes)
    if low >= high:
        raise BadRange(f"{text!r}: the first note must be below the second (write the lowest first, as in A2-E4)")
    if low < LOWEST_MIDI or high > HIGHEST_MIDI:
        raise BadRange(f"{text!r}: no voice reaches that far (middle C is C4)")
    return SingerRange(lowest_midi=low, highest_midi=high, written=music_type(" to ".join(notes)))


def transpose(voice: "VocalRange", key: "Key | None", chords: "Chords | None", singer: SingerRange) -> Transposition:
    """Move a song so that as little as possible of it lies outside a singer's range; of such ways, the shortest."""
    ways = [
        (semitones, octaves) for semitones in range(-FURTHEST_SEMITONES, FURTHEST_SEMITONES + 1) for octaves in OCTAVES
    ]
    sung_s = sum(pitch.seconds for pitch in voice.histogram)

    def rank(way: tuple[int, int]) -> tuple[float, int, int, int]:
        semitones, octaves = way
        outside = _seconds(_outside(voice, semitones + 12 * octaves, singer)) / max(sung_s, 1e-9)
        moved = abs(semitones) + OCTAVE_COST_SEMITONES * abs(octaves)
        # Down rather than up: a tired singer has the low notes still.
        return round(max(0.0, outside - SLIPS_FRACTION), 3), moved, abs(octaves), semitones

    semitones, octaves = min(ways, key=rank)
    moved = semitones + 12 * octaves
    left = _outside(voice, moved, singer)
    before_s = min(_seconds(_outside(voice, 12 * away, singer)) for away in OCTAVES)
    key_after = None if key is None else _moved_key(key.tonic, key.mode, semitones)
    capo, changes = _for_guitars(chords, key, semitones)
    return Transposition(
        singer=singer,
        semitones=semitones,
        octaves=octaves,
        lowest_midi=voice.lowest_midi.value + moved,
        highest_midi=voice.highest_midi.value + moved,
        outside=tuple(one for one in left if one.seconds >= LISTED_S),
        outside_s=_seconds(left),
        outside_before_s=before_s,
        key_before=None if key is None else f"{key.tonic} {key.mode}",
        key_after=key_after,
        capo=capo,
        chords=changes,
    )


def _midi_of(note: str) -> int:
    letters = note.rstrip("-0123456789")
    accidental = letters.count("#") - letters.count("b")
    return pitch_class(letters[0]) + accidental + 12 * (int(note.removeprefix(letters)) + 1)


def _outside(voice: "VocalRange", semitones: int, singer: SingerRange) -> list[OutsideNote]:
    moved = [OutsideNote(midi=pitch.midi + semitones, seconds=pitch.seconds) for pitch in voice.histogram]
    return [one for one in moved if not singer.lowest_midi <= one.midi <= singer.highest_midi]


def _seconds(notes: list[OutsideNote]) -> float:
    return sum(one.seconds for one in notes)


def _moved_key(tonic: str, mode: str, semitones: int) -> str:
    return f"{transposed_tonic(tonic, mode, semitones)} {mode}"


def _for_guitars(
    chords: "Chords | None", key: "Key | None", semitones: int
) -> tuple[int | None, tuple[ChordChange, ...]]:
    """Return the fret for the capo, and each chord with what it becomes and the shape that is played."""
    if chords is None:
        return None, ()
    played = _played(chords)
    if not played:
        return None, ()

    def cost(capo: int) -> float:
        barred = sum(share for name, share in played if not _is_open(name.transposed(semitones - capo)))
        return barred + CAPO_COST * capo

    capo = min(range(MAX_CAPO + 1), key=cost)

    def spelling(moved: int) -> Spelling:
        return Spelling.SHARPS if key is None else Spelling.of_key(*_moved_key(key.tonic, key.mode, moved).split(" "))

    changes = tuple(
        ChordChange(
            before=name.written(spelling(0)),
            after=name.transposed(semitones).written(spelling(semitones)),
            shape=name.transposed(semitones - capo).written(spelling(semitones - capo)),
            share_fraction=round(share, 3),
        )
        for name, share in played
    )
    return capo, changes


def _played(chords: "Chords") -> list[tuple[ChordName, float]]:
    """Return the chords of a song with their shares of the time, longest first; inversions as the chord on its root.

    Of chords on one root with one third, the one that sounds longest stands for all.
    """
    from riffscope.analyzers.chords import chord_shares
    from riffscope.progressions import place_of

    lasts_s: dict[ChordName, float] = {}
    for span in chords.spans:
        name = ChordName.parse(span.label)
        if name is not None:
            upright = ChordName(root=name.root, quality=name.quality)
            lasts_s[upright] = lasts_s.get(upright, 0.0) + span.end_s - span.start_s
    out = []
    for place, (share, _) in chord_shares(chords.spans).items():
        there = [name for name in lasts_s if place_of(name) == place]
        if share >= LISTED_FRACTION and there:
            out.append((max(there, key=lambda name: lasts_s[name]), share))
    return out


def _is_open(name: ChordName) -> bool:
    third: Literal["major", "minor"] = "minor" if 3 in QUALITIES[name.quality] else "major"
    return (name.root, third) in OPEN_SHAPES and name.quality not in {"dim", "aug", "hdim7"}


def _steps(semitones: int) -> str:
    return f"{count(abs(semitones), 'semitone')} {'lower' if semitones < 0 else 'higher'}"
