"""MIDI: the sung melody and the chords as notes, on a tempo map that goes with the recording."""

import itertools
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from riffscope.analyzers.beats import Beats
from riffscope.analyzers.chords import Chords
from riffscope.analyzers.key import Key
from riffscope.analyzers.structure import Structure
from riffscope.analyzers.tempo import Tempo
from riffscope.analyzers.vocal_notes import VocalNote
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.arrays import Floats, Ints
from riffscope.chord_names import ChordName, written
from riffscope.errors import Absence, CannotMeasure, one_line
from riffscope.export.midi_file import QUARTER, SHORTEST_TICKS, SIXTEENTH, encode, provenance, time_signature
from riffscope.export.riff_midi import riff_midi
from riffscope.export.song_files import write_song_files
from riffscope.model import Measured, Missing
from riffscope.notes import Spelling
from riffscope.song import SongAnalysis, why_missing
from riffscope.steps import export
from riffscope.versions.melody import sung_melody
from riffscope.words import joined

if TYPE_CHECKING:
    from mido import Message, MetaMessage

# The tempo that sequencers start with; chosen.
WITHOUT_BEATS_BPM = 120.0
# One tempo holds while the beats keep this close to it. They are placed within some 5 ms themselves, and a change at
# every beat that follows nothing but this is hard to edit.
STEADY_S = 0.008
# A first beat this near to the start of the file begins it.
AT_ONCE_S = 0.01
# The file opens with the tempo of its first steady stretch, where that lasts so many beats. It lies within .2 % then.
STEADY_BEATS = 16
# Else with the song's tempo, if the median of so many first beats is within this part of it: no other tempo is meant.
FIRST_BEATS = 8
SAME_TEMPO = 0.06
# What comes before the first beat may be so much longer or shorter, as a part of itself or of a beat. With an eighth,
# sixteenths always fit from a beat on.
FITS = 1 / 8
# A tempo this near to another is written as the same.
NO_CHANGE = 0.002
# Offbeats from here on are swung: half way between the straight .50 and the triplet's .667.
SWUNG_FROM = 0.583
# How much better than the usual grid the other must fit. With a dozen notes, chance makes .2 of difference.
CLEARLY_BETTER = 0.2
# Half steps of the grid are for notes that would otherwise fall together. One costs as much as a shift by two of them,
# and the nearest whole step is never farther than one.
HALF_STEP_COST = 4.0
# A pause that is shorter than this part of a grid step is no rest.
LEGATO = 0.6

# Programs, the drum channel and its notes, counted from 0 (General MIDI 1).
VOICE_OOHS = 53
PERCUSSION = 9
HIGH_WOODBLOCK = 76
LOW_WOODBLOCK = 77
# A click is a sixteenth of a quarter; how hard notes are struck, for no loudness was measured. Both chosen.
CLICK_TICKS = 30
VELOCITY = 90
# Chords are accompaniment: softer than the melody, on a channel and an instrument of their own. Chosen.
CHORD_CHANNEL = 1
CHORD_PROGRAM = 0  # acoustic grand piano
CHORD_VELOCITY = 60
# The lowest that a chord's bass lies: C2. Its other notes lie within the octave from G3 on, so that each moves little
# from chord to chord and the melody has room above.
LOWEST_BASS = 36
LOWEST_CHORD_NOTE = 55
# What synthesisers bend by unless told otherwise.
BEND_SEMITONES = 2
# 2 cents on that scale of 8192: smaller steps are not heard.
BEND_STEP = 82


