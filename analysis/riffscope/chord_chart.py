"""The chords of a song as a chord chart has them: by section, bar by bar, each chord at its beat.

Conventions
-----------
Bars are numbered from 1 at the first bar line; what comes before it is a pick-up, with the number 0. Beats are counted
from 1 within a bar, in halves; a pick-up counts up to the bar that it leads into. Where nothing marks a bar, beats are
counted in fours. Times are seconds from the start of the file.

With a capo at fret N a guitar sounds N semitones higher than the shapes that are played on it, so the shapes are the
chords N semitones down.
"""

import dataclasses
import itertools

import numpy as np

from riffscope import words
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.chords import Chords
from riffscope.analyzers.key import Key
from riffscope.analyzers.structure import Structure
from riffscope.arrays import Floats, Ints
from riffscope.chord_names import HIGHEST_CAPO, NO_CHORD, ChordName, printed
from riffscope.dsp.tonality.chord_features import STEPS_PER_BEAT, half_beats
from riffscope.errors import Absence, NotMeasured
from riffscope.model import value
from riffscope.notes import Spelling, music_type, transposed_tonic
from riffscope.progressions import RIFF, ChordSpan, Progression
from riffscope.song import SongAnalysis

# A chord with less than this probability is likelier wrong than right, and is marked.
UNSURE_BELOW = 0.5
# Quarters are hardly ever written as fast as 200 to the minute: bars of five or seven such beats are of eighths.
EIGHTHS_FROM_BPM = 200.0


@value
class ChartedChord:
    """A chord within one bar; one that is held over the bar line is there again in the next.

    Attributes
    ----------
    beat : float
        Where in the bar it begins: 1, 1.5, 2 ...
    beats : float
        How long it lasts in this bar.
    start_s : float
        When it begins in this bar.
    label : str
        In Harte's notation.
    probability : float
        0..1.
    """

    beat: float
    beats: float
    start_s: float
    label: str
    probability: float

    @property
    def unsure(self) -> bool:
        """Whether it is likelier wrong than right."""
        return self.probability < UNSURE_BELOW


@value
class ChartedBar:
    """A bar and its chords.

    Attributes
    ----------
    number : int
        From 1; 0 for a pick-up.
    beats : int
        How many it has.
    meter : str
        ``3/4``.
    """

    number: int
    start_s: float
    end_s: float
    beats: int
    meter: str
    chords: tuple[ChartedChord, ...]


@value
class ChartedSection:
    """A section of the song and its bars.

    Attributes
    ----------
    name : str
        Numbered where there are several of a kind; empty where no sections were found.
    progression : Progression or None
        The round that it goes in.
    """

    name: str
    bars: tuple[ChartedBar, ...]
    progression: Progression | None = None

    @property
    def start_s(self) -> float:
        """When its first bar begins."""
        return self.bars[0].start_s


@value
class ChordChart:
    """The chords of a song as they are played, with a capo or without.

    Attributes
    ----------
    spelling : Spelling
        How the chords are spelled.
    sounding_key, played_key : str
        As in ``C♯ minor``: the same without a capo, empty where no key was found.
    capo : int
        The fret that it is put on; 0 where there is none.
    has_bars : bool
        Whether bar lines were found; else beats are counted in fours.
    """

    sections: tuple[ChartedSection, ...]
    spelling: Spelling
    sounding_key: str
    played_key: str
    capo: int = 0
    has_bars: bool = True

    @property
    def bars(self) -> tuple[ChartedBar, ...]:
        """All bars in their order."""
        return tuple(bar for section in self.sections for bar in section.bars)

    @property
    def meter(self) -> str:
        """That of most bars."""
        meters = [bar.meter for bar in self.bars if bar.number] or [bar.meter for bar in self.bars]
        return max(dict.fromkeys(meters), key=meters.count)

    @property
    def commonest(self) -> tuple[str, ...]:
        """Its labels, those that sound for the most beats first, no chord left out."""
        beats: dict[str, float] = {}
        for bar in self.bars:
            for chord in bar.chords:
                beats[chord.label] = beats.get(chord.label, 0.0) + chord.beats
        return tuple(sorted(beats.keys() - {NO_CHORD}, key=lambda label: (-beats[label], label)))

    def print(self, label: str) -> str:
        """Write a label as musicians do, in musical type."""
        return printed(label, self.spelling)


