"""Chords: which of them loop, which sound for how long, and where they are in doubt."""

from collections.abc import Iterable, Iterator

from riffscope import words
from riffscope.analyzers.chords import GOES_ROUND, Chords
from riffscope.chord_chart import ChartedBar, ChartedChord, ChordChart, chord_chart
from riffscope.chord_names import NO_CHORD, print_degrees, printed
from riffscope.errors import NotMeasured
from riffscope.measures import capitalised
from riffscope.notes import Spelling
from riffscope.progressions import RIFF, Progression
from riffscope.report.absences import absences
from riffscope.report.blocks import Block, Column, Heading, Notice, Paragraph, Table
from riffscope.report.chapter import chapter
from riffscope.report.drawing import draw
from riffscope.report.loop_names import loop_of
from riffscope.song import SongAnalysis
from riffscope.units import FRACTION, clock

# The longest stretches in doubt, no more than can be listened to.
DOUBTS = 4
# Doubts in less of the song than this need no percentage.
FEW_FRACTION = 0.05
# So many of the commonest chords are named, and so many rounds listed: the others are in the chord sheet.
NAMED = 3
MAX_ROUNDS = 6
CAPTION = (
    "Where each chord sounds, in the colour of its degree in the key; grey: on none of them. Faint: more likely wrong"
    " than right."
)


@chapter(place=45, shows=("chords",))
def chords(song: SongAnalysis) -> Iterator[Block]:
    """Write about the chords, draw where they sound, list their loops, and say what is in doubt and how to check it."""
    yield Heading(text="Chords")
    yield from absences(song, "chords")
    found = song.get(Chords)
    if found is None:
        return
    try:
        chart = chord_chart(song)
    except NotMeasured as why:
        yield Notice(text=words.sentence(f"no bars of chords: {why.reason}"))
        if not found.spans:
            return
        text = _commonest_in_words(found, song.spelling)
        yield Paragraph(text=text)
        yield from draw("chords", song, caption=CAPTION, alt=f"Chords over the time of the song. {text}")
        return
    rounds, loop = _rounds(found.progressions), loop_of(song)
    text = " ".join((_round_in_words(rounds, chart, loop), _commonest_in_words(found, song.spelling)))
    yield Paragraph(text=text)
    yield from draw("chords", song, caption=CAPTION, alt=f"Chords over the time of the song. {text}")
    if rounds:
        yield _table(rounds, chart, loop)
    yield Paragraph(text=f"{_doubts_in_words(chart)} {_how_to_check(rounds, chart)}".strip(), note=True)


def _rounds(progressions: Iterable[Progression]) -> list[list[Progression]]:
    """Put what goes round the same chords together; what sounds longest comes first."""
    alike: dict[tuple[str, ...], list[Progression]] = {}
    for one in (one for one in progressions if one.rounds >= GOES_ROUND):
        alike.setdefault(one.labels, []).append(one)
    return sorted(alike.values(), key=lambda some: -sum(_duration_s(one) for one in some))


def _duration_s(one: Progression) -> float:
    # A riff goes through the sections, which have been counted.
    return 0.0 if one.section == RIFF else one.end_s - one.start_s


def _round_in_words(rounds: list[list[Progression]], chart: ChordChart, loop: str) -> str:
    """Say which chords go round where, and how long that takes; of the round that sounds longest."""
    if not rounds:
        return "No repeating chord sequence was found."
    first = rounds[0][0]
    names = words.joined([chart.print(label) for label in first.labels])
    degrees = _degrees(first)
    where = words.joined([_called(name) for name in _places(rounds[0], loop)])
    if len(set(first.labels)) == 1:
        return f"{chart.print(first.labels[0])} is held through {where}."
    bars = words.count(round(first.period_bars), "bar")
    return f"{names}{f' ({degrees})' if degrees else ''} repeat every {bars} in {where}."


def _places(some: Iterable[Progression], loop: str) -> list[str]:
    """Name the sections that go through the same chords, and what repeats in the song as the report calls it."""
    return list(dict.fromkeys(loop if one.section == RIFF else one.section for one in some))


