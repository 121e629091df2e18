"""Structure: the sections of the song, and which of them are the same music."""

from typing import Annotated

import numpy as np

from riffscope.arrays import Ints
from riffscope.dsp.harmonic import presence
from riffscope.dsp.onsets import sounding_frames
from riffscope.dsp.structure.boundaries import Bars, boundary_odds, divide
from riffscope.dsp.structure.sections import join_repeats, label_sections
from riffscope.model import value
from riffscope.steps import analyzer
from riffscope.units import NAME, SECONDS
from riffscope.views.beat_track import BeatTrack
from riffscope.views.mel_spectrum import HOP_LENGTH
from riffscope.views.mono import Mono
from riffscope.views.tatum_features import TatumFeatures

# With fewer bars there is no telling a change of section from the music's own course.
MIN_BARS = 4


@value
class Section:
    """A stretch of the song with music of its own.

    Attributes
    ----------
    label : str
        The same letter for the same music, a prime where it is varied: other instruments, with voice or without.
    """

    start_s: Annotated[float, SECONDS]
    end_s: Annotated[float, SECONDS]
    label: Annotated[str, NAME]

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
def find_sections(track: BeatTrack, quarters: TatumFeatures, mono: Mono) -> Structure:
    """Divide the song where its music changes, and name what returns.

    Drum fills, changes of sound and changes of harmony speak for a boundary at a bar line; they are weighed against how
    long sections are wont to be. Sections whose notes and chords are alike, bar for bar, share a letter; a prime tells
    that other instruments play, or that a voice has come or gone.

    Raises
    ------
    CannotMeasure
        From `BeatTrack`: shorter than 2.5 s, silent, or without a steady beat.

    Notes
    -----
    A new section that brings nothing but a new melody is often missed, and a phrase that ends with a fill may pass for
    one. Where the bar lines are a beat off, so are the boundaries. Labels name what returns, not verse or chorus.

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
    bars = _cut_into_bars(quarters, downbeats, track.beats_per_bar)
    # An upbeat belongs to the first section, and what is left after the last whole bar to the last.
    lines_s = np.concatenate([[start_s], track.times_s[downbeats[1:]], [end_s]])
    odds = boundary_odds(bars)
    edges = np.concatenate([[0], divide(odds, lines_s), [len(downbeats)]])
    edges, labels = join_repeats(edges, label_sections(bars, edges), odds)
    times_s = lines_s[edges].tolist()
    return Structure(
        sections=tuple(
            Section(start_s=start, end_s=end, label=label)
            for start, end, label in zip(times_s[:-1], times_s[1:], labels, strict=True)
        )
    )


def _whole_bars(track: BeatTrack, start_s: float, end_s: float) -> Ints:
    """Return the downbeats, indexes into the beats, whose bars lie within the beats and the sounding music."""
    downbeats = track.downbeat_index
    whole = downbeats + track.beats_per_bar <= len(track.times_s)
    times_s = track.times_s[downbeats]
    return downbeats[whole & (times_s > start_s - 0.1) & (times_s < end_s)]


def _cut_into_bars(quarters: TatumFeatures, downbeats: Ints, beats_per_bar: int) -> Bars:
    beats = downbeats[:, None] + np.arange(beats_per_bar)
    notes, bands, onsets = (
        part[beats].reshape(len(downbeats), -1, part.shape[-1])
        for part in (presence(quarters.notes), quarters.bands, quarters.onsets)
    )
    return Bars(notes=notes, bands=bands, onsets=onsets)
