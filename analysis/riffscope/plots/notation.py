"""Write a line of notes down: note values with ties, rests, beams, tuplets and accidentals, bar by bar.

Conventions
-----------
Places and lengths are whole ticks, twelve to a beat, so that sixteenths and triplets fall on ticks. A beat is a quarter
note; in compound meters (6/8) it is a dotted quarter. Staff steps count letters up from C0: C4 is step 28.

References
----------
Gould, "Behind Bars", Faber 2011: the beat stays visible, so notes are divided at beats and at the middle of a bar of
four; only plain syncopations are not.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from riffscope.notes import pitch_class

TICKS = 12
SIXTEENTH = 3
# Lengths that one symbol writes, in sixteenths: a plain value and the number of dots. In fours ...
VALUES = {1: (16, 0), 2: (8, 0), 3: (8, 1), 4: (4, 0), 6: (4, 1), 8: (2, 0), 12: (2, 1), 16: (1, 0)}
# ... and in thirds of a beat, as the value of a note within a triplet.
TRIPLET_VALUES = {1: (8, 0), 2: (4, 0)}
# In sixths of a beat.
SEXTUPLET_VALUES = {1: (16, 0), 2: (8, 0), 3: (8, 1), 4: (4, 0)}
LETTERS = "CDEFGAB"
_NATURALS = (0, 2, 4, 5, 7, 9, 11)
# Degree of the scale and how far it is raised, for each semitone above the tonic: chromatic notes are those that the
# nearest keys have, so the blue notes of a major key are its third and seventh lowered.
_DEGREES = {
    "major": ((0, 0), (1, -1), (1, 0), (2, -1), (2, 0), (3, 0), (3, 1), (4, 0), (5, -1), (5, 0), (6, -1), (6, 0)),
    "minor": ((0, 0), (1, -1), (1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (4, 0), (5, 0), (5, 1), (6, 0), (6, 1)),
}
_SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
# Steps of the top and bottom line of the staff.
TREBLE_LINES = (30, 38)
BASS_LINES = (18, 26)


@dataclass(frozen=True, kw_only=True)
class Sounding:
    """A note to be written: where it begins and how long it lasts, in ticks, and its MIDI number."""

    start: int
    ticks: int
    midi: int


@dataclass(frozen=True, kw_only=True)
class Symbol:
    """A note or a rest as it is written.

    Attributes
    ----------
    start : int
        Tick within the bar.
    ticks : int
    value : int
        1 whole, 2 half, 4 quarter, 8 eighth, 16 sixteenth.
    dots : int
    note : int or None
        Index of the note that it writes, or of which it is a part; None is a rest.
    step : int
        Its place on the staff; 0 for rests.
    accidental : int or None
        -2 to 2, flats below 0 and 0 a natural; None where nothing is written.
    tied : bool
        Whether it is tied to the next symbol.
    tuplet : int
        Number of the tuplet in the bar, from 1; 0 where it belongs to none.
    """

    start: int
    ticks: int
    value: int
    dots: int
    note: int | None
    step: int = 0
    accidental: int | None = None
    tied: bool = False
    tuplet: int = 0


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A bar: its symbols in order, which of them are beamed together, and the number over each tuplet."""

    symbols: tuple[Symbol, ...]
    beams: tuple[tuple[int, ...], ...]
    tuplets: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Meter:
    """Beats in a bar, and whether they divide into three."""

    beats: int
    compound: bool = False

    @property
    def signature(self) -> tuple[int, int]:
        """What is written after the clef: 4 over 4, or 6 over 8."""
        return (3 * self.beats, 8) if self.compound else (self.beats, 4)


@dataclass(frozen=True, kw_only=True)
class KeySignature:
    """A key as it is written: the signature, and the letters of its notes."""

    tonic: str
    mode: str

    @property
    def alterations(self) -> tuple[int, ...]:
        """What the signature does to each letter from C to B: 1 sharp, -1 flat."""
        return tuple(self._spelled(degree, 0)[1] for degree in sorted(range(7), key=self._letter))

    @property
    def count(self) -> int:
        """Sharps above 0, flats below."""
        return sum(self.alterations)

    def spell(self, midi: int) -> tuple[int, int]:
        """Return a note's staff step and its alteration: sharps above 0, flats below, and never two of them."""
        degree, raised = _DEGREES[self.mode][(midi - pitch_class(self.tonic)) % 12]
        letter, alteration = self._spelled(degree, raised)
        if abs(alteration) > 1:
            letter = (letter + (1 if alteration > 0 else -1)) % 7
            alteration = (midi - _NATURALS[letter] + 6) % 12 - 6
        octave = (midi - alteration - _NATURALS[letter]) // 12 - 1
        return 7 * octave + letter, alteration

    def _letter(self, degree: int) -> int:
        return (LETTERS.index(self.tonic[0]) + degree) % 7

    def _spelled(self, degree: int, raised: int) -> tuple[int, int]:
        """Return letter and alteration of a degree of the scale that is raised by so many semitones."""
        letter = self._letter(degree)
        sounding = (pitch_class(self.tonic) + _SCALES[self.mode][degree] + raised) % 12
        return letter, (sounding - _NATURALS[letter] + 6) % 12 - 6


