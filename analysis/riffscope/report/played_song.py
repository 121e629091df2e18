"""What a page's player shows beside the sound of a song: waveform, sections, bars, chords and the riff to loop."""

import numpy as np

from riffscope import words
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.envelope import Envelope
from riffscope.analyzers.loops import Loops, bars_in_words
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.structure import Structure
from riffscope.chord_chart import chord_chart
from riffscope.errors import NotMeasured
from riffscope.report.blocks import ChordBar, Passage, PlayedSection, PlayedSong, Waveform
from riffscope.report.chord_bars import chord_bars
from riffscope.song import SongAnalysis
from riffscope.units import clock

# A waveform has at most so many columns; a player is about as many pixels wide.
MAX_COLUMNS = 800


def played_song(song: SongAnalysis, letter: str = "") -> PlayedSong:
    """Return what a player shows of a song; a letter tells it from others of a comparison."""
    loudness = song.get(Loudness)
    return PlayedSong(
        title=words.plain(song.source.title) or "Untitled",
        letter=letter,
        waveform=_waveform(song),
        sections=_sections(song),
        loop=riff_to_loop(song),
        bar_starts_s=bar_starts_s(song),
        chords=_chords_by_bar(song),
        integrated_lufs=None if loudness is None else loudness.played_lufs,
    )


def riff_to_loop(song: SongAnalysis) -> Passage | None:
    """Return the cleanest repeat of the riff, named for a button."""
    found = song.get(Loops)
    if found is None or not found.example.duration_s:
        return None
    detail = f"{bars_in_words(found.period_bars)}, {clock(found.example.start_s)}"
    return Passage(span=found.example, label=f"Loop the {found.kind.noun}", detail=detail)


def bar_starts_s(song: SongAnalysis) -> tuple[float, ...]:
    """Return where bars begin, for a player that goes from bar to bar; none where they are not known."""
    beats = song.get(Beats)
    return () if beats is None else tuple(beats.times_s[beats.downbeat_index].round(3).tolist())


def _waveform(song: SongAnalysis) -> Waveform | None:
    """Return the highest peak of every so many steps, against the highest of all."""
    found = song.get(Envelope)
    if found is None or not found.peak.size or not found.peak.max():
        return None
    together = -(-found.peak.size // MAX_COLUMNS)
    columns = np.maximum.reduceat(found.peak, np.arange(0, found.peak.size, together)) / found.peak.max()
    return Waveform(heights=tuple(columns.round(3).tolist()), step_s=found.step_s * together)


def _sections(song: SongAnalysis) -> tuple[PlayedSection, ...]:
    found = song.get(Structure)
    if found is None:
        return ()
    kinds = list(dict.fromkeys(section.letter for section in found.sections))
    return tuple(
        PlayedSection(
            start_s=section.start_s,
            end_s=section.end_s,
            name=section.name,
            kind=kinds.index(section.letter),
            variation=len(section.label) - len(section.letter),
        )
        for section in found.sections
    )


def _chords_by_bar(song: SongAnalysis) -> tuple[ChordBar, ...]:
    try:
        chart = chord_chart(song)
    except NotMeasured:
        return ()
    return tuple(chord_bars(chart.bars, chart, meter=chart.meter))
