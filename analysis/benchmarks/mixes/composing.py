"""From what kind of song it is to what the band plays, with a record of what was written where."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.arrays import Floats
from benchmarks.mixes import drums
from benchmarks.mixes.music import Key
from benchmarks.mixes.riffs import Riff, draw_fresh_roots, write_bar, write_riff
from benchmarks.mixes.score import Channel, Instrument, Score
from benchmarks.mixes.spec import Band, Content, Section, Spec
from benchmarks.mixes.timing import Clock, beat_times

ROUND_BARS = 4
TRIAD = (0, 2, 4)
FIFTH_ST, OCTAVE_ST = 7, 12
BASS_BASE, RIFF_CHORD_BASE, PAD_BASE, COMP_BASE = 24, 36, 48, 60
DROPPED, DROPPED_WHEN_VARIED, CHANGED_WHEN_VARIED = 0.02, 0.16, 0.15


@dataclass(frozen=True, kw_only=True)
class Pass:
    """One time that the riff is played."""

    start_s: float
    end_s: float
    varied: bool


@dataclass(frozen=True, kw_only=True)
class Loop:
    """A stretch in which something other than the riff comes round."""

    start_s: float
    end_s: float
    period_bars: int
    period_s: float
    kind: str


@dataclass(frozen=True, kw_only=True)
class Chord:
    """The chord of a bar; struck: pads or comping play it, else riff and bass imply it."""

    start_s: float
    end_s: float
    label: str
    struck: bool


@dataclass(frozen=True, kw_only=True)
class RiffNote:
    """A note of the riff as it would be written down."""

    beat: float
    beats: float
    midi: int


@dataclass(kw_only=True)
class Written:
    """What was written where, in seconds of the music.

    Attributes
    ----------
    riff : Riff or None
    riff_notes : list of RiffNote
        One pass of the riff; empty where there is none.
    riff_spans, vamp_spans : list of [start_s, end_s]
    roots : list of int or None
        The degree that each bar's chord is built on; None: drums alone.
    bars_s : list of (start_s, end_s)
        Of each section.
    """

    riff: Riff | None = None
    riff_notes: list[RiffNote] = field(default_factory=list)
    riff_spans: list[list[float]] = field(default_factory=list)
    vamp_spans: list[list[float]] = field(default_factory=list)
    passes: list[Pass] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)
    roots: list[int | None] = field(default_factory=list)
    chords: list[Chord] = field(default_factory=list)
    sections_s: list[tuple[float, float]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A song as written: the score, its clock, who plays, and what was written where."""

    score: Score
    clock: Clock
    instruments: dict[Channel, Instrument]
    written: Written


@dataclass(frozen=True, kw_only=True)
class Place:
    """A bar: its first beat, its number within the riff or round, and how many bars of the same kind are left."""

    beat: int
    pass_bar: int
    bars_left: int


def compose(spec: Spec, rng: np.random.Generator) -> Piece:
    """Write a song."""
    beats_s = beat_times(spec.bar_count * spec.meter, spec.bpm, spec.plan, meter=spec.meter, rng=rng)
    clock = Clock(beats_s=beats_s, swing=spec.swing)
    score = Score(clock=clock, jitter_s=spec.band.jitter_s, rng=rng)
    riff = _write_main_riff(spec, rng) if spec.riff_bars else None
    riff_b = _write_other_riff(spec, rng) if spec.riff_b_bars else None
    round_roots = [0, *(int(root) for root in rng.permutation([3, 4, 5, 1])[:3])]
    writer = _Writer(
        spec=spec, score=score, riffs={"riff": riff, "riff_b": riff_b}, round_roots=round_roots, out=Written(riff=riff)
    )
    for index in range(len(spec.sections)):
        writer.write_section(index)
    return Piece(score=score, clock=clock, instruments=_instruments(spec), written=writer.out)


def _instruments(spec: Spec) -> dict[Channel, Instrument]:
    band = spec.band
    return {
        Channel.RIFF: Instrument(program=band.riff, volume=104, pan=44),
        Channel.BASS: Instrument(program=band.bass, volume=100, pan=64),
        Channel.PAD: Instrument(program=band.pad, volume=62, pan=84),
        Channel.COMP: Instrument(program=band.comp, volume=78, pan=96),
        Channel.LEAD: Instrument(program=spec.lead.program if spec.lead else 0, volume=112, pan=64),
        Channel.DRUMS: Instrument(program=0, volume=band.drum_volume, pan=64),
    }


def _write_main_riff(spec: Spec, rng: np.random.Generator) -> Riff:
    """Write the riff so that the tonic of the relative key does not outweigh the song's own."""
    for _ in range(50):
        riff = write_riff(
            spec.riff_bars,
            meter=spec.meter,
            steps_per_beat=spec.steps_per_beat,
            density=spec.band.density,
            rng=rng,
        )
        degrees = [root % 7 for root in riff.roots]
        if degrees.count(spec.key.relative_degree) <= degrees.count(0):
            break
    return riff