def chord_chart(song: SongAnalysis, *, capo: int = 0) -> ChordChart:
    """Lay the chords of a song out in bars.

    Parameters
    ----------
    capo : int
        The fret of a capo, 0..11: the chart has the shapes that are played with it.

    Raises
    ------
    NotMeasured
        It has no chords, or no beats to set them on.
    ValueError
        There is no such fret.
    """
    if not 0 <= capo <= HIGHEST_CAPO:
        raise ValueError(f"a capo is put on one of the frets up to {HIGHEST_CAPO}, not on {capo}")
    chords, beats, key = song[Chords], song[Beats], song.get(Key)
    if not chords.spans or beats.times_s.size < 2:
        raise NotMeasured("chords", Absence.EMPTY, "no chords were found")
    sounding, spelling = "", song.spelling
    played = sounding
    if key is not None:
        sounding = music_type(f"{key.tonic} {key.mode}")
        played = sounding
        if capo:
            tonic = transposed_tonic(key.tonic, key.mode, -capo)
            played, spelling = music_type(f"{tonic} {key.mode}"), Spelling.of_key(tonic, key.mode)
    bars = _bars(beats, [_played(span, capo, spelling) for span in chords.spans])
    return ChordChart(
        sections=_in_sections(bars, song.get(Structure), chords.progressions, capo, spelling),
        spelling=spelling,
        sounding_key=sounding,
        played_key=played,
        capo=capo,
        has_bars=bool(beats.downbeat_index.size),
    )


def transposed_label(label: str, semitones: int, spelling: Spelling) -> str:
    """Return a chord's label moved up by so many semitones."""
    name = ChordName.parse(label)
    return label if name is None else name.transposed(semitones).harte(spelling)


def bars_and_beats(beats: Beats, times_s: Floats) -> list[tuple[int, float]]:
    """Return the bar in which each moment lies, and its place there to half a beat: bar 3, beat 2.5."""
    starts = _bar_starts(beats)
    numbers = _bar_numbers(beats, starts)
    found = []
    for step in np.atleast_1d(_steps(beats, times_s)).tolist():
        bar = max(0, int(np.searchsorted(starts * STEPS_PER_BEAT, step, side="right")) - 1)
        beat = (step - starts[bar] * STEPS_PER_BEAT) / STEPS_PER_BEAT + _first_beat(beats, starts, bar)
        found.append((int(numbers[bar]), float(beat)))
    return found


# --------------------------------------------------------------------------------------------------------------- bars
def _edges_s(beats: Beats) -> Floats:
    """Return when beats begin and the last one ends: (n + 1,)."""
    times_s = beats.times_s
    return np.append(times_s, 2 * times_s[-1] - times_s[-2])


def _steps(beats: Beats, times_s: Floats) -> Ints:
    """Return the half beats that are nearest to moments, counted from the first beat."""
    edges_s = _edges_s(beats)
    place = np.interp(times_s, edges_s, np.arange(edges_s.size))
    return np.rint(place * STEPS_PER_BEAT).astype(np.int64)


def _bar_starts(beats: Beats) -> Ints:
    """Return the beats with which bars begin, those of a pick-up too; fours where nothing marks a bar."""
    size, count = beats.counted_per_bar, beats.times_s.size
    if not beats.downbeat_index.size:
        return np.arange(0, count, size)
    first = int(beats.downbeat_index[0])
    before = [0] if first % size else []
    return np.array([*before, *range(first % size, first, size), *beats.downbeat_index.tolist()], np.int64)


def _bar_numbers(beats: Beats, starts: Ints) -> Ints:
    first = int(beats.downbeat_index[0]) if beats.downbeat_index.size else 0
    return np.cumsum(starts >= first).astype(np.int64)


def _first_beat(beats: Beats, starts: Ints, bar: int) -> int:
    """Return the place in its bar with which a bar begins: 1, or more where it is a pick-up that is not whole."""
    if bar or not beats.downbeat_index.size or starts[0] == beats.downbeat_index[0]:
        return 1
    return beats.counted_per_bar - int(starts[1] - starts[0]) + 1


