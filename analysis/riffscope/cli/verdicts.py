"""Verdicts as the terminal shows them: how many there are of each kind, a line each, and what cannot be tested.

Rulings have a colour and a sign, so that they are told apart without colours as well.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from riffscope import standings, words
from riffscope.cli.console import INDENT, print_rows, printable
from riffscope.model import Ruling
from riffscope.report.blocks import SIGNS

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from riffscope.model import Verdict

STYLES = {
    Ruling.SUPPORTED: "green",
    Ruling.REFUTED: "red",
    Ruling.INCONCLUSIVE: "yellow",
    Ruling.NOT_TESTABLE: "dim",
}


def print_verdicts(out: "Console", verdicts: "Iterable[Verdict]", *, why: bool, title: str) -> None:
    """Print a tally, a line for each claim that was tested, and the others by why they were not.

    Parameters
    ----------
    out : Console
        Of `riffscope.cli.console.console`.
    why : bool
        Give the reason below each.
    title : str
        Stands above; nothing does where it is empty.
    """
    from rich.text import Text

    given = tuple(verdicts)
    if not given:
        return
    if title:
        out.print(Text(printable(title), style="bold"))
    out.print(tally_line(standings.tally(given), "claim", width=out.width))
    tested = standings.tested(given)
    if tested:
        out.print()
        print_rows(out, ((signed_label(one), Text("\n").join(_lines(one, why=why))) for one in tested))
    _print_untestable(out, given)


def tally_line(counted: Mapping[Ruling, int], noun: str, *, width: int) -> "Text":
    """Say how many there are of each ruling: ``21 claims: ● 8 supported  ■ 1 refuted``.

    A count is not parted at the end of a line; rulings that none has are left out.
    """
    from rich.text import Text

    lines = [Text(f"{words.count(sum(counted.values()), noun)}: ")]
    for ruling, number in counted.items():
        if not number:
            continue
        counts = Text(f"{SIGNS[ruling]} {number} {standings.ruling_in_words(ruling)}", STYLES[ruling])
        if lines[-1].cell_len + counts.cell_len > width:
            lines[-1].rstrip()
            lines.append(Text(" " * INDENT))
        lines[-1].append_text(counts).append("  ")
    lines[-1].rstrip()
    return Text("\n").join(lines)


def signed_label(verdict: "Verdict") -> "Text":
    """Write how a claim is ruled on after its sign: ``◐ probably false, 9 in 10``."""
    from rich.text import Text

    return Text(f"{SIGNS[verdict.ruling]} {standings.label(verdict)}", style=STYLES[verdict.ruling])


def _lines(verdict: "Verdict", *, why: bool) -> "Iterator[Text]":
    from rich.text import Text

    yield Text(printable(verdict.text))
    if why:
        yield Text(printable(words.sentence(verdict.because)), style="dim")


def _print_untestable(out: "Console", verdicts: "Iterable[Verdict]") -> None:
    """Print the claims that cannot be tested, below the reason that they share."""
    from rich.padding import Padding
    from rich.text import Text

    groups = standings.untestable(verdicts)
    if not groups:
        return
    out.print()
    ruling = Ruling.NOT_TESTABLE
    out.print(Text(f"{SIGNS[ruling]} {standings.ruling_in_words(ruling)}", style=STYLES[ruling]))
    for group in groups:
        out.print(Padding(Text(printable(group.reason)), (0, 0, 0, INDENT)))
        for one in group.verdicts:
            out.print(Padding(Text(printable(one.text), style="dim"), (0, 0, 0, 2 * INDENT)))
