"""Songs with chords that are known, to rule on and to show."""

import numpy as np

from outcomes import missing
from riffscope.analyzers.chords import Chords, count_chords
from riffscope.analyzers.key import Key
from riffscope.analyzers.section_profile import SectionProfile
from riffscope.analyzers.structure import Section, Structure
from riffscope.chord_names import read_chord
from riffscope.model import Measured
from riffscope.progressions import ChordSpan, find_progressions
from riffscope.views.beat_track import BeatTrack
from songs import example_song, with_outcomes

AXIS = "F#m D A E"


def harmonised(probability=0.9, *, title="Closet Heartbeat", **functions):
    """The example song with a round of chords for each of its functions, a bar to a chord: ``verse="C G Am F"``.

    A section without a round of its own has no chord.
    """
    song = example_song(title=title)
    sections = song[SectionProfile].sections
    spelling = song.spelling
    spans, starts_s = [], []
    for section in sections:
        names = functions.get(section.function.replace("-", "_"), "N").split()
        bars = max(len(names), round((section.end_s - section.start_s) / 2))
        edges_s = np.linspace(section.start_s, section.end_s, bars + 1)
        starts_s.extend(edges_s[:-1].tolist())
        for bar in range(bars):
            name = read_chord(names[bar % len(names)])
            label = "N" if name is None else name.harte(spelling)
            spans.append(
                ChordSpan(
                    start_s=float(edges_s[bar]), end_s=float(edges_s[bar + 1]), label=label, probability=probability
                )
            )
    edges_s = np.array([*starts_s, sections[-1].end_s])
    beats_s = np.interp(np.arange(4 * len(edges_s) - 3) / 4, np.arange(len(edges_s)), edges_s)
    track = BeatTrack(
        times_s=beats_s,
        downbeat_index=np.arange(0, len(beats_s), 4),
        beats_per_bar=4,
        levels=(),
        confidence_fraction=1.0,
    )
    structure = Structure(
        sections=tuple(
            Section(start_s=one.start_s, end_s=one.end_s, label=one.function, function=one.function) for one in sections
        )
    )
    chords = Chords(
        spans=tuple(spans),
        progressions=find_progressions(spans, track, structure, None, song[Key]),
        different_chords=count_chords(spans),
    )
    return with_outcomes(song, {"chords": Measured(value=chords, version=1, seconds=0.1)})


def without_chords(reason="no pitched sound was found"):
    """The example song, in which no chord sounds."""
    return with_outcomes(example_song(), {"chords": missing("chords", reason)})