class WithoutMelody(UserWarning):
    """A MIDI file has no melody, for nobody sings; its message is one line for people."""


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """Seconds of the recording against ticks of the file.

    Attributes
    ----------
    times_s, ticks : arrays, shape (n,)
        Where they are tied together, from the start of the file on: at the beats where the tempo changes.
    lead_ticks : int
        Where the first beat is.
    beat_ticks : int
        From beat to beat: a quarter, or in 6/8 three eighths.
    """

    times_s: Floats
    ticks: Ints
    lead_ticks: int
    beat_ticks: int

    def at(self, time_s: float | Floats) -> Floats:
        """Return the place of moments in ticks; after the last beat its tempo goes on."""
        slope = (self.ticks[-1] - self.ticks[-2]) / (self.times_s[-1] - self.times_s[-2])
        beyond = np.maximum(np.asarray(time_s) - self.times_s[-1], 0) * slope
        return np.asarray(np.interp(time_s, self.times_s, self.ticks) + beyond, dtype=np.float64)

    def near_half_beat(self, time_s: float) -> int:
        """Return the half beat that is nearest to a moment; none lies before the file."""
        half = self.beat_ticks // 2
        return max(0, self.lead_ticks + round((float(self.at(time_s)) - self.lead_ticks) / half) * half)

    def near_beat(self, time_s: float) -> int:
        """Return the place of a moment, that of a beat where it is as near to it as beats are to their tempo."""
        ticks = float(self.at(time_s))
        beat = self.lead_ticks + round((ticks - self.lead_ticks) / self.beat_ticks) * self.beat_ticks
        off_s = abs(float(np.interp(beat, self.ticks, self.times_s)) - time_s)
        return beat if beat >= 0 and off_s <= STEADY_S else round(ticks)


@export
def midi(song: SongAnalysis, *, folder: Path) -> list[Path]:
    """Write ``NAME.mid``, the score, and ``NAME.as-sung.mid``, the performance.

    Both begin with the recording and keep with it: their tempo follows its beats. The score has the melody on the grid
    of sixteenths or triplets that it fits, the chords, the meter, the key, and the sections as markers; without a
    melody, the beats. The chords are a track of their own: block chords, each with its name as a text, so that the
    markers are the sections' alone. The performance has the notes when they were sung, with their glides and vibrato
    as pitch bend, and the beats. Where no beats were found there is only the performance, at 120 BPM.

    Raises
    ------
    CannotMeasure
        There is neither a melody nor a beat.
    """
    beats = song.get(Beats)
    if beats is not None and beats.times_s.size < 2:
        beats = None
    notes = sung_melody(song)
    if beats is None and not notes:
        reasons = (
            f"{name.replace('_', ' ')}: {why_missing(song.outcomes.get(name))}" for name in ("vocal_pitch", "beats")
        )
        raise CannotMeasure(Absence.EMPTY, f"there is neither melody nor beat to write ({'; '.join(reasons)})")
    timeline = _without_beats() if beats is None else _along(beats, song.get(Tempo))
    conductor = [*_conductor(song, timeline, beats)]
    clicks = [] if beats is None else [*_clicks(beats, timeline)]
    files = {}
    if beats is not None:
        swing = tempo.swing_fraction if (tempo := song.get(Tempo)) else None
        score = {"Melody": [*_score(notes, timeline, swing)]} if notes else {"Beats": clicks}
        if chords := song.get(Chords):
            score["Chords"] = [*_chords(chords, beats, timeline, song.spelling)]
        files["mid"] = encode(conductor, score)
    if notes:
        performance = {"Voice": [*_performance(notes, song[VocalPitch], timeline)]} | (
            {"Beats": clicks} if beats else {}
        )
        files["as-sung.mid"] = encode(conductor, performance)
    if riff := riff_midi(song):
        files["riff.mid"] = riff
    if not notes:
        held = ["the beats", *(["the chords"] if song.get(Chords) else []), *(["the riff"] if riff else [])]
        warnings.warn(
            f"{song.source.name}: {_no_melody(song)}, so the MIDI holds only {joined(held)}", WithoutMelody, 2
        )
    return write_song_files(song.source, folder, files)