def _bars(beats: Beats, spans: list[ChordSpan]) -> tuple[ChartedBar, ...]:
    edges_s, starts = _edges_s(beats), _bar_starts(beats)
    numbers = _bar_numbers(beats, starts)
    edges = np.append(starts, beats.times_s.size)
    begins = _steps(beats, np.array([span.start_s for span in spans]))
    ends = _steps(beats, np.array([span.end_s for span in spans]))
    half_edges_s = half_beats(beats.times_s)
    bpm = 60 / float(np.median(np.diff(beats.times_s)))
    bars = []
    for i, (first, end) in enumerate(itertools.pairwise(edges.tolist())):
        low, high = first * STEPS_PER_BEAT, end * STEPS_PER_BEAT
        first_beat = _first_beat(beats, starts, i)
        chords: list[ChartedChord] = []
        for j in np.flatnonzero((begins < high) & (ends > low) & (begins < ends)).tolist():
            begin, until = max(int(begins[j]), low), min(int(ends[j]), high)
            chords.append(
                ChartedChord(
                    beat=(begin - low) / STEPS_PER_BEAT + first_beat,
                    beats=(until - begin) / STEPS_PER_BEAT,
                    start_s=float(half_edges_s[begin]),
                    label=spans[j].label,
                    probability=spans[j].probability,
                )
            )
        # A song often ends with the first beat of its last bar, which is a whole one all the same.
        size = end - first if i + 1 < len(starts) else max(end - first, beats.counted_per_bar)
        bars.append(
            ChartedBar(
                number=int(numbers[i]),
                start_s=float(edges_s[first]),
                end_s=float(edges_s[end]),
                beats=size,
                meter=meter_in_words(size, bpm, compound=beats.beats_per_bar == 2),
                chords=_joined(chords),
            )
        )
    return tuple(bars)


def _joined(chords: list[ChartedChord]) -> tuple[ChartedChord, ...]:
    """Join neighbours of one name, as sure as the surer of them."""
    out: list[ChartedChord] = []
    for chord in chords:
        if out and out[-1].label == chord.label:
            last = out[-1]
            sure = max(last.probability, chord.probability)
            out[-1] = dataclasses.replace(last, beats=last.beats + chord.beats, probability=sure)
        else:
            out.append(chord)
    return tuple(out)


def meter_in_words(beats: int, bpm: float, *, compound: bool) -> str:
    """Write the meter of a bar: ``3/4``; ``6/8`` where beats divide into three, which is where most bars have two."""
    if compound:
        return f"{3 * beats}/8"
    return f"{beats}/{8 if beats in {5, 7} and bpm >= EIGHTHS_FROM_BPM else 4}"


# ----------------------------------------------------------------------------------------------------------- sections
def _in_sections(
    bars: tuple[ChartedBar, ...],
    structure: Structure | None,
    progressions: tuple[Progression, ...],
    capo: int,
    spelling: Spelling,
) -> tuple[ChartedSection, ...]:
    """Give each bar to the section in which its middle lies."""
    sections = () if structure is None else structure.sections
    if not sections:
        return (ChartedSection(name="", bars=bars),)
    names = words.numbered([section.function or section.label for section in sections])
    starts_s = np.array([section.start_s for section in sections])
    middles_s = np.array([(bar.start_s + bar.end_s) / 2 for bar in bars])
    place = np.maximum(np.searchsorted(starts_s, middles_s, side="right") - 1, 0).tolist()
    out = []
    for i, members in itertools.groupby(range(len(bars)), key=place.__getitem__):
        within = tuple(bars[j] for j in members)
        round_ = _round_of(within, progressions)
        if round_ is not None and capo:
            labels = tuple(transposed_label(label, -capo, spelling) for label in round_.labels)
            round_ = dataclasses.replace(round_, labels=labels)
        out.append(ChartedSection(name=names[i], bars=within, progression=round_))
    return tuple(out)


def _round_of(bars: tuple[ChartedBar, ...], progressions: tuple[Progression, ...]) -> Progression | None:
    """Return the round that sounds through most of some bars, that of a section before that of the riff."""
    start_s, end_s = bars[0].start_s, bars[-1].end_s

    def shared_s(one: Progression) -> float:
        return min(end_s, one.end_s) - max(start_s, one.start_s)

    inside = [one for one in progressions if one.section != RIFF and shared_s(one) > (end_s - start_s) / 2]
    return max(inside, key=shared_s, default=None)


def _played(span: ChordSpan, capo: int, spelling: Spelling) -> ChordSpan:
    if not capo:
        return span
    return dataclasses.replace(span, label=transposed_label(span.label, -capo, spelling))
