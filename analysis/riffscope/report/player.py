"""What a page's player is given: the sound, and what is shown beside it, each as the template writes it down."""

import base64
import functools
import importlib.resources
import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from riffscope import palette
from riffscope.model import Measured, Outcome
from riffscope.report.blocks import Document, PlayedSong
from riffscope.units import clock
from riffscope.views.listening_copy import ListeningCopy

# Browsers play at no lower rate.
MIN_RATE_HZ = 8000
# How high the drawing of a waveform is, in its own units.
WAVE_HEIGHT = 100
# A section's colour is paler where its music is varied.
SECTION_SHARES = (60, 40, 25)


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section in percent of the song, with its colour."""

    name: str
    start_s: float
    end_s: float
    left: float
    width: float
    color: str
    share: int


@dataclass(frozen=True, kw_only=True)
class Sounding:
    """A song that the page can play.

    Attributes
    ----------
    place : int
        Its place among the document's songs.
    shown : PlayedSong
    streams : dict
        Each WebM file in base64, by name.
    bars : str
        Where bars begin, in seconds, with spaces between them.
    level_db : float
        What makes it as loud as the quietest of the page's songs; at most 0.
    """

    place: int
    shown: PlayedSong
    streams: dict[str, str]
    duration_s: float
    bars: str
    level_db: float = 0.0

    @property
    def length(self) -> str:
        """How long the song is, as a clock shows it."""
        return clock(self.duration_s)

    @property
    def level(self) -> str:
        """The change of level, in words."""
        return "±0 dB" if abs(self.level_db) < 0.05 else f"{self.level_db:+.1f} dB".replace("-", "−")

    @property
    def wave(self) -> str:
        """The waveform as a path: each column one wide, from the ground up."""
        parts, last = ["M0 0"], 0
        for height in () if self.shown.waveform is None else self.shown.waveform.heights:
            now = round(WAVE_HEIGHT * height)
            parts.append(f"v{now - last}h1" if now != last else "h1")
            last = now
        return "".join([*parts, "V0z"])

    @property
    def wave_width(self) -> float:
        """How many columns the whole song takes."""
        return 1.0 if self.shown.waveform is None else round(self.duration_s / self.shown.waveform.step_s, 3)

    @property
    def sections(self) -> list[Section]:
        """The sections where they lie in the song."""
        return [
            Section(
                name=section.name,
                start_s=round(section.start_s, 3),
                end_s=round(section.end_s, 3),
                left=round(100 * section.start_s / self.duration_s, 2),
                width=round(100 * (section.end_s - section.start_s) / self.duration_s, 2),
                color=palette.SERIES[section.kind % len(palette.SERIES)],
                share=SECTION_SHARES[min(section.variation, len(SECTION_SHARES) - 1)],
            )
            for section in self.shown.sections
        ]


@dataclass(frozen=True, kw_only=True)
class Player:
    """What the page's player is given.

    Attributes
    ----------
    script : str
        The player itself.
    evened : bool
        Whether all songs' loudness is known, so that they can be played as loud as each other.
    """

    songs: tuple[Sounding, ...]
    rate_hz: int
    script: Markup
    evened: bool

    def until_s(self, place: int) -> float:
        """Return how long a song of the document can be played: not at all where there is no sound of it."""
        return next((song.duration_s for song in self.songs if song.place == place), -1.0)


def player_of(document: Document, listening: Sequence[Outcome | None]) -> Player | None:
    """Return what the player of a document needs; None where none of its songs can be heard."""
    pairs = zip(document.songs, listening, strict=False)
    heard: list[tuple[int, PlayedSong, ListeningCopy]] = [
        (place, song, copy.value) for place, (song, copy) in enumerate(pairs) if isinstance(copy, Measured)
    ]
    if not heard:
        return None
    # As loud as the quietest, since a louder copy would be clipped.
    levels = [_loudness(song, copy) for _, song, copy in heard]
    evened = len(heard) > 1 and None not in levels
    lowest = min((level for level in levels if level is not None), default=0.0)
    songs = tuple(
        Sounding(
            place=place,
            shown=song,
            streams={stream.name: base64.b64encode(stream.webm).decode() for stream in copy.streams},
            duration_s=round(copy.duration_s, 3),
            bars=numbers(song.bar_starts_s),
            level_db=round(lowest - level, 1) if evened and level is not None else 0.0,
        )
        for (place, song, copy), level in zip(heard, levels, strict=True)
    )
    return Player(
        songs=songs,
        rate_hz=max(MIN_RATE_HZ, *(copy.sample_rate_hz for _, _, copy in heard)),
        script=_script(chords=any(song.shown.chords for song in songs)),
        evened=evened,
    )


def _loudness(song: PlayedSong, copy: ListeningCopy) -> float | None:
    """Return how loud the copy of a song is, in LUFS; None where that is not known."""
    if song.integrated_lufs is None or not math.isfinite(song.integrated_lufs):
        return None
    return song.integrated_lufs + 20 * math.log10(copy.gain)


@functools.cache
def _script(*, chords: bool) -> Markup:
    templates = importlib.resources.files("riffscope.report") / "templates"
    names = ("player.js", "closeup.js", *(["chords.js"] if chords else []))
    return Markup("".join((templates / name).read_text("utf-8") for name in names))  # noqa: S704 - our own, and the page's policy names its hash


def numbers(times_s: tuple[float, ...]) -> str:
    """Write times for the script, to a millisecond."""
    return " ".join(f"{round(time_s, 3):.12g}" for time_s in times_s)