def _called(name: str) -> str:
    """``verse`` -> ``the verse``, and a letter is that of a section: ``section A``."""
    if name[:1].isupper() and not name[1:2].isalpha():
        return f"section {name}"
    return name if name[:1].isupper() or name[-1:].isdecimal() else f"the {name}"


def _degrees(one: Progression) -> str:
    return print_degrees(one.roman)


def _commonest_in_words(found: Chords, spelling: Spelling) -> str:
    """Say which chords sound for how much of the song, the commonest first."""
    shares = [(printed(label, spelling), share) for label, share in found.shares.items() if label != NO_CHORD]
    if not shares:
        return "No chord was found."
    (first, longest), *others = shares[:NAMED]
    if not others:
        return f"{first} is the only chord."
    parts = [f"{name} for {FRACTION.format(share)}" for name, share in others]
    return f"{words.joined([f'{first} sounds for {FRACTION.format(longest)} of the time', *parts])}."


def _table(rounds: list[list[Progression]], chart: ChordChart, loop: str) -> Table:
    """List each round with the sections that it goes through."""
    rows = []
    for some in rounds[:MAX_ROUNDS]:
        first = some[0]
        rows.append(
            (
                capitalised(", ".join(_places(some, loop))),
                " ".join(chart.print(label) for label in first.labels),
                _degrees(first),
                f"{first.period_bars:g}",
                f"{sum(one.rounds for one in some if one.section != RIFF or len(some) == 1):.0f}",
            )
        )
    return Table(
        columns=(
            Column(heading="Section", share=1.3),
            Column(heading="Chord loop", share=2.2),
            Column(heading="Degrees", share=1.6),
            Column(heading="Bars", align="right", share=0.5),
            Column(heading="Repeats", align="right", share=0.8),
        ),
        rows=tuple(rows),
    )


def _doubts_in_words(chart: ChordChart) -> str:
    """Name the longest stretches of chords that are likelier wrong than right, in the order of the song."""
    runs: list[list[tuple[ChartedBar, ChartedChord]]] = []
    before = ""
    for bar in chart.bars:
        for chord in bar.chords:
            if chord.unsure and chord.label == before:
                runs[-1].append((bar, chord))
            elif chord.unsure:
                runs.append([(bar, chord)])
            before = chord.label if chord.unsure else ""
    if not runs:
        return ""
    share = sum(chord.beats for run in runs for _, chord in run) / sum(c.beats for b in chart.bars for c in b.chords)
    longest = sorted(runs, key=lambda run: -sum(chord.beats for _, chord in run))[:DOUBTS]
    by_bars: dict[str, list[str]] = {}
    for run in sorted(longest, key=lambda run: run[0][1].start_s):
        by_bars.setdefault(_bars_in_words(run), []).append(
            f"{chart.print(run[0][1].label)}, {clock(run[0][1].start_s)}"
        )
    places = [f"{bars} ({'; '.join(chords)})" for bars, chords in by_bars.items()]
    which = ": in" if len(runs) <= DOUBTS else ", above all in"
    if len(runs) <= DOUBTS and share < FEW_FRACTION:
        return f"The chord is more likely wrong than right only in {words.joined(places)}."
    doubt = f"For {FRACTION.format(share)} of the time the chord is more likely wrong than right"
    return f"{doubt}{which} {words.joined(places)}."


def _bars_in_words(run: list[tuple[ChartedBar, ChartedChord]]) -> str:
    """``bar 17``, ``bars 17 to 18``."""
    first, last = run[0][0].number, run[-1][0].number
    return "the pick-up" if last == 0 else f"bar {last}" if first in {0, last} else f"bars {first} to {last}"


def _how_to_check(rounds: list[list[Progression]], chart: ChordChart) -> str:
    if not rounds:
        sure = [bar for bar in chart.bars if bar.number and not any(chord.unsure for chord in bar.chords)]
        start_s = (sure or chart.bars)[0].start_s
        return f"To check: play along with the chord sheet (riffscope export, --to chords) from {clock(start_s)}."
    first = rounds[0][0]
    names = " ".join(chart.print(label) for label in first.labels)
    return f"To check: play {names} along from {clock(first.start_s)}."