def _no_melody(song: SongAnalysis) -> str:
    match song.outcomes.get("vocal_pitch"):
        case Missing(code=Absence.NO_VOICE) | Measured():
            return "nobody sings"
        case outcome:
            return f"no melody was found ({why_missing(outcome)})"


# ------------------------------------------------------------------------------------------------------ tempo and bars
def _without_beats() -> Timeline:
    ticks_per_s = QUARTER * WITHOUT_BEATS_BPM / 60
    return Timeline(
        times_s=np.array([0.0, 1.0]), ticks=np.array([0, round(ticks_per_s)]), lead_ticks=0, beat_ticks=QUARTER
    )


def _along(beats: Beats, tempo: Tempo | None) -> Timeline:
    """Tie beats to their ticks, so that the file opens with the song's tempo and each beat is on time.

    What comes before the first beat is written as whole beats, or in the longest of shorter steps that fits it well.
    That seldom lasts as long as it does, so another tempo makes up for the difference, just before the first beat.
    """
    times_s, beat_ticks = beats.times_s, QUARTER * 3 // 2 if _compound(beats) else QUARTER
    ticks = beat_ticks * beats.numbers
    tick_s = _opening_tick_s(times_s, ticks, beat_ticks, tempo)
    if times_s[0] <= AT_ONCE_S:
        lead, times_s = 0, np.concatenate([[0.0], times_s[1:]])
    else:
        lead = _lead_ticks(float(times_s[0]) / tick_s, beat_ticks)
        times_s, ticks = np.concatenate([[0.0], times_s]), np.concatenate([[0], lead + ticks])
    turns = _turns(times_s, ticks)
    if not _same(float((times_s[turns[1]] - times_s[0]) / (ticks[turns[1]] - ticks[0])), tick_s):
        held = _held_ticks(float(times_s[1]), int(ticks[1]), tick_s, beat_ticks)
        turns = [0, 1, *(2 + turn for turn in _turns(times_s[1:], ticks[1:]))]
        times_s, ticks = np.insert(times_s, 1, held * tick_s), np.insert(ticks, 1, held)
    return Timeline(times_s=times_s[turns], ticks=ticks[turns], lead_ticks=lead, beat_ticks=beat_ticks)


