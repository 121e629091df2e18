"""Notes written down: values, ties, rests, beams, tuplets, accidentals."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riffscope.plots.notation import (
    C_MAJOR,
    TICKS,
    KeySignature,
    Meter,
    Sounding,
    is_bass_clef,
    write,
)

FOUR = Meter(beats=4)
SIX_EIGHT = Meter(beats=2, compound=True)


def bars_of(*notes, bars=1, meter=FOUR, key=C_MAJOR):
    """Write (start, end, midi) in ticks."""
    line = [Sounding(start=start, ticks=end - start, midi=midi) for start, end, midi in notes]
    return write(line, bars * meter.beats * TICKS, meter=meter, key=key)


def values(bar):
    """Each symbol as people name it: 4 a quarter, 8. a dotted eighth, with r for a rest and ~ for a tie."""
    return [
        f"{'r' if symbol.note is None else ''}{symbol.value}{'.' * symbol.dots}{'~' if symbol.tied else ''}"
        for symbol in bar.symbols
    ]


@pytest.mark.parametrize(
    ("start", "end", "written"),
    [
        (0, 48, ["1"]),
        (0, 12, ["4", "r4", "r2"]),
        (0, 9, ["8.", "r16", "r4", "r2"]),
        (0, 21, ["4~", "8.", "r16", "r2"]),
        (6, 18, ["r8", "4", "r8", "r2"]),
        (18, 30, ["r4", "r8", "8~", "8", "r8", "r4"]),
        (12, 36, ["r4", "2", "r4"]),
        (9, 15, ["r8.", "16~", "16", "r16", "r8", "r2"]),
    ],
)
def test_a_note_is_written_so_that_the_beat_stays_visible(start, end, written):
    (bar,) = bars_of((start, end, 60))
    assert values(bar) == written


def test_a_note_across_the_bar_line_is_tied_and_repeats_no_accidental():
    first, second = bars_of((36, 60, 61), (60, 72, 61), bars=2)
    assert values(first)[-1] == "4~"
    assert values(second)[:2] == ["4", "4"]
    assert [symbol.accidental for symbol in second.symbols[:2]] == [None, -1]


def test_triplets_are_written_as_triplets():
    (bar,) = bars_of((0, 4, 60), (4, 8, 62), (8, 12, 64), (12, 20, 65), (20, 24, 67), (24, 48, 60))
    assert values(bar) == ["8", "8", "8", "4", "8", "2"]
    assert bar.tuplets == (3, 3)
    assert [symbol.tuplet for symbol in bar.symbols] == [1, 1, 1, 2, 2, 0]


def test_sixths_of_a_beat_are_a_sextuplet():
    (bar,) = bars_of(*((2 * k, 2 * k + 2, 60 + k) for k in range(6)), (12, 48, 60))
    assert bar.tuplets == (6,)
    assert values(bar)[:6] == ["16"] * 6


def test_in_six_eight_three_eighths_make_a_beat_and_no_triplet():
    (bar,) = bars_of((0, 4, 60), (4, 8, 62), (8, 12, 64), (12, 24, 65), meter=SIX_EIGHT)
    assert values(bar) == ["8", "8", "8", "4."]
    assert bar.tuplets == ()
    assert SIX_EIGHT.signature == (6, 8)


def test_a_bar_of_silence_has_one_rest():
    first, second = bars_of((0, 48, 60), bars=2)
    assert values(first) == ["1"]
    assert values(second) == ["r1"]


def test_beams_join_the_short_notes_of_a_beat():
    (bar,) = bars_of((0, 6, 60), (6, 12, 62), (12, 15, 64), (15, 18, 65), (18, 24, 67), (24, 36, 60), (36, 42, 60))
    assert bar.beams == ((0, 1), (2, 3, 4))


def test_an_accidental_holds_for_the_bar_and_is_taken_back_by_a_natural():
    (bar,) = bars_of((0, 12, 66), (12, 24, 66), (24, 36, 65), (36, 48, 65))
    assert [symbol.accidental for symbol in bar.symbols] == [1, None, 0, None]


@pytest.mark.parametrize(
    ("tonic", "mode", "count"),
    [
        ("C", "major", 0),
        ("A", "minor", 0),
        ("E", "major", 4),
        ("F", "major", -1),
        ("F#", "minor", 3),
        ("Eb", "minor", -6),
    ],
)
def test_the_signature_has_the_sharps_or_flats_of_its_key(tonic, mode, count):
    key = KeySignature(tonic=tonic, mode=mode)
    assert key.count == count
    assert {abs(each) for each in key.alterations} <= {0, 1}


def test_the_leading_note_of_d_minor_is_c_sharp_and_the_blue_third_of_a_is_c_natural():
    assert KeySignature(tonic="D", mode="minor").spell(61) == (28, 1)
    assert KeySignature(tonic="A", mode="major").spell(60) == (28, 0)
    assert KeySignature(tonic="F", mode="major").spell(70) == (34, -1)


@pytest.mark.parametrize(("tonic", "mode"), [("Db", "major"), ("F#", "major"), ("G#", "minor"), ("Eb", "minor")])
def test_no_note_has_two_sharps_or_two_flats(tonic, mode):
    spelled = [KeySignature(tonic=tonic, mode=mode).spell(midi) for midi in range(48, 72)]
    assert {abs(alteration) for _, alteration in spelled} <= {0, 1}
    naturals = (0, 2, 4, 5, 7, 9, 11)
    assert [12 * (step // 7 + 1) + naturals[step % 7] + sharp for step, sharp in spelled] == [*range(48, 72)]


def test_a_guitar_below_middle_c_is_written_in_the_bass_clef():
    low, high = (
        [Sounding(start=0, ticks=12, midi=midi), Sounding(start=12, ticks=12, midi=midi + 3)] for midi in (43, 67)
    )
    assert is_bass_clef(low, C_MAJOR)
    assert not is_bass_clef(high, C_MAJOR)


@pytest.mark.parametrize("notes", [[(0, 13, 60)], [(0, 12, 60), (9, 24, 62)], [(36, 60, 60)]])
def test_what_is_no_line_on_a_grid_is_refused(notes):
    with pytest.raises(ValueError, match=r"line|grid"):
        bars_of(*notes)


@st.composite
def lines(draw):
    """Notes on sixteenths or on thirds of the beat, in some bars of a meter."""
    meter = draw(st.sampled_from([FOUR, Meter(beats=3), Meter(beats=5), SIX_EIGHT]))
    step = 2 if meter.compound else draw(st.sampled_from([3, 4, 2]))
    bars = draw(st.integers(1, 3))
    places = bars * meter.beats * TICKS // step
    edges = sorted(draw(st.sets(st.integers(0, places), max_size=14)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return meter, bars, [(step * start, step * end, 55 + k) for k, (start, end) in enumerate(pairs)]


@given(lines())
def test_what_is_written_lasts_as_long_as_what_sounds(line):
    meter, bars, notes = line
    written = bars_of(*notes, bars=bars, meter=meter)
    length = meter.beats * TICKS
    found = {}
    for number, bar in enumerate(written):
        now = 0
        for symbol in bar.symbols:
            assert symbol.start == now
            now += symbol.ticks
            if symbol.note is not None:
                start, end = found.get(symbol.note, (number * length + symbol.start, None))
                assert end in (None, number * length + symbol.start)
                found[symbol.note] = start, number * length + symbol.start + symbol.ticks
            if bar.symbols != (symbol,):
                whole = Fraction(TICKS * 8, 3) if meter.compound else Fraction(TICKS * 4)
                told = whole / symbol.value * (2 - Fraction(1, 2**symbol.dots))
                told *= Fraction(2, 3) if symbol.tuplet else 1
                assert told == symbol.ticks
        assert now == length
    assert list(found.values()) == [(start, end) for start, end, _ in notes]
    last = [bar.symbols[-1].tied for bar in written]
    assert not last[-1]
