"""What the user of a library corrected by hand in a song, kept beside its analysis: it overrules what is heard."""

import msgspec


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