def _lead_ticks(exact: float, beat_ticks: int) -> int:
    """Return how many ticks stand for what comes before the first beat, which would be so many at the song's tempo."""
    lead = SHORTEST_TICKS
    for step in (beat_ticks, beat_ticks // 2, SIXTEENTH, 2 * SHORTEST_TICKS, SHORTEST_TICKS):
        lead = max(1, round(exact / step)) * step
        if abs(lead - exact) <= FITS * min(exact, beat_ticks):
            break
    return lead


def _opening_tick_s(times_s: Floats, ticks: Ints, beat_ticks: int, tempo: Tempo | None) -> float:
    """Return how long a tick lasts in the tempo that the file opens with."""
    end = _turns(times_s, ticks)[1]
    if end >= STEADY_BEATS:
        return float((times_s[end] - times_s[0]) / (ticks[end] - ticks[0]))
    first = slice(0, FIRST_BEATS + 1)
    tick_s = float(np.median(np.diff(times_s[first]) / np.diff(ticks[first])))
    usual_s = tick_s if tempo is None else 60 / tempo.bpm.value / beat_ticks
    return usual_s if abs(usual_s / tick_s - 1) <= SAME_TEMPO else tick_s


def _held_ticks(first_s: float, first_ticks: int, tick_s: float, beat_ticks: int) -> int:
    """Choose how long the opening tempo is held before the first tie: up to a beat before it, or half way to it."""
    if first_ticks >= 2 * beat_ticks:
        return first_ticks - beat_ticks
    return max(1, int(min(first_ticks, first_s / tick_s) / 2))


def _same(tick_s: float, other_s: float) -> bool:
    return abs(tick_s / other_s - 1) <= NO_CHANGE


def _turns(times_s: Floats, ticks: Ints) -> list[int]:
    """Choose between which moments one tempo holds: as few as will do, the first and the last among them."""
    turns, last = [0], len(ticks) - 1
    while turns[-1] < last:
        first = turns[-1]
        end = first + 1
        while end < last and _steady(times_s[first : end + 2], ticks[first : end + 2]):
            end += 1
        turns.append(end)
    return turns


def _steady(times_s: Floats, ticks: Ints) -> bool:
    """Tell whether moments keep to one tempo, that from the first to the last."""
    straight_s = np.interp(ticks, ticks[[0, -1]], times_s[[0, -1]])
    return bool(np.abs(times_s - straight_s).max() <= STEADY_S)


def _compound(beats: Beats) -> bool:
    """Tell whether beats divide into three: bars of two are 6/8."""
    return beats.beats_per_bar == 2


def _conductor(song: SongAnalysis, timeline: Timeline, beats: Beats | None) -> Iterator[tuple[int, "MetaMessage"]]:
    from mido import MetaMessage

    yield 0, MetaMessage("track_name", name=one_line(song.source.title))
    yield 0, provenance(song.source)
    for tick, microseconds in _tempi(timeline):
        yield tick, MetaMessage("set_tempo", tempo=microseconds)
    if beats is not None:
        for tick, numerator, denominator in _meters(timeline, beats):
            click = 36 if _compound(beats) else 24
            meter = MetaMessage("time_signature", numerator=numerator, denominator=denominator, clocks_per_click=click)
            yield tick, meter
    if key := song.get(Key):
        parts = [(part.start_s, part.tonic, part.mode) for part in key.parts] or [(0.0, key.tonic, key.mode)]
        for i, (start_s, tonic, mode) in enumerate(parts):
            tick = timeline.near_beat(start_s) if i else 0
            yield tick, MetaMessage("key_signature", key=tonic + ("m" if mode == "minor" else ""))
    if structure := song.get(Structure):
        for section in structure.sections:
            yield timeline.near_beat(section.start_s), MetaMessage("marker", text=one_line(section.name))
    yield round(float(timeline.at(song.source.duration_s))), MetaMessage("end_of_track")


def _tempi(timeline: Timeline) -> Iterator[tuple[int, int]]:
    """Yield each change of tempo: its tick, and the microseconds to a quarter. Rounding does not add up."""
    played_s = 0.0
    for (tick, following), end_s in zip(
        itertools.pairwise(timeline.ticks.tolist()), timeline.times_s[1:].tolist(), strict=True
    ):
        quarters = (following - tick) / QUARTER
        microseconds = round((end_s - played_s) * 1e6 / quarters)
        yield tick, microseconds
        played_s += microseconds * quarters / 1e6


def _meters(timeline: Timeline, beats: Beats) -> Iterator[tuple[int, int, int]]:
    """Yield each change of meter: its tick, numerator, denominator. What comes before the first bar is a bar, too."""
    usual = beats.counted_per_bar
    downbeats = beats.numbers[beats.downbeat_index].tolist() or [0]
    pickup = (timeline.lead_ticks + downbeats[0] * timeline.beat_ticks) % (usual * timeline.beat_ticks)
    bars = [(0, pickup)] if pickup else []
    bars.append((pickup, usual * timeline.beat_ticks))
    for downbeat, following in itertools.pairwise(downbeats):
        count = following - downbeat
        count = usual if count % usual == 0 else count
        bars.append((timeline.lead_ticks + downbeat * timeline.beat_ticks, count * timeline.beat_ticks))
    bars.append((timeline.lead_ticks + downbeats[-1] * timeline.beat_ticks, usual * timeline.beat_ticks))
    length = 0
    for tick, ticks in bars:
        if ticks != length:
            yield tick, *time_signature(ticks, compound=_compound(beats))
        length = ticks


def _clicks(beats: Beats, timeline: Timeline) -> Iterator[tuple[int, "Message"]]:
    from mido import Message

    downbeats = set(beats.downbeat_index.tolist())
    for i, number in enumerate(beats.numbers.tolist()):
        tick = timeline.lead_ticks + number * timeline.beat_ticks
        note = HIGH_WOODBLOCK if i in downbeats else LOW_WOODBLOCK
        yield tick, Message("note_on", channel=PERCUSSION, note=note, velocity=VELOCITY)
        yield tick + CLICK_TICKS, Message("note_off", channel=PERCUSSION, note=note)


def _chords(chords: Chords, beats: Beats, timeline: Timeline, spelling: Spelling) -> Iterator[tuple[int, "Message"]]:
    """Play each chord from its half beat on, and anew in each bar through which it lasts; its name is a text."""
    from mido import Message, MetaMessage

    yield 0, Message("program_change", channel=CHORD_CHANNEL, program=CHORD_PROGRAM)
    bars = [timeline.lead_ticks + n * timeline.beat_ticks for n in beats.numbers[beats.downbeat_index].tolist()]
    for span in chords.spans:
        start, end = timeline.near_half_beat(span.start_s), timeline.near_half_beat(span.end_s)
        if start >= end:
            continue
        yield start, MetaMessage("text", text=written(span.label, spelling))
        name = ChordName.parse(span.label)
        if name is None:
            continue
        struck = [start, *(tick for tick in bars if start < tick < end), end]
        for tick, following in itertools.pairwise(struck):
            for note in chord_notes(name):
                yield tick, Message("note_on", channel=CHORD_CHANNEL, note=note, velocity=CHORD_VELOCITY)
                yield following, Message("note_off", channel=CHORD_CHANNEL, note=note)


def chord_notes(name: ChordName) -> list[int]:
    """Return the notes that a chord is played with: its bass, and above it each of its notes once.

    Examples
    --------
    >>> chord_notes(ChordName(root=0, quality="maj"))  # C2, then G3 C4 E4
    [36, 55, 60, 64]
    """
    bass = LOWEST_BASS + (name.root + name.bass) % 12
    chord = sorted(LOWEST_CHORD_NOTE + (pitch_class - LOWEST_CHORD_NOTE) % 12 for pitch_class in name.pitch_classes)
    return [bass, *chord]


# -------------------------------------------------------------------------------------------------------------- notes
def _score(notes: Sequence[VocalNote], timeline: Timeline, swing: float | None) -> Iterator[tuple[int, "Message"]]:
    from mido import Message

    yield 0, Message("program_change", program=VOICE_OOHS)
    starts = timeline.at(np.array([note.start_s for note in notes])) - timeline.lead_ticks
    ends = timeline.at(np.array([note.end_s for note in notes])) - timeline.lead_ticks
    division = grid_division(starts / timeline.beat_ticks, swing, compound=timeline.beat_ticks != QUARTER)
    half_step = timeline.beat_ticks // (2 * division)
    earliest = -(timeline.lead_ticks // half_step)
    for i, start, end in quantise(starts / half_step, ends / half_step, earliest=earliest):
        for tick, kind in ((start, "note_on"), (end, "note_off")):
            message = Message(kind, note=notes[i].midi, velocity=VELOCITY)
            yield timeline.lead_ticks + tick * half_step, message


def grid_division(onsets_beats: Floats, swing: float | None, *, compound: bool) -> int:
    """Choose into how many steps each beat of the grid divides: 4, 3 for triplets, 6 in 6/8.

    Onsets (n,), in beats, on a grid of d steps all have the same phase at d cycles to the beat; the mean of its cosine
    is 1 there, and 0 on the other grid. Swing decides unless they fit the other one clearly better.
    """
    if compound:
        return 6
    straight, triplets = (float(np.cos(2 * np.pi * d * onsets_beats).mean()) for d in (4, 3))
    swung = swing is not None and swing >= SWUNG_FROM
    return 3 if triplets - straight > (-CLEARLY_BETTER if swung else CLEARLY_BETTER) else 4


def quantise(starts: Floats, ends: Floats, *, earliest: int = 0) -> list[tuple[int, int, int]]:
    """Put notes onto a grid, in their order, each at a place of its own and none on top of the next.

    The whole row is placed at once, by dynamic programming, so that the sum of squared shifts is least. Places between
    two steps are taken only by notes that would otherwise fall together; where notes share even the nearest of those,
    the longest stays.

    Parameters
    ----------
    starts, ends : arrays, shape (n,)
        In half steps of the grid.
    earliest : int
        The first place that there is.

    Returns
    -------
    list of (int, int, int)
        Which note, its start and its end, in half steps.
    """
    longest: dict[int, int] = {}
    for i, place in enumerate(np.maximum(np.rint(starts).astype(int), earliest).tolist()):
        other = longest.get(place, i)
        longest[place] = max(other, i, key=lambda j: ends[j] - starts[j])
    kept = sorted(longest.values())
    choices = [_places(float(starts[i]), earliest) for i in kept]
    best: list[dict[int, tuple[float, int]]] = []  # for each note: place -> (cost so far, place of the note before)
    for i, places in zip(kept, choices, strict=True):
        reached = {}
        for place in places:
            cost = (place - starts[i]) ** 2 + HALF_STEP_COST * (place % 2)
            before = [(past, p) for p, (past, _) in best[-1].items() if p < place] if best else [(0.0, earliest - 1)]
            if before:
                past, p = min(before)
                reached[place] = (past + cost, p)
        best.append(reached)
    placed = [min(best[-1], key=lambda p: best[-1][p])] if best else []
    for reached in reversed(best[1:]):
        placed.append(reached[placed[-1]][1])
    placed.reverse()
    row = []
    for k, (i, start) in enumerate(zip(kept, placed, strict=True)):
        end = max(2 * round(float(ends[i]) / 2), start + 2 - start % 2)
        if k + 1 < len(kept):
            following = placed[k + 1]
            joined = starts[kept[k + 1]] - ends[i] < 2 * LEGATO
            end = following if joined else min(end, following)
        row.append((i, start, end))
    return row


def _places(start: float, earliest: int) -> list[int]:
    """Return where a note may go: the nearest place, those beside it, and the nearest whole steps."""
    nearest = max(round(start), earliest)
    whole = 2 * round(start / 2)
    return sorted({place for place in (nearest - 1, nearest, nearest + 1, whole) if place >= earliest})


def _performance(notes: Sequence[VocalNote], pitch: VocalPitch, timeline: Timeline) -> Iterator[tuple[int, "Message"]]:
    from mido import Message

    yield 0, Message("program_change", program=VOICE_OOHS)
    for control, number in ((101, 0), (100, 0), (6, BEND_SEMITONES), (38, 0)):  # registered parameter 0: bend range
        yield 0, Message("control_change", control=control, value=number)
    ticks = np.rint(timeline.at(pitch.times_s)).astype(int)
    contour = pitch.midi
    for note in notes:
        first, last = np.searchsorted(pitch.times_s, [note.start_s - 1e-6, note.end_s - 1e-6]).tolist()
        bends = np.clip(np.rint((contour[first:last] - note.midi) / BEND_SEMITONES * 8192), -8192, 8191)
        sung = np.flatnonzero(np.isfinite(bends)).tolist()
        bent = int(bends[sung[0]])
        yield int(ticks[first]), Message("pitchwheel", pitch=bent)
        yield int(ticks[first]), Message("note_on", note=note.midi, velocity=VELOCITY)
        for i in sung:
            if abs(bends[i] - bent) >= BEND_STEP:
                bent = int(bends[i])
                yield int(ticks[first + i]), Message("pitchwheel", pitch=bent)
        yield round(float(timeline.at(note.end_s))), Message("note_off", note=note.midi, velocity=VELOCITY)
