"""What the command line prints of songs: tables of measurements and verdicts."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from riffscope import words
from riffscope.cli.console import console, printable
from riffscope.errors import NotMeasured
from riffscope.song import SongAnalysis
from riffscope.units import clock

if TYPE_CHECKING:
    from rich.table import Table

    from riffscope.model import Estimate, Verdict
    from riffscope.units import Unit


def print_song(song: SongAnalysis, *, everything: bool) -> None:
    """Print what was measured of a song."""
    from rich.table import Table
    from rich.text import Text

    source = song.source
    table = Table(title=Text(printable(heading(song)), style="bold"), title_justify="left", box=None)
    table.caption_justify = "left"
    table.caption = Text(
        f"{clock(source.duration_s)}, {source.sample_rate_hz / 1000:g} kHz, {source.layout}, {source.codec}"
        + ("" if source.status == "ok" else ", only part of the file could be decoded")
    )
    table.add_column("", style="bold", no_wrap=True)
    table.add_column("")
    if everything:
        table.add_column("nine times in ten within", justify="right")
    for row in (all_rows if everything else summary_rows)(song):
        table.add_row(*(Text(cell) for cell in row))
    out = console()
    out.print()
    out.print(table)
    if song.transposition is not None:
        out.print()
        out.print(Text("In your range", style="bold"))
        for sentence in song.transposition.sentences:
            out.print(Text(f" {printable(sentence)}"))
    if song.verdicts:
        out.print()
        out.print(verdict_table(song.verdicts))


def verdict_table(verdicts: Iterable["Verdict"], *, title: str = "Claims") -> "Table":
    """What the sound says of each claim, and why."""
    from rich.table import Table
    from rich.text import Text

    from riffscope.model import Ruling

    styles = {
        Ruling.SUPPORTED: "green",
        Ruling.REFUTED: "red",
        Ruling.INCONCLUSIVE: "yellow",
        Ruling.NOT_TESTABLE: "dim",
    }
    table = Table(title=Text(title, style="bold"), title_justify="left", box=None, show_header=False, padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column()
    for verdict in verdicts:
        said = Text(verdict.ruling.replace("_", " "), style=styles[verdict.ruling])
        because = printable(verdict.because).rstrip(".")
        if leaning := words.leaning(verdict):
            because = f"{because}; {leaning}"
        text = Text(printable(verdict.text), style="bold") + Text(f"\n{because}.", style="not bold")
        table.add_row(said, text)
    return table


def summary_rows(song: SongAnalysis) -> Iterator[tuple[str, ...]]:
    """One line a measurement: its own summary, or why there is none."""
    from riffscope.measures import in_words

    for name, text in song.summaries():
        yield in_words(name), text


def all_rows(song: SongAnalysis) -> Iterator[tuple[str, ...]]:
    """Every number, with the range of each estimate."""
    from riffscope.measures import all_measures, read_measure

    for measure in all_measures():
        try:
            found = read_measure(song, measure.path)
        except NotMeasured as why:
            yield measure.label, f"\N{EM DASH} {why.reason}", ""
            continue
        yield measure.label, measure.unit.format(found.value), within(found, measure.unit)


def within(found: "Estimate", unit: "Unit") -> str:
    """Write the range of an estimate; nothing where it has none."""
    return "" if found.low == found.high else f"{unit.number(found.low)} to {unit.format(found.high)}"


def heading(song: SongAnalysis) -> str:
    """Title, artist and file of a song in one line."""
    tags = song.source.tags
    artist = f" by {tags.artist}" if tags.artist else ""
    file = f" ({song.source.name})" if tags.title else ""
    return f"{song.source.title}{artist}{file}"
