"""What kind of song is rendered: all that is drawn before a note is written."""

from dataclasses import dataclass
from typing import Literal

from benchmarks.mixes.music import Key
from benchmarks.mixes.timing import Plan

Content = Literal["riff", "riff_b", "through", "vamp", "loop", "none"]
"""What a section is made of.

The song's riff, another one, something new in every bar, a round of chords under ever new lines, one round of chords
played the same way each time, or drums alone.
"""
Form = Literal[
    "throughout",
    "bridge_drop",
    "choruses_only",
    "verses_only",
    "two_loops",
    "through_composed",
    "chord_vamp",
]
Metre = Literal["4/4", "3/4", "6/8"]
Arrangement = Literal["lead", "doubled", "panned_harmonies", "oohs_in_gaps", "mono_stack", "none"]
BassLine = Literal["doubles", "roots", "none"]


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section: how long, of what, whether anyone sings (or leads), and how it is drummed."""

    name: str
    bars: int
    content: Content
    sung: bool
    drums: str


@dataclass(frozen=True, kw_only=True)
class Band:
    """Who plays, and how. Programs are those of General MIDI, from 0.

    Attributes
    ----------
    power : bool
        The riff is played in power chords.
    riff_base : int
        MIDI number of the C that the riff is counted from.
    density : float
        How many of a bar's steps the riff strikes (0..1).
    variation : float
        Chance that a pass of the riff is varied.
    pads, comping, free_line : bool
        Held chords; chords on the off-beat; a line where nothing loops.
    bass_db : float
        The bass against the default balance.
    drum_volume : int
        MIDI volume.
    drums_varied : bool
        Hits are dropped and added where nothing loops.
    jitter_s : float
        Standard deviation of the players' timing.
    """

    riff: int
    bass: int
    pad: int
    comp: int
    power: bool
    riff_base: int
    density: float
    variation: float
    pads: bool
    comping: bool
    free_line: bool
    bass_line: BassLine
    bass_db: float
    drum_volume: int
    drums_varied: bool
    jitter_s: float


@dataclass(frozen=True, kw_only=True)
class Pump:
    """A dip on every beat: as deep, and gone after about so many beats."""

    depth_db: float
    recovery_beats: float


@dataclass(frozen=True, kw_only=True)
class Lead:
    """An instrument that plays the melody where nobody sings, within a range of MIDI numbers."""

    name: str
    program: int
    lowest_midi: int
    highest_midi: int


@dataclass(frozen=True, kw_only=True)
class Reverb:
    """A room: RMS of the reverberant part against the dry, time to fall by 60 dB, time until it sets in."""

    wet_db: float
    rt60_s: float
    predelay_s: float


@dataclass(frozen=True, kw_only=True)
class Singer:
    """Who sings, and how.

    Attributes
    ----------
    source : str
        The recorded voice.
    formant : float
        Factor on its formants: below 1 a larger singer.
    level_db : float
        The lead against the backing, while it sings.
    breathiness : float
        Aperiodicity a becomes a + breathiness * (1 - a) above 3 kHz, ramping in from 300 Hz (0..1).
    harmony_everywhere : bool
        Harmonies sing in all sections, not in choruses alone.
    """

    source: str
    formant: float
    lowest_midi: int
    highest_midi: int
    level_db: float
    reverb: Reverb | None
    breathiness: float
    harmony_everywhere: bool


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything about a song before it is written.

    Attributes
    ----------
    attempt : int
        How many draws of this index were thrown away for their length.
    meter : int
        Beats in a bar; in 6/8 two dotted quarters.
    steps_per_beat : int
        Four sixteenths, in 6/8 six.
    riff_bars, riff_b_bars : int
        Periods of the riffs; 0 where there is none.
    lufs : float
        The loudness aimed at.
    drive : float
        Saturation of the whole; 0: none.
    leading_s, trailing_s : float
        Digital silence before and after.
    """

    seed: int
    index: int
    attempt: int
    form: Form
    metre: Metre
    meter: int
    steps_per_beat: int
    bpm: float
    swing: float
    plan: Plan
    sections: tuple[Section, ...]
    key: Key
    riff_bars: int
    riff_b_bars: int
    band: Band
    pump: Pump | None
    arrangement: Arrangement
    lead: Lead | None
    lead_db: float
    singer: Singer
    channels: int
    lufs: float
    drive: float
    leading_s: float
    trailing_s: float

    @property
    def name(self) -> str:
        """The song's name."""
        return f"s{self.seed}_{self.index:03d}"

    @property
    def in_threes(self) -> bool:
        """Whether beats fall into three."""
        return self.steps_per_beat == 6

    @property
    def bar_count(self) -> int:
        """Bars in all."""
        return sum(section.bars for section in self.sections)
