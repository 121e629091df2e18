"""What the command line prints of songs: tables of measurements, verdicts and differences."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from riffscope import words
from riffscope.cli.console import console, printable

if TYPE_CHECKING:
    from rich.table import Table

    from riffscope.compare import Comparison, Difference
    from riffscope.model import Verdict


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


def print_comparison(comparison: "Comparison") -> None:
    """Print songs side by side, the differences that can be heard first."""
    from rich.table import Table
    from rich.text import Text

    def title(source: Any) -> str:
        return printable(source.title)

    names = [title(source) for source in comparison.songs]
    table = Table(title=Text(" against ".join(names), style="bold"), title_justify="left", box=None)
    table.add_column("", style="bold", no_wrap=True)
    for name in names:
        table.add_column(Text(name), justify="right", max_width=24)
    table.add_column("difference" if len(names) == 2 else "spread", justify="right", no_wrap=True)
    table.add_column("to the ear", no_wrap=True)
    for fact in comparison.facts:
        words = [Text(word or "\N{EM DASH}") for word in fact.values]
        table.add_row(fact.label, *words, "", "" if fact.same is None else "same" if fact.same else "differs")
    for row in sorted(comparison.rows, key=lambda row: {False: 0, None: 1, True: 2}[row.same]):
        cells = ["\N{EM DASH}" if value is None else row.unit.format(value.value) for value in row.values]
        table.add_row(row.label, *cells, *difference_cells(row))
    out = console()
    out.print()
    out.print(table)
    out.print("same: nearer than a listener notices; open: the ranges allow both", style="dim")
    for name, verdicts in zip(names[1:], comparison.verdicts, strict=True):
        out.print()
        out.print(verdict_table(verdicts, title=f"Claims about {name} against {names[0]}"))


def difference_cells(row: "Difference") -> tuple[str, str]:
    """Write a difference with its unit, and whether it can be heard."""
    if row.difference is None:
        return "\N{EM DASH}", "missing"
    shown = row.unit.number(row.unit.same_within) != row.unit.number(0)
    tolerance = f"within {row.unit.format(row.unit.same_within)}"
    said = {
        True: f"same ({tolerance})" if shown else "same",
        False: "differs",
        None: f"open ({tolerance}?)" if shown else "open",
    }[row.same]
    return row.unit.format(row.difference.value, signed=True), said
