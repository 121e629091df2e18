"""The bars of a chord chart as a document shows them."""

from collections.abc import Iterable, Iterator

from riffscope.chord_chart import ChartedBar, ChordChart
from riffscope.report.blocks import BarChord, ChordBar


def chord_bars(bars: Iterable[ChartedBar], chart: ChordChart, *, meter: str) -> Iterator[ChordBar]:
    """Return bars with their chords as musicians write them.

    Parameters
    ----------
    bars : iterable of ChartedBar
        One after the other.
    chart : ChordChart
        The chart that they are part of.
    meter : str
        That of the bar before the first; another is told at the bar with which it begins.
    """
    for bar in bars:
        first_beat = bar.chords[0].beat if not bar.number and bar.chords else 1.0
        yield ChordBar(
            number=bar.number,
            beats=float(bar.beats),
            meter=bar.meter if bar.number and bar.meter != meter else "",
            chords=tuple(
                BarChord(
                    text=chart.print(chord.label),
                    beat=chord.beat - first_beat,
                    beats=chord.beats,
                    start_s=chord.start_s,
                    unsure=chord.unsure,
                )
                for chord in bar.chords
            ),
        )
        if bar.number:
            meter = bar.meter