C_MAJOR = KeySignature(tonic="C", mode="major")


def is_bass_clef(notes: Sequence[Sounding], key: KeySignature) -> bool:
    """Tell whether a line needs fewer ledger lines in the bass clef than in the treble clef."""
    steps = [key.spell(note.midi)[0] for note in notes]

    def ledgers(lines: tuple[int, int]) -> int:
        return sum(max(lines[0] - step, step - lines[1], 0) // 2 for step in steps)

    return ledgers(BASS_LINES) < ledgers(TREBLE_LINES)


def write(notes: Sequence[Sounding], ticks: int, *, meter: Meter, key: KeySignature) -> list[Measure]:
    """Write notes, one at a time and in order, as bars.

    Parameters
    ----------
    notes : sequence of Sounding
        Each ends before the next begins.
    ticks : int
        The length of the whole; the last bar may be shorter.

    Raises
    ------
    ValueError
        Notes overlap, lie outside, or on no grid of sixteenths or triplets.
    """
    edges = [0, *itertools.chain.from_iterable((note.start, note.start + note.ticks) for note in notes), ticks]
    if any(edge > following for edge, following in itertools.pairwise(edges)):
        raise ValueError("the notes of a line neither overlap nor lie outside of it")
    bar_ticks = meter.beats * TICKS
    bars = []
    for first in range(0, ticks, bar_ticks):
        last = min(first + bar_ticks, ticks)
        bars.append(_write_bar([*_stretches(notes, first, last)], last - first, meter))
    return _with_accidentals(bars, notes, key)


@dataclass(frozen=True, kw_only=True)
class _Stretch:
    """What sounds for some ticks of a bar: a note, or None; and whether it goes on after the bar."""

    start: int
    end: int
    note: int | None
    goes_on: bool = False


def _stretches(notes: Sequence[Sounding], first: int, last: int) -> Iterator[_Stretch]:
    """Yield the notes of a bar and the rests between them."""
    now = first
    for index, note in enumerate(notes):
        start, end = max(note.start, first), min(note.start + note.ticks, last)
        if start >= end:
            continue
        if start > now:
            yield _Stretch(start=now - first, end=start - first, note=None)
        goes_on = note.start + note.ticks > last
        yield _Stretch(start=start - first, end=end - first, note=index, goes_on=goes_on)
        now = end
    if now < last:
        yield _Stretch(start=now - first, end=last - first, note=None)


def _write_bar(stretches: Sequence[_Stretch], ticks: int, meter: Meter) -> Measure:
    if len(stretches) == 1 and stretches[0].note is None:
        return Measure(symbols=(Symbol(start=0, ticks=ticks, value=1, dots=0, note=None),), beams=(), tuplets=())
    units = _units(stretches, ticks, meter)
    tuplets = [beat for beat, unit in enumerate(units) if unit in _TUPLETS and not meter.compound]
    symbols: list[Symbol] = []
    for stretch in stretches:
        parts = [*_divide(stretch, units, meter)]
        for place, (start, end) in enumerate(parts):
            beat = start // TICKS
            values = _TUPLETS.get(units[beat], VALUES) if beat in tuplets else VALUES
            unit = units[beat] if beat in tuplets else _sixteenth(meter)
            value, dots = values[(end - start) // unit]
            tied = stretch.note is not None and (place + 1 < len(parts) or stretch.goes_on)
            number = tuplets.index(beat) + 1 if beat in tuplets else 0
            symbols.append(
                Symbol(start=start, ticks=end - start, value=value, dots=dots, note=stretch.note, tied=tied,
                       tuplet=number)
            )  # fmt: skip
    return Measure(
        symbols=tuple(symbols),
        beams=tuple(_beams(symbols)),
        tuplets=tuple(TICKS // units[beat] for beat in tuplets),
    )


# Values within a beat that divides into three or six, by the ticks of a third or sixth.
_TUPLETS = {4: TRIPLET_VALUES, 2: SEXTUPLET_VALUES}


def _sixteenth(meter: Meter) -> int:
    """Return the ticks of a sixteenth: six make up the beat of a compound meter."""
    return 2 if meter.compound else SIXTEENTH


def _units(stretches: Sequence[_Stretch], ticks: int, meter: Meter) -> list[int]:
    """Return the ticks into which each beat of a bar divides: sixteenths, or thirds or sixths of it."""
    edges = {edge for stretch in stretches for edge in (stretch.start, stretch.end)}
    units = []
    for beat in range(0, ticks, TICKS):
        inside = [edge - beat for edge in edges if beat < edge < beat + TICKS]
        choices = (2,) if meter.compound else (SIXTEENTH, 4, 2)
        unit = next((unit for unit in choices if all(edge % unit == 0 for edge in inside)), None)
        if unit is None:
            raise ValueError("the notes lie on no grid of sixteenths or triplets")
        units.append(unit)
    return units


def _divide(stretch: _Stretch, units: Sequence[int], meter: Meter) -> Iterator[tuple[int, int]]:
    """Divide a stretch of a bar into parts that one symbol each writes."""
    start = stretch.start
    while start < stretch.end:
        end = _first_cut(start, stretch.end, units, meter, is_rest=stretch.note is None)
        yield start, end
        start = end


def _first_cut(start: int, end: int, units: Sequence[int], meter: Meter, *, is_rest: bool) -> int:
    """Return where the first symbol of what lasts from `start` to `end` ends."""
    beat, next_beat = start // TICKS, (start // TICKS + 1) * TICKS
    place = start % TICKS
    tuplet = units[beat] in _TUPLETS and not meter.compound
    if tuplet and (place or end < next_beat):
        return start + _longest(min(end, next_beat) - start, units[beat], _TUPLETS[units[beat]])
    # Into a beat of a tuplet that ends within it, a note is tied.
    last_beat = end // TICKS
    if end % TICKS and units[last_beat] in _TUPLETS and not meter.compound and last_beat > beat:
        end = last_beat * TICKS
    middle = 2 * TICKS if meter.beats == 4 and not meter.compound else None
    if is_rest:
        end = _end_of_rest(start, end, middle, meter)
    elif meter.compound and not place and end - start > TICKS:
        end = start + (2 * TICKS if end - start >= 2 * TICKS else TICKS)
    elif place and end > next_beat:
        syncopated = place == TICKS // 2 and end - start in {TICKS, 3 * TICKS // 2} and not meter.compound
        crosses = middle is not None and start < middle < end
        end = end if syncopated and not crosses else next_beat
    elif middle is not None and start < middle < end and start != 0 and (start, end) != (TICKS, 3 * TICKS):
        end = middle
    return start + _longest(end - start, _sixteenth(meter), VALUES)


def _end_of_rest(start: int, end: int, middle: int | None, meter: Meter) -> int:
    """Return where the first rest of a longer silence ends: rests show every beat, and halves of a bar of four."""
    place, unit = start % TICKS, _sixteenth(meter)
    if place:
        within = min(end, (start // TICKS + 1) * TICKS)
        return start + unit if (place // unit) % 2 else min(within, start + 2 * unit)
    if middle is not None and start % middle == 0 and end - start >= middle:
        return start + middle
    return min(end, start + TICKS)


def _longest(ticks: int, unit: int, values: dict[int, tuple[int, int]]) -> int:
    """Return the longest part, in ticks, that one symbol writes; fours come before what is left of them."""
    count = ticks // unit
    return unit * (count if count in values else min(count - count % 4, max(values)))


def _beams(symbols: Sequence[Symbol]) -> Iterator[tuple[int, ...]]:
    """Yield the groups of notes that a beam joins: neighbours within a beat that have flags."""
    for _, group in itertools.groupby(
        range(len(symbols)),
        key=lambda i: (symbols[i].start // TICKS, symbols[i].note is not None and symbols[i].value >= 8),
    ):
        joined = tuple(group)
        first = symbols[joined[0]]
        if len(joined) > 1 and first.note is not None and first.value >= 8:
            yield joined


def _with_accidentals(bars: Sequence[Measure], notes: Sequence[Sounding], key: KeySignature) -> list[Measure]:
    """Place notes on the staff, with the accidentals that signature and bar do not give; a tie repeats none."""
    written, before = [], None
    for bar in bars:
        current: dict[int, int] = {}
        symbols = []
        for symbol in bar.symbols:
            if symbol.note is not None:
                step, alteration = key.spell(notes[symbol.note].midi)
                is_new = symbol.note != before
                usual = current.get(step, key.alterations[step % 7])
                symbols.append(
                    replace(symbol, step=step, accidental=alteration if is_new and alteration != usual else None)
                )
                if is_new:
                    current[step] = alteration
            else:
                symbols.append(symbol)
            before = symbol.note
        written.append(replace(bar, symbols=tuple(symbols)))
    return written