def _write_other_riff(spec: Spec, rng: np.random.Generator) -> Riff:
    first = int(rng.choice([3, 4, 5]))
    return write_riff(
        spec.riff_b_bars,
        meter=spec.meter,
        steps_per_beat=spec.steps_per_beat,
        density=spec.band.density,
        rng=rng,
        first_root=4 if first == spec.key.relative_degree else first,
    )


@dataclass(kw_only=True)
class _Writer:
    """Writes section after section: the bars so far, and how far into the riff or round they are, carry over."""

    spec: Spec
    score: Score
    riffs: dict[Content, Riff | None]
    round_roots: Sequence[int]
    out: Written
    bars_done: int = 0
    pass_bar: int = 0

    @property
    def beats_s(self) -> Floats:
        return self.score.clock.beats_s

    @property
    def band(self) -> Band:
        return self.spec.band

    @property
    def key(self) -> Key:
        return self.spec.key

    @property
    def rng(self) -> np.random.Generator:
        return self.score.rng

    def write_section(self, index: int) -> None:
        """Write a section; what goes on from the one before does so without a break."""
        section, meter = self.spec.sections[index], self.spec.meter
        goes_on = index > 0 and self.spec.sections[index - 1].content == section.content
        self.pass_bar = self.pass_bar if goes_on else 0
        begin = self.bars_done * meter
        start_s, end_s = float(self.beats_s[begin]), float(self.beats_s[begin + section.bars * meter])
        self.out.sections_s.append((start_s, end_s))
        fresh_roots = draw_fresh_roots(section.bars, self.rng)
        left = self._bars_left(index)
        for bar in range(section.bars):
            place = Place(beat=begin + bar * meter, pass_bar=self.pass_bar + bar, bars_left=left - bar)
            self._write_bar(section, bar, place, fresh_roots[bar])
        self._note_span(section, start_s, end_s, goes_on=goes_on)
        self.bars_done += section.bars
        self.pass_bar += section.bars

    def _bars_left(self, index: int) -> int:
        """Count the bars of the same content from a section on, over the borders of sections."""
        count = 0
        for section in self.spec.sections[index:]:
            if section.content != self.spec.sections[index].content:
                break
            count += section.bars
        return count

    def _note_span(self, section: Section, start_s: float, end_s: float, *, goes_on: bool) -> None:
        if section.content in {"riff", "vamp"}:
            spans = self.out.riff_spans if section.content == "riff" else self.out.vamp_spans
            if goes_on:
                spans[-1][1] = end_s
            else:
                spans.append([start_s, end_s])
        elif section.content in {"riff_b", "loop"}:
            other = self.riffs.get(section.content)
            period_bars = other.bars if other else ROUND_BARS
            self.out.loops.append(
                Loop(
                    start_s=start_s,
                    end_s=end_s,
                    period_bars=period_bars,
                    period_s=round((end_s - start_s) / section.bars * period_bars, 4),
                    kind="riff" if other else "chord_loop",
                )
            )

    def _write_bar(self, section: Section, bar: int, place: Place, fresh_root: int) -> None:
        """Write one bar of drums, pads, and whatever the section is made of."""
        content = section.content
        drums.play_bar(
            self.score,
            section.drums,
            place.beat,
            meter=self.spec.meter,
            steps_per_beat=self.spec.steps_per_beat,
            fill=bar == section.bars - 1 and section.bars > 1,
            varied=content in {"through", "vamp"} and self.band.drums_varied,
        )
        if content == "none":
            self.out.roots.append(None)
            return
        riff = self.riffs.get(content)
        if riff:
            root = riff.roots[place.pass_bar % riff.bars]
        elif content in {"vamp", "loop"}:
            root = self.round_roots[place.pass_bar % ROUND_BARS]
        else:
            root = fresh_root
        self._note_chord(content, place, root)
        if content == "riff" and riff and not self.out.riff_notes:
            self.out.riff_notes = [self._as_written(note.beat, note.beats, note.degree) for note in riff.notes]
        if self.band.pads:
            self._strike_triad(Channel.PAD, place.beat, self.spec.meter * 0.98, root, PAD_BASE, 58)
        if riff:
            self._write_riff_bar(content, riff, place, root)
        else:
            self._write_free_bar(content, place, root)

    def _note_chord(self, content: Content, place: Place, root: int) -> None:
        comped = content in {"loop", "vamp"} or (content.startswith("riff") and self.band.comping)
        start_s, end_s = self.beats_s[place.beat], self.beats_s[place.beat + self.spec.meter]
        label = self.key.chord_label(root)
        chord = Chord(start_s=float(start_s), end_s=float(end_s), label=label, struck=self.band.pads or comped)
        self.out.roots.append(root)
        self.out.chords.append(chord)

    def _as_written(self, beat: float, beats: float, degree: int) -> RiffNote:
        midi = self.key.pitch(degree, self.band.riff_base)
        return RiffNote(beat=round(float(beat), 4), beats=round(float(beats), 4), midi=midi)

    def _strike_triad(self, channel: Channel, beat: float, beats: float, root: int, base: int, velocity: float) -> None:
        for step in TRIAD:
            self.score.play(channel, beat, beats, self.key.pitch(root + step, base), velocity)

    def _write_riff_bar(self, content: Content, riff: Riff, place: Place, root: int) -> None:
        """Write a bar that belongs to a riff: the whole pass where it begins; bass roots and comping in each bar."""
        if place.pass_bar % riff.bars == 0:
            self._write_pass(content, riff, place)
        grid = 1 / 3 if self.spec.in_threes else 0.5
        if self.band.bass_line == "roots":
            for beat in np.arange(0, self.spec.meter, grid):
                midi = self.key.pitch(root, BASS_BASE)
                self.score.play(Channel.BASS, place.beat + beat, 0.3, midi, 88 if beat % 1 == 0 else 76)
        if self.band.comping:
            for beat in np.arange(grid, self.spec.meter, 1.0):
                self._strike_triad(Channel.COMP, place.beat + beat, 0.3, root, COMP_BASE, 54)

    def _write_pass(self, content: Content, riff: Riff, place: Place) -> None:
        """Write one pass of a riff, up to where it is cut off: varied, or with hardly a note left out."""
        meter = self.spec.meter
        varied = bool(self.rng.random() < self.band.variation) and place.pass_bar > 0
        if content == "riff":
            end = place.beat + min(riff.bars, place.bars_left) * meter
            span = Pass(start_s=float(self.beats_s[place.beat]), end_s=float(self.beats_s[end]), varied=varied)
            self.out.passes.append(span)
        for note in riff.notes:
            is_cut_off = note.beat >= place.bars_left * meter
            if is_cut_off or self.rng.random() < (DROPPED_WHEN_VARIED if varied else DROPPED):
                continue
            degree = note.degree
            if varied and self.rng.random() < CHANGED_WHEN_VARIED:
                degree += int(self.rng.choice([-1, 1, 2]))
            beat, midi, velocity = place.beat + note.beat, self.key.pitch(degree, self.band.riff_base), 92 * note.accent
            self.score.play(Channel.RIFF, beat, note.beats, midi, velocity)
            if self.band.power:
                if self.key.holds(midi + FIFTH_ST):
                    self.score.play(Channel.RIFF, beat, note.beats, midi + FIFTH_ST, velocity - 8)
                self.score.play(Channel.RIFF, beat, note.beats, midi + OCTAVE_ST, velocity - 12)
            if self.band.bass_line == "doubles":
                bass = self.key.pitch(degree, BASS_BASE)
                self.score.play(Channel.BASS, beat, note.beats, bass, 88 * note.accent)

    def _write_free_bar(self, content: Content, place: Place, root: int) -> None:
        """Write a bar of chords: the same each time in a loop, new in every bar of a vamp or where nothing loops."""
        onsets = self._write_comping(content, place, root)
        if content == "loop":
            return
        if self.band.free_line:
            notes = write_bar(
                root,
                meter=self.spec.meter,
                steps_per_beat=self.spec.steps_per_beat,
                density=self.band.density * 0.8,
                rng=self.rng,
            )
            for note in notes:
                midi = self.key.pitch(note.degree, self.band.riff_base)
                self.score.play(Channel.RIFF, place.beat + note.beat, note.beats, midi, 84 * note.accent)
        elif self.band.power:
            low = self.key.pitch(root, RIFF_CHORD_BASE)
            above = FIFTH_ST if self.key.holds(low + FIFTH_ST) else OCTAVE_ST
            for onset in onsets:
                for up in (0, above):
                    self.score.play(Channel.RIFF, place.beat + onset, 0.4, low + up, 84 - up)

    def _write_comping(self, content: Content, place: Place, root: int) -> Floats:
        """Write chords, single notes among them, and bass; return their onsets in beats."""
        loops, rng, meter = content == "loop", self.rng, self.spec.meter
        grid = np.arange(0, meter, 1 / 3 if self.spec.in_threes else 0.5)
        if loops:
            onsets = grid[[0, 2, 3]]
        else:
            count = min(len(grid), int(rng.integers(2, meter + 3)))
            onsets = grid[np.sort(rng.choice(len(grid), count, replace=False))]
        for onset in onsets:
            beat = place.beat + onset
            if loops or rng.random() < 0.55:
                steps = TRIAD if loops else [int(step) for step in rng.permutation([0, 2, 4, 7, -3])[:3]]
                for step in steps:
                    self.score.play(Channel.COMP, beat, 0.45, self.key.pitch(root + step, COMP_BASE), 66)
            else:
                midi = self.key.pitch(root + int(rng.integers(0, 9)), COMP_BASE)
                self.score.play(Channel.COMP, beat, 0.8, midi, 74)
            if self.band.bass_line != "none":
                up = 0 if onset == 0 or loops else int(rng.integers(-2, 5))
                self.score.play(Channel.BASS, beat, 0.45, self.key.pitch(root + up, BASS_BASE), 86)
        return onsets
