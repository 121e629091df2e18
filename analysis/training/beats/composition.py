"""Music before anybody plays it: notes counted in beats, by role, with chords and bars."""

from dataclasses import dataclass, field
from typing import Literal

PartName = Literal["lead", "second", "comp", "riff", "bass", "pad"]


@dataclass(frozen=True, kw_only=True)
class Note:
    """A note of a part; times are beats from the first downbeat, `accent` is 0..1."""

    start_beats: float
    length_beats: float
    midi: int
    accent: float = 0.8


@dataclass(frozen=True, kw_only=True)
class Chord:
    """A chord that sounds for some beats; `root` is a pitch class, `intervals` semitones above it."""

    start_beats: float
    end_beats: float
    root: int
    intervals: tuple[int, ...]


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
    section_starts : tuple of int
        Bars, by index, where something new begins: drummers play fills before and crashes on them.
    parts : dict of role to notes
    chords : tuple of Chord
    natural_bpm : float or None
        The tempo it was written at; None: any.
    needs_drums : bool
        Nothing but a drummer would make anyone count it so fast.
    """

    beat_count: int
    bar_starts: tuple[int, ...]
    division: int
    section_starts: tuple[int, ...] = ()
    parts: dict[PartName, list[Note]] = field(default_factory=dict)
    chords: tuple[Chord, ...] = ()
    natural_bpm: float | None = None
    needs_drums: bool = False

    @property
    def beats_per_bar(self) -> int:
        """The usual length of a bar in beats."""
        lengths = [b - a for a, b in zip(self.bar_starts, self.bar_starts[1:], strict=False)]
        return max(set(lengths), key=lengths.count) if lengths else 4
