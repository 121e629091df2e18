"""The verdicts on a song's claims together: how many of each, as a table, and as a notebook shows them."""

import html
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from riffscope import standings, words
from riffscope.frames import Column, Row, Table
from riffscope.model import Ruling, Verdict

if TYPE_CHECKING:
    import polars as pl

COLUMNS = (
    Column(name="claim", heading="claim", kind=str),
    Column(name="text", heading="in words", kind=str),
    Column(name="ruling", heading="ruling", kind=str),
    Column(name="leaning", heading="leaning", kind=str),
    Column(name="probability", heading="probability that it is true (0 to 1)", kind=float),
    Column(name="because", heading="reason", kind=str),
)


class Verdicts(tuple[Verdict, ...]):
    """The verdicts on a song, in the order of the claims: a tuple that says how many of each there are."""

    __slots__ = ()

    @property
    def tally(self) -> Mapping[Ruling, int]:
        """How many claims are ruled on in each way; a ruling that none has counts 0."""
        return standings.tally(self)

    def to_frame(self) -> "pl.DataFrame":
        """Return a data frame of polars, one row a claim; ``.to_pandas()`` makes one of pandas of it."""
        return table_of(self).to_frame()

    def __repr__(self) -> str:
        return f"Verdicts({self._counted})"

    def _repr_html_(self) -> str:
        """Show them in a notebook in the order that people read them, with their reasons. Texts may be hostile."""
        rows = "".join(
            f'<tr><td style="white-space:nowrap">{html.escape(standings.label(one))}</td>'
            f'<th scope="row" style="text-align:left">{html.escape(words.plain(one.text))}</th>'
            f'<td style="text-align:left">{html.escape(words.sentence(words.plain(one.because)))}</td></tr>'
            for one in standings.in_order(self)
        )
        return f"<div><p>{html.escape(self._counted)}</p><table><tbody>{rows}</tbody></table></div>"

    @property
    def _counted(self) -> str:
        counted = [f"{count} {standings.ruling_in_words(ruling)}" for ruling, count in self.tally.items()]
        return ", ".join(counted) if self else "no claims"


def table_of(verdicts: Iterable[Verdict]) -> Table:
    """Return a table of verdicts, a row each."""
    return Table(columns=COLUMNS, made=_rows(verdicts))


def _rows(verdicts: Iterable[Verdict]) -> Iterator[Row]:
    for one in verdicts:
        yield one.claim, one.text, str(one.ruling), one.leaning, one.probability, one.because
