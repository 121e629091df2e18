"""Structure: the sections of the song, and which of them share their music.

Conventions
-----------
Sections are in seconds from the start of the file; the first begins with the sound, the last ends with it. Labels are
A, B, A' ...: they do not say verse or chorus.

References
----------
`riffscope.dsp.structure` segments and labels; the papers stand there and at `find_sections`.
"""

from typing import Annotated, Literal

import numpy as np

from riffscope.arrays import Ints
from riffscope.dsp.harmonic import presence
from riffscope.dsp.onsets import sounding_frames
from riffscope.dsp.structure.boundaries import Bars, boundary_odds, segment
from riffscope.dsp.structure.sections import join_repeats, label_sections
from riffscope.model import value
from riffscope.steps import analyzer
from riffscope.units import NAME, PROBABILITY, SECONDS
from riffscope.views.beat_track import BeatTrack
from riffscope.views.mel_spectrum import HOP_LENGTH
from riffscope.views.mono import Mono
from riffscope.views.tatum_features import TatumFeatures

# With fewer bars, a new section cannot be told from a phrase that goes on. Chosen, not fitted.
MIN_BARS = 4
# A bar counts where its downbeat lies at most this far before the first sound. Chosen, not fitted.
EARLY_S = 0.1

SectionFunction = Literal["intro", "verse", "pre-chorus", "chorus", "bridge", "solo", "instrumental", "outro"]


@value
class Section:
    """A stretch of the song with music of its own.

    Attributes
    ----------
    label : str
        The same letter for the same music, and a prime for a variation: other instruments, with or without a voice.
    function : str or None
        What the section does in the song; None where the music does not say.
    function_probability : float or None
        That it does, 0..1; None where there is no function.
    """

    start_s: Annotated[float, SECONDS]
    end_s: Annotated[float, SECONDS]
    label: Annotated[str, NAME]
    function: Annotated[SectionFunction, NAME] | None = None
    function_probability: Annotated[float, PROBABILITY] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.start_s < self.end_s:
            raise ValueError(f"a section runs forward in time, not from {self.start_s} to {self.end_s} s")


@value
class Structure:
    """The sections of a song, one after the other from its first sound to its last.

    Attributes
    ----------
    sections : tuple of Section
        Each but the first begins on a downbeat, where the one before ends.
    """

    sections: tuple[Section, ...]

    @property
    def summary(self) -> str:
        """The result in one line."""
        count = len(self.sections)
        labels = " ".join(section.label for section in self.sections)
        return f"{count} section{'s' if count != 1 else ''}: {labels}"


@analyzer(version=1)
def find_sections(track: BeatTrack, tatums: TatumFeatures, mono: Mono) -> Structure:
    """Segment the song where its music changes, and label what returns.

    Drum fills and changes of timbre and harmony are evidence for a boundary at a downbeat, weighed against the usual
    lengths of sections. Sections with the same notes and chords, bar for bar, share a letter; a prime says that other
    instruments play, or that a voice has come in or dropped out.

    Raises
    ------
    CannotMeasure
        From `BeatTrack`: shorter than 2.5 s, silent, or without a steady beat.

    Notes
    -----
    A section that brings only a new melody is often missed, and a phrase that ends with a fill may be taken for one.
    Where the downbeats are a beat off, so are the boundaries.

    References
    ----------
    .. [1] Foote, "Automatic audio segmentation using a measure of audio novelty", ICME 2000.
    .. [2] Sargent, Bimbot & Vincent, "A regularity-constrained Viterbi algorithm and its application to the structural
       segmentation of songs", ISMIR 2011.
    """
    first, last = sounding_frames(mono.samples, hop_length=HOP_LENGTH)
    start_s = first * HOP_LENGTH / mono.sample_rate_hz
    end_s = min((last + 1) * HOP_LENGTH, len(mono.samples)) / mono.sample_rate_hz
    downbeats = _whole_bars(track, start_s, end_s)
    if len(downbeats) < MIN_BARS:
        return Structure(sections=(Section(start_s=start_s, end_s=end_s, label="A"),))
    bars = _cut_into_bars(tatums, downbeats, track.beats_per_bar)
    # An upbeat belongs to the first section, and what follows the last whole bar to the last.
    bar_edges_s = np.concatenate([[start_s], track.times_s[downbeats[1:]], [end_s]])
    odds = boundary_odds(bars)
    edges = np.concatenate([[0], segment(odds, bar_edges_s), [len(downbeats)]])
    edges, labels = join_repeats(edges, label_sections(bars, edges), odds)
    times_s = bar_edges_s[edges].tolist()
    return Structure(
        sections=tuple(
            Section(start_s=start, end_s=end, label=label)
            for start, end, label in zip(times_s[:-1], times_s[1:], labels, strict=True)
        )
    )


def _whole_bars(track: BeatTrack, start_s: float, end_s: float) -> Ints:
    """Return the downbeats, as indexes into the beats, whose bars lie within the beats and the sounding music."""
    downbeats = track.downbeat_index
    whole = downbeats + track.beats_per_bar <= len(track.times_s)
    times_s = track.times_s[downbeats]
    return downbeats[whole & (times_s > start_s - EARLY_S) & (times_s < end_s)]


def _cut_into_bars(tatums: TatumFeatures, downbeats: Ints, beats_per_bar: int) -> Bars:
    beats = downbeats[:, None] + np.arange(beats_per_bar)
    notes, bands, onsets = (
        part[beats].reshape(len(downbeats), -1, part.shape[-1])
        for part in (presence(tatums.notes), tatums.bands, tatums.onsets)
    )
    return Bars(notes=notes, bands=bands, onsets=onsets)
