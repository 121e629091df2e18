"""Units of measurement: how a number is written and said, and when two numbers are the same to a listener.

A field carries its unit in its annotation, `Annotated[float, LUFS]`; tables, comparisons and reports read it there.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """A unit and how to write numbers in it.

    Attributes
    ----------
    symbol : str
        Written after the number; empty for plain counts.
    digits : int
        Decimals shown.
    same_within : float
        Two songs closer than this sound the same in this respect.
    scale : float
        Shown value = stored value x scale (fractions are stored 0..1 and shown as percent).
    compared : bool
        False for what describes the measurement rather than the song, such as the step of a curve.
    suffix : str
        How the name of a field in this unit ends, as in ``integrated_lufs``; labels leave it out.
    """

    symbol: str
    digits: int
    same_within: float
    scale: float = 1.0
    compared: bool = True
    suffix: str = ""

    @property
    def stored_symbol(self) -> str:
        """The unit of the stored number, as JSON names it: ``fraction`` where people are shown percent."""
        return self.symbol if self.scale == 1 else "fraction"

    @property
    def of_differences(self) -> "Unit":
        """The unit of the difference of two such numbers: LU of loudness in LUFS, semitones of pitches."""
        return {LUFS: LU, DBFS: DB, DBTP: DB, MIDI: SEMITONES}.get(self, self)

    def format(self, value: float, *, signed: bool = False) -> str:
        """Write a value with its unit, as in ``-14.0 LUFS``."""
        number = self.number(value, signed=signed)
        if not self.symbol:
            return number
        symbol = self.singular if number.lstrip("+\N{MINUS SIGN}") == "1" else self.symbol
        return f"{number}{'' if symbol in {'%', '°'} else ' '}{symbol}"

    @property
    def singular(self) -> str:
        """The symbol behind a single one: ``bar`` of ``bars``."""
        is_plural = self.symbol.endswith("s") and not self.symbol.endswith((" s", "/s")) and len(self.symbol) > 1
        return self.symbol[:-1] if is_plural else self.symbol

    def number(self, value: float, *, signed: bool = False) -> str:
        """Write a value alone. Minus is the real minus sign, and nothing rounds to ``-0``."""
        shown = round(value * self.scale, self.digits) + 0.0
        return f"{shown:{'+' if signed else ''}.{self.digits}f}".replace("-", "\N{MINUS SIGN}")

    def given(self, value: float) -> str:
        """Write a number that somebody gave, with no more decimals than it has: ``124 BPM``, ``1 semitone``."""
        shown = f"{round(value * self.scale, self.digits + 1) + 0.0:.{self.digits + 1}f}".rstrip("0").rstrip(".")
        shown = shown.replace("-", "\N{MINUS SIGN}")
        symbol = self.singular if shown == "1" else self.symbol
        return f"{shown}{'' if symbol in {'', '%', '°'} else ' '}{symbol}"


@dataclass(frozen=True, kw_only=True)
class Said:
    """How a number goes into sentences. Every part has a general form, which is used where it is left out.

    Attributes
    ----------
    one : str
        A sentence about one number: ``The voice spans {}``. The number goes to ``{}`` with its unit and to ``{number}``
        without, and the sections that it is about to ``{where}``; one without that begins ``In the chorus,``.
    subject : str
        What is compared between two songs or sections: ``the vocal range``; empty for the songs themselves, which are
        then ``louder`` or ``quieter``.
    more, less : str
        What it is where the number is larger and smaller: ``wider`` and ``narrower``.
    signed : bool
        Whether the number always has its sign.
    """

    one: str = ""
    subject: str | None = None
    more: str = "higher"
    less: str = "lower"
    signed: bool = False


GENERALLY = Said()
"""How numbers go into sentences of which no more is known."""


def clock(seconds: float, *, decimals: int = 0) -> str:
    """Write a time in the song as ``m:ss`` (``h:mm:ss`` from an hour on).

    Examples
    --------
    >>> clock(83.4), clock(83.46, decimals=1), clock(3725)
    ('1:23', '1:23.5', '1:02:05')
    """
    scale = 10**decimals
    ticks = round(seconds * scale)
    whole, part = divmod(ticks, scale)
    minutes, rest = divmod(whole, 60)
    text = f"{minutes}:{rest:02d}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
    return f"{text}.{part:0{decimals}d}" if decimals else text


CLOCK = re.compile(r"(?<![\d:.])(?:\d+:[0-5]|[0-5]?)\d:[0-5]\d(?:\.\d+)?(?![\d:])")
"""A time in the song within words, as `clock` writes it."""


def read_clock(text: str) -> float:
    """Return the seconds of a time that `clock` wrote.

    Raises
    ------
    ValueError
        It is no such time.

    Examples
    --------
    >>> read_clock("1:23"), read_clock("1:23.5"), read_clock("1:02:05")
    (83.0, 83.5, 3725.0)
    """
    if not CLOCK.fullmatch(text):
        raise ValueError(f"{text!r} is not a time in a song (write it as 1:23.5)")
    *before, seconds = text.split(":")
    minutes = 0
    for part in before:
        minutes = 60 * minutes + int(part)
    return 60 * minutes + float(seconds)


SECONDS = Unit("s", 1, 0.5, suffix="s")
# When something comes in: two bars earlier or later it comes in at the same place of the song.
ENTRY_SECONDS = Unit("s", 1, 4.0, suffix="s")
STEP_SECONDS = Unit("s", 2, 0.0, compared=False, suffix="s")
HZ = Unit("Hz", 0, 50.0, suffix="hz")
BPM = Unit("BPM", 1, 1.0, suffix="bpm")
BEATS = Unit("beats", 0, 0.5, suffix="beats")
BARS = Unit("bars", 0, 0.5, suffix="bars")
COUNT = Unit("", 0, 0.5, suffix="count")
PER_SECOND = Unit("per s", 1, 0.5, suffix="per_s")
BANDS = Unit("bands", 1, 0.5)
AMPLITUDE = Unit("of full scale", 3, 0.05)
# Of two channels: -1..1.
CORRELATION = Unit("", 2, 0.1)
# 1 LU is about the smallest change in programme loudness that listeners notice between songs.
LUFS = Unit("LUFS", 1, 1.0, suffix="lufs")
LU = Unit("LU", 1, 1.0, suffix="lu")
DB = Unit("dB", 1, 1.0, suffix="db")
DBFS = Unit("dBFS", 1, 0.5, suffix="dbfs")
DBTP = Unit("dBTP", 1, 0.5, suffix="dbtp")
DB_PER_OCTAVE = Unit("dB/octave", 1, 0.5, suffix="db_per_octave")
MIDI = Unit("MIDI", 1, 1.0, suffix="midi")
SEMITONES = Unit("semitones", 1, 1.0, suffix="semitones")
CENTS = Unit("cents", 0, 10.0, suffix="cents")
PERCENT = Unit("%", 1, 1.0, suffix="percent")
FRACTION = Unit("%", 0, 0.05, scale=100.0, suffix="fraction")
PROBABILITY = Unit("%", 0, 0.1, scale=100.0, suffix="fraction")
# A word rather than a number, such as a tonic.
NAME = Unit("", 0, 0.0)
# The name of a note, spelled as the whole document spells notes.
NOTE = Unit("", 0, 0.0, suffix="note")
# A chord in Harte's notation, its root spelled as the whole document spells notes.
CHORD = Unit("", 0, 0.0, suffix="label")
# Where an offbeat falls between two beats: .50 straight, .667 triplet.
BEAT_POSITION = Unit("of a beat", 2, 0.03, suffix="fraction")
