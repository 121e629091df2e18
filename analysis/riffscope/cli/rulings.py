"""What the command line prints of claims over a library: for how many songs each stands how, and which songs these are.

Wide enough it is a table; on a narrow terminal the counts of each claim are below it.
"""

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from riffscope import standings, words
from riffscope.cli.console import INDENT, console, printable
from riffscope.cli.verdicts import STYLES, tally_line
from riffscope.model import Ruling

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from riffscope.judge import Claim
    from riffscope.library.rulings import SongRulings, Tally

# From so many columns on the counts stand beside the claims.
WIDE_COLUMNS = 72
SENTENCE_LETTERS = 160


@dataclass(frozen=True, kw_only=True, order=True)
class _Song:
    """A song of which a claim is ruled on in the wanted way; the surest sort first, then by title."""

    doubt: float
    title: str
    artist: str
    sha256: str


@dataclass
class Listed:
    """The songs for which claims stand in one way: of each claim the surest ones.

    Parameters
    ----------
    ruling : str or None
        As in ``probably-true``; None to list none.
    count : int
        How many are kept of each claim.
    """

    ruling: str | None
    count: int
    songs: dict[str, list[_Song]] = field(default_factory=dict)
    total: Counter[str] = field(default_factory=Counter)

    def add(self, song: "SongRulings") -> None:
        """Note the claims that stand so for a song."""
        from riffscope.library.rulings import standing_of

        for one in song.verdicts if self.ruling else ():
            if standing_of(one) == str(self.ruling).replace("-", "_"):
                sure = 0.5 if one.probability is None else abs(one.probability - 0.5) + 0.5
                noted = _Song(doubt=1 - sure, title=song.title, artist=song.artist or "", sha256=song.sha256)
                self.total[one.claim] += 1
                kept = self.songs.setdefault(one.claim, [])
                kept.append(noted)
                if len(kept) >= 2 * self.count:
                    kept[:] = heapq.nsmallest(self.count, kept)

    def lines(self, claim: str) -> list[str]:
        """Name the songs, a line each, and how many more there are."""
        named = heapq.nsmallest(self.count, self.songs.get(claim, []))
        lines = [f"{one.title}{', ' + one.artist if one.artist else ''}" for one in named]
        more = self.total[claim] - len(named)
        return [*lines, *([f"and {more:,} more"] if more else [])]


def print_tally(tally: "Tally", claims: "Sequence[Claim]", listed: Listed, *, total: int) -> None:
    """Print for how many songs each claim is supported, refuted, inconclusive and not testable."""
    from rich.text import Text

    out = console()
    of = "" if tally.songs == total else f" (of {total:,}; the others cannot be read)"
    out.print(Text(f"{words.count(len(claims), 'claim')} on {tally.songs:,} song{_s(tally.songs)}{of}", style="bold"))
    if not tally.songs:
        return
    wide = out.width >= WIDE_COLUMNS
    if wide:
        out.print(_row(out, Text(), _headings()))
    for claim in claims:
        counts = tally.claims.get(claim.name, Counter())
        by_ruling = _by_ruling(counts)
        text = Text(printable(claim.text))
        if wide:
            if listed.ruling:
                out.print()
            out.print(_row(out, text, [_count(ruling, number) for ruling, number in by_ruling.items()]))
        else:
            out.print()
            out.print(text)
            _indented(out, tally_line(by_ruling, "song", width=out.width - INDENT))
        if told := _share_in_words(counts):
            _indented(out, Text(told, style="dim"))
        for line in listed.lines(claim.name):
            _indented(out, Text(printable(line)), steps=2)


def print_left_out(sentences: Sequence[tuple[str, str]]) -> None:
    """Print which sentences of an article are not tested on a library, below the reason that they share."""
    from rich.text import Text

    if not sentences:
        return
    out = console()
    out.print()
    out.print(Text("Not tested", style="bold"))
    by_reason: dict[str, list[str]] = {}
    for text, reason in sentences:
        by_reason.setdefault(reason, []).append(text)
    for reason, texts in by_reason.items():
        _indented(out, Text(printable(reason)))
        for text in texts:
            quoted = words.shorten(text.strip().strip('"“”'), SENTENCE_LETTERS)
            _indented(out, Text(f"“{printable(quoted)}”", style="dim"), steps=2)


def _by_ruling(counts: Counter[str]) -> dict[Ruling, int]:
    leaning = counts["probably_true"] + counts["probably_false"]
    return {ruling: counts[ruling] + (leaning if ruling is Ruling.INCONCLUSIVE else 0) for ruling in Ruling}


def _share_in_words(counts: Counter[str]) -> str:
    """``Supported for 61% of those tested; 9 more probably true, 3 probably false``; empty where none was tested."""
    tested = sum(number for standing, number in counts.items() if standing != "not_testable")
    if not tested:
        return ""
    supported = counts["supported"]
    share = {0: "none", tested: "all"}.get(supported, words.share_of(supported / tested))
    told = f"Supported for {share} of those tested"
    true, false = counts["probably_true"], counts["probably_false"]
    more = " more" if supported else ""
    leaning = [f"{true:,}{more} probably true" if true else "", f"{false:,} probably false" if false else ""]
    return f"{told}; {', '.join(filter(None, leaning))}" if true or false else told


def _headings() -> "list[Text]":
    from rich.text import Text

    return [Text(standings.ruling_in_words(ruling), STYLES[ruling]) for ruling in Ruling]


def _count(ruling: Ruling, number: int) -> "Text":
    from rich.text import Text

    return Text(f"{number:,}", STYLES[ruling] if number else "dim")


def _row(out: "Console", text: "Text", cells: "Sequence[Text]") -> "object":
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0), expand=False)
    widths = [len(standings.ruling_in_words(ruling)) for ruling in Ruling]
    table.add_column(width=out.width - sum(widths) - 2 * len(widths), overflow="fold")
    for width in widths:
        table.add_column(width=width, justify="right", no_wrap=True)
    table.add_row(text, *cells)
    return table


def _indented(out: "Console", text: "Text", *, steps: int = 1) -> None:
    from rich.padding import Padding

    out.print(Padding(text, (0, 0, 0, steps * INDENT)))


def _s(number: int) -> str:
    return "" if number == 1 else "s"
