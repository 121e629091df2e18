"""What the command line prints of many songs: a row for each, as wide as there is room, and how the run went."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from riffscope import standings
from riffscope.analyzers.key import Key
from riffscope.analyzers.loops import Loops, bars_in_words
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.tempo import Tempo
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.cli.console import INDENT, console, printable
from riffscope.headline import KEY_FROM
from riffscope.report.blocks import SIGNS
from riffscope.song import SongAnalysis
from riffscope.units import BPM, FRACTION, LUFS, SEMITONES, clock

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

# From so many columns on, a song is one row; below, its title has a line of its own.
WIDE_COLUMNS = 100
# A wider title goes on in the next line.
TITLE_COLUMNS = 48
EMPTY = "\N{EM DASH}"
CLAIMS = "/".join(SIGNS.values())
# What the columns are called beside the title, and how wide the widest content of each is.
WIDTHS = {"length": 7, "BPM": 5, "key": 9, "semitones": 9, "LUFS": 5, "riff": 14, CLAIMS: 10}


class SongTable:
    """A table that is printed row by row, as songs are done."""

    def __init__(self) -> None:
        self._out = console(widest=sum(WIDTHS.values()) + 2 * len(WIDTHS) + TITLE_COLUMNS)
        self._rows = 0

    def add(self, song: SongAnalysis) -> None:
        """Print a song."""
        from rich.padding import Padding
        from rich.text import Text

        facts = facts_of(song)
        title = Text(printable(song.source.title), style="bold")
        if self._out.width >= WIDE_COLUMNS:
            if not self._rows:
                self._out.print(_row(self._out, Text("title", style="dim"), WIDTHS, style="dim"))
            self._out.print(_row(self._out, title, facts.values()))
        else:
            self._out.print(title)
            for line in _filled(_spoken(facts), self._out.width - INDENT):
                self._out.print(Padding(Text(line), (0, 0, 0, INDENT)))
        self._rows += 1

    def end(self) -> None:
        """Print what the signs stand for."""
        from rich.text import Text

        if self._rows:
            kinds = " / ".join(standings.ruling_in_words(ruling) for ruling in SIGNS)
            self._out.print(Text(f"{CLAIMS}: claims {kinds}", style="dim"))


def facts_of(song: SongAnalysis) -> dict[str, str]:
    """Return the facts of a row, by the name of its column."""
    tempo, key, sung = song.get(Tempo), song.get(Key), song.get(VocalRange)
    loudness, loops = song.get(Loudness), song.get(Loops)
    counted = standings.tally(song.verdicts)
    doubt = "" if key is None or key.confidence_fraction >= KEY_FROM else "?"
    return {
        "length": clock(song.source.duration_s),
        "BPM": EMPTY if tempo is None else BPM.number(tempo.bpm.value),
        "key": EMPTY if key is None else f"{key.name.in_words}{doubt}",
        "semitones": EMPTY if sung is None else SEMITONES.number(sung.span_semitones.value),
        "LUFS": EMPTY if loudness is None else LUFS.number(loudness.integrated_lufs),
        "riff": EMPTY
        if loops is None
        else f"{bars_in_words(loops.period_bars)}, {FRACTION.format(loops.coverage_fraction.value)}",
        CLAIMS: "/".join(str(counted[ruling]) for ruling in SIGNS) if song.verdicts else EMPTY,
    }


def _row(out: "Console", title: "Text", cells: Iterable[str], *, style: str = "") -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    gaps = 2 * len(WIDTHS)
    table.add_column(width=out.width - sum(WIDTHS.values()) - gaps, overflow="fold")
    for name, width in WIDTHS.items():
        table.add_column(width=width, justify="left" if name in {"key", "riff"} else "right", overflow="fold")
    table.add_row(title, *(Text(cell, style=style) for cell in cells))
    return table


def _spoken(facts: dict[str, str]) -> Iterator[str]:
    """Give each fact with what it is: where it stands in no column, the number alone says too little."""
    for name, text in facts.items():
        if name == CLAIMS:
            yield f"claims {text}"
        elif text == EMPTY or name == "riff":
            yield f"{name} {text}"
        else:
            yield text if name in {"length", "key"} else f"{text} {name}"


def _filled(parts: Iterator[str], width: int) -> Iterator[str]:
    """Put parts into lines, none of them broken."""
    line = ""
    for part in parts:
        longer = f"{line} · {part}" if line else part
        if line and len(longer) > width:
            yield line
            longer = part
        line = longer
    yield line
