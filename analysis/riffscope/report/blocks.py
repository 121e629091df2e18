"""A report as data: a closed set of blocks that every renderer knows how to set.

Text in a block is plain text, never markup; a title such as ``#1 *Hit* $`` or ``<script>`` is shown as it is. A block
holds finished words and numbers: a renderer lays out and computes nothing.
"""

from typing import Literal

from riffscope.model import Ruling, value

Align = Literal["left", "right"]


@value
class Heading:
    """A heading; level 1 begins a chapter, which starts a new page on paper where it says so."""

    text: str
    level: Literal[1, 2] = 1
    new_page: bool = False


@value
class Paragraph:
    """Running text; a note is set smaller and paler."""

    text: str
    note: bool = False


@value
class KeyFigure:
    """One number, large.

    Attributes
    ----------
    value, unit : str
        ``"123.0"`` and ``"BPM"``; a value that was not measured is empty.
    range : str
        The range that should hold the truth nine times in ten, in words; empty where nothing was estimated.
    note : str
        A few words that put it into place, or the reason why there is no value.
    """

    label: str
    value: str
    unit: str = ""
    range: str = ""
    note: str = ""


@value
class KeyFigures:
    """A grid of key figures."""

    figures: tuple[KeyFigure, ...]


@value
class Column:
    """A column of a table: its heading, how it aligns, and its share of the width."""

    heading: str
    align: Align = "left"
    share: float = 1.0


@value
class Table:
    """A table; each row has a cell for each column. A row with a single cell is a heading within the table."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""

    def __post_init__(self) -> None:
        if any(len(row) not in {1, len(self.columns)} for row in self.rows):
            raise ValueError("each row of a table has a cell for each column, or one")


@value
class Figure:
    """A drawing, with what it shows for those who cannot see it."""

    svg: str
    caption: str
    alt: str


@value
class VerdictItem:
    """A claim, what the sound says of it, and the numbers behind that."""

    text: str
    ruling: Ruling
    because: str
    evidence: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()


@value
class VerdictList:
    """Claims and what the sound says of them."""

    verdicts: tuple[VerdictItem, ...]


@value
class Notice:
    """A line that stands in for something that is not there, or warns of something that is."""

    text: str
    kind: Literal["missing", "warning"] = "missing"


@value
class Fact:
    """A name and what belongs to it, with a remark below; code is set in a typewriter face."""

    label: str
    text: str
    note: str = ""
    code: bool = False


@value
class Facts:
    """A list of facts, such as where a file came from."""

    facts: tuple[Fact, ...]


Block = Heading | Paragraph | KeyFigures | Table | Figure | VerdictList | Notice | Facts


@value
class Document:
    """A report.

    Attributes
    ----------
    title, subtitle : str
        Set large at the head; the subtitle may be empty.
    details : str
        One line below them: the file, its length and format.
    name : str
        What its files are called, without ending; made safe when they are written.
    made_by : str
        The program and its version.
    """

    title: str
    subtitle: str
    details: str
    name: str
    made_by: str
    blocks: tuple[Block, ...]
