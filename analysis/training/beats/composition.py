"""Music before anybody plays it: notes counted in beats, by role, with chords and bars."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

PartName = Literal["lead", "second", "comp", "riff", "bass", "pad"]
Groups = tuple[int, ...]
"""The beats of a bar in the groups they are felt in: (3, 2) is a bar of five, three and two."""


@dataclass(frozen=True, kw_only=True)
class Note:
    """A note of a part; times are beats from the first downbeat, `accent` is 0..1."""

    start_beats: float
    length_beats: float
    midi: int
    accent: float = 0.8


@dataclass(frozen=True, kw_only=True)
class Chord:
    """A chord that sounds for some beats; `root` is a pitch class, `intervals` semitones above it.

    `quality` is what it is called, in Harte's shorthand; `bass` its lowest note, in semitones above the root.
    """

    start_beats: float
    end_beats: float
    root: int
    intervals: tuple[int, ...]
    quality: str = ""
    bass: int = 0


@dataclass(frozen=True, kw_only=True)
class Composition:
    """A piece of music.

    Attributes
    ----------
    beat_count : int
        Beats from the first downbeat to the end.
    bar_starts : tuple of int
        The beats that begin a bar.
    division : int
        Into how many parts a beat falls: 2 (or 4), or 3 in compound time.
    bar_groups : tuple of Groups
        The metre of each bar; a bar may be cut short of it. Empty: all bars have the usual number of beats.
    section_starts : tuple of int
        Bars, by index, where something new begins: drummers play fills before and crashes on them.
    parts : dict of role to notes
    chords : tuple of Chord
    natural_bpm : float or None
        The tempo it was written at; None: any.
    bpm_range : (float, float) or None
        Slowest and fastest tempo that this kind of music is played at; None: any that its metre bears.
    drummed : bool or None
        True where nothing but a drummer would make anyone count it so; False where there must be none.
    kind : str
        What kind of song it is, for the figures.
    amplified : frozenset of role
        What is always played through an amplifier, in power chords.
    """

    beat_count: int
    bar_starts: tuple[int, ...]
    division: int
    bar_groups: tuple[Groups, ...] = ()
    section_starts: tuple[int, ...] = ()
    parts: dict[PartName, list[Note]] = field(default_factory=dict)
    chords: tuple[Chord, ...] = ()
    natural_bpm: float | None = None
    bpm_range: tuple[float, float] | None = None
    drummed: bool | None = None
    kind: str = "pop"
    amplified: frozenset[PartName] = frozenset()

    @property
    def beats_per_bar(self) -> int:
        """The usual length of a bar in beats."""
        lengths = [b - a for a, b in zip(self.bar_starts, self.bar_starts[1:], strict=False)]
        return max(set(lengths), key=lengths.count) if lengths else 4

    def groups_of(self, bar: int) -> Groups:
        """Return the metre of bar `bar`."""
        return self.bar_groups[bar] if self.bar_groups else usual_groups(self.beats_per_bar)

    @property
    def ends_with_its_bar(self) -> bool:
        """Whether the last bar is whole, so that a downbeat would follow."""
        return self.bar_starts[-1] + sum(self.groups_of(len(self.bar_starts) - 1)) == self.beat_count


def held(chords: Iterable[Chord], *, base: int, accent: float) -> list[Note]:
    """Write chords as they are held, each of their notes within the octave from MIDI number `base` on."""
    return [
        Note(
            start_beats=chord.start_beats,
            length_beats=max(0.2, chord.end_beats - chord.start_beats - 0.05),
            midi=base + (chord.root + k - base) % 12,
            accent=accent,
        )
        for chord in chords
        for k in chord.intervals
    ]


def usual_groups(beats: int) -> Groups:
    """Return how a bar of so many beats is felt where nothing else is said: four, six in halves, more in twos."""
    if beats < 4:
        return (beats,)
    return (beats // 2, beats // 2) if beats in (4, 6) else ((2,) * ((beats - 2) // 2) + (2 + beats % 2,))
