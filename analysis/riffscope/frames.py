"""Tables: columns of one kind each, as CSV for spreadsheets and as data frames.

Conventions
-----------
A cell is a number, a text, a truth value, or None where there is no value. Times are seconds.

References
----------
RFC 4180 (CSV); OWASP, "CSV Injection", for texts that a spreadsheet takes for formulas.
"""

import codecs
import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from riffscope.errors import one_line

if TYPE_CHECKING:
    import polars as pl

# A spreadsheet takes a text that begins with one of these for a formula, and runs it; some take the wide ones for them.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Microseconds, thousandths of a cent.
DECIMALS = 6

Row = Sequence[Any]


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    name : str
        For programs, as in ``start_s``.
    heading : str
        For people, with the unit: ``start (s)``.
    kind : type
        What its cells hold: float, int, str or bool.
    """

    name: str
    heading: str
    kind: type


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of cells under columns.

    Attributes
    ----------
    columns : tuple of Column
    made : iterable of rows
        Read once, when the rows are first asked for.
    """

    columns: tuple[Column, ...]
    made: Iterable[Row]

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Its rows, with one cell a column."""
        return tuple(self.made)

    def to_csv(self) -> bytes:
        """Write it for spreadsheets: UTF-8 that they recognise, commas, CRLF, a heading, numbers with a decimal point.

        A cell without a value is empty. Texts are one line each, and those that a spreadsheet would run as formulas
        begin with ``'``.
        """
        out = io.StringIO(newline="")
        to = csv.writer(out)
        to.writerow([column.heading for column in self.columns])
        to.writerows([_cell(content) for content in row] for row in self.rows)
        # Without the mark Excel reads UTF-8 as the letters of the machine's own code page.
        return codecs.BOM_UTF8 + out.getvalue().encode()

    def to_frame(self) -> "pl.DataFrame":
        """Return it as a data frame of polars; ``.to_pandas()`` makes one of pandas of it."""
        import polars as pl

        kinds = {float: pl.Float64, int: pl.Int64, str: pl.String, bool: pl.Boolean}
        schema = {column.name: kinds[column.kind] for column in self.columns}
        columns = zip(*self.rows, strict=True) if self.rows else ((),) * len(schema)
        return pl.DataFrame(
            {
                name: pl.Series(name, [_content(cell) for cell in cells], dtype=kind, strict=False)
                for (name, kind), cells in zip(schema.items(), columns, strict=True)
            }
        )


def _cell(content: Any) -> str:
    """Write one cell."""
    match content:
        case None:
            return ""
        case bool():
            return "yes" if content else "no"
        case str():
            text = one_line(content)
            return f"'{text}" if content.lstrip().startswith(FORMULA) or content[:1] in FORMULA else text
        case float():
            return _decimal(content) if math.isfinite(content) else ""
        case _:
            return str(content)


def _decimal(number: float) -> str:
    """Write a number with a decimal point and no exponent: ``-0.5``, ``3.0``."""
    whole, _, part = f"{round(number, DECIMALS) + 0.0:.{DECIMALS}f}".partition(".")
    return f"{whole}.{part.rstrip('0') or '0'}"


def _content(cell: Any) -> Any:
    """Return the content of a cell as a frame has it: texts as plain texts, and nothing for what is no number."""
    if isinstance(cell, str):
        return str(cell)
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell
